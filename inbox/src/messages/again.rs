//! Messages whose time comes later or once more: retries by hand, scheduled answers, and the mailbox
//! that carries both to dispatch.

use bus::{Outcome, Tx, mailbox};
use model::{
    AccountId, ChannelType, ConversationId, Error, MessageId, MessageStatus, Permission, Result, Time,
    event::BoxName,
    message::MessageStep,
    view::{MessageView, preview},
};

use super::entity::load;
use crate::{Inbox, Member, conversations};

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
                        metadata = metadata || jsonb_build_object('retried_at', $3::timestamptz), updated_at = $3
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

/// Makes a scheduled answer due: it is queued behind what waits in its conversation. A message that was
/// cancelled or whose conversation is closed stays where it is.
pub async fn make_due(inbox: &Inbox, account: AccountId, id: MessageId) -> Outcome<()> {
    inbox
        .write(account, |mut unit| async move {
            let Some(found) = load(unit.tx(), id).await? else { return unit.commit(()).await };
            let Some(conversation_id) = found.conversation_id else { return unit.commit(()).await };
            let Some(mut conversation) = conversations::lock(unit.tx(), &[conversation_id]).await?.pop() else {
                return unit.commit(()).await;
            };
            let Some(queued) = found.status.after(MessageStep::Due) else { return unit.commit(()).await };
            let is_webchat = conversation.channel_type == ChannelType::Webchat;
            let status = if is_webchat { MessageStatus::Sent } else { queued };
            sqlx::query!(
                "UPDATE messages SET status = $2, sent_at = CASE WHEN $3 THEN $4 ELSE sent_at END, updated_at = $4
                 WHERE id = $1 AND account_id = $5",
                id.uuid(),
                status.as_str(),
                is_webchat,
                unit.now(),
                account.uuid(),
            )
            .execute(&mut **unit.tx())
            .await?;
            if !is_webchat {
                queue_reply(unit.tx(), account, conversation_id, id).await?;
            }
            conversation.last_message_at = Some(unit.now());
            conversation.last_message_preview = Some(preview(&found.message_body, &found.attachments));
            conversation.last_sender_type = Some(found.sender_type);
            conversations::record_status(&mut unit, &mut conversation, id, status, None, None);
            conversations::save(unit.tx(), std::slice::from_mut(&mut conversation)).await?;
            unit.commit(()).await
        })
        .await
}
