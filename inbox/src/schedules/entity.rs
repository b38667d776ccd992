//! Schedules as rows, as they are shown, and when they fire next.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use model::{
    AccountId, ChannelId, ContactId, Error, GroupId, GroupMessageId, MessageId, Permission, Result,
    ScheduleId, SegmentId, TemplateId, Time, UserId,
    recurrence::Recurrence,
    schedule::{MissedPolicy, ScheduleStatus, SendType},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Context, Inbox, Member,
    list::{self, Entity, Field, Kind, Listing, Order, Params, ops},
};

/// Runs that are shown ahead.
const AHEAD: usize = 5;
/// Local times are first reached in the zone that is farthest ahead of UTC.
pub(super) const EARLIEST_ZONE_HOURS: i64 = 14;

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct ScheduleView {
    pub id: ScheduleId,
    pub account_id: AccountId,
    pub name: Option<String>,
    pub status: ScheduleStatus,
    pub channel_id: Option<ChannelId>,
    pub template_id: Option<TemplateId>,
    pub created_by_user_id: Option<UserId>,
    #[schema(value_type = Object)]
    pub custom_values: Value,
    #[schema(value_type = Object)]
    pub metadata: Value,
    pub send_type: SendType,
    pub delivery_address: Option<String>,
    pub contact_id: Option<ContactId>,
    pub contact_group_ids: Vec<GroupId>,
    pub segment_ids: Vec<SegmentId>,
    pub exclude_contact_ids: Vec<ContactId>,
    pub rate_per_minute: Option<i32>,
    /// The first time; repeats have its time of day.
    pub scheduled_at: DateTime<Utc>,
    /// IANA name.
    pub timezone: String,
    /// Each recipient gets it at that time of their own zone (`properties.timezone`).
    pub recipient_timezone: bool,
    pub is_recurring: bool,
    pub recurrence_rule: Option<String>,
    pub recurrence_end_at: Option<DateTime<Utc>>,
    pub recurrence_count: Option<i32>,
    pub missed_policy: MissedPolicy,
    pub missed_cap: i32,
    pub max_lateness_seconds: i32,
    pub cancel_on_reply: bool,
    pub last_triggered_at: Option<DateTime<Utc>>,
    pub next_trigger_at: Option<DateTime<Utc>>,
    pub trigger_count: i32,
    /// What the last firing made.
    pub message_id: Option<MessageId>,
    pub group_message_id: Option<GroupMessageId>,
    /// Why the last firing failed.
    pub error: Option<String>,
    /// The next times at which it fires, at most five.
    #[sqlx(skip)]
    pub next_runs: Vec<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub static ENTITY: Entity = Entity {
    what: "scheduled message",
    select: "SELECT id, account_id, name, status, channel_id, template_id, created_by_user_id, custom_values, metadata,
                    send_type, delivery_address, contact_id, contact_group_ids, segment_ids, exclude_contact_ids,
                    rate_per_minute, scheduled_at, timezone, recipient_timezone, is_recurring, recurrence_rule,
                    recurrence_end_at, recurrence_count, missed_policy, missed_cap, max_lateness_seconds,
                    cancel_on_reply, last_triggered_at, next_trigger_at, trigger_count, message_id,
                    group_message_id, error, created_at, updated_at",
    from: "scheduled_messages",
    account: "account_id",
    id: "id",
    fields: &[
        Field::new("id", "id", Kind::Id, ops::EQ_IN),
        Field::new("name", "name", Kind::Text, ops::TEXT).sortable_null(),
        Field::new("status", "status", Kind::Word(list::word::<ScheduleStatus>), ops::EQ_IN).sortable(),
        Field::new("send_type", "send_type", Kind::Word(list::word::<SendType>), ops::EQ_IN),
        Field::new("is_recurring", "is_recurring", Kind::Flag, ops::EQ),
        Field::new("channel_id", "channel_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("template_id", "template_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("contact_id", "contact_id", Kind::Id, ops::EQ_IN_NULL),
        Field::new("created_by_user_id", "created_by_user_id", Kind::User, ops::EQ_NULL),
        Field::new("scheduled_at", "scheduled_at", Kind::Time, ops::TIME).sortable(),
        Field::new("next_trigger_at", "next_trigger_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("last_triggered_at", "last_triggered_at", Kind::Time, ops::TIME_NULL).sortable_null(),
        Field::new("created_at", "created_at", Kind::Time, ops::TIME).sortable(),
        Field::new("updated_at", "updated_at", Kind::Time, ops::TIME).sortable(),
    ],
    sort: &[("created_at", Order::Desc)],
    extra: &[],
};

/// A message for later: to one address or contact, or to groups. Exactly one of `template_id` and
/// `message_body`; the latter becomes a template.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    pub account_id: Option<AccountId>,
    pub name: Option<String>,
    pub channel_id: Option<ChannelId>,
    pub template_id: Option<TemplateId>,
    pub message_body: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub custom_values: Map<String, Value>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    pub send_type: SendType,
    pub delivery_address: Option<String>,
    pub contact_id: Option<ContactId>,
    #[serde(default)]
    pub contact_group_ids: Vec<GroupId>,
    #[serde(default)]
    pub segment_ids: Vec<SegmentId>,
    #[serde(default)]
    pub exclude_contact_ids: Vec<ContactId>,
    pub rate_per_minute: Option<i32>,
    pub scheduled_at: DateTime<Utc>,
    /// `UTC` unless given.
    pub timezone: Option<String>,
    #[serde(default)]
    pub recipient_timezone: bool,
    pub is_recurring: Option<bool>,
    /// `daily`, `weekly:mon,wed`, `monthly:1,15`, or a rule of RFC 5545.
    pub recurrence_rule: Option<String>,
    pub recurrence_end_at: Option<DateTime<Utc>>,
    pub recurrence_count: Option<i32>,
    /// `one` unless given.
    pub missed_policy: Option<MissedPolicy>,
    pub missed_cap: Option<i32>,
    /// An hour unless given.
    pub max_lateness_seconds: Option<i32>,
    #[serde(default)]
    pub cancel_on_reply: bool,
}

/// What is absent stays. `status` pauses (`paused`), resumes (`pending`) or cancels (`cancelled`).
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSchedule {
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<ChannelId>)]
    pub channel_id: Option<Option<ChannelId>>,
    pub template_id: Option<TemplateId>,
    /// Becomes a template.
    pub message_body: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub custom_values: Option<Map<String, Value>>,
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
    pub delivery_address: Option<String>,
    pub contact_id: Option<ContactId>,
    pub contact_group_ids: Option<Vec<GroupId>>,
    pub segment_ids: Option<Vec<SegmentId>>,
    pub exclude_contact_ids: Option<Vec<ContactId>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub rate_per_minute: Option<Option<i32>>,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub timezone: Option<String>,
    pub recipient_timezone: Option<bool>,
    pub is_recurring: Option<bool>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<String>)]
    pub recurrence_rule: Option<Option<String>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub recurrence_end_at: Option<Option<DateTime<Utc>>>,
    #[serde(default, with = "crate::patch")]
    #[schema(value_type = Option<i32>)]
    pub recurrence_count: Option<Option<i32>>,
    pub missed_policy: Option<MissedPolicy>,
    pub missed_cap: Option<i32>,
    pub max_lateness_seconds: Option<i32>,
    pub cancel_on_reply: Option<bool>,
    pub status: Option<ScheduleStatus>,
}

/// When a schedule fires.
#[derive(Debug, Clone)]
pub(super) struct Clockwork {
    pub start: Time,
    pub zone: Tz,
    pub recipient_timezone: bool,
    pub rule: Option<Recurrence>,
    pub end: Option<Time>,
}

impl Clockwork {
    /// Of a stored schedule, whose zone and rule were checked.
    pub(super) fn of(view: &ScheduleView) -> Result<Self> {
        let zone = view.timezone.parse().map_err(|_| no_zone())?;
        let rule = view.recurrence_rule.as_deref().map(str::parse).transpose();
        let rule = rule.map_err(|error| Error::invalid("recurrence_rule", format!("{error}")))?;
        Ok(Self {
            start: view.scheduled_at,
            zone,
            recipient_timezone: view.recipient_timezone,
            rule,
            end: view.recurrence_end_at,
        })
    }

    /// The times after `after`, the first one included if it is.
    pub(super) fn after(&self, after: Time) -> Box<dyn Iterator<Item = Time> + '_> {
        // with recipients' zones the times are those at which the first of them have it
        let shift = |at: Time| {
            if !self.recipient_timezone {
                return at;
            }
            let local = at.with_timezone(&self.zone).naive_local();
            (local - chrono::Duration::hours(EARLIEST_ZONE_HOURS)).and_utc()
        };
        let first = self.start;
        let Some(rule) = &self.rule else {
            return Box::new([shift(first)].into_iter().filter(move |at| *at > after));
        };
        let local = first.with_timezone(&self.zone).naive_local();
        // a little more than the shift
        let from = after - chrono::Duration::days(2);
        // the first firing is at `scheduled_at`, whether or not the rule brings it
        let again = rule.after(local, self.zone, from.max(first));
        let end = self.end;
        Box::new(
            [first]
                .into_iter()
                .chain(again)
                .take_while(move |at| end.is_none_or(|end| *at <= end))
                .map(shift)
                .filter(move |at| *at > after),
        )
    }
}

pub(super) fn no_zone() -> Error {
    Error::invalid("timezone", "must be the name of a zone, like Africa/Addis_Ababa")
}

impl ScheduleView {
    /// Fills in the next runs.
    pub(super) fn with_runs(mut self) -> Self {
        let is_on = self.status.is_editable() || self.status == ScheduleStatus::Triggered;
        let left = self.recurrence_count.map_or(AHEAD, |count| (count - self.trigger_count).max(0) as usize);
        if let (true, Some(next), Ok(clockwork)) = (is_on, self.next_trigger_at, Clockwork::of(&self)) {
            let before = next - chrono::Duration::microseconds(1);
            self.next_runs = clockwork.after(before).take(AHEAD.min(left)).collect();
        }
        self
    }
}

pub async fn list(inbox: &Inbox, context: &Context, params: &Params) -> Result<Listing<ScheduleView>> {
    let found = list::list(inbox, context, Permission::MessagesView, &ENTITY, params).await?;
    Ok(found.map(ScheduleView::with_runs))
}

pub async fn get(inbox: &Inbox, member: &Member, id: ScheduleId) -> Result<ScheduleView> {
    member.require(Permission::MessagesView)?;
    list::read_one(inbox, member, &ENTITY, id.uuid()).await.map(ScheduleView::with_runs)
}

/// Times to look at before they are stored.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunsRequest {
    pub account_id: Option<AccountId>,
    pub scheduled_at: DateTime<Utc>,
    pub timezone: Option<String>,
    pub recurrence_rule: Option<String>,
    pub recurrence_end_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub recipient_timezone: bool,
}

/// When it would fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Runs {
    /// At most five.
    pub next_runs: Vec<DateTime<Utc>>,
}

/// The next five times of a schedule that is not stored yet.
pub fn runs(inbox: &Inbox, member: &Member, asked: &RunsRequest) -> Result<Runs> {
    member.require(Permission::MessagesView)?;
    let zone = asked.timezone.as_deref().unwrap_or("UTC").parse().map_err(|_| no_zone())?;
    let rule = asked.recurrence_rule.as_deref().map(str::parse).transpose();
    let rule = rule.map_err(|error| Error::invalid("recurrence_rule", format!("{error}")))?;
    let (start, end) = (asked.scheduled_at, asked.recurrence_end_at);
    let clockwork = Clockwork { start, zone, recipient_timezone: asked.recipient_timezone, rule, end };
    Ok(Runs { next_runs: clockwork.after(inbox.now()).take(AHEAD).collect() })
}

/// One firing of a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct OccurrenceView {
    pub schedule_id: ScheduleId,
    pub due_at: DateTime<Utc>,
    /// `fired`, `missed`, `failed` or `cancelled`.
    pub outcome: String,
    pub message_id: Option<MessageId>,
    pub group_message_id: Option<GroupMessageId>,
    pub error: Option<String>,
    pub fired_at: DateTime<Utc>,
}

/// The last hundred firings, newest first.
pub async fn occurrences(inbox: &Inbox, member: &Member, id: ScheduleId) -> Result<Vec<OccurrenceView>> {
    let _ = get(inbox, member, id).await?;
    let account = member.account_id();
    let rows = inbox
        .store()
        .read(account, |mut tx| async move {
            Ok(sqlx::query_as(
                "SELECT schedule_id, due_at, outcome, message_id, group_message_id, error, fired_at
                 FROM scheduled_occurrences WHERE schedule_id = $1 AND account_id = $2
                 ORDER BY due_at DESC LIMIT 100",
            )
            .bind(id)
            .bind(account)
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    Ok(rows)
}
