//! Merges, bulk changes, export and timeline on a real store.

use model::{ErrorCode, permission::BuiltInRole};
use serde_json::{Value, json};

use super::{Export, merge};
use crate::{
    audience::{groups, members},
    contacts,
    list::Params,
    testing::Stage,
};

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn a_merge_moves_everything_and_can_be_taken_back() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let (me, other) = (stage.member(BuiltInRole::Agent).await, stage.member(BuiltInRole::Agent).await);
    let a =
        json!({"name": "Abebe", "email": "a@example.com", "tags": ["vip"], "properties": {"plan": "pro"}});
    let a = contacts::create(inbox, &me, of(a)).await.unwrap();
    let b = json!({"name": "A. K.", "phone": "+251911000001", "tags": ["vip", "new"],
        "properties": {"plan": "free", "city": "Addis"}});
    let b = contacts::create(inbox, &me, of(b)).await.unwrap();
    let (both, only) = (
        groups::create(inbox, &me, &of(json!({"name": "both"}))).await.unwrap().id,
        groups::create(inbox, &me, &of(json!({"name": "only b"}))).await.unwrap().id,
    );
    members::add_contacts(inbox, &me, both, &of(json!({"contact_ids": [a.id, b.id]}))).await.unwrap();
    members::add_contacts(inbox, &me, only, &of(json!({"contact_ids": [b.id]}))).await.unwrap();
    let (channel, talk) = (model::ChannelId::new(), model::ConversationId::new());
    stage
        .as_owner(format!(
            "INSERT INTO conversations (id, account_id, channel_id, channel_type, contact_id, contact_identifier,
                 thread_key, created_at, updated_at)
             VALUES ('{talk}', '{account}', '{channel}', 'sms', '{b}', '+251911000001', 'x', now(), now());
             INSERT INTO messages (id, account_id, contact_id, conversation_id, direction, status, sender_type,
                 delivery_address, message_body, created_at, updated_at)
             VALUES ('{message}', '{account}', '{b}', '{talk}', 'inbound', 'delivered', 'contact', 'x', 'hi', now(), now());
             INSERT INTO contact_identifiers (id, account_id, contact_id, channel_type, identifier, created_at, updated_at)
             VALUES (gen_random_uuid(), '{account}', '{b}', 'telegram', '77', now(), now())",
            account = me.account_id(),
            b = b.id,
            message = model::MessageId::new(),
        ))
        .await;
    let asked = of(json!({"merged_id": b.id}));
    let preview = merge::preview(inbox, &me, a.id, asked).await.unwrap();
    assert_eq!((preview.conversations, preview.messages, preview.identifiers, preview.groups), (1, 1, 1, 2));
    assert_eq!(preview.filled, ["phone", "tags", "properties.city"]);
    assert_eq!(preview.kept, ["name", "properties.plan"]);
    assert!(merge::merge(inbox, &other, a.id, asked).await.is_err());
    assert_eq!(
        merge::merge(inbox, &me, a.id, of(json!({"merged_id": a.id}))).await.unwrap_err().code,
        ErrorCode::Validation
    );

    let merged = merge::merge(inbox, &me, a.id, asked).await.unwrap();
    let now = contacts::get(inbox, &me, a.id).await.unwrap();
    assert_eq!((now.name.as_str(), now.phone.as_deref()), ("Abebe", Some("+251911000001")));
    assert_eq!(now.properties, json!({"plan": "pro", "city": "Addis"}));
    assert!(contacts::get(inbox, &me, b.id).await.is_err());
    let of_group = |id| groups::get(inbox, &me, id);
    assert_eq!(of_group(both).await.unwrap().contact_count, 1);
    assert_eq!(of_group(only).await.unwrap().contact_count, 1);
    let lines = contacts::timeline(inbox, &me, a.id, &Params::default()).await.unwrap();
    let kinds: Vec<&str> = lines.iter().map(|line| line.kind.as_str()).collect();
    for kind in ["created", "group", "conversation", "merge"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }

    let back = merge::undo(inbox, &me, merged.id).await.unwrap();
    assert_eq!((back.id, back.phone.as_deref(), back.tags.len()), (b.id, Some("+251911000001"), 2));
    let now = contacts::get(inbox, &me, a.id).await.unwrap();
    assert_eq!((now.phone, now.tags, now.properties), (None, vec!["vip".to_owned()], json!({"plan": "pro"})));
    assert_eq!(of_group(both).await.unwrap().contact_count, 2);
    assert_eq!(of_group(only).await.unwrap().contact_count, 1);
    let lines = contacts::timeline(inbox, &me, b.id, &Params::default()).await.unwrap();
    assert!(lines.iter().any(|line| line.kind == "conversation"), "its conversation is its own again");
    assert_eq!(merge::undo(inbox, &me, merged.id).await.unwrap_err().code, ErrorCode::Conflict);
    stage.end().await;
}

#[tokio::test]
async fn many_at_once_each_by_itself_and_all_of_them_in_a_file() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let (me, other) = (stage.member(BuiltInRole::Agent).await, stage.member(BuiltInRole::Agent).await);
    let foreign = contacts::create(inbox, &other, of(json!({"name": "Theirs"}))).await.unwrap();
    let done = contacts::bulk(
        inbox,
        &me,
        of(json!({
            "create": [{"name": "One", "phone": "+251911000001", "properties": {"city": "Addis, A.A."}},
                       {"name": "Same", "phone": "+251911000001"}],
            "update": [{"id": foreign.id, "name": "Mine"}],
            "delete": [foreign.id],
        })),
    )
    .await
    .unwrap();
    assert_eq!((done.succeeded, done.failed), (1, 3), "{done:?}");
    assert!(done.items[1].error.as_deref().unwrap().contains("phone"));
    assert_eq!(contacts::get(inbox, &other, foreign.id).await.unwrap().name, "Theirs");
    assert!(contacts::bulk(inbox, &me, of(json!({}))).await.is_err());

    let mut export = Export::new(&Params::from_query("filter=name:eq:One&limit=1&skip=5"));
    let mut file = String::new();
    while let Some(piece) = export.next(inbox, &me).await.unwrap() {
        file.push_str(&piece);
    }
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("id,name,") && lines[0].ends_with(",properties.city"), "{}", lines[0]);
    assert!(
        lines[1].contains(",One,,,+251911000001,") && lines[1].ends_with(",\"Addis, A.A.\""),
        "{}",
        lines[1]
    );
    let mut wrong = Export::new(&Params::from_query("filter=odd:eq:1"));
    assert!(wrong.next(inbox, &me).await.is_err());
    stage.end().await;
}
