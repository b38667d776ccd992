//! The moves of recipients, and the counts that follow them.
//!
//! Locks: messages by id, recipients by (group message, id), group messages last. A recipient's state is what
//! its message's status means, from its claim on.

use std::collections::{BTreeMap, HashMap};

use bus::{Outcome, Tx};
use model::{
    AccountId, Audience, GroupMessageId, MessageId, Time,
    group_message::{Counts, GroupMessageStatus, RecipientState},
};
use uuid::Uuid;

use super::entity;
use crate::Unit;

/// A recipient by its two names.
pub(crate) type Key = (GroupMessageId, MessageId);

/// Where a recipient is to stand.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    pub key: Key,
    pub to: RecipientState,
    /// Why it was skipped or failed.
    pub reason: Option<String>,
}

/// A locked recipient.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Locked {
    pub state: RecipientState,
    pub token: i64,
}

/// Locks recipients in their order.
pub(crate) async fn lock(tx: &mut Tx, keys: &[Key]) -> Outcome<HashMap<Key, Locked>> {
    let (groups, ids) = split(keys);
    let rows = sqlx::query!(
        r#"SELECT r.group_message_id, r.id, r.state AS "state: RecipientState", r.token
           FROM group_message_recipients r
           JOIN unnest($1::uuid[], $2::uuid[]) AS k (group_message_id, id) USING (group_message_id, id)
           ORDER BY r.group_message_id, r.id FOR UPDATE OF r"#,
        &groups,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let key = (GroupMessageId(row.group_message_id), MessageId(row.id));
            (key, Locked { state: row.state, token: row.token })
        })
        .collect())
}

fn split(keys: &[Key]) -> (Vec<Uuid>, Vec<Uuid>) {
    keys.iter().map(|(group, id)| (group.uuid(), id.uuid())).unzip()
}

/// A recipient that is tried, or asked about, later.
#[derive(Debug, Clone)]
pub(crate) struct Later {
    pub key: Key,
    pub after: std::time::Duration,
    /// It was a failed attempt.
    pub counts: bool,
}

/// Puts off locked recipients, by the database's clock.
pub(crate) async fn put_off(tx: &mut Tx, later: &[Later]) -> Outcome<()> {
    if later.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = later.iter().map(|one| one.key).collect();
    let (groups, ids) = split(&keys);
    let seconds: Vec<f64> = later.iter().map(|one| one.after.as_secs_f64()).collect();
    let counts: Vec<bool> = later.iter().map(|one| one.counts).collect();
    sqlx::query!(
        "UPDATE group_message_recipients r
         SET due_at = clock_timestamp() + make_interval(secs => l.seconds), failures = r.failures + l.counts::int
         FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::bool[]) AS l (group_message_id, id, seconds, counts)
         WHERE r.group_message_id = l.group_message_id AND r.id = l.id",
        &groups,
        &ids,
        &seconds,
        &counts,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moves recipients and then the counts; the last thing of a transaction but its commit.
pub(crate) async fn follow(unit: &mut Unit, moves: &[Move]) -> Outcome<()> {
    if moves.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = moves.iter().map(|one| one.key).collect();
    let locked = lock(unit.tx(), &keys).await?;
    let mut steps: Vec<(&Move, RecipientState)> = moves
        .iter()
        .filter_map(|one| Some((one, locked.get(&one.key)?.state)))
        .filter(|(one, from)| *from != one.to)
        .collect();
    steps.sort_unstable_by_key(|(one, _)| one.key);
    steps.dedup_by_key(|(one, _)| one.key);
    if steps.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = steps.iter().map(|(one, _)| one.key).collect();
    let (groups, ids) = split(&keys);
    let states: Vec<&str> = steps.iter().map(|(one, _)| one.to.as_str()).collect();
    let reasons: Vec<Option<&str>> = steps.iter().map(|(one, _)| one.reason.as_deref()).collect();
    let now = unit.now();
    sqlx::query!(
        "UPDATE group_message_recipients r SET state = m.state, reason = m.reason, updated_at = $5
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS m (group_message_id, id, state, reason)
         WHERE r.group_message_id = m.group_message_id AND r.id = m.id",
        &groups,
        &ids,
        &states as &[&str],
        &reasons as &[Option<&str>],
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    let mut changes: BTreeMap<GroupMessageId, Counts> = BTreeMap::new();
    for (one, from) in steps {
        changes.entry(one.key.0).or_default().step(Some(from), one.to);
    }
    for (id, change) in changes {
        count(unit, id, change).await?;
    }
    Ok(())
}

/// Adds to the counts of one group message and draws what follows from them: its end, and the end of its
/// canary.
pub(crate) async fn count(unit: &mut Unit, id: GroupMessageId, change: Counts) -> Outcome<()> {
    let now = unit.now();
    let Some(row) = sqlx::query!(
        r#"UPDATE group_messages SET total_recipients = total_recipients + $2, pending_count = pending_count + $3,
               sent_count = sent_count + $4, delivered_count = delivered_count + $5,
               failed_count = failed_count + $6, cancelled_count = cancelled_count + $7,
               skipped_count = skipped_count + $8, unknown_count = unknown_count + $9,
               version = version + 1, updated_at = $10
           WHERE id = $1
           RETURNING account_id, status AS "status: GroupMessageStatus", frozen_at, canary_state, canary_size,
               canary_skipped, canary_max_failure_percent, total_recipients, pending_count, sent_count,
               delivered_count, failed_count, cancelled_count, skipped_count, unknown_count"#,
        id.uuid(),
        change.total,
        change.pending,
        change.sent,
        change.delivered,
        change.failed,
        change.cancelled,
        change.skipped,
        change.unknown,
        now,
    )
    .fetch_optional(&mut **unit.tx())
    .await?
    else {
        return Ok(());
    };
    let counts = Counts {
        total: row.total_recipients,
        pending: row.pending_count,
        sent: row.sent_count,
        delivered: row.delivered_count,
        failed: row.failed_count,
        cancelled: row.cancelled_count,
        skipped: row.skipped_count,
        unknown: row.unknown_count,
    };
    let canary = match row.canary_state.as_deref() {
        Some("waiting") if row.frozen_at.is_some() => {
            canary(&counts, row.canary_size, row.canary_skipped, row.canary_max_failure_percent)
        }
        _ => Canary::Waiting,
    };
    use GroupMessageStatus as S;
    let next = match row.status {
        S::Processing if row.frozen_at.is_some() && counts.is_over() => Some(counts.end()),
        // some that may have been sent were not after all: it goes on with them
        S::Completed | S::PartiallyFailed | S::Failed if !counts.is_over() => Some(S::Processing),
        S::Completed | S::PartiallyFailed | S::Failed if counts.total > 0 => Some(counts.end()),
        S::Processing if canary == Canary::Stopped => Some(S::Paused),
        _ => None,
    }
    .filter(|next| *next != row.status);
    if next.is_none() && canary == Canary::Waiting {
        return Ok(());
    }
    let state = match canary {
        Canary::Waiting => None,
        Canary::Passed => Some("passed"),
        Canary::Stopped => Some("stopped"),
    };
    let reason = (next == Some(S::Paused))
        .then(|| format!("too many of the first messages failed: {} of {}", counts.failed, row.canary_size));
    sqlx::query!(
        "UPDATE group_messages SET status = coalesce($2, status), canary_state = coalesce($3, canary_state),
             pause_reason = coalesce($4, pause_reason),
             completed_at = CASE WHEN $2 IN ('completed', 'partially_failed', 'failed')
                                 THEN coalesce(completed_at, $5)
                                 WHEN $2 = 'processing' THEN NULL ELSE completed_at END
         WHERE id = $1",
        id.uuid(),
        next.map(S::as_str),
        state,
        reason,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    if next.is_some() {
        tell(unit, AccountId(row.account_id), id).await?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Canary {
    Waiting,
    Passed,
    Stopped,
}

/// Only the canary's recipients have been claimed so far: the counts are theirs.
fn canary(counts: &Counts, size: i32, skipped_before: i32, max_failure_percent: i32) -> Canary {
    if i64::from(counts.failed) * 100 > i64::from(max_failure_percent) * i64::from(size) {
        return Canary::Stopped;
    }
    let known =
        counts.sent + counts.delivered + counts.failed + counts.unknown + counts.skipped - skipped_before;
    if known >= size { Canary::Passed } else { Canary::Waiting }
}

/// Tells the readers of the feed how a locked group message stands now.
pub(crate) async fn tell(unit: &mut Unit, account: AccountId, id: GroupMessageId) -> Outcome<()> {
    sqlx::query!("UPDATE group_messages SET told_version = version WHERE id = $1", id.uuid())
        .execute(&mut **unit.tx())
        .await?;
    let view: entity::GroupMessageView =
        crate::list::one(unit.tx(), &entity::ENTITY, account, id.uuid()).await?;
    unit.record(view.event(), Audience::Account);
    Ok(())
}

/// Stops claiming for it, for a reason that a person has to look at; one that does not run is left alone.
pub(crate) async fn halt(
    unit: &mut Unit,
    account: AccountId,
    id: GroupMessageId,
    reason: &str,
) -> Outcome<()> {
    let now: Time = unit.now();
    let halted = sqlx::query!(
        "UPDATE group_messages SET status = 'paused', pause_reason = $3, version = version + 1, updated_at = $4
         WHERE id = $1 AND account_id = $2 AND status = 'processing'",
        id.uuid(),
        account.uuid(),
        reason,
        now,
    )
    .execute(&mut **unit.tx())
    .await?
    .rows_affected();
    if halted > 0 {
        tell(unit, account, id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_stops_as_soon_as_it_must_and_passes_when_all_of_it_is_known() {
        let counts = |sent, failed, unknown| Counts { sent, failed, unknown, ..Counts::default() };
        assert_eq!(canary(&counts(5, 1, 0), 20, 0, 10), Canary::Waiting);
        assert_eq!(canary(&counts(0, 3, 0), 20, 0, 10), Canary::Stopped, "15 % of 20");
        assert_eq!(canary(&counts(18, 2, 0), 20, 0, 10), Canary::Passed);
        assert_eq!(canary(&counts(17, 2, 1), 20, 0, 10), Canary::Passed);
        let skipped = Counts { skipped: 7, ..counts(18, 0, 0) };
        assert_eq!(canary(&skipped, 20, 5, 0), Canary::Passed, "two of the canary were skipped");
        assert_eq!(canary(&skipped, 20, 6, 0), Canary::Waiting);
    }
}
