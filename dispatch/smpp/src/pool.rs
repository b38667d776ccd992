//! Several binds of one account.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    Inbound, Lost, MessageResponse, Session, SessionOptions, ShortMessage, SubmitError,
    link::{Backoff, Connect, Down, LinkState, keep},
};

/// How a pool binds.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    pub session: SessionOptions,
    /// Binds that are kept up.
    pub binds: usize,
    pub backoff: Backoff,
}

/// Why a pool did not deliver.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PoolError {
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// No bind is up, and none is on its way. Nothing was sent.
    #[error("no bind is up: {0}")]
    Down(Arc<Down>),
    /// None came up in time. Nothing was sent.
    #[error("no bind came up in time")]
    Timeout,
    /// The pool is being ended. Nothing was sent.
    #[error("the pool is ending")]
    Over,
}

/// Binds that are kept up in the background. When the pool is dropped they are unbound in good order.
pub struct Pool {
    states: watch::Receiver<Vec<LinkState>>,
    stop: watch::Sender<bool>,
    turn: AtomicUsize,
}

impl Pool {
    /// Starts its binds; returns at once. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(options: PoolOptions, connect: Connect) -> (Self, Inbound) {
        let binds = options.binds.max(1);
        let states = Arc::new(watch::Sender::new(vec![LinkState::Connecting; binds]));
        let seen = states.subscribe();
        let stop = watch::Sender::new(false);
        let (deliveries, inbound) = Inbound::channel(options.session.inbound.max(1));
        for number in 0..binds {
            tokio::spawn(keep(
                number,
                Arc::clone(&connect),
                options.session.clone(),
                options.backoff,
                deliveries.clone(),
                Arc::clone(&states),
                stop.subscribe(),
            ));
        }
        (Self { states: seen, stop, turn: AtomicUsize::new(0) }, inbound)
    }

    /// Sends over the bind with the most room; waits for one that is coming up, but not for one that failed.
    ///
    /// # Errors
    /// [`PoolError`], which says what is certain.
    pub async fn submit(&self, message: &ShortMessage, until: Instant) -> Result<MessageResponse, PoolError> {
        let mut states = self.states.clone();
        loop {
            let found = self.choose(&states.borrow_and_update());
            match found {
                Found::Session(session) => match session.submit(message.clone(), until).await {
                    // it ended before its turn came: another takes it
                    Err(SubmitError::NotSent(Lost::Closed(_) | Lost::Draining)) => {}
                    outcome => return Ok(outcome?),
                },
                Found::Down(down) => return Err(PoolError::Down(down)),
                Found::Over => return Err(PoolError::Over),
                Found::Soon => match timeout_at(until, states.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return Err(PoolError::Over),
                    Err(_) => return Err(PoolError::Timeout),
                },
            }
        }
    }

    fn choose(&self, states: &[LinkState]) -> Found {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let (mut best, mut down, mut soon): (Option<&Session>, _, _) = (None, None, false);
        for offset in 0..states.len() {
            match &states[(turn + offset) % states.len()] {
                LinkState::Bound(session) if !session.is_closed() => {
                    if best.is_none_or(|best| session.room() > best.room()) {
                        best = Some(session);
                    }
                }
                // its end is about to be noticed
                LinkState::Bound(_) | LinkState::Connecting => soon = true,
                LinkState::Down(why) => down = Some(Arc::clone(why)),
                LinkState::Over => {}
            }
        }
        match (best, soon, down) {
            (Some(session), ..) => Found::Session(session.clone()),
            (None, true, _) => Found::Soon,
            (None, false, Some(down)) => Found::Down(down),
            (None, false, None) => Found::Over,
        }
    }

    /// How its binds stand.
    #[must_use]
    pub fn states(&self) -> Vec<LinkState> {
        self.states.borrow().clone()
    }

    /// Returns when the state of a bind has changed since the last call with the same receiver.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Vec<LinkState>> {
        self.states.clone()
    }

    /// Unbinds all, and returns when they have ended.
    pub async fn unbind(&self) {
        self.stop.send_replace(true);
        // their tasks hold the other end until they have ended
        let mut states = self.states.clone();
        while states.changed().await.is_ok() {}
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

enum Found {
    Session(Session),
    /// One is coming up.
    Soon,
    Down(Arc<Down>),
    Over,
}
