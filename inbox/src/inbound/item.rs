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
    /// Other identifiers of the same person on the same channel.
    #[serde(default)]
    pub aliases: Vec<String>,
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
    /// Messages of its thread, the nearest first: the provider's ids, or ours as `message:{id}`. The first that is
    /// known says which conversation it belongs to, whatever `thread_key` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
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
    /// Refuses messages (blocked the bot, wrote STOP); `answer`: what they are told, once.
    OptedOut {
        #[serde(default)]
        answer: Option<String>,
    },
    /// Takes messages again.
    OptedIn {
        #[serde(default)]
        answer: Option<String>,
    },
    /// Cannot be reached: the address does not exist. `text`: what the provider said.
    Undeliverable,
    /// Called a message of ours spam.
    Complained,
    /// Wrote HELP, and the channel has an answer to it.
    AskedHelp { answer: String },
    /// Took the message `external_id` back.
    Revoked,
    /// Put an emoji under the message `external_id`, or took it away.
    Reacted { emoji: Option<String> },
    /// Everything that was sent to them until `at` has arrived, or has been read.
    SeenUpTo { read: bool },
    /// Got a message that somebody of ours wrote with the provider's own app.
    WasWrittenTo,
    /// No customer at all: the provider has decided on the template `external_id`, or rated it.
    TemplateDecided {
        status: Option<String>,
        #[serde(default)]
        quality: Option<String>,
    },
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
            InboundKind::Message | InboundKind::WasWrittenTo => Some(self.external_id.clone()),
            InboundKind::Revoked => Some(format!("revoked:{}", self.external_id)),
            InboundKind::Edit { version } => Some(format!("edit:{}:{version}", self.external_id)),
            InboundKind::Moved { to } => Some(format!("moved:{}:{to}", self.sender)),
            InboundKind::OptedOut { .. }
            | InboundKind::OptedIn { .. }
            | InboundKind::Undeliverable
            | InboundKind::Complained
            | InboundKind::AskedHelp { .. }
            | InboundKind::Reacted { .. }
            | InboundKind::SeenUpTo { .. }
            | InboundKind::TemplateDecided { .. } => None,
        }
    }
}
