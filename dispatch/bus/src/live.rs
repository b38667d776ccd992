//! Push between the relay and those who hold sockets, within a node and between nodes.

use std::{borrow::Cow, sync::Arc};

use model::{
    AccountId, ConversationId, NodeId, UserId,
    wire::{ServerEvent, emitted},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::LogEntry;

/// Into how many parts accounts are divided: each part's pushes are numbered by themselves, so that what was lost
/// concerns that part alone.
pub const PARTITIONS: usize = 64;

/// Pushes that wait for a slow subscriber before it is told that it has fallen behind.
const WAITING: usize = 4096;

/// What travels live.
#[derive(Debug, Clone)]
pub enum Pushed {
    /// Numbered log entries, in the order of their feeds.
    Entries(Arc<[LogEntry]>),
    /// Entries may have been numbered without having been pushed: readers look into the store.
    Missed(Reach),
    /// Something volatile: in no log, lost without harm.
    Volatile(Arc<Volatile>),
    /// Who looks at a thread at another node.
    Watching(Arc<Watching>),
    /// A node is gone, and whatever it told of its sockets.
    Gone(NodeId),
}

/// Whom a loss concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    Everything,
    /// The accounts of one partition.
    Partition(usize),
}

impl Reach {
    #[must_use]
    pub fn covers(self, account: AccountId) -> bool {
        match self {
            Self::Everything => true,
            Self::Partition(partition) => partition_of(account) == partition,
        }
    }
}

/// The partition of an account. Ids are random at their end.
#[must_use]
pub fn partition_of(account: AccountId) -> usize {
    usize::from(account.uuid().as_bytes()[15]) % PARTITIONS
}

/// A volatile event and whom it concerns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Volatile {
    pub account_id: AccountId,
    pub to: VolatileTo,
    /// The event's name on the socket.
    pub name: Cow<'static, str>,
    pub payload: Value,
    /// Another node published it: what one node has to do about it is done there.
    #[serde(skip)]
    pub is_from_elsewhere: bool,
}

impl Volatile {
    #[must_use]
    pub fn new<E: ServerEvent>(account_id: AccountId, to: VolatileTo, event: &E) -> Self {
        let (name, payload) = emitted(event);
        Self { account_id, to, name: Cow::Borrowed(name), payload, is_from_elsewhere: false }
    }

    /// The same, ready to be published.
    #[must_use]
    pub fn push<E: ServerEvent>(account_id: AccountId, to: VolatileTo, event: &E) -> Pushed {
        Pushed::Volatile(Arc::new(Self::new(account_id, to, event)))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolatileTo {
    /// All agents of the account.
    Agents,
    /// Agents who have the conversation's thread open, and its customer when `customer` is set; never
    /// the one it comes from.
    Thread { conversation_id: ConversationId, customer: bool, agents: bool, except: Option<uuid::Uuid> },
    /// One user's sockets.
    User(UserId),
}

/// Who looks at a thread at one node, all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watching {
    pub node: NodeId,
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    /// Agents with their names.
    pub agents: Vec<(UserId, String)>,
    /// The customer has it open.
    pub customer: bool,
    /// The sender may not know who looks at it elsewhere: all nodes tell.
    pub asks: bool,
}

/// How well a node hears the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hearing {
    /// What others publish arrives, or there are no others.
    Whole,
    /// It may not; why. Readers are served what they miss from the store, within two seconds.
    Degraded(String),
}

/// Carries pushes to every node.
///
/// Guarantee: **at most once**, in the order published by one node. A subscriber that falls behind gets
/// `Lagged`, and one from whom pushes of other nodes may have been kept gets [`Pushed::Missed`] within two
/// seconds: both read what they missed from the store; the numbers tell them what that is. Local delivery
/// never waits for another machine.
pub trait Live: Send + Sync + 'static {
    /// Hands it to this node's subscribers, at once, and to the other nodes'.
    fn publish(&self, pushed: Pushed);
    fn subscribe(&self) -> broadcast::Receiver<Pushed>;
    /// The nodes that live, as the store knows them: one of these that is not heard is a reason to be
    /// degraded, one that is not among these any more is gone.
    fn expect(&self, nodes: &[NodeId]);
    fn hearing(&self) -> Hearing;
}

/// [`Live`] within one process.
#[derive(Debug, Clone)]
pub struct LocalLive(broadcast::Sender<Pushed>);

impl Default for LocalLive {
    fn default() -> Self {
        Self(broadcast::channel(WAITING).0)
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

    fn expect(&self, _: &[NodeId]) {}

    fn hearing(&self) -> Hearing {
        Hearing::Whole
    }
}
