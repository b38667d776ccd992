//! The unit of change: a transaction and the events it causes. `commit` is the only door: state and
//! events leave together, or neither does.

use std::future::Future;

use bus::{Outcome, Scope, Tx, log::Draft};
use model::{Audience, Event, EventId, Time, event::Actor};

use crate::Inbox;

/// A transaction that records what happened in it.
pub struct Unit {
    tx: Tx,
    now: Time,
    drafts: Vec<Draft>,
    trace_id: Option<String>,
    actor: Option<Actor>,
}

impl Unit {
    pub(crate) fn new(tx: Tx, now: Time) -> Self {
        Self { tx, now, drafts: Vec::new(), trace_id: None, actor: None }
    }

    /// The transaction, for statements.
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// The time of this unit: one reading of the clock for all that it writes.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The trace that the events recorded from here on belong to.
    pub fn trace(&mut self, trace_id: Option<String>) {
        self.trace_id = trace_id;
    }

    /// Who does what is recorded from here on; unless it is said, the hub itself.
    pub fn act_as(&mut self, actor: impl Into<Option<Actor>>) {
        self.actor = actor.into();
    }

    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Records an event that appears in the account's feed only.
    pub fn record(&mut self, event: Event, audience: Audience) {
        self.push(event, audience, None);
    }

    /// Records an event that has number `seq` in its conversation's thread.
    pub fn record_in_thread(&mut self, event: Event, audience: Audience, seq: i64) {
        self.push(event, audience, Some(seq));
    }

    fn push(&mut self, event: Event, audience: Audience, thread_seq: Option<i64>) {
        self.drafts.push(Draft {
            id: EventId::new(),
            event,
            audience,
            thread_seq,
            at: self.now,
            trace_id: self.trace_id.clone(),
        });
    }

    /// Writes the events as the transaction's last statement and hands it back for its commit.
    pub async fn commit<T>(mut self, value: T) -> Outcome<T> {
        bus::log::append(&mut self.tx, &self.drafts).await?;
        self.drafts.clear();
        Ok(value)
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if !self.drafts.is_empty() {
            self.tx.spoil("its events were not written; end the unit with commit()");
        }
    }
}

impl Inbox {
    /// Runs `work` as one unit. It may run again after a conflict; it ends with `unit.commit(value)`.
    pub async fn write<T, F, Fut>(&self, scope: impl Into<Scope>, mut work: F) -> Outcome<T>
    where
        F: FnMut(Unit) -> Fut,
        Fut: Future<Output = Outcome<T>>,
    {
        self.store().write(scope, |tx| work(Unit::new(tx, self.now()))).await
    }
}
