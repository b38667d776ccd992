//! `docs/events.md` says of every event what the code says: this test makes the table's lines from the
//! enum and wants each of them in the page, and no other.

use std::{collections::BTreeMap, path::Path};

use model::Event;
use serde_json::{Value, json};

const SOURCE: &str = include_str!("../src/event.rs");

/// One of each kind, with everything that may decide about its views.
fn samples() -> Vec<Event> {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let at = "2026-01-01T00:00:00Z";
    let conversation = json!({
        "id": id, "conversation_id": id, "account_id": id, "channel_id": id, "channel_type": "webchat", "contact_id": id,
        "contact": {"id": id, "name": "A", "phone": null, "email": null}, "contact_identifier": "v", "status": "open",
        "priority": "normal", "assignee_id": null, "assignee": null, "team_id": null, "subject": null, "labels": [],
        "language": null, "bot_state": "active", "queued_at": null, "waiting_since": null, "first_reply_at": null,
        "resolved_at": null, "last_message_at": null, "last_message_preview": null, "last_sender_type": null,
        "unread_count": 0, "head": 1, "version": 1, "created_at": at, "updated_at": at,
    });
    let message = json!({
        "id": id, "message_id": id, "account_id": id, "conversation_id": id, "channel_id": id, "contact_id": id,
        "direction": "inbound", "sender_type": "contact", "sender_id": id, "sender_name": "A", "message_body": "b",
        "content": "b", "content_type": "text", "attachments": [{"type": "image", "provider_file": "f"}],
        "is_private": false, "status": "delivered", "error": null, "seq": 1, "client_message_id": null,
        "reply_to": null, "mentions": [], "template_id": null, "original_template": null, "delivery_address": "v",
        "metadata": {}, "scheduled_at": null, "sent_at": null, "delivered_at": null, "read_at": null,
        "failed_at": null, "created_at": at,
    });
    let base = json!({
        "conversation": conversation, "message": message, "account_id": id, "conversation_id": id, "message_id": id,
        "status": "sent", "read_at": null, "error": null, "is_private": false, "changed": ["status"], "users": [id],
        "assignee_id": id, "assigned_by": null, "rule_name": null, "reason": "r", "mentioned": [id], "by": id,
        "group_message": {
            "account_id": id, "group_message_id": id, "name": null, "status": "processing", "reason": null,
            "total_recipients": 1, "pending_count": 1, "sent_count": 0, "delivered_count": 0, "failed_count": 0,
            "cancelled_count": 0, "skipped_count": 0, "unknown_count": 0, "version": 1,
        },
        "agent": {"name": "A", "avatar_url": null}, "question": "q", "name": "A", "since": null, "channel_id": id, "error_message": null,
    });
    kinds()
        .into_iter()
        .map(|kind| {
            let mut value = base.clone();
            if kind == "channel_status_changed" {
                value["status"] = json!("connected");
            }
            value["kind"] = Value::String(kind.clone());
            serde_json::from_value(value).unwrap_or_else(|error| panic!("a sample of {kind}: {error}"))
        })
        .collect()
}

/// The words of the `kind` column, from `Event::kind`.
fn kinds() -> Vec<String> {
    let body = SOURCE.split("pub const fn kind(").nth(1).unwrap().split("    }\n\n").next().unwrap();
    body.lines()
        .filter_map(|line| line.split("=> \"").nth(1))
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// The comment of each variant, as one line, by its kind.
fn comments() -> BTreeMap<String, String> {
    let body = SOURCE.split("pub enum Event {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let (mut comments, mut comment) = (BTreeMap::new(), String::new());
    for line in body.lines() {
        if let Some(words) = line.strip_prefix("    /// ") {
            if !comment.is_empty() {
                comment.push(' ');
            }
            comment.push_str(words);
        } else if line.starts_with("    ") && line.as_bytes()[4].is_ascii_uppercase() {
            let name: String = line.trim().chars().take_while(char::is_ascii_alphanumeric).collect();
            comments.insert(snake(&name), std::mem::take(&mut comment));
        }
    }
    comments
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn line(event: &Event, comment: &str) -> String {
    let name =
        |view: Option<(&'static str, Value)>| view.map_or("–".to_owned(), |(name, _)| format!("`{name}`"));
    let (emitted, consumed) = comment
        .trim_end_matches('.')
        .split_once("; consumed by ")
        .unwrap_or_else(|| panic!("{} must say by whom it is consumed: {comment}", event.kind()));
    let emitted = emitted
        .strip_prefix("Emitted by ")
        .unwrap_or_else(|| panic!("{} must say who emits it", event.kind()));
    let queues: Vec<String> = event.topics().iter().map(|topic| format!("`{topic}`")).collect();
    format!(
        "| `{}` | {} | {} | {} | {} | {emitted} | {consumed} |",
        event.kind(),
        name(event.feed_view().filter(|_| event.in_feed())),
        name(event.thread_view(1).filter(|_| event.in_thread())),
        name(event.customer_view(1).filter(|_| event.in_thread())),
        if queues.is_empty() { "–".to_owned() } else { queues.join(", ") },
    )
}

#[test]
fn the_page_of_events_says_what_the_code_says() {
    let comments = comments();
    let wanted: Vec<String> = samples().iter().map(|event| line(event, &comments[event.kind()])).collect();
    assert_eq!(wanted.len(), comments.len(), "every variant has a kind and a sample");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
    let page = std::fs::read_to_string(path).unwrap();
    let written: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(written, wanted, "the table of docs/events.md should be:\n{}\n", wanted.join("\n"));
}

#[test]
fn what_waits_for_its_time_is_the_customers_only_then() {
    let created = samples().into_iter().find_map(|event| match event {
        Event::MessageCreated { message, conversation } => Some((message, conversation)),
        _ => None,
    });
    let (message, conversation) = created.unwrap();
    let shown = |status, message: &model::view::MessageView| {
        let message = model::view::MessageView { status, ..message.clone() };
        Event::MessageCreated { message, conversation: conversation.clone() }.customer_view(1)
    };
    for status in [model::MessageStatus::Scheduled, model::MessageStatus::Cancelled] {
        assert!(shown(status, &message).is_none(), "{status}");
    }
    let at = message.created_at + chrono::Duration::hours(1);
    let due = model::view::MessageView { scheduled_at: Some(at), sent_at: Some(at), ..message };
    let (_, told) = shown(model::MessageStatus::Sent, &due).unwrap();
    assert_eq!(told["created_at"], json!(at), "it came into being for them when it was sent");
}
