//! Group messages as rows, and as they are shown.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, ChannelId, ContactId, Error, Event, GroupId, GroupMessageId, Permission, Result, ScheduleId,
    SegmentId, TemplateId, UserId,
    group_message::{Counts, GroupMessageStatus},
    wire::GroupMessageProgress,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::{FromRow, Row, postgres::PgRow};

use crate::{
    Context, Inbox, Member,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GroupMessageView {
    pub id: GroupMessageId,
    pub account_id: AccountId,
    pub name: Option<String>,
    pub status: GroupMessageStatus,
    /// Null: each recipient's preferred channel.
    pub channel_id: Option<ChannelId>,
    pub template_id: Option<TemplateId>,
    pub created_by_user_id: Option<UserId>,
    pub contact_group_ids: Vec<GroupId>,
    pub segment_ids: Vec<SegmentId>,
    pub exclude_contact_ids: Vec<ContactId>,
    #[schema(value_type = Object)]
    pub custom_values: Value,
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// Messages a minute; null: as fast as the channels allow.
    pub rate_per_minute: Option<i32>,
    /// The share that goes first.
    pub canary_percent: Option<i32>,
    /// More failures than this among them stop the rest.
    pub canary_max_failure_percent: i32,
    /// `waiting`, `passed` or `stopped`; null: there is none.
    pub canary_state: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
    /// Members of several groups, and contacts that share an address: they get one message.
    pub duplicate_count: i32,
    pub pause_reason: Option<String>,
    pub error: Option<String>,
    /// The schedule that made it.
    pub schedule_id: Option<ScheduleId>,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    /// When the audience was complete; before, `total_recipients` still grows.
    pub frozen_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for GroupMessageView {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            account_id: row.try_get("account_id")?,
            name: row.try_get("name")?,
            status: row.try_get("status")?,
            channel_id: row.try_get("channel_id")?,
            template_id: row.try_get("template_id")?,
            created_by_user_id: row.try_get("created_by_user_id")?,
            contact_group_ids: row.try_get("contact_group_ids")?,
            segment_ids: row.try_get("segment_ids")?,
            exclude_contact_ids: row.try_get("exclude_contact_ids")?,
            custom_values: row.try_get("custom_values")?,
            metadata: row.try_get("metadata")?,
            rate_per_minute: row.try_get("rate_per_minute")?,
            canary_percent: row.try_get("canary_percent")?,
            canary_max_failure_percent: row.try_get("canary_max_failure_percent")?,
            canary_state: row.try_get("canary_state")?,
            counts: Counts {
                total: row.try_get("total_recipients")?,
                pending: row.try_get("pending_count")?,
                sent: row.try_get("sent_count")?,
                delivered: row.try_get("delivered_count")?,
                failed: row.try_get("failed_count")?,
                cancelled: row.try_get("cancelled_count")?,
                skipped: row.try_get("skipped_count")?,
                unknown: row.try_get("unknown_count")?,
            },
            duplicate_count: row.try_get("duplicate_count")?,
            pause_reason: row.try_get("pause_reason")?,
            error: row.try_get("error")?,
            schedule_id: row.try_get("schedule_id")?,
            scheduled_at: row.try_get("scheduled_at")?,
            started_at: row.try_get("started_at")?,
            frozen_at: row.try_get("frozen_at")?,
            completed_at: row.try_get("completed_at")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

impl GroupMessageView {
    /// As readers of the feed are told of it.
    #[must_use]
    pub fn progress(&self) -> GroupMessageProgress {
        GroupMessageProgress {
            account_id: self.account_id,
            group_message_id: self.id,
            name: self.name.clone(),
            status: self.status,
            reason: self.pause_reason.clone().or_else(|| self.error.clone()),
            counts: self.counts,
            version: self.version,
        }
    }

    pub(super) fn event(&self) -> Event {
        Event::GroupMessageProgressed { group_message: self.progress() }
    }
}

pub static ENTITY: Entity = Entity {
    what: "group message",
    select: "SELECT id, account_id, name, status, channel_id, template_id, created_by_user_id, contact_group_ids,
                    segment_ids, exclude_contact_ids, custom_values, metadata, rate_per_minute, canary_percent,
                    canary_max_failure_percent, canary_state, total_recipients, pending_count, sent_count,
                    delivered_count, failed_count, cancelled_count, skipped_count, unknown_count,
                    duplicate_count, pause_reason, error, schedule_id, scheduled_at, started_at, frozen_at,
                    completed_at, version, created_at, updated_at",
    from: "group_messages",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("status", "status", Kind::Word(list::word::<GroupMessageStatus>), ops::EQ_IN).sortable(),
        Field::new("channel_id", "channel_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("template_id", "template_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("schedule_id", "schedule_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("created_by_user_id", "created_by_user_id", Kind::User, ops::EQ_NULL),
        Field::new("total_recipients", "total_recipients::bigint", Kind::Number, ops::NUMBER).sortable(),
        Field::new("scheduled_at", "scheduled_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("started_at", "started_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("completed_at", "completed_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// A message to many. Exactly one of `template_id` and `message_body`; the latter becomes a template.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroupMessage {
    pub account_id: Option<AccountId>,
    pub name: Option<String>,
    /// Absent: each recipient's preferred channel.
    pub channel_id: Option<ChannelId>,
    pub template_id: Option<TemplateId>,
    pub message_body: Option<String>,
    #[serde(default)]
    pub contact_group_ids: Vec<GroupId>,
    #[serde(default)]
    pub segment_ids: Vec<SegmentId>,
    #[serde(default)]
    pub exclude_contact_ids: Vec<ContactId>,
    /// Not begun earlier.
    pub scheduled_at: Option<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub custom_values: Map<String, Value>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// `draft` unless given, or `queued`.
    pub status: Option<GroupMessageStatus>,
    pub rate_per_minute: Option<i32>,
    /// 1 to 50: this share goes first and has to be delivered before the rest follows.
    pub canary_percent: Option<i32>,
    /// 10 unless given.
    pub canary_max_failure_percent: Option<i32>,
}

/// What is absent stays. The rate may change at any time, all else only before sending begins; `status`
/// queues a draft, pauses, resumes (`queued` or `processing`) or cancels.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateGroupMessage {
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<ChannelId>)]
    pub channel_id: Option<Option<ChannelId>>,
    pub template_id: Option<TemplateId>,
    pub contact_group_ids: Option<Vec<GroupId>>,
    pub segment_ids: Option<Vec<SegmentId>>,
    pub exclude_contact_ids: Option<Vec<ContactId>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub scheduled_at: Option<Option<DateTime<Utc>>>,
    #[schema(value_type = Option<Object>)]
    pub custom_values: Option<Map<String, Value>>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
    pub status: Option<GroupMessageStatus>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub rate_per_minute: Option<Option<i32>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub canary_percent: Option<Option<i32>>,
    pub canary_max_failure_percent: Option<i32>,
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<GroupMessageView>> {
    list::list(inbox, context, Permission::MessagesView, &ENTITY, params).await
}

pub async fn get(inbox: &Inbox, member: &Member, id: GroupMessageId) -> Result<GroupMessageView> {
    member.require(Permission::MessagesView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await
}

/// Reads and locks one.
pub(super) async fn lock(tx: &mut Tx, account: AccountId, id: GroupMessageId) -> Outcome<GroupMessageView> {
    list::locked(tx, &ENTITY, account, id.uuid(), "group_messages").await
}

/// A status that the caller may not ask for.
pub(super) fn not_yours(status: GroupMessageStatus) -> Error {
    Error::invalid(
        "status",
        format!("{status} is nothing that can be asked for; ask for queued, paused or cancelled"),
    )
}
