use bytes::Bytes;
use futures::TryStreamExt;
use model::{ErrorCode, permission::BuiltInRole};
use object_store::GetRange;
use serde_json::json;

use super::*;
use crate::testing::Stage;

fn new(filename: &str, mime_type: &str, size: i64) -> NewUpload {
    serde_json::from_value(json!({"filename": filename, "mime_type": mime_type, "size": size})).unwrap()
}

#[tokio::test]
async fn an_upload_resumes_where_it_was_cut() {
    let stage = Stage::new().await;
    let folder = std::env::temp_dir().join(format!("uploads-{}", uuid::Uuid::new_v4()));
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Agent).await;
    let pdf = new("../a/bill.pdf", "application/pdf", 2_500_000);
    assert_eq!(request(inbox, &me, &pdf).await.unwrap_err().details["reason"], "files_not_shared");
    inbox.attach_files(Files::folder(&folder).unwrap());
    for wrong in [new("x", "text/html", 5), new("x", "png", 5), new("x", "image/png", 0)] {
        assert_eq!(request(inbox, &me, &wrong).await.unwrap_err().code, ErrorCode::Validation);
    }
    let large = new("x", "image/png", 10_000_001);
    assert_eq!(request(inbox, &me, &large).await.unwrap_err().code, ErrorCode::TooLarge);

    let ticket = request(inbox, &me, &pdf).await.unwrap();
    let id = ticket.upload_id;
    let content: Vec<u8> = (0..2_500_000u32).map(|n| (n % 251) as u8).collect();
    let mut receiving = begin(inbox, id, None).await.unwrap();
    receiving.take(Bytes::copy_from_slice(&content[..1_200_000])).await.unwrap();
    // the connection is cut; what came is kept
    assert_eq!(receiving.end().await.unwrap().received, 1_200_000);
    assert!(open(inbox, id, None).await.is_err(), "an unfinished file is not given out");
    let range = |text: &str| Some(text.parse::<ContentRange>().unwrap());
    let refused = begin(inbox, id, range("bytes 1000-1999/2500000")).await.err().unwrap();
    assert_eq!(refused.details["received"], 1_200_000);
    assert!(begin(inbox, id, range("bytes 1200000-1999999/7000000")).await.is_err());
    let asked = begin(inbox, id, range("bytes */2500000")).await.unwrap().end().await.unwrap();
    assert_eq!((asked.received, asked.is_complete), (1_200_000, false));
    let mut receiving = begin(inbox, id, range("bytes 1200000-2499999/2500000")).await.unwrap();
    assert!(receiving.take(Bytes::from(vec![0; 1_300_001])).await.is_err(), "more than announced");
    receiving.take(Bytes::copy_from_slice(&content[1_200_000..])).await.unwrap();
    assert!(receiving.end().await.unwrap().is_complete);
    // sent once more, it is the same upload
    assert!(begin(inbox, id, None).await.unwrap().end().await.unwrap().is_complete);

    let view = get(inbox, &me, id).await.unwrap();
    assert_eq!((view.filename.as_str(), view.is_complete), ("bill.pdf", true));
    let served = open_for(inbox, &me, id, Some(GetRange::Bounded(10..20))).await.unwrap();
    assert_eq!(served.span, (10, 20));
    assert_eq!(served.file.shown_as(), ("application/pdf", false));
    let bytes: Vec<Bytes> = served.body.try_collect().await.unwrap();
    assert_eq!(bytes.concat(), &content[10..20]);
    let (_, whole) = read(inbox, me.account_id(), id).await.unwrap();
    assert_eq!(whole, content);

    // another tenant does not see it; a signature is good for one thing and one file
    let other = stage.member(BuiltInRole::Owner).await;
    assert!(open_for(inbox, &other, id, None).await.is_err());
    assert!(get(inbox, &other, id).await.is_err());
    let query = signed_query(inbox, Grant::Get, id, None);
    let signature = query.rsplit('=').next().unwrap();
    check_signature(inbox, Grant::Get, id, (0, signature)).unwrap();
    assert!(check_signature(inbox, Grant::Put, id, (0, signature)).is_err());
    assert!(check_signature(inbox, Grant::Get, UploadId::new(), (0, signature)).is_err());
    let past = signed_query(inbox, Grant::Get, id, Some(inbox.now() - TimeDelta::seconds(5)));
    let (_, past) = past.split_once("expires=").unwrap();
    let (expires, past) = past.split_once("&signature=").unwrap();
    assert!(check_signature(inbox, Grant::Get, id, (expires.parse().unwrap(), past)).is_err());

    // a link is good for its file until its time is over, and nothing of it can be changed
    let address = link(inbox, id, inbox.now() + TimeDelta::seconds(60));
    let token = address.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 48);
    assert_eq!(linked(inbox, token).unwrap(), id);
    for at in 0..48 {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        assert_eq!(linked(inbox, &forged).unwrap_err().code, ErrorCode::NotFound, "{at}");
    }
    for wrong in ["", "A", &token[..47], &format!("{token}AAAA")] {
        assert_eq!(linked(inbox, wrong).unwrap_err().code, ErrorCode::NotFound, "{wrong}");
    }
    let old = link(inbox, id, inbox.now() - TimeDelta::seconds(5));
    let refused = linked(inbox, old.rsplit('/').next().unwrap()).unwrap_err();
    assert_eq!((refused.code, &refused.details["reason"]), (ErrorCode::Forbidden, &json!("link_expired")));

    stage.as_owner("UPDATE uploads SET expires_at = now() - interval '1 day'".into()).await;
    let kept =
        store(inbox, me.account_id(), Owner::Provider, ("p.jpg", "image/jpeg"), Bytes::from_static(b"x"))
            .await;
    assert_eq!(expire(inbox).await.unwrap(), 1);
    assert!(open(inbox, id, None).await.is_err());
    assert_eq!(open(inbox, kept.unwrap(), None).await.unwrap().file.shown_as(), ("image/jpeg", true));
    stage.end().await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn ranges_are_read_as_the_standard_writes_them() {
    let read = |text: &str| text.parse::<ContentRange>().ok().map(|range| (range.span, range.total));
    assert_eq!(read("bytes 0-0/1"), Some((Some((0, 1)), Some(1))));
    assert_eq!(read("bytes 5-9/*"), Some((Some((5, 10)), None)));
    assert_eq!(read("bytes */7"), Some((None, Some(7))));
    for wrong in ["0-1/2", "bytes 2-1/5", "bytes 0-5/5", "bytes -1-2/5", "bytes a-b/c", "bytes 1"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}
