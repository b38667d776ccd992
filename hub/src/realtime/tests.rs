//! Sources without a transport and without a store: what is pulled is written into memory, the store is a
//! list, and readers are slow or late.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bus::{LogEntry, Outcome};
use engine::{Frame, Next};
use futures::future::BoxFuture;
use model::{AccountId, Audience, ConversationId, Event, EventId, VisitorId, view::PublicAgent};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{
    CUSTOMERS, Config,
    connection::{Connection, Fleeting, Plan, Who},
    entry::{LogKey, raw},
    life::Life,
    logs::{Logs, Pages},
    ring::Bounds,
    source::Source,
};

/// What was written, and how much still fits.
struct Written {
    events: Vec<(String, Value, Value)>,
    room: usize,
}

impl Written {
    fn seqs(&self) -> Vec<i64> {
        self.events.iter().filter_map(|(_, _, meta)| meta["seq"].as_i64()).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.events.iter().map(|(name, ..)| name.as_str()).collect()
    }
}

/// Pulls as long as there is room.
async fn pull(mut source: Source, written: Arc<Mutex<Written>>) {
    loop {
        if written.lock().room == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        let next = poll_fn(|cx| source.poll_next(cx)).await;
        let frame = match next {
            Next::Frame(frame) | Next::Counted(frame, _) => frame,
            Next::Leave => return,
        };
        let mut args: Vec<Value> =
            serde_json::from_str(frame.text().strip_prefix("42/customers,").unwrap()).unwrap();
        args.resize(3, Value::Null);
        let name = args[0].as_str().unwrap().to_owned();
        let mut written = written.lock();
        written.room -= 1;
        written.events.push((name, args[1].take(), args[2].take()));
    }
}

/// One thread in a list.
#[derive(Default)]
struct List {
    entries: Mutex<Vec<LogEntry>>,
    reads: AtomicUsize,
}

impl Pages for List {
    fn head(&self, _: LogKey, _: AccountId) -> BoxFuture<'_, Outcome<i64>> {
        Box::pin(async { Ok(self.entries.lock().len() as i64) })
    }

    fn heads<'a>(&'a self, keys: &'a [LogKey]) -> BoxFuture<'a, Outcome<Vec<(LogKey, i64)>>> {
        let head = self.entries.lock().len() as i64;
        Box::pin(async move { Ok(keys.iter().map(|key| (*key, head)).collect()) })
    }

    fn after(
        &self,
        _: LogKey,
        _: AccountId,
        after: i64,
        limit: i64,
    ) -> BoxFuture<'_, Outcome<Vec<LogEntry>>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let entries = self.entries.lock();
        let page = entries.iter().skip(after as usize).take(limit as usize).cloned().collect();
        Box::pin(async { Ok(page) })
    }
}

fn entries(items: usize) -> Bounds {
    Bounds { items, bytes: 1 << 20 }
}

struct Stage {
    account: AccountId,
    conversation: ConversationId,
    list: Arc<List>,
    logs: Arc<Logs>,
    config: Arc<Config>,
}

impl Stage {
    fn new(config: Config) -> Self {
        let list = Arc::new(List::default());
        Self {
            account: AccountId::new(),
            conversation: ConversationId::new(),
            logs: Arc::new(Logs::new(Arc::clone(&list) as Arc<dyn Pages>, &config)),
            list,
            config: Arc::new(config),
        }
    }

    fn key(&self) -> LogKey {
        LogKey::Thread(self.conversation)
    }

    /// Commits `count` entries and returns them, for the push that may come or not.
    fn commit(&self, count: i64) -> Vec<LogEntry> {
        let mut entries = self.list.entries.lock();
        let first = entries.len() as i64 + 1;
        let fresh: Vec<LogEntry> = (first..first + count)
            .map(|seq| LogEntry {
                id: EventId::new(),
                account_id: self.account,
                position: seq,
                feed_seq: None,
                conversation_id: Some(self.conversation),
                thread_seq: Some(seq),
                event: Arc::new(Event::AgentJoined {
                    account_id: self.account,
                    conversation_id: self.conversation,
                    agent: PublicAgent { name: seq.to_string(), avatar_url: None },
                }),
                audience: Arc::new(Audience::Thread),
                at: model::Time::default(),
                trace_id: None,
            })
            .collect();
        entries.extend(fresh.clone());
        fresh
    }

    /// A customer who reads after `cursor`, with room for `room` packets.
    fn reader(&self, cursor: i64, room: usize) -> (Arc<Connection>, Arc<Mutex<Written>>, JoinHandle<()>) {
        let written = Arc::new(Mutex::new(Written { events: Vec::new(), room }));
        let who = Who::Customer { visitor_id: VisitorId::new() };
        let connection = Connection::new(who, None);
        let log = self.logs.open(self.key(), self.account);
        let head = self.list.entries.lock().len() as i64;
        log.note_head(head);
        connection.read_from(log, cursor);
        let live = raw(&json!({"seq": head}));
        let live = Some(Frame::event(CUSTOMERS, "live", &[&live]));
        connection.begin(Plan { first: vec![(self.key(), head)], live });
        let (logs, config) = (Arc::clone(&self.logs), Arc::clone(&self.config));
        let source = Source::new(Arc::clone(&connection), logs, config);
        let task = tokio::spawn(pull(source, Arc::clone(&written)));
        (connection, written, task)
    }
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

#[tokio::test]
async fn missed_entries_come_first_then_live_then_what_follows() {
    let stage = Stage::new(Config::default());
    stage.commit(5);
    let (_connection, written, _task) = stage.reader(2, usize::MAX);
    settle().await;
    assert_eq!(written.lock().names(), ["agent:joined", "agent:joined", "agent:joined", "live"]);
    stage.logs.push(&stage.commit(2));
    settle().await;
    assert_eq!(written.lock().seqs(), [3, 4, 5, 6, 7]);
    let meta = written.lock().events[0].2.clone();
    assert_eq!(meta["log"], format!("conversation:{}", stage.conversation));
}

#[tokio::test]
async fn a_push_that_was_lost_is_read_from_the_store() {
    let stage = Stage::new(Config::default());
    let (_connection, written, _task) = stage.reader(0, usize::MAX);
    stage.logs.push(&stage.commit(3));
    stage.commit(4);
    stage.logs.push(&stage.commit(1));
    settle().await;
    assert_eq!(written.lock().seqs(), (1..=8).collect::<Vec<_>>());
    assert_eq!(stage.list.reads.load(Ordering::Relaxed), 1);
    stage.logs.push(&stage.commit(1));
    stage.commit(2);
    // the bus said that it lost something, and nothing follows
    stage.logs.catch_up(bus::live::Reach::Everything).await.unwrap();
    settle().await;
    assert_eq!(written.lock().seqs(), (1..=11).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_slow_reader_loses_nothing_and_does_not_hold_others_up() {
    let stage = Stage::new(Config { thread_ring: entries(16), page: 50, ..Config::default() });
    let (_slow_connection, slow, _slow_task) = stage.reader(0, 3);
    let (_fast_connection, fast, _fast_task) = stage.reader(0, usize::MAX);
    settle().await;
    for _ in 0..40 {
        stage.logs.push(&stage.commit(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    settle().await;
    assert_eq!(fast.lock().seqs(), (1..=200).collect::<Vec<_>>());
    assert!(slow.lock().seqs().len() < 5);
    for _ in 0..100 {
        slow.lock().room += 7;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    settle().await;
    assert_eq!(slow.lock().seqs(), (1..=200).collect::<Vec<_>>(), "in order, each once");
    assert!(stage.list.reads.load(Ordering::Relaxed) <= 12, "pages, not rows");
}

#[tokio::test]
async fn readers_share_full_pages() {
    let stage = Stage::new(Config { thread_ring: entries(4), page: 100, ..Config::default() });
    stage.commit(300);
    let readers: Vec<_> = (0..20).map(|n| stage.reader(n, usize::MAX)).collect();
    settle().await;
    for (n, (_, written, _)) in readers.iter().enumerate() {
        assert_eq!(written.lock().seqs(), (n as i64 + 1..=300).collect::<Vec<_>>());
    }
    assert!(stage.list.reads.load(Ordering::Relaxed) <= 6, "{:?}", stage.list.reads);
}

#[tokio::test]
async fn a_reader_who_fell_too_far_behind_is_told_to_fetch_afresh() {
    let stage = Stage::new(Config { thread_ring: entries(4), replay_entries: 100, ..Config::default() });
    let (_connection, written, _task) = stage.reader(0, usize::MAX);
    settle().await;
    stage.commit(500);
    stage.logs.push(&stage.commit(1));
    settle().await;
    let written = written.lock();
    assert_eq!(written.names(), ["live", "reset"]);
    assert_eq!(written.events[1].1["head"], 501);
    assert_eq!(written.events[1].1["reason"], "too_old");
}

#[tokio::test]
async fn volatile_frames_are_replaced_by_newer_ones_and_go_before_the_logs() {
    let stage = Stage::new(Config::default());
    let (connection, written, _task) = stage.reader(0, 1);
    settle().await;
    let fleeting =
        |n: u32| Fleeting::new(CUSTOMERS, "queue:update", &raw(&json!({"n": n})), Some(uuid::Uuid::nil()));
    for n in 0..5 {
        connection.push(fleeting(n));
    }
    stage.logs.push(&stage.commit(1));
    written.lock().room = 10;
    settle().await;
    let written = written.lock();
    assert_eq!(written.names(), ["live", "queue:update", "agent:joined"]);
    assert_eq!(written.events[1].1, json!({"n": 4}));
}

#[tokio::test]
async fn a_log_that_is_joined_after_the_end_keeps_nobody() {
    let stage = Stage::new(Config::default());
    let connection = Connection::new(Who::Customer { visitor_id: VisitorId::new() }, None);
    let log = stage.logs.open(stage.key(), stage.account);
    connection.read_from(Arc::clone(&log), 0);
    assert_eq!(log.listeners().len(), 1);
    connection.end();
    assert!(log.listeners().is_empty());
    // a join that was on its way to the store meanwhile
    connection.read_from(Arc::clone(&log), 0);
    assert!(log.listeners().is_empty() && !connection.reads(stage.key()));
}

#[tokio::test]
async fn a_socket_is_warned_and_ends_after_its_grace() {
    let stage = Stage::new(Config::default());
    let (connection, written, _) = stage.reader(0, 10);
    let ends_at = model::Time::default() + chrono::Duration::hours(1);
    let life = Life::new(Some(ends_at));
    let at = |seconds| ends_at + chrono::Duration::seconds(seconds);
    let names = || written.lock().names().iter().map(ToString::to_string).collect::<Vec<_>>();
    life.check(at(-61), &connection);
    settle().await;
    assert_eq!(names(), ["live"]);
    for seconds in [-59, -30, 0, 24] {
        life.check(at(seconds), &connection);
    }
    settle().await;
    assert_eq!(names(), ["live", "auth:expiring"], "once");
    assert_eq!(written.lock().events[1].1, json!({"in_s": 59}));
    life.renew(Some(at(3600)));
    life.check(at(25), &connection);
    settle().await;
    assert!(!connection.ended().is_cancelled(), "renewed");
    life.renew(Some(ends_at));
    life.check(at(25), &connection);
    life.check(at(26), &connection);
    settle().await;
    assert_eq!(names(), ["live", "auth:expiring", "auth:expired"]);
    assert!(connection.ended().is_cancelled());
}

#[tokio::test]
async fn many_readers_of_a_busy_log_take_several_entries_at_once_and_lose_none() {
    let stage = Stage::new(Config::default());
    let readers: Vec<_> = (0..300).map(|_| stage.reader(0, usize::MAX)).collect();
    settle().await;
    stage.logs.push(&stage.commit(1));
    // before the round of 12 ms is over
    stage.logs.push(&stage.commit(1));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let (_, first, _) = &readers[0];
    let at_once = first.lock().seqs();
    for _ in 0..20 {
        stage.logs.push(&stage.commit(1));
    }
    settle().await;
    assert!(!at_once.is_empty(), "the first after a pause is not held back");
    for (_, written, _) in &readers {
        assert_eq!(written.lock().seqs(), (1..=22).collect::<Vec<_>>());
    }
}
