//! Reading one conversation.

use bus::{LogEntry, Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AssignmentId, ChannelType, ConversationId, DecisionId, Error, Permission, Result, Time, profile::Profile,
    view::ConversationView, wire::ConversationActivity,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::list::{VIEW_COLUMNS, ViewRow, push_visibility};
use crate::{Inbox, Member, contacts::ContactView};

/// How long after the customer's last message the provider takes free text.
#[must_use]
pub fn reply_window(profile: &Profile, settings: &Value) -> Option<chrono::Duration> {
    // Messenger's human agents have a week
    let hours = if settings["human_agent"] == true { Some(7 * 24) } else { profile.reply_window_hours };
    hours.map(|hours| chrono::Duration::hours(i64::from(hours)))
}

async fn view(tx: &mut Tx, member: &Member, id: ConversationId) -> Outcome<ConversationView> {
    let mut query = QueryBuilder::new(VIEW_COLUMNS);
    query.push("WHERE c.id = ").push_bind(id.uuid()).push(" AND ");
    push_visibility(&mut query, member);
    let row: Option<ViewRow> = query.build_query_as().fetch_optional(&mut **tx).await?;
    row.map(ConversationView::from).ok_or_else(|| Error::not_found("conversation").into())
}

/// A 404 unless the member may see it.
pub async fn require_visible(tx: &mut Tx, member: &Member, id: ConversationId) -> Outcome<()> {
    view(tx, member, id).await.map(drop)
}

pub async fn get(inbox: &Inbox, member: &Member, id: ConversationId) -> Result<ConversationView> {
    member.require(Permission::ConversationsView)?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move { view(&mut tx, member, id).await })
        .await
        .map_err(Into::into)
}

/// What an agent needs beside the messages when opening a thread.
#[derive(Debug, Clone)]
pub struct ThreadContext {
    pub conversation: ConversationView,
    pub contact: ThreadContact,
    pub bot_context: Value,
    /// Until when free text may be sent; null: no limit.
    pub reply_window_ends_at: Option<Time>,
    /// The caller's own read mark.
    pub read_seq: i64,
    pub head: i64,
}

/// The customer of a thread, with all their addresses.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ThreadContact {
    #[serde(flatten)]
    pub contact: ContactView,
    pub identifiers: Vec<Address>,
    /// Of a web chat: what its visitor, or the page around it, said of them.
    pub visitor: Option<ThreadVisitor>,
}

/// What is known of a visitor beside their name and addresses.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ThreadVisitor {
    /// The page has proved who it is; otherwise all of it is a claim.
    pub is_verified: bool,
    /// Answers to the questions before the chat, and what the page told.
    #[schema(value_type = Object)]
    pub attributes: Value,
    /// The page that they look at: `url`, `title`, `referrer`.
    #[schema(value_type = Option<Object>)]
    pub page: Option<Value>,
}

/// One address of a contact.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Address {
    pub channel_type: ChannelType,
    pub identifier: String,
    pub display_name: Option<String>,
}

pub async fn opened(inbox: &Inbox, member: &Member, id: ConversationId) -> Result<ThreadContext> {
    member.require(Permission::ConversationsView)?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            let conversation = view(&mut tx, member, id).await?;
            let row = sqlx::query!(
                r#"SELECT c.bot_context, c.last_inbound_at, h.provider AS "provider?", h.settings AS "settings?",
                          r.seq AS "read_seq?",
                          to_jsonb(p) AS "contact!",
                          (SELECT coalesce(jsonb_agg(jsonb_build_object('channel_type', i.channel_type,
                              'identifier', i.identifier, 'display_name', i.display_name)), '[]')
                           FROM contact_identifiers i WHERE i.contact_id = p.id) AS "identifiers!",
                          v.is_verified AS "is_verified?", v.attributes AS "attributes?", v.page
                   FROM conversations c JOIN contacts p ON p.id = c.contact_id
                   LEFT JOIN channels h ON h.id = c.channel_id
                   LEFT JOIN conversation_reads r ON r.conversation_id = c.id AND r.reader_id = $2
                   LEFT JOIN visitors v ON v.account_id = c.account_id
                       AND v.id = CASE WHEN c.channel_type = 'webchat' THEN c.contact_identifier::uuid END
                   WHERE c.id = $1 AND c.account_id = $3"#,
                id.uuid(),
                member.user_id().uuid(),
                member.account_id().uuid(),
            )
            .fetch_one(&mut *tx)
            .await?;
            let window = row
                .provider
                .and_then(|provider| inbox.profile(conversation.channel_type, &provider))
                .and_then(|profile| reply_window(profile, &row.settings.unwrap_or_default()));
            let mut contact = row.contact;
            contact["identifiers"] = row.identifiers;
            contact["visitor"] = row.attributes.map_or(Value::Null, |attributes| {
                json!({"is_verified": row.is_verified, "attributes": attributes, "page": row.page})
            });
            let contact = serde_json::from_value(contact).map_err(Error::internal)?;
            Ok(ThreadContext {
                reply_window_ends_at: window
                    .map(|window| row.last_inbound_at.unwrap_or(conversation.created_at) + window),
                head: conversation.head,
                conversation,
                contact,
                bot_context: row.bot_context,
                read_seq: row.read_seq.unwrap_or(0),
            })
        })
        .await
        .map_err(Into::into)
}

/// A line between the messages of a thread.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ActivityView {
    /// Its number in the thread.
    pub seq: i64,
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    pub activity: ConversationActivity,
}

/// Lines that are read at once.
const MOST_ACTIVITY: i64 = 200;

/// The newest changes of status, agent and rating, oldest first.
pub async fn activity(inbox: &Inbox, member: &Member, id: ConversationId) -> Result<Vec<ActivityView>> {
    member.require(Permission::ConversationsView)?;
    let mut changes = inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            require_visible(&mut tx, member, id).await?;
            bus::log::changes(&mut tx, id, MOST_ACTIVITY).await
        })
        .await?;
    changes.reverse();
    let shown = |entry: LogEntry| {
        let (seq, activity) = (entry.thread_seq?, ConversationActivity::of(&entry.event)?);
        Some(ActivityView { seq, at: entry.at, activity })
    };
    Ok(changes.into_iter().filter_map(shown).collect())
}

/// A row of the assignment history.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AssignmentView {
    pub id: AssignmentId,
    pub conversation_id: ConversationId,
    pub assignee_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub assigned_by: Option<Uuid>,
    pub assigned_by_type: String,
    pub rule_id: Option<Uuid>,
    pub strategy: Option<String>,
    pub previous_assignee_id: Option<Uuid>,
    pub reason: String,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub unassigned_at: Option<DateTime<Utc>>,
}

/// The assignment history, oldest first.
pub async fn assignments(inbox: &Inbox, member: &Member, id: ConversationId) -> Result<Vec<AssignmentView>> {
    member.require(Permission::ConversationsView)?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            require_visible(&mut tx, member, id).await?;
            let rows = sqlx::query!(
                "SELECT id, assignee_id, team_id, assigned_by, assigned_by_type, rule_id, strategy,
                        previous_assignee_id, reason, note, created_at, unassigned_at
                 FROM conversation_assignments WHERE conversation_id = $1 AND account_id = $2
                 ORDER BY created_at, id",
                id.uuid(),
                member.account_id().uuid(),
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| AssignmentView {
                    id: AssignmentId(row.id),
                    conversation_id: id,
                    assignee_id: row.assignee_id,
                    team_id: row.team_id,
                    assigned_by: row.assigned_by,
                    assigned_by_type: row.assigned_by_type,
                    rule_id: row.rule_id,
                    strategy: row.strategy,
                    previous_assignee_id: row.previous_assignee_id,
                    reason: row.reason,
                    note: row.note,
                    created_at: row.created_at,
                    unassigned_at: row.unassigned_at,
                })
                .collect())
        })
        .await
        .map_err(Into::into)
}

/// Why routing did what it did.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DecisionView {
    pub id: DecisionId,
    pub conversation_id: ConversationId,
    /// `assigned`, `waiting`, `rule`, `hand_off`.
    pub outcome: String,
    pub assignee_id: Option<Uuid>,
    pub rule_id: Option<Uuid>,
    pub reason: String,
    /// Each agent looked at, and why refused.
    pub candidates: Value,
    pub created_at: DateTime<Utc>,
}

/// Routing decisions, newest first, at most 50.
pub async fn routing(inbox: &Inbox, member: &Member, id: ConversationId) -> Result<Vec<DecisionView>> {
    member.require(Permission::ConversationsView)?;
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            require_visible(&mut tx, member, id).await?;
            let rows = sqlx::query!(
                "SELECT id, outcome, assignee_id, rule_id, reason, candidates, created_at FROM routing_decisions
                 WHERE conversation_id = $1 AND account_id = $2 ORDER BY created_at DESC, id DESC LIMIT 50",
                id.uuid(),
                member.account_id().uuid(),
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| DecisionView {
                    id: DecisionId(row.id),
                    conversation_id: id,
                    outcome: row.outcome,
                    assignee_id: row.assignee_id,
                    rule_id: row.rule_id,
                    reason: row.reason,
                    candidates: row.candidates,
                    created_at: row.created_at,
                })
                .collect())
        })
        .await
        .map_err(Into::into)
}
