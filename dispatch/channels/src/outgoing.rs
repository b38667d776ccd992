//! What is handed to a provider.

use bytes::Bytes;
use model::{Attachment, MessageId, Time};
use outbound::Exchange;
use serde_json::Value;

/// A message of ours, ready to be sent: rendered, checked, with addresses that the provider can reach.
#[derive(Debug, Clone)]
pub struct OutboundMessage {
    pub message_id: MessageId,
    /// Stays the same over all attempts: the message's id.
    pub idempotency_key: String,
    /// The recipient's identifier.
    pub to: String,
    /// The conversation's key, where it is not the recipient (a group).
    pub thread_key: Option<String>,
    pub text: String,
    pub attachments: Vec<OutboundAttachment>,
    /// The provider's id of the message that this one answers.
    pub reply_to: Option<String>,
    /// Absolute address for receipts, without a query; `None` if the hub has no public address.
    pub callback_url: Option<String>,
    /// Provider-specific wishes (`parse_mode`), and what [`crate::rich`] reads.
    pub metadata: Value,
    /// When the customer last wrote, for providers with a reply window.
    pub last_inbound_at: Option<Time>,
    /// The customer's message before it, for providers whose answers repeat something of it.
    pub answers: Option<Answered>,
    /// It goes to many.
    pub is_bulk: bool,
    /// A person wrote it, not a bot: some providers take nothing else after a while.
    pub by_person: bool,
}

/// A customer's message.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    pub external_id: String,
    /// The facts that its adapter kept.
    pub metadata: Value,
}

/// An attachment of ours.
#[derive(Clone)]
pub struct OutboundAttachment {
    /// With an absolute `url`.
    pub attachment: Attachment,
    /// The file itself, where the profile says `MediaDelivery::Upload`.
    pub bytes: Option<Bytes>,
}

impl std::fmt::Debug for OutboundAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboundAttachment")
            .field("kind", &self.attachment.kind)
            .field("bytes", &self.bytes.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

/// One request's worth of a message. A long text or an album becomes several; they are sent in order, each
/// is recorded before the next, and after a failure sending goes on with the part that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 0.
    pub index: usize,
    pub text: String,
    /// Indexes into the message's attachments.
    pub attachments: Vec<usize>,
}

/// The provider took a part.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Receipts name the message by it; unique within the channel.
    pub provider_message_id: String,
    /// Segments that it will be billed as; 1 where segments mean nothing.
    pub segments: u32,
    /// The provider's answer, as far as it is worth keeping.
    pub raw: Value,
    /// The redacted call; `None` for the sandbox.
    pub exchange: Option<Box<Exchange>>,
}
