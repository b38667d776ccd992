//! The logs that a connection reads, each with its cursor.

use std::sync::{Arc, atomic::Ordering};

use engine::Frame;
use model::{AccountId, Audience, ConversationId, Permission};

use super::{Connection, Who};
use crate::realtime::{
    deliveries::{Deliveries, Place},
    entry::{Entry, LogKey},
    events::FeedPosition,
    logs::Log,
    ring::Found,
};

/// A place in one log.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    at: i64,
    /// The highest number that the client was told.
    told: i64,
    hidden: u32,
}

pub(super) struct Reader {
    pub(super) log: Arc<Log>,
    cursor: Cursor,
    number: u32,
}

#[derive(Default)]
pub(super) struct Reading {
    pub(super) readers: Vec<Reader>,
    next_number: u32,
    deliveries: Deliveries,
}

impl Reading {
    pub(super) fn after(deliveries: Deliveries) -> Self {
        Self { deliveries, ..Self::default() }
    }

    fn of(&mut self, key: LogKey) -> Option<&mut Reader> {
        self.readers.iter_mut().find(|reader| reader.log.key == key)
    }
}

/// What became of an entry.
#[derive(Debug)]
pub enum Given {
    /// To be sent, with the count of this delivery.
    Frame(Frame, u64),
    /// Not for this reader.
    Hidden,
    /// The log was left meanwhile.
    Left,
}

/// Entries that a reader has not had.
pub struct Unread {
    pub log: Arc<Log>,
    pub cursor: i64,
    pub found: Found<Arc<Entry>>,
}

impl Connection {
    /// Entries of logs that were written so far.
    #[must_use]
    pub fn delivered_entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Entries of its logs that it has yet to be offered.
    #[must_use]
    pub fn behind(&self) -> i64 {
        let readers = &self.reading.lock().readers;
        readers.iter().map(|reader| (reader.log.head() - reader.cursor.at).max(0)).sum()
    }

    /// Begins (or moves) the reading of a log after `cursor`.
    pub fn read_from(self: &Arc<Self>, log: Arc<Log>, cursor: i64) {
        log.listen(self);
        let cursor = Cursor { at: cursor, told: cursor, hidden: 0 };
        {
            let mut reading = self.reading.lock();
            let number = reading.next_number;
            if let Some(reader) = reading.of(log.key) {
                reader.cursor = cursor;
            } else {
                reading.readers.push(Reader { log, cursor, number });
                reading.next_number += 1;
            }
        }
        if self.ended.is_cancelled() {
            self.end();
        }
        self.wake();
    }

    /// Stops reading a log; true when it was read.
    pub fn leave(&self, key: LogKey) -> bool {
        let readers = &mut self.reading.lock().readers;
        let Some(index) = readers.iter().position(|reader| reader.log.key == key) else { return false };
        readers.remove(index).log.unlisten(self.id);
        true
    }

    /// The logs read at present, and how far.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let reading = self.reading.lock();
        let place = |reader: &Reader| Place {
            key: reader.log.key,
            account_id: reader.log.account_id,
            at: reader.cursor.at,
            reader: reader.number,
        };
        reading.readers.iter().map(place).collect()
    }

    /// The deliveries so far; the connection forgets them.
    #[must_use]
    pub fn take_deliveries(&self) -> Deliveries {
        std::mem::take(&mut self.reading.lock().deliveries)
    }

    #[must_use]
    pub fn reads(&self, key: LogKey) -> bool {
        self.reading.lock().readers.iter().any(|reader| reader.log.key == key)
    }

    #[must_use]
    pub fn threads(&self) -> Vec<(ConversationId, AccountId)> {
        self.reading
            .lock()
            .readers
            .iter()
            .filter_map(|reader| match reader.log.key {
                LogKey::Thread(conversation) => Some((conversation, reader.log.account_id)),
                LogKey::Feed(_) => None,
            })
            .collect()
    }

    /// Accounts whose feed is read.
    #[must_use]
    pub fn feeds(&self) -> Vec<AccountId> {
        self.reading
            .lock()
            .readers
            .iter()
            .filter_map(|reader| match reader.log.key {
                LogKey::Feed(account) => Some(account),
                LogKey::Thread(_) => None,
            })
            .collect()
    }

    /// Up to where our messages have reached the customer.
    #[must_use]
    pub fn delivered(&self) -> i64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Moves a cursor without sending: what lies between is not for this reader any more.
    pub fn skip_to(&self, key: LogKey, seq: i64) {
        if let Some(reader) = self.reading.lock().of(key) {
            reader.cursor = Cursor { at: seq.max(reader.cursor.at), told: seq, hidden: 0 };
        }
    }

    /// What is unread of one log, if it is still read.
    #[must_use]
    pub fn unread(&self, key: LogKey, limit: usize) -> Option<Unread> {
        let mut reading = self.reading.lock();
        let reader = reading.of(key)?;
        let (log, cursor) = (Arc::clone(&reader.log), reader.cursor.at);
        Some(Unread { found: log.after(cursor, limit), log, cursor })
    }

    /// What is unread of the next log that has something, `turn` after the last one.
    #[must_use]
    pub fn next_unread(&self, turn: &mut usize, limit: usize) -> Option<Unread> {
        let readers = &self.reading.lock().readers;
        for _ in 0..readers.len() {
            *turn = (*turn + 1) % readers.len();
            let reader = &readers[*turn];
            let found = reader.log.after(reader.cursor.at, limit);
            if !matches!(found, Found::Nothing) {
                return Some(Unread { log: Arc::clone(&reader.log), cursor: reader.cursor.at, found });
            }
        }
        None
    }

    /// Moves the cursor of a log over an entry. The client is told of its position when `most` were hidden from it.
    pub fn give(&self, key: LogKey, seq: i64, entry: &Entry, most: u32) -> Given {
        let given = {
            let mut reading = self.reading.lock();
            let Some(reader) = reading.of(key) else { return Given::Left };
            if seq <= reader.cursor.at {
                return Given::Hidden;
            }
            let Some(shown) = self.sees(key, entry) else {
                reader.cursor.at = seq;
                reader.cursor.hidden += 1;
                if reader.cursor.hidden >= most {
                    self.positions.store(true, Ordering::Relaxed);
                }
                return Given::Hidden;
            };
            reader.cursor = Cursor { at: seq, told: seq, hidden: 0 };
            let number = reader.number;
            self.entries.fetch_add(1, Ordering::Relaxed);
            Given::Frame(shown.clone(), reading.deliveries.note(number, seq))
        };
        match &self.who {
            Who::Agent { user_id, .. } => {
                if let Some(conversation) = entry.hides_from(*user_id) {
                    self.leave(LogKey::Thread(conversation));
                }
            }
            Who::Customer { .. } if entry.is_answer() => self.delivered.store(seq, Ordering::Relaxed),
            Who::Customer { .. } => {}
        }
        given
    }

    /// The face of an entry that this reader may see, if any.
    fn sees<'e>(&self, key: LogKey, entry: &'e Entry) -> Option<&'e Frame> {
        match &self.who {
            Who::Customer { .. } => entry.for_customer(),
            Who::Agent { members, .. } => {
                let members = members.read();
                let member = members.get(&entry.account_id())?;
                if entry.is_private() && !member.can(Permission::NotesView) {
                    return None;
                }
                match key {
                    LogKey::Feed(_) => entry.for_agents().filter(|_| member.sees(entry.audience())),
                    // joining was checked; what only the thread holds is for all who joined
                    LogKey::Thread(_) => entry
                        .for_agents()
                        .filter(|_| *entry.audience() == Audience::Thread || member.sees(entry.audience())),
                }
            }
        }
    }

    /// The client is to be told how far its feeds are, when it saw little of them.
    pub fn tell_positions(&self) {
        let moved = |reader: &Reader| {
            matches!(reader.log.key, LogKey::Feed(_)) && reader.cursor.told != reader.cursor.at
        };
        if self.reading.lock().readers.iter().any(moved) {
            self.positions.store(true, Ordering::Relaxed);
            self.wake();
        }
    }

    /// The position of a feed that has moved, when the client is to be told.
    #[must_use]
    pub fn take_position(&self) -> Option<Frame> {
        if !self.positions.swap(false, Ordering::Relaxed) {
            return None;
        }
        for reader in &mut self.reading.lock().readers {
            let LogKey::Feed(account) = reader.log.key else { continue };
            let cursor = &mut reader.cursor;
            if cursor.told != cursor.at {
                (cursor.told, cursor.hidden) = (cursor.at, 0);
                // there may be another one
                self.positions.store(true, Ordering::Relaxed);
                return Some(self.frame(&FeedPosition { account_id: account, seq: cursor.at }));
            }
        }
        None
    }
}
