//! Reading a thread backwards.

use bus::{Outcome, Tx};
use model::{
    ContentType, ConversationId, Direction, Error, MessageStatus, Permission, Result, SenderType,
    view::{MessageView, PublicMessage},
};
use serde::Serialize;

use super::entity::Row;
use crate::{Inbox, Member, Visitor, conversations};

/// Longest page of a thread.
const MOST: i64 = 200;

/// A page of a thread, oldest first.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HistoryPage {
    pub entries: Vec<MessageView>,
    pub has_more: bool,
}

/// A page of a thread as its customer sees it, oldest first.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicHistoryPage {
    pub entries: Vec<PublicMessage>,
    pub has_more: bool,
}

/// Messages with `seq < before` (the newest without it), at most `limit`. Notes are left out for who
/// may not see them.
pub async fn history(
    inbox: &Inbox,
    member: &Member,
    id: ConversationId,
    before: Option<i64>,
    limit: i64,
) -> Result<HistoryPage> {
    member.require(Permission::ConversationsView)?;
    let notes = member.can(Permission::NotesView);
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            conversations::require_visible(&mut tx, member, id).await?;
            let (entries, has_more) = page(&mut tx, id, before, limit, notes).await?;
            Ok(HistoryPage { entries, has_more })
        })
        .await
        .map_err(Into::into)
}

/// The same for the visitor's own conversation.
pub async fn history_as_visitor(
    inbox: &Inbox,
    visitor: &Visitor,
    before: Option<i64>,
    limit: i64,
) -> Result<PublicHistoryPage> {
    inbox
        .store()
        .read(visitor.account_id(), |mut tx| async move {
            let Some(id) = conversations::visitor::current_id(&mut tx, visitor).await? else {
                return Err(Error::not_found("conversation").into());
            };
            let (entries, has_more) = page(&mut tx, id, before, limit, false).await?;
            let entries = entries.iter().filter_map(MessageView::public).collect();
            Ok(PublicHistoryPage { entries, has_more })
        })
        .await
        .map_err(Into::into)
}

async fn page(
    tx: &mut Tx,
    id: ConversationId,
    before: Option<i64>,
    limit: i64,
    notes: bool,
) -> Outcome<(Vec<MessageView>, bool)> {
    let limit = limit.clamp(1, MOST);
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
           FROM messages WHERE conversation_id = $1 AND seq < $2 AND (NOT is_private OR $3)
           ORDER BY seq DESC LIMIT $4"#,
        id.uuid(),
        before.unwrap_or(i64::MAX),
        notes,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?;
    let has_more = rows.len() as i64 > limit;
    let mut entries: Vec<MessageView> =
        rows.into_iter().take(limit as usize).map(MessageView::from).collect();
    entries.reverse();
    Ok((entries, has_more))
}
