//! Parts of long messages, put together again. Bounded: a stranger who sends only first parts costs little.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{ShortMessage, tlv, udh::Concat};

/// A message that may be a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    pub source: String,
    pub destination: String,
    pub concat: Concat,
}

impl Fragment {
    /// What a message is a part of; `None` if it is whole.
    #[must_use]
    pub fn of(message: &ShortMessage) -> Option<Self> {
        let concat = message.user_data().0.and_then(|udh| udh.concat).or_else(|| sar(message))?;
        (concat.total > 1).then(|| Self {
            source: message.source.address.clone(),
            destination: message.destination.address.clone(),
            concat,
        })
    }
}

fn sar(message: &ShortMessage) -> Option<Concat> {
    let number = |tag| message.tlvs.number(tag);
    Concat::new(
        u16::try_from(number(tlv::SAR_MSG_REF_NUM)?).ok()?,
        u8::try_from(number(tlv::SAR_TOTAL_SEGMENTS)?).ok()?,
        u8::try_from(number(tlv::SAR_SEGMENT_SEQNUM)?).ok()?,
        true,
    )
}

/// Parts that have come together.
#[derive(Debug, PartialEq, Eq)]
pub struct Assembled<T> {
    /// In the order of the text.
    pub parts: Vec<T>,
    /// Some are missing and will not be waited for any longer.
    pub partial: bool,
}

type Key = (String, String, u16, u8, bool);

struct Waiting<T> {
    parts: Vec<(u8, T)>,
    since: Instant,
}

/// Collects parts, in any order.
pub struct Reassembler<T> {
    waiting: HashMap<Key, Waiting<T>>,
    /// How long a message may wait for its parts.
    patience: Duration,
    /// Messages that may wait at once; beyond it the oldest is given up.
    most: usize,
}

impl<T> Reassembler<T> {
    #[must_use]
    pub fn new(patience: Duration, most: usize) -> Self {
        Self { waiting: HashMap::new(), patience, most }
    }

    /// Adds a part; the whole message if it was the last. A part that came before replaces the earlier one, which is
    /// given back, since it is the same delivered again.
    pub fn add(&mut self, fragment: &Fragment, part: T, now: Instant) -> (Option<Assembled<T>>, Option<T>) {
        let (key, concat) = (key(fragment), fragment.concat);
        let waiting =
            self.waiting.entry(key.clone()).or_insert_with(|| Waiting { parts: Vec::new(), since: now });
        let place = waiting.parts.binary_search_by_key(&concat.number, |(number, _)| *number);
        let replaced = match place {
            Ok(at) => Some(std::mem::replace(&mut waiting.parts[at].1, part)),
            Err(at) => {
                waiting.parts.insert(at, (concat.number, part));
                None
            }
        };
        let is_whole = waiting.parts.len() == usize::from(concat.total);
        let whole = is_whole.then(|| self.waiting.remove(&key)).flatten();
        (whole.map(|whole| whole.assembled(false)), replaced)
    }

    /// Whether this part of this message waits already.
    #[must_use]
    pub fn holds(&self, fragment: &Fragment) -> bool {
        let waiting = self.waiting.get(&key(fragment));
        waiting
            .is_some_and(|waiting| waiting.parts.iter().any(|(number, _)| *number == fragment.concat.number))
    }

    /// Messages that have waited for too long, or are too many, as far as they came.
    pub fn give_up(&mut self, now: Instant) -> Vec<Assembled<T>> {
        let mut ages: Vec<(Instant, Key)> =
            self.waiting.iter().map(|(key, waiting)| (waiting.since, key.clone())).collect();
        ages.sort_unstable();
        let surplus = self.waiting.len().saturating_sub(self.most);
        let is_late = |since: Instant| now.saturating_duration_since(since) >= self.patience;
        let over: Vec<Key> = ages
            .into_iter()
            .enumerate()
            .filter(|(at, (since, _))| *at < surplus || is_late(*since))
            .map(|(_, (_, key))| key)
            .collect();
        over.iter().filter_map(|key| Some(self.waiting.remove(key)?.assembled(true))).collect()
    }

    /// Messages that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Every part that waits.
    pub fn parts_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.waiting.values_mut().flat_map(|waiting| waiting.parts.iter_mut().map(|(_, part)| part))
    }
}

fn key(fragment: &Fragment) -> Key {
    let Concat { reference, total, wide, .. } = fragment.concat;
    (fragment.source.clone(), fragment.destination.clone(), reference, total, wide)
}

impl<T> Waiting<T> {
    fn assembled(self, partial: bool) -> Assembled<T> {
        Assembled { parts: self.parts.into_iter().map(|(_, part)| part).collect(), partial }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(from: &str, reference: u16, total: u8, number: u8) -> Fragment {
        let concat = Concat::new(reference, total, number, false).unwrap();
        Fragment { source: from.into(), destination: "100".into(), concat }
    }

    #[test]
    fn any_order_twice_and_beside_each_other() {
        let (mut all, now) = (Reassembler::new(Duration::from_secs(10), 10), Instant::now());
        assert_eq!(all.add(&fragment("a", 1, 3, 3), "c", now), (None, None));
        assert_eq!(all.add(&fragment("b", 1, 2, 1), "x", now), (None, None));
        assert_eq!(all.add(&fragment("a", 1, 3, 1), "a", now), (None, None));
        assert_eq!(all.add(&fragment("a", 1, 3, 1), "A", now), (None, Some("a")));
        let whole = all.add(&fragment("a", 1, 3, 2), "b", now).0.unwrap();
        assert_eq!((whole.parts, whole.partial), (vec!["A", "b", "c"], false));
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn what_does_not_come_together_is_given_up() {
        let (mut all, now) = (Reassembler::new(Duration::from_secs(10), 2), Instant::now());
        for (step, from) in ["a", "b", "c"].into_iter().enumerate() {
            all.add(&fragment(from, 1, 2, 2), from, now + Duration::from_secs(step as u64));
        }
        let surplus = all.give_up(now + Duration::from_secs(3));
        assert_eq!(surplus, [Assembled { parts: vec!["a"], partial: true }]);
        assert_eq!(all.give_up(now + Duration::from_secs(11)).len(), 1);
        assert_eq!(all.give_up(now + Duration::from_secs(12)).len(), 1);
        assert!(all.is_empty());
    }
}
