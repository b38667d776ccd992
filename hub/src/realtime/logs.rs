//! The logs that somebody reads at this node: each with its ring, its readers and a way to the store.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use bus::{LogEntry, Outcome, Store};
use dashmap::DashMap;
use futures::future::BoxFuture;
use model::AccountId;
use parking_lot::{Mutex, RwLock};
use uuid::Uuid;

use super::{
    config::Config,
    connection::Connection,
    entry::{Entry, LogKey},
    ring::{Found, Ring},
};

/// One log in use.
pub struct Log {
    pub key: LogKey,
    pub account_id: AccountId,
    ring: RwLock<Ring<Arc<Entry>>>,
    listeners: Mutex<Vec<(Uuid, Weak<Connection>)>>,
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
    pub fn note_head(&self, head: i64) {
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

    fn wake(&self) {
        for (_, connection) in self.listeners.lock().iter() {
            if let Some(connection) = connection.upgrade() {
                connection.wake();
            }
        }
    }
}

/// Where a log is read that is not in memory.
pub trait Pages: Send + Sync + 'static {
    /// The last number of the log.
    fn head(&self, key: LogKey, account: AccountId) -> BoxFuture<'_, Outcome<i64>>;
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
    /// Full pages never change, so readers of one log share them.
    full_pages: moka::future::Cache<(LogKey, i64), Page>,
    page: i64,
    feed_ring: usize,
    thread_ring: usize,
}

impl Logs {
    #[must_use]
    pub fn new(pages: Arc<dyn Pages>, config: &Config) -> Self {
        Self {
            pages,
            open: DashMap::new(),
            full_pages: moka::future::Cache::builder()
                .max_capacity(64)
                .time_to_idle(std::time::Duration::from_mins(1))
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
            let keys = [
                entry.feed_seq.map(|seq| (LogKey::Feed(entry.account_id), seq)),
                entry.conversation_id.zip(entry.thread_seq).map(|(id, seq)| (LogKey::Thread(id), seq)),
            ];
            let mut encoded = None;
            for (key, seq) in keys.into_iter().flatten() {
                let Some(log) = self.get(key) else { continue };
                let shared = encoded.get_or_insert_with(|| Entry::new(entry.clone()));
                if log.ring.write().push(seq, Arc::clone(shared))
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
    pub async fn catch_up(&self) -> Outcome<()> {
        let logs: Vec<Arc<Log>> = self.open.iter().map(|log| Arc::clone(&log)).collect();
        for log in logs {
            log.note_head(self.head(log.key, log.account_id).await?);
        }
        Ok(())
    }

    /// The head that the store knows.
    pub async fn head(&self, key: LogKey, account_id: AccountId) -> Outcome<i64> {
        self.pages.head(key, account_id).await
    }

    /// Entries above `cursor` from the store, at most a page; pages are cut at the same numbers for
    /// all readers, so that they share them. Empty: there is nothing above `cursor`.
    pub async fn page(&self, log: &Log, cursor: i64) -> Outcome<Vec<(i64, Arc<Entry>)>> {
        let start = cursor - cursor.rem_euclid(self.page);
        let key = (log.key, start);
        let page = if let Some(page) = self.full_pages.get(&key).await {
            page
        } else {
            let page: Page = self.read(log, start).await?.into();
            if page.len() as i64 == self.page {
                self.full_pages.insert(key, Arc::clone(&page)).await;
            }
            page
        };
        let rest: Vec<_> = page.iter().filter(|(seq, _)| *seq > cursor).cloned().collect();
        if rest.is_empty() && page.len() as i64 == self.page {
            // numbers left out by retention: the page ends before the cursor
            return self.read(log, cursor).await;
        }
        Ok(rest)
    }

    async fn read(&self, log: &Log, after: i64) -> Outcome<Vec<(i64, Arc<Entry>)>> {
        let entries = self.pages.after(log.key, log.account_id, after, self.page).await?;
        Ok(entries
            .into_iter()
            .map(Entry::new)
            .filter_map(|entry| Some((entry.seq(log.key)?, entry)))
            .collect())
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
