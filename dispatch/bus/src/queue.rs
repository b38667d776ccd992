//! Durable background work, without order.

mod db;
pub mod rabbit;
mod worker;

use std::time::Duration;

use futures::future::BoxFuture;
use model::{AccountId, EventId, Time, Topic};
use serde::Serialize;

pub use db::DbQueue;
pub use rabbit::RabbitQueue;
pub use worker::{Delivery, Handler, Opened, Workers};

use crate::{Outcome, Scope, Store, Task};

/// A pointer to an event that a consumer has to act on. The row it points to is the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub topic: Topic,
    pub event_id: EventId,
    pub account_id: AccountId,
}

/// A job that this caller holds until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub job: Job,
    /// How often it was claimed before, without the claims that were given back uncounted.
    pub attempts: i32,
    pub(crate) id: i64,
    pub(crate) token: i64,
}

/// A job that was given up, with its reason; it waits for a person.
#[derive(Debug, Clone, Serialize)]
pub struct Parked {
    pub id: i64,
    pub topic: String,
    pub event_id: EventId,
    pub account_id: AccountId,
    pub attempts: i32,
    pub reason: String,
    pub parked_at: Time,
}

/// Carries pointers from the relay to workers.
///
/// Guarantee: **at least once, no order**. When `publish` returns, the jobs survive any crash. Duplicates
/// are possible: a consumer notes what it did with [`once`](crate::once::once). `retry` never delivers
/// early. The acknowledgement is never part of a transaction.
pub trait Queue: Send + Sync + 'static {
    /// Stores the jobs; publishing the same (topic, event) again is harmless.
    fn publish<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Outcome<()>>;

    /// Up to `most` jobs of a topic, held for `lease`; waits up to `patience` for the first.
    fn claim(
        &self,
        topic: Topic,
        most: i64,
        lease: Duration,
        patience: Duration,
    ) -> BoxFuture<'_, Outcome<Vec<Claimed>>>;

    /// Done. A claim whose lease has passed to another changes nothing.
    fn ack<'a>(&'a self, claimed: &'a [Claimed]) -> BoxFuture<'a, Outcome<()>>;

    /// Not yet: again after `after`, by the store's clock. Unless it `counts` the claim is taken back from
    /// the job's attempts.
    fn retry<'a>(
        &'a self,
        claimed: &'a Claimed,
        after: Duration,
        counts: bool,
        reason: &'a str,
    ) -> BoxFuture<'a, Outcome<()>>;

    /// Given up: kept aside with its reason until someone re-queues it.
    fn park<'a>(&'a self, claimed: &'a Claimed, reason: &'a str) -> BoxFuture<'a, Outcome<()>>;

    /// What is parked, newest first.
    fn parked(&self, limit: i64) -> BoxFuture<'_, Outcome<Vec<Parked>>>;

    /// Puts parked jobs back; all when `ids` is empty. Returns how many.
    fn requeue<'a>(&'a self, ids: &'a [i64]) -> BoxFuture<'a, Outcome<u64>>;
}

/// How much work a queue or a mailbox holds.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Depth {
    pub queue: String,
    pub waiting: i64,
    /// Given up on.
    pub parked: i64,
}

/// All queues and mailboxes that hold something, for metrics.
pub async fn depths(store: &Store) -> Outcome<Vec<Depth>> {
    const JOBS: &str = "SELECT topic AS queue, count(*) FILTER (WHERE parked_at IS NULL) AS waiting, \
                        count(*) FILTER (WHERE parked_at IS NOT NULL) AS parked FROM jobs GROUP BY topic";
    const ITEMS: &str = "SELECT box AS queue, count(*) FILTER (WHERE parked_at IS NULL) AS waiting, \
                         count(*) FILTER (WHERE parked_at IS NOT NULL) AS parked FROM mailbox_items GROUP BY box";
    let mut depths: Vec<Depth> = store
        .read(Scope::System(Task::Queue), |mut tx| async move {
            Ok(sqlx::query_as(JOBS).fetch_all(&mut *tx).await?)
        })
        .await?;
    let mailboxes: Vec<Depth> = store
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query_as(ITEMS).fetch_all(&mut *tx).await?)
        })
        .await?;
    depths.extend(mailboxes);
    Ok(depths)
}
