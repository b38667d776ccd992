//! The heartbeat of one session. The first ping comes after a whole interval, as clients expect; the
//! second after a part of one, at random, so that clients that came together do not stay together.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::Config;

#[derive(Debug)]
pub(super) struct Beat {
    /// When the next ping is sent, or when the last one was.
    due: Instant,
    answer_by: Option<Instant>,
    /// The ping waits for its turn.
    unsent: bool,
    is_first: bool,
}

impl Beat {
    pub fn new(now: Instant, config: &Config) -> Self {
        Self { due: now + config.ping_interval, answer_by: None, unsent: false, is_first: true }
    }

    /// Begins a ping when it is time. `held`: the client could not be heard because we do not read.
    /// False: the client has not answered the last one.
    pub fn check(&mut self, now: Instant, config: &Config, held: bool) -> bool {
        match self.answer_by {
            Some(by) if now >= by && held => self.answer_by = Some(now + config.ping_timeout),
            Some(by) => return now < by,
            None if now >= self.due => {
                let late = now - self.due > config.ping_timeout / 2;
                let from = if late { now } else { self.due };
                self.answer_by = Some(from + config.ping_timeout);
                self.unsent = true;
            }
            None => {}
        }
        true
    }

    /// Whether a ping is to be written now.
    pub fn take(&mut self) -> bool {
        std::mem::take(&mut self.unsent)
    }

    /// A ping that waited behind other data was written just now.
    pub fn sent(&mut self, now: Instant, config: &Config) {
        self.answer_by = Some(now + config.ping_timeout);
    }

    pub fn is_unsent(&self) -> bool {
        self.unsent
    }

    /// The client answered; false when nothing was asked.
    pub fn answered(&mut self, now: Instant, config: &Config) -> bool {
        if self.unsent || self.answer_by.take().is_none() {
            return false;
        }
        if std::mem::take(&mut self.is_first) {
            self.due = now + config.ping_interval.mul_f64(rand::random_range(0.5..1.0));
        } else {
            self.due += config.ping_interval;
            if self.due <= now {
                self.due = now + config.ping_interval;
            }
        }
        true
    }

    /// When to look again.
    pub fn next(&self) -> Instant {
        self.answer_by.unwrap_or(self.due)
    }
}

/// The earlier of two deadlines, if there are any.
pub(super) fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A deadline that is set while something lasts.
pub(super) fn while_lasting(by: &mut Option<Instant>, lasts: bool, now: Instant, time: Duration) {
    if lasts {
        by.get_or_insert(now + time);
    } else {
        *by = None;
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, time::Duration};

    use tokio::time::Instant;

    use super::Beat;
    use crate::config::Config;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_first_ping_comes_after_the_interval_and_the_second_at_random() {
        let (start, config) = (Instant::now(), Config::default());
        let mut phases = HashSet::new();
        for _ in 0..100 {
            let mut beat = Beat::new(start, &config);
            assert!(beat.check(start + 24 * SECOND, &config, false) && !beat.take());
            assert!(beat.check(start + 25 * SECOND, &config, false) && beat.take() && !beat.take());
            let now = start + 26 * SECOND;
            assert!(beat.answered(now, &config) && !beat.answered(now, &config));
            let second = beat.next() - now;
            assert!(second >= config.ping_interval / 2 && second <= config.ping_interval, "{second:?}");
            phases.insert(second);
            let due = beat.next();
            assert!(beat.check(due, &config, false) && beat.take());
            beat.answered(due + SECOND, &config);
            assert_eq!(beat.next(), due + config.ping_interval, "the phase is kept");
        }
        assert!(phases.len() > 50);
    }

    #[test]
    fn no_answer_is_an_end_unless_we_did_not_listen() {
        let (start, config) = (Instant::now(), Config::default());
        let mut beat = Beat::new(start, &config);
        beat.check(start + 25 * SECOND, &config, false);
        assert!(beat.take());
        assert!(beat.check(start + 44 * SECOND, &config, false));
        assert!(beat.check(start + 45 * SECOND, &config, true), "we did not read");
        assert!(beat.check(start + 64 * SECOND, &config, false));
        assert!(!beat.check(start + 65 * SECOND, &config, false));
    }
}
