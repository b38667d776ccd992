//! The queue on RabbitMQ: the promises of every queue, and what is lost when the broker is: nothing.

#[path = "../../../../tests/src/harness/rabbit.rs"]
#[allow(dead_code, unreachable_pub)] // it is the whole suite's
mod broker;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{DbQueue, Job, Queue, queue::RabbitQueue};
use model::{AccountId, Topic};

use self::broker::Rabbit;
use crate::{
    fixture::Fixture,
    queue::{job, suite},
};

const LEASE: Duration = Duration::from_secs(30);

async fn connected(fixture: &Fixture, rabbit: &Rabbit) -> RabbitQueue {
    let queue = RabbitQueue::new(DbQueue::new(fixture.other_node().await), &rabbit.url(), "a test").unwrap();
    up(&queue).await;
    queue
}

async fn up(queue: &RabbitQueue) {
    let began = Instant::now();
    while !queue.is_up() {
        assert!(began.elapsed() < Duration::from_secs(60), "not connected");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Claims and acknowledges until `count` came; returns how long it took.
async fn work_off(queue: &dyn Queue, count: usize, within: Duration) -> Duration {
    let (began, mut seen) = (Instant::now(), 0);
    while seen < count {
        assert!(began.elapsed() < within, "{seen} of {count} within {within:?}");
        let claimed = queue.claim(Topic::Route, 50, LEASE, Duration::from_secs(1)).await.unwrap();
        queue.ack(&claimed).await.unwrap();
        seen += claimed.len();
    }
    assert_eq!(seen, count, "one came twice");
    began.elapsed()
}

fn jobs(account: AccountId, count: usize) -> Vec<Job> {
    (0..count).map(|_| job(account)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_passes_the_suite_and_carries_what_it_should() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let rabbit = Rabbit::start();
    let queue = connected(&fixture, &rabbit).await;
    suite(&queue, account).await;

    // what was parked above lies with the dead letters
    let began = Instant::now();
    let listed = loop {
        let listed = rabbit.ctl(&["list_queues", "name", "type", "messages"]);
        // the broker counts every few seconds
        if listed.contains("messaging.dlq\tquorum\t1\n") {
            break listed;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "one dead letter: {listed}");
    };
    assert!(listed.lines().all(|line| line.contains("quorum") || line.starts_with("name")), "{listed}");

    // a pointer comes at once, long before the table is looked at
    let waiting = async {
        let claimed = queue.claim(Topic::Route, 1, LEASE, Duration::from_secs(10)).await.unwrap();
        (Instant::now(), claimed)
    };
    let publishing = async {
        // after a look at the table, so that the next is far away
        tokio::time::sleep(Duration::from_millis(300)).await;
        let at = Instant::now();
        queue.publish(&jobs(account, 1)).await.unwrap();
        at
    };
    let ((came, claimed), sent) = tokio::join!(waiting, publishing);
    assert_eq!(claimed.len(), 1);
    assert!(came - sent < Duration::from_millis(900), "{:?}", came - sent);
    queue.ack(&claimed).await.unwrap();

    // two nodes share, and a node that ends gives back what it held
    let other = connected(&fixture, &rabbit).await;
    queue.publish(&jobs(account, 200)).await.unwrap();
    let (one, two) = tokio::join!(
        queue.claim(Topic::Route, 10, LEASE, Duration::from_secs(5)),
        other.claim(Topic::Route, 10, LEASE, Duration::from_secs(5)),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(!one.is_empty() && !two.is_empty(), "{} and {}", one.len(), two.len());
    queue.ack(&one).await.unwrap();
    other.ack(&two).await.unwrap();
    drop(other);
    work_off(&queue, 200 - one.len() - two.len(), Duration::from_secs(20)).await;

    // queues that somebody deleted are there again, and nothing that was published meanwhile is lost
    let _deleted = rabbit.ctl(&["delete_queue", "conversation.bot_router"]);
    queue.publish(&jobs(account, 20)).await.unwrap();
    work_off(&queue, 20, Duration::from_secs(10)).await;
    let began = Instant::now();
    while !rabbit.ctl(&["list_queues", "name"]).contains("conversation.bot_router\n") {
        assert!(began.elapsed() < Duration::from_secs(30), "not declared again");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    drop(queue);
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_or_frozen_broker_loses_nothing_and_stops_nothing() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let mut rabbit = Rabbit::start();
    let queue = Arc::new(connected(&fixture, &rabbit).await);
    queue.publish(&jobs(account, 50)).await.unwrap();

    // frozen: publishing returns, and work goes on from the table
    rabbit.freeze();
    let began = Instant::now();
    queue.publish(&jobs(account, 50)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    work_off(queue.as_ref(), 100, Duration::from_secs(15)).await;
    rabbit.thaw();
    up(&queue).await;

    // killed with pointers in it, and some claimed
    queue.publish(&jobs(account, 50)).await.unwrap();
    let held = queue.claim(Topic::Route, 5, LEASE, Duration::from_secs(5)).await.unwrap();
    rabbit.kill();
    queue.publish(&jobs(account, 50)).await.unwrap();
    queue.ack(&held).await.unwrap();
    work_off(queue.as_ref(), 100 - held.len(), Duration::from_secs(15)).await;

    // back: used again, by itself, and what comes a second time does nothing
    rabbit.launch();
    let began = Instant::now();
    up(&queue).await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let nothing = queue.claim(Topic::Route, 10, LEASE, Duration::from_secs(3)).await.unwrap();
    assert!(nothing.is_empty(), "{nothing:?}");
    queue.publish(&jobs(account, 10)).await.unwrap();
    work_off(queue.as_ref(), 10, Duration::from_secs(5)).await;
    drop(queue);
    fixture.end().await;
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_refused_and_a_closed_port_is_told() {
    let fixture = Fixture::new().await;
    assert!(RabbitQueue::new(DbQueue::new(fixture.store.clone()), "http://no", "a test").is_err());
    assert!(bus::queue::rabbit::probe("amqp://127.0.0.1:1").await.is_err());
    fixture.end().await;
}
