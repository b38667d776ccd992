//! What the hub itself tells its clients, beside the entries of the logs ([`model::wire`]).

use bus::presence::Seen;
use chrono::{DateTime, Utc};
use inbox::{agents::QueueView, webchat::VisitorView};
use model::{
    AccountId, ConversationId, EventId, Permissions, SenderType, UserId,
    view::{PublicConversation, PublicMessage},
    wire::ServerEvent,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The second argument of every entry of a log: where it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Meta {
    /// `account:ID` or `conversation:ID`.
    pub log: String,
    pub seq: i64,
    pub id: EventId,
    pub at: DateTime<Utc>,
}

/// What a client may do, and how much of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Limits {
    pub max_packet_bytes: usize,
    pub commands_per_second: f64,
    pub command_burst: f64,
    pub threads: usize,
    pub replay_entries: i64,
    pub replay_seconds: u64,
}

/// The signed-in person, or the one whose API key it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Myself {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

/// The first event on `/agents`. What belongs to an account is null until one is joined.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentHello {
    pub connection_id: Uuid,
    pub user: Myself,
    pub account_id: Option<AccountId>,
    pub account_ids: Vec<AccountId>,
    pub permissions: Option<Permissions>,
    /// The life of the database; numbers of another one are void.
    pub epoch: Uuid,
    /// The last number of the account's feed.
    pub head: Option<i64>,
    pub resumed: bool,
    pub server_time: DateTime<Utc>,
    pub presence: Option<Vec<Seen>>,
    pub queue: Option<QueueView>,
    pub limits: Limits,
    /// Other nodes are heard later than usual.
    pub degraded: bool,
}

impl ServerEvent for AgentHello {
    const NAME: &'static str = "hello";
}

/// The first event on `/customers`. `entries` is the newest page, unless the thread was resumed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerHello {
    pub connection_id: Uuid,
    pub visitor: VisitorView,
    pub conversation: Option<PublicConversation>,
    pub account_id: AccountId,
    /// The life of the database; numbers of another one are void.
    pub epoch: Uuid,
    /// The last number of the thread.
    pub head: Option<i64>,
    pub resumed: bool,
    pub entries: Option<Vec<PublicMessage>>,
    pub has_more: Option<bool>,
    /// Somebody who may answer is available.
    pub online: bool,
    pub team_name: String,
    pub welcome: Option<String>,
    pub offline_message: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub pre_chat_form: Option<serde_json::Value>,
    pub server_time: DateTime<Utc>,
    pub limits: Limits,
    /// Other nodes are heard later than usual.
    pub degraded: bool,
}

impl ServerEvent for CustomerHello {
    const NAME: &'static str = "hello";
}

/// The numbers that the client remembers of a log are of no use: fetch afresh, go on from `head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reset {
    /// `account:ID` or `conversation:ID`.
    pub log: String,
    /// `too_old`, `ahead`, `epoch` or `visibility`; of a thread that cannot be joined, the error's code.
    pub reason: String,
    /// Null when the log cannot be read.
    pub head: Option<i64>,
}

impl ServerEvent for Reset {
    const NAME: &'static str = "reset";
}

/// All that was missed has been sent; what follows is new.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentLive {
    pub account_id: AccountId,
    pub seq: i64,
}

impl ServerEvent for AgentLive {
    const NAME: &'static str = "live";
}

/// All that was missed has been sent; what follows is new.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerLive {
    pub account_id: AccountId,
    pub conversation_id: Option<ConversationId>,
    pub seq: Option<i64>,
}

impl ServerEvent for CustomerLive {
    const NAME: &'static str = "live";
}

/// How far the account's feed has been read, for a reader who sees little of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeedPosition {
    pub account_id: AccountId,
    pub seq: i64,
}

impl ServerEvent for FeedPosition {
    const NAME: &'static str = "feed:position";
}

/// The token ends soon: answer with `auth:refresh`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuthExpiring {
    pub in_s: i64,
}

impl ServerEvent for AuthExpiring {
    const NAME: &'static str = "auth:expiring";
}

/// The token holds no more; the socket is closed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuthExpired {
    /// `expired` or `revoked`.
    pub reason: &'static str,
}

impl ServerEvent for AuthExpired {
    const NAME: &'static str = "auth:expired";
}

/// The node stops: connect again after so long.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServerDraining {
    pub reconnect_in_ms: u32,
}

impl ServerEvent for ServerDraining {
    const NAME: &'static str = "server:draining";
}

/// Somebody begins or ends to type; without news it ends by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Typing {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub typing: bool,
    pub sender_type: SenderType,
    /// Null for the customer.
    pub user_id: Option<UserId>,
    pub name: Option<String>,
    pub expires_in_ms: u64,
}

impl ServerEvent for Typing {
    const NAME: &'static str = "conversation:typing";
}

/// An agent begins or ends to type; without news it ends by itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicTyping {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub typing: bool,
    pub expires_in_ms: u64,
}

impl ServerEvent for PublicTyping {
    const NAME: &'static str = "conversation:typing";
}

/// Who looks at a conversation, each once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Viewers {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub viewers: Vec<Viewer>,
}

impl ServerEvent for Viewers {
    const NAME: &'static str = "conversation:viewers";
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Viewer {
    pub user_id: UserId,
    pub name: String,
}

/// The agents whose presence changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentPresence {
    pub account_id: AccountId,
    pub agents: Vec<Seen>,
}

impl ServerEvent for AgentPresence {
    const NAME: &'static str = "agent:presence";
}

impl ServerEvent for QueueUpdate {
    const NAME: &'static str = "queue:update";
}

/// The queue as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueueUpdate(pub QueueView);

/// The customer's place in the queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueuePosition {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub position: i64,
    /// Null while it is not known.
    pub estimate_s: Option<i64>,
}

impl ServerEvent for QueuePosition {
    const NAME: &'static str = "queue:position";
}

/// The visitor is now known as somebody whom the page vouched for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitorMerged {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    pub visitor: VisitorView,
}

impl ServerEvent for VisitorMerged {
    const NAME: &'static str = "visitor:merged";
}
