//! The inbox list: a page of conversations as a member may see them, and how many each view holds.

use std::collections::BTreeMap;

use bus::{Outcome, Tx};
use model::{
    AccountId, BotState, ChannelId, ChannelType, ContactId, ConversationId, ConversationStatus, Permission,
    Priority, Result, SenderType, TeamId, Time, UserId,
    view::{AgentBrief, ContactBrief, ConversationView},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::order::ListSort;
use crate::{Inbox, Member};

model::text_enum! {
    /// The views of the inbox.
    pub enum ListView {
        Mine = "mine", Unassigned = "unassigned", Team = "team", Bot = "bot", All = "all",
        Mentions = "mentions",
    }
}

/// What to list.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[schema(as = InboxListQuery)]
pub struct ListQuery {
    #[serde(default = "all")]
    pub view: ListView,
    #[serde(default)]
    pub filter: ListFilter,
    #[serde(default = "newest")]
    pub sort: ListSort,
    /// As given by the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    pub limit: Option<i64>,
}

fn newest() -> ListSort {
    ListSort::Newest
}

fn all() -> ListView {
    ListView::All
}

/// Narrows a view; what is absent does not.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFilter {
    #[serde(default)]
    pub status: Option<Vec<ConversationStatus>>,
    #[serde(default)]
    pub team_id: Option<TeamId>,
    #[serde(default)]
    pub assignee_id: Option<UserId>,
    #[serde(default)]
    pub channel_id: Option<ChannelId>,
    #[serde(default)]
    pub channel_type: Option<ChannelType>,
    #[serde(default)]
    pub priority: Option<Priority>,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// Only those that nobody holds.
    #[serde(default)]
    pub unassigned: bool,
    /// Only those with unread messages.
    #[serde(default)]
    pub unread: bool,
    /// Part of the contact's name, address or the subject.
    #[serde(default)]
    pub q: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ConversationPage {
    pub conversations: Vec<ConversationView>,
    pub next_cursor: Option<String>,
    pub counts: ViewCounts,
    /// Feed events with a greater number are not in the page yet.
    pub as_of_seq: i64,
}

/// Selects conversations as shown; `c` is the conversation. Reads into [`ViewRow`].
pub const VIEW_COLUMNS: &str = "SELECT c.id, c.account_id, c.channel_id, c.channel_type, c.contact_id, \
    p.name AS contact_name, p.phone AS contact_phone, p.email AS contact_email, c.contact_identifier, c.status, \
    c.priority, c.assignee_id, (SELECT trim(concat_ws(' ', u.given_name, u.family_name)) FROM users u \
    WHERE u.id = c.assignee_id) AS assignee_name, \
    (SELECT u.avatar_url FROM users u WHERE u.id = c.assignee_id) AS assignee_avatar_url, c.team_id, c.subject, c.labels, c.language, c.bot_state, \
    c.queued_at, c.waiting_since, c.first_reply_at, c.resolved_at, c.last_message_at, c.last_message_preview, \
    c.last_sender_type, c.unread_count, c.csat_rating, c.csat_comment, c.head, c.version, c.created_at, c.updated_at \
    FROM conversations c JOIN contacts p ON p.id = c.contact_id ";

/// A row of [`VIEW_COLUMNS`].
#[derive(sqlx::FromRow)]
pub struct ViewRow {
    pub(super) id: Uuid,
    account_id: Uuid,
    channel_id: Uuid,
    channel_type: ChannelType,
    contact_id: Uuid,
    contact_name: String,
    contact_phone: Option<String>,
    contact_email: Option<String>,
    contact_identifier: String,
    status: ConversationStatus,
    pub(super) priority: Priority,
    assignee_id: Option<Uuid>,
    assignee_name: Option<String>,
    assignee_avatar_url: Option<String>,
    team_id: Option<Uuid>,
    subject: Option<String>,
    labels: Value,
    language: Option<String>,
    bot_state: BotState,
    queued_at: Option<Time>,
    pub(super) waiting_since: Option<Time>,
    first_reply_at: Option<Time>,
    resolved_at: Option<Time>,
    pub(super) last_message_at: Option<Time>,
    last_message_preview: Option<String>,
    last_sender_type: Option<SenderType>,
    unread_count: i32,
    csat_rating: Option<i16>,
    csat_comment: Option<String>,
    head: i64,
    version: i64,
    pub(super) created_at: Time,
    updated_at: Time,
}

impl From<ViewRow> for ConversationView {
    fn from(row: ViewRow) -> Self {
        Self {
            id: ConversationId(row.id),
            conversation_id: ConversationId(row.id),
            account_id: AccountId(row.account_id),
            channel_id: ChannelId(row.channel_id),
            channel_type: row.channel_type,
            contact_id: ContactId(row.contact_id),
            contact: ContactBrief {
                id: ContactId(row.contact_id),
                name: row.contact_name,
                phone: row.contact_phone,
                email: row.contact_email,
            },
            contact_identifier: row.contact_identifier,
            status: row.status,
            priority: row.priority,
            assignee_id: row.assignee_id.map(UserId),
            assignee: row.assignee_id.map(|id| AgentBrief {
                id: UserId(id),
                name: row.assignee_name.unwrap_or_default(),
                avatar_url: row.assignee_avatar_url,
            }),
            team_id: row.team_id.map(TeamId),
            subject: row.subject,
            labels: serde_json::from_value(row.labels).unwrap_or_default(),
            language: row.language,
            bot_state: row.bot_state,
            queued_at: row.queued_at,
            waiting_since: row.waiting_since,
            first_reply_at: row.first_reply_at,
            resolved_at: row.resolved_at,
            last_message_at: row.last_message_at,
            last_message_preview: row.last_message_preview,
            last_sender_type: row.last_sender_type,
            unread_count: row.unread_count,
            csat_rating: row.csat_rating,
            csat_comment: row.csat_comment,
            head: row.head,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Adds the condition that guards every list: conversations of the member's account that they may see.
/// Put it behind a `WHERE` or an `AND`.
pub fn push_visibility(query: &mut QueryBuilder<Postgres>, member: &Member) {
    query.push("c.account_id = ").push_bind(member.account_id().uuid());
    if !member.sees_all() {
        let teams: Vec<Uuid> = member.teams().iter().map(|team| team.uuid()).collect();
        query
            .push(" AND ((c.team_id IS NULL AND c.assignee_id IS NULL) OR c.assignee_id = ")
            .push_bind(member.user_id().uuid())
            .push(" OR c.team_id = ANY (")
            .push_bind(teams)
            .push(") OR EXISTS (SELECT 1 FROM conversation_mentions m WHERE m.conversation_id = c.id AND m.user_id = ")
            .push_bind(member.user_id().uuid())
            .push("))");
    }
}

fn push_view(query: &mut QueryBuilder<Postgres>, member: &Member, view: ListView) {
    match view {
        ListView::Mine => {
            query.push(" AND c.status IN ('assigned', 'pending') AND c.assignee_id = ");
            query.push_bind(member.user_id().uuid());
        }
        ListView::Unassigned => {
            query.push(" AND c.status = 'open'");
        }
        ListView::Team => {
            let teams: Vec<Uuid> = member.teams().iter().map(|team| team.uuid()).collect();
            query.push(" AND c.status NOT IN ('resolved', 'closed') AND c.team_id = ANY (");
            query.push_bind(teams).push(")");
        }
        ListView::Bot => {
            query.push(" AND c.status = 'bot'");
        }
        ListView::All => {}
        ListView::Mentions => {
            query.push(" AND EXISTS (SELECT 1 FROM conversation_mentions m WHERE m.conversation_id = c.id AND m.user_id = ");
            query.push_bind(member.user_id().uuid()).push(")");
        }
    }
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &ListFilter) {
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        query
            .push(" AND c.status = ANY (")
            .push_bind(words.iter().map(ToString::to_string).collect::<Vec<_>>());
        query.push(")");
    }
    if let Some(team) = filter.team_id {
        query.push(" AND c.team_id = ").push_bind(team.uuid());
    }
    if let Some(agent) = filter.assignee_id {
        query.push(" AND c.assignee_id = ").push_bind(agent.uuid());
    }
    if filter.unassigned {
        query.push(" AND c.assignee_id IS NULL");
    }
    if filter.unread {
        query.push(" AND c.unread_count > 0");
    }
    if let Some(channel) = filter.channel_id {
        query.push(" AND c.channel_id = ").push_bind(channel.uuid());
    }
    if let Some(channel_type) = filter.channel_type {
        query.push(" AND c.channel_type = ").push_bind(channel_type.as_str());
    }
    if let Some(priority) = filter.priority {
        query.push(" AND c.priority = ").push_bind(priority.as_str());
    }
    if let Some(label) = &filter.label {
        query.push(" AND c.labels @> jsonb_build_array(").push_bind(label.clone()).push("::text)");
    }
    if let Some(contact) = filter.contact_id {
        query.push(" AND c.contact_id = ").push_bind(contact.uuid());
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        let escaped = q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        query.push(" AND (p.name ILIKE ").push_bind(pattern.clone());
        query.push(" OR c.contact_identifier ILIKE ").push_bind(pattern.clone());
        query.push(" OR c.subject ILIKE ").push_bind(pattern).push(")");
    }
}

/// A page of a view, in the order asked for.
pub async fn list(inbox: &Inbox, member: &Member, asked: ListQuery) -> Result<ConversationPage> {
    member.require(Permission::ConversationsView)?;
    let after = asked.cursor.as_deref().map(|cursor| asked.sort.place(cursor)).transpose()?;
    let key = &asked.sort.key();
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let (asked, after) = (&asked, &after);
    inbox
        .store()
        .read(member.account_id(), |mut tx| async move {
            // first, so that nothing between it and the page is missed
            let as_of_seq = bus::log::feed_head(&mut tx, member.account_id()).await?;
            let mut query = QueryBuilder::new(VIEW_COLUMNS);
            query.push("WHERE ");
            push_visibility(&mut query, member);
            push_view(&mut query, member, asked.view);
            push_filter(&mut query, &asked.filter);
            if let Some(after) = after {
                key.push_after(&mut query, after);
            }
            key.push_order(&mut query);
            query.push(" LIMIT ").push_bind(limit + 1);
            let mut rows: Vec<ViewRow> = query.build_query_as().fetch_all(&mut *tx).await?;
            let more = rows.len() as i64 > limit;
            rows.truncate(limit as usize);
            let next_cursor = rows.last().filter(|_| more).map(|row| asked.sort.cursor(row));
            let counts = counts(&mut tx, member).await?;
            Ok(ConversationPage {
                conversations: rows.into_iter().map(ConversationView::from).collect(),
                next_cursor,
                counts,
                as_of_seq,
            })
        })
        .await
        .map_err(Into::into)
}

/// How many live conversations each view and each team hold, counted to 1,000.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub struct ViewCounts {
    pub mine: i64,
    pub unassigned: i64,
    /// Of all the caller's teams.
    pub team: i64,
    pub bot: i64,
    pub all: i64,
    pub mentions: i64,
    /// Of each team; one that has none is left out.
    #[schema(value_type = std::collections::BTreeMap<String, i64>)]
    pub teams: BTreeMap<TeamId, i64>,
}

impl ViewCounts {
    fn of(&mut self, view: ListView) -> &mut i64 {
        match view {
            ListView::Mine => &mut self.mine,
            ListView::Unassigned => &mut self.unassigned,
            ListView::Team => &mut self.team,
            ListView::Bot => &mut self.bot,
            ListView::All => &mut self.all,
            ListView::Mentions => &mut self.mentions,
        }
    }
}

async fn counts(tx: &mut Tx, member: &Member) -> Outcome<ViewCounts> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new("SELECT ");
    for (n, view) in ListView::ALL.iter().enumerate() {
        if n > 0 {
            query.push(", ");
        }
        query.push("(SELECT count(*) FROM (SELECT 1 FROM conversations c WHERE ");
        push_visibility(&mut query, member);
        query.push(" AND c.status NOT IN ('resolved', 'closed')");
        push_view(&mut query, member, *view);
        query.push(" LIMIT 1000) v) AS ").push(view.as_str());
    }
    let row = query.build().fetch_one(&mut **tx).await?;
    let mut counts = ViewCounts::default();
    for view in ListView::ALL {
        *counts.of(*view) = sqlx::Row::try_get(&row, view.as_str())?;
    }
    counts.teams = team_counts(tx, member).await?;
    Ok(counts)
}

async fn team_counts(tx: &mut Tx, member: &Member) -> Outcome<BTreeMap<TeamId, i64>> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "SELECT t.id, n.live FROM teams t CROSS JOIN LATERAL (SELECT count(*) AS live FROM (
             SELECT 1 FROM conversations c WHERE c.team_id = t.id AND c.status NOT IN ('resolved', 'closed') AND ",
    );
    push_visibility(&mut query, member);
    query
        .push(" LIMIT 1000) one) n WHERE n.live > 0 AND t.account_id = ")
        .push_bind(member.account_id().uuid());
    let rows: Vec<(Uuid, i64)> = query.build_query_as().fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|(team, live)| (TeamId(team), live)).collect())
}
