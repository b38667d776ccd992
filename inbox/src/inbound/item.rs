//! What waits in the inbound mailbox: one thing that a customer did, as the journal understood it.

use bus::mailbox::KeyRef;
use model::{AccountId, Attachment, ChannelId, ChannelType, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The payload of an inbound mailbox item. Items of the same channel and sender are handled in the
/// order in which the node received them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundItem {
    #[serde(default)]
    pub kind: InboundKind,
    pub channel_id: ChannelId,
    pub channel_type: ChannelType,
    /// The provider's id of the message, unique within the channel; of an edit, the id of the message
    /// that was changed; empty for what has none.
    #[serde(default)]
    pub external_id: String,
    /// The sender's identifier on the channel.
    pub sender: String,
    /// The sender, or the group.
    pub thread_key: String,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The provider's id of the message that this one answers.
    #[serde(default)]
    pub reply_to_external_id: Option<String>,
    /// The provider's clock, or the moment of receipt.
    pub at: Time,
    /// Facts of the provider that have no field of their own.
    #[serde(default)]
    pub metadata: Value,
    /// A language tag that the customer's app announced.
    #[serde(default)]
    pub language_hint: Option<String>,
    #[serde(default)]
    pub trace_id: Option<String>,
}

/// What the customer did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum InboundKind {
    /// Wrote a message.
    #[default]
    Message,
    /// Changed the message `external_id`; `version` tells one edit from the next.
    Edit { version: String },
    /// Got a new identifier: what was sent to `sender` now goes to `to`.
    Moved { to: String },
    /// Refuses messages (blocked the bot, wrote STOP).
    OptedOut,
    /// Takes messages again.
    OptedIn,
}

impl InboundItem {
    /// The mailbox key under which its sender's items keep their order.
    #[must_use]
    pub fn key(&self, account_id: AccountId) -> KeyRef {
        KeyRef { account_id, key: format!("{}:{}", self.channel_id, self.sender) }
    }

    /// What makes it the same as another one of this channel; `None` where a repetition does no harm.
    #[must_use]
    pub fn dedup_key(&self) -> Option<String> {
        match &self.kind {
            InboundKind::Message => Some(self.external_id.clone()),
            InboundKind::Edit { version } => Some(format!("edit:{}:{version}", self.external_id)),
            InboundKind::Moved { to } => Some(format!("moved:{}:{to}", self.sender)),
            InboundKind::OptedOut | InboundKind::OptedIn => None,
        }
    }
}
