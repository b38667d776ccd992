//! What has to be done now and then on one node of an installation: partitions made ahead, and what has
//! had its time thrown away.

use std::time::Duration;

use bus::{Outcome, Scope, Task, lease, once};
use inbox::{Inbox, identity, uploads};
use model::{NodeId, Time};
use tokio_util::sync::CancellationToken;

use crate::{config::Config, rest::idempotency};

/// Between two rounds.
const EVERY: Duration = Duration::from_mins(10);
/// How long a round may take before another node may begin one.
const LEASE: Duration = Duration::from_mins(9);
/// Months of partitions ahead of the present one.
const AHEAD: i32 = 3;
/// Rows deleted by one statement.
const BATCH: i64 = 5000;

/// How long things are kept.
#[derive(Debug, Clone)]
pub struct Kept {
    pub events: Duration,
    pub webhook_bodies: Duration,
    pub provider_ids: Duration,
    pub exchanges: Duration,
    pub idempotency_keys: Duration,
}

impl From<&Config> for Kept {
    fn from(config: &Config) -> Self {
        Self {
            events: config.retention.events,
            webhook_bodies: config.retention.webhook_bodies,
            provider_ids: config.retention.provider_ids,
            exchanges: config.retention.exchanges,
            idempotency_keys: config.http.idempotency_keys,
        }
    }
}

/// Runs rounds until cancelled, on the node that holds the lease.
pub async fn run(inbox: Inbox, kept: Kept, node: NodeId, stop: CancellationToken) {
    loop {
        match lease::take(inbox.store(), "maintenance", node, LEASE).await {
            Ok(Some(_held)) => round(&inbox, &kept).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the lease of the maintenance cannot be taken"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// One round, now.
pub async fn round(inbox: &Inbox, kept: &Kept) {
    let ago =
        |age: Duration| inbox.now() - chrono::Duration::from_std(age).unwrap_or(chrono::Duration::days(3650));
    tell("partitions made", partitions(inbox).await);
    tell("sessions forgotten", identity::sessions::expire(inbox).await);
    tell("signing keys forgotten", identity::keys::expire(inbox).await);
    tell("revocations forgotten", identity::revocations::expire(inbox).await);
    tell("idempotency keys forgotten", idempotency::expire(inbox, ago(kept.idempotency_keys)).await);
    tell("mailbox keys forgotten", bus::mailbox::sweep(inbox.store()).await);
    tell("consumers' notes forgotten", consumed(inbox).await);
    tell("uploads forgotten", uploads::expire(inbox).await.map(|count| count as u64));
    tell("events forgotten", events(inbox, ago(kept.events)).await);
    tell("webhook bodies forgotten", journal(inbox, ago(kept.webhook_bodies)).await);
    tell("provider ids forgotten", provider_ids(inbox, ago(kept.provider_ids)).await);
    tell("attempts forgotten", attempts(inbox, ago(kept.exchanges)).await);
}

fn tell<E: std::fmt::Display>(what: &'static str, done: Result<u64, E>) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "{what}"),
        Err(error) => tracing::warn!(%error, "not done: {what}"),
    }
}

/// Makes partitions ahead, and raises the alarm when rows fell into a default partition.
async fn partitions(inbox: &Inbox) -> Outcome<u64> {
    let now = inbox.now();
    let (made, astray) = inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            let made = sqlx::query_scalar!(r#"SELECT make_partitions($1, $2) AS "made!""#, now, AHEAD)
                .fetch_one(&mut *tx)
                .await?;
            let astray = sqlx::query_scalar!(
                r#"SELECT name AS "name!" FROM unnest(ARRAY['messages_default', 'events_default',
                       'attempts_default', 'webhook_journal_default']) AS name
                   WHERE pg_relation_size(to_regclass(name)) > 0"#
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok((made, astray))
        })
        .await?;
    if !astray.is_empty() {
        tracing::error!(?astray, "rows lie in default partitions: their month had none when they came");
    }
    Ok(made as u64)
}

async fn consumed(inbox: &Inbox) -> Outcome<u64> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move { once::expire(&mut tx).await })
        .await
}

async fn events(inbox: &Inbox, end: Time) -> Outcome<u64> {
    in_batches(|| {
        inbox.store().write(Scope::System(Task::Maintenance), |mut tx| async move {
            Ok(sqlx::query!(
                "DELETE FROM events WHERE id IN
                     (SELECT id FROM events WHERE id < first_id_at($1) ORDER BY id LIMIT $2)",
                end,
                BATCH,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected())
        })
    })
    .await
}

async fn journal(inbox: &Inbox, end: Time) -> Outcome<u64> {
    in_batches(|| {
        inbox.store().write(Scope::System(Task::Maintenance), |mut tx| async move {
            Ok(sqlx::query!(
                "DELETE FROM webhook_journal WHERE id IN
                     (SELECT id FROM webhook_journal WHERE id < first_id_at($1) ORDER BY id LIMIT $2)",
                end,
                BATCH,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected())
        })
    })
    .await
}

async fn provider_ids(inbox: &Inbox, end: Time) -> Outcome<u64> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            Ok(sqlx::query!("DELETE FROM provider_ids WHERE created_at < $1", end)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        })
        .await
}

/// What became of a message is with the message: of an attempt that has ended nothing else is needed.
async fn attempts(inbox: &Inbox, end: Time) -> Outcome<u64> {
    in_batches(|| {
        inbox.store().write(Scope::System(Task::Maintenance), |mut tx| async move {
            Ok(sqlx::query!(
                "DELETE FROM attempts WHERE id IN
                     (SELECT id FROM attempts WHERE id < first_id_at($1) AND ended_at IS NOT NULL
                      ORDER BY id LIMIT $2)",
                end,
                BATCH,
            )
            .execute(&mut *tx)
            .await?
            .rows_affected())
        })
    })
    .await
}

async fn in_batches<F, Fut>(delete: F) -> Outcome<u64>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Outcome<u64>>,
{
    let mut all = 0;
    loop {
        let deleted = delete().await?;
        all += deleted;
        if deleted < BATCH as u64 {
            return Ok(all);
        }
    }
}
