//! Where the time comes from. Code takes a `Clock`, never the system's time, so that a test can set it.
//! A running hub's follows the database's clock (`bus::StoreClock`); leases ask that in SQL.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, Utc};

/// A moment in UTC.
pub type Time = DateTime<Utc>;

/// A source of the present time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Time;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine")]
    fn now(&self) -> Time {
        Utc::now()
    }
}

/// A clock that a test moves: the machine's time plus an offset.
#[derive(Debug, Clone, Default)]
pub struct TestClock {
    offset_ms: Arc<AtomicI64>,
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.offset_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// Moves the clock so that it now reads `to`.
    pub fn set(&self, to: Time) {
        self.offset_ms.store((to - SystemClock.now()).num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        SystemClock.now() + Duration::milliseconds(self.offset_ms.load(Ordering::SeqCst))
    }
}
