//! The logs that somebody reads at this node: each with its ring, its readers and a way to the store.

use std::{
    collections::HashSet,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{LogEntry, Outcome, Scope, Store, Task, live::Reach};
use dashmap::DashMap;
use futures::future::BoxFuture;
use model::{AccountId, Time};
use parking_lot::{Mutex, RwLock};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    config::Config,
    connection::Connection,
    entry::{Entry, LogKey},
    ring::{Bounds, Found, Ring},
};

/// What a round through the readers of a log may take, for each of them. Who has many readers and says much wakes
/// them less often, and each then takes several entries by one write; the first after a pause is never held back.
const ROUND: Duration = Duration::from_micros(40);
/// Shorter rounds are not worth a timer.
const SHORT: Duration = Duration::from_millis(4);
/// Heads that are read at once.
const HEADS: usize = 1000;
/// Nobody waits for longer.
const LONG: Duration = Duration::from_millis(50);

/// When the readers may be woken again.
#[derive(Debug, Default)]
struct Pace {
    not_before: Option<Instant>,
    /// A timer will wake them then.
    is_set: bool,
}

/// One log in use.
pub struct Log {
    pub key: LogKey,
    pub account_id: AccountId,
    ring: RwLock<Ring<Arc<Entry>>>,
    listeners: Mutex<Vec<(Uuid, Weak<Connection>)>>,
    pace: Mutex<Pace>,
    /// One question to the store at a time, so that those who come at once share its answer. True: it has
    /// told the head since this log is in use; what came later was pushed.
    asking: tokio::sync::Mutex<bool>,
    /// Nobody listened when it was last looked at.
    was_idle: AtomicBool,
}

impl Log {
    /// Items numbered above `cursor`.
    #[must_use]
    pub fn after(&self, cursor: i64, limit: usize) -> Found<Arc<Entry>> {
        self.ring.read().after(cursor, limit)
    }

    #[must_use]
    pub fn head(&self) -> i64 {
        self.ring.read().head()
    }

    /// Learns the head that the store names, and wakes readers when it is news.
    pub fn note_head(self: &Arc<Self>, head: i64) {
        let news = self.ring.write().note_head(head);
        if news {
            self.wake();
        }
    }

    pub fn listen(&self, connection: &Arc<Connection>) {
        let mut listeners = self.listeners.lock();
        if !listeners.iter().any(|(id, _)| *id == connection.id) {
            listeners.push((connection.id, Arc::downgrade(connection)));
        }
    }

    pub fn unlisten(&self, id: Uuid) {
        self.listeners.lock().retain(|(listener, _)| *listener != id);
    }

    /// Those who read it at this node.
    #[must_use]
    pub fn listeners(&self) -> Vec<Arc<Connection>> {
        self.listeners.lock().iter().filter_map(|(_, connection)| connection.upgrade()).collect()
    }

    /// There is something new: wakes the readers, now or at the end of the round.
    fn wake(self: &Arc<Self>) {
        let mut pace = self.pace.lock();
        let now = Instant::now();
        match pace.not_before {
            Some(end) if now < end => {
                if !std::mem::replace(&mut pace.is_set, true) {
                    let log = Arc::clone(self);
                    tokio::spawn(async move {
                        tokio::time::sleep_until(end).await;
                        let mut pace = log.pace.lock();
                        pace.is_set = false;
                        pace.not_before = log.wake_all(Instant::now());
                    });
                }
            }
            _ => pace.not_before = self.wake_all(now),
        }
    }

    /// Wakes everybody; until when that lasts.
    fn wake_all(&self, now: Instant) -> Option<Instant> {
        let listeners = self.listeners.lock();
        for (_, connection) in listeners.iter() {
            if let Some(connection) = connection.upgrade() {
                connection.wake();
            }
        }
        let round = ROUND * listeners.len() as u32;
        (round >= SHORT).then(|| now + round.min(LONG))
    }
}

/// Where a log is read that is not in memory.
pub trait Pages: Send + Sync + 'static {
    /// The last number of the log.
    fn head(&self, key: LogKey, account: AccountId) -> BoxFuture<'_, Outcome<i64>>;
    /// The last numbers of many logs, each with its key; logs that are not there are left out.
    fn heads<'a>(&'a self, keys: &'a [LogKey]) -> BoxFuture<'a, Outcome<Vec<(LogKey, i64)>>>;
    /// At most `limit` entries numbered above `after`, in order.
    fn after(
        &self,
        key: LogKey,
        account: AccountId,
        after: i64,
        limit: i64,
    ) -> BoxFuture<'_, Outcome<Vec<LogEntry>>>;
}

impl Pages for Store {
    fn head(&self, key: LogKey, account: AccountId) -> BoxFuture<'_, Outcome<i64>> {
        Box::pin(self.read(account, move |mut tx| async move {
            match key {
                LogKey::Feed(account) => bus::log::feed_head(&mut tx, account).await,
                LogKey::Thread(conversation) => {
                    inbox::agents::thread_head(&mut tx, account, conversation).await
                }
            }
        }))
    }

    fn heads<'a>(&'a self, keys: &'a [LogKey]) -> BoxFuture<'a, Outcome<Vec<(LogKey, i64)>>> {
        let (mut accounts, mut conversations) = (Vec::new(), Vec::new());
        for key in keys {
            match key {
                LogKey::Feed(account) => accounts.push(account.uuid()),
                LogKey::Thread(conversation) => conversations.push(conversation.uuid()),
            }
        }
        Box::pin(async move {
            let (accounts, conversations) = (&accounts, &conversations);
            self.read(Scope::System(Task::Relay), |mut tx| async move {
                let feeds = bus::log::feed_heads(&mut tx, accounts).await?;
                let threads = inbox::agents::thread_heads(&mut tx, conversations).await?;
                let feeds = feeds.into_iter().map(|(id, head)| (LogKey::Feed(id), head));
                Ok(feeds.chain(threads.into_iter().map(|(id, head)| (LogKey::Thread(id), head))).collect())
            })
            .await
        })
    }

    fn after(
        &self,
        key: LogKey,
        account: AccountId,
        after: i64,
        limit: i64,
    ) -> BoxFuture<'_, Outcome<Vec<LogEntry>>> {
        Box::pin(self.read(account, move |mut tx| async move {
            match key {
                LogKey::Feed(account) => bus::log::feed_after(&mut tx, account, after, limit).await,
                LogKey::Thread(conversation) => {
                    bus::log::thread_after(&mut tx, conversation, after, limit).await
                }
            }
        }))
    }
}

/// A page read from the store: numbered entries, in order.
pub type Page = Arc<[(i64, Arc<Entry>)]>;

/// All logs in use at this node.
pub struct Logs {
    pages: Arc<dyn Pages>,
    open: DashMap<LogKey, Arc<Log>>,
    /// Readers of one log share them: between two numbers nothing changes any more.
    shared: moka::sync::Cache<(LogKey, i64, i64), Page>,
    page: i64,
    feed_ring: Bounds,
    thread_ring: Bounds,
}

/// Bytes of pages that are kept for others.
const SHARED: u64 = 32 << 20;

impl Logs {
    #[must_use]
    pub fn new(pages: Arc<dyn Pages>, config: &Config) -> Self {
        Self {
            pages,
            open: DashMap::new(),
            shared: moka::sync::Cache::builder()
                .weigher(|_, page: &Page| page.iter().map(|(_, entry)| entry.size() as u32).sum())
                .max_capacity(SHARED)
                .time_to_idle(Duration::from_mins(1))
                .build(),
            page: config.page,
            feed_ring: config.feed_ring,
            thread_ring: config.thread_ring,
        }
    }

    /// The log, in use from now on. Read its head from the store only after this: what is relayed
    /// later arrives here, what was relayed before is below that head.
    #[must_use]
    pub fn open(&self, key: LogKey, account_id: AccountId) -> Arc<Log> {
        let log = self.open.entry(key).or_insert_with(|| {
            let most = match key {
                LogKey::Feed(_) => self.feed_ring,
                LogKey::Thread(_) => self.thread_ring,
            };
            Arc::new(Log {
                key,
                account_id,
                ring: RwLock::new(Ring::new(most)),
                listeners: Mutex::new(Vec::new()),
                pace: Mutex::default(),
                asking: tokio::sync::Mutex::new(false),
                was_idle: AtomicBool::new(false),
            })
        });
        log.was_idle.store(false, Ordering::Relaxed);
        Arc::clone(&log)
    }

    #[must_use]
    pub fn get(&self, key: LogKey) -> Option<Arc<Log>> {
        self.open.get(&key).map(|log| Arc::clone(&log))
    }

    /// Adds what the relay pushed, then wakes each reader once.
    pub fn push(&self, entries: &[LogEntry]) {
        let mut touched: Vec<Arc<Log>> = Vec::new();
        for entry in entries {
            let keys = [Some(LogKey::Feed(entry.account_id)), entry.conversation_id.map(LogKey::Thread)];
            for key in keys.into_iter().flatten() {
                let Some(log) = self.get(key) else { continue };
                let Some((seq, entry)) = Entry::of(key, entry) else { continue };
                let size = entry.size();
                if log.ring.write().push(seq, entry, size)
                    && !touched.iter().any(|touched| touched.key == key)
                {
                    touched.push(log);
                }
            }
        }
        for log in touched {
            log.wake();
        }
    }

    /// Something was pushed that this node did not get: the heads are read from the store, and readers
    /// find there what they miss.
    pub async fn catch_up(&self, reach: Reach) -> Outcome<()> {
        let keys: Vec<LogKey> =
            self.open.iter().filter(|log| reach.covers(log.account_id)).map(|log| log.key).collect();
        for keys in keys.chunks(HEADS) {
            for (key, head) in self.pages.heads(keys).await? {
                if let Some(log) = self.get(key) {
                    log.note_head(head);
                }
            }
        }
        Ok(())
    }

    /// The accounts of the open logs.
    #[must_use]
    pub fn accounts(&self, reach: Reach) -> HashSet<AccountId> {
        let covered = self.open.iter().filter(|log| reach.covers(log.account_id));
        covered.map(|log| log.account_id).collect()
    }

    /// The last number of a log in use. Whoever comes first asks the store, and whoever knows of a higher one.
    pub async fn head(&self, log: &Arc<Log>, known: Option<i64>) -> Outcome<i64> {
        let mut told = log.asking.lock().await;
        if !*told || known.is_some_and(|known| known > log.head()) {
            log.note_head(self.pages.head(log.key, log.account_id).await?);
            *told = true;
        }
        Ok(log.head())
    }

    /// Entries above `cursor` from the store, at most a page; pages are cut at the same numbers for
    /// all readers, so that they share them. Empty: there is nothing above `cursor`.
    pub async fn page(&self, log: &Log, cursor: i64) -> Outcome<Vec<(i64, Arc<Entry>)>> {
        let start = cursor - cursor.rem_euclid(self.page);
        let key = (log.key, start, log.head().min(start + self.page));
        let page = match self.shared.get(&key) {
            Some(page) => page,
            None => {
                let _turn = log.asking.lock().await;
                // somebody may have read it meanwhile
                match self.shared.get(&key) {
                    Some(page) => page,
                    None => {
                        let page: Page = self.read(log, start).await?.into();
                        self.shared.insert(key, Arc::clone(&page));
                        page
                    }
                }
            }
        };
        Ok(page.iter().filter(|(seq, _)| *seq > cursor).cloned().collect())
    }

    /// When the first entry above `cursor` was made.
    pub async fn time_after(&self, log: &Log, cursor: i64) -> Outcome<Option<Time>> {
        Ok(match log.after(cursor, 1) {
            Found::Items(items) => items.first().map(|(_, entry)| entry.at),
            Found::Nothing => None,
            // whoever is let in reads this page next
            Found::Behind => self.page(log, cursor).await?.first().map(|(_, entry)| entry.at),
        })
    }

    async fn read(&self, log: &Log, after: i64) -> Outcome<Vec<(i64, Arc<Entry>)>> {
        let entries = self.pages.after(log.key, log.account_id, after, self.page).await?;
        Ok(entries.iter().filter_map(|entry| Entry::of(log.key, entry)).collect())
    }

    /// How many are in use.
    #[must_use]
    pub fn count(&self) -> usize {
        self.open.len()
    }

    /// Lets go of logs that nobody has read since the last call.
    pub fn sweep(&self) {
        self.open.retain(|_, log| {
            log.listeners.lock().retain(|(_, connection)| connection.strong_count() > 0);
            let idle = log.listeners.lock().is_empty() && Arc::strong_count(log) == 1;
            !(idle && log.was_idle.swap(true, Ordering::Relaxed))
        });
    }
}
