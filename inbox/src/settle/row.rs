//! A locked message as far as its delivery is concerned.

use std::collections::HashMap;

use bus::{Outcome, Tx};
use model::{
    AccountId, Audience, ConversationId, Event, GroupMessageId, MessageId, MessageStatus, Time,
    group_message::RecipientState, message::MessageStep, view::DeliveryError,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Unit,
    conversations::Conversation,
    group_messages::ledger::{self, Move},
};

/// Its fields are absolute values; [`save`] writes them all.
#[derive(Debug, Clone)]
pub(crate) struct MessageRow {
    pub id: MessageId,
    pub account_id: AccountId,
    pub conversation_id: Option<ConversationId>,
    /// It is a recipient's; the ledger follows its status.
    pub group_message_id: Option<GroupMessageId>,
    pub status: MessageStatus,
    pub is_private: bool,
    pub external_id: Option<String>,
    pub error: Option<Value>,
    pub metadata: Value,
    pub next_attempt_at: Option<Time>,
    pub sent_at: Option<Time>,
    pub delivered_at: Option<Time>,
    pub read_at: Option<Time>,
    pub failed_at: Option<Time>,
    is_changed: bool,
    /// Readers must be told.
    is_news: bool,
}

impl MessageRow {
    /// Moves on if the table of transitions allows it; `false`: the step is late and changes nothing.
    pub(crate) fn step(&mut self, step: MessageStep, at: Time, error: Option<&DeliveryError>) -> bool {
        let Some(next) = self.status.after(step) else { return false };
        self.status = next;
        match next {
            MessageStatus::Sent => self.sent_at = self.sent_at.or(Some(at)),
            MessageStatus::Delivered => {
                self.sent_at = self.sent_at.or(Some(at));
                self.delivered_at = self.delivered_at.or(Some(at));
                self.failed_at = None;
            }
            MessageStatus::Failed | MessageStatus::PermanentlyFailed => self.failed_at = Some(at),
            _ => {}
        }
        // an error belongs to the status that it led to
        self.error = error.and_then(|error| serde_json::to_value(error).ok());
        self.is_changed = true;
        self.is_news = true;
        true
    }

    /// Nobody could tell for a day what became of it: it counts as failed.
    pub(crate) fn expire(&mut self, at: Time) {
        let error = DeliveryError {
            class: "unknown".to_owned(),
            code: "outcome_unknown".to_owned(),
            message: "it may have been sent: its outcome could not be learned for a day".to_owned(),
        };
        self.step(MessageStep::Refused, at, Some(&error));
    }

    /// The customer has read it.
    pub(crate) fn read(&mut self, at: Time) {
        if self.read_at.is_none() {
            self.read_at = Some(at);
            self.is_changed = true;
            self.is_news = true;
        }
    }

    /// Keeps what the provider says of the message besides its status.
    pub(crate) fn note_facts(&mut self, facts: Value) {
        let Value::Object(facts) = facts else { return };
        if !self.metadata.is_object() {
            self.metadata = json!({});
        }
        for (name, value) in facts {
            self.metadata["provider"][name] = value;
        }
        self.is_changed = true;
    }

    /// Something that readers need not be told of changed.
    pub(crate) fn touch(&mut self) {
        self.is_changed = true;
    }

    /// Notes a request's worth of it that the provider took. Returns how many are taken.
    pub(crate) fn note_part(&mut self, index: usize, provider_message_id: &str) -> usize {
        if index == 0 || self.external_id.is_none() {
            self.external_id = Some(provider_message_id.to_owned());
        }
        let parts = self.parts_mut();
        if !parts.iter().any(|part| part["id"] == provider_message_id) {
            parts.push(json!({"index": index, "id": provider_message_id}));
        }
        let taken = parts.len();
        self.is_changed = true;
        taken
    }

    /// Notes that a part arrived; true when all `parts` of the message have.
    pub(crate) fn part_arrived(&mut self, provider_message_id: &str) -> bool {
        let total = self.metadata["parts_total"].as_u64().unwrap_or(1);
        if total <= 1 {
            return true;
        }
        let parts = self.parts_mut();
        for part in parts.iter_mut().filter(|part| part["id"] == provider_message_id) {
            part["delivered"] = true.into();
        }
        let arrived = parts.iter().filter(|part| part["delivered"] == true).count() as u64;
        self.is_changed = true;
        arrived >= total
    }

    fn parts_mut(&mut self) -> &mut Vec<Value> {
        if !self.metadata.is_object() {
            self.metadata = json!({});
        }
        if !self.metadata["parts"].is_array() {
            self.metadata["parts"] = json!([]);
        }
        match &mut self.metadata["parts"] {
            Value::Array(parts) => parts,
            _ => unreachable!("made an array above"),
        }
    }
}

/// Locks messages in the order of their ids. Their conversations must be locked before.
pub(crate) async fn lock(tx: &mut Tx, ids: &[MessageId]) -> Outcome<HashMap<MessageId, MessageRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT id, account_id, conversation_id, group_message_id, status AS "status: MessageStatus", is_private, external_id,
                  error_details, metadata, next_attempt_at, sent_at, delivered_at, read_at, failed_at
           FROM messages WHERE id = ANY ($1) ORDER BY id FOR UPDATE"#,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = MessageId(row.id);
            let message = MessageRow {
                id,
                account_id: AccountId(row.account_id),
                conversation_id: row.conversation_id.map(ConversationId),
                group_message_id: row.group_message_id.map(GroupMessageId),
                status: row.status,
                is_private: row.is_private,
                external_id: row.external_id,
                error: row.error_details,
                metadata: row.metadata,
                next_attempt_at: row.next_attempt_at,
                sent_at: row.sent_at,
                delivered_at: row.delivered_at,
                read_at: row.read_at,
                failed_at: row.failed_at,
                is_changed: false,
                is_news: false,
            };
            (id, message)
        })
        .collect())
}

/// Writes what changed and records the news in the threads; then the conversations.
pub(crate) async fn save(
    unit: &mut Unit,
    messages: HashMap<MessageId, MessageRow>,
    mut conversations: Vec<Conversation>,
) -> Outcome<()> {
    let mut changed: Vec<MessageRow> = messages.into_values().filter(|message| message.is_changed).collect();
    changed.sort_unstable_by_key(|message| message.id);
    write(unit, &changed).await?;
    let mut touched = Vec::new();
    for message in changed.iter().filter(|message| message.is_news) {
        let found = message.conversation_id.and_then(|id| conversations.iter_mut().find(|c| c.id == id));
        let Some(conversation) = found else { continue };
        let seq = conversation.next_seq();
        touched.push(conversation.id);
        let error = message.error.clone().and_then(|error| serde_json::from_value(error).ok());
        let event = Event::MessageStatusChanged {
            account_id: message.account_id,
            conversation_id: conversation.id,
            message_id: message.id,
            status: message.status,
            read_at: message.read_at,
            error,
            is_private: message.is_private,
        };
        unit.record_in_thread(event, Audience::Thread, seq);
    }
    conversations.retain(|conversation| touched.contains(&conversation.id));
    crate::conversations::save(unit.tx(), &mut conversations).await?;
    let moves: Vec<Move> = changed.iter().filter_map(recipient).collect();
    ledger::follow(unit, &moves).await
}

/// What a message of a group message means for its recipient.
fn recipient(message: &MessageRow) -> Option<Move> {
    let to = RecipientState::of(message.status);
    let error =
        message.error.as_ref().filter(|_| matches!(to, RecipientState::Failed | RecipientState::Unknown));
    let reason = error.and_then(|error| error["code"].as_str()).map(str::to_owned);
    Some(Move { key: (message.group_message_id?, message.id), to, reason })
}

async fn write(unit: &mut Unit, changed: &[MessageRow]) -> Outcome<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let now = unit.now();
    let ids: Vec<Uuid> = changed.iter().map(|message| message.id.uuid()).collect();
    let statuses: Vec<&str> = changed.iter().map(|message| message.status.as_str()).collect();
    let externals: Vec<Option<&str>> = changed.iter().map(|message| message.external_id.as_deref()).collect();
    let errors: Vec<Option<Value>> = changed.iter().map(|message| message.error.clone()).collect();
    let metadata: Vec<Value> = changed.iter().map(|message| message.metadata.clone()).collect();
    let times = |of: fn(&MessageRow) -> Option<Time>| changed.iter().map(of).collect::<Vec<Option<Time>>>();
    sqlx::query!(
        "UPDATE messages m SET status = u.status, external_id = u.external_id, error_details = u.error_details,
                metadata = u.metadata, next_attempt_at = u.next_attempt_at, sent_at = u.sent_at,
                delivered_at = u.delivered_at, read_at = u.read_at, failed_at = u.failed_at, updated_at = $11
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::timestamptz[],
                     $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])
              AS u (id, status, external_id, error_details, metadata, next_attempt_at, sent_at, delivered_at,
                    read_at, failed_at)
         WHERE m.id = u.id",
        &ids,
        &statuses as &[&str],
        &externals as &[Option<&str>],
        &errors as &[Option<Value>],
        &metadata,
        &times(|message| message.next_attempt_at) as &[Option<Time>],
        &times(|message| message.sent_at) as &[Option<Time>],
        &times(|message| message.delivered_at) as &[Option<Time>],
        &times(|message| message.read_at) as &[Option<Time>],
        &times(|message| message.failed_at) as &[Option<Time>],
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}
