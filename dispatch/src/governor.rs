//! How fast a channel may send: its rate, the pauses that its provider asks for, and a rest after several
//! failures in a row. In the memory of this process; long pauses are in the store as well.

use std::time::{Duration, Instant};

use dashmap::DashMap;
use model::ChannelId;

/// Failures in a row after which a channel counts as down.
const DOWN_AFTER: u32 = 5;
const LONGEST_REST: Duration = Duration::from_secs(30);
/// What waits for its slot asks again after this at the latest: the rate may have been raised, and who asked
/// may have been cancelled.
const FARTHEST_SLOT: Duration = Duration::from_secs(60);

/// What is left of a channel's rate when its provider has asked for a pause: it was too much, whatever the settings
/// say.
const SLOWED: f64 = 0.5;
const LEAST_PACE: f64 = 0.05;
/// From nothing to the whole rate again.
const RECOVERY: Duration = Duration::from_mins(5);

/// Whether one more message may leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Go,
    /// Not before; costs the message no attempt.
    Wait(Duration, &'static str),
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
    /// When the next of those that were sent away may come back.
    next_slot: Instant,
    paused_until: Option<Instant>,
    failures: u32,
    /// The share of the rate that the provider was found to take, and when.
    pace: f64,
    pace_at: Instant,
}

impl Bucket {
    /// The share of the rate by now: it grows back by itself, and what is still too much is refused again.
    fn pace(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.pace_at).as_secs_f64();
        (self.pace + passed / RECOVERY.as_secs_f64()).min(1.0)
    }

    /// Fills it up to now; returns tokens a second and the most that it holds.
    fn refill(&mut self, per_minute: u32, now: Instant) -> (f64, f64) {
        let per_minute = f64::from(per_minute.max(1)) * self.pace(now);
        let (per_second, most) = (per_minute / 60.0, (per_minute / 60.0).max(1.0));
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * per_second).min(most);
        self.at = now;
        (per_second, most)
    }
}

/// The governor of all channels.
#[derive(Default)]
pub(crate) struct Governor {
    buckets: DashMap<ChannelId, Bucket>,
}

impl Governor {
    /// Takes a token of the channel; `per_minute` `None` = as many as you like.
    pub(crate) fn take(&self, channel: ChannelId, per_minute: Option<u32>, now: Instant) -> Grant {
        let mut bucket = self.bucket(channel, per_minute, now);
        if let Some(until) = bucket.paused_until {
            if until > now {
                return Grant::Wait(until - now, "the channel is paused");
            }
            bucket.paused_until = None;
            if bucket.failures >= DOWN_AFTER {
                // one goes first to see; the others wait for what it finds
                bucket.paused_until = Some(now + rest_after(bucket.failures));
            }
        }
        let Some(per_minute) = per_minute else { return Grant::Go };
        let (per_second, _) = bucket.refill(per_minute, now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Grant::Go;
        }
        // spread over the coming slots, so that they do not all come back at the same moment
        let first = now + Duration::from_secs_f64((1.0 - bucket.tokens) / per_second);
        let slot = bucket.next_slot.max(first).min(now + FARTHEST_SLOT);
        bucket.next_slot = (slot + Duration::from_secs_f64(1.0 / per_second)).min(now + FARTHEST_SLOT);
        Grant::Wait(slot - now, "the channel's rate is used up")
    }

    /// Takes up to `wanted` tokens for messages that come after all replies: none while a reply waits for its
    /// slot, and never the last fifth of a second's worth, which a reply may need at any moment.
    pub(crate) fn take_bulk(
        &self,
        channel: ChannelId,
        per_minute: Option<u32>,
        wanted: usize,
        now: Instant,
    ) -> usize {
        if wanted == 0 {
            return 0;
        }
        let mut bucket = self.bucket(channel, per_minute, now);
        let mut wanted = wanted;
        if let Some(until) = bucket.paused_until {
            if until > now {
                return 0;
            }
            bucket.paused_until = None;
            if bucket.failures >= DOWN_AFTER {
                bucket.paused_until = Some(now + rest_after(bucket.failures));
                wanted = 1;
            }
        }
        let Some(per_minute) = per_minute else { return wanted };
        let (_, most) = bucket.refill(per_minute, now);
        if bucket.next_slot > now {
            return 0;
        }
        let reserve = (most * 0.2).floor();
        let granted = ((bucket.tokens - reserve).floor().max(0.0) as usize).min(wanted);
        bucket.tokens -= granted as f64;
        granted
    }

    /// Gives a token back that was not used.
    pub(crate) fn give_back(&self, channel: ChannelId, per_minute: Option<u32>) {
        if let (Some(mut bucket), Some(per_minute)) = (self.buckets.get_mut(&channel), per_minute) {
            bucket.tokens = (bucket.tokens + 1.0).min(capacity(per_minute));
        }
    }

    /// The provider asked for a pause. The channel is slower afterwards, for some minutes; requests of the same burst
    /// that are refused as well count once.
    pub(crate) fn pause(&self, channel: ChannelId, time: Duration, now: Instant) {
        let mut bucket = self.bucket(channel, None, now);
        if bucket.paused_until.is_none_or(|until| until <= now) {
            bucket.pace = (bucket.pace(now) * SLOWED).max(LEAST_PACE);
            bucket.pace_at = now;
        }
        bucket.paused_until = bucket.paused_until.max(Some(now + time));
    }

    /// The channel works.
    pub(crate) fn worked(&self, channel: ChannelId) {
        if let Some(mut bucket) = self.buckets.get_mut(&channel)
            && bucket.failures > 0
        {
            if bucket.failures >= DOWN_AFTER {
                bucket.paused_until = None;
            }
            bucket.failures = 0;
        }
    }

    /// The channel could not be reached.
    pub(crate) fn failed(&self, channel: ChannelId, now: Instant) {
        let mut bucket = self.bucket(channel, None, now);
        bucket.failures = bucket.failures.saturating_add(1);
        if bucket.failures >= DOWN_AFTER {
            bucket.paused_until = bucket.paused_until.max(Some(now + rest_after(bucket.failures)));
        }
    }

    fn bucket(
        &self,
        channel: ChannelId,
        per_minute: Option<u32>,
        now: Instant,
    ) -> dashmap::mapref::one::RefMut<'_, ChannelId, Bucket> {
        self.buckets.entry(channel).or_insert_with(|| Bucket {
            tokens: per_minute.map_or(0.0, capacity),
            at: now,
            next_slot: now,
            paused_until: None,
            failures: 0,
            pace: 1.0,
            pace_at: now,
        })
    }
}

/// One second's worth, at least one message.
fn capacity(per_minute: u32) -> f64 {
    (f64::from(per_minute) / 60.0).max(1.0)
}

/// 1, 2, 4 … 30 seconds.
fn rest_after(failures: u32) -> Duration {
    let doubled = 1u64 << failures.saturating_sub(DOWN_AFTER).min(5);
    Duration::from_secs(doubled).min(LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(grant: Grant) -> Option<Duration> {
        match grant {
            Grant::Go => None,
            Grant::Wait(time, _) => Some(time),
        }
    }

    #[test]
    fn the_rate_holds_over_a_minute_and_those_sent_away_are_spread() {
        let governor = Governor::default();
        let (channel, start) = (ChannelId::new(), Instant::now());
        let mut gone = 0;
        for tenth in 0..600 {
            let now = start + Duration::from_millis(tenth * 100);
            if governor.take(channel, Some(120), now) == Grant::Go {
                gone += 1;
            }
        }
        assert!((119..=122).contains(&gone), "{gone}");
        let governor = Governor::default();
        assert_eq!(governor.take(channel, Some(60), start), Grant::Go);
        let mut slots = Vec::new();
        for _ in 0..3 {
            slots.push(waits(governor.take(channel, Some(60), start)).unwrap().as_secs());
        }
        assert_eq!(slots, [1, 2, 3]);
        governor.give_back(channel, Some(60));
        assert_eq!(governor.take(channel, Some(60), start), Grant::Go);
        assert_eq!(governor.take(channel, None, start), Grant::Go, "no limit");
    }

    #[test]
    fn nothing_is_sent_away_for_long() {
        let (governor, channel, start) = (Governor::default(), ChannelId::new(), Instant::now());
        while governor.take(channel, Some(2), start) == Grant::Go {}
        for _ in 0..5000 {
            assert!(waits(governor.take(channel, Some(2), start)).unwrap() <= FARTHEST_SLOT);
        }
        let later = start + FARTHEST_SLOT;
        assert_eq!(governor.take(channel, Some(6000), later), Grant::Go, "a raised rate counts at once");
    }

    #[test]
    fn bulk_takes_what_replies_leave() {
        let governor = Governor::default();
        let (channel, start) = (ChannelId::new(), Instant::now());
        assert_eq!(governor.take_bulk(channel, None, 50, start), 50, "no limit");
        let channel = ChannelId::new();
        assert_eq!(governor.take_bulk(channel, Some(600), 50, start), 8, "two of ten are kept back");
        assert_eq!(governor.take(channel, Some(600), start), Grant::Go);
        assert_eq!(governor.take(channel, Some(600), start), Grant::Go);
        assert!(waits(governor.take(channel, Some(600), start)).is_some());
        let soon = start + Duration::from_millis(150);
        assert_eq!(governor.take_bulk(channel, Some(600), 50, soon), 0, "a reply waits for this slot");
        assert_eq!(governor.take(channel, Some(600), soon), Grant::Go);
        let later = start + Duration::from_secs(2);
        assert_eq!(governor.take_bulk(channel, Some(600), 50, later), 8);
        let slow = ChannelId::new();
        assert_eq!(
            governor.take_bulk(slow, Some(60), 50, start),
            1,
            "a slow channel has nothing to keep back"
        );
        governor.pause(slow, Duration::from_secs(9), start);
        assert_eq!(governor.take_bulk(slow, Some(60), 50, start + Duration::from_secs(8)), 0);
    }

    #[test]
    fn a_pause_holds_everything_and_ends() {
        let governor = Governor::default();
        let (channel, start) = (ChannelId::new(), Instant::now());
        governor.pause(channel, Duration::from_secs(9), start);
        governor.pause(channel, Duration::from_secs(3), start);
        assert_eq!(waits(governor.take(channel, None, start)), Some(Duration::from_secs(9)));
        assert_eq!(governor.take(channel, None, start + Duration::from_secs(9)), Grant::Go);
        assert_eq!(governor.take(ChannelId::new(), None, start), Grant::Go);
    }

    /// Messages that go within ten seconds at twenty a second, asked for all the time.
    fn gone(governor: &Governor, channel: ChannelId, from: Instant) -> usize {
        let moments = (0..1000).map(|hundredth| from + Duration::from_millis(hundredth * 10));
        moments.filter(|now| governor.take(channel, Some(1200), *now) == Grant::Go).count()
    }

    #[test]
    fn who_is_told_to_wait_goes_slower_and_recovers_and_nobody_else_does() {
        let (governor, start) = (Governor::default(), Instant::now());
        let (refused, other) = (ChannelId::new(), ChannelId::new());
        assert!((200..=221).contains(&gone(&governor, refused, start)));
        // a whole burst is refused
        let later = start + Duration::from_secs(10);
        for _ in 0..64 {
            governor.pause(refused, Duration::from_secs(2), later);
        }
        let after = later + Duration::from_secs(2);
        let slowed = gone(&governor, refused, after);
        assert!((100..=125).contains(&slowed), "{slowed}");
        assert!((200..=221).contains(&gone(&governor, other, after)));
        // refused again and again it is never stopped altogether
        let mut now = after + Duration::from_secs(10);
        for _ in 0..20 {
            governor.pause(refused, Duration::from_secs(1), now);
            now += Duration::from_secs(1);
        }
        let least = gone(&governor, refused, now);
        assert!((10..=25).contains(&least), "{least}");
        let recovered = gone(&governor, refused, now + RECOVERY);
        assert!((200..=221).contains(&recovered), "{recovered}");
    }

    #[test]
    fn a_channel_that_is_down_is_tried_by_one_message_at_a_time() {
        let governor = Governor::default();
        let (channel, start) = (ChannelId::new(), Instant::now());
        for _ in 0..4 {
            governor.failed(channel, start);
        }
        assert_eq!(governor.take(channel, None, start), Grant::Go);
        governor.failed(channel, start);
        assert_eq!(waits(governor.take(channel, None, start)), Some(Duration::from_secs(1)));
        let later = start + Duration::from_secs(2);
        assert_eq!(governor.take(channel, None, later), Grant::Go, "one goes first");
        assert!(waits(governor.take(channel, None, later)).is_some(), "the others wait");
        governor.worked(channel);
        assert_eq!(governor.take(channel, None, later), Grant::Go);
        for _ in 0..60 {
            governor.failed(channel, later);
        }
        assert!(waits(governor.take(channel, None, later)).unwrap() <= LONGEST_REST);
    }
}
