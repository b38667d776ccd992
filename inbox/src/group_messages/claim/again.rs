//! Recipients whose message is there already: another attempt, and attempts whose outcome nobody has written.

use std::{collections::HashMap, time::Duration};

use bus::{Outcome, Scope, Task};
use model::{
    AccountId, AttemptId, ChannelId, GroupMessageId, MessageId, MessageStatus, group_message::RecipientState,
};
use uuid::Uuid;

use super::{Claimed, MAX_AGE, Place, Taken, TakenTask, taken_of};
use crate::{
    Inbox, Unit,
    group_messages::ledger::{self, Move},
};

/// Another attempt for messages that are there already. One that is not queued any more (a receipt was
/// faster) leaves the queue as its status says.
pub(super) async fn reopen(
    unit: &mut Unit,
    place: &Place,
    again: Vec<Claimed>,
    taken: &mut Vec<Taken>,
    moves: &mut Vec<Move>,
) -> Outcome<()> {
    if again.is_empty() {
        return Ok(());
    }
    let now = unit.now();
    let ids: Vec<Uuid> = again.iter().map(|one| one.id).collect();
    let rows = sqlx::query!(
        r#"SELECT id, status AS "status: MessageStatus", message_body, attachments, metadata, attempts
           FROM messages WHERE id = ANY ($1) ORDER BY id FOR UPDATE"#,
        &ids,
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let mut found: HashMap<Uuid, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut started = Vec::new();
    for one in again {
        let key = (place.group, MessageId(one.id));
        let Some(row) = found.remove(&one.id) else {
            moves.push(Move {
                key,
                to: RecipientState::Cancelled,
                reason: Some("its message is gone".into()),
            });
            continue;
        };
        if row.status != MessageStatus::Queued {
            moves.push(Move { key, to: RecipientState::of(row.status), reason: None });
            continue;
        }
        let age = (now - one.first_tried_at).to_std().unwrap_or_default();
        let task = if age > MAX_AGE {
            TakenTask::TooOld
        } else {
            started.push(one.id);
            TakenTask::Send { attempt_id: AttemptId::new() }
        };
        let attachments = serde_json::from_value(row.attachments).ok();
        let attempts = row.attempts + i32::from(matches!(task, TakenTask::Send { .. }));
        let mut again = taken_of(place, &one, attempts, (row.message_body, attachments, row.metadata), task);
        if matches!(task, TakenTask::TooOld) {
            again.status = MessageStatus::Queued;
        }
        taken.push(again);
    }
    sqlx::query!(
        "UPDATE messages SET status = 'sending', attempts = attempts + 1, next_attempt_at = NULL, updated_at = $2
         WHERE id = ANY ($1)",
        &started,
        now,
    )
    .execute(&mut **unit.tx())
    .await?;
    Ok(())
}

/// Recipients whose lease has ended with an attempt open, or about whom the provider is to be asked (again):
/// claims them for asking, across accounts.
pub async fn claim_open(inbox: &Inbox, most: usize, lease: Duration) -> Outcome<Vec<Taken>> {
    let most = most as i64;
    let due = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT account_id, group_message_id, id FROM group_message_recipients
                 WHERE state IN ('sending', 'unknown') AND due_at <= clock_timestamp() ORDER BY due_at LIMIT $1",
                most
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let mut by_account = std::collections::BTreeMap::<Uuid, Vec<ledger::Key>>::new();
    for row in due {
        let key = (GroupMessageId(row.group_message_id), MessageId(row.id));
        by_account.entry(row.account_id).or_default().push(key);
    }
    let mut all = Vec::new();
    for (account, mut keys) in by_account {
        keys.sort_unstable();
        let keys = &keys;
        all.extend(
            inbox.write(AccountId(account), |unit| open_of(unit, AccountId(account), keys, lease)).await?,
        );
    }
    Ok(all)
}

async fn open_of(
    mut unit: Unit,
    account: AccountId,
    keys: &[ledger::Key],
    lease: Duration,
) -> Outcome<Vec<Taken>> {
    let now = unit.now();
    let (groups, ids): (Vec<Uuid>, Vec<Uuid>) =
        keys.iter().map(|(group, id)| (group.uuid(), id.uuid())).unzip();
    // in the order of all: messages first
    let messages =
        crate::settle::row::lock(unit.tx(), &ids.iter().map(|id| MessageId(*id)).collect::<Vec<_>>()).await?;
    let rows = sqlx::query!(
        r#"WITH due AS (
               SELECT r.group_message_id, r.id FROM group_message_recipients r
               JOIN unnest($1::uuid[], $2::uuid[]) AS k (group_message_id, id) USING (group_message_id, id)
               WHERE r.state IN ('sending', 'unknown') AND r.due_at <= clock_timestamp()
               ORDER BY r.group_message_id, r.id FOR UPDATE OF r SKIP LOCKED
           ), held AS (
               UPDATE group_message_recipients r SET token = r.token + 1,
                      due_at = clock_timestamp() + make_interval(secs => $3)
               FROM due WHERE r.group_message_id = due.group_message_id AND r.id = due.id
               RETURNING r.group_message_id, r.id, r.number, r.token, r.failures, r.address, r.channel_id,
                         r.first_tried_at
           )
           SELECT held.group_message_id AS "group_message_id!", held.id AS "id!", held.number AS "number!",
                  held.token AS "token!", held.failures AS "failures!", held.address AS "address!",
                  held.channel_id AS "channel_id!", coalesce(held.first_tried_at, now()) AS "first_tried_at!",
                  m.message_body AS "text?", m.attachments AS "attachments?", m.attempts AS "attempts?",
                  a.id AS "attempt_id?", a.started_at AS "started_at?", a.ended_at AS "ended_at?"
           FROM held LEFT JOIN messages m ON m.id = held.id
           LEFT JOIN LATERAL (
               SELECT id, started_at, ended_at FROM attempts a WHERE a.message_id = held.id
               ORDER BY a.number DESC LIMIT 1
           ) a ON true"#,
        &groups,
        &ids,
        lease.as_secs_f64(),
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let (mut taken, mut moves, mut expired) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let key = (GroupMessageId(row.group_message_id), MessageId(row.id));
        let Some(message) = messages.get(&key.1) else {
            moves.push(Move {
                key,
                to: RecipientState::Cancelled,
                reason: Some("its message is gone".into()),
            });
            continue;
        };
        if !matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown) {
            moves.push(Move { key, to: RecipientState::of(message.status), reason: None });
            continue;
        }
        if message.status == MessageStatus::Unknown
            && (now - row.first_tried_at).to_std().unwrap_or_default() > MAX_AGE
        {
            expired.push(key.1);
            continue;
        }
        taken.push(Taken {
            account_id: account,
            group_message_id: key.0,
            channel_id: ChannelId(row.channel_id),
            message_id: key.1,
            number: row.number,
            token: row.token,
            failures: row.failures,
            first_tried_at: row.first_tried_at,
            status: message.status,
            to: row.address,
            text: row.text.unwrap_or_default(),
            attachments: row.attachments.and_then(|value| serde_json::from_value(value).ok()),
            metadata: message.metadata.clone(),
            attempts: row.attempts.unwrap_or_default(),
            task: TakenTask::Ask {
                attempt_id: row.attempt_id.filter(|_| row.ended_at.is_none()).map(AttemptId),
                started_at: row.started_at.unwrap_or(row.first_tried_at),
            },
        });
    }
    let mut messages = messages;
    messages.retain(|id, _| expired.contains(id));
    for message in messages.values_mut() {
        message.expire(now);
    }
    ledger::follow(&mut unit, &moves).await?;
    crate::settle::row::save(&mut unit, messages, Vec::new()).await?;
    unit.commit(taken).await
}

/// After a crash of the only node its leases would hold their recipients for minutes: they are asked about
/// at once.
pub async fn free_leftovers(inbox: &Inbox) -> Outcome<u64> {
    inbox
        .store()
        .write(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "UPDATE group_message_recipients SET due_at = clock_timestamp(), token = token + 1
                 WHERE state = 'sending'"
            )
            .execute(&mut *tx)
            .await?
            .rows_affected())
        })
        .await
}
