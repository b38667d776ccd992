//! Wake-ups inside this process. A nudge is only a hint: it may be lost or come twice, and behind every
//! one stands a poll of the store. It is sent after the commit, never before.

use std::{collections::HashSet, hash::Hash, sync::Arc, time::Duration};

use dashmap::DashMap;
use model::{AccountId, Topic};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::mailbox::{BoxName, KeyRef};

/// What may have something to do now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
}

impl<K> Default for Dirty<K> {
    fn default() -> Self {
        Self { waiting: Mutex::new((HashSet::new(), Vec::new())), notify: Notify::new() }
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

/// Drops what is cached of an account.
type Forget = Box<dyn Fn(AccountId) + Send + Sync>;

#[derive(Default)]
struct Inner {
    relay: Dirty<AccountId>,
    assign: Dirty<AccountId>,
    mailboxes: DashMap<BoxName, Arc<Dirty<KeyRef>>>,
    queues: DashMap<Topic, Arc<Notify>>,
    timers: Notify,
    revocations: Notify,
    caches: Mutex<Vec<Forget>>,
}

/// The wake-ups of one process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Nudges(Arc<Inner>);

impl Nudges {
    pub fn send(&self, nudge: Nudge) {
        match nudge {
            Nudge::Relay(account) => self.0.relay.mark(account),
            Nudge::Assign(account) => self.0.assign.mark(account),
            Nudge::Queue(topic) => self.queue(topic).notify_waiters(),
            Nudge::Mailbox(name, key) => self.mailbox(name).mark(key),
            Nudge::Timers => self.0.timers.notify_one(),
            Nudge::Revocations => self.0.revocations.notify_one(),
            Nudge::Cache(account) => {
                for forget in self.0.caches.lock().iter() {
                    forget(account);
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
        &self.0.timers
    }

    #[must_use]
    pub fn revocations(&self) -> &Notify {
        &self.0.revocations
    }

    /// Calls `forget` whenever an account's cached facts may be stale.
    pub fn on_stale(&self, forget: impl Fn(AccountId) + Send + Sync + 'static) {
        self.0.caches.lock().push(Box::new(forget));
    }
}

impl std::fmt::Debug for Nudges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nudges")
    }
}
