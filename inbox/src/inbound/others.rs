//! What customers do besides writing: changing and taking back, reacting, moving, opting out, reading.

use bus::Outcome;
use model::{
    AccountId, ContentType, ConversationId, Direction, Event, MessageId, MessageStatus, SenderType, Time,
    message::MessageStep,
    suppression::SuppressionReason,
    view::{MessageView, preview},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{InboundItem, InboundKind, receive::claim_ids};
use crate::{
    Unit, conversations,
    messages::{NewMessage, insert, load, say_as_channel},
    settle::row,
    suppressions::{self, Suppress},
};

/// Messages that one moment of reading may mark.
const MOST_SEEN: i64 = 200;

/// Receives one item that is no message.
pub(super) async fn receive_other(
    unit: &mut Unit,
    account: AccountId,
    item: &InboundItem,
    now: Time,
) -> Outcome<()> {
    if let Some(key) = item.dedup_key() {
        let repeated = InboundItem { external_id: key, ..item.clone() };
        if claim_ids(unit.tx(), &[(account, repeated)], &[MessageId::new()], now).await?.is_empty() {
            return Ok(());
        }
    }
    match &item.kind {
        InboundKind::Message => Ok(()),
        InboundKind::Edit { .. } => edit(unit, account, item, now).await,
        InboundKind::Revoked => revoke(unit, account, item, now).await,
        InboundKind::Reacted { emoji } => react(unit, account, item, emoji.as_deref(), now).await,
        InboundKind::Moved { to } => moved(unit, account, item, to, now).await,
        InboundKind::OptedOut { answer } => {
            let is_new = suppress(unit, account, item, SuppressionReason::OptOut, now).await?;
            note_opt_out(unit, account, item, json!(item.at), now).await?;
            match answer {
                Some(answer) if is_new => answer_word(unit, item, answer, "stop").await,
                _ => Ok(()),
            }
        }
        InboundKind::OptedIn { answer } => {
            let was = release(unit, account, item).await?;
            note_opt_out(unit, account, item, Value::Null, now).await?;
            match answer {
                Some(answer) if was => answer_word(unit, item, answer, "start").await,
                _ => Ok(()),
            }
        }
        InboundKind::Undeliverable => {
            suppress(unit, account, item, SuppressionReason::Bounce, now).await.map(drop)
        }
        InboundKind::Complained => {
            suppress(unit, account, item, SuppressionReason::Complaint, now).await.map(drop)
        }
        InboundKind::AskedHelp { answer } => answer_word(unit, item, answer, "help").await,
        InboundKind::SeenUpTo { read } => seen(unit, item, *read).await,
        InboundKind::WasWrittenTo => written_elsewhere(unit, account, item, now).await,
        InboundKind::TemplateDecided { status, quality } => {
            sqlx::query!(
                "UPDATE templates SET approval_status = COALESCE($3, approval_status),
                        quality = COALESCE($4, quality), updated_at = $5
                 WHERE account_id = $1 AND external_template_id = $2",
                account.uuid(),
                item.external_id,
                status.as_deref(),
                quality.as_deref(),
                now,
            )
            .execute(&mut **unit.tx())
            .await?;
            Ok(())
        }
    }
}

async fn moved(unit: &mut Unit, account: AccountId, item: &InboundItem, to: &str, now: Time) -> Outcome<()> {
    sqlx::query!(
        "UPDATE contact_identifiers i SET identifier = $4, updated_at = $5
         WHERE account_id = $1 AND channel_type = $2 AND identifier = $3 AND NOT EXISTS (
             SELECT 1 FROM contact_identifiers o
             WHERE o.account_id = $1 AND o.channel_type = $2 AND o.identifier = $4)",
        account.uuid(),
        item.channel_type.as_str(),
        item.sender,
        to,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    sqlx::query!(
        "UPDATE conversations c SET contact_identifier = $3,
                thread_key = CASE WHEN thread_key = $2 THEN $3 ELSE thread_key END,
                version = version + 1, updated_at = $4
         WHERE channel_id = $1 AND contact_identifier = $2 AND account_id = $5
           AND status NOT IN ('resolved', 'closed') AND NOT EXISTS (
               SELECT 1 FROM conversations o WHERE o.channel_id = $1 AND o.thread_key = $3
                 AND o.status NOT IN ('resolved', 'closed'))",
        item.channel_id.uuid(),
        item.sender,
        to,
        now,
        account.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// Nothing more is sent to this address on this channel. Returns whether that is news.
async fn suppress(
    unit: &mut Unit,
    account: AccountId,
    item: &InboundItem,
    reason: SuppressionReason,
    now: Time,
) -> Outcome<bool> {
    let new = Suppress {
        account_id: account,
        channel_type: item.channel_type,
        channel_id: Some(item.channel_id),
        address: &item.sender,
        reason,
        note: Some(&item.text).filter(|text| !text.is_empty()).map(String::as_str),
    };
    suppressions::suppress(unit.tx(), &new, now).await
}

/// Returns whether the address was suppressed.
async fn release(unit: &mut Unit, account: AccountId, item: &InboundItem) -> Outcome<bool> {
    suppressions::lift(unit.tx(), account, item.channel_type, Some(item.channel_id), &item.sender).await
}

async fn note_opt_out(
    unit: &mut Unit,
    account: AccountId,
    item: &InboundItem,
    since: Value,
    now: Time,
) -> Outcome<()> {
    sqlx::query!(
        "UPDATE contact_identifiers SET metadata = metadata || jsonb_build_object('opted_out_at', $4::jsonb),
                updated_at = $5
         WHERE account_id = $1 AND channel_type = $2 AND identifier = $3",
        account.uuid(),
        item.channel_type.as_str(),
        item.sender,
        since,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// The channel's own answer to STOP, START or HELP; it leaves even to an address that is suppressed.
async fn answer_word(unit: &mut Unit, item: &InboundItem, answer: &str, word: &str) -> Outcome<()> {
    let Some(mut conversation) = conversation_of(unit, item).await? else { return Ok(()) };
    say_as_channel(unit, &mut conversation, answer, word).await?;
    conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await
}

/// The conversation of the item's thread, locked, unless it is closed.
async fn conversation_of(
    unit: &mut Unit,
    item: &InboundItem,
) -> Outcome<Option<conversations::Conversation>> {
    let thread = (item.channel_id, item.thread_key.clone());
    let found = conversations::find_live(unit.tx(), &[thread]).await?;
    let Some((_, _, id)) = found.first() else { return Ok(None) };
    let conversation = conversations::lock(unit.tx(), &[*id]).await?.pop();
    Ok(conversation.filter(|conversation| conversation.status != model::ConversationStatus::Closed))
}

/// Marks what was sent to this customer until then.
async fn seen(unit: &mut Unit, item: &InboundItem, read: bool) -> Outcome<()> {
    let Some(conversation) = conversation_of(unit, item).await? else { return Ok(()) };
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM messages
           WHERE conversation_id = $1 AND account_id = $2 AND direction = 'outbound' AND NOT is_private
             AND status IN ('sent', 'delivered') AND read_at IS NULL AND sent_at <= $3
           ORDER BY seq DESC LIMIT $4"#,
        conversation.id.uuid(),
        conversation.account_id.uuid(),
        item.at,
        MOST_SEEN,
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let ids: Vec<MessageId> = ids.into_iter().map(MessageId).collect();
    let mut messages = row::lock(unit.tx(), &ids).await?;
    for message in messages.values_mut() {
        message.step(MessageStep::ReceiptDelivered, item.at, None);
        if read {
            message.read(item.at);
        }
    }
    row::save(unit, messages, vec![conversation]).await
}

/// Somebody of ours answered with the provider's own app: the thread shows it, and the bot falls silent. A
/// customer who has no conversation here is left alone.
async fn written_elsewhere(
    unit: &mut Unit,
    account: AccountId,
    item: &InboundItem,
    now: Time,
) -> Outcome<()> {
    let Some(mut conversation) = conversation_of(unit, item).await? else { return Ok(()) };
    conversation.hand_over();
    conversation.waiting_since = None;
    conversation.last_message_at = Some(now);
    conversation.last_message_preview = Some(preview(&item.text, &item.attachments));
    conversation.last_sender_type = Some(SenderType::Agent);
    conversation.updated_at = now;
    let mut message = NewMessage::new(account, Direction::Outbound, SenderType::Agent, now);
    let seq = conversation.next_seq();
    message.view.conversation_id = Some(conversation.id);
    message.view.channel_id = Some(item.channel_id);
    message.view.contact_id = Some(conversation.contact.id);
    message.view.sender_name = Some("Provider's app".to_owned());
    message.view.status = MessageStatus::Sent;
    message.view.sent_at = Some(item.at);
    message.view.delivery_address.clone_from(&item.sender);
    message.view.content_type =
        item.attachments.first().map_or(ContentType::Text, |attachment| attachment.kind.into());
    message.view.attachments.clone_from(&item.attachments);
    message.view.metadata = json!({"written_elsewhere": true});
    message.view.seq = Some(seq);
    message.external_id = Some(item.external_id.clone());
    message.set_body(item.text.clone());
    insert(unit.tx(), std::slice::from_ref(&message)).await?;
    unit.record_in_thread(
        Event::MessageCreated { message: message.view, conversation: conversation.view() },
        conversation.audience(),
        seq,
    );
    conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await
}

/// The customer changed a message: it has its new text.
async fn edit(unit: &mut Unit, account: AccountId, item: &InboundItem, now: Time) -> Outcome<()> {
    change(unit, account, item, now, |message| {
        if let Value::Object(metadata) = &mut message.metadata {
            metadata.entry("original_body").or_insert_with(|| json!(message.message_body));
            metadata.insert("edited_at".to_owned(), json!(item.at));
        }
        message.message_body.clone_from(&item.text);
        message.content.clone_from(&message.message_body);
    })
    .await
}

/// The customer took a message back: agents still see what it said, and that it is gone for the customer.
async fn revoke(unit: &mut Unit, account: AccountId, item: &InboundItem, now: Time) -> Outcome<()> {
    change(unit, account, item, now, |message| {
        message.metadata["revoked_at"] = json!(item.at);
    })
    .await
}

async fn react(
    unit: &mut Unit,
    account: AccountId,
    item: &InboundItem,
    emoji: Option<&str>,
    now: Time,
) -> Outcome<()> {
    change(unit, account, item, now, |message| {
        message.metadata["reacted_at"] = json!(item.at);
        if !message.metadata["reactions"].is_object() {
            message.metadata["reactions"] = json!({});
        }
        if let Value::Object(reactions) = &mut message.metadata["reactions"] {
            match emoji {
                Some(emoji) => drop(reactions.insert(item.sender.clone(), emoji.into())),
                None => drop(reactions.remove(&item.sender)),
            }
        }
    })
    .await
}

/// Changes a message that the customer names by the provider's id: it appears again in the thread under its
/// id. One that never reached us (it was written before the channel was connected) is left alone.
async fn change(
    unit: &mut Unit,
    account: AccountId,
    item: &InboundItem,
    now: Time,
    how: impl FnOnce(&mut MessageView),
) -> Outcome<()> {
    let message_id = sqlx::query_scalar!(
        "SELECT message_id FROM provider_ids
         WHERE channel_id = $1 AND provider_message_id = $2 AND account_id = $3 AND message_id IS NOT NULL
         LIMIT 1",
        item.channel_id.uuid(),
        item.external_id,
        account.uuid(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?
    .flatten();
    let Some(id) = message_id.map(MessageId) else { return Ok(()) };
    let conversation_id = sqlx::query_scalar!(
        "SELECT conversation_id FROM messages WHERE id = $1 AND account_id = $2",
        id.uuid(),
        account.uuid(),
    )
    .fetch_optional(&mut **unit.tx())
    .await?
    .flatten();
    let Some(conversation_id) = conversation_id.map(ConversationId) else { return Ok(()) };
    let Some(mut conversation) = conversations::lock(unit.tx(), &[conversation_id]).await?.pop() else {
        return Ok(());
    };
    // read under the conversation's lock: whoever else changes the message holds it as well
    let Some(mut message) = load(unit.tx(), id).await? else { return Ok(()) };
    if !message.metadata.is_object() {
        message.metadata = json!({});
    }
    how(&mut message);
    let uuid: Uuid = id.uuid();
    sqlx::query!(
        "UPDATE messages SET message_body = $2, metadata = $3, updated_at = $4
         WHERE id = $1 AND account_id = $5",
        uuid,
        message.message_body,
        message.metadata,
        now,
        account.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    let seq = conversation.next_seq();
    conversation.updated_at = now;
    unit.record_in_thread(
        Event::MessageCreated { message, conversation: conversation.view() },
        conversation.audience(),
        seq,
    );
    conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await
}
