//! One timing wheel for all deadlines of a server: a deadline costs a list entry, not a timer.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use futures::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior};

const SLOTS: usize = 512;
const NEVER: u64 = u64::MAX;

/// The task of one connection, as others reach it.
#[derive(Debug)]
pub(crate) struct Handle {
    pub waker: AtomicWaker,
    alarm: Mutex<Alarm>,
}

#[derive(Debug)]
struct Alarm {
    /// The tick at which the task is woken.
    due: u64,
    /// The tick at which the wheel looks at it; never later than `due`.
    looked_at: u64,
}

impl Handle {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            waker: AtomicWaker::new(),
            alarm: Mutex::new(Alarm { due: NEVER, looked_at: NEVER }),
        })
    }
}

/// Deadlines in slots, one slot a tick.
#[derive(Debug)]
pub(crate) struct Wheel {
    start: Instant,
    tick: Duration,
    slots: Box<[Mutex<Slot>]>,
}

/// Who is looked at, and at which tick: a slot serves every 512th.
type Slot = Vec<(u64, Arc<Handle>)>;

impl Wheel {
    pub fn new(tick: Duration) -> Arc<Self> {
        let slots = std::iter::repeat_with(Mutex::default).take(SLOTS).collect();
        Arc::new(Self { start: Instant::now(), tick, slots })
    }

    /// Turns the wheel until nobody else holds it.
    pub fn turn(self: &Arc<Self>) {
        let wheel = Arc::downgrade(self);
        let mut clock = tokio::time::interval(self.tick);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::spawn(async move {
            let mut done = 0;
            loop {
                clock.tick().await;
                let Some(wheel) = Weak::upgrade(&wheel) else { return };
                let now = wheel.ticks(wheel.start.elapsed());
                while done < now {
                    done += 1;
                    wheel.fire(done);
                }
            }
        });
    }

    fn ticks(&self, time: Duration) -> u64 {
        (time.as_micros() / self.tick.as_micros()) as u64
    }

    /// Wakes the handle's task at the first tick at or after `at`, and forgets what was set before.
    pub fn set(&self, handle: &Arc<Handle>, at: Instant) {
        let since = at.saturating_duration_since(self.start);
        let next = self.ticks(self.start.elapsed()) + 1;
        let due = (self.ticks(since) + 1).max(next);
        let mut alarm = handle.alarm.lock();
        alarm.due = due;
        if due < alarm.looked_at {
            alarm.looked_at = due;
            self.slots[due as usize % SLOTS].lock().push((due, Arc::clone(handle)));
        }
    }

    fn fire(&self, tick: u64) {
        let slot = &self.slots[tick as usize % SLOTS];
        let mut now = Vec::new();
        slot.lock().retain(|(at, handle)| {
            let later = *at > tick;
            if !later {
                now.push((*at, Arc::clone(handle)));
            }
            later
        });
        for (at, handle) in now {
            let mut alarm = handle.alarm.lock();
            if alarm.looked_at != at {
                // an earlier look replaced this one
                continue;
            }
            if alarm.due <= tick {
                (alarm.due, alarm.looked_at) = (NEVER, NEVER);
                drop(alarm);
                handle.waker.wake();
            } else {
                let due = alarm.due;
                alarm.looked_at = due;
                self.slots[due as usize % SLOTS].lock().push((due, Arc::clone(&handle)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Wake, Waker},
        time::Duration,
    };

    use tokio::time::Instant;

    use super::{Handle, Wheel};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn watched() -> (Arc<Handle>, Arc<Count>) {
        let (handle, count) = (Handle::new(), Arc::new(Count::default()));
        handle.waker.register(&Waker::from(Arc::clone(&count)));
        (handle, count)
    }

    const TICK: Duration = Duration::from_millis(10);

    /// Fires one tick after the other and returns the one that woke.
    fn woken_at(wheel: &Wheel, count: &Count, from: u64, to: u64) -> Option<u64> {
        (from..=to).find(|tick| {
            let before = count.0.load(Ordering::Relaxed);
            wheel.fire(*tick);
            count.0.load(Ordering::Relaxed) > before
        })
    }

    #[test]
    fn a_deadline_wakes_once_and_not_early() {
        let wheel = Wheel::new(TICK);
        for wait in [0u64, 5, 10, 25, 5119, 5120, 5121, 20_000] {
            let (handle, count) = watched();
            let at = wheel.start + Duration::from_millis(wait);
            wheel.set(&handle, at);
            let tick = woken_at(&wheel, &count, 0, 3000).unwrap();
            assert!(tick * 10 >= wait && tick * 10 <= wait + 20, "{wait} ms at tick {tick}");
            assert_eq!(woken_at(&wheel, &count, tick + 1, 4000), None);
        }
    }

    #[test]
    fn the_last_deadline_set_counts() {
        let wheel = Wheel::new(TICK);
        let (handle, count) = watched();
        let after = |ms| wheel.start + Duration::from_millis(ms);
        wheel.set(&handle, after(1000));
        wheel.set(&handle, after(7000));
        assert_eq!(woken_at(&wheel, &count, 0, 690), None, "it was moved to later");
        wheel.set(&handle, after(6910));
        assert_eq!(woken_at(&wheel, &count, 691, 2000), Some(692));
        let (handle, count) = watched();
        wheel.set(&handle, after(9000));
        wheel.set(&handle, after(50));
        assert_eq!(woken_at(&wheel, &count, 0, 2000), Some(6), "it was moved to earlier");
        handle.waker.register(&Waker::from(Arc::clone(&count)));
        wheel.set(&handle, after(100));
        assert_eq!(woken_at(&wheel, &count, 7, 2000), Some(11));
        assert_eq!(woken_at(&wheel, &count, 12, 2000), None, "what was moved does not wake again");
    }

    #[tokio::test]
    async fn it_turns_by_itself_until_it_is_dropped() {
        let wheel = Wheel::new(Duration::from_millis(5));
        wheel.turn();
        let (handle, count) = watched();
        wheel.set(&handle, Instant::now() + Duration::from_millis(20));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        let gone = Arc::downgrade(&wheel);
        drop(wheel);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(gone.upgrade().is_none());
    }
}
