//! The relay: numbers the account feeds and hands events on.
//!
//! For each account it works in separate statements — lock the feed's row, read what is unnumbered in
//! the order of positions, write the numbers — because in READ COMMITTED each statement sees what
//! committed before it: whoever holds the lock sees everything that the last holder wrote. It keeps no
//! cursor: a transaction that was slow to commit is picked up whenever it does.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::{AccountId, Audience, Event, Time, Topic};
use sqlx::types::Json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Job, Live, LogEntry, Outcome, Queue, Scope, Store, Task, Tx,
    live::{Pushed, Reach},
    log::Row,
};

/// Accounts in one pass.
const ACCOUNTS: usize = 64;
/// Events in one pass.
const EVENTS: i64 = 1000;
/// How often the store is searched for what no nudge told of.
const POLL: Duration = Duration::from_millis(1000);

/// Numbers feeds, pushes live, hands work to the queue.
pub struct Relay {
    store: Store,
    queue: Arc<dyn Queue>,
    live: Arc<dyn Live>,
}

struct Pending {
    entry: LogEntry,
    in_feed: bool,
    topics: Vec<String>,
    is_new: bool,
}

impl Relay {
    pub fn new(store: Store, queue: Arc<dyn Queue>, live: Arc<dyn Live>) -> Self {
        Self { store, queue, live }
    }

    /// Runs until cancelled. A failed pass is repeated by the next poll; nothing is given up.
    pub async fn run(&self, stop: CancellationToken) {
        let mut failures = 0u32;
        // a pass ended with the store, perhaps after its commit: its numbers were not pushed then
        let mut in_doubt = false;
        let mut next_poll = tokio::time::Instant::now();
        while !stop.is_cancelled() {
            let patience = next_poll.saturating_duration_since(tokio::time::Instant::now());
            let mut accounts = tokio::select! {
                () = stop.cancelled() => return,
                accounts = self.store.nudges().relay().take(ACCOUNTS, patience) => accounts,
            };
            let polled = accounts.is_empty() || tokio::time::Instant::now() >= next_poll;
            let done = async {
                if polled {
                    accounts.extend(self.find().await?);
                }
                while !accounts.is_empty() {
                    accounts = self.pass(&accounts).await?;
                }
                Ok::<(), crate::Fault>(())
            }
            .await;
            if polled {
                next_poll = tokio::time::Instant::now() + POLL;
            }
            match done {
                Ok(()) => {
                    failures = 0;
                    if std::mem::take(&mut in_doubt) {
                        self.live.publish(Pushed::Missed(Reach::Everything));
                    }
                }
                Err(fault) => {
                    failures += 1;
                    in_doubt |= fault.is_unavailable();
                    next_poll = tokio::time::Instant::now() + Duration::from_millis(100);
                    if failures.is_power_of_two() {
                        tracing::warn!(%fault, failures, "relay pass failed; it is repeated");
                    }
                    if failures == 10 {
                        tracing::error!(%fault, "relay has failed ten times in a row");
                    }
                    tokio::time::sleep(Duration::from_millis(50 * u64::from(failures.min(20)))).await;
                }
            }
        }
    }

    /// Accounts with events that nobody has relayed yet.
    async fn find(&self) -> Outcome<Vec<AccountId>> {
        self.store
            .read(Scope::System(Task::Relay), |mut tx| async move {
                let accounts = sqlx::query_scalar!(
                    "SELECT DISTINCT account_id FROM events WHERE is_pending LIMIT $1",
                    ACCOUNTS as i64
                )
                .fetch_all(&mut *tx)
                .await?;
                Ok(accounts.into_iter().map(AccountId).collect())
            })
            .await
    }

    /// One pass over these accounts; returns those that have more.
    pub async fn pass(&self, accounts: &[AccountId]) -> Outcome<Vec<AccountId>> {
        let mut ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        ids.sort_unstable();
        let ids = &ids;
        let pending = self
            .store
            .write(Scope::System(Task::Relay), |mut tx| async move { number(&mut tx, ids).await })
            .await?;
        let full = pending.len() as i64 == EVENTS;

        let fresh: Arc<[LogEntry]> =
            pending.iter().filter(|event| event.is_new).map(|event| event.entry.clone()).collect();
        if !fresh.is_empty() {
            self.live.publish(Pushed::Entries(fresh));
        }

        let jobs: Vec<Job> = pending
            .iter()
            .flat_map(|event| {
                event.topics.iter().filter_map(|topic| {
                    topic.parse::<Topic>().ok().map(|topic| Job {
                        topic,
                        event_id: event.entry.id,
                        account_id: event.entry.account_id,
                    })
                })
            })
            .collect();
        if !jobs.is_empty() {
            self.queue.publish(&jobs).await?;
            let handed: Vec<Uuid> = pending
                .iter()
                .filter(|event| !event.topics.is_empty())
                .map(|event| event.entry.id.uuid())
                .collect();
            let handed = &handed;
            self.store
                .write(Scope::System(Task::Relay), |mut tx| async move {
                    // lost in a crash, it is only handed again
                    sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *tx).await?;
                    sqlx::query!(
                        "UPDATE events SET handed_at = clock_timestamp(), is_pending = false
                         WHERE id = ANY ($1) AND id >= $2 AND id <= $3",
                        handed,
                        handed.iter().min().copied().unwrap_or_default(),
                        handed.iter().max().copied().unwrap_or_default(),
                    )
                    .execute(&mut *tx)
                    .await?;
                    Ok(())
                })
                .await?;
        }
        Ok(if full { accounts.to_vec() } else { Vec::new() })
    }
}

async fn number(tx: &mut Tx, accounts: &[Uuid]) -> Outcome<Vec<Pending>> {
    let feeds = sqlx::query!(
        "SELECT account_id, head FROM feeds WHERE account_id = ANY ($1) ORDER BY account_id FOR UPDATE",
        accounts
    )
    .fetch_all(&mut **tx)
    .await?;
    let rows = sqlx::query!(
        r#"SELECT id, account_id, position, feed_seq, conversation_id, thread_seq,
                  payload AS "payload: Json<Event>", audience AS "audience: Json<Audience>", created_at,
                  trace_id, in_feed, topics
           FROM events WHERE account_id = ANY ($1) AND is_pending ORDER BY account_id, position LIMIT $2"#,
        accounts,
        EVENTS,
    )
    .fetch_all(&mut **tx)
    .await?;

    let mut heads: HashMap<Uuid, i64> = feeds.into_iter().map(|feed| (feed.account_id, feed.head)).collect();
    let mut pending: Vec<Pending> = rows
        .into_iter()
        .map(|row| Pending {
            in_feed: row.in_feed,
            // numbered before, but its hand-over was not confirmed
            is_new: !(row.in_feed && row.feed_seq.is_some()),
            topics: row.topics,
            entry: LogEntry::from(Row {
                id: row.id,
                account_id: row.account_id,
                position: row.position,
                feed_seq: row.feed_seq,
                conversation_id: row.conversation_id,
                thread_seq: row.thread_seq,
                payload: row.payload,
                audience: row.audience,
                created_at: row.created_at,
                trace_id: row.trace_id,
            }),
        })
        .collect();
    let mut ids = Vec::new();
    let mut numbers: Vec<Option<i64>> = Vec::new();
    for event in pending.iter_mut().filter(|event| event.is_new) {
        if event.in_feed {
            // a feed without its row cannot be numbered: the account is being made at this moment
            let Some(head) = heads.get_mut(&event.entry.account_id.uuid()) else { continue };
            *head += 1;
            event.entry.feed_seq = Some(*head);
        }
        ids.push(event.entry.id.uuid());
        numbers.push(event.entry.feed_seq);
    }
    pending.retain(|event| !event.in_feed || event.entry.feed_seq.is_some());
    if !ids.is_empty() {
        let (accounts, heads): (Vec<Uuid>, Vec<i64>) = heads.into_iter().unzip();
        sqlx::query!(
            "WITH heads AS (
                 UPDATE feeds f SET head = h.head FROM unnest($3::uuid[], $4::bigint[]) AS h (account_id, head)
                 WHERE f.account_id = h.account_id AND f.head <> h.head
             )
             UPDATE events e SET feed_seq = n.seq, is_pending = cardinality(e.topics) > 0
             FROM unnest($1::uuid[], $2::bigint[]) AS n (id, seq)
             WHERE e.id = n.id AND e.id >= $5 AND e.id <= $6",
            &ids,
            &numbers as &[Option<i64>],
            &accounts,
            &heads,
            // bounds let the planner leave out the other months
            ids.iter().min().copied().unwrap_or_default(),
            ids.iter().max().copied().unwrap_or_default(),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(pending)
}

/// How far the relay is behind: events waiting, and the age of the oldest.
#[derive(Debug, Clone)]
pub struct Lag {
    pub waiting: i64,
    pub oldest: Option<Time>,
}

/// For metrics and readiness; counts at most 10,000.
pub async fn lag(store: &Store) -> Outcome<Lag> {
    store
        .read(Scope::System(Task::Relay), |mut tx| async move {
            let row = sqlx::query!(
                r#"SELECT count(*) AS "waiting!", min(created_at) AS oldest
                   FROM (SELECT created_at FROM events WHERE is_pending LIMIT 10000) pending"#
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok(Lag { waiting: row.waiting, oldest: row.oldest })
        })
        .await
}
