//! The newest entries of one log in memory. Pure: it knows numbers, not who reads.

use std::collections::VecDeque;

/// The newest numbered items of a log, without holes between its first and its last: at most so many, and as many
/// as fit into so many bytes.
///
/// A number that does not follow the last one shows that something was missed; the ring then starts
/// anew with it, and readers further back go to the store.
#[derive(Debug)]
pub struct Ring<T> {
    /// Each with its size.
    items: VecDeque<(T, usize)>,
    /// Number of the first item held; meaningless while empty.
    first: i64,
    /// The highest number known to exist, held or not.
    head: i64,
    bytes: usize,
    most: Bounds,
}

/// What a ring may hold; always the newest item, whatever its size.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub items: usize,
    pub bytes: usize,
}

/// What a reader finds behind its cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// Items with their numbers, in order.
    Items(Vec<(i64, T)>),
    /// There is more, but not here: read the store.
    Behind,
    /// Nothing new.
    Nothing,
}

impl<T: Clone> Ring<T> {
    #[must_use]
    pub fn new(most: Bounds) -> Self {
        Self { items: VecDeque::new(), first: 0, head: 0, bytes: 0, most }
    }

    /// Adds the item numbered `seq`, so many bytes large; false when it was known already.
    pub fn push(&mut self, seq: i64, item: T, size: usize) -> bool {
        if let Some(last) = self.last() {
            if seq <= last {
                return false;
            }
            if seq != last + 1 {
                self.items.clear();
                self.bytes = 0;
            }
        }
        self.bytes += size;
        while (self.items.len() >= self.most.items || self.bytes > self.most.bytes)
            && let Some((_, size)) = self.items.pop_front()
        {
            self.bytes -= size;
            self.first += 1;
        }
        if self.items.is_empty() {
            self.first = seq;
        }
        self.items.push_back((item, size));
        self.head = self.head.max(seq);
        true
    }

    /// Learns that the log goes up to `head`, as the store says; true when that is news.
    pub fn note_head(&mut self, head: i64) -> bool {
        let news = head > self.head;
        self.head = self.head.max(head);
        news
    }

    #[must_use]
    pub fn head(&self) -> i64 {
        self.head
    }

    fn last(&self) -> Option<i64> {
        (!self.items.is_empty()).then(|| self.first + self.items.len() as i64 - 1)
    }

    /// At most `limit` items numbered above `cursor`.
    #[must_use]
    pub fn after(&self, cursor: i64, limit: usize) -> Found<T> {
        if cursor >= self.head {
            return Found::Nothing;
        }
        let Some(last) = self.last() else { return Found::Behind };
        if cursor + 1 < self.first || cursor >= last {
            return Found::Behind;
        }
        let skip = (cursor + 1 - self.first) as usize;
        let items = self.items.iter().skip(skip).take(limit);
        Found::Items((cursor + 1..).zip(items.map(|(item, _)| item.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Found, Ring};

    const PLENTY: usize = 1 << 20;

    fn ring(items: usize) -> Ring<i64> {
        Ring::new(Bounds { items, bytes: PLENTY })
    }

    fn numbers(found: Found<i64>) -> Vec<i64> {
        match found {
            Found::Items(items) => {
                assert!(items.iter().all(|(seq, item)| seq == item), "each item has its own number");
                items.into_iter().map(|(seq, _)| seq).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn readers_get_what_follows_their_cursor() {
        let mut ring = ring(4);
        assert_eq!(ring.after(0, 10), Found::Nothing);
        for seq in 5..=7 {
            assert!(ring.push(seq, seq, 10));
        }
        assert_eq!(numbers(ring.after(4, 10)), [5, 6, 7]);
        assert_eq!(numbers(ring.after(5, 1)), [6]);
        assert_eq!(ring.after(7, 10), Found::Nothing);
        assert_eq!(ring.after(9, 10), Found::Nothing, "a cursor ahead waits");
        assert_eq!(ring.after(3, 10), Found::Behind, "4 may exist, but is not here");
    }

    #[test]
    fn it_holds_only_the_newest() {
        let mut ring = ring(3);
        for seq in 1..=10 {
            ring.push(seq, seq, 10);
        }
        assert_eq!(numbers(ring.after(7, 10)), [8, 9, 10]);
        assert_eq!(ring.after(6, 10), Found::Behind);
    }

    #[test]
    fn it_holds_what_fits() {
        let mut ring = Ring::new(Bounds { items: 100, bytes: 100 });
        for seq in 1..=10 {
            ring.push(seq, seq, 30);
        }
        assert_eq!(numbers(ring.after(7, 10)), [8, 9, 10]);
        assert_eq!(ring.after(6, 10), Found::Behind);
        ring.push(11, 11, 1000);
        assert_eq!(numbers(ring.after(10, 10)), [11], "the newest is always there");
        ring.push(12, 12, 10);
        assert_eq!(numbers(ring.after(11, 10)), [12]);
        assert_eq!(ring.after(10, 10), Found::Behind, "what was too large went");
    }

    #[test]
    fn what_comes_twice_is_ignored() {
        let mut ring = ring(8);
        assert!(ring.push(1, 1, 10) && ring.push(2, 2, 10));
        assert!(!ring.push(2, 2, 10) && !ring.push(1, 1, 10));
        assert_eq!(numbers(ring.after(0, 10)), [1, 2]);
    }

    #[test]
    fn a_hole_sends_readers_to_the_store() {
        let mut ring = ring(8);
        ring.push(1, 1, 10);
        ring.push(2, 2, 10);
        assert!(ring.push(5, 5, 10));
        assert_eq!(ring.after(2, 10), Found::Behind);
        assert_eq!(numbers(ring.after(4, 10)), [5], "who read 3 and 4 in the store goes on here");
    }

    #[test]
    fn a_head_that_was_told_is_fetched_from_the_store() {
        let mut ring = ring(8);
        assert!(ring.note_head(3));
        assert!(!ring.note_head(2));
        assert_eq!(ring.after(1, 10), Found::Behind);
        assert_eq!(ring.after(3, 10), Found::Nothing);
        ring.push(4, 4, 10);
        assert_eq!(numbers(ring.after(3, 10)), [4]);
        ring.note_head(6);
        assert_eq!(ring.after(4, 10), Found::Behind);
    }
}
