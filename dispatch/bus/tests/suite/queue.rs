//! What every queue promises.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bus::{
    DbQueue, Fault, Job, Outcome, Queue, Store, Tx,
    queue::{Delivery, Handler, Opened, Workers},
};
use futures::future::BoxFuture;
use model::{AccountId, EventId, Topic};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, draft};

const LEASE: Duration = Duration::from_secs(30);
const NOW: Duration = Duration::from_millis(50);

pub fn job(account: AccountId) -> Job {
    Job { topic: Topic::Route, event_id: EventId::new(), account_id: account }
}

/// The shared suite.
pub async fn suite(queue: &dyn Queue, account: AccountId) {
    // published twice, delivered once
    let first = job(account);
    queue.publish(std::slice::from_ref(&first)).await.unwrap();
    queue.publish(std::slice::from_ref(&first)).await.unwrap();
    let claimed = queue.claim(Topic::Route, 10, LEASE, NOW).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].job, first);
    // held: nobody else gets it; another topic never sees it
    assert!(queue.claim(Topic::Route, 10, LEASE, NOW).await.unwrap().is_empty());
    assert!(queue.claim(Topic::Media, 10, LEASE, NOW).await.unwrap().is_empty());
    // retried: not early, then again, with its attempt counted
    queue.retry(&claimed[0], Duration::from_millis(700), true, "later").await.unwrap();
    assert!(queue.claim(Topic::Route, 10, LEASE, NOW).await.unwrap().is_empty(), "never early");
    let again = queue.claim(Topic::Route, 10, LEASE, Duration::from_secs(5)).await.unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    // an outcome of the old claim changes nothing
    queue.ack(&claimed).await.unwrap();
    queue.park(&claimed[0], "stale").await.unwrap();
    assert!(queue.parked(10).await.unwrap().is_empty());
    // parked with its reason, put back by command
    queue.park(&again[0], "cannot be done").await.unwrap();
    let parked = queue.parked(10).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].event_id, parked[0].reason.as_str()), (first.event_id, "cannot be done"));
    assert!(queue.claim(Topic::Route, 10, LEASE, NOW).await.unwrap().is_empty());
    assert_eq!(queue.requeue(&[parked[0].id]).await.unwrap(), 1);
    let back = queue.claim(Topic::Route, 10, LEASE, Duration::from_secs(2)).await.unwrap();
    assert_eq!(back.len(), 1);
    queue.ack(&back).await.unwrap();
    assert!(queue.claim(Topic::Route, 10, LEASE, NOW).await.unwrap().is_empty());
    // a lease that ends gives the job to another
    queue.publish(&[job(account)]).await.unwrap();
    let held = queue.claim(Topic::Route, 1, Duration::from_millis(300), NOW).await.unwrap();
    assert_eq!(held.len(), 1);
    let taken = queue.claim(Topic::Route, 1, LEASE, Duration::from_secs(5)).await.unwrap();
    assert_eq!(taken.len(), 1);
    queue.ack(&held).await.unwrap();
    queue.retry(&taken[0], Duration::ZERO, false, "still ours").await.unwrap();
    let last = queue.claim(Topic::Route, 1, LEASE, Duration::from_secs(2)).await.unwrap();
    assert_eq!(last.len(), 1, "the old holder's ack did not remove it");
    // the claim that was lost counted, the one that was given back did not
    assert_eq!((taken[0].attempts, last[0].attempts), (1, 1));
    queue.ack(&last).await.unwrap();
}

#[tokio::test]
async fn the_table_passes_the_suite() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    suite(&DbQueue::new(fixture.store.clone()), account).await;
    fixture.end().await;
}

#[tokio::test]
async fn jobs_are_shared_among_nodes_and_none_is_lost() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let jobs: Vec<Job> = (0..300).map(|_| job(account)).collect();
    DbQueue::new(fixture.store.clone()).publish(&jobs).await.unwrap();
    let seen = Arc::new(Mutex::new(HashMap::<EventId, u32>::new()));
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let (queue, seen) = (DbQueue::new(fixture.other_node().await), Arc::clone(&seen));
        nodes.push(tokio::spawn(async move {
            loop {
                let claimed = queue.claim(Topic::Route, 7, LEASE, Duration::from_millis(100)).await.unwrap();
                if claimed.is_empty() {
                    return;
                }
                for claimed in &claimed {
                    *seen.lock().entry(claimed.job.event_id).or_default() += 1;
                }
                queue.ack(&claimed).await.unwrap();
            }
        }));
    }
    for node in nodes {
        node.await.unwrap();
    }
    let seen = std::mem::take(&mut *seen.lock());
    assert_eq!(seen.len(), 300);
    assert!(seen.values().all(|times| *times == 1));
    fixture.end().await;
}

/// Delivers what it carries twice and in another order.
struct Doubling(DbQueue);

impl Queue for Doubling {
    fn publish<'a>(&'a self, jobs: &'a [Job]) -> BoxFuture<'a, Outcome<()>> {
        self.0.publish(jobs)
    }
    fn claim(
        &self,
        topic: Topic,
        most: i64,
        lease: Duration,
        patience: Duration,
    ) -> BoxFuture<'_, Outcome<Vec<bus::Claimed>>> {
        Box::pin(async move {
            let claimed = self.0.claim(topic, most, lease, patience).await?;
            Ok(claimed.iter().rev().chain(claimed.iter()).cloned().collect())
        })
    }
    fn ack<'a>(&'a self, claimed: &'a [bus::Claimed]) -> BoxFuture<'a, Outcome<()>> {
        self.0.ack(claimed)
    }
    fn retry<'a>(
        &'a self,
        c: &'a bus::Claimed,
        after: Duration,
        counts: bool,
        reason: &'a str,
    ) -> BoxFuture<'a, Outcome<()>> {
        self.0.retry(c, after, counts, reason)
    }
    fn park<'a>(&'a self, claimed: &'a bus::Claimed, reason: &'a str) -> BoxFuture<'a, Outcome<()>> {
        self.0.park(claimed, reason)
    }
    fn parked(&self, limit: i64) -> BoxFuture<'_, Outcome<Vec<bus::queue::Parked>>> {
        self.0.parked(limit)
    }
    fn requeue<'a>(&'a self, ids: &'a [i64]) -> BoxFuture<'a, Outcome<u64>> {
        self.0.requeue(ids)
    }
}

struct Counter {
    store: Store,
    acted: Mutex<HashSet<EventId>>,
    twice: AtomicU32,
    calls: AtomicU32,
}

impl Counter {
    async fn act(&self, tx: &mut Tx, delivery: &Delivery) -> Outcome<()> {
        // every third call fails before it has done anything lasting
        if self.calls.fetch_add(1, Ordering::SeqCst).is_multiple_of(3) {
            return Err(Fault::Refused(model::Error::internal("flaky")));
        }
        if let Opened::Fresh(entry) = delivery.open(tx, "test").await?
            && !self.acted.lock().insert(entry.id)
        {
            self.twice.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

impl Handler for Counter {
    fn topic(&self) -> Topic {
        Topic::Route
    }
    fn handle<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(async move {
            self.store
                .write(delivery.account_id(), |mut tx| async move { self.act(&mut tx, delivery).await })
                .await
        })
    }
}

#[tokio::test]
async fn a_consumer_acts_once_however_often_it_is_called() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let drafts: Vec<_> = (0..40).map(|_| draft(account)).collect();
    let drafts_ref = &drafts;
    fixture
        .store
        .write(account, |mut tx| async move { bus::log::append(&mut tx, drafts_ref).await })
        .await
        .unwrap();
    let queue: Arc<dyn Queue> = Arc::new(Doubling(DbQueue::new(fixture.store.clone())));
    let jobs: Vec<Job> = drafts
        .iter()
        .map(|draft| Job { topic: Topic::Route, event_id: draft.id, account_id: account })
        .collect();
    queue.publish(&jobs).await.unwrap();
    let handler = Arc::new(Counter {
        store: fixture.store.clone(),
        acted: Mutex::default(),
        twice: AtomicU32::default(),
        calls: AtomicU32::default(),
    });
    let stop = CancellationToken::new();
    let workers = Workers {
        store: fixture.store.clone(),
        queue: Arc::clone(&queue),
        at_once: 8,
        time_limit: Duration::from_secs(5),
        most_attempts: 50,
    };
    let running = {
        let (handler, stop) = (Arc::clone(&handler), stop.clone());
        tokio::spawn(async move { workers.run(handler, stop).await })
    };
    tokio::time::timeout(Duration::from_secs(30), async {
        while handler.acted.lock().len() < 40 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("all are handled");
    stop.cancel();
    running.await.unwrap();
    assert_eq!(handler.twice.load(Ordering::SeqCst), 0);
    assert!(queue.parked(10).await.unwrap().is_empty());
    fixture.end().await;
}

/// Fails in the way that the test asks for.
struct Failing(fn() -> BoxFuture<'static, Outcome<()>>, AtomicU32);

impl Handler for Failing {
    fn topic(&self) -> Topic {
        Topic::Route
    }
    fn handle<'a>(&'a self, _: &'a Delivery) -> BoxFuture<'a, Outcome<()>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        (self.0)()
    }
}

/// Calls until the one job was parked, or `calls` of them.
async fn until_parked(how: fn() -> BoxFuture<'static, Outcome<()>>, calls: u32) -> (u32, Vec<String>) {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let queue: Arc<dyn Queue> = Arc::new(DbQueue::new(fixture.store.clone()));
    queue.publish(&[job(account)]).await.unwrap();
    let handler = Arc::new(Failing(how, AtomicU32::default()));
    let stop = CancellationToken::new();
    let workers = Workers {
        store: fixture.store.clone(),
        queue: Arc::clone(&queue),
        at_once: 1,
        time_limit: Duration::from_millis(200),
        most_attempts: 2,
    };
    let running = {
        let (handler, stop) = (Arc::clone(&handler), stop.clone());
        tokio::spawn(async move { workers.run(handler, stop).await })
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while queue.parked(1).await.unwrap().is_empty() && handler.1.load(Ordering::SeqCst) < calls {
        assert!(tokio::time::Instant::now() < deadline, "neither parked nor called {calls} times");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    running.await.unwrap();
    let reasons = queue.parked(5).await.unwrap().into_iter().map(|parked| parked.reason).collect();
    fixture.end().await;
    (handler.1.load(Ordering::SeqCst), reasons)
}

#[tokio::test]
async fn timeouts_and_panics_count_and_what_is_unavailable_does_not() {
    let slow = until_parked(|| Box::pin(std::future::pending()), 10).await;
    assert_eq!(slow, (2, vec!["took too long".to_owned()]));
    let broken = until_parked(|| Box::pin(async { panic!("a handler's fault") }), 10).await;
    assert_eq!(broken, (2, vec!["its handler panicked".to_owned()]));
    let down =
        until_parked(|| Box::pin(async { Err(Fault::Refused(model::Error::unavailable("down"))) }), 4).await;
    assert!(down.0 >= 4 && down.1.is_empty(), "{down:?}");
}
