//! What a connection sends next. Asked by the transport when the client can take more, so a slow client
//! costs its cursors and nothing else.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use engine::{Frame, Next};
use futures::future::BoxFuture;

use super::{
    config::Config,
    connection::{Connection, Given, Phase, Plan, Ready, Unread},
    entry::{Entry, LogKey},
    events::Reset,
    logs::{Log, Logs},
    metrics,
    ring::Found,
};

/// Of so many batches of a connection one is measured: the exporter keeps each sample until it is asked.
const SAMPLED: u8 = 16;
/// Entries taken from the ring at once.
const BATCH: usize = 64;
/// How long to wait after the store failed.
const STORE: Duration = Duration::from_millis(500);

type Items = Vec<(i64, Arc<Entry>)>;

/// What is sent, in this order of precedence: answers, what is volatile, the logs.
pub struct Source {
    connection: Arc<Connection>,
    logs: Arc<Logs>,
    config: Arc<Config>,
    stage: Stage,
    /// Entries of one log whose turn it is.
    batch: Option<(LogKey, <Items as IntoIterator>::IntoIter)>,
    /// A page that is being read from the store.
    page: Option<(Arc<Log>, BoxFuture<'static, Items>)>,
    turn: usize,
    /// How many were begun.
    batches: u8,
}

enum Stage {
    /// The client is being greeted; nothing of the logs is sent yet.
    Greeting,
    /// Each of these logs up to its number, then a frame.
    First(VecDeque<(LogKey, i64)>, Option<Frame>),
    Live,
}

enum Filled {
    /// There is a batch, or it is worth to look again.
    Some,
    /// The reader cannot be served from where it is.
    Reset(Frame),
    /// The store is being read.
    Waits,
    Nothing,
}

impl Source {
    #[must_use]
    pub fn new(connection: Arc<Connection>, logs: Arc<Logs>, config: Arc<Config>) -> Self {
        Self {
            connection,
            logs,
            config,
            stage: Stage::Greeting,
            batch: None,
            page: None,
            turn: 0,
            batches: 0,
        }
    }

    /// The next thing to send.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        self.connection.register(cx.waker());
        loop {
            let phase = match self.stage {
                Stage::Greeting => Phase::Greeting,
                Stage::First(..) => Phase::Resuming,
                Stage::Live => Phase::Live,
            };
            match self.connection.take_waiting(phase) {
                Some(Ready::Frame(frame)) => return Poll::Ready(Next::Frame(frame)),
                Some(Ready::Leave) => return Poll::Ready(Next::Leave),
                Some(Ready::Plan(Plan { first, live })) => self.stage = Stage::First(first.into(), live),
                None if matches!(phase, Phase::Greeting) => return Poll::Pending,
                None => {}
            }
            if let Some(next) = self.next_of_batch() {
                return Poll::Ready(next);
            }
            match self.fill(cx) {
                Filled::Some => continue,
                Filled::Reset(frame) => return Poll::Ready(Next::Frame(frame)),
                Filled::Waits => return Poll::Pending,
                Filled::Nothing => {}
            }
            if let Stage::First(_, live) = &mut self.stage {
                let live = live.take();
                self.stage = Stage::Live;
                match live {
                    Some(live) => return Poll::Ready(Next::Frame(live)),
                    None => continue,
                }
            }
            return match self.connection.take_position() {
                Some(position) => Poll::Ready(Next::Frame(position)),
                None => Poll::Pending,
            };
        }
    }

    fn next_of_batch(&mut self) -> Option<Next> {
        let (key, items) = self.batch.as_mut()?;
        for (seq, entry) in items {
            match self.connection.give(*key, seq, &entry, self.config.position_hidden) {
                Given::Frame(frame, count) => {
                    metrics::delivered(*key, 1);
                    return Some(Next::Counted(frame, count));
                }
                Given::Hidden => {}
                Given::Left => break,
            }
        }
        self.batch = None;
        self.connection.take_position().map(Next::Frame)
    }

    /// Finds entries that this reader has not had.
    fn fill(&mut self, cx: &mut Context<'_>) -> Filled {
        if let Some((log, page)) = &mut self.page {
            let Poll::Ready(items) = page.as_mut().poll(cx) else { return Filled::Waits };
            if items.is_empty() {
                // the log ends below the head that was named: entries left by retention
                self.connection.skip_to(log.key, log.head());
            } else {
                let key = log.key;
                self.begin(key, items);
            }
            self.page = None;
            return Filled::Some;
        }
        let Some(Unread { log, cursor, found }) = self.unread() else { return Filled::Nothing };
        match found {
            Found::Nothing => {}
            Found::Items(items) => self.begin(log.key, items),
            Found::Behind => {
                let head = log.head();
                if head - cursor > self.config.replay_entries {
                    self.connection.skip_to(log.key, head);
                    let reset =
                        Reset { log: log.key.to_string(), reason: "too_old".to_owned(), head: Some(head) };
                    return Filled::Reset(self.connection.frame(&reset));
                }
                self.page = Some((Arc::clone(&log), Box::pin(page(Arc::clone(&self.logs), log, cursor))));
            }
        }
        Filled::Some
    }

    fn begin(&mut self, key: LogKey, items: Items) {
        if self.batches.is_multiple_of(SAMPLED)
            && let Some((_, entry)) = items.first()
        {
            metrics::delivery_lag(entry.arrived.elapsed());
        }
        self.batches = self.batches.wrapping_add(1);
        self.batch = Some((key, items.into_iter()));
    }

    fn unread(&mut self) -> Option<Unread> {
        let Stage::First(first, _) = &mut self.stage else {
            return self.connection.next_unread(&mut self.turn, BATCH);
        };
        while let Some((key, target)) = first.front() {
            match self.connection.unread(*key, BATCH) {
                Some(unread) if unread.cursor < *target && !matches!(unread.found, Found::Nothing) => {
                    return Some(unread);
                }
                _ => drop(first.pop_front()),
            }
        }
        None
    }
}

/// A page of the store, however long the store is away.
async fn page(logs: Arc<Logs>, log: Arc<Log>, cursor: i64) -> Items {
    loop {
        match logs.page(&log, cursor).await {
            Ok(items) => return items,
            Err(fault) => {
                tracing::warn!(%fault, log = %log.key, "a page could not be read; trying again");
                tokio::time::sleep(STORE).await;
            }
        }
    }
}
