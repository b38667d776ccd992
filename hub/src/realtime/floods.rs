//! Whose sockets were cut for what they sent. They may come back at once, and are let in a little later: a client that
//! floods or breaks the protocol in a loop would otherwise cost a sign-in and a greeting as often as it likes.

use std::time::Duration;

use dashmap::DashMap;
use tokio::time::Instant;
use uuid::Uuid;

/// How long after the cut they are let in again.
const PAUSE: Duration = Duration::from_secs(1);
/// So many are remembered before those are looked for who need not be.
const MANY: usize = 1000;

/// People, by user or visitor, who have to wait.
#[derive(Debug)]
pub struct Floods {
    until: DashMap<Uuid, Instant>,
    pause: Duration,
}

impl Default for Floods {
    fn default() -> Self {
        Self { until: DashMap::new(), pause: PAUSE }
    }
}

impl Floods {
    /// A socket of theirs is cut for what it sent.
    pub fn note(&self, person: Uuid) {
        let now = Instant::now();
        if self.until.len() >= MANY {
            self.until.retain(|_, until| *until > now);
        }
        self.until.insert(person, now + self.pause);
    }

    /// Returns when they may be let in.
    pub async fn passed(&self, person: Uuid) {
        let until = self.until.get(&person).map(|until| *until);
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
            self.until.remove_if(&person, |_, noted| *noted <= until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    fn floods() -> Floods {
        Floods { until: DashMap::new(), pause: SHORT }
    }

    #[tokio::test]
    async fn who_was_cut_for_a_flood_waits_once_and_nobody_else_does() {
        let (floods, eve, ada) = (floods(), Uuid::new_v4(), Uuid::new_v4());
        let began = Instant::now();
        floods.note(eve);
        floods.passed(ada).await;
        assert!(began.elapsed() < SHORT);
        floods.passed(eve).await;
        assert!(began.elapsed() >= SHORT);
        assert!(floods.until.is_empty());
    }

    #[tokio::test]
    async fn those_who_never_come_back_are_forgotten() {
        let floods = floods();
        for _ in 0..MANY {
            floods.note(Uuid::new_v4());
        }
        tokio::time::sleep(2 * SHORT).await;
        floods.note(Uuid::new_v4());
        assert_eq!(floods.until.len(), 1);
    }
}
