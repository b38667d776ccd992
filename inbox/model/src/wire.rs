//! What a socket shows of the logs: each event's name and payload. The AsyncAPI document and the
//! clients' types are made of these; what is written here is what is sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    AccountId, ChannelId, ChannelStatus, ConversationId, ConversationStatus, GroupMessageId, MessageId,
    MessageStatus, TeamId, Time, UserId,
    event::{Actor, Event},
    group_message::{Counts, GroupMessageStatus},
    view::{AgentBrief, ConversationView, Csat, DeliveryError, MessageView, PublicAgent, PublicMessage},
};

/// A payload that is sent under one name, wherever it is sent.
pub trait ServerEvent: Serialize {
    const NAME: &'static str;
}

/// The name and payload under which an event is emitted on a socket.
pub type Emitted = (&'static str, Value);

/// An event, ready to be emitted.
#[must_use]
pub fn emitted<E: ServerEvent>(event: &E) -> Emitted {
    (E::NAME, json!(event))
}

impl ServerEvent for ConversationView {
    const NAME: &'static str = "conversation:new";
}

impl ServerEvent for MessageView {
    const NAME: &'static str = "conversation:message";
}

impl ServerEvent for PublicMessage {
    const NAME: &'static str = "conversation:message";
}

/// A conversation as it is now, and which of its fields changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConversationChanged {
    #[serde(flatten)]
    pub conversation: ConversationView,
    /// Names of the fields that changed.
    pub changed: Vec<String>,
}

impl ServerEvent for ConversationChanged {
    const NAME: &'static str = "conversation:updated";
}

/// A line of the thread: the conversation got another status, another agent or a rating, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ConversationActivity {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    /// Names of the fields that changed.
    pub changed: Vec<String>,
    pub status: ConversationStatus,
    pub assignee: Option<AgentBrief>,
    pub team_id: Option<TeamId>,
    pub csat_rating: Option<i16>,
    /// Null: the hub itself.
    pub by: Option<Actor>,
}

impl ConversationActivity {
    /// What an event tells of it, if anything.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let Event::ConversationUpdated { conversation, changed, actor } = event else { return None };
        event.in_thread().then(|| Self {
            account_id: conversation.account_id,
            conversation_id: conversation.id,
            changed: changed.clone(),
            status: conversation.status,
            assignee: conversation.assignee.clone(),
            team_id: conversation.team_id,
            csat_rating: conversation.csat_rating,
            by: actor.clone(),
        })
    }
}

impl ServerEvent for ConversationActivity {
    const NAME: &'static str = "conversation:activity";
}

/// What customers are asked when their conversation is resolved.
pub const CSAT_QUESTION: &str = "How did we do?";
/// The best rating.
pub const CSAT_SCALE: u8 = 5;

/// The reader sees the conversation no more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConversationHidden {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
}

impl ServerEvent for ConversationHidden {
    const NAME: &'static str = "conversation:hidden";
}

/// The reader has got a conversation: by whom and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignmentNotice {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub assignee_id: UserId,
    /// Null when routing did it.
    pub assigned_by: Option<UserId>,
    pub rule_name: Option<String>,
    pub reason: String,
}

impl ServerEvent for AssignmentNotice {
    const NAME: &'static str = "notification:assignment";
}

/// The reader was named in a note.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MentionNotice {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub by: UserId,
}

impl ServerEvent for MentionNotice {
    const NAME: &'static str = "notification:mention";
}

/// A channel works, or does not any more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelNotice {
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    pub status: ChannelStatus,
    pub error_message: Option<String>,
}

impl ServerEvent for ChannelNotice {
    const NAME: &'static str = "channel:status";
}

/// What does not come on a channel any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SilentOf {
    /// Of customers.
    #[default]
    Messages,
    /// Of the provider, for what was sent.
    Receipts,
}

/// Customers are not heard on a channel any more, or the provider's receipts, or they are again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelSilence {
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    pub name: String,
    pub of: SilentOf,
    /// Since when nothing has come in, which is too long; `null`: the alarm is over.
    pub since: Option<DateTime<Utc>>,
}

impl ServerEvent for ChannelSilence {
    const NAME: &'static str = "channel:silence";
}

/// How far a group message has got: absolute values, valid as of `version`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupMessageProgress {
    pub account_id: AccountId,
    pub group_message_id: GroupMessageId,
    pub name: Option<String>,
    pub status: GroupMessageStatus,
    /// Why it is paused or failed.
    pub reason: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
    /// Rises with every change; a smaller one is older news.
    pub version: i64,
}

impl ServerEvent for GroupMessageProgress {
    const NAME: &'static str = "group_message:progress";
}

text_enum! {
    /// How far a message has got: its status, and `read` once the customer has read it.
    pub enum Tick {
        Scheduled = "scheduled", Queued = "queued", Sending = "sending", Sent = "sent",
        Delivered = "delivered", Read = "read", Failed = "failed",
        PermanentlyFailed = "permanently_failed", Unknown = "unknown", Cancelled = "cancelled",
    }
}

impl Tick {
    #[must_use]
    pub fn new(status: MessageStatus, read_at: Option<Time>) -> Self {
        if read_at.is_some() {
            return Self::Read;
        }
        match status {
            MessageStatus::Scheduled => Self::Scheduled,
            MessageStatus::Queued => Self::Queued,
            MessageStatus::Sending => Self::Sending,
            MessageStatus::Sent => Self::Sent,
            MessageStatus::Delivered => Self::Delivered,
            MessageStatus::Failed => Self::Failed,
            MessageStatus::PermanentlyFailed => Self::PermanentlyFailed,
            MessageStatus::Unknown => Self::Unknown,
            MessageStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// How far a message has got.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageTick {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub status: Tick,
    pub read_at: Option<DateTime<Utc>>,
    pub error: Option<DeliveryError>,
}

impl ServerEvent for MessageTick {
    const NAME: &'static str = "message:status";
}

/// How far a message has got, as its customer may know it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicMessageTick {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub status: Tick,
}

impl ServerEvent for PublicMessageTick {
    const NAME: &'static str = "message:status";
}

/// The customer's conversation has another status or another agent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicConversationChanged {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub status: ConversationStatus,
    pub agent: Option<PublicAgent>,
    /// The question for a rating, once it is resolved.
    pub csat: Option<Csat>,
}

impl ServerEvent for PublicConversationChanged {
    const NAME: &'static str = "conversation:updated";
}

/// An agent has taken the customer's conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentJoined {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    #[serde(flatten)]
    pub agent: PublicAgent,
}

impl ServerEvent for AgentJoined {
    const NAME: &'static str = "agent:joined";
}

/// The customer is asked how it was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CsatRequest {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub question: String,
    /// The best rating; the worst is 1.
    pub scale: u8,
}

impl ServerEvent for CsatRequest {
    const NAME: &'static str = "csat:request";
}
