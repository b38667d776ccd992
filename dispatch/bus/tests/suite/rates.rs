//! What every `Buckets` promises; and a node's share while they cannot be counted together.

use std::{sync::Arc, time::Duration};

use bus::{
    Buckets, LocalBuckets, RedisBuckets,
    rates::{Ask, Rate},
    redis::Server,
};
use model::NodeId;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The shared suite; `one` and `other` are two nodes, or the same.
async fn suite(one: &dyn Buckets, other: &dyn Buckets) {
    let key = Uuid::new_v4().to_string();
    let rate = Rate { count: 10, period: Duration::from_secs(100) };
    assert_eq!(one.take(&key, rate, Ask::All(0)).await.wait, None, "a new bucket is full");
    assert_eq!(one.take(&key, rate, Ask::All(6)).await.granted, 6);
    let refused = other.take(&key, rate, Ask::All(5)).await;
    assert_eq!(refused.granted, 0, "all or nothing, counted together");
    let wait = refused.wait.unwrap();
    assert!(wait > Duration::from_secs(8) && wait <= Duration::from_secs(10), "one is missing: {wait:?}");
    let partly = other.take(&key, rate, Ask::UpTo(5)).await;
    assert_eq!(partly.granted, 4);
    assert!(partly.wait.unwrap() <= Duration::from_secs(10), "{partly:?}");
    assert!(partly.used > Duration::from_secs(98) && partly.used <= Duration::from_secs(100), "{partly:?}");
    assert!(one.take(&key, rate, Ask::All(0)).await.wait.is_some(), "empty, as it says without taking");
    one.give_back(&key, rate, 2).await;
    assert_eq!(other.take(&key, rate, Ask::UpTo(5)).await.granted, 2);
    let elsewhere = Uuid::new_v4().to_string();
    assert_eq!(other.take(&elsewhere, rate, Ask::All(10)).await.granted, 10, "keys do not share");
    // it fills with time
    let quick = Rate { count: 5, period: Duration::from_millis(500) };
    let key = Uuid::new_v4().to_string();
    assert_eq!(one.take(&key, quick, Ask::UpTo(9)).await.granted, 5);
    tokio::time::sleep(Duration::from_millis(250)).await;
    let again = other.take(&key, quick, Ask::UpTo(9)).await.granted;
    assert!((2..=5).contains(&again), "{again}");
}

#[tokio::test]
async fn one_process_passes_the_suite() {
    let buckets = LocalBuckets::default();
    suite(&buckets, &buckets).await;
}

fn running(server: Server, installation: Uuid, node: NodeId) -> (Arc<RedisBuckets>, CancellationToken) {
    let buckets = RedisBuckets::new(server, installation, node);
    let stop = CancellationToken::new();
    let (run, until) = (Arc::clone(&buckets), stop.clone());
    tokio::spawn(async move { run.run(until).await });
    (buckets, stop)
}

#[tokio::test]
async fn redis_passes_the_suite() {
    let url = std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL names a Redis for tests");
    let (server, installation) = (Server::from_url(&url).unwrap(), Uuid::new_v4());
    let (one, stop_one) = running(server.clone(), installation, NodeId::new());
    let (other, stop_other) = running(server, installation, NodeId::new());
    // connected when they count together
    let rate = Rate { count: 1, period: Duration::from_secs(100) };
    let mut n = 0;
    loop {
        let key = format!("warm-{n}");
        let (first, second) =
            (one.take(&key, rate, Ask::All(1)).await, other.take(&key, rate, Ask::All(1)).await);
        if (first.granted, second.granted) == (1, 0) {
            break;
        }
        n += 1;
        assert!(n < 400, "they never count together");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    suite(&*one, &*other).await;
    stop_one.cancel();
    stop_other.cancel();
}

#[tokio::test]
async fn without_redis_a_node_takes_its_share_at_once() {
    let nowhere = Server::from_url("redis://127.0.0.1:9").unwrap();
    let node = NodeId::new();
    let (buckets, stop) = running(nowhere, Uuid::new_v4(), node);
    buckets.expect(&[node, NodeId::new(), NodeId::new(), NodeId::new()]);
    let began = tokio::time::Instant::now();
    let rate = Rate::per_minute(100);
    assert_eq!(buckets.take("key", rate, Ask::UpTo(100)).await.granted, 25, "a quarter");
    assert!(began.elapsed() < Duration::from_secs(1), "nobody waits for it");
    stop.cancel();
}
