//! The queue as a table: leased rows, the store's clock, a fencing token for every outcome.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use model::{AccountId, EventId, Topic};
use uuid::Uuid;

use super::{Claimed, Job, Parked, Queue};
use crate::{Outcome, Scope, Store, Task, nudge::Nudge};

/// How often the table is looked at without a nudge: due retries, ended leases, other nodes' jobs.
const POLL: Duration = Duration::from_millis(500);

const SYSTEM: Scope = Scope::System(Task::Queue);

/// [`Queue`] on the store itself; for one node and for many.
#[derive(Clone)]
pub struct DbQueue {
    store: Store,
}

impl DbQueue {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Frees what an earlier life of the only node had claimed, so that it need not wait for the leases to
    /// end. Never with other nodes alive.
    pub async fn free_leases(&self) -> Outcome<u64> {
        self.store
            .write(SYSTEM, |mut tx| async move {
                Ok(sqlx::query!("UPDATE jobs SET leased_until = NULL WHERE leased_until IS NOT NULL")
                    .execute(&mut *tx)
                    .await?
                    .rows_affected())
            })
            .await
    }

    /// Claims those of these events' jobs that are due and that nobody holds.
    pub(super) async fn claim_events(
        &self,
        topic: Topic,
        events: &[Uuid],
        lease: Duration,
    ) -> Outcome<Vec<Claimed>> {
        let seconds = lease.as_secs_f64();
        self.store
            .write(SYSTEM, |mut tx| async move {
                let rows: Vec<(i64, Uuid, Uuid, i32, i64)> = sqlx::query_as(
                    "UPDATE jobs j SET token = token + 1, attempts = attempts + 1,
                            leased_until = clock_timestamp() + make_interval(secs => $3)
                     WHERE id IN (
                         SELECT id FROM jobs
                         WHERE topic = $1 AND event_id = ANY ($2) AND parked_at IS NULL
                           AND run_at <= clock_timestamp()
                           AND (leased_until IS NULL OR leased_until < clock_timestamp())
                         FOR UPDATE SKIP LOCKED)
                     RETURNING id, event_id, account_id, attempts, token",
                )
                .bind(topic.as_str())
                .bind(events)
                .bind(seconds)
                .fetch_all(&mut *tx)
                .await?;
                let claimed = rows.into_iter().map(|(id, event, account, attempts, token)| Claimed {
                    job: Job { topic, event_id: EventId(event), account_id: AccountId(account) },
                    attempts: attempts - 1,
                    id,
                    token,
                });
                Ok(claimed.collect())
            })
            .await
    }

    /// Parks a job if the claim still holds it; says whether it did.
    pub(super) async fn park_held(&self, claimed: &Claimed, reason: &str) -> Outcome<bool> {
        self.store
            .write(SYSTEM, |mut tx| async move {
                let parked = sqlx::query!(
                    "UPDATE jobs SET parked_at = clock_timestamp(), leased_until = NULL, reason = $3
                         WHERE id = $1 AND token = $2",
                    claimed.id,
                    claimed.token,
                    reason,
                )
                .execute(&mut *tx)
                .await?;
                Ok(parked.rows_affected() == 1)
            })
            .await
    }

    pub(super) async fn claim_now(&self, topic: Topic, most: i64, lease: Duration) -> Outcome<Vec<Claimed>> {
        let seconds = lease.as_secs_f64();
        self.store
            .write(SYSTEM, |mut tx| async move {
                let rows = sqlx::query!(
                    "UPDATE jobs j SET token = token + 1, attempts = attempts + 1,
                            leased_until = clock_timestamp() + make_interval(secs => $3)
                     WHERE id IN (
                         SELECT id FROM jobs
                         WHERE topic = $1 AND parked_at IS NULL AND run_at <= clock_timestamp()
                           AND (leased_until IS NULL OR leased_until < clock_timestamp())
                         ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED)
                     RETURNING id, event_id, account_id, attempts, token",
                    topic.as_str(),
                    most,
                    seconds,
                )
                .fetch_all(&mut *tx)
                .await?;
                Ok(rows
                    .into_iter()
                    .map(|row| Claimed {
                        job: Job {
                            topic,
                            event_id: EventId(row.event_id),
                            account_id: AccountId(row.account_id),
                        },
                        attempts: row.attempts - 1,
                        id: row.id,
                        token: row.token,
                    })
                    .collect())
            })
            .await
    }
}

impl Queue for DbQueue {
    fn publish<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let topics: Vec<&str> = jobs.iter().map(|job| job.topic.as_str()).collect();
            let events: Vec<Uuid> = jobs.iter().map(|job| job.event_id.uuid()).collect();
            let accounts: Vec<Uuid> = jobs.iter().map(|job| job.account_id.uuid()).collect();
            let (topics, events, accounts) = (&topics, &events, &accounts);
            self.store
                .write(SYSTEM, |mut tx| async move {
                    sqlx::query!(
                        "INSERT INTO jobs (topic, event_id, account_id)
                         SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[])
                         ON CONFLICT (topic, event_id) DO NOTHING",
                        topics as &[&str],
                        events,
                        accounts,
                    )
                    .execute(&mut *tx)
                    .await?;
                    for job in jobs {
                        tx.nudge_after_commit(Nudge::Queue(job.topic));
                    }
                    Ok(())
                })
                .await
        }
        .boxed()
    }

    fn claim(
        &self,
        topic: Topic,
        most: i64,
        lease: Duration,
        patience: Duration,
    ) -> BoxFuture<'_, Outcome<Vec<Claimed>>> {
        async move {
            let deadline = tokio::time::Instant::now() + patience;
            let notify = self.store.nudges().queue(topic);
            loop {
                let mut notified = std::pin::pin!(notify.notified());
                // before the look, so that a nudge between the look and the wait is not missed
                notified.as_mut().enable();
                let claimed = self.claim_now(topic, most, lease).await?;
                let now = tokio::time::Instant::now();
                if !claimed.is_empty() || now >= deadline {
                    return Ok(claimed);
                }
                let wait = POLL.min(deadline - now);
                // woken or not, the table is looked at again
                let _woken = tokio::time::timeout(wait, notified).await;
            }
        }
        .boxed()
    }

    fn ack<'a>(&'a self, claimed: &'a [Claimed]) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let ids: Vec<i64> = claimed.iter().map(|job| job.id).collect();
            let tokens: Vec<i64> = claimed.iter().map(|job| job.token).collect();
            let (ids, tokens) = (&ids, &tokens);
            self.store
                .write(SYSTEM, |mut tx| async move {
                    // lost in a crash, the job comes again and its consumer knows it
                    sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *tx).await?;
                    sqlx::query!(
                        "DELETE FROM jobs j USING unnest($1::bigint[], $2::bigint[]) AS d (id, token)
                         WHERE j.id = d.id AND j.token = d.token",
                        ids,
                        tokens,
                    )
                    .execute(&mut *tx)
                    .await?;
                    Ok(())
                })
                .await
        }
        .boxed()
    }

    fn retry<'a>(
        &'a self,
        claimed: &'a Claimed,
        after: Duration,
        counts: bool,
        reason: &'a str,
    ) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let seconds = after.as_secs_f64();
            self.store
                .write(SYSTEM, |mut tx| async move {
                    sqlx::query!(
                        "UPDATE jobs SET leased_until = NULL, reason = $4,
                                attempts = attempts - CASE WHEN $5 THEN 0 ELSE 1 END,
                                run_at = clock_timestamp() + make_interval(secs => $3)
                         WHERE id = $1 AND token = $2",
                        claimed.id,
                        claimed.token,
                        seconds,
                        reason,
                        counts,
                    )
                    .execute(&mut *tx)
                    .await?;
                    Ok(())
                })
                .await
        }
        .boxed()
    }

    fn park<'a>(&'a self, claimed: &'a Claimed, reason: &'a str) -> BoxFuture<'a, Outcome<()>> {
        async move { self.park_held(claimed, reason).await.map(drop) }.boxed()
    }

    fn parked(&self, limit: i64) -> BoxFuture<'_, Outcome<Vec<Parked>>> {
        async move {
            self.store
                .read(SYSTEM, |mut tx| async move {
                    let rows = sqlx::query!(
                        r#"SELECT id, topic, event_id, account_id, attempts, coalesce(reason, '') AS "reason!",
                                  parked_at AS "parked_at!"
                           FROM jobs WHERE parked_at IS NOT NULL ORDER BY parked_at DESC LIMIT $1"#,
                        limit
                    )
                    .fetch_all(&mut *tx)
                    .await?;
                    Ok(rows
                        .into_iter()
                        .map(|row| Parked {
                            id: row.id,
                            topic: row.topic,
                            event_id: EventId(row.event_id),
                            account_id: AccountId(row.account_id),
                            attempts: row.attempts,
                            reason: row.reason,
                            parked_at: row.parked_at,
                        })
                        .collect())
                })
                .await
        }
        .boxed()
    }

    fn requeue<'a>(&'a self, ids: &'a [i64]) -> BoxFuture<'a, Outcome<u64>> {
        async move {
            self.store
                .write(SYSTEM, |mut tx| async move {
                    let topics = sqlx::query_scalar!(
                        "UPDATE jobs SET parked_at = NULL, attempts = 0, run_at = clock_timestamp()
                         WHERE parked_at IS NOT NULL AND (cardinality($1::bigint[]) = 0 OR id = ANY ($1))
                         RETURNING topic",
                        ids
                    )
                    .fetch_all(&mut *tx)
                    .await?;
                    for topic in topics.iter().filter_map(|topic| topic.parse().ok()) {
                        tx.nudge_after_commit(Nudge::Queue(topic));
                    }
                    Ok(topics.len() as u64)
                })
                .await
        }
        .boxed()
    }
}
