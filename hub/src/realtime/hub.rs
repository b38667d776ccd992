//! Everything the socket layer of one node shares, and its background work.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{Live, Presence, live::Pushed};
use dashmap::DashMap;
use inbox::{Inbox, identity::Revocation};
use model::{AccountId, NodeId, Result, UserId};
use parking_lot::Mutex;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    agents::AgentSession, config::Config, customers::CustomerSession, http::Handshakes, logs::Logs,
    presence::Presences, queues, recovery::Recoveries, typing::Typing, volatile,
};

/// The socket layer of one node.
pub struct Hub {
    pub inbox: Inbox,
    pub config: Arc<Config>,
    pub logs: Arc<Logs>,
    pub presences: Presences,
    pub typing: Typing,
    /// The life of the database; numbers of another one are void.
    pub epoch: Uuid,
    pub node: NodeId,
    pub agents: DashMap<Uuid, Arc<AgentSession>>,
    pub customers: DashMap<Uuid, Arc<CustomerSession>>,
    /// Accounts whose queue may have changed.
    pub queues: Mutex<HashSet<AccountId>>,
    /// Sockets that have not authenticated.
    pub handshakes: Arc<Handshakes>,
    /// Connections that were cut.
    pub recoveries: Recoveries,
    place: String,
    draining: AtomicBool,
    pub live: Arc<dyn Live>,
    pushed: Mutex<Option<Receiver<Pushed>>>,
}

impl Hub {
    /// Prepares the layer; pushes are received from here on. `place` is the same over restarts of one data directory.
    pub async fn open(
        inbox: Inbox,
        live: Arc<dyn Live>,
        presence: Arc<dyn Presence>,
        config: Config,
        node: NodeId,
        place: impl Into<String>,
    ) -> Result<Arc<Self>> {
        let pushed = live.subscribe();
        let place = place.into();
        let epoch = inbox::agents::epoch(&inbox).await?;
        inbox::agents::heartbeat(&inbox, node, &place).await?;
        Ok(Arc::new(Self {
            recoveries: Recoveries::new(config.sockets),
            logs: Arc::new(Logs::new(Arc::new(inbox.store().clone()), &config)),
            presences: Presences::new(inbox.clone(), Arc::clone(&live), presence, node, config.agent_grace),
            typing: Typing::new(Arc::clone(&live)),
            config: Arc::new(config),
            epoch,
            node,
            agents: DashMap::new(),
            customers: DashMap::new(),
            queues: Mutex::default(),
            handshakes: Arc::default(),
            place,
            draining: AtomicBool::new(false),
            live,
            pushed: Mutex::new(Some(pushed)),
            inbox,
        }))
    }

    /// Whether new sockets are refused because the node goes.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Sockets at this node.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.agents.len() + self.customers.len()
    }

    /// Returns when the last socket is gone.
    pub async fn emptied(&self) {
        while self.sockets() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[must_use]
    pub fn sockets_of(&self, user: UserId) -> usize {
        self.agents.iter().filter(|session| session.user_id() == user).count()
    }

    /// Does the layer's background work until stopped; then tells clients to come back elsewhere.
    pub async fn run(self: &Arc<Self>, stop: CancellationToken) {
        let Some(pushes) = self.pushed.lock().take() else { return };
        tokio::join!(
            self.dispatch(pushes, &stop),
            self.presences.run(stop.clone()),
            self.revoke(&stop),
            self.tick(&stop),
            self.live_on(&stop),
        );
    }

    /// Tells every client to reconnect, each at another moment, and refuses new ones. A second call does
    /// nothing.
    pub fn drain(&self) {
        if !self.draining.swap(true, Ordering::Relaxed) {
            volatile::drain(self);
        }
    }

    async fn dispatch(self: &Arc<Self>, mut pushes: Receiver<Pushed>, stop: &CancellationToken) {
        loop {
            let pushed = tokio::select! {
                () = stop.cancelled() => break,
                pushed = pushes.recv() => pushed,
            };
            match pushed {
                Ok(Pushed::Entries(entries)) => {
                    queues::note(self, &entries);
                    self.logs.push(&entries);
                }
                Ok(Pushed::Volatile(volatile)) => volatile::deliver(self, &volatile),
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "pushes were missed; readers are served from the store");
                    self.catch_up(stop).await;
                }
                Ok(Pushed::Missed) => self.catch_up(stop).await,
                Err(RecvError::Closed) => break,
            }
        }
        self.drain();
    }

    /// Reads the heads until it succeeds, or until stopped.
    async fn catch_up(&self, stop: &CancellationToken) {
        while let Err(fault) = self.logs.catch_up().await {
            tracing::warn!(%fault, "heads could not be read; trying again");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
        }
    }

    async fn revoke(self: &Arc<Self>, stop: &CancellationToken) {
        let mut revocations = self.inbox.revocations().subscribe();
        loop {
            let revocation: Option<Revocation> = tokio::select! {
                () = stop.cancelled() => return,
                revocation = revocations.recv() => match revocation {
                    Ok(revocation) => Some(revocation),
                    // whoever fell behind renews all that they hold
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                },
            };
            let sessions: Vec<Arc<AgentSession>> =
                self.agents.iter().map(|session| Arc::clone(&session)).collect();
            for session in sessions {
                if revocation.is_none_or(|revocation| session.is_concerned_by(&revocation)) {
                    session.renew(self).await;
                }
            }
        }
    }

    async fn tick(self: &Arc<Self>, stop: &CancellationToken) {
        let mut quarter = tokio::time::interval(Duration::from_millis(250));
        quarter.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let positions_every = (self.config.position_every.as_millis() / 250).max(1) as u64;
        let mut n = 0u64;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = quarter.tick() => {}
            }
            n += 1;
            self.presences.tell();
            if n.is_multiple_of(2) {
                self.typing.tick();
                queues::tell(self).await;
            }
            if n.is_multiple_of(4) {
                self.age();
            }
            if n.is_multiple_of(positions_every) {
                for session in &self.agents {
                    session.connection.tell_positions();
                }
            }
            if n.is_multiple_of(240) {
                self.logs.sweep();
            }
        }
    }

    /// Tokens near or past their end.
    fn age(self: &Arc<Self>) {
        let now = self.inbox.now();
        for session in &self.agents {
            session.life.check(now, &session.connection);
        }
        for session in &self.customers {
            session.life.check(now, &session.connection);
            session.note_delivered(self);
        }
    }

    /// Says that this node lives, and takes off the agents of those that do not.
    async fn live_on(self: &Arc<Self>, stop: &CancellationToken) {
        let mut beat = tokio::time::interval(Duration::from_secs(5));
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = beat.tick() => {}
            }
            if let Err(fault) = inbox::agents::heartbeat(&self.inbox, self.node, &self.place).await {
                tracing::warn!(%fault, "the node's heartbeat could not be written");
            }
            self.presences.reap().await;
        }
    }
}
