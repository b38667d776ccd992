//! What comes in from providers, in the product's words.

use bytes::Bytes;
use http::{HeaderMap, Method};
use model::{Attachment, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A webhook exactly as it arrived.
#[derive(Clone)]
pub struct WebhookRequest {
    pub method: Method,
    /// The public address that the provider called, with its query: built from our public URL and the raw
    /// request target, never from `Host`.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl WebhookRequest {
    /// A POST without headers, for bodies that did not come by HTTP (long polling).
    #[must_use]
    pub fn from_body(body: Bytes) -> Self {
        Self { method: Method::POST, url: String::new(), headers: HeaderMap::new(), body }
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A parameter of the query, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.url.split_once('?')?;
        let query = query.split('#').next().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.into_owned())
    }

    /// The query as it may be kept: without the channel's secret. `None` when nothing is left.
    #[must_use]
    pub fn query_to_keep(&self) -> Option<String> {
        let (_, query) = self.url.split_once('?')?;
        let query = query.split('#').next().unwrap_or_default();
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(crate::credentials::TOKEN))
            .collect();
        if kept.is_empty() { None } else { Some(kept.join("&")) }
    }
}

/// Headers may hold a shared secret, so only sizes are shown.
impl std::fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "WebhookRequest({}, {} headers, {} bytes)",
            self.method,
            self.headers.len(),
            self.body.len()
        )
    }
}

/// One thing that a webhook tells. The same body always gives the same list with the same keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Incoming {
    Message(InboundMessage),
    /// A customer changed a message.
    Edit(InboundEdit),
    /// A customer took a message back.
    Revoked {
        /// Of the message that was taken back.
        external_id: String,
        sender: String,
        at: Option<Time>,
    },
    /// A customer put an emoji under a message, theirs or ours; `None` takes it away.
    Reaction {
        /// The provider's id of the message.
        external_id: String,
        sender: String,
        emoji: Option<String>,
        at: Option<Time>,
    },
    /// Everything that was sent to this customer until then has arrived, or has been read.
    SeenUpTo {
        sender: String,
        read: bool,
        at: Time,
    },
    /// Somebody of ours wrote to the customer (`sender`) with the provider's own app.
    Echo(InboundMessage),
    /// The provider has decided on one of our templates.
    Template(TemplateNews),
    Receipt(Receipt),
    /// An address got a new name: what was sent to `from` now goes to `to`.
    Moved {
        from: String,
        to: String,
        at: Option<Time>,
    },
    /// The customer refuses messages (blocked the bot).
    OptedOut {
        sender: String,
        at: Option<Time>,
    },
    /// The customer takes messages again.
    OptedIn {
        sender: String,
        at: Option<Time>,
    },
    /// The address does not exist: nothing more is sent to it in bulk.
    Undeliverable {
        sender: String,
        /// What the provider said.
        note: Option<String>,
        at: Option<Time>,
    },
    /// The customer called a message of ours spam.
    Complained {
        sender: String,
        note: Option<String>,
        at: Option<Time>,
    },
    /// Genuine, understood, and of no use to us; kept in the journal only.
    Ignored {
        what: String,
    },
}

impl Incoming {
    /// What makes it the same as another one of this channel; `None` where nothing needs to be remembered.
    #[must_use]
    pub fn dedup_key(&self) -> Option<String> {
        match self {
            Self::Message(message) => Some(message.external_id.clone()),
            Self::Echo(message) => Some(message.external_id.clone()),
            Self::Edit(edit) => Some(format!("edit:{}:{}", edit.external_id, edit.version)),
            Self::Revoked { external_id, .. } => Some(format!("revoked:{external_id}")),
            Self::Receipt(receipt) => Some(receipt.dedup_key()),
            Self::Moved { from, to, .. } => Some(format!("moved:{from}:{to}")),
            Self::OptedOut { .. }
            | Self::OptedIn { .. }
            | Self::Undeliverable { .. }
            | Self::Complained { .. }
            | Self::Reaction { .. }
            | Self::SeenUpTo { .. }
            | Self::Template(_)
            | Self::Ignored { .. } => None,
        }
    }

    /// The sender whose things must stay in order; `None` for what has none.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        match self {
            Self::Message(message) | Self::Echo(message) => Some(&message.sender),
            Self::Edit(edit) => Some(&edit.sender),
            Self::Moved { from: sender, .. }
            | Self::OptedOut { sender, .. }
            | Self::OptedIn { sender, .. }
            | Self::Undeliverable { sender, .. }
            | Self::Complained { sender, .. }
            | Self::Revoked { sender, .. }
            | Self::Reaction { sender, .. }
            | Self::SeenUpTo { sender, .. } => Some(sender),
            Self::Receipt(_) | Self::Template(_) | Self::Ignored { .. } => None,
        }
    }
}

/// A customer's message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The provider's id, unique within the channel.
    pub external_id: String,
    /// Who wrote: the contact's identifier on this channel.
    pub sender: String,
    /// Other identifiers of the same person on this channel (a phone number beside a user id).
    pub aliases: Vec<String>,
    /// What conversation it belongs to: the sender, or the group.
    pub thread_key: String,
    pub display_name: Option<String>,
    pub text: String,
    /// Media still at the provider: `provider_file` says where.
    pub attachments: Vec<Attachment>,
    pub reply_to_external_id: Option<String>,
    /// Messages of its thread, ours or the customer's, the nearest first: the provider's ids, or ours as
    /// `message:{id}`. The first that is known says which conversation it belongs to.
    pub references: Vec<String>,
    /// The provider's clock; `None` if it does not say.
    pub at: Option<Time>,
    /// Facts of the provider that have no field of their own.
    pub metadata: Value,
    /// A language tag that the customer's app announced.
    pub language_hint: Option<String>,
}

/// A customer's change of an earlier message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundEdit {
    /// Of the message that was changed.
    pub external_id: String,
    /// Tells one edit from the next.
    pub version: String,
    pub sender: String,
    pub thread_key: String,
    pub text: String,
    pub at: Option<Time>,
}

/// What became of a message of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub provider_message_id: String,
    /// Our message's idempotency key, if the provider gives it back: it settles an unknown outcome.
    pub correlation: Option<String>,
    pub status: ReceiptStatus,
    pub at: Option<Time>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// What else the provider says of it: the price's category. Null for most.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub facts: Value,
}

/// What the provider decided on a template of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateNews {
    /// The provider's id of the template.
    pub external_id: String,
    /// `pending`, `approved` or `rejected`; `None` where only its quality is told.
    pub status: Option<TemplateStatus>,
    /// How customers take it; `None` where only its status is told.
    #[serde(default)]
    pub quality: Option<TemplateQuality>,
    /// Why, for people.
    pub reason: Option<String>,
}

/// How customers take a template, as the provider rates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateQuality {
    Green,
    Yellow,
    Red,
    /// Not rated, or not any more.
    Unknown,
}

impl TemplateQuality {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether a template may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    Pending,
    Approved,
    Rejected,
}

impl TemplateStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl Receipt {
    fn dedup_key(&self) -> String {
        let status = self.status.as_str();
        let code = self.error_code.as_deref().unwrap_or_default();
        format!("receipt:{}:{status}:{code}", self.provider_message_id)
    }
}

/// The state that a receipt reports.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    Sent,
    Delivered,
    Read,
    Failed,
}

impl ReceiptStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}
