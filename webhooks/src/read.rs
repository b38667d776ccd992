//! From a provider's body to what the journal keeps: one place for webhooks and sessions.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use channels::{Adapter, ChannelConfig, Incoming, WebhookRequest};
use inbox::{
    channel_store::ChannelHandle,
    inbound::{InboundItem, InboundKind},
    journal::{Accepted, Reading, Source},
    receipts::{Receipt, ReceiptStatus},
};
use model::{JournalId, Time};
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
    let reading = if handle.is_enabled {
        // an adapter that panics on a body must not make its provider send it for ever
        match catch_unwind(AssertUnwindSafe(|| adapter.parse(config, request))) {
            Ok(Ok(incoming)) => understood(handle, incoming, received_at, id),
            Ok(Err(error)) => Reading::Parked { reason: error.to_string() },
            Err(_) => Reading::Parked { reason: "the adapter panicked on it".to_owned() },
        }
    } else {
        Reading::Ignored { reason: "the channel is disabled".to_owned() }
    };
    let sandbox = handle.provider.eq_ignore_ascii_case("sandbox");
    Accepted {
        id,
        account_id: handle.account_id,
        channel_id: handle.id,
        source: if sandbox { Source::Sandbox } else { Source::Webhook },
        received_at,
        content_type: request.header("content-type").map(str::to_owned),
        headers: kept_headers(request),
        body: request.body.clone(),
        reading,
    }
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
        display_name: None,
        text: String::new(),
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: at.unwrap_or(now),
        metadata: Value::Object(Map::new()),
        language_hint: None,
        // the journal's id follows a message through every step
        trace_id: Some(id.to_string()),
    };
    for one in incoming {
        match one {
            Incoming::Message(message) => items.push(InboundItem {
                external_id: message.external_id,
                thread_key: message.thread_key,
                display_name: message.display_name,
                text: message.text,
                attachments: message.attachments,
                reply_to_external_id: message.reply_to_external_id,
                metadata: message.metadata,
                language_hint: message.language_hint,
                ..item(InboundKind::Message, message.sender, message.at)
            }),
            Incoming::Edit(edit) => items.push(InboundItem {
                external_id: edit.external_id,
                thread_key: edit.thread_key,
                text: edit.text,
                ..item(InboundKind::Edit { version: edit.version }, edit.sender, edit.at)
            }),
            Incoming::Moved { from, to, at } => items.push(item(InboundKind::Moved { to }, from, at)),
            Incoming::OptedOut { sender, at } => items.push(item(InboundKind::OptedOut, sender, at)),
            Incoming::OptedIn { sender, at } => items.push(item(InboundKind::OptedIn, sender, at)),
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
            }),
            Incoming::Ignored { .. } => {}
        }
    }
    Reading::Accepted { items, receipts }
}

fn kept_headers(request: &WebhookRequest) -> Value {
    let kept =
        KEPT_HEADERS.iter().filter_map(|name| Some(((*name).to_owned(), request.header(name)?.into())));
    Value::Object(kept.collect())
}
