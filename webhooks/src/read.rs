//! From a provider's body to what the journal keeps: one place for webhooks and sessions.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use channels::{Adapter, ChannelConfig, Incoming, Keyword, WebhookRequest};
use inbox::{
    channel_store::ChannelHandle,
    inbound::{InboundItem, InboundKind},
    journal::{Accepted, Reading, Source},
    receipts::{Receipt, ReceiptStatus},
};
use model::{ChannelType, JournalId, Time};
use serde_json::{Map, Value};

/// Headers that are worth keeping with a body. None of them holds a secret.
const KEPT_HEADERS: [&str; 4] = ["content-type", "user-agent", "x-request-id", "i-twilio-idempotency-token"];

/// Reads a verified body. A body that cannot be read is parked, one of a disabled channel ignored.
pub(crate) fn webhook(
    id: JournalId,
    handle: &ChannelHandle,
    config: &ChannelConfig,
    adapter: &Arc<dyn Adapter>,
    request: &WebhookRequest,
    received_at: Time,
) -> Accepted {
    // an adapter that panics on a body must not make its provider send it for ever
    let reading = match catch_unwind(AssertUnwindSafe(|| adapter.parse(config, request))) {
        Ok(Ok(incoming)) if handle.is_enabled || leaves(&incoming) => {
            understood(handle, incoming, received_at, id)
        }
        _ if !handle.is_enabled => Reading::Ignored { reason: "the channel is disabled".to_owned() },
        Ok(Ok(incoming)) => understood(handle, incoming, received_at, id),
        Ok(Err(error)) => Reading::Parked { reason: error.to_string() },
        Err(_) => Reading::Parked { reason: "the adapter panicked on it".to_owned() },
    };
    let sandbox = handle.provider.eq_ignore_ascii_case("sandbox");
    Accepted {
        id,
        account_id: handle.account_id,
        channel_id: handle.id,
        source: if sandbox { Source::Sandbox } else { Source::Webhook },
        received_at,
        method: request.method.to_string(),
        query: request.query_to_keep(),
        content_type: request.header("content-type").map(str::to_owned),
        headers: kept_headers(request),
        body: request.body.clone(),
        reading,
    }
}

/// Somebody wants no more messages, and is told so: that holds also while the channel is switched off.
fn leaves(incoming: &[Incoming]) -> bool {
    !incoming.is_empty() && incoming.iter().all(|one| matches!(one, Incoming::OptedOut { .. }))
}

/// What follows from the things that a body tells, in its order.
pub(crate) fn understood(
    handle: &ChannelHandle,
    incoming: Vec<Incoming>,
    now: Time,
    id: JournalId,
) -> Reading {
    let (mut items, mut receipts) = (Vec::new(), Vec::new());
    let item = |kind: InboundKind, sender: String, at: Option<Time>| InboundItem {
        kind,
        channel_id: handle.id,
        channel_type: handle.channel_type,
        external_id: String::new(),
        thread_key: sender.clone(),
        sender,
        aliases: Vec::new(),
        display_name: None,
        text: String::new(),
        attachments: Vec::new(),
        reply_to_external_id: None,
        references: Vec::new(),
        at: at.unwrap_or(now),
        metadata: Value::Object(Map::new()),
        language_hint: None,
        // the journal's id follows a message through every step
        trace_id: Some(id.to_string()),
    };
    for one in incoming {
        match one {
            Incoming::Message(message) => {
                let wish = wish(handle, &message.text);
                let follows = wish.map(|kind| InboundItem {
                    thread_key: message.thread_key.clone(),
                    ..item(kind, message.sender.clone(), message.at)
                });
                items.push(written(message, InboundKind::Message, item));
                items.extend(follows);
            }
            Incoming::Echo(message) => items.push(written(message, InboundKind::WasWrittenTo, item)),
            Incoming::Revoked { external_id, sender, at } => {
                items.push(InboundItem { external_id, ..item(InboundKind::Revoked, sender, at) });
            }
            Incoming::Reaction { external_id, sender, emoji, at } => {
                items.push(InboundItem { external_id, ..item(InboundKind::Reacted { emoji }, sender, at) });
            }
            Incoming::SeenUpTo { sender, read, at } => {
                items.push(item(InboundKind::SeenUpTo { read }, sender, Some(at)));
            }
            Incoming::Template(news) => {
                let kind = InboundKind::TemplateDecided {
                    status: news.status.map(|status| status.as_str().to_owned()),
                    quality: news.quality.map(|quality| quality.as_str().to_owned()),
                };
                items.push(InboundItem { external_id: news.external_id, ..item(kind, String::new(), None) });
            }
            Incoming::Edit(edit) => items.push(InboundItem {
                external_id: edit.external_id,
                thread_key: edit.thread_key,
                text: edit.text,
                ..item(InboundKind::Edit { version: edit.version }, edit.sender, edit.at)
            }),
            Incoming::Moved { from, to, at } => items.push(item(InboundKind::Moved { to }, from, at)),
            Incoming::OptedOut { sender, at } => {
                items.push(item(InboundKind::OptedOut { answer: None }, sender, at));
            }
            Incoming::OptedIn { sender, at } => {
                items.push(item(InboundKind::OptedIn { answer: None }, sender, at));
            }
            Incoming::Undeliverable { sender, note, at } => items.push(InboundItem {
                text: note.unwrap_or_default(),
                ..item(InboundKind::Undeliverable, sender, at)
            }),
            Incoming::Complained { sender, note, at } => items.push(InboundItem {
                text: note.unwrap_or_default(),
                ..item(InboundKind::Complained, sender, at)
            }),
            Incoming::Receipt(receipt) => receipts.push(Receipt {
                provider_message_id: receipt.provider_message_id,
                correlation: receipt.correlation,
                status: match receipt.status {
                    channels::ReceiptStatus::Sent => ReceiptStatus::Sent,
                    channels::ReceiptStatus::Delivered => ReceiptStatus::Delivered,
                    channels::ReceiptStatus::Read => ReceiptStatus::Read,
                    channels::ReceiptStatus::Failed => ReceiptStatus::Failed,
                },
                at: receipt.at,
                error_code: receipt.error_code,
                error_message: receipt.error_message,
                facts: receipt.facts,
            }),
            Incoming::Ignored { .. } => {}
        }
    }
    Reading::Accepted { items, receipts }
}

fn written(
    message: channels::InboundMessage,
    kind: InboundKind,
    item: impl Fn(InboundKind, String, Option<Time>) -> InboundItem,
) -> InboundItem {
    InboundItem {
        external_id: message.external_id,
        aliases: message.aliases,
        thread_key: message.thread_key,
        display_name: message.display_name,
        text: message.text,
        attachments: message.attachments,
        reply_to_external_id: message.reply_to_external_id,
        references: message.references,
        metadata: message.metadata,
        language_hint: message.language_hint,
        ..item(kind, message.sender, message.at)
    }
}

/// What an SMS of one word (STOP, START, HELP) asks for. Where the provider answers such words itself, we only
/// take note.
fn wish(handle: &ChannelHandle, text: &str) -> Option<InboundKind> {
    if !matches!(handle.channel_type, ChannelType::Sms | ChannelType::Smpp) {
        return None;
    }
    let keyword = Keyword::of(text, &handle.settings)?;
    let provider = channels::registry().get(handle.channel_type, &handle.provider);
    let answers_itself = provider.is_some_and(|adapter| adapter.profile().provider_handles_opt_out);
    let answer = keyword.answer(&handle.settings).filter(|_| !answers_itself).map(str::to_owned);
    match keyword {
        Keyword::Stop => Some(InboundKind::OptedOut { answer }),
        Keyword::Start => Some(InboundKind::OptedIn { answer }),
        Keyword::Help => answer.map(|answer| InboundKind::AskedHelp { answer }),
    }
}

fn kept_headers(request: &WebhookRequest) -> Value {
    let kept =
        KEPT_HEADERS.iter().filter_map(|name| Some(((*name).to_owned(), request.header(name)?.into())));
    Value::Object(kept.collect())
}
