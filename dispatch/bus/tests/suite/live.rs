//! What every `Live` promises, asked of two nodes; and what becomes of one whose Redis is not there.

use std::{sync::Arc, time::Duration};

use bus::{
    Hearing, Live, LocalLive, LogEntry, RedisLive,
    live::{Pushed, Reach, Volatile, VolatileTo, Watching},
    redis::Server,
};
use model::{
    AccountId, Audience, ChannelId, ChannelStatus, Clock as _, ConversationId, Event, EventId, NodeId,
    SystemClock, UserId,
};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(20);

fn entries(account_id: AccountId, seqs: std::ops::Range<i64>) -> Pushed {
    let entries = seqs.map(|seq| LogEntry {
        id: EventId::new(),
        account_id,
        position: seq,
        feed_seq: Some(seq),
        conversation_id: None,
        thread_seq: None,
        event: Arc::new(Event::ChannelStatusChanged {
            account_id,
            channel_id: ChannelId::new(),
            status: ChannelStatus::Connected,
            error_message: None,
        }),
        audience: Arc::new(Audience::Account),
        at: SystemClock.now(),
        trace_id: None,
    });
    Pushed::Entries(entries.collect())
}

/// The next push that `wanted` makes something of.
async fn next<T>(from: &mut Receiver<Pushed>, mut wanted: impl FnMut(Pushed) -> Option<T>) -> T {
    tokio::time::timeout(SOON, async {
        loop {
            if let Some(found) = wanted(from.recv().await.unwrap()) {
                return found;
            }
        }
    })
    .await
    .expect("it is pushed")
}

async fn seqs(from: &mut Receiver<Pushed>, account: AccountId, count: usize) -> Vec<i64> {
    let mut seqs = Vec::new();
    while seqs.len() < count {
        seqs.extend(
            next(from, |pushed| match pushed {
                Pushed::Entries(entries) if entries[0].account_id == account => {
                    Some(entries.iter().filter_map(|entry| entry.feed_seq).collect::<Vec<_>>())
                }
                _ => None,
            })
            .await,
        );
    }
    seqs
}

/// The shared suite: what `speaks` publishes, `hears` gets. Both may be one node.
async fn suite(speaks: &dyn Live, hears: &dyn Live) {
    let (mut here, mut there) = (speaks.subscribe(), hears.subscribe());
    let account = AccountId::new();
    // in the order of one node, in whatever pieces
    for first in (1..500).step_by(3) {
        speaks.publish(entries(account, first..first + 3));
    }
    let expected: Vec<i64> = (1..=501).collect();
    assert_eq!(seqs(&mut here, account, 501).await, expected, "at this node");
    assert_eq!(seqs(&mut there, account, 501).await, expected, "at the other");
    // what is volatile arrives as it was
    let to = VolatileTo::User(UserId::new());
    let sent = Volatile {
        account_id: account,
        to,
        name: "a:name".into(),
        payload: json!({"a": [1, "ሰላም", null]}),
        is_from_elsewhere: false,
    };
    speaks.publish(Pushed::Volatile(Arc::new(sent.clone())));
    let mut got = next(&mut there, |pushed| match pushed {
        Pushed::Volatile(volatile) => Some(Volatile::clone(&volatile)),
        _ => None,
    })
    .await;
    got.is_from_elsewhere = false;
    assert_eq!(got, sent);
    let watching = Watching {
        node: NodeId::new(),
        account_id: account,
        conversation_id: ConversationId::new(),
        agents: vec![(UserId::new(), "Ada".to_owned())],
        customer: true,
        asks: false,
    };
    speaks.publish(Pushed::Watching(Arc::new(watching.clone())));
    let got = next(&mut there, |pushed| match pushed {
        Pushed::Watching(watching) => Some(watching),
        _ => None,
    })
    .await;
    assert_eq!(*got, watching);
    // a loss of the publisher's is one of everybody
    speaks.publish(Pushed::Missed(Reach::Everything));
    next(&mut there, |pushed| matches!(pushed, Pushed::Missed(reach) if reach.covers(account)).then_some(()))
        .await;
    for live in [speaks, hears] {
        until_whole(live).await;
    }
}

async fn until_whole(live: &dyn Live) {
    tokio::time::timeout(SOON, async {
        while live.hearing() != Hearing::Whole {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("{:?}", live.hearing()));
}

#[tokio::test]
async fn one_process_passes_the_suite() {
    let live = LocalLive::default();
    suite(&live, &live).await;
}

fn server() -> Server {
    let url = std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL names a Redis for tests");
    Server::from_url(&url).unwrap()
}

struct Node {
    live: Arc<RedisLive>,
    id: NodeId,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Node {
    fn on(server: Server, installation: Uuid) -> Self {
        let id = NodeId::new();
        let live = RedisLive::new(server, installation, id);
        let stop = CancellationToken::new();
        let (running, until) = (Arc::clone(&live), stop.clone());
        let task = tokio::spawn(async move { running.run(until).await });
        Self { live, id, stop, task }
    }

    async fn hears_well(&self) {
        until_whole(&*self.live).await;
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn redis_passes_the_suite_in_both_directions() {
    let installation = Uuid::new_v4();
    let (one, other) = (Node::on(server(), installation), Node::on(server(), installation));
    for node in [&one, &other] {
        node.live.expect(&[one.id, other.id]);
        node.hears_well().await;
    }
    suite(&*one.live, &*other.live).await;
    suite(&*other.live, &*one.live).await;
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn another_installation_on_the_same_redis_hears_nothing() {
    let (one, other) = (Node::on(server(), Uuid::new_v4()), Node::on(server(), Uuid::new_v4()));
    one.hears_well().await;
    other.hears_well().await;
    let mut there = other.live.subscribe();
    one.live.publish(entries(AccountId::new(), 1..5));
    tokio::time::sleep(Duration::from_millis(700)).await;
    while let Ok(pushed) = there.try_recv() {
        assert!(matches!(pushed, Pushed::Missed(_)), "{pushed:?}");
    }
    one.end().await;
    other.end().await;
}

#[tokio::test]
async fn a_node_that_leaves_is_gone_and_one_that_is_not_heard_is_named() {
    let installation = Uuid::new_v4();
    let (one, other) = (Node::on(server(), installation), Node::on(server(), installation));
    for node in [&one, &other] {
        node.live.expect(&[one.id, other.id]);
        node.hears_well().await;
    }
    let mut here = one.live.subscribe();
    let left = other.id;
    other.end().await;
    let gone = next(&mut here, |pushed| match pushed {
        Pushed::Gone(node) => Some(node),
        _ => None,
    })
    .await;
    assert_eq!(gone, left);
    // the store knows of one that nobody hears: everything counts as missed until it is heard, or dead
    let silent = NodeId::new();
    one.live.expect(&[one.id, silent]);
    tokio::time::timeout(SOON, async {
        while one.live.hearing() == Hearing::Whole {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("it is noticed");
    assert_eq!(one.live.hearing(), Hearing::Degraded(format!("node {silent} is not heard")));
    let mut here = one.live.subscribe();
    for _ in 0..2 {
        next(&mut here, |pushed| matches!(pushed, Pushed::Missed(Reach::Everything)).then_some(())).await;
    }
    one.live.expect(&[one.id]);
    one.hears_well().await;
    one.end().await;
}

#[tokio::test]
async fn without_redis_this_nodes_readers_are_served_and_sent_to_the_store_for_the_rest() {
    // nobody listens there
    let nowhere = Server::from_url("redis://127.0.0.1:9").unwrap();
    let node = Node::on(nowhere, Uuid::new_v4());
    let mut here = node.live.subscribe();
    let account = AccountId::new();
    let began = tokio::time::Instant::now();
    for seq in 1..1001 {
        node.live.publish(entries(account, seq..seq + 1));
    }
    assert_eq!(seqs(&mut here, account, 1000).await, (1..=1000).collect::<Vec<i64>>());
    assert!(began.elapsed() < Duration::from_secs(1), "nothing waits: {:?}", began.elapsed());
    let mut times = Vec::new();
    while times.len() < 3 {
        next(&mut here, |pushed| matches!(pushed, Pushed::Missed(Reach::Everything)).then_some(())).await;
        times.push(tokio::time::Instant::now());
    }
    assert!(times[2] - times[0] < Duration::from_secs(3), "more often than every two seconds");
    assert!(matches!(node.live.hearing(), Hearing::Degraded(why) if why.contains("Redis")));
    node.end().await;
}

#[test]
fn a_url_that_names_no_redis_is_refused_without_repeating_it() {
    for url in ["postgres://u:secret@h/d", "redis://:secret@h:port", "nonsense secret"] {
        let refused = Server::from_url(url).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains("redis://") && !refused.contains("secret"), "{url}: {refused}");
    }
}
