//! Every durable fact that leaves a transaction, in one place: who emits it, who consumes it, in which
//! log it appears and under which name. `docs/events.md` holds the same table; a test compares them.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ChannelId, ChannelStatus, ConversationId, ConversationStatus, MessageId, MessageStatus,
    SenderType, TeamId, Time, UserId,
    view::{ConversationView, DeliveryError, MessageView, PublicAgent},
    wire::{self, Emitted, Tick, emitted},
};

text_enum! {
    /// A kind of background work that an event causes. The relay hands the event's id to the queue of
    /// that name.
    pub enum Topic {
        /// A public contact message in a conversation that nobody holds: bot rules, then assignment.
        Route = "conversation.bot_router",
        /// An inbound attachment still lies at the provider.
        Media = "message.media",
    }
}

text_enum! {
    /// The mailboxes: ordered work by key.
    pub enum BoxName {
        /// Inbound items; key: channel and sender.
        Inbound = "inbound",
        /// Replies; key: conversation.
        Reply = "reply",
    }
}

/// In a message's metadata: when its files were fetched from the provider. The message appears again then.
pub const FILES_FETCHED_AT: &str = "files_fetched_at";

/// Who may see a feed entry: matched against the reader's present rights, live and on replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Audience {
    /// Everyone in the account.
    Account,
    /// Whoever may see the conversation before or after the change.
    Conversation {
        /// It had, or has, neither team nor assignee.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        open: bool,
        /// Its teams before and after.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        teams: Vec<TeamId>,
        /// Assignees before and after, and those mentioned in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        users: Vec<UserId>,
    },
    /// These users alone, whatever their rights.
    Users { users: Vec<UserId> },
    /// Nobody by the feed: the entry belongs to the thread's log only.
    Thread,
}

/// Whoever changed something, and what they said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Actor {
    #[serde(rename = "type")]
    pub kind: SenderType,
    /// The agent's user id, the bot rule's id or the contact's id.
    pub id: Option<uuid::Uuid>,
    /// The agent's or the rule's name.
    pub name: Option<String>,
    pub note: Option<String>,
}

/// A fact as recorded by a [`Unit`](../../inbox/unit/struct.Unit.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all events are the large one, and none is stored in bulk"
)]
pub enum Event {
    /// Emitted by `inbox` when a thread opens; consumed by agents' feeds.
    ConversationCreated { conversation: ConversationView },
    /// Emitted by `inbox` for every message and note, and again when one was edited, its files were fetched
    /// or the time that it waited for has come; consumed by both logs, by `router` when a customer wrote to a
    /// conversation that nobody holds, and by `dispatch::media` for files that still lie at the provider.
    MessageCreated { message: MessageView, conversation: ConversationView },
    /// Emitted by `inbox::settle` after an attempt, by `inbox::receipts` after a receipt, and when someone
    /// reads; consumed by the thread.
    MessageStatusChanged {
        account_id: AccountId,
        conversation_id: ConversationId,
        message_id: MessageId,
        status: MessageStatus,
        /// Set when the customer has read it; the wire then says `read`.
        read_at: Option<Time>,
        error: Option<DeliveryError>,
        is_private: bool,
    },
    /// Emitted by `inbox` and `router`; consumed by feeds and, when status, agent or rating changed, by the thread.
    ConversationUpdated {
        conversation: ConversationView,
        /// Names of the fields that changed.
        changed: Vec<String>,
        /// Who changed it; absent: the hub itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        actor: Option<Actor>,
    },
    /// Emitted by `inbox::sight` for those who lost sight of a conversation; consumed by their feeds.
    ConversationHidden { account_id: AccountId, conversation_id: ConversationId, users: Vec<UserId> },
    /// Emitted by `inbox::assignment`; consumed by the assignee's feed.
    AssignmentNotified {
        account_id: AccountId,
        conversation_id: ConversationId,
        assignee_id: UserId,
        assigned_by: Option<UserId>,
        rule_name: Option<String>,
        reason: String,
    },
    /// Emitted by `inbox` for each note that names colleagues; consumed by their feeds.
    MentionNotified {
        account_id: AccountId,
        conversation_id: ConversationId,
        message_id: MessageId,
        mentioned: Vec<UserId>,
        by: UserId,
    },
    /// Emitted by `inbox::assignment`; consumed by the customer's thread.
    AgentJoined { account_id: AccountId, conversation_id: ConversationId, agent: PublicAgent },
    /// Emitted by `inbox` when a web chat is resolved; consumed by the customer's thread.
    CsatRequested { account_id: AccountId, conversation_id: ConversationId, question: String },
    /// Emitted by `inbox::channel_store` and `inbox::settle`; consumed by feeds.
    ChannelStatusChanged {
        account_id: AccountId,
        channel_id: ChannelId,
        status: ChannelStatus,
        error_message: Option<String>,
    },
    /// Emitted by `inbox::channel_store` when customers are not heard on a channel any more, or receipts do not come,
    /// and when they do again; consumed by feeds.
    ChannelSilent {
        account_id: AccountId,
        channel_id: ChannelId,
        name: String,
        /// Events of before it was told are of messages.
        #[serde(default)]
        of: wire::SilentOf,
        /// Absent: the alarm is over.
        since: Option<Time>,
    },
    /// Emitted by `inbox::group_messages` when its status changes, and at most once a second while its counts
    /// do; consumed by feeds.
    GroupMessageProgressed { group_message: wire::GroupMessageProgress },
}

impl Event {
    /// The word stored in the log's `kind` column.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ConversationCreated { .. } => "conversation_created",
            Self::MessageCreated { .. } => "message_created",
            Self::MessageStatusChanged { .. } => "message_status_changed",
            Self::ConversationUpdated { .. } => "conversation_updated",
            Self::ConversationHidden { .. } => "conversation_hidden",
            Self::AssignmentNotified { .. } => "assignment_notified",
            Self::MentionNotified { .. } => "mention_notified",
            Self::AgentJoined { .. } => "agent_joined",
            Self::CsatRequested { .. } => "csat_requested",
            Self::ChannelStatusChanged { .. } => "channel_status_changed",
            Self::ChannelSilent { .. } => "channel_silent",
            Self::GroupMessageProgressed { .. } => "group_message_progressed",
        }
    }

    #[must_use]
    pub const fn account_id(&self) -> AccountId {
        match self {
            Self::ConversationCreated { conversation }
            | Self::MessageCreated { conversation, .. }
            | Self::ConversationUpdated { conversation, .. } => conversation.account_id,
            Self::MessageStatusChanged { account_id, .. }
            | Self::ConversationHidden { account_id, .. }
            | Self::AssignmentNotified { account_id, .. }
            | Self::MentionNotified { account_id, .. }
            | Self::AgentJoined { account_id, .. }
            | Self::CsatRequested { account_id, .. }
            | Self::ChannelStatusChanged { account_id, .. }
            | Self::ChannelSilent { account_id, .. } => *account_id,
            Self::GroupMessageProgressed { group_message } => group_message.account_id,
        }
    }

    /// The conversation it belongs to, if any.
    #[must_use]
    pub const fn conversation_id(&self) -> Option<ConversationId> {
        match self {
            Self::ConversationCreated { conversation }
            | Self::MessageCreated { conversation, .. }
            | Self::ConversationUpdated { conversation, .. } => Some(conversation.id),
            Self::MessageStatusChanged { conversation_id, .. }
            | Self::ConversationHidden { conversation_id, .. }
            | Self::AssignmentNotified { conversation_id, .. }
            | Self::MentionNotified { conversation_id, .. }
            | Self::AgentJoined { conversation_id, .. }
            | Self::CsatRequested { conversation_id, .. } => Some(*conversation_id),
            Self::ChannelStatusChanged { .. }
            | Self::ChannelSilent { .. }
            | Self::GroupMessageProgressed { .. } => None,
        }
    }

    /// Whether it gets a number in the account's feed.
    #[must_use]
    pub const fn in_feed(&self) -> bool {
        match self {
            Self::ConversationCreated { .. }
            | Self::MessageCreated { .. }
            | Self::ConversationUpdated { .. }
            | Self::ConversationHidden { .. }
            | Self::AssignmentNotified { .. }
            | Self::MentionNotified { .. }
            | Self::ChannelStatusChanged { .. }
            | Self::ChannelSilent { .. }
            | Self::GroupMessageProgressed { .. } => true,
            Self::MessageStatusChanged { .. } | Self::AgentJoined { .. } | Self::CsatRequested { .. } => {
                false
            }
        }
    }

    /// Whether it gets a number in the conversation's thread.
    #[must_use]
    pub fn in_thread(&self) -> bool {
        match self {
            Self::MessageCreated { .. }
            | Self::MessageStatusChanged { .. }
            | Self::AgentJoined { .. }
            | Self::CsatRequested { .. } => true,
            Self::ConversationUpdated { changed, .. } => shown_in_thread(changed),
            Self::ConversationCreated { .. }
            | Self::ConversationHidden { .. }
            | Self::AssignmentNotified { .. }
            | Self::MentionNotified { .. }
            | Self::ChannelStatusChanged { .. }
            | Self::ChannelSilent { .. }
            | Self::GroupMessageProgressed { .. } => false,
        }
    }

    /// The queues that get a pointer to it.
    #[must_use]
    pub fn topics(&self) -> Vec<Topic> {
        match self {
            Self::MessageCreated { message, conversation } => {
                let mut topics = Vec::new();
                // what appears again was routed when it came
                let again = ["edited_at", "revoked_at", "reacted_at", FILES_FETCHED_AT]
                    .iter()
                    .any(|mark| message.metadata.get(mark).is_some());
                if message.sender_type == SenderType::Contact
                    && !message.is_private
                    && !again
                    && matches!(conversation.status, ConversationStatus::Open | ConversationStatus::Bot)
                {
                    topics.push(Topic::Route);
                }
                if message.attachments.iter().any(|file| file.provider_file.is_some()) {
                    topics.push(Topic::Media);
                }
                topics
            }
            Self::ConversationCreated { .. }
            | Self::MessageStatusChanged { .. }
            | Self::ConversationUpdated { .. }
            | Self::ConversationHidden { .. }
            | Self::AssignmentNotified { .. }
            | Self::MentionNotified { .. }
            | Self::AgentJoined { .. }
            | Self::CsatRequested { .. }
            | Self::ChannelStatusChanged { .. }
            | Self::ChannelSilent { .. }
            | Self::GroupMessageProgressed { .. } => Vec::new(),
        }
    }

    /// How the account's feed shows it to agents.
    #[must_use]
    pub fn feed_view(&self) -> Option<Emitted> {
        Some(match self {
            Self::ConversationCreated { conversation } => emitted(conversation),
            Self::MessageCreated { conversation, .. } => emitted(&wire::ConversationChanged {
                conversation: conversation.clone(),
                changed: ["last_message_at", "unread_count", "status"].map(str::to_owned).into(),
            }),
            Self::ConversationUpdated { conversation, changed, .. } => emitted(&wire::ConversationChanged {
                conversation: conversation.clone(),
                changed: changed.clone(),
            }),
            Self::ConversationHidden { account_id, conversation_id, .. } => {
                emitted(&wire::ConversationHidden {
                    account_id: *account_id,
                    conversation_id: *conversation_id,
                })
            }
            Self::AssignmentNotified {
                account_id,
                conversation_id,
                assigned_by,
                rule_name,
                reason,
                assignee_id,
            } => emitted(&wire::AssignmentNotice {
                account_id: *account_id,
                conversation_id: *conversation_id,
                assignee_id: *assignee_id,
                assigned_by: *assigned_by,
                rule_name: rule_name.clone(),
                reason: reason.clone(),
            }),
            Self::MentionNotified { account_id, conversation_id, message_id, by, .. } => {
                emitted(&wire::MentionNotice {
                    account_id: *account_id,
                    conversation_id: *conversation_id,
                    message_id: *message_id,
                    by: *by,
                })
            }
            Self::ChannelStatusChanged { account_id, channel_id, status, error_message } => {
                emitted(&wire::ChannelNotice {
                    account_id: *account_id,
                    channel_id: *channel_id,
                    status: *status,
                    error_message: error_message.clone(),
                })
            }
            Self::ChannelSilent { account_id, channel_id, name, of, since } => {
                emitted(&wire::ChannelSilence {
                    account_id: *account_id,
                    channel_id: *channel_id,
                    name: name.clone(),
                    of: *of,
                    since: *since,
                })
            }
            Self::GroupMessageProgressed { group_message } => emitted(group_message),
            Self::MessageStatusChanged { .. } | Self::AgentJoined { .. } | Self::CsatRequested { .. } => {
                return None;
            }
        })
    }

    /// How the thread shows it to agents. `seq` is its number in the thread.
    #[must_use]
    pub fn thread_view(&self, seq: i64) -> Option<Emitted> {
        Some(match self {
            Self::MessageCreated { message, .. } => emitted(&as_shown(message, seq)),
            Self::MessageStatusChanged {
                account_id,
                conversation_id,
                message_id,
                status,
                read_at,
                error,
                ..
            } => emitted(&wire::MessageTick {
                account_id: *account_id,
                conversation_id: *conversation_id,
                message_id: *message_id,
                status: Tick::new(*status, *read_at),
                read_at: *read_at,
                error: error.clone(),
            }),
            Self::ConversationUpdated { .. } => emitted(&wire::ConversationActivity::of(self)?),
            // the customer's alone: agents see the same as activity
            Self::AgentJoined { .. }
            | Self::CsatRequested { .. }
            | Self::ConversationCreated { .. }
            | Self::ConversationHidden { .. }
            | Self::AssignmentNotified { .. }
            | Self::MentionNotified { .. }
            | Self::ChannelStatusChanged { .. }
            | Self::ChannelSilent { .. }
            | Self::GroupMessageProgressed { .. } => return None,
        })
    }

    /// How the thread shows it to the customer; `None` for what is private or not for them.
    #[must_use]
    pub fn customer_view(&self, seq: i64) -> Option<Emitted> {
        Some(match self {
            Self::MessageCreated { message, .. } => emitted(&as_shown(message, seq).public()?),
            // what was taken back they were never shown
            Self::MessageStatusChanged { status: MessageStatus::Cancelled, .. } => return None,
            Self::MessageStatusChanged {
                is_private: false,
                account_id,
                conversation_id,
                message_id,
                status,
                read_at,
                ..
            } => emitted(&wire::PublicMessageTick {
                account_id: *account_id,
                conversation_id: *conversation_id,
                message_id: *message_id,
                status: Tick::new(*status, *read_at),
            }),
            Self::ConversationUpdated { conversation, .. } if self.in_thread() => {
                emitted(&wire::PublicConversationChanged {
                    account_id: conversation.account_id,
                    conversation_id: conversation.id,
                    status: conversation.status,
                    agent: conversation.public_agent(),
                    csat: conversation.csat(),
                })
            }
            Self::AgentJoined { account_id, conversation_id, agent } => emitted(&wire::AgentJoined {
                account_id: *account_id,
                conversation_id: *conversation_id,
                agent: agent.clone(),
            }),
            Self::CsatRequested { account_id, conversation_id, question } => emitted(&wire::CsatRequest {
                account_id: *account_id,
                conversation_id: *conversation_id,
                question: question.clone(),
                scale: wire::CSAT_SCALE,
            }),
            Self::MessageStatusChanged { .. }
            | Self::ConversationUpdated { .. }
            | Self::ConversationCreated { .. }
            | Self::ConversationHidden { .. }
            | Self::AssignmentNotified { .. }
            | Self::MentionNotified { .. }
            | Self::ChannelStatusChanged { .. }
            | Self::ChannelSilent { .. }
            | Self::GroupMessageProgressed { .. } => return None,
        })
    }
}

/// Whether a change of these fields is a line of the thread, and so gets a number there.
#[must_use]
pub fn shown_in_thread(changed: &[impl AsRef<str>]) -> bool {
    changed.iter().any(|field| matches!(field.as_ref(), "status" | "assignee_id" | "csat_rating"))
}

/// A message with its number in the thread, and without the provider's references to its files, which are
/// not for clients.
fn as_shown(message: &MessageView, seq: i64) -> MessageView {
    let mut message = message.clone();
    message.seq = Some(seq);
    for file in &mut message.attachments {
        file.provider_file = None;
    }
    message
}
