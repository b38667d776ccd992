//! What one connection was sent of its logs, as far back as a short cut may have lost it: from it the
//! cursors behind any of the last deliveries can be found again.

use std::collections::VecDeque;

use model::AccountId;

use super::entry::LogKey;

/// Deliveries remembered of one connection.
const REMEMBERED: usize = 256;

/// Counts deliveries, and remembers of which reader and with which number the last ones were.
#[derive(Debug, Default)]
pub struct Deliveries {
    count: u64,
    last: VecDeque<(u32, i64)>,
}

/// A log that was read, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub key: LogKey,
    pub account_id: AccountId,
    /// Entries up to this one were sent, or hidden.
    pub at: i64,
    /// The reader's number within its connection.
    pub reader: u32,
}

impl Deliveries {
    /// Goes on counting after an earlier connection.
    #[must_use]
    pub fn after(count: u64) -> Self {
        Self { count, last: VecDeque::new() }
    }

    /// Counts one more.
    pub fn note(&mut self, reader: u32, seq: i64) -> u64 {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back((reader, seq));
        self.count += 1;
        self.count
    }

    /// The places as they were after delivery number `offset`; `None` when that is not known any more.
    #[must_use]
    pub fn behind(&self, places: &[Place], offset: u64) -> Option<Vec<Place>> {
        let missed = usize::try_from(self.count.checked_sub(offset)?).ok()?;
        let first = self.last.len().checked_sub(missed)?;
        let missed = || self.last.iter().skip(first);
        let back = |place: &Place| {
            let next = missed().find(|(reader, _)| *reader == place.reader);
            // what lay between the last one it got and the first one it missed was hidden from it
            Place { at: next.map_or(place.at, |(_, seq)| seq - 1), ..*place }
        };
        Some(places.iter().map(back).collect())
    }
}

#[cfg(test)]
mod tests {
    use model::{AccountId, ConversationId};

    use super::{Deliveries, LogKey, Place, REMEMBERED};

    #[test]
    fn places_are_found_behind_each_delivery() {
        let account_id = AccountId::new();
        let place = |key, at, reader| Place { key, account_id, at, reader };
        let feed = LogKey::Feed(account_id);
        let thread = LogKey::Thread(ConversationId::new());
        let mut deliveries = Deliveries::after(7);
        for (reader, seq) in [(0, 11), (0, 12), (1, 5), (0, 20)] {
            deliveries.note(reader, seq);
        }
        // 21 and 22 of the feed were hidden
        let places = [place(feed, 22, 0), place(thread, 5, 1)];
        let at = |offset| {
            let behind = deliveries.behind(&places, offset)?;
            Some((behind[0].at, behind[1].at))
        };
        assert_eq!(at(11), Some((22, 5)), "nothing was missed");
        assert_eq!(at(10), Some((19, 5)));
        assert_eq!(at(9), Some((19, 4)));
        assert_eq!(at(8), Some((11, 4)));
        assert_eq!(at(7), Some((10, 4)), "as it began");
        assert_eq!(at(6), None, "of an earlier connection");
        assert_eq!(at(12), None, "more than there were");
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut deliveries = Deliveries::default();
        for seq in 1..=1000 {
            assert_eq!(deliveries.note(0, seq), seq as u64);
        }
        assert!(deliveries.behind(&[], 1000 - REMEMBERED as u64).is_some());
        assert!(deliveries.behind(&[], 999 - REMEMBERED as u64).is_none());
    }
}
