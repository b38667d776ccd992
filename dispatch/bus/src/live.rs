//! Push between the relay and those who hold sockets.

use std::sync::Arc;

use model::{
    AccountId, ConversationId, UserId,
    wire::{ServerEvent, emitted},
};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::LogEntry;

/// What travels live.
#[derive(Debug, Clone)]
pub enum Pushed {
    /// Numbered log entries, in the order of their feeds.
    Entries(Arc<[LogEntry]>),
    /// Entries may have been numbered without having been pushed: readers look into the store.
    Missed,
    /// Something volatile: in no log, lost without harm.
    Volatile(Arc<Volatile>),
}

/// A volatile event and whom it concerns.
#[derive(Debug, Clone)]
pub struct Volatile {
    pub account_id: AccountId,
    pub to: VolatileTo,
    /// The event's name on the socket.
    pub name: &'static str,
    pub payload: Value,
}

impl Volatile {
    #[must_use]
    pub fn new<E: ServerEvent>(account_id: AccountId, to: VolatileTo, event: &E) -> Self {
        let (name, payload) = emitted(event);
        Self { account_id, to, name, payload }
    }

    /// The same, ready to be published.
    #[must_use]
    pub fn push<E: ServerEvent>(account_id: AccountId, to: VolatileTo, event: &E) -> Pushed {
        Pushed::Volatile(Arc::new(Self::new(account_id, to, event)))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolatileTo {
    /// All agents of the account.
    Agents,
    /// Agents who have the conversation's thread open, and its customer when `customer` is set; never
    /// the one it comes from.
    Thread { conversation_id: ConversationId, customer: bool, agents: bool, except: Option<uuid::Uuid> },
    /// One user's sockets.
    User(UserId),
}

/// Carries pushes to every node.
///
/// Guarantee: **at most once**, in the order published by one node. A subscriber that falls behind gets
/// `Lagged` and reads what it missed from the store; the numbers tell it what that is. Local delivery
/// never waits for another machine.
pub trait Live: Send + Sync + 'static {
    fn publish(&self, pushed: Pushed);
    fn subscribe(&self) -> broadcast::Receiver<Pushed>;
}

/// [`Live`] within one process.
#[derive(Debug, Clone)]
pub struct LocalLive(broadcast::Sender<Pushed>);

impl Default for LocalLive {
    fn default() -> Self {
        Self(broadcast::channel(4096).0)
    }
}

impl Live for LocalLive {
    fn publish(&self, pushed: Pushed) {
        // no subscriber: nobody is connected, the log has it
        let _no_one = self.0.send(pushed);
    }

    fn subscribe(&self) -> broadcast::Receiver<Pushed> {
        self.0.subscribe()
    }
}
