//! Messages whose time comes later or once more: retries by hand, scheduled answers, and the mailbox
//! that carries both to dispatch.

use bus::{Outcome, Tx, mailbox};
use model::{
    AccountId, ChannelType, ConversationId, ConversationStatus, Error, Event, MessageId, MessageStatus,
    Permission, Result, Time,
    event::BoxName,
    message::MessageStep,
    view::{MessageView, preview},
};

use super::entity::load;
use crate::{
    Inbox, Member, Unit,
    conversations::{self, Conversation},
};

/// Puts a queued message behind what waits in its conversation; dispatch takes it from there.
pub(super) async fn queue_reply(
    tx: &mut Tx,
    account_id: AccountId,
    conversation: ConversationId,
    message: MessageId,
) -> Outcome<()> {
    let item = mailbox::NewItem {
        key: mailbox::KeyRef { account_id, key: conversation.to_string() },
        ref_id: message.uuid(),
        payload: None,
        since: None,
        not_before: None,
    };
    mailbox::put(tx, BoxName::Reply, &[item]).await
}

/// Sets the timer that makes a scheduled message due.
pub(super) async fn set_due_timer(tx: &mut Tx, message: &MessageView, at: Time) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO timers (kind, ref, account_id, due_at) VALUES ('message_due', $1::text, $2, $3)
         ON CONFLICT (kind, ref) DO UPDATE SET due_at = excluded.due_at",
        message.id.to_string(),
        message.account_id.uuid(),
        at,
    )
    .execute(&mut **tx)
    .await?;
    tx.nudge_after_commit(bus::nudge::Nudge::Timers);
    Ok(())
}

/// A new attempt of a message that failed or whose outcome is unknown.
pub async fn retry(inbox: &Inbox, member: &Member, id: MessageId) -> Result<MessageView> {
    member.require(Permission::ConversationsReply)?;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let found = load(unit.tx(), id).await?.ok_or_else(|| Error::not_found("message"))?;
            let Some(conversation_id) = found.conversation_id else {
                return Err(Error::conflict("only a message of a conversation can be tried again").into());
            };
            let mut conversation = conversations::lock_visible(unit.tx(), member, conversation_id).await?;
            let status = sqlx::query_scalar!(
                r#"SELECT status AS "status: MessageStatus" FROM messages WHERE id = $1 AND account_id = $2 FOR UPDATE"#,
                id.uuid(),
                member.account_id().uuid(),
            )
            .fetch_one(&mut **unit.tx())
            .await?;
            let status = status.step(MessageStep::AskedAgain)?;
            sqlx::query!(
                "UPDATE messages SET status = $2, error_details = NULL, failed_at = NULL, attempts = 0,
                        metadata = for_another_try(metadata) || jsonb_build_object('retried_at', $3::timestamptz), updated_at = $3
                 WHERE id = $1 AND account_id = $4",
                id.uuid(),
                status.as_str(),
                unit.now(),
                member.account_id().uuid(),
            )
            .execute(&mut **unit.tx())
            .await?;
            queue_reply(unit.tx(), member.account_id(), conversation_id, id).await?;
            conversations::record_status(&mut unit, &mut conversation, id, status, None, None);
            conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            let view = load(unit.tx(), id).await?.ok_or_else(|| Error::not_found("message"))?;
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// Takes a scheduled answer back; one that has left, or is about to, cannot be called back.
pub async fn cancel(inbox: &Inbox, member: &Member, id: MessageId) -> Result<MessageView> {
    member.require(Permission::ConversationsReply)?;
    inbox
        .write(member.account_id(), |mut unit| async move {
            let found = load(unit.tx(), id).await?.ok_or_else(|| Error::not_found("message"))?;
            let Some(conversation_id) = found.conversation_id else {
                return Err(Error::conflict("only a message of a conversation can be taken back").into());
            };
            let mut conversation = conversations::lock_visible(unit.tx(), member, conversation_id).await?;
            unit.act_as(member.actor(None));
            // the timer takes the same lock: what is scheduled now stays so until this is committed
            let found = load(unit.tx(), id).await?.ok_or_else(|| Error::not_found("message"))?;
            if found.status != MessageStatus::Scheduled {
                return Err(Error::conflict("only a message that waits for its time can be taken back")
                    .with("status", found.status)
                    .into());
            }
            drop_scheduled(&mut unit, &mut conversation, id).await?;
            conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            let view = load(unit.tx(), id).await?.ok_or_else(|| Error::not_found("message"))?;
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

/// A scheduled answer will not be sent. The conversation is locked, and saved by the caller.
async fn drop_scheduled(unit: &mut Unit, conversation: &mut Conversation, id: MessageId) -> Outcome<()> {
    let account = conversation.account_id;
    sqlx::query!(
        "UPDATE messages SET status = 'cancelled', updated_at = $2 WHERE id = $1 AND account_id = $3",
        id.uuid(),
        unit.now(),
        account.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    sqlx::query!(
        "DELETE FROM timers WHERE kind = 'message_due' AND ref = $1::text AND account_id = $2",
        id.to_string(),
        account.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    conversations::record_status(unit, conversation, id, MessageStatus::Cancelled, None, None);
    Ok(())
}

/// Makes a scheduled answer due: it enters the thread now, under a number of now, and is queued behind what
/// waits in its conversation. In a conversation that was closed meanwhile it is cancelled, which the thread shows.
pub async fn make_due(inbox: &Inbox, account: AccountId, id: MessageId) -> Outcome<()> {
    inbox
        .write(account, |mut unit| async move {
            let Some(found) = load(unit.tx(), id).await? else { return unit.commit(()).await };
            let Some(conversation_id) = found.conversation_id else { return unit.commit(()).await };
            let Some(mut conversation) = conversations::lock(unit.tx(), &[conversation_id]).await?.pop()
            else {
                return unit.commit(()).await;
            };
            let Some(mut message) = load(unit.tx(), id).await? else { return unit.commit(()).await };
            let Some(queued) = message.status.after(MessageStep::Due) else { return unit.commit(()).await };
            if conversation.status == ConversationStatus::Closed {
                drop_scheduled(&mut unit, &mut conversation, id).await?;
                conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
                return unit.commit(()).await;
            }
            let now = unit.now();
            let is_webchat = conversation.channel_type == ChannelType::Webchat;
            let seq = conversation.next_seq();
            message.status = if is_webchat { MessageStatus::Sent } else { queued };
            message.sent_at = if is_webchat { Some(now) } else { message.sent_at };
            message.seq = Some(seq);
            sqlx::query!(
                "UPDATE messages SET status = $2, sent_at = $3, seq = $4, updated_at = $5
                 WHERE id = $1 AND account_id = $6",
                id.uuid(),
                message.status.as_str(),
                message.sent_at,
                seq,
                now,
                account.uuid(),
            )
            .execute(&mut **unit.tx())
            .await?;
            if !is_webchat {
                queue_reply(unit.tx(), account, conversation_id, id).await?;
            }
            conversation.last_message_at = Some(now);
            conversation.last_message_preview = Some(preview(&message.message_body, &message.attachments));
            conversation.last_sender_type = Some(message.sender_type);
            conversation.updated_at = now;
            unit.record_in_thread(
                Event::MessageCreated { message, conversation: conversation.view() },
                conversation.audience(),
                seq,
            );
            conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            unit.commit(()).await
        })
        .await
}
