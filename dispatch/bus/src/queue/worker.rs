//! Running handlers on a queue.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
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

    /// How often it was given to a worker, this time included, whatever came of it.
    #[must_use]
    pub fn claims(&self) -> i64 {
        self.claimed.token
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
    /// Failures after which a job is parked: refusals, panics, and handling that takes too long. What is
    /// only unavailable does not count. A job that was claimed three times as often without any outcome
    /// (its worker's process died each time) is parked unseen.
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
    let claimed = &delivery.claimed;
    let told = if claimed.attempts >= most_attempts.saturating_mul(3) {
        park(queue, claimed, "it was claimed again and again without an outcome").await
    } else {
        let work = AssertUnwindSafe(tokio::time::timeout(time_limit, handler.handle(&delivery)));
        let failure = match work.catch_unwind().await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(fault))) if fault.is_unavailable() => Some((false, fault.to_string())),
            Ok(Ok(Err(fault))) => Some((true, describe(&fault))),
            Ok(Err(_)) => Some((true, "took too long".to_owned())),
            // what it said went to the log
            Err(_) => Some((true, "its handler panicked".to_owned())),
        };
        match failure {
            None => queue.ack(std::slice::from_ref(claimed)).await,
            Some((true, reason)) if claimed.attempts + 1 >= most_attempts => {
                park(queue, claimed, &reason).await
            }
            Some((counts, reason)) => {
                tracing::warn!(topic = %claimed.job.topic, event = %claimed.job.event_id, reason, "job failed; it is retried");
                // what does not count has to wait longer all the same
                let before = if counts {
                    claimed.attempts
                } else {
                    i32::try_from(claimed.token - 1).unwrap_or(i32::MAX)
                };
                queue.retry(claimed, backoff(before), counts, &reason).await
            }
        }
    };
    if let Err(fault) = told {
        // its lease will end and it comes again
        tracing::warn!(%fault, topic = %claimed.job.topic, "the outcome of a job could not be written");
    }
}

async fn park(queue: &dyn Queue, claimed: &Claimed, reason: &str) -> Outcome<()> {
    tracing::error!(topic = %claimed.job.topic, event = %claimed.job.event_id, reason, "job parked");
    queue.park(claimed, reason).await
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
