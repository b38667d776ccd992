//! The ordered inbox of a connection: commands wait here for their turn, one at a time.
//!
//! The engine's reader pushes synchronously, so the order is the client's. A full inbox pauses the
//! reading of the transport; what was read before still fits.

use std::{collections::VecDeque, time::Duration};

use model::{Error, ErrorCode};
use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::{sync::Notify, time::Instant};

use super::{
    config::Config,
    metrics,
    rate::{Bucket, Verdict},
};

/// One event of a client.
#[derive(Debug)]
pub struct Command {
    pub name: String,
    /// The first argument; null when there is none.
    pub payload: Box<RawValue>,
    /// The number to answer under, if the client asked for an answer.
    pub ack: Option<i64>,
}

/// What becomes of a command that arrived.
#[derive(Debug)]
pub enum Arrived {
    Waits,
    /// It waits, and the inbox is full: stop reading.
    Full,
    /// Answer this now.
    Refused(Error),
    /// The socket is closed.
    Flood,
}

struct State {
    queue: VecDeque<Command>,
    paused: bool,
    commands: Bucket,
    typing: Bucket,
}

/// Commands that wait for their turn.
pub struct Waiting {
    state: Mutex<State>,
    notify: Notify,
    full: usize,
    most: usize,
}

impl Waiting {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let now = Instant::now();
        let bucket = || Bucket::new(config.command_rate, config.command_burst, now);
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                paused: false,
                commands: bucket(),
                typing: bucket(),
            }),
            notify: Notify::new(),
            full: config.inbox,
            // one read of the transport may hold this many small packets beyond the mark
            most: config.inbox * 16,
        }
    }

    /// Counts a command and lets it wait.
    pub fn push(&self, command: Command, now: Instant) -> Arrived {
        let mut state = self.state.lock();
        let bucket = if command.name.starts_with("conversation:typing:") {
            &mut state.typing
        } else {
            &mut state.commands
        };
        match bucket.take(now) {
            Verdict::Pass => {}
            Verdict::Wait(wait) => {
                metrics::refused("rate");
                return Arrived::Refused(limited(wait));
            }
            Verdict::Flood => {
                metrics::killed("flood");
                return Arrived::Flood;
            }
        }
        if state.queue.len() >= self.most {
            metrics::refused("full");
            return Arrived::Refused(limited(Duration::from_millis(200)));
        }
        state.queue.push_back(command);
        let full = state.queue.len() >= self.full && !state.paused;
        state.paused |= full;
        drop(state);
        self.notify.notify_one();
        if full { Arrived::Full } else { Arrived::Waits }
    }

    /// The next command, and whether the transport may be read again.
    pub async fn next(&self) -> (Command, bool) {
        loop {
            {
                let mut state = self.state.lock();
                if let Some(command) = state.queue.pop_front() {
                    let resume = state.paused && state.queue.len() <= self.full / 2;
                    state.paused &= !resume;
                    return (command, resume);
                }
            }
            self.notify.notified().await;
        }
    }
}

fn limited(wait: Duration) -> Error {
    Error::new(ErrorCode::RateLimited, "too many commands on this socket: send slower")
        .with("retry_after_ms", wait.as_millis().max(1) as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use tokio::time::Instant;

    use super::{Arrived, Command, Waiting};
    use crate::realtime::config::Config;

    fn command(n: usize) -> Command {
        Command { name: n.to_string(), payload: RawValue::NULL.to_owned(), ack: None }
    }

    #[tokio::test]
    async fn commands_keep_their_order_and_a_full_inbox_pauses_once() {
        let config = Config { command_rate: 1e9, command_burst: 1e9, inbox: 4, ..Config::default() };
        let waiting = Waiting::new(&config);
        let now = Instant::now();
        let arrived: Vec<Arrived> = (0..6).map(|n| waiting.push(command(n), now)).collect();
        assert_eq!(arrived.iter().filter(|arrived| matches!(arrived, Arrived::Full)).count(), 1);
        assert!(matches!(arrived[3], Arrived::Full));
        let mut resumed = Vec::new();
        for n in 0..6 {
            let (next, resume) = waiting.next().await;
            assert_eq!(next.name, n.to_string());
            resumed.push(resume);
        }
        assert_eq!(resumed, [false, false, false, true, false, false], "when half of it is done");
    }

    #[test]
    fn typing_has_a_bucket_of_its_own() {
        let config = Config { command_rate: 0.1, command_burst: 1.0, ..Config::default() };
        let waiting = Waiting::new(&config);
        let now = Instant::now();
        assert!(matches!(waiting.push(command(1), now), Arrived::Waits));
        let Arrived::Refused(error) = waiting.push(command(2), now) else { panic!("the bucket is empty") };
        assert!(error.details["retry_after_ms"].as_u64().is_some());
        let typing = Command {
            name: "conversation:typing:start".into(),
            payload: RawValue::NULL.to_owned(),
            ack: None,
        };
        assert!(matches!(waiting.push(typing, now), Arrived::Waits));
    }
}
