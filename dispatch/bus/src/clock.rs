//! The time of the store. Every hub goes by it, so that hubs whose machines disagree about the time agree about what is
//! due, too old or expired; a machine's clock may jump and nothing follows from it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use model::{Clock, SystemClock, Time};
use parking_lot::RwLock;
use tokio_util::sync::CancellationToken;

use crate::{Outcome, Store};

/// How often the store is asked.
const EVERY: Duration = Duration::from_secs(5);
/// The first time counts for everything that happens until the second: the quickest answer of these is taken.
const FIRST: usize = 3;
/// A difference below this is the noise of two clocks.
const NOISE: Duration = Duration::from_millis(5);
/// How far the machine's clock may be off before its operator is told.
const TOLD_FROM: i64 = 5_000;

/// What the store said the time is, and how exactly that is known.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// The middle of question and answer.
    at: Instant,
    time: Time,
    /// Half of what the answer took: the time may be off by it.
    unsure: Duration,
}

/// The store's clock as this process knows it. Between two readings it counts by the monotonic clock, which nobody sets;
/// while the store is away it goes on like that.
pub struct StoreClock {
    store: Store,
    told: RwLock<(Instant, Time)>,
}

impl StoreClock {
    /// Asks the store for the first time.
    pub async fn start(store: Store) -> Outcome<Arc<Self>> {
        let mut best = read(&store).await?;
        for _ in 1..FIRST {
            let next = read(&store).await?;
            if next.unsure < best.unsure {
                best = next;
            }
        }
        let off = (SystemClock.now() - best.shown(Instant::now())).num_milliseconds();
        if off.abs() > TOLD_FROM {
            tracing::warn!(
                seconds = off / 1000,
                "this machine's clock is not the database's, which is the one that counts; set both by NTP"
            );
        }
        Ok(Arc::new(Self { store, told: RwLock::new((best.at, best.time)) }))
    }

    /// Follows the store's clock until stopped.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            match read(&self.store).await {
                Ok(reading) => self.hear(reading),
                Err(fault) => tracing::debug!(%fault, "the store's time cannot be read"),
            }
        }
    }

    fn hear(&self, reading: Reading) {
        let mut told = self.told.write();
        let off = reading.off(*told);
        if off.abs().to_std().unwrap_or_default() <= reading.unsure + NOISE {
            return;
        }
        if off.num_milliseconds().abs() > TOLD_FROM {
            tracing::warn!(seconds = off.num_seconds(), "the database's clock was set; this hub follows it");
        }
        *told = (reading.at, reading.time);
    }
}

impl Clock for StoreClock {
    fn now(&self) -> Time {
        let (at, time) = *self.told.read();
        after(time, at.elapsed())
    }
}

impl Reading {
    /// The time at a later moment.
    fn shown(&self, now: Instant) -> Time {
        after(self.time, now.saturating_duration_since(self.at))
    }

    /// How far the store is ahead of what was counted from an earlier reading.
    fn off(&self, (at, time): (Instant, Time)) -> chrono::Duration {
        self.time - after(time, self.at.saturating_duration_since(at))
    }
}

async fn read(store: &Store) -> Outcome<Reading> {
    let began = Instant::now();
    let time = store.time().await?;
    let unsure = began.elapsed() / 2;
    Ok(Reading { at: began + unsure, time, unsure })
}

fn after(time: Time, passed: Duration) -> Time {
    time + chrono::Duration::from_std(passed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at: Instant, time: Time, unsure_ms: u64) -> Reading {
        Reading { at, time, unsure: Duration::from_millis(unsure_ms) }
    }

    #[test]
    fn what_is_off_is_told_from_what_only_took_long() {
        let (begun, time) = (Instant::now(), SystemClock.now());
        let later = begun + Duration::from_secs(5);
        let ms = chrono::Duration::milliseconds;
        let heard = reading(later, time + ms(5_004), 1);
        assert_eq!(heard.off((begun, time)), ms(4));
        let behind = reading(later, time + ms(3_000), 1);
        assert_eq!(behind.off((begun, time)), ms(-2_000));
        assert_eq!(heard.shown(later + Duration::from_secs(1)), time + ms(6_004));
        // a moment before the reading does not go back
        assert_eq!(heard.shown(begun), time + ms(5_004));
    }
}
