//! Everything the socket layer of one node shares, and its background work.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{
    Live, LogEntry, Outcome,
    live::{Pushed, Reach, Volatile, VolatileTo},
};
use dashmap::DashMap;
use inbox::{Inbox, agents::QueueView, identity::Revocation};
use metrics::gauge;
use model::{AccountId, NodeId, Result, UserId, wire::ServerEvent as _};
use parking_lot::Mutex;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    agents::AgentSession,
    config::Config,
    customers::{self, CustomerSession},
    elsewhere::{self, Elsewhere},
    events::{AgentPresence, ServerDraining},
    floods::Floods,
    http::Handshakes,
    logs::Logs,
    presence::Presences,
    queues,
    recovery::Recoveries,
    typing::Typing,
    volatile,
};
use crate::{channel_signals::Signals, nodes::Nodes};

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(5);

/// The socket layer of one node.
pub struct Hub {
    pub inbox: Inbox,
    pub config: Arc<Config>,
    pub logs: Arc<Logs>,
    pub presences: Presences,
    pub typing: Typing,
    /// To customers, what agents do in their threads.
    pub signals: Signals,
    /// The life of the database; numbers of another one are void.
    pub epoch: Uuid,
    pub node: NodeId,
    pub agents: DashMap<Uuid, Arc<AgentSession>>,
    pub customers: DashMap<Uuid, Arc<CustomerSession>>,
    /// Accounts whose queue may have changed.
    pub queues: Mutex<HashSet<AccountId>>,
    /// Queues as they were a moment ago.
    pub queue_views: moka::future::Cache<AccountId, QueueView>,
    /// Sockets that have not authenticated.
    pub handshakes: Arc<Handshakes>,
    /// Whose sockets were cut for what they sent.
    pub floods: Floods,
    /// Connections that were cut.
    pub recoveries: Recoveries,
    place: String,
    draining: AtomicBool,
    pub live: Arc<dyn Live>,
    /// What joins this node with others.
    pub nodes: Nodes,
    /// Who looks at threads at other nodes.
    pub elsewhere: Elsewhere,
    pushed: Mutex<Option<Receiver<Pushed>>>,
}

impl Hub {
    /// Prepares the layer; pushes are received from here on. `place` is the same over restarts of one data directory.
    pub async fn open(
        inbox: Inbox,
        nodes: Nodes,
        config: Config,
        node: NodeId,
        place: impl Into<String>,
        signals: Signals,
    ) -> Result<Arc<Self>> {
        let live = Arc::clone(&nodes.live);
        let pushed = live.subscribe();
        let place = place.into();
        let epoch = inbox::agents::epoch(&inbox).await?;
        inbox::agents::heartbeat(&inbox, node, &place).await?;
        Ok(Arc::new(Self {
            recoveries: Recoveries::new(config.sockets),
            logs: Arc::new(Logs::new(Arc::new(inbox.store().clone()), &config)),
            presences: Presences::new(inbox.clone(), Arc::clone(&live), node, config.agent_grace),
            typing: Typing::new(Arc::clone(&live), signals.clone()),
            signals,
            config: Arc::new(config),
            epoch,
            node,
            agents: DashMap::new(),
            customers: DashMap::new(),
            queues: Mutex::default(),
            queue_views: moka::future::Cache::builder().time_to_live(queues::FRESH).build(),
            handshakes: Arc::default(),
            floods: Floods::default(),
            place,
            draining: AtomicBool::new(false),
            live,
            nodes,
            elsewhere: Elsewhere::default(),
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

    #[must_use]
    pub fn sockets_of(&self, user: UserId) -> usize {
        self.agents.iter().filter(|session| session.user_id() == user).count()
    }

    /// Does the layer's background work until stopped.
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

    /// Refuses new sockets, tells each client when to come back, spread over the window, and cuts its transport
    /// then, once the commands that were accepted are done. Returns when all are gone. A second call does
    /// nothing.
    pub async fn drain(&self, window: Duration) {
        if self.draining.swap(true, Ordering::Relaxed) {
            return;
        }
        let sessions = tokio_util::task::TaskTracker::new();
        for (connection, moment) in volatile::spread(self, window) {
            sessions.spawn(async move {
                connection.tell(&ServerDraining { reconnect_in_ms: moment.as_millis() as u32 }).await;
                tokio::select! {
                    () = connection.ended().cancelled() => return,
                    () = tokio::time::sleep(moment) => connection.parting().cancel(),
                }
                connection.ended().cancelled().await;
            });
        }
        sessions.close();
        // a command may take its time; whoever waits for longer is cut with the process
        let most = window + self.config.command_deadline;
        if tokio::time::timeout(most, sessions.wait()).await.is_err() {
            tracing::warn!(left = self.sockets(), "some sockets did not part in time");
        }
    }

    /// Shows what the layer holds at the moment.
    pub fn gauge(&self) {
        let mut sockets = HashMap::new();
        for (namespace, transport) in [
            ("agents", "websocket"),
            ("agents", "polling"),
            ("customers", "websocket"),
            ("customers", "polling"),
        ] {
            sockets.insert((namespace, transport), 0u32);
        }
        let (mut users, mut threads) = (HashSet::new(), 0);
        for session in &self.agents {
            *sockets.entry(("agents", session.connection.transport())).or_default() += 1;
            users.insert(session.user_id());
            threads += session.connection.threads().len();
        }
        for session in &self.customers {
            *sockets.entry(("customers", session.connection.transport())).or_default() += 1;
            threads += session.connection.threads().len();
        }
        for ((namespace, transport), count) in sockets {
            gauge!("turumba_sockets", "namespace" => namespace, "transport" => transport).set(count);
        }
        gauge!("turumba_socket_users").set(users.len() as f64);
        gauge!("turumba_socket_threads").set(threads as f64);
        gauge!("turumba_logs_open").set(self.logs.count() as f64);
        gauge!("turumba_sockets_unauthenticated").set(self.handshakes.count() as f64);
    }

    async fn dispatch(self: &Arc<Self>, mut pushes: Receiver<Pushed>, stop: &CancellationToken) {
        loop {
            let pushed = tokio::select! {
                () = stop.cancelled() => break,
                pushed = pushes.recv() => pushed,
            };
            match pushed {
                Ok(Pushed::Entries(entries)) => {
                    self.note_arrival(&entries);
                    queues::note(self, &entries);
                    self.logs.push(&entries);
                    customers::follow_opened(self, &entries);
                }
                Ok(Pushed::Volatile(volatile)) => {
                    if volatile.is_from_elsewhere && volatile.name == AgentPresence::NAME {
                        self.presences.learn(&volatile);
                    }
                    volatile::deliver(self, &volatile);
                }
                Ok(Pushed::Watching(watching)) => elsewhere::heard(self, &watching),
                Ok(Pushed::Gone(node)) => {
                    tracing::info!(%node, "a node is gone");
                    elsewhere::gone(self, node);
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "pushes were missed; readers are served from the store");
                    self.catch_up(Reach::Everything, stop).await;
                }
                Ok(Pushed::Missed(reach)) => self.catch_up(reach, stop).await,
                Err(RecvError::Closed) => break,
            }
        }
    }

    /// Measures the relay, and says in the log which trace an entry belongs to.
    fn note_arrival(&self, entries: &[LogEntry]) {
        let now = self.inbox.now();
        for entry in entries {
            super::metrics::relayed((now - entry.at).to_std().unwrap_or_default());
            if let Some(trace) = &entry.trace_id {
                let (event, kind) = (entry.id, entry.event.kind());
                let (feed_seq, thread_seq) = (entry.feed_seq, entry.thread_seq);
                tracing::debug!(trace, %event, kind, feed_seq, thread_seq, "an entry goes to its readers");
            }
        }
    }

    /// Reads the heads until it succeeds, or until stopped.
    async fn catch_up(self: &Arc<Self>, reach: Reach, stop: &CancellationToken) {
        while let Err(fault) = self.look_into_the_store(reach).await {
            tracing::warn!(%fault, "heads could not be read; trying again");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
        }
    }

    /// Everything that pushes would have told.
    async fn look_into_the_store(self: &Arc<Self>, reach: Reach) -> Outcome<()> {
        self.logs.catch_up(reach).await?;
        let accounts = self.logs.accounts(reach);
        let watched: Vec<AccountId> = accounts.iter().copied().collect();
        self.queues.lock().extend(accounts);
        self.tell_presence(&watched).await?;
        customers::follow_missed(self, reach).await
    }

    /// Reads who is there, and tells this node's agents what they did not hear.
    async fn tell_presence(&self, accounts: &[AccountId]) -> Outcome<()> {
        for changed in self.presences.refresh(accounts).await? {
            let account = changed.account_id;
            volatile::deliver(self, &Volatile::new(account, VolatileTo::Agents, &changed));
        }
        Ok(())
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
                let watched = self.logs.accounts(Reach::Everything);
                self.presences.keep(|account| watched.contains(&account));
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
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut beaten = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = beat.tick() => {}
            }
            crate::metrics::tidy();
            if let Err(fault) = inbox::agents::heartbeat(&self.inbox, self.node, &self.place).await {
                tracing::warn!(%fault, "the node's heartbeat could not be written");
                continue;
            }
            let is_late = std::mem::replace(&mut beaten, Instant::now()).elapsed() > BEAT * 2;
            if is_late {
                // the store was away, for others perhaps as well: nobody is taken for dead before their next beat,
                // and whoever took this node for dead is corrected
                self.presences.assert();
            } else {
                self.presences.reap().await;
            }
            let watched: Vec<AccountId> = self.logs.accounts(Reach::Everything).into_iter().collect();
            if let Err(fault) = self.tell_presence(&watched).await {
                tracing::debug!(%fault, "who is there could not be read");
            }
        }
        if let Err(fault) = inbox::agents::leave_nodes(&self.inbox, self.node).await {
            tracing::debug!(%fault, "the node's row is left to others");
        }
    }
}
