use bytes::Bytes;
use model::{AccountId, ChannelType, Clock, JournalId, SystemClock};
use serde_json::json;

use super::*;
use crate::journal::{Reading, Source};

fn verified(channel_id: ChannelId, text: &str) -> Record {
    Record::Verified(Accepted {
        id: JournalId::new(),
        account_id: AccountId::new(),
        channel_id,
        source: Source::Webhook,
        received_at: SystemClock.now(),
        method: "POST".to_owned(),
        query: None,
        content_type: Some("application/json".into()),
        headers: json!({}),
        body: Bytes::copy_from_slice(text.as_bytes()),
        reading: Reading::Accepted { items: vec![], receipts: vec![] },
    })
}

fn unverified(channel_id: ChannelId, size: usize) -> Record {
    Record::Unverified(Unverified {
        id: JournalId::new(),
        channel_type: ChannelType::Sms,
        channel_id,
        received_at: SystemClock.now(),
        method: "POST".into(),
        url: "https://hub.example.com/v1/webhooks/sms/x".into(),
        headers: vec![],
        body: Bytes::from(vec![b'x'; size]),
    })
}

fn bodies(records: &[Record]) -> Vec<String> {
    records
        .iter()
        .map(|record| match record {
            Record::Verified(body) => String::from_utf8_lossy(&body.body).into_owned(),
            Record::Unverified(webhook) => format!("unverified {}", webhook.body.len()),
        })
        .collect()
}

#[tokio::test]
async fn what_was_appended_is_there_after_a_restart_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let channel = ChannelId::new();
    let spool = Spool::open(dir.path().into(), 1 << 20).await.unwrap();
    spool.append(vec![verified(channel, "one"), verified(channel, "two")]).await.unwrap();
    spool.append(vec![verified(channel, "three")]).await.unwrap();
    drop(spool);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path_of(dir.path(), 0)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let spool = Spool::open(dir.path().into(), 1 << 20).await.unwrap();
    assert_eq!(spool.waiting(), 3);
    assert!(spool.holds(channel));
    // what comes after a restart goes to a new segment
    spool.append(vec![verified(channel, "four")]).await.unwrap();
    let (number, records) = spool.oldest().await.unwrap().unwrap();
    assert_eq!(bodies(&records), ["one", "two", "three"]);
    spool.done(number, &records).await.unwrap();
    assert!(spool.holds(channel), "the fourth still waits");
    let (number, records) = spool.oldest().await.unwrap().unwrap();
    assert_eq!(bodies(&records), ["four"]);
    spool.done(number, &records).await.unwrap();
    assert!(!spool.holds(channel));
    assert!(spool.oldest().await.unwrap().is_none());
}

#[tokio::test]
async fn a_cut_tail_is_dropped_at_every_length() {
    let channel = ChannelId::new();
    let mut whole = Vec::new();
    encode(&verified(channel, "kept"), &mut whole).unwrap();
    let kept = whole.len();
    encode(&verified(channel, "cut"), &mut whole).unwrap();
    for length in (kept..whole.len()).step_by(7) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(path_of(dir.path(), 0), &whole[..length]).unwrap();
        let spool = Spool::open(dir.path().into(), 1 << 20).await.unwrap();
        let (_, records) = spool.oldest().await.unwrap().unwrap();
        assert_eq!(bodies(&records), ["kept"], "cut at {length}");
    }
}

#[tokio::test]
async fn a_damaged_record_is_skipped_and_its_segment_kept() {
    let dir = tempfile::tempdir().unwrap();
    let channel = ChannelId::new();
    let mut bytes = Vec::new();
    encode(&verified(channel, "one"), &mut bytes).unwrap();
    bytes[HEAD + 20] ^= 1;
    encode(&verified(channel, "two"), &mut bytes).unwrap();
    std::fs::write(path_of(dir.path(), 3), &bytes).unwrap();
    let spool = Spool::open(dir.path().into(), 1 << 20).await.unwrap();
    let (number, records) = spool.oldest().await.unwrap().unwrap();
    assert_eq!((number, bodies(&records)), (3, vec!["two".to_owned()]));
    assert!(path_of(dir.path(), 3).with_extension("damaged").exists());
}

#[tokio::test]
async fn the_spool_is_bounded_and_unverified_bodies_get_a_tenth() {
    let dir = tempfile::tempdir().unwrap();
    let channel = ChannelId::new();
    let spool = Spool::open(dir.path().into(), 20_000).await.unwrap();
    spool.append(vec![unverified(channel, 600)]).await.unwrap();
    assert!(spool.append(vec![unverified(channel, 800)]).await.is_err(), "over the tenth");
    let text = "x".repeat(6_000);
    spool.append(vec![verified(channel, &text)]).await.unwrap();
    spool.append(vec![verified(channel, &text)]).await.unwrap();
    assert!(spool.append(vec![verified(channel, &text)]).await.is_err(), "full");
    assert_eq!(spool.waiting(), 3);
    let (number, records) = spool.oldest().await.unwrap().unwrap();
    spool.done(number, &records).await.unwrap();
    spool.append(vec![unverified(channel, 600)]).await.unwrap();
}

#[tokio::test]
async fn the_largest_body_that_can_be_allowed_comes_back_and_a_larger_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let channel = ChannelId::new();
    let spool = Spool::open(dir.path().into(), 1 << 30).await.unwrap();
    let largest = 64 << 20;
    spool.append(vec![verified(channel, &"x".repeat(largest)), verified(channel, "after it")]).await.unwrap();
    let (_, records) = spool.oldest().await.unwrap().unwrap();
    let [Record::Verified(first), Record::Verified(second)] = &records[..] else {
        panic!("{}", records.len())
    };
    assert_eq!((first.body.len(), &second.body[..]), (largest, &b"after it"[..]));
    // what could not be read again is not acknowledged
    assert!(spool.append(vec![verified(channel, &"x".repeat(RECORD_MAX))]).await.is_err());
}
