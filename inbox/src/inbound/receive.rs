//! Receiving what customers did, as a set: a batch costs about as many statements as one item.

use std::collections::{HashMap, HashSet};

use bus::{Fault, Outcome, Tx};
use model::{
    AccountId, ChannelId, ChannelType, ContentType, ConversationId, ConversationStatus, Direction, Error,
    Event, MessageId, MessageStatus, SenderType, Time, UserId,
    view::{ContactBrief, ConversationView, MessageView, preview},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{InboundItem, InboundKind, contacts, others::receive_other, threads};
use crate::{
    Unit, assignment,
    conversations::{self, Conversation},
    messages::{NewMessage, insert},
    sight,
};

/// What a received message became.
pub type Received = (MessageView, ConversationView);

/// Receives items in their order: contacts and conversations are found or made, messages written,
/// events recorded. An item that was received before leaves no trace. Returns what the messages
/// became; other kinds return nothing.
pub async fn receive(unit: &mut Unit, items: Vec<(AccountId, InboundItem)>) -> Outcome<Vec<Received>> {
    let now = unit.now();
    let (messages, others): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|(_, item)| item.kind == InboundKind::Message);
    let done = receive_messages(unit, messages, now).await?;
    for (account, item) in others {
        receive_other(unit, account, &item, now).await?;
    }
    Ok(done)
}

async fn receive_messages(
    unit: &mut Unit,
    items: Vec<(AccountId, InboundItem)>,
    now: Time,
) -> Outcome<Vec<Received>> {
    let ids: Vec<MessageId> = items.iter().map(|_| MessageId::new()).collect();
    let fresh = claim_ids(unit.tx(), &items, &ids, now).await?;
    let (mut items, ids): (Vec<_>, Vec<_>) =
        items.into_iter().zip(ids).filter(|(_, id)| fresh.contains(&id.uuid())).unzip();
    if items.is_empty() {
        return Ok(Vec::new());
    }
    threads::resolve(unit.tx(), &mut items).await?;
    let contacts = contacts::find_or_make(unit.tx(), &items, now).await?;
    let names = contacts::other_names(unit.tx(), &items, &contacts).await?;
    let mut threads = Threads::lock(unit.tx(), &items, names).await?;
    let replied = replied_to(unit.tx(), &items).await?;

    let mut new_messages = Vec::with_capacity(items.len());
    let mut done = Vec::with_capacity(items.len());
    for ((account, item), id) in items.into_iter().zip(ids) {
        let address = (account, item.channel_type, item.sender.clone());
        let contact = contacts
            .get(&address)
            .ok_or_else(|| Fault::Refused(Error::internal("a sender without a contact")))?;
        unit.trace(item.trace_id.clone());
        let (conversation, reopened) = threads.for_item(unit, account, &item, contact).await?;
        let reply_to = item
            .reply_to_external_id
            .as_ref()
            .and_then(|external| replied.get(&(item.channel_id, external.clone())))
            .copied();
        let trace = item.trace_id.clone();
        let mut message = message_of(account, item, id, contact, conversation, reply_to, now);
        if reopened {
            message.view.metadata["reopened"] = json!(true);
        }
        let view = message.view.clone();
        if let Some(trace) = trace {
            tracing::debug!(trace, message = %view.id, conversation = %conversation.id, "a message is received");
        }
        let event = Event::MessageCreated { message: view.clone(), conversation: conversation.view() };
        unit.record_in_thread(event, conversation.audience(), view.seq.unwrap_or_default());
        done.push((view, conversation.view()));
        new_messages.push(message);
    }
    unit.trace(None);
    insert(unit.tx(), &new_messages).await?;
    conversations::save(unit.tx(), &mut threads.conversations).await?;
    Ok(done)
}

/// Writes the providers' ids; returns the message ids of items that nobody had received.
pub(super) async fn claim_ids(
    tx: &mut Tx,
    items: &[(AccountId, InboundItem)],
    ids: &[MessageId],
    now: Time,
) -> Outcome<HashSet<Uuid>> {
    if items.is_empty() {
        return Ok(HashSet::new());
    }
    let channels: Vec<Uuid> = items.iter().map(|(_, item)| item.channel_id.uuid()).collect();
    let external: Vec<&str> = items.iter().map(|(_, item)| item.external_id.as_str()).collect();
    let accounts: Vec<Uuid> = items.iter().map(|(account, _)| account.uuid()).collect();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let fresh = sqlx::query_scalar!(
        r#"INSERT INTO provider_ids (channel_id, direction, provider_message_id, account_id, message_id, created_at)
           SELECT DISTINCT ON (channel_id, external_id) channel_id, 'inbound', external_id, account_id, id, $5
           FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) WITH ORDINALITY
               AS i (channel_id, external_id, account_id, id, n)
           ORDER BY channel_id, external_id, n
           ON CONFLICT DO NOTHING RETURNING message_id AS "message_id!""#,
        &channels,
        &external as &[&str],
        &accounts,
        &ids,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(fresh.into_iter().collect())
}

/// The messages that these items answer, ours or the customer's own.
async fn replied_to(
    tx: &mut Tx,
    items: &[(AccountId, InboundItem)],
) -> Outcome<HashMap<(ChannelId, String), MessageId>> {
    let (channels, external): (Vec<Uuid>, Vec<&str>) = items
        .iter()
        .filter_map(|(_, item)| Some((item.channel_id.uuid(), item.reply_to_external_id.as_deref()?)))
        .unzip();
    if channels.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT p.channel_id, p.provider_message_id, p.message_id AS "message_id!"
           FROM unnest($1::uuid[], $2::text[]) AS r (channel_id, provider_message_id)
           JOIN provider_ids p USING (channel_id, provider_message_id) WHERE p.message_id IS NOT NULL"#,
        &channels,
        &external as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((ChannelId(row.channel_id), row.provider_message_id), MessageId(row.message_id)))
        .collect())
}

/// Agents who can take an answer now, by account.
type Present = HashSet<(AccountId, UserId)>;

/// The locked conversations of a batch, by thread.
struct Threads {
    conversations: Vec<Conversation>,
    by_thread: HashMap<(ChannelId, String), usize>,
    /// Assignees of pending conversations who can still take an answer.
    present: Present,
    /// Under which other identifiers a sender's conversation may have begun.
    names: HashMap<(ChannelId, String), Vec<String>>,
}

impl Threads {
    async fn lock(
        tx: &mut Tx,
        items: &[(AccountId, InboundItem)],
        names: HashMap<(ChannelId, String), Vec<String>>,
    ) -> Outcome<Self> {
        let mut threads: HashSet<(ChannelId, String)> =
            items.iter().map(|(_, item)| (item.channel_id, item.thread_key.clone())).collect();
        for ((channel, _), others) in &names {
            threads.extend(others.iter().map(|name| (*channel, name.clone())));
        }
        let threads: Vec<_> = threads.into_iter().collect();
        let found = conversations::find_live(tx, &threads).await?;
        let ids: Vec<ConversationId> = found.iter().map(|(_, _, id)| *id).collect();
        let conversations = if ids.is_empty() { Vec::new() } else { conversations::lock(tx, &ids).await? };
        let mut by_thread = HashMap::new();
        for (n, conversation) in conversations.iter().enumerate() {
            // closed while we waited for its lock: a new one is opened
            if conversation.status != ConversationStatus::Closed {
                by_thread.insert((conversation.channel_id, conversation.thread_key.clone()), n);
            }
        }
        let (accounts, agents): (Vec<Uuid>, Vec<Uuid>) = conversations
            .iter()
            .filter(|conversation| conversation.status == ConversationStatus::Pending)
            .filter_map(|one| Some((one.account_id.uuid(), one.assignee_id()?.uuid())))
            .unzip();
        let present = if agents.is_empty() {
            Present::new()
        } else {
            sqlx::query!(
                "SELECT s.account_id, s.user_id
                 FROM unnest($1::uuid[], $2::uuid[]) AS w (account_id, user_id)
                 JOIN agent_state s USING (account_id, user_id) WHERE s.connected AND s.status = 'online'",
                &accounts,
                &agents,
            )
            .fetch_all(&mut **tx)
            .await?
            .into_iter()
            .map(|row| (AccountId(row.account_id), UserId(row.user_id)))
            .collect()
        };
        Ok(Self { conversations, by_thread, present, names })
    }

    /// The conversation that the item belongs to, made, reopened or woken as the rules say, with what
    /// it shows of the message; and whether it was reopened.
    async fn for_item(
        &mut self,
        unit: &mut Unit,
        account: AccountId,
        item: &InboundItem,
        contact: &ContactBrief,
    ) -> Outcome<(&mut Conversation, bool)> {
        let now = unit.now();
        let thread = (item.channel_id, item.thread_key.clone());
        let under_another_name = || {
            let names = self.names.get(&thread)?;
            names.iter().find_map(|name| self.by_thread.get(&(item.channel_id, name.clone())).copied())
        };
        let n = match self.by_thread.get(&thread).copied().or_else(under_another_name) {
            Some(n) => n,
            None => {
                let conversation = Conversation::open(
                    account,
                    (item.channel_id, item.channel_type),
                    contact.clone(),
                    item.sender.clone(),
                    item.thread_key.clone(),
                    now,
                );
                unit.record(
                    Event::ConversationCreated { conversation: conversation.view() },
                    conversation.audience(),
                );
                self.conversations.push(conversation);
                self.by_thread.insert(thread, self.conversations.len() - 1);
                self.conversations.len() - 1
            }
        };
        let present = &self.present;
        let conversation = &mut self.conversations[n];
        let reopened = conversation.status == ConversationStatus::Resolved;
        wake(unit, conversation, present).await?;
        conversation.last_message_at = Some(now);
        conversation.last_inbound_at = Some(now);
        conversation.last_message_preview = Some(preview(&item.text, &item.attachments));
        conversation.last_sender_type = Some(SenderType::Contact);
        conversation.waiting_since = conversation.waiting_since.or(Some(now));
        conversation.unread_count += 1;
        conversation.updated_at = now;
        Ok((conversation, reopened))
    }
}

/// A customer's message on a resolved conversation reopens it; on a pending one it returns to its
/// agent, or to its place in the queue when the agent is gone.
async fn wake(unit: &mut Unit, conversation: &mut Conversation, present: &Present) -> Outcome<()> {
    unit.act_as(conversation.customer());
    match conversation.status {
        ConversationStatus::Resolved => {
            assignment::let_go(unit, conversation, ConversationStatus::Open).await?;
            conversation.record_update(unit, &["status", "assignee_id"], false);
            sight::record_changes(unit, conversation).await?;
        }
        ConversationStatus::Pending
            if conversation
                .assignee_id()
                .is_some_and(|agent| present.contains(&(conversation.account_id, agent))) =>
        {
            assignment::set_pending(unit, conversation, false).await?;
            conversation.record_update(unit, &["status"], false);
        }
        ConversationStatus::Pending => {
            assignment::let_go(unit, conversation, ConversationStatus::Open).await?;
            conversation.enqueue(unit.now());
            conversation.record_update(unit, &["status", "assignee_id"], true);
            sight::record_changes(unit, conversation).await?;
        }
        _ => {}
    }
    unit.act_as(None);
    Ok(())
}

fn message_of(
    account: AccountId,
    item: InboundItem,
    id: MessageId,
    contact: &ContactBrief,
    conversation: &mut Conversation,
    reply_to: Option<MessageId>,
    now: Time,
) -> NewMessage {
    let mut message = NewMessage::new(account, Direction::Inbound, SenderType::Contact, now);
    let seq = conversation.next_seq();
    message.view.id = id;
    message.view.message_id = id;
    message.view.conversation_id = Some(conversation.id);
    message.view.channel_id = Some(item.channel_id);
    message.view.contact_id = Some(contact.id);
    message.view.sender_id = Some(contact.id.uuid());
    message.view.sender_name = Some(item.display_name.unwrap_or_else(|| contact.name.clone()));
    message.view.status = MessageStatus::Delivered;
    message.view.delivered_at = Some(item.at);
    message.view.delivery_address = item.sender;
    message.view.content_type =
        item.attachments.first().map_or(ContentType::Text, |attachment| attachment.kind.into());
    message.view.attachments = item.attachments;
    message.view.reply_to = reply_to;
    message.view.seq = Some(seq);
    if let Value::Object(mut metadata) = item.metadata {
        if item.channel_type == ChannelType::Webchat {
            // a visitor's own key travels back, so that their other tabs recognise the message
            message.view.client_message_id = metadata
                .remove("client_message_id")
                .and_then(|key| key.as_str().and_then(|key| Uuid::parse_str(key).ok()));
            message.view.reply_to =
                metadata.remove("reply_to").and_then(|id| id.as_str().and_then(|id| id.parse().ok()));
        }
        message.view.metadata = Value::Object(metadata);
    }
    message.external_id = Some(item.external_id);
    message.set_body(item.text);
    message
}
