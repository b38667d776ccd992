//! Messages as rows.

use bus::{Outcome, Tx};
use model::{
    AccountId, Attachment, ChannelId, ContactId, ContentType, ConversationId, Direction, MessageId,
    MessageStatus, SenderType, TemplateId, Time, UserId,
    view::{DeliveryError, MessageView},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A message that is about to be written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub view: MessageView,
    /// Epoch of the bot that wrote it; dispatch drops it when the conversation has moved on.
    pub bot_epoch: Option<i32>,
    /// The provider's id of an inbound message.
    pub external_id: Option<String>,
}

impl NewMessage {
    /// A message with its required parts; the rest is filled by struct update on `view`.
    #[must_use]
    pub fn new(account_id: AccountId, direction: Direction, sender_type: SenderType, now: Time) -> Self {
        let id = MessageId::new();
        Self {
            view: MessageView {
                id,
                message_id: id,
                account_id,
                conversation_id: None,
                channel_id: None,
                contact_id: None,
                direction,
                sender_type,
                sender_id: None,
                sender_name: None,
                sender_avatar_url: None,
                message_body: String::new(),
                content: String::new(),
                content_type: ContentType::Text,
                attachments: Vec::new(),
                is_private: false,
                status: MessageStatus::Queued,
                error: None,
                seq: None,
                client_message_id: None,
                reply_to: None,
                mentions: Vec::new(),
                template_id: None,
                original_template: None,
                delivery_address: String::new(),
                metadata: json!({}),
                scheduled_at: None,
                sent_at: None,
                delivered_at: None,
                read_at: None,
                failed_at: None,
                created_at: now,
            },
            bot_epoch: None,
            external_id: None,
        }
    }

    /// Sets the text and its alias.
    pub fn set_body(&mut self, body: String) {
        self.view.content.clone_from(&body);
        self.view.message_body = body;
    }
}

/// Writes messages; one statement.
pub async fn insert(tx: &mut Tx, messages: &[NewMessage]) -> Outcome<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let rows = messages
        .iter()
        .map(|message| {
            let view = &message.view;
            json!({
                "id": view.id, "account_id": view.account_id, "channel_id": view.channel_id,
                "contact_id": view.contact_id, "conversation_id": view.conversation_id, "seq": view.seq,
                "direction": view.direction, "status": view.status, "sender_type": view.sender_type,
                "sender_id": view.sender_id, "sender_name": view.sender_name,
                "delivery_address": view.delivery_address, "message_body": view.message_body,
                "original_template": view.original_template, "template_id": view.template_id,
                "content_type": view.content_type, "attachments": view.attachments,
                "is_private": view.is_private, "mentions": view.mentions, "reply_to": view.reply_to,
                "client_message_id": view.client_message_id, "bot_epoch": message.bot_epoch,
                "external_id": message.external_id, "attempts": 0, "metadata": view.metadata,
                "scheduled_at": view.scheduled_at, "sent_at": view.sent_at,
                "delivered_at": view.delivered_at, "created_at": view.created_at,
                "updated_at": view.created_at,
            })
        })
        .collect::<Vec<Value>>();
    sqlx::query!(
        "INSERT INTO messages (id, account_id, channel_id, contact_id, conversation_id, seq, direction, status,
             sender_type, sender_id, sender_name, delivery_address, message_body, original_template,
             template_id, content_type, attachments, is_private, mentions, reply_to, client_message_id,
             bot_epoch, external_id, attempts, metadata, scheduled_at, sent_at, delivered_at, created_at,
             updated_at)
         SELECT id, account_id, channel_id, contact_id, conversation_id, seq, direction, status, sender_type,
                sender_id, sender_name, delivery_address, message_body, original_template, template_id,
                content_type, attachments, is_private, mentions, reply_to, client_message_id, bot_epoch,
                external_id, attempts, metadata, scheduled_at, sent_at, delivered_at, created_at, updated_at
         FROM jsonb_populate_recordset(NULL::messages, $1)",
        Value::Array(rows),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// One message of the scope, or none.
pub async fn load(tx: &mut Tx, id: MessageId) -> Outcome<Option<MessageView>> {
    Ok(load_many(tx, &[id]).await?.pop())
}

pub(crate) struct Row {
    pub id: Uuid,
    pub account_id: Uuid,
    pub conversation_id: Option<Uuid>,
    pub channel_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub direction: Direction,
    pub sender_type: SenderType,
    pub sender_id: Option<Uuid>,
    pub sender_name: Option<String>,
    pub sender_avatar_url: Option<String>,
    pub message_body: String,
    pub content_type: ContentType,
    pub attachments: Value,
    pub is_private: bool,
    pub status: MessageStatus,
    pub error_details: Option<Value>,
    pub seq: Option<i64>,
    pub client_message_id: Option<Uuid>,
    pub reply_to: Option<Uuid>,
    pub mentions: Vec<Uuid>,
    pub template_id: Option<Uuid>,
    pub original_template: Option<String>,
    pub delivery_address: String,
    pub metadata: Value,
    pub scheduled_at: Option<Time>,
    pub sent_at: Option<Time>,
    pub delivered_at: Option<Time>,
    pub read_at: Option<Time>,
    pub failed_at: Option<Time>,
    pub created_at: Time,
}

impl From<Row> for MessageView {
    fn from(row: Row) -> Self {
        Self {
            id: MessageId(row.id),
            message_id: MessageId(row.id),
            account_id: AccountId(row.account_id),
            conversation_id: row.conversation_id.map(ConversationId),
            channel_id: row.channel_id.map(ChannelId),
            contact_id: row.contact_id.map(ContactId),
            direction: row.direction,
            sender_type: row.sender_type,
            sender_id: row.sender_id,
            sender_name: row.sender_name,
            sender_avatar_url: row.sender_avatar_url,
            content: row.message_body.clone(),
            message_body: row.message_body,
            content_type: row.content_type,
            attachments: shown(row.attachments),
            is_private: row.is_private,
            status: row.status,
            error: row
                .error_details
                .and_then(|details| serde_json::from_value::<DeliveryError>(details).ok()),
            seq: row.seq,
            client_message_id: row.client_message_id,
            reply_to: row.reply_to.map(MessageId),
            mentions: row.mentions.into_iter().map(UserId).collect(),
            template_id: row.template_id.map(TemplateId),
            original_template: row.original_template,
            delivery_address: row.delivery_address,
            metadata: row.metadata,
            scheduled_at: row.scheduled_at,
            sent_at: row.sent_at,
            delivered_at: row.delivered_at,
            read_at: row.read_at,
            failed_at: row.failed_at,
            created_at: row.created_at,
        }
    }
}

/// Attachments as readers see them: a reference to a file that still lies at the provider is not for them.
fn shown(stored: Value) -> Vec<Attachment> {
    let mut attachments: Vec<Attachment> = serde_json::from_value(stored).unwrap_or_default();
    for attachment in &mut attachments {
        attachment.provider_file = None;
    }
    attachments
}

/// These messages of the scope, oldest first; unknown ids are left out.
pub async fn load_many(tx: &mut Tx, ids: &[MessageId]) -> Outcome<Vec<MessageView>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, account_id, conversation_id, channel_id, contact_id, direction AS "direction: Direction",
                  sender_type AS "sender_type: SenderType", sender_id, sender_name,
                  (SELECT u.avatar_url FROM users u WHERE sender_type = 'agent' AND u.id = sender_id)
                      AS sender_avatar_url,
                  message_body, content_type AS "content_type: ContentType", attachments, is_private,
                  status AS "status: MessageStatus", error_details, seq, client_message_id, reply_to, mentions,
                  template_id, original_template, delivery_address, metadata, scheduled_at, sent_at,
                  delivered_at, read_at, failed_at, created_at
           FROM messages WHERE id = ANY ($1) ORDER BY id"#,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(MessageView::from).collect())
}
