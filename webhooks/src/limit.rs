//! How many webhooks of one channel are looked at.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use moka::sync::Cache;
use parking_lot::Mutex;
use std::sync::Arc;

/// A bucket of tokens for each key, of one second's worth.
pub(crate) struct Limiter<K> {
    per_second: f64,
    buckets: Cache<K, Arc<Mutex<Bucket>>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl<K: Eq + Hash + Clone + Send + Sync + 'static> Limiter<K> {
    pub(crate) fn new(per_second: u32) -> Self {
        let buckets = Cache::builder().max_capacity(50_000).time_to_idle(Duration::from_mins(1)).build();
        Self { per_second: f64::from(per_second), buckets }
    }

    /// Takes a token; `false`: too many at once.
    pub(crate) fn take(&self, key: &K) -> bool {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: &K, now: Instant) -> bool {
        let full = self.per_second;
        let bucket =
            self.buckets.get_with_by_ref(key, || Arc::new(Mutex::new(Bucket { tokens: full, at: now })));
        let mut bucket = bucket.lock();
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * full).min(full);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_refilled_with_time_and_keys_do_not_share() {
        let limiter = Limiter::new(2);
        let start = Instant::now();
        assert!(limiter.take_at(&"a", start) && limiter.take_at(&"a", start));
        assert!(!limiter.take_at(&"a", start));
        assert!(limiter.take_at(&"b", start));
        assert!(limiter.take_at(&"a", start + Duration::from_millis(500)));
        assert!(!limiter.take_at(&"a", start + Duration::from_millis(500)));
    }
}
