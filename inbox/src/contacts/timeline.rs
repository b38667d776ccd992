//! What happened with a contact, newest first: conversations, group messages, groups, opt-outs, merges.

use chrono::{DateTime, Utc};
use model::{ContactId, Error, Permission, Result};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, Postgres, QueryBuilder};

use crate::{
    Inbox, Member,
    list::{Params, threads},
};

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, FromRow)]
pub struct TimelineItem {
    pub at: DateTime<Utc>,
    /// `created`, `conversation`, `message`, `group`, `suppression`, `merge` or `schedule`.
    pub kind: String,
    /// The id of what it is about.
    pub id: uuid::Uuid,
    /// A name, a subject, the beginning of a text.
    pub title: Option<String>,
    pub status: Option<String>,
    #[schema(value_type = Object)]
    pub details: Value,
}

const DEFAULT: i64 = 50;
const MOST: i64 = 200;

/// The timeline before `before` (a time, RFC 3339), at most `limit` lines. Conversations that the caller may not
/// see are not in it.
pub async fn timeline(
    inbox: &Inbox,
    member: &Member,
    id: ContactId,
    params: &Params,
) -> Result<Vec<TimelineItem>> {
    member.require(Permission::ContactsView)?;
    let _ = super::get(inbox, member, id).await?;
    for (name, _) in &params.0 {
        if !matches!(name.as_str(), "before" | "limit") {
            return Err(Error::bad_request(format!("{name} is not known here; there are before and limit")));
        }
    }
    let before = match params.get("before") {
        None => inbox.now() + chrono::Duration::days(1),
        Some(text) => DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
            .map_err(|_| Error::bad_request("before must be an RFC 3339 time"))?
            .to_utc(),
    };
    let limit = match params.get("limit").map(str::parse::<i64>) {
        None => DEFAULT,
        Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
        Some(_) => return Err(Error::bad_request(format!("limit must be a whole number from 1 to {MOST}"))),
    };
    let account = member.account_id();
    inbox
        .store()
        .read(account, |mut tx| async move {
            let mut sql = QueryBuilder::<Postgres>::new("WITH who AS (SELECT ");
            sql.push_bind(id.uuid()).push("::uuid AS id, ").push_bind(account.uuid()).push("::uuid AS account) ");
            sql.push(
                "SELECT * FROM (
                 SELECT c.created_at AS at, 'created' AS kind, c.id, NULLIF(c.name, '')::text AS title, NULL::text AS status,
                        '{}'::jsonb AS details
                 FROM contacts c JOIN who ON c.id = who.id AND c.account_id = who.account
                 UNION ALL
                 SELECT g.added_at, 'group', g.group_id, n.name, NULL, '{}'
                 FROM group_contacts g JOIN who ON g.contact_id = who.id JOIN groups n ON n.id = g.group_id
                 UNION ALL
                 SELECT s.created_at, 'suppression', s.id, s.address, s.reason, jsonb_build_object('channel_type', s.channel_type)
                 FROM suppressions s JOIN who ON s.contact_id = who.id
                 UNION ALL
                 SELECT m.created_at, 'merge', m.id, m.merged ->> 'name',
                        CASE WHEN m.undone_at IS NULL THEN 'merged' ELSE 'undone' END,
                        jsonb_build_object('merged_id', m.merged_id, 'undo_until', m.undo_until)
                 FROM contact_merges m JOIN who ON m.survivor_id = who.id AND m.account_id = who.account
                 UNION ALL
                 SELECT s.created_at, 'schedule', s.id, s.name, s.status, jsonb_build_object('next_trigger_at', s.next_trigger_at)
                 FROM scheduled_messages s JOIN who ON s.contact_id = who.id AND s.account_id = who.account",
            );
            if member.can(Permission::MessagesView) {
                sql.push(
                    " UNION ALL (
                     SELECT m.created_at, 'message', m.id, left(m.message_body, 200), m.status,
                            jsonb_build_object('group_message_id', m.group_message_id, 'channel_id', m.channel_id)
                     FROM messages m JOIN who ON m.contact_id = who.id
                     WHERE m.conversation_id IS NULL AND m.created_at < ",
                )
                .push_bind(before)
                .push(" ORDER BY m.id DESC LIMIT ")
                .push_bind(limit)
                .push(")");
            }
            if member.can(Permission::ConversationsView) {
                sql.push(
                    " UNION ALL (
                     SELECT coalesce(c.last_message_at, c.created_at), 'conversation', c.id,
                            coalesce(c.subject, left(c.last_message_preview, 200)), c.status,
                            jsonb_build_object('channel_id', c.channel_id, 'channel_type', c.channel_type,
                                               'assignee_id', c.assignee_id)
                     FROM conversations c JOIN who ON c.contact_id = who.id
                     WHERE ",
                );
                threads::push_sight(&mut sql, member);
                sql.push(" ORDER BY c.created_at DESC LIMIT 500)");
            }
            sql.push(") AS line WHERE at < ").push_bind(before);
            sql.push(" ORDER BY at DESC, id DESC LIMIT ").push_bind(limit);
            Ok(sql.build_query_as().fetch_all(&mut *tx).await?)
        })
        .await
        .map_err(Error::from)
}
