//! Wake-ups: inside this process, and of other nodes by [`crate::hints`]. A nudge is only a hint: it may be lost or
//! come twice, and behind every one stands a poll of the store. It is sent after the commit, never before.

use std::{
    collections::HashSet,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dashmap::DashMap;
use model::{AccountId, Topic};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::mailbox::{BoxName, KeyRef};

/// What may have something to do now.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nudge {
    /// Events of this account wait for the relay.
    Relay(AccountId),
    /// Jobs of this topic wait in the queue.
    Queue(Topic),
    /// Items wait in a mailbox.
    Mailbox(BoxName, KeyRef),
    /// The account's queue may have someone to assign.
    Assign(AccountId),
    /// A timer was set that may be the next one due.
    Timers,
    /// What a node caches of this account (channels, rules, members) may be stale.
    Cache(AccountId),
    /// A revocation was written.
    Revocations,
}

/// A set of keys that wait to be looked at; the same key waits once.
#[derive(Debug)]
pub struct Dirty<K> {
    waiting: Mutex<(HashSet<K>, Vec<K>)>,
    notify: Notify,
    is_taken: AtomicBool,
}

impl<K> Default for Dirty<K> {
    fn default() -> Self {
        let waiting = Mutex::new((HashSet::new(), Vec::new()));
        Self { waiting, notify: Notify::new(), is_taken: AtomicBool::new(false) }
    }
}

impl<K: Eq + Hash + Clone> Dirty<K> {
    pub fn mark(&self, key: K) {
        {
            let mut waiting = self.waiting.lock();
            if waiting.0.insert(key.clone()) {
                waiting.1.push(key);
            }
        }
        self.notify.notify_one();
    }

    /// Takes up to `most` keys, oldest first; empty when none came within `patience`.
    pub async fn take(&self, most: usize, patience: Duration) -> Vec<K> {
        self.is_taken.store(true, Ordering::Relaxed);
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let taken = self.take_now(most);
            if !taken.is_empty() {
                return taken;
            }
            if tokio::time::timeout_at(deadline, self.notify.notified()).await.is_err() {
                return self.take_now(most);
            }
        }
    }

    /// Somebody of this process works on them.
    fn is_taken(&self) -> bool {
        self.is_taken.load(Ordering::Relaxed)
    }

    fn take_now(&self, most: usize) -> Vec<K> {
        let mut waiting = self.waiting.lock();
        let count = waiting.1.len().min(most);
        let taken: Vec<K> = waiting.1.drain(..count).collect();
        for key in &taken {
            waiting.0.remove(key);
        }
        let more = !waiting.1.is_empty();
        drop(waiting);
        if more {
            self.notify.notify_one();
        }
        taken
    }
}

/// Of whom cached facts may be stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    Account(AccountId),
    All,
}

/// Drops what is cached.
type Forget = Box<dyn Fn(Stale) + Send + Sync>;

#[derive(Default)]
struct Inner {
    relay: Dirty<AccountId>,
    assign: Dirty<AccountId>,
    mailboxes: DashMap<BoxName, Arc<Dirty<KeyRef>>>,
    queues: DashMap<Topic, Arc<Notify>>,
    timers: Notify,
    runs_timers: AtomicBool,
    revocations: Notify,
    caches: Mutex<Vec<Forget>>,
    /// What other nodes are to hear of; nothing is kept while there are none.
    others: Dirty<Nudge>,
}

/// The wake-ups of one process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Nudges(Arc<Inner>);

impl Nudges {
    /// Wakes whom it concerns: here, and at other nodes when nobody here does such work, or when it is about what
    /// every node keeps in memory.
    pub fn send(&self, nudge: Nudge) {
        if self.0.others.is_taken() && !self.is_done_here(&nudge) {
            self.0.others.mark(nudge.clone());
        }
        self.wake(nudge);
    }

    fn is_done_here(&self, nudge: &Nudge) -> bool {
        match nudge {
            Nudge::Relay(_) => self.0.relay.is_taken(),
            Nudge::Assign(_) => self.0.assign.is_taken(),
            Nudge::Queue(topic) => self.0.queues.contains_key(topic),
            Nudge::Mailbox(name, _) => self.0.mailboxes.get(name).is_some_and(|box_| box_.is_taken()),
            Nudge::Timers => self.0.runs_timers.load(Ordering::Relaxed),
            Nudge::Revocations | Nudge::Cache(_) => false,
        }
    }

    /// What other nodes are to hear of, from the first call on.
    #[must_use]
    pub fn for_others(&self) -> &Dirty<Nudge> {
        &self.0.others
    }

    /// Wakes whom it concerns in this process.
    pub fn wake(&self, nudge: Nudge) {
        match nudge {
            Nudge::Relay(account) => self.0.relay.mark(account),
            Nudge::Assign(account) => self.0.assign.mark(account),
            Nudge::Queue(topic) => {
                if let Some(queue) = self.0.queues.get(&topic) {
                    queue.notify_waiters();
                }
            }
            Nudge::Mailbox(name, key) => self.mailbox(name).mark(key),
            Nudge::Timers => self.0.timers.notify_one(),
            Nudge::Revocations => self.0.revocations.notify_one(),
            Nudge::Cache(account) => {
                for forget in self.0.caches.lock().iter() {
                    forget(Stale::Account(account));
                }
            }
        }
    }

    /// Accounts whose events wait for the relay.
    #[must_use]
    pub fn relay(&self) -> &Dirty<AccountId> {
        &self.0.relay
    }

    /// Accounts whose queues may have someone to assign.
    #[must_use]
    pub fn assign(&self) -> &Dirty<AccountId> {
        &self.0.assign
    }

    /// Keys of a mailbox with items.
    #[must_use]
    pub fn mailbox(&self, name: BoxName) -> Arc<Dirty<KeyRef>> {
        Arc::clone(&self.0.mailboxes.entry(name).or_default())
    }

    #[must_use]
    pub fn queue(&self, topic: Topic) -> Arc<Notify> {
        Arc::clone(&self.0.queues.entry(topic).or_default())
    }

    #[must_use]
    pub fn timers(&self) -> &Notify {
        self.0.runs_timers.store(true, Ordering::Relaxed);
        &self.0.timers
    }

    #[must_use]
    pub fn revocations(&self) -> &Notify {
        &self.0.revocations
    }

    /// Hints were lost: whatever may have been told of is looked at, and all caches are doubted.
    pub fn doubt(&self) {
        self.0.timers.notify_one();
        self.0.revocations.notify_one();
        for forget in self.0.caches.lock().iter() {
            forget(Stale::All);
        }
    }

    /// Calls `forget` whenever cached facts may be stale.
    pub fn on_stale(&self, forget: impl Fn(Stale) + Send + Sync + 'static) {
        self.0.caches.lock().push(Box::new(forget));
    }
}

impl std::fmt::Debug for Nudges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nudges")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> KeyRef {
        KeyRef { account_id: AccountId::new(), key: "k".to_owned() }
    }

    #[tokio::test]
    async fn other_nodes_hear_of_what_nobody_here_works_on_and_of_what_all_keep() {
        let nudges = Nudges::default();
        let account = AccountId::new();
        nudges.send(Nudge::Cache(account));
        let now = Duration::ZERO;
        assert!(nudges.for_others().take(10, now).await.is_empty(), "there were no others");
        let reply = Nudge::Mailbox(BoxName::Reply, key());
        nudges.send(reply.clone());
        nudges.send(Nudge::Cache(account));
        assert_eq!(nudges.for_others().take(10, now).await, [reply.clone(), Nudge::Cache(account)]);
        assert_eq!(nudges.mailbox(BoxName::Reply).take(10, now).await.len(), 1);
        nudges.send(reply);
        assert!(nudges.for_others().take(10, now).await.is_empty(), "a worker of this node has it");
        nudges.wake(Nudge::Cache(account));
        assert!(nudges.for_others().take(10, now).await.is_empty(), "it came from another");
    }
}
