//! What members of an account do with group messages.

use bus::{Outcome, Tx};
use chrono::{DateTime, Utc};
use model::{
    AccountId, ChannelId, ChannelType, ContactId, Error, GroupId, GroupMessageId, Permission, Result,
    SegmentId, TemplateId, UserId,
    group_message::{Counts, GroupMessageStatus as Status},
    view::MessageView,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    entity::{self, GroupMessageView, NewGroupMessage, UpdateGroupMessage, lock, not_yours},
    freeze, ledger,
};
use crate::{
    Inbox, Member, Unit,
    check::Checks,
    list,
    messages::{self, NewSingle},
    patch,
    schedules::ScheduleView,
    template_store::{self, NewTemplate},
};

/// Groups, segments or exclusions of one group message.
const MOST: usize = 1000;
const MOST_EXCLUDED: usize = 50_000;

/// What may be changed before sending begins.
#[derive(Debug, Clone)]
struct Plan {
    name: Option<String>,
    channel_id: Option<ChannelId>,
    template_id: Option<TemplateId>,
    groups: Vec<GroupId>,
    segments: Vec<SegmentId>,
    excluded: Vec<ContactId>,
    scheduled_at: Option<DateTime<Utc>>,
    custom_values: Map<String, Value>,
    metadata: Map<String, Value>,
    rate_per_minute: Option<i32>,
    canary_percent: Option<i32>,
    canary_max_failure_percent: i32,
}

/// Makes a group message, as a draft or queued. A `message_body` becomes a template of its own.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewGroupMessage) -> Result<GroupMessageView> {
    member.require(Permission::GroupMessagesSend)?;
    let status = new.status.unwrap_or(Status::Draft);
    if !matches!(status, Status::Draft | Status::Queued) {
        return Err(Error::invalid("status", "a new group message is draft or queued"));
    }
    inbox
        .write(member.account_id(), |mut unit| async move {
            let id = make(&mut unit, member, new, status).await?;
            let view: GroupMessageView =
                list::one(unit.tx(), &entity::ENTITY, member.account_id(), id.uuid()).await?;
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

async fn make(
    unit: &mut Unit,
    member: &Member,
    new: &NewGroupMessage,
    status: Status,
) -> Outcome<GroupMessageId> {
    if new.template_id.is_some() == new.message_body.is_some() {
        return Err(Error::invalid("template_id", "give either template_id or message_body").into());
    }
    let mut plan = Plan {
        name: new.name.clone().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
        channel_id: new.channel_id,
        template_id: new.template_id,
        groups: new.contact_group_ids.clone(),
        segments: new.segment_ids.clone(),
        excluded: new.exclude_contact_ids.clone(),
        scheduled_at: new.scheduled_at,
        custom_values: new.custom_values.clone(),
        metadata: new.metadata.clone(),
        rate_per_minute: new.rate_per_minute,
        canary_percent: new.canary_percent,
        canary_max_failure_percent: new.canary_max_failure_percent.unwrap_or(10),
    };
    put_right(&mut plan)?;
    if let Some(body) = &new.message_body {
        plan.template_id = Some(implicit_template(unit, member, plan.name.as_deref(), body).await?);
    }
    require_known(unit.tx(), member, &plan).await?;
    if status == Status::Queued {
        require_sendable(unit.tx(), member, &plan).await?;
    }
    insert(unit, member.account_id(), Some(member.user_id()), plan, status).await
}

async fn insert(
    unit: &mut Unit,
    account: AccountId,
    by: Option<UserId>,
    plan: Plan,
    status: Status,
) -> Outcome<GroupMessageId> {
    let (id, now) = (GroupMessageId::new(), unit.now());
    sqlx::query!(
        "INSERT INTO group_messages (id, account_id, name, status, channel_id, template_id, created_by_user_id,
             contact_group_ids, segment_ids, exclude_contact_ids, scheduled_at, custom_values, metadata,
             rate_per_minute, canary_percent, canary_max_failure_percent, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)",
        id.uuid(),
        account.uuid(),
        plan.name,
        status.as_str(),
        plan.channel_id.map(ChannelId::uuid),
        plan.template_id.map(TemplateId::uuid),
        by.map(UserId::uuid),
        &uuids(&plan.groups, GroupId::uuid),
        &uuids(&plan.segments, SegmentId::uuid),
        &uuids(&plan.excluded, ContactId::uuid),
        plan.scheduled_at,
        Value::Object(plan.custom_values),
        Value::Object(plan.metadata),
        plan.rate_per_minute,
        plan.canary_percent,
        plan.canary_max_failure_percent,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    ledger::tell(unit, account, id).await?;
    Ok(id)
}

/// The group message of a schedule's firing: queued at once. `local`: each recipient gets it at that time of
/// their own zone, or of the one given where theirs is not known.
pub(crate) async fn fire(
    unit: &mut Unit,
    schedule: &ScheduleView,
    local: Option<(chrono::NaiveDateTime, &str)>,
) -> Outcome<GroupMessageId> {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let plan = Plan {
        name: schedule.name.clone(),
        channel_id: schedule.channel_id,
        template_id: schedule.template_id,
        groups: schedule.contact_group_ids.clone(),
        segments: schedule.segment_ids.clone(),
        excluded: schedule.exclude_contact_ids.clone(),
        scheduled_at: None,
        custom_values: object(&schedule.custom_values),
        metadata: object(&schedule.metadata),
        rate_per_minute: schedule.rate_per_minute,
        canary_percent: None,
        canary_max_failure_percent: 10,
    };
    let id = insert(unit, schedule.account_id, schedule.created_by_user_id, plan, Status::Queued).await?;
    sqlx::query!(
        "UPDATE group_messages SET schedule_id = $2, local_time = $3, local_zone = $4 WHERE id = $1",
        id.uuid(),
        schedule.id.uuid(),
        local.map(|(time, _)| time),
        local.map(|(_, zone)| zone),
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(id)
}

fn uuids<T: Copy>(ids: &[T], of: fn(T) -> Uuid) -> Vec<Uuid> {
    ids.iter().map(|id| of(*id)).collect()
}

/// A text that was written directly becomes a template, so that it can be found and used again.
pub(crate) async fn implicit_template(
    unit: &mut Unit,
    member: &Member,
    name: Option<&str>,
    body: &str,
) -> Outcome<TemplateId> {
    let at = unit.now().format("%Y-%m-%d %H:%M:%S");
    let mut title = format!("Auto: {} — {at}", name.unwrap_or("Untitled"));
    if title.chars().count() > 255 {
        title = title.chars().take(254).chain(['…']).collect();
    }
    let template = NewTemplate {
        account_id: None,
        name: title,
        body: body.to_owned(),
        category: Some("auto-generated".to_owned()),
        channel_type: None,
        language: None,
        default_values: None,
        fallback_strategy: None,
        attachments: Vec::new(),
        is_active: None,
    };
    let now = unit.now();
    template_store::make(unit.tx(), member, &template, "message_body", now).await
}

/// Changes a group message, or moves it on.
pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: GroupMessageId,
    change: &UpdateGroupMessage,
) -> Result<GroupMessageView> {
    member.require(Permission::GroupMessagesSend)?;
    let account = member.account_id();
    inbox
        .write(account, |mut unit| async move {
            let old = lock(unit.tx(), account, id).await?;
            edit(&mut unit, member, &old, change).await?;
            if let Some(status) = change.status.filter(|status| *status != old.status) {
                move_to(&mut unit, member, &old, status).await?;
            }
            let now = unit.now();
            sqlx::query!(
                "UPDATE group_messages SET version = version + 1, updated_at = $2 WHERE id = $1",
                id.uuid(),
                now
            )
            .execute(&mut **unit.tx())
            .await?;
            // all may have become known while it was paused
            ledger::count(&mut unit, id, Counts::default()).await?;
            ledger::tell(&mut unit, account, id).await?;
            let view: GroupMessageView = list::one(unit.tx(), &entity::ENTITY, account, id.uuid()).await?;
            unit.commit(view).await
        })
        .await
        .map_err(Into::into)
}

async fn edit(
    unit: &mut Unit,
    member: &Member,
    old: &GroupMessageView,
    change: &UpdateGroupMessage,
) -> Outcome<()> {
    let rewrites = change.channel_id.is_some()
        || change.template_id.is_some()
        || change.contact_group_ids.is_some()
        || change.segment_ids.is_some()
        || change.exclude_contact_ids.is_some()
        || change.scheduled_at.is_some()
        || change.custom_values.is_some()
        || change.canary_percent.is_some()
        || change.canary_max_failure_percent.is_some();
    let is_open =
        old.started_at.is_none() && matches!(old.status, Status::Draft | Status::Queued | Status::Paused);
    if rewrites && !is_open {
        return Err(Error::conflict("sending has begun: only the name and the rate can be changed")
            .with("status", old.status)
            .into());
    }
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let mut plan = Plan {
        name: patch::or(change.name.clone(), old.name.clone()),
        channel_id: patch::or(change.channel_id, old.channel_id),
        template_id: change.template_id.or(old.template_id),
        groups: change.contact_group_ids.clone().unwrap_or_else(|| old.contact_group_ids.clone()),
        segments: change.segment_ids.clone().unwrap_or_else(|| old.segment_ids.clone()),
        excluded: change.exclude_contact_ids.clone().unwrap_or_else(|| old.exclude_contact_ids.clone()),
        scheduled_at: patch::or(change.scheduled_at, old.scheduled_at),
        custom_values: change.custom_values.clone().unwrap_or_else(|| object(&old.custom_values)),
        metadata: change.metadata.clone().unwrap_or_else(|| object(&old.metadata)),
        rate_per_minute: patch::or(change.rate_per_minute, old.rate_per_minute),
        canary_percent: patch::or(change.canary_percent, old.canary_percent),
        canary_max_failure_percent: change
            .canary_max_failure_percent
            .unwrap_or(old.canary_max_failure_percent),
    };
    put_right(&mut plan)?;
    if rewrites {
        require_known(unit.tx(), member, &plan).await?;
    }
    if rewrites && old.status != Status::Draft {
        require_sendable(unit.tx(), member, &plan).await?;
    }
    sqlx::query!(
        "UPDATE group_messages SET name = $2, channel_id = $3, template_id = $4, contact_group_ids = $5,
             segment_ids = $6, exclude_contact_ids = $7, scheduled_at = $8, custom_values = $9, metadata = $10,
             rate_per_minute = $11, canary_percent = $12, canary_max_failure_percent = $13
         WHERE id = $1",
        old.id.uuid(),
        plan.name,
        plan.channel_id.map(ChannelId::uuid),
        plan.template_id.map(TemplateId::uuid),
        &uuids(&plan.groups, GroupId::uuid),
        &uuids(&plan.segments, SegmentId::uuid),
        &uuids(&plan.excluded, ContactId::uuid),
        plan.scheduled_at,
        Value::Object(plan.custom_values),
        Value::Object(plan.metadata),
        plan.rate_per_minute,
        plan.canary_percent,
        plan.canary_max_failure_percent,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// The moves that a person may ask for.
async fn move_to(unit: &mut Unit, member: &Member, old: &GroupMessageView, asked: Status) -> Outcome<()> {
    // to resume, either word does; which it is depends on how far it was
    let next = match (old.status, asked) {
        (Status::Paused, Status::Queued | Status::Processing) if old.started_at.is_some() => {
            Status::Processing
        }
        (Status::Paused, Status::Queued | Status::Processing) => Status::Queued,
        (_, Status::Queued | Status::Paused | Status::Cancelled) => asked,
        _ => return Err(not_yours(asked).into()),
    };
    let next = old.status.to(next)?;
    if old.status == Status::Draft && next == Status::Queued {
        let view: GroupMessageView =
            list::one(unit.tx(), &entity::ENTITY, member.account_id(), old.id.uuid()).await?;
        let plan = (
            view.channel_id,
            view.template_id,
            !view.contact_group_ids.is_empty() || !view.segment_ids.is_empty(),
        );
        sendable(unit.tx(), member, plan).await?;
    }
    let resumed = old.status == Status::Paused && next != Status::Cancelled;
    sqlx::query!(
        "UPDATE group_messages SET status = $2, pause_reason = NULL,
             -- whoever resumes after a stopped canary has decided that the rest may follow
             canary_state = CASE WHEN $3 AND canary_state = 'stopped' THEN 'passed' ELSE canary_state END,
             completed_at = CASE WHEN $2 = 'cancelled' THEN $4 ELSE completed_at END
         WHERE id = $1",
        old.id.uuid(),
        next.as_str(),
        resumed,
        unit.now(),
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// Removes a group message and its ledger; the messages that were sent stay. One that is not over stays
/// (409).
pub async fn delete(inbox: &Inbox, member: &Member, id: GroupMessageId) -> Result<()> {
    member.require(Permission::GroupMessagesSend)?;
    let account = member.account_id();
    inbox
        .write(account, |mut unit| async move {
            let old = lock(unit.tx(), account, id).await?;
            if !old.status.is_deletable() || (old.status == Status::Cancelled && !old.counts.is_over()) {
                return Err(Error::conflict("it is not over; cancel it first")
                    .with("status", old.status)
                    .into());
            }
            sqlx::query!("DELETE FROM group_message_recipients WHERE group_message_id = $1", id.uuid())
                .execute(&mut **unit.tx())
                .await?;
            sqlx::query!(
                "DELETE FROM group_messages WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid()
            )
            .execute(&mut **unit.tx())
            .await?;
            unit.commit(()).await
        })
        .await
        .map_err(Into::into)
}

/// What a retry set going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Retried {
    /// Recipients that are tried again.
    pub retried: i64,
}

/// Tries those again that failed; each keeps its message. What may have been sent is not among them.
pub async fn retry(inbox: &Inbox, member: &Member, id: GroupMessageId) -> Result<Retried> {
    member.require(Permission::GroupMessagesSend)?;
    let account = member.account_id();
    inbox
        .write(account, |mut unit| async move {
            let now = unit.now();
            // messages before recipients before the group message, as everywhere
            let again = sqlx::query_scalar!(
                "UPDATE messages m SET status = 'queued', error_details = NULL, failed_at = NULL,
                        metadata = for_another_try(m.metadata) || jsonb_build_object('retried_at', $3::timestamptz), updated_at = $3
                 FROM group_message_recipients r
                 WHERE r.group_message_id = $1 AND r.account_id = $2 AND r.state = 'failed' AND m.id = r.id
                   AND m.status IN ('failed', 'permanently_failed')
                   AND coalesce(m.error_details ->> 'code', '') <> 'outcome_unknown'
                 RETURNING m.id",
                id.uuid(),
                account.uuid(),
                now,
            )
            .fetch_all(&mut **unit.tx())
            .await?;
            sqlx::query!(
                "UPDATE group_message_recipients SET failures = 0, due_at = clock_timestamp(),
                        first_tried_at = clock_timestamp()
                 WHERE group_message_id = $1 AND id = ANY ($2)",
                id.uuid(),
                &again,
            )
            .execute(&mut **unit.tx())
            .await?;
            let old = lock(unit.tx(), account, id).await?;
            if again.is_empty() {
                return Err(Error::conflict("nobody is left to try again").into());
            }
            if matches!(old.status, Status::Completed | Status::PartiallyFailed | Status::Failed) {
                let next = old.status.to(Status::Processing)?;
                sqlx::query!(
                    "UPDATE group_messages SET status = $2, completed_at = NULL, error = NULL WHERE id = $1",
                    id.uuid(),
                    next.as_str(),
                )
                .execute(&mut **unit.tx())
                .await?;
            } else if old.status == Status::Cancelled || old.status == Status::Draft {
                return Err(Error::conflict("it was not sent").with("status", old.status).into());
            }
            let moves: Vec<ledger::Move> = again
                .iter()
                .map(|one| ledger::Move {
                    key: (id, model::MessageId(*one)),
                    to: model::group_message::RecipientState::Pending,
                    reason: None,
                })
                .collect();
            ledger::follow(&mut unit, &moves).await?;
            ledger::tell(&mut unit, account, id).await?;
            unit.commit(Retried { retried: again.len() as i64 }).await
        })
        .await
        .map_err(Into::into)
}

/// To whom a test goes.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSend {
    /// Where the group message has no channel of its own.
    pub channel_id: Option<ChannelId>,
    pub delivery_address: Option<String>,
    /// Whose values are filled in, and whose address is used unless one is given.
    pub contact_id: Option<ContactId>,
}

/// Sends one message as a recipient would get it; it is counted nowhere.
pub async fn test_send(
    inbox: &Inbox,
    member: &Member,
    id: GroupMessageId,
    to: &TestSend,
) -> Result<MessageView> {
    member.require(Permission::GroupMessagesSend)?;
    let view: GroupMessageView = list::read_one(inbox, member, &entity::ENTITY, id.uuid()).await?;
    let channel_id = view.channel_id.or(to.channel_id).ok_or_else(|| {
        Error::invalid("channel_id", "this group message goes by preferred channels: say which one to test")
    })?;
    let metadata = Map::from_iter([("test_of".to_owned(), json!(id))]);
    let single = NewSingle {
        client_message_id: None,
        channel_id,
        delivery_address: to.delivery_address.clone(),
        contact_id: to.contact_id,
        message_body: None,
        template_id: view.template_id,
        custom_values: view.custom_values.as_object().cloned().unwrap_or_default(),
        attachments: Vec::new(),
        scheduled_at: None,
        metadata: Some(metadata),
    };
    messages::create_single(inbox, member, single).await
}

fn put_right(plan: &mut Plan) -> Result<()> {
    let mut checks = Checks::new();
    checks.optional("name", plan.name.as_deref(), 255);
    plan.groups.sort_unstable();
    plan.groups.dedup();
    plan.segments.sort_unstable();
    plan.segments.dedup();
    plan.excluded.sort_unstable();
    plan.excluded.dedup();
    checks.that(plan.groups.len() <= MOST, "contact_group_ids", "may have 1000 entries");
    checks.that(plan.segments.len() <= 20, "segment_ids", "may have 20 entries");
    checks.that(plan.excluded.len() <= MOST_EXCLUDED, "exclude_contact_ids", "may have 50,000 entries");
    checks.object("custom_values", &Value::Object(plan.custom_values.clone()));
    checks.object("metadata", &Value::Object(plan.metadata.clone()));
    if let Some(rate) = plan.rate_per_minute {
        checks.range("rate_per_minute", rate.into(), 1..=10_000_000);
    }
    if let Some(percent) = plan.canary_percent {
        checks.range("canary_percent", percent.into(), 1..=50);
    }
    checks.range("canary_max_failure_percent", plan.canary_max_failure_percent.into(), 0..=100);
    checks.finish()
}

/// Everything that it names is the account's.
async fn require_known(tx: &mut Tx, member: &Member, plan: &Plan) -> Outcome<()> {
    let (groups, segments, excluded) = (&plan.groups, &plan.segments, &plan.excluded);
    let account = member.account_id();
    require_ids(tx, account, (groups, segments, excluded), plan.channel_id, plan.template_id).await
}

/// Groups, segments, excluded contacts, channel and template are the account's.
pub(crate) async fn require_ids(
    tx: &mut Tx,
    account: AccountId,
    (groups, segments, excluded): (&[GroupId], &[SegmentId], &[ContactId]),
    channel: Option<ChannelId>,
    template: Option<TemplateId>,
) -> Outcome<()> {
    let (groups, segments, excluded) =
        (uuids(groups, GroupId::uuid), uuids(segments, SegmentId::uuid), uuids(excluded, ContactId::uuid));
    let found = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM groups WHERE account_id = $1 AND id = ANY ($2)) AS "groups!",
                  (SELECT count(*) FROM segments WHERE account_id = $1 AND id = ANY ($3)) AS "segments!",
                  (SELECT count(*) FROM contacts WHERE account_id = $1 AND id = ANY ($4)) AS "contacts!",
                  (SELECT count(*) FROM channels WHERE account_id = $1 AND id = $5) AS "channels!",
                  (SELECT count(*) FROM templates WHERE account_id = $1 AND id = $6) AS "templates!""#,
        account.uuid(),
        &groups,
        &segments,
        &excluded,
        channel.map(ChannelId::uuid),
        template.map(TemplateId::uuid),
    )
    .fetch_one(&mut **tx)
    .await?;
    let distinct = |ids: &[Uuid]| ids.iter().collect::<std::collections::HashSet<_>>().len();
    let missing = [
        (found.groups as usize != distinct(&groups), "contact_group_ids", "a group"),
        (found.segments as usize != distinct(&segments), "segment_ids", "a segment"),
        (found.contacts as usize != distinct(&excluded), "exclude_contact_ids", "a contact"),
        (found.channels == 0 && channel.is_some(), "channel_id", "the channel"),
        (found.templates == 0 && template.is_some(), "template_id", "the template"),
    ];
    match missing.into_iter().find(|(is_missing, ..)| *is_missing) {
        None => Ok(()),
        Some((_, field, what)) => Err(Error::absent(field, format!("{what} is not in this account")).into()),
    }
}

async fn require_sendable(tx: &mut Tx, member: &Member, plan: &Plan) -> Outcome<()> {
    let has_audience = !plan.groups.is_empty() || !plan.segments.is_empty();
    sendable(tx, member, (plan.channel_id, plan.template_id, has_audience)).await
}

/// It can be sent as it stands now.
pub(crate) async fn sendable(
    tx: &mut Tx,
    member: &Member,
    (channel, template, has_audience): (Option<ChannelId>, Option<TemplateId>, bool),
) -> Outcome<()> {
    if !has_audience {
        return Err(Error::invalid("contact_group_ids", "choose at least one group or segment").into());
    }
    if let Some(channel) = channel {
        let row = sqlx::query!(
            r#"SELECT is_enabled, channel_type AS "channel_type: ChannelType" FROM channels
               WHERE id = $1 AND account_id = $2"#,
            channel.uuid(),
            member.account_id().uuid(),
        )
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| Error::absent("channel_id", "no such channel in this account"))?;
        if row.channel_type == ChannelType::Webchat {
            return Err(Error::invalid("channel_id", "a web chat cannot send to a group").into());
        }
        if !row.is_enabled {
            return Err(Error::invalid("channel_id", "this channel is switched off").into());
        }
    }
    match freeze::content(tx, member.account_id(), template, channel, Some(member.user_id())).await? {
        Ok(_) => Ok(()),
        Err(refusal) => Err(Error::invalid("template_id", refusal).into()),
    }
}
