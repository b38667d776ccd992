//! Running handlers on a queue.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use model::{AccountId, Topic};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Claimed, Queue};
use crate::{Fault, LogEntry, Outcome, Store, Tx, log, once};

/// A job as a handler gets it. What it points to can only be had by opening it inside the
/// transaction in which the handler acts, and opening notes that this consumer has acted: a handler
/// that forgets about duplicates does not compile.
#[derive(Debug, Clone)]
pub struct Delivery {
    claimed: Claimed,
}

/// What opening a delivery gives.
pub enum Opened {
    /// The first time: act on it.
    Fresh(Box<LogEntry>),
    /// Acted on before, or its event has expired: do nothing.
    Done,
}

impl Delivery {
    /// The account to open it under.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.claimed.job.account_id
    }

    /// What it points to, for work that has to be done before the transaction that acts (a request to a
    /// provider); `None` when `consumer` has acted on it, or it has expired. It notes nothing: open it
    /// all the same in the transaction that writes what came of the work.
    pub async fn look(&self, tx: &mut Tx, consumer: &str) -> Outcome<Option<LogEntry>> {
        let job = &self.claimed.job;
        if once::acted(tx, consumer, job.event_id).await? {
            return Ok(None);
        }
        log::event(tx, job.event_id).await
    }

    /// Opens it for `consumer`, in the transaction that acts.
    pub async fn open(&self, tx: &mut Tx, consumer: &str) -> Outcome<Opened> {
        let job = &self.claimed.job;
        if !once::once(tx, consumer, job.account_id, job.event_id).await? {
            return Ok(Opened::Done);
        }
        Ok(log::event(tx, job.event_id).await?.map_or(Opened::Done, |entry| Opened::Fresh(Box::new(entry))))
    }
}

/// Acts on the jobs of one topic.
pub trait Handler: Send + Sync + 'static {
    fn topic(&self) -> Topic;
    fn handle<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome<()>>;
}

/// Runs one handler: claims, handles several at a time, acknowledges, retries, parks.
pub struct Workers {
    pub store: Store,
    pub queue: Arc<dyn Queue>,
    /// Jobs handled at once.
    pub at_once: usize,
    /// Longest that handling may take; the lease is twice that.
    pub time_limit: Duration,
    /// Claims after which a job that fails is parked. It is not while it fails because something is
    /// unavailable or takes too long; those claims count all the same.
    pub most_attempts: i32,
}

impl Workers {
    pub async fn run(&self, handler: Arc<dyn Handler>, stop: CancellationToken) {
        let topic = handler.topic();
        let slots = Arc::new(tokio::sync::Semaphore::new(self.at_once));
        let tasks = TaskTracker::new();
        while !stop.is_cancelled() {
            // at least one free slot before anything is claimed: what is claimed starts at once
            let Ok(first) = Arc::clone(&slots).acquire_owned().await else { break };
            let most = 1 + slots.available_permits() as i64;
            drop(first);
            let claimed = tokio::select! {
                () = stop.cancelled() => break,
                claimed = self.queue.claim(topic, most, self.time_limit * 2, Duration::from_secs(5)) => claimed,
            };
            let claimed = match claimed {
                Ok(claimed) => claimed,
                Err(fault) => {
                    tracing::warn!(%fault, %topic, "claiming jobs failed; trying again");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    continue;
                }
            };
            for job in claimed {
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
                let (queue, handler) = (Arc::clone(&self.queue), Arc::clone(&handler));
                let (time_limit, most_attempts) = (self.time_limit, self.most_attempts);
                tasks.spawn(async move {
                    handle(queue.as_ref(), handler.as_ref(), job, time_limit, most_attempts).await;
                    drop(slot);
                });
            }
        }
        tasks.close();
        tasks.wait().await;
    }
}

async fn handle(
    queue: &dyn Queue,
    handler: &dyn Handler,
    claimed: Claimed,
    time_limit: Duration,
    most_attempts: i32,
) {
    let delivery = Delivery { claimed };
    let result = tokio::time::timeout(time_limit, handler.handle(&delivery)).await;
    let claimed = &delivery.claimed;
    let told = match result {
        Ok(Ok(())) => queue.ack(std::slice::from_ref(claimed)).await,
        Ok(Err(fault)) => {
            let reason = describe(&fault);
            if claimed.attempts + 1 >= most_attempts && !fault.is_unavailable() {
                tracing::error!(topic = %claimed.job.topic, event = %claimed.job.event_id, reason, "job parked");
                queue.park(claimed, &reason).await
            } else {
                tracing::warn!(topic = %claimed.job.topic, event = %claimed.job.event_id, reason, "job failed; it is retried");
                queue.retry(claimed, backoff(claimed.attempts), &reason).await
            }
        }
        Err(_) => queue.retry(claimed, backoff(claimed.attempts), "took too long").await,
    };
    if let Err(fault) = told {
        // its lease will end and it comes again
        tracing::warn!(%fault, topic = %claimed.job.topic, "the outcome of a job could not be written");
    }
}

fn describe(fault: &Fault) -> String {
    match fault {
        Fault::Refused(model::Error { source: Some(source), .. }) => source.to_string(),
        fault => fault.to_string(),
    }
}

/// 200 ms, doubling, at most a minute.
fn backoff(attempts: i32) -> Duration {
    Duration::from_millis(200u64 << attempts.clamp(0, 9)).min(Duration::from_secs(60))
}
