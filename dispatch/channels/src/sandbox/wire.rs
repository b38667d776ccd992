//! The sandbox's webhooks: JSON with a list of events, signed with HMAC-SHA256 over the raw body.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use model::{Attachment, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    ChannelConfig, InboundEdit, InboundMessage, Incoming, ParseError, Receipt, ReceiptStatus, SendError,
    VerifyError, WebhookRequest, credentials::same,
};

/// Carries the signature in lower-case hex.
const SIGNATURE: &str = "x-sandbox-signature";

/// A webhook of the sandbox, ready to be posted to the channel's address.
#[derive(Debug, Clone)]
pub struct SignedBody {
    pub headers: [(&'static str, String); 2],
    pub body: Bytes,
}

/// What a pretend customer writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InboundDraft {
    /// Made up if missing.
    pub external_id: Option<String>,
    /// The customer's identifier.
    pub from: String,
    pub display_name: Option<String>,
    #[serde(default)]
    pub text: String,
    /// With a `provider_file`: an address, or `data:<mime>;base64,…`.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<String>,
    /// A group; the customer's own conversation if missing.
    pub thread_key: Option<String>,
    pub at: Option<Time>,
    pub language: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Message(InboundDraft),
    Edit {
        id: String,
        version: String,
        from: String,
        thread_key: Option<String>,
        text: String,
        at: Option<Time>,
    },
    Receipt(Receipt),
    OptOut {
        from: String,
        at: Option<Time>,
    },
    OptIn {
        from: String,
        at: Option<Time>,
    },
}

/// The webhook with which a pretend customer's message comes in.
///
/// # Errors
/// The channel has no `signing_secret` yet.
pub fn compose_inbound(channel: &ChannelConfig, draft: &InboundDraft) -> Result<SignedBody, SendError> {
    let mut event = json!(draft);
    event["type"] = "message".into();
    if draft.external_id.is_none() {
        event["external_id"] = format!("sbx-in-{}", uuid::Uuid::now_v7()).into();
    }
    compose(channel, &[event])
}

/// The webhook with which a receipt comes in.
///
/// # Errors
/// The channel has no `signing_secret` yet.
pub fn compose_receipt(channel: &ChannelConfig, receipt: &Receipt) -> Result<SignedBody, SendError> {
    let mut event = json!(receipt);
    event["type"] = "receipt".into();
    compose(channel, &[event])
}

fn compose(channel: &ChannelConfig, events: &[Value]) -> Result<SignedBody, SendError> {
    let secret = channel.required("signing_secret")?;
    let body = json!({"events": events}).to_string();
    let signature = sign(secret, body.as_bytes());
    let headers = [("content-type", "application/json".to_owned()), (SIGNATURE, signature)];
    Ok(SignedBody { headers, body: body.into() })
}

fn sign(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

pub(super) fn verify(channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
    let secret = channel.credentials.get("signing_secret").ok_or(VerifyError::NotConfigured)?;
    let given = request.headers.get(SIGNATURE).ok_or(VerifyError::Missing)?;
    let ours = sign(secret, &request.body);
    if same(given.as_bytes(), ours.as_bytes()) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

pub(super) fn parse(body: &[u8]) -> Result<Vec<Incoming>, ParseError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| ParseError(format!("not JSON: {error}")))?;
    let events =
        value["events"].as_array().ok_or_else(|| ParseError("there is no list of events".to_owned()))?;
    Ok(events.iter().map(read).collect())
}

fn read(event: &Value) -> Incoming {
    let kind = event["type"].as_str().unwrap_or("event").to_owned();
    match serde_json::from_value::<Event>(event.clone()) {
        Ok(Event::Message(draft)) => message(draft),
        Ok(Event::Edit { id, version, from, thread_key, text, at }) => Incoming::Edit(InboundEdit {
            external_id: id,
            version,
            thread_key: thread_key.unwrap_or_else(|| from.clone()),
            sender: from,
            text,
            at,
        }),
        Ok(Event::Receipt(receipt)) => Incoming::Receipt(receipt),
        Ok(Event::OptOut { from, at }) => Incoming::OptedOut { sender: from, at },
        Ok(Event::OptIn { from, at }) => Incoming::OptedIn { sender: from, at },
        Err(_) => Incoming::Ignored { what: kind },
    }
}

fn message(draft: InboundDraft) -> Incoming {
    let Some(external_id) = draft.external_id else {
        return Incoming::Ignored { what: "a message without external_id".to_owned() };
    };
    Incoming::Message(InboundMessage {
        external_id,
        thread_key: draft.thread_key.unwrap_or_else(|| draft.from.clone()),
        sender: draft.from,
        aliases: Vec::new(),
        display_name: draft.display_name,
        text: draft.text,
        attachments: draft.attachments,
        reply_to_external_id: draft.reply_to,
        at: draft.at,
        metadata: json!({}),
        language_hint: draft.language,
        references: Vec::new(),
    })
}

/// The receipts of one message taken.
pub(super) fn receipt_for(id: &str, correlation: Option<String>, status: ReceiptStatus, at: Time) -> Receipt {
    let failed = status == ReceiptStatus::Failed;
    Receipt {
        provider_message_id: id.to_owned(),
        correlation,
        status,
        at: Some(at),
        error_code: failed.then(|| "sandbox_failed".to_owned()),
        error_message: failed.then(|| "the sandbox was told to fail".to_owned()),
        facts: Value::Null,
    }
}
