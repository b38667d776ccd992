//! The queue with RabbitMQ as its carrier.
//!
//! A job is a row of the store, as in [`DbQueue`], and its pointer goes through the broker: it wakes a worker of any node
//! at once, the prefetch shares pointers among nodes, and delay queues bring back what is tried again. The row decides
//! about everything (who holds it, whether it is due, how often it was tried), so a pointer that comes twice, too early
//! or late is harmless. One that was lost is found by a look at the table, and while the broker is away the table alone
//! does the work.

mod consumer;
mod link;
mod topology;

use std::{collections::HashMap, sync::Arc, time::Duration};

use dashmap::DashMap;
use futures::{FutureExt, future::BoxFuture};
use lapin::{Acker, options::BasicAckOptions, uri::AMQPUri};
use model::{AccountId, EventId, Topic};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

pub use self::link::probe;
use self::{
    consumer::{Pointer, Pointers},
    link::{Link, Outgoing},
};
use super::{Claimed, DbQueue, Job, Parked, Queue};
use crate::Outcome;

/// How often the table is looked at for what no pointer told of: lost ones, and claims whose lease has ended.
const SWEEP: Duration = Duration::from_secs(2);
/// The same while the broker is away, so that its return is noticed.
const LOOK: Duration = Duration::from_secs(1);

/// How long acknowledging a pointer may take: nobody waits for a broker that takes nothing.
const SETTLING: Duration = Duration::from_secs(1);

/// [`Queue`] whose pointers go through RabbitMQ.
pub struct RabbitQueue {
    table: DbQueue,
    link: Arc<Link>,
    pointers: DashMap<Topic, Arc<Pointers>>,
    /// Deliveries of claims that have no outcome yet, by job and token.
    open: DashMap<(i64, i64), Acker>,
    stop: CancellationToken,
    _stops: DropGuard,
}

/// What a message is: ids and a kind, nothing of a customer's.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    topic: Topic,
    event_id: EventId,
    account_id: AccountId,
}

impl From<&Job> for Body {
    fn from(job: &Job) -> Self {
        Self { topic: job.topic, event_id: job.event_id, account_id: job.account_id }
    }
}

impl RabbitQueue {
    /// Connects in the background, now and whenever the connection is lost. Works from the table until then.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn new(table: DbQueue, url: &str, name: &str) -> Result<Self, String> {
        let uri: AMQPUri = url.parse()?;
        let stop = CancellationToken::new();
        let link = Link::start(uri, name.to_owned(), stop.clone());
        let (pointers, open) = (DashMap::new(), DashMap::new());
        Ok(Self { table, link, pointers, open, _stops: stop.clone().drop_guard(), stop })
    }

    /// Whether the broker can be reached at the moment.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.link.up().is_some()
    }

    fn pointers(&self, topic: Topic) -> Arc<Pointers> {
        let pointers = self.pointers.entry(topic);
        Arc::clone(
            &pointers.or_insert_with(|| Pointers::of(Arc::clone(&self.link), topic, self.stop.clone())),
        )
    }

    /// Sends pointers. When that fails nothing is lost: the rows are there, and a look at the table finds them.
    async fn carry<'a>(&self, jobs: impl Iterator<Item = &'a Job>, after: Option<Duration>) {
        let outgoing = jobs
            .map(|job| match after.and_then(topology::step) {
                None => Outgoing::new(topology::EXCHANGE, job.topic.as_str(), &Body::from(job)),
                Some(step) => Outgoing::new("", &topology::delay_queue(job.topic, step), &Body::from(job)),
            })
            .collect();
        if let Err(error) = self.link.send(outgoing).await {
            tracing::debug!(error, "pointers were not sent; the table is looked at instead");
        }
    }

    /// Turns deliveries into claims. What cannot be claimed is done, held, parked or not due: the row knows when to
    /// come back, the pointer has done its work.
    async fn claim_pointed(
        &self,
        topic: Topic,
        pointed: Vec<Pointer>,
        lease: Duration,
    ) -> Outcome<Vec<Claimed>> {
        let events: Vec<Uuid> = pointed.iter().map(|pointer| pointer.event_id.uuid()).collect();
        let claimed = self.table.claim_events(topic, &events, lease).await;
        let mut ackers: HashMap<EventId, Acker> = HashMap::new();
        for pointer in pointed {
            if let Some(twice) = ackers.insert(pointer.event_id, pointer.acker) {
                settle(&twice).await;
            }
        }
        if let Ok(claimed) = &claimed {
            for one in claimed {
                if let Some(acker) = ackers.remove(&one.job.event_id) {
                    self.open.insert((one.id, one.token), acker);
                }
            }
        }
        // also when the store could not be asked: it is looked at again soon
        for acker in ackers.values() {
            settle(acker).await;
        }
        claimed
    }

    async fn close(&self, claimed: &Claimed) {
        if let Some((_, acker)) = self.open.remove(&(claimed.id, claimed.token)) {
            settle(&acker).await;
        }
    }
}

/// A delivery of a connection that is gone cannot be settled; it comes again, and the row knows better.
async fn settle(acker: &Acker) {
    match tokio::time::timeout(SETTLING, acker.ack(BasicAckOptions::default())).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a pointer was not acknowledged"),
        Err(_) => tracing::debug!("a pointer was not acknowledged in time"),
    }
}

impl Queue for RabbitQueue {
    fn publish<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Outcome<()>> {
        async move {
            self.table.publish(jobs).await?;
            self.carry(jobs.iter(), None).await;
            Ok(())
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
            let pointers = self.pointers(topic);
            let deadline = Instant::now() + patience;
            loop {
                let now = Instant::now();
                if self.link.up().is_none() {
                    let wait = LOOK.min(deadline - now.min(deadline));
                    let claimed = self.table.claim(topic, most, lease, wait).await?;
                    if !claimed.is_empty() || Instant::now() >= deadline {
                        return Ok(claimed);
                    }
                    continue;
                }
                let next_sweep = pointers.swept() + SWEEP;
                if now >= next_sweep || now >= deadline {
                    pointers.sweeps();
                    let claimed = self.table.claim_now(topic, most, lease).await?;
                    if !claimed.is_empty() || now >= deadline {
                        return Ok(claimed);
                    }
                    continue;
                }
                let pointed = pointers.take(most, next_sweep.min(deadline)).await;
                if !pointed.is_empty() {
                    let claimed = self.claim_pointed(topic, pointed, lease).await?;
                    if !claimed.is_empty() {
                        return Ok(claimed);
                    }
                }
            }
        }
        .boxed()
    }

    fn ack<'a>(&'a self, claimed: &'a [Claimed]) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let written = self.table.ack(claimed).await;
            for one in claimed {
                self.close(one).await;
            }
            written
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
            let written = self.table.retry(claimed, after, counts, reason).await;
            if written.is_ok() {
                self.carry(std::iter::once(&claimed.job), Some(after)).await;
            }
            self.close(claimed).await;
            written
        }
        .boxed()
    }

    fn park<'a>(&'a self, claimed: &'a Claimed, reason: &'a str) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let written = self.table.park_held(claimed, reason).await;
            if matches!(written, Ok(true)) {
                let body = Body::from(&claimed.job);
                let dead = Outgoing::new(topology::DEAD, claimed.job.topic.as_str(), &body).because(reason);
                if let Err(error) = self.link.send(vec![dead]).await {
                    tracing::debug!(error, "the dead letter is in the table alone");
                }
            }
            self.close(claimed).await;
            written.map(drop)
        }
        .boxed()
    }

    fn parked(&self, limit: i64) -> BoxFuture<'_, Outcome<Vec<Parked>>> {
        self.table.parked(limit)
    }

    fn requeue<'a>(&'a self, ids: &'a [i64]) -> BoxFuture<'a, Outcome<u64>> {
        async move {
            // the rows are due at once; a pointer only makes it quicker
            let parked = self.table.parked(10_000).await?;
            let count = self.table.requeue(ids).await?;
            let jobs: Vec<Job> = parked
                .into_iter()
                .filter(|job| ids.is_empty() || ids.contains(&job.id))
                .filter_map(|job| {
                    let topic = job.topic.parse().ok()?;
                    Some(Job { topic, event_id: job.event_id, account_id: job.account_id })
                })
                .collect();
            self.carry(jobs.iter(), None).await;
            Ok(count)
        }
        .boxed()
    }
}
