//! How fast a session may send: the rate of the contract, and less of it after the message centre asked for less.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// After so long without being throttled the rate rises again.
const CLEAN: Duration = Duration::from_secs(30);
/// By so much a second.
const RISE: f64 = 1.05;
/// What is left of the rate after being throttled once.
const FALL: f64 = 0.7;
/// Messages a second that are tried whatever the message centre says.
const FLOOR: f64 = 1.0;

pub(crate) struct Pace {
    /// Messages a second; `None` = as many as the window lets through.
    contract: Option<f64>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// What is left of the contract, as a factor.
    factor: f64,
    slowed_at: Option<Instant>,
    paused_until: Option<Instant>,
    /// When the next message is due if all went out evenly.
    next: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(contract: Option<f64>) -> Self {
        let state = State { factor: 1.0, slowed_at: None, paused_until: None, next: None };
        Self { contract: contract.filter(|rate| *rate > 0.0), state: Mutex::new(state) }
    }

    /// Waits for a turn; false if there is none before `until`.
    pub(crate) async fn turn(&self, until: Instant) -> bool {
        let Some(mut at) = self.reserve(Instant::now(), until) else { return false };
        loop {
            // a timer that is due already would still cost a millisecond
            if at > Instant::now() {
                tokio::time::sleep_until(at).await;
            }
            // the message centre may have asked for a pause in the meantime
            match self.lock().paused_until {
                Some(paused) if paused > until => return false,
                Some(paused) if paused > Instant::now() => at = paused,
                _ => return true,
            }
        }
    }

    fn reserve(&self, now: Instant, until: Instant) -> Option<Instant> {
        let mut state = self.lock();
        let begin = state.paused_until.map_or(now, |paused| paused.max(now));
        let Some(rate) = self.rate(&state, now) else { return (begin <= until).then_some(begin) };
        // up to a second's worth may go at once
        let burst = burst(rate);
        let due = state.next.unwrap_or(now);
        let at = due.checked_sub(burst).map_or(begin, |early| early.max(begin));
        if at > until {
            return None;
        }
        state.next = Some(due.max(at) + Duration::from_secs_f64(1.0 / rate));
        Some(at)
    }

    fn rate(&self, state: &State, now: Instant) -> Option<f64> {
        let contract = self.contract?;
        let clean = state.slowed_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let risen = RISE.powf(clean.saturating_sub(CLEAN).as_secs_f64().min(200.0));
        Some((contract * (state.factor * risen).min(1.0)).max(FLOOR.min(contract)))
    }

    /// The message centre refused one for its rate: nothing for that long, and slower afterwards.
    pub(crate) fn throttled(&self, pause: Duration) {
        let now = Instant::now();
        let mut state = self.lock();
        // answers to what was sent before the first refusal say nothing new
        let is_news = state.slowed_at.is_none_or(|at| now.saturating_duration_since(at) > pause);
        if is_news && let (Some(contract), Some(rate)) = (self.contract, self.rate(&state, now)) {
            state.factor = rate * FALL / contract;
        }
        if is_news {
            state.slowed_at = Some(now);
        }
        let until = state.paused_until.map_or(now + pause, |paused| paused.max(now + pause));
        state.paused_until = Some(until);
        if let Some(rate) = self.rate(&state, now) {
            // the pause saves up nothing: what comes after it comes evenly
            state.next = state.next.max(Some(until + burst(rate)));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far ahead of an even pace messages may run.
fn burst(rate: f64) -> Duration {
    Duration::from_secs_f64((rate - 1.0).max(0.0) / rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn in_a_second(pace: &Pace) -> usize {
        let until = Instant::now() + Duration::from_secs(1);
        let mut count = 0;
        while pace.turn(until).await {
            count += 1;
            assert!(count < 100_000);
        }
        tokio::time::sleep_until(until).await;
        count
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_kept_and_falls_and_rises() {
        let pace = Pace::new(Some(20.0));
        let first = in_a_second(&pace).await;
        assert!((20..=40).contains(&first), "a burst of a second at most: {first}");
        let steady = in_a_second(&pace).await;
        assert!((19..=21).contains(&steady), "{steady}");
        pace.throttled(Duration::from_secs(1));
        pace.throttled(Duration::from_secs(1));
        assert_eq!(in_a_second(&pace).await, 1, "nothing before the pause is over");
        let slower = in_a_second(&pace).await;
        assert!((12..=15).contains(&slower), "seven tenths, once: {slower}");
        tokio::time::sleep(Duration::from_secs(60)).await;
        let _burst = in_a_second(&pace).await;
        let again = in_a_second(&pace).await;
        assert!((19..=21).contains(&again), "{again}");
    }
}
