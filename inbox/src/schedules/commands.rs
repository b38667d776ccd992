//! What members of an account do with schedules.

use bus::{Outcome, Tx};
use model::{
    ChannelId, ContactId, Error, Permission, Result, ScheduleId, TemplateId, Time,
    schedule::{MissedPolicy, ScheduleStatus as Status, SendType},
};
use serde_json::Value;
use uuid::Uuid;

use super::entity::{Clockwork, ENTITY, NewSchedule, ScheduleView, UpdateSchedule, no_zone};
use crate::{
    Inbox, Member, Unit,
    check::{self, Checks},
    group_messages, list, patch,
};

/// Stores a schedule. A `message_body` becomes a template of its own.
pub async fn create(inbox: &Inbox, member: &Member, new: &NewSchedule) -> Result<ScheduleView> {
    member.require(Permission::SchedulesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    if new.template_id.is_some() == new.message_body.is_some() {
        return Err(Error::invalid("template_id", "give either template_id or message_body"));
    }
    if new.scheduled_at <= now {
        return Err(Error::invalid("scheduled_at", "must lie in the future"));
    }
    if new.is_recurring.is_some_and(|is_recurring| is_recurring != new.recurrence_rule.is_some()) {
        return Err(Error::invalid("recurrence_rule", "goes with is_recurring"));
    }
    let view = ScheduleView {
        id: ScheduleId::new(),
        account_id: account,
        name: new.name.clone(),
        status: Status::Pending,
        channel_id: new.channel_id,
        template_id: new.template_id,
        created_by_user_id: Some(member.user_id()),
        custom_values: Value::Object(new.custom_values.clone()),
        metadata: Value::Object(new.metadata.clone()),
        send_type: new.send_type,
        delivery_address: new.delivery_address.clone(),
        contact_id: new.contact_id,
        contact_group_ids: new.contact_group_ids.clone(),
        segment_ids: new.segment_ids.clone(),
        exclude_contact_ids: new.exclude_contact_ids.clone(),
        rate_per_minute: new.rate_per_minute,
        scheduled_at: new.scheduled_at,
        timezone: new.timezone.clone().unwrap_or_else(|| "UTC".into()),
        recipient_timezone: new.recipient_timezone,
        is_recurring: new.recurrence_rule.is_some(),
        recurrence_rule: new.recurrence_rule.clone(),
        recurrence_end_at: new.recurrence_end_at,
        recurrence_count: new.recurrence_count,
        missed_policy: new.missed_policy.unwrap_or(MissedPolicy::One),
        missed_cap: new.missed_cap.unwrap_or(10),
        max_lateness_seconds: new.max_lateness_seconds.unwrap_or(3600),
        cancel_on_reply: new.cancel_on_reply,
        last_triggered_at: None,
        next_trigger_at: None,
        trigger_count: 0,
        message_id: None,
        group_message_id: None,
        error: None,
        next_runs: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let view = &put_right(view, now)?;
    inbox
        .write(account, |mut unit| async move {
            let mut view = view.clone();
            if let Some(body) = &new.message_body {
                view.template_id = Some(template(&mut unit, member, &view, body).await?);
            }
            require_known(unit.tx(), member, &view).await?;
            insert(unit.tx(), &view).await?;
            let stored: ScheduleView = list::one(unit.tx(), &ENTITY, account, view.id.uuid()).await?;
            unit.commit(stored.with_runs()).await
        })
        .await
        .map_err(Into::into)
}

/// Changes a schedule that is pending or paused, or moves it on.
pub async fn update(
    inbox: &Inbox,
    member: &Member,
    id: ScheduleId,
    change: &UpdateSchedule,
) -> Result<ScheduleView> {
    member.require(Permission::SchedulesManage)?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .write(account, |mut unit| async move {
            let old: ScheduleView =
                list::locked(unit.tx(), &ENTITY, account, id.uuid(), "scheduled_messages").await?;
            if !old.status.is_editable() {
                return Err(Error::conflict(format!("a schedule that is {} cannot be changed", old.status))
                    .with("status", old.status)
                    .into());
            }
            let was =
                (old.scheduled_at, old.timezone.clone(), old.recurrence_rule.clone(), old.recipient_timezone);
            let status = change.status.unwrap_or(old.status);
            if status != old.status {
                if !matches!(status, Status::Pending | Status::Paused | Status::Cancelled) {
                    return Err(Error::invalid("status", "ask for pending, paused or cancelled").into());
                }
                old.status.to(status)?;
            }
            let (resumed, next, fired) = (
                old.status == Status::Paused && status == Status::Pending,
                old.next_trigger_at,
                old.trigger_count > 0,
            );
            let mut view = changed(old, change.clone());
            view.status = status;
            if let Some(body) = &change.message_body {
                view.template_id = Some(template(&mut unit, member, &view, body).await?);
            }
            let moved = was
                != (
                    view.scheduled_at,
                    view.timezone.clone(),
                    view.recurrence_rule.clone(),
                    view.recipient_timezone,
                );
            if moved && change.scheduled_at.is_some_and(|at| at <= now) {
                return Err(Error::invalid("scheduled_at", "must lie in the future").into());
            }
            // times that passed while it was paused are not made up for
            let from =
                if moved || resumed { now } else { next.unwrap_or(now) - chrono::Duration::microseconds(1) };
            let mut view = put_right(view, from)?;
            if status == Status::Cancelled {
                view.next_trigger_at = None;
            } else if view.next_trigger_at.is_none() {
                let (field, why) = if fired {
                    ("recurrence_rule", "brings no further time")
                } else {
                    ("scheduled_at", "has passed")
                };
                return Err(Error::invalid(field, why).into());
            }
            require_known(unit.tx(), member, &view).await?;
            save(unit.tx(), &view, now).await?;
            let stored: ScheduleView = list::one(unit.tx(), &ENTITY, account, id.uuid()).await?;
            unit.commit(stored.with_runs()).await
        })
        .await
        .map_err(Into::into)
}

fn changed(old: ScheduleView, change: UpdateSchedule) -> ScheduleView {
    ScheduleView {
        name: patch::or(change.name, old.name),
        channel_id: patch::or(change.channel_id, old.channel_id),
        template_id: change.template_id.or(old.template_id),
        custom_values: change.custom_values.map_or(old.custom_values, Value::Object),
        metadata: change.metadata.map_or(old.metadata, Value::Object),
        delivery_address: change.delivery_address.or(old.delivery_address),
        contact_id: change.contact_id.or(old.contact_id),
        contact_group_ids: change.contact_group_ids.unwrap_or(old.contact_group_ids),
        segment_ids: change.segment_ids.unwrap_or(old.segment_ids),
        exclude_contact_ids: change.exclude_contact_ids.unwrap_or(old.exclude_contact_ids),
        rate_per_minute: patch::or(change.rate_per_minute, old.rate_per_minute),
        scheduled_at: change.scheduled_at.unwrap_or(old.scheduled_at),
        timezone: change.timezone.unwrap_or(old.timezone),
        recipient_timezone: change.recipient_timezone.unwrap_or(old.recipient_timezone),
        recurrence_rule: match change.is_recurring {
            Some(false) => None,
            _ => patch::or(change.recurrence_rule, old.recurrence_rule),
        },
        recurrence_end_at: patch::or(change.recurrence_end_at, old.recurrence_end_at),
        recurrence_count: patch::or(change.recurrence_count, old.recurrence_count),
        missed_policy: change.missed_policy.unwrap_or(old.missed_policy),
        missed_cap: change.missed_cap.unwrap_or(old.missed_cap),
        max_lateness_seconds: change.max_lateness_seconds.unwrap_or(old.max_lateness_seconds),
        cancel_on_reply: change.cancel_on_reply.unwrap_or(old.cancel_on_reply),
        ..old
    }
}

/// Removes a schedule and its record of firings; what it sent stays. One that may still fire stays (409).
pub async fn delete(inbox: &Inbox, member: &Member, id: ScheduleId) -> Result<()> {
    member.require(Permission::SchedulesManage)?;
    let account = member.account_id();
    inbox
        .store()
        .write(account, |mut tx| async move {
            let old: ScheduleView =
                list::locked(&mut tx, &ENTITY, account, id.uuid(), "scheduled_messages").await?;
            if old.status.is_editable() || old.status == Status::Triggered {
                return Err(Error::conflict("it may still fire; cancel it first")
                    .with("status", old.status)
                    .into());
            }
            let gone = sqlx::query!(
                "DELETE FROM scheduled_messages WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
            )
            .execute(&mut *tx)
            .await?;
            check::found("scheduled message", gone.rows_affected())
        })
        .await
        .map_err(Error::from)
}

async fn template(unit: &mut Unit, member: &Member, view: &ScheduleView, body: &str) -> Outcome<TemplateId> {
    group_messages::implicit_template(unit, member, view.name.as_deref(), body).await
}

/// Checks what can be checked without the store, and sets the next time: the first after `from`.
fn put_right(mut view: ScheduleView, from: Time) -> Result<ScheduleView> {
    let mut checks = Checks::new();
    view.name = view.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    checks.optional("name", view.name.as_deref(), 255);
    view.delivery_address =
        view.delivery_address.map(|address| address.trim().to_owned()).filter(|address| !address.is_empty());
    checks.optional("delivery_address", view.delivery_address.as_deref(), 255);
    checks.object("custom_values", &view.custom_values);
    checks.object("metadata", &view.metadata);
    match view.send_type {
        SendType::Single => {
            checks.that(
                view.delivery_address.is_some() || view.contact_id.is_some(),
                "delivery_address",
                "give delivery_address or contact_id",
            );
            checks.that(view.channel_id.is_some(), "channel_id", "is required for a single message");
            checks.that(!view.recipient_timezone, "recipient_timezone", "is for groups");
        }
        SendType::Group => {
            let has_audience = !view.contact_group_ids.is_empty() || !view.segment_ids.is_empty();
            checks.that(has_audience, "contact_group_ids", "choose at least one group or segment");
            checks.that(!view.cancel_on_reply, "cancel_on_reply", "is for single messages");
        }
    }
    checks.range("missed_cap", view.missed_cap.into(), 1..=1000);
    checks.range("max_lateness_seconds", view.max_lateness_seconds.into(), 0..=31 * 86_400);
    if let Some(count) = view.recurrence_count {
        checks.range("recurrence_count", count.into(), 1..=100_000);
    }
    if let Some(rate) = view.rate_per_minute {
        checks.range("rate_per_minute", rate.into(), 1..=10_000_000);
    }
    let is_zone = view.timezone.parse::<chrono_tz::Tz>().is_ok();
    checks.that(is_zone, "timezone", &no_zone().message);
    view.is_recurring = view.recurrence_rule.is_some();
    if let Some(rule) = &view.recurrence_rule {
        checks.optional("recurrence_rule", Some(rule), 255);
        if let Err(error) = rule.parse::<model::recurrence::Recurrence>() {
            checks.refuse("recurrence_rule", error.to_string());
        }
    }
    if view.recurrence_end_at.is_some_and(|end| end < view.scheduled_at) {
        checks.refuse("recurrence_end_at", "lies before the first time");
    }
    checks.finish()?;
    view.next_trigger_at = Clockwork::of(&view)?.after(from).next();
    Ok(view)
}

/// What it names is the account's and can be sent.
async fn require_known(tx: &mut Tx, member: &Member, view: &ScheduleView) -> Outcome<()> {
    let account = member.account_id();
    group_messages::require_ids(
        tx,
        account,
        (&view.contact_group_ids, &view.segment_ids, &view.exclude_contact_ids),
        view.channel_id,
        view.template_id,
    )
    .await?;
    if let Some(contact) = view.contact_id {
        let _ = crate::conversations::contact(tx, member, contact).await?;
    }
    group_messages::sendable(tx, member, (view.channel_id, view.template_id, true)).await?;
    if let (SendType::Single, Some(address)) = (view.send_type, &view.delivery_address)
        && address.chars().any(char::is_control)
    {
        return Err(Error::invalid("delivery_address", "must not contain control characters").into());
    }
    Ok(())
}

fn uuids<T: Copy>(ids: &[T], of: fn(T) -> Uuid) -> Vec<Uuid> {
    ids.iter().map(|id| of(*id)).collect()
}

async fn insert(tx: &mut Tx, view: &ScheduleView) -> Outcome<()> {
    sqlx::query!(
        "INSERT INTO scheduled_messages (id, account_id, name, status, channel_id, template_id, created_by_user_id,
             custom_values, metadata, send_type, delivery_address, contact_id, contact_group_ids,
             segment_ids, exclude_contact_ids, rate_per_minute, scheduled_at, timezone, recipient_timezone,
             is_recurring, recurrence_rule, recurrence_end_at, recurrence_count, missed_policy, missed_cap,
             max_lateness_seconds, cancel_on_reply, next_trigger_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                 $22, $23, $24, $25, $26, $27, $28, $29, $29)",
        view.id.uuid(),
        view.account_id.uuid(),
        view.name,
        view.status.as_str(),
        view.channel_id.map(ChannelId::uuid),
        view.template_id.map(TemplateId::uuid),
        view.created_by_user_id.map(model::UserId::uuid),
        view.custom_values,
        view.metadata,
        view.send_type.as_str(),
        view.delivery_address,
        view.contact_id.map(ContactId::uuid),
        &uuids(&view.contact_group_ids, model::GroupId::uuid),
        &uuids(&view.segment_ids, model::SegmentId::uuid),
        &uuids(&view.exclude_contact_ids, ContactId::uuid),
        view.rate_per_minute,
        view.scheduled_at,
        view.timezone,
        view.recipient_timezone,
        view.is_recurring,
        view.recurrence_rule,
        view.recurrence_end_at,
        view.recurrence_count,
        view.missed_policy.as_str(),
        view.missed_cap,
        view.max_lateness_seconds,
        view.cancel_on_reply,
        view.next_trigger_at,
        view.created_at,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn save(tx: &mut Tx, view: &ScheduleView, now: Time) -> Outcome<()> {
    sqlx::query!(
        "UPDATE scheduled_messages SET name = $2, status = $3, channel_id = $4, template_id = $5, custom_values = $6,
             metadata = $7, delivery_address = $8, contact_id = $9, contact_group_ids = $10, segment_ids = $11,
             exclude_contact_ids = $12, rate_per_minute = $13, scheduled_at = $14, timezone = $15,
             recipient_timezone = $16, is_recurring = $17, recurrence_rule = $18, recurrence_end_at = $19,
             recurrence_count = $20, missed_policy = $21, missed_cap = $22, max_lateness_seconds = $23,
             cancel_on_reply = $24, next_trigger_at = $25, updated_at = $26
         WHERE id = $1",
        view.id.uuid(),
        view.name,
        view.status.as_str(),
        view.channel_id.map(ChannelId::uuid),
        view.template_id.map(TemplateId::uuid),
        view.custom_values,
        view.metadata,
        view.delivery_address,
        view.contact_id.map(ContactId::uuid),
        &uuids(&view.contact_group_ids, model::GroupId::uuid),
        &uuids(&view.segment_ids, model::SegmentId::uuid),
        &uuids(&view.exclude_contact_ids, ContactId::uuid),
        view.rate_per_minute,
        view.scheduled_at,
        view.timezone,
        view.recipient_timezone,
        view.is_recurring,
        view.recurrence_rule,
        view.recurrence_end_at,
        view.recurrence_count,
        view.missed_policy.as_str(),
        view.missed_cap,
        view.max_lateness_seconds,
        view.cancel_on_reply,
        view.next_trigger_at,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
