//! State of clients that were cut, kept for a while under their private ids.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

/// Keeps things for a time, the newest `most` of them.
#[derive(Debug)]
pub struct Shelf<T> {
    state: Mutex<State<T>>,
    time: Duration,
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    things: HashMap<String, (Instant, T)>,
    /// In the order in which they were put; may name some that were taken since.
    order: VecDeque<(Instant, String)>,
}

impl<T> Shelf<T> {
    #[must_use]
    pub fn new(time: Duration, most: usize) -> Self {
        let state = State { things: HashMap::new(), order: VecDeque::new() };
        Self { state: Mutex::new(state), time, most }
    }

    /// Keeps a thing.
    pub fn put(&self, id: String, thing: T) {
        self.put_at(Instant::now(), id, thing);
    }

    /// Takes a thing back, if it is still there.
    pub fn take(&self, id: &str) -> Option<T> {
        self.take_at(Instant::now(), id)
    }

    fn put_at(&self, now: Instant, id: String, thing: T) {
        let mut state = self.state.lock();
        state.order.push_back((now, id.clone()));
        state.things.insert(id, (now, thing));
        while let Some((at, _)) = state.order.front()
            && (now.duration_since(*at) > self.time || state.order.len() > self.most)
        {
            let Some((at, id)) = state.order.pop_front() else { break };
            if state.things.get(&id).is_some_and(|(put, _)| *put == at) {
                state.things.remove(&id);
            }
        }
    }

    fn take_at(&self, now: Instant, id: &str) -> Option<T> {
        let (put, thing) = self.state.lock().things.remove(id)?;
        (now.duration_since(put) <= self.time).then_some(thing)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Shelf;

    #[test]
    fn things_are_taken_once_and_in_time() {
        let (shelf, start) = (Shelf::new(Duration::from_secs(120), 3), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        shelf.put("a".into(), 1);
        assert_eq!((shelf.take("a"), shelf.take("a"), shelf.take("b")), (Some(1), None, None));
        shelf.put_at(start, "a".into(), 2);
        shelf.put_at(after(119), "b".into(), 3);
        assert_eq!((shelf.take_at(after(121), "a"), shelf.take_at(after(121), "b")), (None, Some(3)));
    }

    #[test]
    fn it_holds_so_many_and_no_old_ones() {
        let (shelf, start) = (Shelf::new(Duration::from_secs(120), 3), Instant::now());
        for n in 0..5 {
            shelf.put_at(start, n.to_string(), n);
        }
        let taken: Vec<_> = (0..5).map(|n| shelf.take_at(start, &n.to_string())).collect();
        assert_eq!(taken, [None, None, Some(2), Some(3), Some(4)]);
        shelf.put_at(start, "old".into(), 1);
        shelf.put_at(start + Duration::from_secs(121), "new".into(), 2);
        let state = shelf.state.lock();
        assert_eq!((state.things.len(), state.order.len()), (1, 1));
    }
}
