//! A visitor's own conversation.

use bus::{Outcome, Scope, Task, Tx};
use model::{
    ChannelId, ConversationId, ConversationStatus, Error, MessageId, MessageStatus, Result, VisitorId,
    message::MessageStep, view::ConversationView,
};
use uuid::Uuid;

use super::{
    commands::{ask_for_rating, finish, mark_read, record_status, shown},
    lock, save,
};
use crate::{Inbox, Visitor, assignment};

/// The newest conversation of the visitor, whatever its status.
pub(crate) async fn current_id(tx: &mut Tx, visitor: &Visitor) -> Outcome<Option<ConversationId>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM conversations WHERE channel_id = $1 AND thread_key = $2 AND account_id = $3
         ORDER BY created_at DESC LIMIT 1",
        visitor.channel_id().uuid(),
        visitor.visitor_id().to_string(),
        visitor.account_id().uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .map(ConversationId))
}

/// The newest conversation of each of these visitors that is neither resolved nor closed.
pub async fn open_of(
    inbox: &Inbox,
    visitors: &[(ChannelId, VisitorId)],
) -> Outcome<Vec<(ChannelId, VisitorId, ConversationId)>> {
    let (channels, keys): (Vec<Uuid>, Vec<String>) =
        visitors.iter().map(|(channel, visitor)| (channel.uuid(), visitor.to_string())).unzip();
    let (channels, keys) = (&channels, &keys);
    let rows = inbox
        .store()
        .read(Scope::System(Task::Door), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT c.channel_id, c.thread_key, c.id
                 FROM unnest($1::uuid[], $2::text[]) AS v (channel_id, thread_key)
                 JOIN conversations c ON c.channel_id = v.channel_id AND c.thread_key = v.thread_key
                 WHERE c.status NOT IN ('resolved', 'closed')",
                channels,
                keys,
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let found = rows.into_iter().filter_map(|row| {
        Some((ChannelId(row.channel_id), row.thread_key.parse().ok()?, ConversationId(row.id)))
    });
    Ok(found.collect())
}

/// Whether a message is one of the visitor's current thread and not private.
pub(crate) async fn owns_message(tx: &mut Tx, visitor: &Visitor, id: MessageId) -> Outcome<bool> {
    let Some(conversation) = current_id(tx, visitor).await? else { return Ok(false) };
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM messages WHERE id = $1 AND conversation_id = $2 AND NOT is_private)
           AS "owns!""#,
        id.uuid(),
        conversation.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// The visitor's conversation, unless it is closed.
pub async fn current(inbox: &Inbox, visitor: &Visitor) -> Result<Option<ConversationView>> {
    inbox
        .store()
        .write(visitor.account_id(), |mut tx| async move {
            let Some(id) = current_id(&mut tx, visitor).await? else { return Ok(None) };
            let found = lock(&mut tx, &[id]).await?.pop();
            Ok(found.filter(|c| c.status != ConversationStatus::Closed).map(|c| shown(&c)))
        })
        .await
        .map_err(Into::into)
}

/// The visitor has seen the thread up to `seq`, or up to its head: our messages up to there are delivered and read.
pub async fn read(inbox: &Inbox, visitor: &Visitor, seq: i64) -> Result<i64> {
    seen(inbox, visitor, seq, true).await
}

/// The visitor's socket has got the thread up to `seq`: our messages up to there are delivered.
pub async fn delivered(inbox: &Inbox, visitor: &Visitor, seq: i64) -> Result<()> {
    seen(inbox, visitor, seq, false).await?;
    Ok(())
}

async fn seen(inbox: &Inbox, visitor: &Visitor, seq: i64, is_read: bool) -> Result<i64> {
    inbox
        .write(visitor.account_id(), |mut unit| async move {
            let Some(id) = current_id(unit.tx(), visitor).await? else {
                return Err(Error::not_found("conversation").into());
            };
            let Some(mut conversation) = lock(unit.tx(), &[id]).await?.pop() else {
                return Err(Error::not_found("conversation").into());
            };
            let seq = seq.clamp(0, conversation.head);
            let now = unit.now();
            let rows = sqlx::query!(
                r#"UPDATE messages m SET status = 'delivered', delivered_at = coalesce(m.delivered_at, $3),
                          read_at = CASE WHEN $4 THEN coalesce(m.read_at, $3) ELSE m.read_at END, updated_at = $3
                   FROM (SELECT id, status, read_at FROM messages
                         WHERE conversation_id = $1 AND seq <= $2 AND direction = 'outbound' AND NOT is_private
                           AND (status = 'sent' OR ($4 AND status = 'delivered' AND read_at IS NULL))
                         ORDER BY id FOR UPDATE) o
                   WHERE m.id = o.id
                   RETURNING m.id, o.status AS "before: MessageStatus", m.read_at"#,
                id.uuid(),
                seq,
                now,
                is_read,
            )
            .fetch_all(&mut **unit.tx())
            .await?;
            if is_read {
                mark_read(&mut unit, &conversation, visitor.visitor_id().uuid(), seq).await?;
            }
            for row in &rows {
                let after = row.before.after(MessageStep::ReceiptDelivered).unwrap_or(MessageStatus::Delivered);
                record_status(&mut unit, &mut conversation, MessageId(row.id), after, row.read_at, None);
            }
            if !rows.is_empty() {
                save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            }
            unit.commit(seq).await
        })
        .await
        .map_err(Into::into)
}

/// The visitor ends the chat: resolved.
pub async fn close(inbox: &Inbox, visitor: &Visitor) -> Result<ConversationView> {
    inbox
        .write(visitor.account_id(), |mut unit| async move {
            let Some(id) = current_id(unit.tx(), visitor).await? else {
                return Err(Error::not_found("conversation").into());
            };
            let Some(mut conversation) = lock(unit.tx(), &[id]).await?.pop() else {
                return Err(Error::not_found("conversation").into());
            };
            if conversation.status.is_live() {
                unit.act_as(conversation.customer());
                let frees =
                    assignment::let_go(&mut unit, &mut conversation, ConversationStatus::Resolved).await?;
                ask_for_rating(&mut unit, &mut conversation);
                finish(&mut unit, &mut conversation, &["status"], frees).await?;
            }
            let view = shown(&conversation);
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// The visitor's rating of the newest conversation, 1 to 5, once it is over.
pub async fn rate(inbox: &Inbox, visitor: &Visitor, rating: i16, comment: Option<String>) -> Result<()> {
    if !(1..=5).contains(&rating) {
        return Err(Error::invalid("rating", "must be 1 to 5"));
    }
    let comment = comment.map(|comment| comment.chars().take(2000).collect::<String>());
    let comment = &comment;
    inbox
        .write(visitor.account_id(), |mut unit| async move {
            let Some(id) = current_id(unit.tx(), visitor).await? else {
                return Err(Error::not_found("conversation").into());
            };
            let Some(mut conversation) = lock(unit.tx(), &[id]).await?.pop() else {
                return Err(Error::not_found("conversation").into());
            };
            if conversation.status.is_live() {
                return Err(Error::conflict("the chat is not over yet")
                    .with("status", conversation.status)
                    .into());
            }
            if conversation.csat_rating == Some(rating) && conversation.csat_comment == *comment {
                // a command that is sent again
                return unit.commit(()).await;
            }
            unit.act_as(conversation.customer());
            conversation.csat_rating = Some(rating);
            conversation.csat_comment.clone_from(comment);
            finish(&mut unit, &mut conversation, &["csat_rating"], false).await?;
            unit.commit(()).await
        })
        .await
        .map_err(Into::into)
}
