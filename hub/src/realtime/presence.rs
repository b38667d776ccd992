//! Sockets of agents, counted: what others see and what routing may use follow from edges only — the
//! first socket of a user, and the last one once the grace period is over.

use std::{collections::HashMap, time::Duration};

use bus::{
    Live, Outcome, Presence,
    live::{Volatile, VolatileTo},
    presence::Seen,
};
use inbox::{Inbox, agents::AgentState};
use model::{AccountId, AgentStatus, NodeId, UserId};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{events::AgentPresence, metrics};

/// How long to wait before a failed edge is written again.
const AGAIN: Duration = Duration::from_secs(1);

/// How often rows are read at most for somebody who waits for them.
const TRIES: usize = 3;

type Agent = (AccountId, UserId);

#[derive(Debug, Clone, Copy)]
enum Edge {
    Up(Agent),
    Down(Agent),
    /// What was written may have been undone.
    Again,
}

#[derive(Debug, Default)]
struct Held {
    sockets: usize,
    /// The rows say that this node holds the agent.
    written: bool,
    due: Option<Instant>,
}

/// Presence of the agents at this node.
pub struct Presences {
    inbox: Inbox,
    live: Arc<dyn Live>,
    seen: Presence,
    node: NodeId,
    /// How long the last socket may be gone before the agent is.
    grace: Duration,
    edges: mpsc::UnboundedSender<Edge>,
    taken: Mutex<Option<mpsc::UnboundedReceiver<Edge>>>,
    changed: Mutex<HashMap<AccountId, HashMap<UserId, Seen>>>,
}

impl Presences {
    #[must_use]
    pub fn new(inbox: Inbox, live: Arc<dyn Live>, node: NodeId, grace: Duration) -> Self {
        let (edges, taken) = mpsc::unbounded_channel();
        let (taken, changed) = (Mutex::new(Some(taken)), Mutex::default());
        Self { inbox, live, seen: Presence::default(), node, grace, edges, taken, changed }
    }

    /// One socket more of the agent in that account.
    pub fn up(&self, account: AccountId, user: UserId) {
        // closed only when the process ends
        let _ended = self.edges.send(Edge::Up((account, user)));
    }

    /// One less.
    pub fn down(&self, account: AccountId, user: UserId) {
        let _ended = self.edges.send(Edge::Down((account, user)));
    }

    /// Shows colleagues how the agent appears now; they are told with the next tick.
    pub fn show(&self, account: AccountId, user: UserId, status: AgentStatus) {
        let seen = Seen { user_id: user, status, since: self.inbox.now() };
        if self.seen.set(account, seen.clone()) {
            self.changed.lock().entry(account).or_default().insert(user, seen);
        }
    }

    /// Everyone of the account who is not offline.
    #[must_use]
    pub fn snapshot(&self, account: AccountId) -> Vec<Seen> {
        self.seen.snapshot(account)
    }

    /// What another node told of its agents.
    pub fn learn(&self, volatile: &Volatile) {
        match serde_json::from_value::<AgentPresence>(volatile.payload.clone()) {
            Ok(told) => {
                for seen in told.agents {
                    self.seen.set(told.account_id, seen);
                }
            }
            Err(error) => tracing::warn!(%error, "another node's presence cannot be read"),
        }
    }

    /// Reads an account's agents from the store before somebody looks at them for the first time.
    pub async fn load(&self, account: AccountId) -> Outcome<()> {
        // what is told meanwhile is newer than what is read: then once more
        for _ in 0..TRIES {
            if self.seen.is_whole(account) {
                return Ok(());
            }
            self.refresh(&[account]).await?;
        }
        Ok(())
    }

    /// Reads these accounts' agents from the store; those that appear otherwise than was known, by account.
    pub async fn refresh(&self, accounts: &[AccountId]) -> Outcome<Vec<AgentPresence>> {
        let told = accounts.iter().map(|account| (*account, (self.seen.told(*account), Vec::new())));
        let mut all: HashMap<AccountId, (u64, Vec<Seen>)> = told.collect();
        for (account, user_id, status, since) in inbox::agents::present(&self.inbox, accounts).await? {
            if let Some((_, all)) = all.get_mut(&account) {
                all.push(Seen { user_id, status, since });
            }
        }
        let changed = all.into_iter().map(|(account_id, (told, all))| AgentPresence {
            account_id,
            agents: self.seen.set_all(account_id, all, told),
        });
        Ok(changed.filter(|changed| !changed.agents.is_empty()).collect())
    }

    /// Forgets the agents of accounts that nobody looks at any more.
    pub fn keep(&self, is_looked_at: impl Fn(AccountId) -> bool) {
        self.seen.keep(is_looked_at);
    }

    /// Others may have taken this node for dead: its agents are written once more.
    pub fn assert(&self) {
        let _ended = self.edges.send(Edge::Again);
    }

    /// Tells colleagues what changed since the last call; called four times a second.
    pub fn tell(&self) {
        let changed = std::mem::take(&mut *self.changed.lock());
        for (account_id, agents) in changed {
            let agents: Vec<Seen> = agents.into_values().collect();
            let changed = AgentPresence { account_id, agents };
            self.live.publish(Volatile::push(account_id, VolatileTo::Agents, &changed));
        }
    }

    /// Writes the edges, one after the other, until stopped.
    pub async fn run(&self, stop: CancellationToken) {
        let Some(mut edges) = self.taken.lock().take() else { return };
        let mut held: HashMap<Agent, Held> = HashMap::new();
        loop {
            let next = held.values().filter_map(|held| held.due).min();
            let due = async {
                match next {
                    Some(next) => tokio::time::sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                edge = edges.recv() => match edge {
                    Some(edge) => note(&mut held, edge, self.grace),
                    None => break,
                },
                () = due => {}
            }
            let now = Instant::now();
            let ripe: Vec<Agent> = held
                .iter()
                .filter(|(_, held)| held.due.is_some_and(|due| due <= now))
                .map(|(agent, _)| *agent)
                .collect();
            for agent in ripe {
                let Some(state) = held.get_mut(&agent) else { continue };
                if self.write(agent, state.sockets > 0).await {
                    state.written = state.sockets > 0;
                    state.due = None;
                } else {
                    state.due = Some(Instant::now() + AGAIN);
                }
            }
            held.retain(|_, held| held.sockets > 0 || held.written || held.due.is_some());
        }
        // the node goes: its agents are gone from here at once
        for (agent, _) in held.into_iter().filter(|(_, held)| held.written) {
            self.write(agent, false).await;
        }
    }

    async fn write(&self, (account, user): Agent, up: bool) -> bool {
        let written = if up {
            inbox::agents::connected(&self.inbox, account, user, self.node).await
        } else {
            inbox::agents::disconnected(&self.inbox, account, user, self.node).await
        };
        match written {
            Ok(state) => {
                metrics::presence_edge(up);
                self.show(account, user, state.shown());
                true
            }
            Err(error) => {
                tracing::warn!(%error, %user, up, "an agent's presence could not be written; trying again");
                false
            }
        }
    }

    /// Takes off the agents of dead nodes.
    pub async fn reap(&self) {
        match inbox::agents::reap(&self.inbox, self.node).await {
            Ok(gone) => {
                for (account, user, state) in gone {
                    let state: AgentState = state;
                    self.show(account, user, state.shown());
                }
            }
            Err(fault) => tracing::warn!(%fault, "dead nodes' agents could not be taken off"),
        }
    }
}

fn note(held: &mut HashMap<Agent, Held>, edge: Edge, grace: Duration) {
    let now = Instant::now();
    match edge {
        Edge::Again => {
            for state in held.values_mut().filter(|state| state.sockets > 0) {
                state.written = false;
                state.due = Some(now);
            }
        }
        Edge::Up(agent) => {
            let state = held.entry(agent).or_default();
            state.sockets += 1;
            // back within the grace period: nothing to write
            state.due = (!state.written).then_some(now);
        }
        Edge::Down(agent) => {
            let Some(state) = held.get_mut(&agent) else { return };
            state.sockets = state.sockets.saturating_sub(1);
            if state.sockets == 0 {
                state.due = Some(now + grace);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    #[test]
    fn only_the_first_and_the_last_socket_are_edges() {
        let agent = (AccountId::new(), UserId::new());
        let mut held = HashMap::new();
        let start = Instant::now();
        note(&mut held, Edge::Up(agent), GRACE);
        assert!(held[&agent].due.is_some_and(|due| due <= Instant::now()), "at once");
        held.get_mut(&agent).unwrap().written = true;
        held.get_mut(&agent).unwrap().due = None;
        note(&mut held, Edge::Up(agent), GRACE);
        note(&mut held, Edge::Down(agent), GRACE);
        assert_eq!((held[&agent].sockets, held[&agent].due), (1, None));
        note(&mut held, Edge::Down(agent), GRACE);
        assert!(held[&agent].due.is_some_and(|due| due >= start + GRACE));
        note(&mut held, Edge::Up(agent), GRACE);
        assert_eq!(held[&agent].due, None, "a reload is no edge");
        note(&mut held, Edge::Again, GRACE);
        assert!(held[&agent].due.is_some_and(|due| due <= Instant::now()), "written once more");
    }
}
