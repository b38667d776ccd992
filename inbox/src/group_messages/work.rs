//! The background work of group messages but for sending: audiences are frozen, those of cancelled ones
//! are cancelled, readers are told.

use std::time::Duration;

use bus::{Outcome, Scope, Task};
use model::{AccountId, GroupMessageId, MessageId, group_message::RecipientState};
use tokio_util::sync::CancellationToken;

use super::{
    freeze,
    ledger::{self, Move},
    progress,
};
use crate::{Inbox, Unit};

/// Between two looks when nothing is to do.
const IDLE: Duration = Duration::from_millis(300);
/// Between two tellings of moved counts.
const TICK: Duration = Duration::from_secs(1);
/// Recipients cancelled by one transaction.
const CHUNK: i64 = 5000;

/// Works until `stop`.
pub async fn run(inbox: Inbox, stop: CancellationToken) {
    let working = async {
        loop {
            let pause = match once(&inbox).await {
                Ok(0) => IDLE,
                Ok(_) => Duration::ZERO,
                Err(fault) => {
                    tracing::warn!(%fault, "the work on group messages waits");
                    Duration::from_secs(1)
                }
            };
            tokio::time::sleep(pause).await;
        }
    };
    let telling = async {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(fault) = progress::tick(&inbox).await {
                tracing::warn!(%fault, "progress of group messages could not be told");
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = working => {}
        () = telling => {}
    }
}

/// Pauses one that cannot go on until a person has looked at it.
pub async fn halt(inbox: &Inbox, account: AccountId, id: GroupMessageId, reason: &str) -> Outcome<()> {
    inbox
        .write(account, |mut unit| async move {
            ledger::halt(&mut unit, account, id, reason).await?;
            unit.commit(()).await
        })
        .await
}

/// One round of everything; returns how much there was to do.
pub async fn once(inbox: &Inbox) -> Outcome<usize> {
    Ok(freeze::freeze_due(inbox).await? + cancel_due(inbox).await?)
}

/// Cancels a chunk of what is left of each cancelled group message. What has been claimed is let go its way.
async fn cancel_due(inbox: &Inbox) -> Outcome<usize> {
    let due = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, account_id FROM group_messages
                 WHERE status = 'cancelled' AND pending_count > unknown_count ORDER BY id LIMIT 100"
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    let mut worked = 0;
    for row in due {
        let (account, id) = (AccountId(row.account_id), GroupMessageId(row.id));
        worked += inbox.write(account, |unit| cancel_chunk(unit, id)).await?;
    }
    Ok(worked)
}

async fn cancel_chunk(mut unit: Unit, id: GroupMessageId) -> Outcome<usize> {
    let waiting = sqlx::query!(
        "SELECT id, has_message FROM group_message_recipients
         WHERE group_message_id = $1 AND state = 'pending' LIMIT $2 FOR UPDATE SKIP LOCKED",
        id.uuid(),
        CHUNK,
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let tried: Vec<uuid::Uuid> = waiting.iter().filter(|row| row.has_message).map(|row| row.id).collect();
    if !tried.is_empty() {
        let now = unit.now();
        sqlx::query!(
            "UPDATE messages SET status = 'cancelled', next_attempt_at = NULL, updated_at = $2
             WHERE id = ANY ($1) AND status = 'queued'",
            &tried,
            now,
        )
        .execute(&mut **unit.tx())
        .await?;
    }
    let moves: Vec<Move> = waiting
        .iter()
        .map(|row| Move { key: (id, MessageId(row.id)), to: RecipientState::Cancelled, reason: None })
        .collect();
    ledger::follow(&mut unit, &moves).await?;
    unit.commit(moves.len()).await
}
