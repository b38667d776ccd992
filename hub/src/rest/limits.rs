//! How often things may be asked: one bucket for each caller and kind of request, counted together by all hubs.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
pub use bus::rates::Rate;
use bus::{Buckets, rates::Ask};
use model::{Error, ErrorCode};
use uuid::Uuid;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Address(IpAddr),
    /// A user or an API key.
    Credential(Uuid),
    /// Anything else, for example an e-mail address that someone tries to sign in with.
    Named(String),
}

impl Who {
    fn key(&self, kind: &str) -> String {
        match self {
            Self::Address(address) => format!("{kind}:{address}"),
            Self::Credential(id) => format!("{kind}:{id}"),
            Self::Named(name) => format!("{kind}:{name}"),
        }
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

/// The buckets of requests.
#[derive(Clone)]
pub struct Limiter(Arc<dyn Buckets>);

impl Limiter {
    pub fn new(buckets: Arc<dyn Buckets>) -> Self {
        Self(buckets)
    }

    /// Takes one request of `kind` out of the caller's bucket.
    pub async fn take(&self, kind: &'static str, who: Who, rate: Rate) -> Standing {
        self.ask(kind, who, rate, 1).await
    }

    /// Takes `cost` out of the caller's bucket at once.
    pub async fn take_many(&self, kind: &'static str, who: Who, rate: Rate, cost: u32) -> Standing {
        self.ask(kind, who, rate, cost).await
    }

    /// How a bucket stands, without taking anything.
    pub async fn peek(&self, kind: &'static str, who: Who, rate: Rate) -> Standing {
        self.ask(kind, who, rate, 0).await
    }

    async fn ask(&self, kind: &'static str, who: Who, rate: Rate, cost: u32) -> Standing {
        let told = self.0.take(&who.key(kind), rate, Ask::All(cost)).await;
        let left = (rate.step() * rate.count.max(1)).saturating_sub(told.used).as_nanos();
        let left = u32::try_from(left / rate.step().as_nanos()).unwrap_or(u32::MAX);
        let remaining = if told.wait.is_some() { 0 } else { left };
        Standing { limit: rate.count, remaining, reset: told.used, wait: told.wait }
    }
}

#[cfg(test)]
mod tests {
    use bus::LocalBuckets;

    use super::*;

    #[tokio::test]
    async fn a_bucket_empties_and_says_when_to_come_back() {
        let limiter = Limiter::new(Arc::new(LocalBuckets::default()));
        let who = || Who::Named("ada".into());
        let rate = Rate::per_minute(3);
        assert_eq!(limiter.peek("login", who(), rate).await.remaining, 3);
        for left in [2, 1, 0] {
            assert_eq!(limiter.take("login", who(), rate).await.remaining, left);
        }
        let refused = limiter.take("login", who(), rate).await;
        let wait = refused.wait.unwrap();
        assert!(wait > Duration::from_secs(19) && wait <= Duration::from_secs(20), "{wait:?}");
        assert_eq!(refused.check().unwrap_err().code, ErrorCode::RateLimited);
        assert!(limiter.take("other", who(), rate).await.wait.is_none(), "another kind has its own bucket");
        assert!(limiter.take("login", Who::Named("bob".into()), rate).await.wait.is_none());
    }
}
