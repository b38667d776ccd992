//! Firing what is due. Everything that follows from one time of a schedule is one transaction: the occurrence's
//! key, the message or group message, and the next time. Whoever comes second finds the row locked or the time
//! moved on.

use std::time::Duration;

use bus::{Outcome, Scope, Task};
use model::{
    AccountId, Error, Permission, RoleId, ScheduleId, Time, UserId,
    schedule::{MissedPolicy, ScheduleStatus as Status, SendType},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::entity::{Clockwork, EARLIEST_ZONE_HOURS, ENTITY, ScheduleView};
use crate::{
    Inbox, Member, Proof, Unit, group_messages,
    messages::{self, NewSingle},
};

/// Schedules of one look.
const BATCH: i64 = 50;
/// Between two looks.
const POLL: Duration = Duration::from_millis(500);

/// Fires until `stop`.
pub async fn run(inbox: Inbox, stop: CancellationToken) {
    loop {
        let fired = match fire_due(&inbox).await {
            Ok(fired) => fired,
            Err(fault) => {
                tracing::warn!(%fault, "schedules wait for the store");
                0
            }
        };
        if fired > 0 {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Fires what is due, each schedule once. Returns how many did.
pub async fn fire_due(inbox: &Inbox) -> Outcome<usize> {
    let due = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, account_id FROM scheduled_messages
                 WHERE status = 'pending' AND next_trigger_at <= clock_timestamp() ORDER BY next_trigger_at LIMIT $1",
                BATCH
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let mut fired = 0;
    for row in due {
        let (account, id) = (AccountId(row.account_id), ScheduleId(row.id));
        match fire(inbox, account, id).await {
            Ok(did) => fired += usize::from(did),
            Err(fault) if fault.is_unavailable() => return Err(fault),
            // its own transaction has failed: the failure is an outcome of this time, and the others go on
            Err(fault) => {
                let error = Error::from(fault);
                tracing::warn!(schedule_id = %id, %error, "a schedule could not fire");
                inbox.write(account, |unit| give_up(unit, account, id, error.message.clone())).await?;
                fired += 1;
            }
        }
    }
    Ok(fired)
}

async fn fire(inbox: &Inbox, account: AccountId, id: ScheduleId) -> Outcome<bool> {
    inbox
        .write(account, |mut unit| async move {
            let Some(schedule) = lock(&mut unit, account, id).await? else { return unit.commit(false).await };
            let now = clock(&mut unit).await?;
            let clockwork = Clockwork::of(&schedule)?;
            let Some(due) = schedule.next_trigger_at else { return unit.commit(false).await };
            let step = step(&schedule, &clockwork, due, now);
            for missed in &step.missed {
                note(&mut unit, &schedule, *missed, &Made { outcome: "missed", ..Made::default() }).await?;
            }
            let mut made = Made::default();
            if let Some(at) = step.fire {
                made = make(inbox, &mut unit, &schedule, at).await?;
                note(&mut unit, &schedule, at, &made).await?;
            }
            advance(&mut unit, &schedule, &step, &made).await?;
            unit.commit(true).await
        })
        .await
}

/// What is to be done with a schedule that is due.
#[derive(Debug, Default, PartialEq, Eq)]
struct Step {
    /// Times that are let go.
    missed: Vec<Time>,
    /// The time that fires now.
    fire: Option<Time>,
    next: Option<Time>,
}

/// The policy for times that have passed: `due` is the first of them.
fn step(schedule: &ScheduleView, clockwork: &Clockwork, due: Time, now: Time) -> Step {
    let late = |at: Time| now - at > chrono::Duration::seconds(schedule.max_lateness_seconds.into());
    // more than the cap can never be made up for; the rest is let go without a look at each
    let most = schedule.missed_cap.max(1) as usize + 1000;
    let before = due - chrono::Duration::microseconds(1);
    let mut passed: Vec<Time> = clockwork.after(before).take_while(|at| *at <= now).take(most).collect();
    if passed.first() != Some(&due) {
        passed.insert(0, due);
    }
    // one that is not repeated is over with its only time, whatever became of it
    let next = clockwork.rule.as_ref().and_then(|_| clockwork.after(now).next());
    let in_time: Vec<Time> = passed.iter().copied().filter(|at| !late(*at)).collect();
    let chosen = match schedule.missed_policy {
        // the last one only, if it is not late by a whole period
        MissedPolicy::Skip if passed.len() > 1 => None,
        MissedPolicy::Skip | MissedPolicy::One => in_time.last().copied(),
        MissedPolicy::All => {
            let skip = in_time.len().saturating_sub(schedule.missed_cap as usize);
            in_time.get(skip).copied()
        }
    };
    match (schedule.missed_policy, chosen) {
        (MissedPolicy::All, Some(at)) => {
            // one at a time: what is left of them is due at once
            let rest = in_time.iter().copied().find(|other| *other > at);
            let missed = passed.into_iter().filter(|other| *other < at).collect();
            Step { missed, fire: Some(at), next: rest.or(next) }
        }
        (_, chosen) => {
            let missed = passed.into_iter().filter(|other| Some(*other) != chosen).collect();
            Step { missed, fire: chosen, next }
        }
    }
}

async fn lock(unit: &mut Unit, account: AccountId, id: ScheduleId) -> Outcome<Option<ScheduleView>> {
    let mut sql = sqlx::QueryBuilder::<sqlx::Postgres>::new(ENTITY.select);
    sql.push(" FROM scheduled_messages WHERE id = ")
        .push_bind(id)
        .push(" AND account_id = ")
        .push_bind(account);
    sql.push(" AND status = 'pending' AND next_trigger_at <= clock_timestamp() FOR UPDATE SKIP LOCKED");
    Ok(sql.build_query_as().fetch_optional(&mut **unit.tx()).await?)
}

async fn clock(unit: &mut Unit) -> Outcome<Time> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#).fetch_one(&mut **unit.tx()).await?)
}

/// What a firing made.
#[derive(Debug, Default)]
struct Made {
    outcome: &'static str,
    message_id: Option<Uuid>,
    group_message_id: Option<Uuid>,
    error: Option<String>,
}

async fn make(inbox: &Inbox, unit: &mut Unit, schedule: &ScheduleView, at: Time) -> Outcome<Made> {
    if schedule.send_type == SendType::Group {
        let local = schedule.recipient_timezone.then(|| {
            let first = at.naive_utc() + chrono::Duration::hours(EARLIEST_ZONE_HOURS);
            (first, schedule.timezone.as_str())
        });
        let id = group_messages::fire(unit, schedule, local).await?;
        return Ok(Made { outcome: "fired", group_message_id: Some(id.uuid()), ..Made::default() });
    }
    if schedule.cancel_on_reply && has_answered(unit, schedule).await? {
        let error = Some("the customer has written".to_owned());
        return Ok(Made { outcome: "cancelled", error, ..Made::default() });
    }
    let Some(channel_id) = schedule.channel_id else {
        return Err(Error::invalid("channel_id", "the schedule has no channel").into());
    };
    let mut metadata = schedule.metadata.as_object().cloned().unwrap_or_default();
    metadata.insert("scheduled_message_id".into(), json!(schedule.id));
    let single = NewSingle {
        client_message_id: None,
        channel_id,
        delivery_address: schedule.delivery_address.clone(),
        contact_id: schedule.contact_id,
        message_body: None,
        template_id: schedule.template_id,
        custom_values: schedule.custom_values.as_object().cloned().unwrap_or_default(),
        attachments: Vec::new(),
        scheduled_at: None,
        metadata: Some(metadata),
    };
    let author = author(unit, schedule).await?;
    let message = messages::create_single_in(inbox, unit, &author, &single).await?;
    sqlx::query!(
        "UPDATE messages SET schedule_id = $2 WHERE id = $1 AND account_id = $3",
        message.id.uuid(),
        schedule.id.uuid(),
        schedule.account_id.uuid(),
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(Made { outcome: "fired", message_id: Some(message.id.uuid()), ..Made::default() })
}

/// Whoever made the schedule, with the rights to send this one message, also if they have left since.
async fn author(unit: &mut Unit, schedule: &ScheduleView) -> Outcome<Member> {
    let row = sqlx::query!(
        r#"SELECT trim(concat_ws(' ', given_name, family_name)) AS "name!", email, avatar_url
           FROM users WHERE id = $1"#,
        schedule.created_by_user_id.map(UserId::uuid),
    )
    .fetch_optional(&mut **unit.tx())
    .await?;
    let (name, email, avatar_url) = row.map(|row| (row.name, row.email, row.avatar_url)).unwrap_or_default();
    Ok(Member {
        account_id: schedule.account_id,
        user_id: schedule.created_by_user_id.unwrap_or(UserId(Uuid::nil())),
        name,
        email,
        avatar_url,
        proof: Proof::Operator,
        role_id: RoleId(Uuid::nil()),
        role_name: "schedule".into(),
        permissions: [Permission::MessagesSend, Permission::ContactsView].into_iter().collect(),
        teams: Vec::new(),
        team_visibility: false,
    })
}

/// Whether the customer wrote since the schedule was made or last fired.
async fn has_answered(unit: &mut Unit, schedule: &ScheduleView) -> Outcome<bool> {
    let since = schedule.last_triggered_at.unwrap_or(schedule.created_at);
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT 1 FROM conversations WHERE account_id = $1 AND last_inbound_at > $4
                 AND (contact_id = $2 OR (channel_id = $5 AND contact_identifier = $3))
           ) AS "answered!""#,
        schedule.account_id.uuid(),
        schedule.contact_id.map(model::ContactId::uuid),
        schedule.delivery_address,
        since,
        schedule.channel_id.map(model::ChannelId::uuid),
    )
    .fetch_one(&mut **unit.tx())
    .await?)
}

/// Writes the key of a time; a second one of the same time fails the transaction.
async fn note(unit: &mut Unit, schedule: &ScheduleView, due: Time, made: &Made) -> Outcome<()> {
    let now = unit.now();
    sqlx::query!(
        "INSERT INTO scheduled_occurrences (schedule_id, due_at, account_id, outcome, message_id, group_message_id,
             error, fired_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        schedule.id.uuid(),
        due,
        schedule.account_id.uuid(),
        made.outcome,
        made.message_id,
        made.group_message_id,
        made.error,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

async fn advance(unit: &mut Unit, schedule: &ScheduleView, step: &Step, made: &Made) -> Outcome<()> {
    let now = unit.now();
    let fired = i32::from(step.fire.is_some());
    let count = schedule.trigger_count + fired;
    let next = step.next.filter(|_| schedule.recurrence_count.is_none_or(|most| count < most));
    // pending, triggered and on: one transaction, so that nobody sees it in between
    let triggered = schedule.status.to(Status::Triggered)?;
    let status = match (made.outcome, next) {
        ("cancelled", _) => Status::Cancelled,
        ("failed", None) => triggered.to(Status::Failed)?,
        (_, Some(_)) => triggered.to(Status::Pending)?,
        // a time that was missed for good is not completed
        (_, None) if step.fire.is_none() && count == 0 => triggered.to(Status::Failed)?,
        (_, None) => triggered.to(Status::Completed)?,
    };
    let error = made
        .error
        .clone()
        .or_else(|| (step.fire.is_none()).then(|| "it was missed: no hub ran in time".to_owned()));
    let next = next.filter(|_| status == Status::Pending);
    sqlx::query!(
        "UPDATE scheduled_messages SET status = $2, next_trigger_at = $3, trigger_count = $4,
             last_triggered_at = CASE WHEN $5 THEN $6 ELSE last_triggered_at END,
             message_id = coalesce($7, message_id), group_message_id = coalesce($8, group_message_id),
             error = $9, updated_at = $6
         WHERE id = $1",
        schedule.id.uuid(),
        status.as_str(),
        next,
        count,
        step.fire.is_some(),
        now,
        made.message_id,
        made.group_message_id,
        error,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// A firing that cannot be carried out is an outcome too: recurring schedules go on, others have failed.
async fn give_up(mut unit: Unit, account: AccountId, id: ScheduleId, why: String) -> Outcome<()> {
    let Some(schedule) = lock(&mut unit, account, id).await? else { return unit.commit(()).await };
    let Some(due) = schedule.next_trigger_at else { return unit.commit(()).await };
    let now = clock(&mut unit).await?;
    // a schedule whose own fields cannot be read any more has no next time
    let clockwork = Clockwork::of(&schedule).ok().filter(|clockwork| clockwork.rule.is_some());
    let next = clockwork.and_then(|clockwork| clockwork.after(now).next());
    let made = Made { outcome: "failed", error: Some(why), ..Made::default() };
    note(&mut unit, &schedule, due, &made).await?;
    let step = Step { missed: Vec::new(), fire: Some(due), next };
    advance(&mut unit, &schedule, &step, &made).await?;
    unit.commit(()).await
}
