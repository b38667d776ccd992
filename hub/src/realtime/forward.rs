//! The forwarder of a connection: moves its cursors as fast as the client reads, and parks when it does
//! not. A slow client costs its cursors and nothing else.

use std::{sync::Arc, time::Duration};

use model::wire::ServerEvent;
use tokio::time::Instant;

use super::{
    config::Config,
    connection::{Connection, Delivered, Sent},
    entry::LogKey,
    events::Reset,
    logs::{Log, Logs},
    metrics,
    ring::Found,
};

/// Entries taken from the ring at once.
const BATCH: usize = 64;
/// How long to leave a full transport alone.
const FULL: Duration = Duration::from_millis(20);
/// How long to wait after the store failed.
const STORE: Duration = Duration::from_millis(500);

/// What one step did.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Idle,
    Moved,
    Full,
    Closed,
}

/// Writes to one connection until it ends. First the logs named in `first`, each up to the number
/// given, then `live`, then whatever comes.
pub async fn forward(
    connection: Arc<Connection>,
    logs: Arc<Logs>,
    config: Arc<Config>,
    first: Vec<(LogKey, i64)>,
    live: Option<impl ServerEvent>,
) {
    let mut forwarder = Forwarder { connection, logs, config, full_since: None };
    tokio::select! {
        () = forwarder.connection.ended().clone().cancelled_owned() => {}
        () = forwarder.run(first, live) => {}
    }
    forwarder.connection.hang_up();
}

struct Forwarder {
    connection: Arc<Connection>,
    logs: Arc<Logs>,
    config: Arc<Config>,
    full_since: Option<Instant>,
}

impl Forwarder {
    async fn run(&mut self, first: Vec<(LogKey, i64)>, live: Option<impl ServerEvent>) {
        for (key, target) in first {
            loop {
                let place = self.connection.places().into_iter().find(|(log, _)| log.key == key);
                let Some((log, cursor)) = place.filter(|(_, cursor)| *cursor < target) else { break };
                match self.step(&log, cursor).await {
                    Step::Idle => break,
                    Step::Closed => return,
                    Step::Full => {
                        if !self.park().await {
                            return;
                        }
                    }
                    Step::Moved => self.full_since = None,
                }
            }
        }
        if let Some(live) = live
            && !self.connection.tell(&live).await
        {
            return;
        }
        let mut tick = tokio::time::interval(self.config.position_every);
        tick.tick().await;
        loop {
            match self.round().await {
                Step::Closed => return,
                Step::Full => {
                    if !self.park().await {
                        return;
                    }
                }
                Step::Moved => self.full_since = None,
                Step::Idle => {
                    self.full_since = None;
                    tokio::select! {
                        () = self.connection.woken() => {}
                        _ = tick.tick() => {
                            if self.connection.tell_positions(0, true) == Sent::Closed {
                                return;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Offers what is volatile and one batch of each log.
    async fn round(&mut self) -> Step {
        match self.connection.flush() {
            Sent::Done => {}
            Sent::Full => return Step::Full,
            Sent::Closed => return Step::Closed,
        }
        let mut moved = Step::Idle;
        for (log, cursor) in self.connection.places() {
            match self.step(&log, cursor).await {
                Step::Idle => {}
                Step::Moved => moved = Step::Moved,
                other => return other,
            }
        }
        moved
    }

    async fn step(&mut self, log: &Log, cursor: i64) -> Step {
        let items = match log.after(cursor, BATCH) {
            Found::Nothing => return Step::Idle,
            Found::Items(items) => items,
            Found::Behind => {
                let head = log.head();
                if head - cursor > self.config.replay_entries {
                    return self.reset(log.key, head, "too_old").await;
                }
                match self.logs.page(log, cursor).await {
                    // the log ends below the head that was named: entries left by retention
                    Ok(page) if page.is_empty() => {
                        self.connection.skip_to(log.key, head);
                        return Step::Moved;
                    }
                    Ok(page) => page,
                    Err(fault) => {
                        tracing::warn!(%fault, log = %log.key, "a page could not be read; trying again");
                        tokio::time::sleep(STORE).await;
                        return Step::Moved;
                    }
                }
            }
        };
        let mut rest = items.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(rest.len().min(BATCH));
            match self.connection.deliver(log.key, batch) {
                Delivered::All => rest = later,
                Delivered::Left => break,
                Delivered::Closed => return Step::Closed,
                // an own page is worth keeping: wait here and go on with it
                Delivered::Full { moved } => {
                    if moved {
                        self.full_since = None;
                    }
                    if !self.park().await {
                        return Step::Closed;
                    }
                    continue;
                }
            }
            self.full_since = None;
            if self.connection.tell_positions(self.config.position_hidden, false) == Sent::Closed {
                return Step::Closed;
            }
            // acks and other connections get their turn in a long replay
            tokio::task::yield_now().await;
        }
        Step::Moved
    }

    async fn reset(&mut self, key: LogKey, head: i64, reason: &str) -> Step {
        let reset = Reset { log: key.to_string(), reason: reason.to_owned(), head: Some(head) };
        if !self.connection.tell(&reset).await {
            return Step::Closed;
        }
        self.connection.skip_to(key, head);
        Step::Moved
    }

    /// Waits for room; false when the client has taken nothing for too long and lost its transport.
    async fn park(&mut self) -> bool {
        let since = *self.full_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.config.stall {
            tracing::info!(connection = %self.connection.id, "a client reads nothing; its transport is cut");
            metrics::killed("stall");
            self.connection.wire().kill();
            return false;
        }
        tokio::time::sleep(FULL).await;
        true
    }
}
