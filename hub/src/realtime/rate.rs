//! The command rate of one socket: a token bucket, and a notice of floods.

use std::time::Duration;

use tokio::time::Instant;

/// What becomes of a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// Refused; it may be sent again after this.
    Wait(Duration),
    /// Ten times the rate for five seconds: the socket is closed.
    Flood,
}

const WINDOW: Duration = Duration::from_secs(5);

/// The bucket of one socket.
#[derive(Debug)]
pub struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled: Instant,
    window: Instant,
    seen: f64,
}

impl Bucket {
    #[must_use]
    pub fn new(rate: f64, burst: f64, now: Instant) -> Self {
        Self { rate, burst, tokens: burst, filled: now, window: now, seen: 0.0 }
    }

    /// Counts one command.
    pub fn take(&mut self, now: Instant) -> Verdict {
        if now.duration_since(self.window) >= WINDOW {
            (self.window, self.seen) = (now, 0.0);
        }
        self.seen += 1.0;
        if self.seen > self.burst + self.rate * 10.0 * WINDOW.as_secs_f64() {
            return Verdict::Flood;
        }
        self.tokens =
            self.rate.mul_add(now.duration_since(self.filled).as_secs_f64(), self.tokens).min(self.burst);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Verdict::Pass;
        }
        Verdict::Wait(Duration::from_secs_f64((1.0 - self.tokens) / self.rate.max(0.001)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Bucket, Verdict};

    #[test]
    fn a_burst_passes_and_then_the_rate_counts() {
        let start = Instant::now();
        let mut bucket = Bucket::new(6.0, 30.0, start);
        for _ in 0..30 {
            assert_eq!(bucket.take(start), Verdict::Pass);
        }
        let Verdict::Wait(wait) = bucket.take(start) else { panic!("the bucket is empty") };
        assert!(wait <= Duration::from_millis(167), "{wait:?}");
        assert_eq!(bucket.take(start + wait), Verdict::Pass);
    }

    #[test]
    fn ten_times_the_rate_is_a_flood() {
        let start = Instant::now();
        let mut bucket = Bucket::new(6.0, 30.0, start);
        let verdicts: Vec<Verdict> = (0..400).map(|_| bucket.take(start)).collect();
        assert!(verdicts[..330].iter().all(|verdict| *verdict != Verdict::Flood));
        assert_eq!(verdicts[330], Verdict::Flood);
        assert_eq!(bucket.take(start + Duration::from_secs(60)), Verdict::Pass, "a new window");
    }
}
