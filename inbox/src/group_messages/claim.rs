//! Claiming recipients for dispatch: the lease, the rendered message and its open attempt, in one transaction.

mod again;
mod first;

use std::time::Duration;

use bus::{Outcome, Scope, Task, Tx};
use model::{
    AccountId, Attachment, AttemptId, ChannelId, GroupMessageId, MessageId, MessageStatus, Time, UserId,
};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use self::again::{claim_open, free_leftovers};
use super::{freeze::Content, ledger};
use crate::{Inbox, sending_limits};

/// Bulk messages are given up when older than this.
pub const MAX_AGE: Duration = Duration::from_hours(24);

/// A claimed recipient, ready to be sent or asked about.
#[derive(Debug, Clone)]
pub struct Taken {
    pub account_id: AccountId,
    pub group_message_id: GroupMessageId,
    pub channel_id: ChannelId,
    pub message_id: MessageId,
    /// Names the claim, like the id of a mailbox item.
    pub number: i64,
    pub token: i64,
    /// Attempts that failed and count.
    pub failures: i32,
    pub first_tried_at: Time,
    pub status: MessageStatus,
    pub to: String,
    pub text: String,
    /// `None`: what is stored cannot be read.
    pub attachments: Option<Vec<Attachment>>,
    pub metadata: Value,
    /// Attempts so far, this one included.
    pub attempts: i32,
    pub task: TakenTask,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub enum TakenTask {
    Send { attempt_id: AttemptId },
    Ask { attempt_id: Option<AttemptId>, started_at: Time },
    TooOld,
}

/// A group message that can be claimed from, on one of its channels.
#[derive(Debug, Clone)]
pub struct Runnable {
    pub account_id: AccountId,
    pub group_message_id: GroupMessageId,
    pub channel_ids: Vec<ChannelId>,
    pub rate_per_minute: Option<i32>,
    /// The tenant's share of the workers.
    pub weight: i32,
}

/// What can be claimed from, tenant by tenant.
pub async fn runnable(inbox: &Inbox) -> Outcome<Vec<Runnable>> {
    inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            let rows = sqlx::query!(
                "SELECT g.id, g.account_id, g.channel_ids, g.rate_per_minute, a.bulk_weight
                 FROM group_messages g JOIN accounts a ON a.id = g.account_id
                 WHERE g.status = 'processing' AND g.pending_count > g.unknown_count
                   AND (g.canary_percent IS NULL OR g.frozen_at IS NOT NULL)
                 ORDER BY g.account_id, g.id LIMIT 2000"
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Runnable {
                    account_id: AccountId(row.account_id),
                    group_message_id: GroupMessageId(row.id),
                    channel_ids: row.channel_ids.into_iter().map(ChannelId).collect(),
                    rate_per_minute: row.rate_per_minute,
                    weight: row.bulk_weight,
                })
                .collect())
        })
        .await
}

/// The group message as a claim needs it.
struct Parent {
    content: Content,
    custom: Map<String, Value>,
    template_id: Option<Uuid>,
    schedule_id: Option<Uuid>,
    sender_id: Option<UserId>,
    canary_until: Option<i64>,
}

/// A recipient whose claim has just been written.
struct Claimed {
    id: Uuid,
    number: i64,
    token: i64,
    contact_id: Option<Uuid>,
    person_id: Option<Uuid>,
    address: String,
    failures: i32,
    first_tried_at: Time,
    is_new: bool,
}

/// Claims up to `most` due recipients of a group message on one channel. Those that need no message after all
/// (suppressed meanwhile, values missing) are skipped in the same transaction.
pub async fn claim(
    inbox: &Inbox,
    account: AccountId,
    (group, channel): (GroupMessageId, ChannelId),
    most: usize,
    lease: Duration,
) -> Outcome<Vec<Taken>> {
    inbox
        .write(account, |mut unit| async move {
            let Some(parent) = parent(unit.tx(), account, (group, channel)).await? else {
                return unit.commit(Vec::new()).await;
            };
            let now = unit.now();
            let rules = sending_limits::rules(unit.tx(), account, now).await?;
            let most = rules.left().map_or(most as i64, |left| left.min(most as i64));
            let claimed = take(unit.tx(), (group, channel), parent.canary_until, most, lease).await?;
            if claimed.is_empty() {
                return unit.commit(Vec::new()).await;
            }
            let (new, repeated): (Vec<Claimed>, Vec<Claimed>) =
                claimed.into_iter().partition(|one| one.is_new);
            let mut moves = Vec::new();
            let mut taken = Vec::new();
            let place = Place { account, group, channel };
            let new = first::leave_in_peace(&mut unit, &place, &rules, new, &mut moves).await?;
            first::write_new(inbox, &mut unit, &place, &parent, new, &mut taken, &mut moves).await?;
            sending_limits::count(unit.tx(), account, taken.len() as i64, now).await?;
            again::reopen(&mut unit, &place, repeated, &mut taken, &mut moves).await?;
            open_attempts(unit.tx(), &taken, inbox.now()).await?;
            ledger::follow(&mut unit, &moves).await?;
            unit.commit(taken).await
        })
        .await
}

struct Place {
    account: AccountId,
    group: GroupMessageId,
    channel: ChannelId,
}

async fn parent(
    tx: &mut Tx,
    account: AccountId,
    (group, channel): (GroupMessageId, ChannelId),
) -> Outcome<Option<Parent>> {
    let row = sqlx::query!(
        "SELECT content, custom_values, template_id, schedule_id, created_by_user_id, canary_until, canary_state
         FROM group_messages WHERE id = $1 AND account_id = $2 AND status = 'processing' AND content IS NOT NULL
           AND (canary_percent IS NULL OR frozen_at IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.id = $3 AND c.paused_until > clock_timestamp())",
        group.uuid(),
        account.uuid(),
        channel.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let content = row.content.unwrap_or_default();
    Ok(Some(Parent {
        content: serde_json::from_value(content).map_err(model::Error::internal)?,
        custom: row.custom_values.as_object().cloned().unwrap_or_default(),
        template_id: row.template_id,
        schedule_id: row.schedule_id,
        sender_id: row.created_by_user_id.map(UserId),
        canary_until: row.canary_until.filter(|_| row.canary_state.as_deref() == Some("waiting")),
    }))
}

/// Takes due recipients by lease. Row locks exclude other workers, the token fences off late ones.
async fn take(
    tx: &mut Tx,
    (group, channel): (GroupMessageId, ChannelId),
    until: Option<i64>,
    most: i64,
    lease: Duration,
) -> Outcome<Vec<Claimed>> {
    // the rows are found from those that are due, one by one: named by `$1` again, a group message that no statistics know yet
    // would be read whole for each
    let rows = sqlx::query!(
        r#"WITH due AS (
               SELECT group_message_id, id, has_message FROM group_message_recipients
               WHERE group_message_id = $1 AND channel_id = $2 AND state = 'pending'
                 AND due_at <= clock_timestamp() AND ($3::bigint IS NULL OR number <= $3)
               ORDER BY number LIMIT $4 FOR UPDATE SKIP LOCKED
           )
           UPDATE group_message_recipients r
           SET state = 'sending', token = r.token + 1, has_message = true, updated_at = clock_timestamp(),
               first_tried_at = coalesce(r.first_tried_at, clock_timestamp()),
               due_at = clock_timestamp() + make_interval(secs => $5)
           FROM due WHERE r.group_message_id = due.group_message_id AND r.id = due.id
           RETURNING r.id, r.number, r.token, r.contact_id, r.person_id, r.address AS "address!", r.failures,
                     r.first_tried_at AS "first_tried_at!", NOT due.has_message AS "is_new!""#,
        group.uuid(),
        channel.uuid(),
        until,
        most,
        lease.as_secs_f64(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut claimed: Vec<Claimed> = rows
        .into_iter()
        .map(|row| Claimed {
            id: row.id,
            number: row.number,
            token: row.token,
            contact_id: row.contact_id,
            person_id: row.person_id,
            address: row.address,
            failures: row.failures,
            first_tried_at: row.first_tried_at,
            is_new: row.is_new,
        })
        .collect();
    // messages are locked and written in the order of their ids
    claimed.sort_unstable_by_key(|one| one.id);
    Ok(claimed)
}

fn taken_of(
    place: &Place,
    one: &Claimed,
    attempts: i32,
    (text, attachments, metadata): (String, Option<Vec<Attachment>>, Value),
    task: TakenTask,
) -> Taken {
    Taken {
        account_id: place.account,
        group_message_id: place.group,
        channel_id: place.channel,
        message_id: MessageId(one.id),
        number: one.number,
        token: one.token,
        failures: one.failures,
        first_tried_at: one.first_tried_at,
        status: MessageStatus::Sending,
        to: one.address.clone(),
        text,
        attachments,
        metadata,
        attempts,
        task,
    }
}

async fn open_attempts(tx: &mut Tx, taken: &[Taken], now: Time) -> Outcome<()> {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in taken {
        let TakenTask::Send { attempt_id } = one.task else { continue };
        columns.0.push(attempt_id.uuid());
        columns.1.push(one.account_id.uuid());
        columns.2.push(one.message_id.uuid());
        columns.3.push(one.channel_id.uuid());
        columns.4.push(one.attempts);
        columns.5.push(one.token);
    }
    if columns.0.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO attempts (id, account_id, message_id, channel_id, number, token, started_at)
         SELECT id, account_id, message_id, channel_id, number, token, $7
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[])
              AS a (id, account_id, message_id, channel_id, number, token)",
        &columns.0,
        &columns.1,
        &columns.2,
        &columns.3,
        &columns.4,
        &columns.5,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
