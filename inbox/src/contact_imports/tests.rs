//! Imports on a real store and folder.

use std::fmt::Write as _;

use model::{ImportId, UploadId, permission::BuiltInRole};
use serde_json::{Value, json};

use super::{ImportView, work};
use crate::{
    Member, audience::groups, contact_imports, contacts, list::Params, testing::Stage, uploads::Files,
};

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// A finished upload with this content.
async fn upload(stage: &Stage, member: &Member, folder: &std::path::Path, content: &str) -> UploadId {
    let id = UploadId::new();
    let text = id.to_string();
    let place = folder.join("files").join(&text[text.len() - 2..]);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join(&text), content).unwrap();
    stage
        .as_owner(format!(
            "INSERT INTO uploads (id, account_id, owner_type, owner_id, filename, mime_type, size, received, is_complete,
                                  expires_at, created_at)
             VALUES ('{id}', '{}', 'user', '{}', 'people.csv', 'text/csv', {size}, {size}, true, now(), now())",
            member.account_id(),
            member.user_id(),
            size = content.len()
        ))
        .await;
    id
}

async fn finished(stage: &Stage, member: &Member, id: ImportId) -> ImportView {
    for _ in 0..1000 {
        work::once(&stage.inbox).await.unwrap();
        let view = contact_imports::get(&stage.inbox, member, id).await.unwrap();
        if !matches!(view.status.as_str(), "queued" | "processing") {
            return view;
        }
    }
    panic!("never over");
}

#[tokio::test]
async fn rows_become_contacts_once_and_errors_are_told_by_row() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    stage.inbox.attach_files(Files::folder(folder.path()).unwrap());
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let old =
        json!({"name": "Old", "email": "abebe@example.com", "properties": {"city": "Adama", "plan": "free"}});
    let old = contacts::create(inbox, &me, of(old)).await.unwrap();
    let group = groups::create(inbox, &me, &of(json!({"name": "imported"}))).await.unwrap();
    let file = "Name;Mobile;E-Mail;City;Tags\r\n\
                \"Abebe; K.\";0911 000 001;Abebe@Example.com;Addis;vip\r\n\
                Bekele;+251911000002;;Gondar;\r\n\
                Twice;0911000002;;Gondar again;\r\n\
                Bad;12;;;\r\n\
                ;;;;\r\n\
                Mail;;not an address;;\r\n\
                =cmd|' /C calc';+251911000003;;;\r\n";
    let upload = upload(&stage, &me, folder.path(), file).await;
    let preview = contact_imports::preview(inbox, &me, upload).await.unwrap();
    assert_eq!(preview.mapping["Mobile"], "phone");
    assert_eq!(preview.rows[0][0], "Abebe; K.");
    let body =
        json!({"upload_id": upload, "default_country_code": "+251", "group_id": group.id, "tags": ["new"]});
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    let looked = contact_imports::create(inbox, &me, &of(dry)).await.unwrap();
    let looked = finished(&stage, &me, looked.id).await;
    assert_eq!(looked.status, "completed");
    assert_eq!(
        (looked.row_count, looked.created_count, looked.updated_count, looked.error_count),
        (6, 2, 2, 2)
    );
    let all = || async {
        contacts::list(inbox, &crate::testing::context(vec![me.clone()]), &Params::default()).await.unwrap()
    };
    assert_eq!(all().await.meta.total, 1, "a dry run writes nothing");

    let made = contact_imports::create(inbox, &me, &of(body)).await.unwrap();
    let made = finished(&stage, &me, made.id).await;
    assert_eq!((made.created_count, made.updated_count, made.error_count), (2, 2, 2), "{made:?}");
    let abebe = contacts::get(inbox, &me, old.id).await.unwrap();
    assert_eq!((abebe.name.as_str(), abebe.phone.as_deref()), ("Abebe; K.", Some("+251911000001")));
    assert_eq!(abebe.properties, json!({"city": "Addis", "plan": "free"}));
    assert_eq!(abebe.tags, ["new", "vip"]);
    let everybody = all().await;
    assert_eq!(everybody.meta.total, 3);
    assert!(everybody.items.iter().any(|one| one.properties["city"] == "Gondar again"));
    assert_eq!(groups::get(inbox, &me, group.id).await.unwrap().contact_count, 3);
    let (errors, next) = contact_imports::errors_csv(inbox, me.account_id(), made.id, 0).await.unwrap();
    assert_eq!(next, None);
    assert!(errors.contains("5,phone,") && errors.contains("6,email,"), "{errors}");

    // the same file once more makes nobody
    let again = json!({"upload_id": upload, "default_country_code": "+251", "on_duplicate": "skip"});
    let again = contact_imports::create(inbox, &me, &of(again)).await.unwrap();
    let again = finished(&stage, &me, again.id).await;
    assert_eq!((again.created_count, again.skipped_count), (0, 4));
    for wrong in
        [json!({"upload_id": UploadId::new()}), json!({"upload_id": upload, "mapping": {"None": "phone"}})]
    {
        assert!(contact_imports::create(inbox, &me, &of(wrong)).await.is_err());
    }
    stage.end().await;
}

#[tokio::test]
async fn an_import_that_is_cut_off_goes_on_and_makes_nobody_twice() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    stage.inbox.attach_files(Files::folder(folder.path()).unwrap());
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let mut file = String::from("name,phone,city\n");
    for number in 0..20_000 {
        let _ = writeln!(
            file,
            "Person {number},+2519{number:08},\"City, {number} with a long name to fill the line\""
        );
    }
    let upload = upload(&stage, &me, folder.path(), &file).await;
    let made = contact_imports::create(inbox, &me, &of(json!({"upload_id": upload}))).await.unwrap();
    // two nodes at once, and one that is cut off
    for _ in 0..3 {
        let cut = tokio::time::timeout(std::time::Duration::from_millis(15), work::once(inbox));
        let (_, other) = tokio::join!(cut, work::once(inbox));
        other.unwrap();
    }
    let made = finished(&stage, &me, made.id).await;
    assert_eq!(
        (made.status.as_str(), made.row_count, made.created_count, made.error_count),
        ("completed", 20_000, 20_000, 0)
    );
    assert_eq!(made.done_bytes, made.total_bytes);
    stage.end().await;
}
