//! What readers are shown. REST, the sockets and the event log use these same shapes, so a client
//! learns each of them once.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AccountId, Attachment, BotState, ChannelId, ChannelType, ContactId, ContentType, ConversationId,
    ConversationStatus, Direction, MessageId, MessageStatus, Priority, SenderType, TeamId, TemplateId,
    UserId,
    wire::{CSAT_QUESTION, CSAT_SCALE},
};

/// The contact as far as a list of conversations needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ContactBrief {
    pub id: ContactId,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// An agent as colleagues see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AgentBrief {
    pub id: UserId,
    pub name: String,
    pub avatar_url: Option<String>,
}

/// An agent as a customer sees one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicAgent {
    pub name: String,
    pub avatar_url: Option<String>,
}

impl From<AgentBrief> for PublicAgent {
    fn from(agent: AgentBrief) -> Self {
        Self { name: agent.name, avatar_url: agent.avatar_url }
    }
}

/// A conversation in a list: absolute values, valid as of `version`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConversationView {
    pub id: ConversationId,
    /// The same as `id`: every payload about a conversation carries this name.
    pub conversation_id: ConversationId,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    pub channel_type: ChannelType,
    pub contact_id: ContactId,
    pub contact: ContactBrief,
    /// The sender's address on the channel: phone, chat id, visitor id.
    pub contact_identifier: String,
    pub status: ConversationStatus,
    pub priority: Priority,
    pub assignee_id: Option<UserId>,
    pub assignee: Option<AgentBrief>,
    pub team_id: Option<TeamId>,
    pub subject: Option<String>,
    pub labels: Vec<String>,
    pub language: Option<String>,
    pub bot_state: BotState,
    /// Since when it stands in the queue; null when it does not.
    pub queued_at: Option<DateTime<Utc>>,
    /// Since when the customer waits for a person's answer.
    pub waiting_since: Option<DateTime<Utc>>,
    pub first_reply_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub last_message_at: Option<DateTime<Utc>>,
    pub last_message_preview: Option<String>,
    pub last_sender_type: Option<SenderType>,
    /// Customer messages since the last public answer of an agent or the assignee's last look.
    pub unread_count: i32,
    /// The customer's rating, 1 to 5.
    pub csat_rating: Option<i16>,
    pub csat_comment: Option<String>,
    /// The last number of the thread's log.
    pub head: i64,
    /// Rises with every change; a smaller one is older news.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ConversationView {
    /// The question for a rating: of a web chat that is resolved.
    #[must_use]
    pub fn csat(&self) -> Option<Csat> {
        let asks = self.status == ConversationStatus::Resolved && self.channel_type == ChannelType::Webchat;
        asks.then(|| Csat { question: CSAT_QUESTION.to_owned(), scale: CSAT_SCALE, rating: self.csat_rating })
    }

    /// Who has it, as its customer may know them.
    #[must_use]
    pub fn public_agent(&self) -> Option<PublicAgent> {
        self.assignee.clone().map(PublicAgent::from)
    }
}

/// The question for a rating, and the answer once there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Csat {
    pub question: String,
    /// The best rating; the worst is 1.
    pub scale: u8,
    pub rating: Option<i16>,
}

/// A conversation as its customer may know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicConversation {
    pub id: ConversationId,
    /// The same as `id`.
    pub conversation_id: ConversationId,
    pub account_id: AccountId,
    pub status: ConversationStatus,
    pub agent: Option<PublicAgent>,
    /// The last number of the thread's log.
    pub head: i64,
    pub created_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// The question for a rating, once it is resolved.
    pub csat: Option<Csat>,
}

impl From<&ConversationView> for PublicConversation {
    fn from(view: &ConversationView) -> Self {
        Self {
            id: view.id,
            conversation_id: view.id,
            account_id: view.account_id,
            status: view.status,
            agent: view.public_agent(),
            head: view.head,
            created_at: view.created_at,
            resolved_at: view.resolved_at,
            csat: view.csat(),
        }
    }
}

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeliveryError {
    /// Our class: `rejected`, `throttled`, `unavailable`, `settings`, `gone`, `unknown`, `too_old`.
    pub class: String,
    /// The provider's code, or our own.
    pub code: String,
    pub message: String,
}

/// A message as agents see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MessageView {
    pub id: MessageId,
    /// The same as `id`.
    pub message_id: MessageId,
    pub account_id: AccountId,
    pub conversation_id: Option<ConversationId>,
    pub channel_id: Option<ChannelId>,
    pub contact_id: Option<ContactId>,
    pub direction: Direction,
    pub sender_type: SenderType,
    /// The agent's user id, the bot rule's id or the contact's id.
    pub sender_id: Option<uuid::Uuid>,
    pub sender_name: Option<String>,
    /// The agent's picture.
    pub sender_avatar_url: Option<String>,
    pub message_body: String,
    /// The same as `message_body`.
    pub content: String,
    pub content_type: ContentType,
    pub attachments: Vec<Attachment>,
    /// A note: agents only, never sent.
    pub is_private: bool,
    pub status: MessageStatus,
    pub error: Option<DeliveryError>,
    /// Number in the thread's log under which it appeared.
    pub seq: Option<i64>,
    pub client_message_id: Option<uuid::Uuid>,
    pub reply_to: Option<MessageId>,
    pub mentions: Vec<UserId>,
    pub template_id: Option<TemplateId>,
    pub original_template: Option<String>,
    pub delivery_address: String,
    pub metadata: Value,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
    pub failed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A message as the customer sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicMessage {
    pub id: MessageId,
    pub message_id: MessageId,
    pub account_id: AccountId,
    pub conversation_id: Option<ConversationId>,
    pub sender_type: SenderType,
    pub sender: Option<PublicAgent>,
    pub message_body: String,
    pub content: String,
    pub content_type: ContentType,
    pub attachments: Vec<Attachment>,
    pub status: MessageStatus,
    pub seq: Option<i64>,
    pub client_message_id: Option<uuid::Uuid>,
    pub reply_to: Option<MessageId>,
    pub read_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl MessageView {
    /// What the customer may see of it; `None` for a private note.
    #[must_use]
    pub fn public(&self) -> Option<PublicMessage> {
        // what waits for its time, or was taken back before it came, is not the customer's yet
        if self.is_private || matches!(self.status, MessageStatus::Scheduled | MessageStatus::Cancelled) {
            return None;
        }
        let sender = match self.sender_type {
            SenderType::Contact | SenderType::System => None,
            SenderType::Agent | SenderType::Bot => {
                let avatar_url = self.sender_avatar_url.clone();
                self.sender_name.clone().map(|name| PublicAgent { name, avatar_url })
            }
        };
        Some(PublicMessage {
            id: self.id,
            message_id: self.id,
            account_id: self.account_id,
            conversation_id: self.conversation_id,
            sender_type: self.sender_type,
            sender,
            message_body: self.message_body.clone(),
            content: self.content.clone(),
            content_type: self.content_type,
            attachments: self.attachments.clone(),
            status: self.status,
            seq: self.seq,
            client_message_id: self.client_message_id,
            reply_to: self.reply_to,
            read_at: self.read_at,
            // one that waited came into being for the customer when it was sent
            created_at: self.scheduled_at.and(self.sent_at).unwrap_or(self.created_at),
        })
    }
}

/// The first words of a message for a list, at most 140 characters.
#[must_use]
pub fn preview(body: &str, attachments: &[Attachment]) -> String {
    let text = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return attachments.first().map_or_else(String::new, |first| format!("[{}]", first.kind));
    }
    match text.char_indices().nth(139) {
        Some((cut, _)) if text[cut..].chars().nth(1).is_some() => format!("{}…", &text[..cut]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::preview;

    #[test]
    fn a_preview_is_one_line_of_at_most_140_characters() {
        assert_eq!(preview(" hello\n  there ", &[]), "hello there");
        assert_eq!(preview(&"ሰ".repeat(140), &[]).chars().count(), 140);
        let long = preview(&"ሰ".repeat(500), &[]);
        assert_eq!(long.chars().count(), 140);
        assert!(long.ends_with('…'));
    }
}
