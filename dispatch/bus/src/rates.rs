//! How fast things may go, counted together by all nodes.
//!
//! A bucket is one moment in time (the generic cell rate algorithm): it drifts into the future with everything that
//! is taken, and is empty when it is as far ahead as the rate's period.

use std::time::{Duration, Instant};

use dashmap::DashMap;
use futures::future::BoxFuture;

/// Buckets that are kept before full ones are thrown away.
const SWEEP_ABOVE: usize = 50_000;

/// How many in how long a time. The whole number may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub period: Duration,
}

impl Rate {
    #[must_use]
    pub const fn per_second(count: u32) -> Self {
        Self { count, period: Duration::from_secs(1) }
    }

    #[must_use]
    pub const fn per_minute(count: u32) -> Self {
        Self { count, period: Duration::from_mins(1) }
    }

    #[must_use]
    pub const fn per_hour(count: u32) -> Self {
        Self { count, period: Duration::from_hours(1) }
    }

    /// Between two of them.
    #[must_use]
    pub fn step(self) -> Duration {
        (self.period / self.count.max(1)).max(Duration::from_nanos(1))
    }

    /// One node's part of it.
    #[must_use]
    pub fn shared_by(self, nodes: u32) -> Self {
        let nodes = nodes.max(1);
        // one at least may come at once, else a node could do nothing at all; then it comes more seldom
        let count = (self.count / nodes).max(1);
        Self { count, period: (self.period * nodes).mul_f64(f64::from(count) / f64::from(self.count.max(1))) }
    }
}

/// How much of what is asked for has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// So many, or none. Of nothing: how the bucket stands.
    All(u32),
    /// As many of these as there are.
    UpTo(u32),
}

/// What a bucket says after it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub granted: u32,
    /// How far ahead the bucket is: the time until it is full again.
    pub used: Duration,
    /// How long until what was not granted is there (of [`Ask::UpTo`]: one more).
    pub wait: Option<Duration>,
}

/// Buckets by key.
///
/// Guarantee: all nodes together take no more than the rate. While they cannot count together each takes at most its
/// share. Never waits for longer than a moment.
pub trait Buckets: Send + Sync + 'static {
    fn take<'a>(&'a self, key: &'a str, rate: Rate, ask: Ask) -> BoxFuture<'a, Standing>;
    /// Puts back what was taken for nothing.
    fn give_back<'a>(&'a self, key: &'a str, rate: Rate, count: u32) -> BoxFuture<'a, ()>;
}

/// [`Buckets`] within one process.
#[derive(Debug, Default)]
pub struct LocalBuckets(DashMap<String, Instant>);

impl LocalBuckets {
    pub fn take_now(&self, key: &str, rate: Rate, ask: Ask, now: Instant) -> Standing {
        if self.0.len() > SWEEP_ABOVE {
            self.0.retain(|_, ahead| *ahead > now);
        }
        let mut ahead = match self.0.get_mut(key) {
            Some(ahead) => ahead,
            None => self.0.entry(key.to_owned()).or_insert(now),
        };
        let standing = ask_at(rate, ahead.saturating_duration_since(now), ask);
        *ahead = now + standing.used;
        standing
    }

    pub fn give_back_now(&self, key: &str, rate: Rate, count: u32, now: Instant) {
        if let Some(mut ahead) = self.0.get_mut(key) {
            *ahead = ahead.checked_sub(rate.step() * count).map_or(now, |back| back.max(now));
        }
    }
}

/// The rule of a bucket that is `used` ahead.
fn ask_at(rate: Rate, used: Duration, ask: Ask) -> Standing {
    let step = rate.step();
    let full = step * rate.count.max(1);
    let left = (full.saturating_sub(used).as_nanos() / step.as_nanos()).min(u128::from(u32::MAX)) as u32;
    let (granted, wanting) = match ask {
        Ask::All(wanted) if wanted.max(1) <= left => (wanted, 0),
        Ask::All(wanted) => (0, wanted.max(1)),
        Ask::UpTo(wanted) => (wanted.min(left), u32::from(wanted > left)),
    };
    let used = used + step * granted;
    let wait = (wanting > 0).then(|| (used + step * wanting).saturating_sub(full));
    Standing { granted, used, wait }
}

impl Buckets for LocalBuckets {
    fn take<'a>(&'a self, key: &'a str, rate: Rate, ask: Ask) -> BoxFuture<'a, Standing> {
        Box::pin(std::future::ready(self.take_now(key, rate, ask, Instant::now())))
    }

    fn give_back<'a>(&'a self, key: &'a str, rate: Rate, count: u32) -> BoxFuture<'a, ()> {
        self.give_back_now(key, rate, count, Instant::now());
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_part_of_the_rate_however_small() {
        for (rate, nodes) in [(Rate::per_minute(600), 3), (Rate::per_minute(1), 4), (Rate::per_hour(7), 2)] {
            let share = rate.shared_by(nodes);
            let (whole, together) =
                (rate.step().as_secs_f64(), share.step().as_secs_f64() / f64::from(nodes));
            assert!((whole - together).abs() < whole * 1e-6, "{rate:?} {share:?}");
            assert!(share.count >= 1);
        }
    }
}
