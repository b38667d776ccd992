//! Requests that wait for their answers: which of them were written decides what is certain when a session ends.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, oneshot},
    time::{Instant, timeout_at},
};

use super::{Closed, Lost, SubmitError};
use crate::Pdu;

/// Numbers go from 1 to this one and begin again.
pub(super) const LAST_SEQUENCE: u32 = 0x7FFF_FFFF;

pub(super) struct Entry {
    pub(super) answer: oneshot::Sender<Result<Pdu, SubmitError>>,
    /// The place in the window.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
    pub(super) deadline: Instant,
    /// Its octets are being written or were.
    pub(super) is_written: bool,
}

/// What was taken back.
pub(super) enum Withdrawn {
    /// It will not be written.
    Unwritten,
    /// It keeps its place in the window until it is answered or given up.
    Written,
    Gone,
}

struct Table {
    entries: HashMap<u32, Entry>,
    /// In the order of their deadlines, which is that of their making.
    order: VecDeque<u32>,
    last: u32,
    closed: Option<Closed>,
}

pub(super) struct Pending {
    table: Mutex<Table>,
    emptied: Notify,
}

impl Pending {
    /// A table whose first number is the one after `last`.
    pub(super) fn after(last: u32) -> Self {
        let table = Table { entries: HashMap::new(), order: VecDeque::new(), last, closed: None };
        Self { table: Mutex::new(table), emptied: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the request a number.
    pub(super) fn add(&self, entry: Entry) -> Result<u32, Closed> {
        let mut table = self.lock();
        if let Some(closed) = &table.closed {
            return Err(closed.clone());
        }
        let sequence = table.next();
        table.entries.insert(sequence, entry);
        table.order.push_back(sequence);
        Ok(sequence)
    }

    /// A number for a request whose answer nobody waits for.
    pub(super) fn number(&self) -> u32 {
        self.lock().next()
    }

    /// Marks those that are about to be written, and says which of them still are to be.
    pub(super) fn write(&self, sequences: impl Iterator<Item = u32>) -> Vec<bool> {
        let mut table = self.lock();
        sequences
            .map(|sequence| {
                table.entries.get_mut(&sequence).is_some_and(|entry| {
                    entry.is_written = true;
                    true
                })
            })
            .collect()
    }

    /// Hands an answer on; false if nothing waits for it.
    pub(super) fn answer(&self, pdu: Pdu) -> bool {
        let Some(entry) = self.take(pdu.sequence) else { return false };
        let _ = entry.answer.send(Ok(pdu));
        true
    }

    fn take(&self, sequence: u32) -> Option<Entry> {
        let mut table = self.lock();
        let entry = table.entries.remove(&sequence)?;
        table.tidy();
        if table.entries.is_empty() {
            self.emptied.notify_waiters();
        }
        Some(entry)
    }

    /// Takes a request back if it was not written.
    pub(super) fn withdraw(&self, sequence: u32) -> Withdrawn {
        let mut table = self.lock();
        match table.entries.get(&sequence) {
            None => Withdrawn::Gone,
            Some(entry) if entry.is_written => Withdrawn::Written,
            Some(_) => {
                table.entries.remove(&sequence);
                table.tidy();
                if table.entries.is_empty() {
                    self.emptied.notify_waiters();
                }
                Withdrawn::Unwritten
            }
        }
    }

    /// Gives up those that wait for too long; how many there were.
    pub(super) fn expire(&self, now: Instant) -> usize {
        let mut late = Vec::new();
        {
            let mut table = self.lock();
            while let Some(sequence) = table.order.front().copied() {
                match table.entries.get(&sequence) {
                    Some(entry) if entry.deadline > now => break,
                    _ => {}
                }
                table.order.pop_front();
                late.extend(table.entries.remove(&sequence));
            }
            if table.entries.is_empty() {
                self.emptied.notify_waiters();
            }
        }
        let count = late.len();
        for entry in late {
            let error = if entry.is_written {
                SubmitError::Unknown("no answer came in time".to_owned())
            } else {
                SubmitError::NotSent(Lost::Busy)
            };
            let _ = entry.answer.send(Err(error));
        }
        count
    }

    /// Nothing is taken any more; what waits learns what is certain.
    pub(super) fn close(&self, reason: &Closed) {
        let mut table = self.lock();
        if table.closed.is_some() {
            return;
        }
        table.closed = Some(reason.clone());
        table.order.clear();
        let entries = std::mem::take(&mut table.entries);
        drop(table);
        self.emptied.notify_waiters();
        for entry in entries.into_values() {
            let error = if entry.is_written {
                SubmitError::Unknown(format!("the session ended before the answer: {reason}"))
            } else {
                SubmitError::NotSent(Lost::Closed(reason.clone()))
            };
            let _ = entry.answer.send(Err(error));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Returns when nothing waits, or at the deadline.
    pub(super) async fn until_empty(&self, deadline: Instant) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if self.len() == 0 || timeout_at(deadline, emptied).await.is_err() {
                return;
            }
        }
    }
}

impl Table {
    fn next(&mut self) -> u32 {
        loop {
            self.last = if self.last >= LAST_SEQUENCE { 1 } else { self.last + 1 };
            if !self.entries.contains_key(&self.last) {
                return self.last;
            }
        }
    }

    /// Drops what is answered from the head of the order, so that it stays as short as the window.
    fn tidy(&mut self) {
        while self.order.front().is_some_and(|sequence| !self.entries.contains_key(sequence)) {
            self.order.pop_front();
        }
        // one that waits at the head holds up the rest
        if self.order.len() > 2 * self.entries.len() + 64 {
            let entries = &self.entries;
            self.order.retain(|sequence| entries.contains_key(sequence));
        }
    }
}
