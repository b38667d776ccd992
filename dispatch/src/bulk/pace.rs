//! How fast a group message may go, and how much of the slots one channel may hold.

use std::{collections::HashSet, sync::Arc, time::Instant};

use dashmap::DashMap;
use model::{ChannelId, GroupMessageId};

#[derive(Debug, Clone, Copy)]
struct Pace {
    tokens: f64,
    at: Instant,
}

/// The rates that group messages set themselves; a change counts from the next look on.
#[derive(Default)]
pub(super) struct Paces(DashMap<GroupMessageId, Pace>);

impl Paces {
    /// Takes up to `wanted` tokens.
    pub(super) fn take(
        &self,
        id: GroupMessageId,
        per_minute: Option<i32>,
        wanted: usize,
        now: Instant,
    ) -> usize {
        let Some(per_minute) = per_minute.filter(|rate| *rate > 0) else { return wanted };
        let per_second = f64::from(per_minute) / 60.0;
        let capacity = per_second.max(1.0);
        let mut pace = self.0.entry(id).or_insert(Pace { tokens: 1.0, at: now });
        let passed = now.saturating_duration_since(pace.at).as_secs_f64();
        pace.tokens = (pace.tokens + passed * per_second).min(capacity);
        pace.at = now;
        let granted = (pace.tokens.floor() as usize).min(wanted);
        pace.tokens -= granted as f64;
        granted
    }

    /// Gives tokens back that were not used.
    pub(super) fn give_back(&self, id: GroupMessageId, count: usize) {
        if let Some(mut pace) = self.0.get_mut(&id) {
            pace.tokens += count as f64;
        }
    }

    /// Forgets all others.
    pub(super) fn keep(&self, ids: impl Iterator<Item = GroupMessageId>) {
        let ids: HashSet<GroupMessageId> = ids.collect();
        self.0.retain(|id, _| ids.contains(id));
    }
}

/// Requests of each channel that are on their way. One channel holds at most a part of the slots, so that
/// a slow provider leaves some to the others.
pub(super) struct InFlight {
    most: usize,
    by_channel: Arc<DashMap<ChannelId, usize>>,
}

/// A request on its way; dropped when it has ended.
pub(super) struct Place {
    channel: ChannelId,
    by_channel: Arc<DashMap<ChannelId, usize>>,
}

impl InFlight {
    pub(super) fn new(most: usize) -> Self {
        Self { most, by_channel: Arc::default() }
    }

    /// How many more the channel may have.
    pub(super) fn room(&self, channel: ChannelId) -> usize {
        let taken = self.by_channel.get(&channel).map_or(0, |count| *count);
        self.most.saturating_sub(taken)
    }

    pub(super) fn enter(&self, channel: ChannelId) -> Place {
        *self.by_channel.entry(channel).or_default() += 1;
        Place { channel, by_channel: Arc::clone(&self.by_channel) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(mut count) = self.by_channel.get_mut(&self.channel) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_rate_holds_and_a_change_of_it_counts_at_once() {
        let (paces, id, start) = (Paces::default(), GroupMessageId::new(), Instant::now());
        let mut gone = 0;
        for tenth in 0..100 {
            gone += paces.take(id, Some(600), 1000, start + Duration::from_millis(tenth * 100));
        }
        assert!((95..=105).contains(&gone), "{gone} in ten seconds at ten a second");
        let later = start + Duration::from_secs(11);
        assert_eq!(paces.take(id, Some(60), 1000, later), 1);
        assert_eq!(paces.take(id, None, 1000, later), 1000);
        paces.keep(std::iter::empty());
        assert_eq!(paces.0.len(), 0);
    }

    #[test]
    fn a_channel_leaves_slots_to_others() {
        let (slots, a, b) = (InFlight::new(2), ChannelId::new(), ChannelId::new());
        let places = [slots.enter(a), slots.enter(a)];
        assert_eq!((slots.room(a), slots.room(b)), (0, 2));
        drop(places);
        assert_eq!(slots.room(a), 2);
    }
}
