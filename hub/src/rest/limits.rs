//! How often things may be asked: one bucket for each caller and kind of request, in memory.
//!
//! A bucket is one moment in time (the generic cell rate algorithm): it drifts into the future with
//! every request and is full when it is as far ahead as the burst allows.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use dashmap::DashMap;
use model::{Error, ErrorCode};
use uuid::Uuid;

/// Buckets that are kept before full ones are thrown away.
const SWEEP_ABOVE: usize = 50_000;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Address(IpAddr),
    /// A user or an API key.
    Credential(Uuid),
    /// Anything else, for example an e-mail address that someone tries to sign in with.
    Named(String),
}

/// How many requests in how long a time. The whole number may come at once.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub requests: u32,
    pub period: Duration,
}

impl Rate {
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self { requests, period: Duration::from_mins(1) }
    }

    fn step(self) -> Duration {
        self.period / self.requests.max(1)
    }
}

/// What a bucket says after it was asked.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub limit: u32,
    pub remaining: u32,
    /// Until the bucket is full again.
    pub reset: Duration,
    /// How long to wait, when it was refused.
    pub wait: Option<Duration>,
}

impl Standing {
    /// `RateLimit-Limit`, `-Remaining` and `-Reset` (in seconds), as the IETF draft has them.
    pub fn write(&self, headers: &mut HeaderMap) {
        let mut set = |name: &'static str, value: u64| {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        };
        set("ratelimit-limit", self.limit.into());
        set("ratelimit-remaining", self.remaining.into());
        set("ratelimit-reset", self.reset.as_millis().div_ceil(1000) as u64);
    }

    /// A 429, when it was refused.
    pub fn check(&self) -> Result<(), Error> {
        match self.wait {
            None => Ok(()),
            Some(wait) => Err(Error::new(ErrorCode::RateLimited, "too many requests; wait a moment")
                .with("retry_after_ms", wait.as_millis().max(1) as u64)),
        }
    }
}

/// All buckets of this process.
#[derive(Debug, Default)]
pub struct Limiter(DashMap<(&'static str, Who), Instant>);

impl Limiter {
    /// Takes one request of `kind` out of the caller's bucket.
    pub fn take(&self, kind: &'static str, who: Who, rate: Rate) -> Standing {
        self.ask(kind, who, rate, 1)
    }

    /// How a bucket stands, without taking anything.
    pub fn peek(&self, kind: &'static str, who: Who, rate: Rate) -> Standing {
        self.ask(kind, who, rate, 0)
    }

    fn ask(&self, kind: &'static str, who: Who, rate: Rate, cost: u32) -> Standing {
        let now = Instant::now();
        if self.0.len() > SWEEP_ABOVE {
            self.0.retain(|_, ahead| *ahead > now);
        }
        let step = rate.step();
        let full = step * rate.requests.max(1);
        let mut ahead = self.0.entry((kind, who)).or_insert(now);
        let used = ahead.saturating_duration_since(now);
        let next = used + step * cost.max(1);
        if next > full {
            return Standing {
                limit: rate.requests,
                remaining: 0,
                reset: used,
                wait: Some(next.saturating_sub(full)),
            };
        }
        let used = used + step * cost;
        *ahead = now + used;
        let left = full.saturating_sub(used).as_nanos() / step.as_nanos().max(1);
        let remaining = u32::try_from(left).unwrap_or(u32::MAX);
        Standing { limit: rate.requests, remaining, reset: used, wait: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_says_when_to_come_back() {
        let limiter = Limiter::default();
        let who = || Who::Named("ada".into());
        let rate = Rate::per_minute(3);
        assert_eq!(limiter.peek("login", who(), rate).remaining, 3);
        for left in [2, 1, 0] {
            assert_eq!(limiter.take("login", who(), rate).remaining, left);
        }
        let refused = limiter.take("login", who(), rate);
        let wait = refused.wait.unwrap();
        assert!(wait > Duration::from_secs(19) && wait <= Duration::from_secs(20), "{wait:?}");
        assert_eq!(refused.check().unwrap_err().code, ErrorCode::RateLimited);
        assert!(limiter.take("other", who(), rate).wait.is_none(), "another kind has its own bucket");
        assert!(limiter.take("login", Who::Named("bob".into()), rate).wait.is_none());
    }
}
