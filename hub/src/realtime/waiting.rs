//! The ordered inbox of a connection: commands wait here for their turn, one at a time.
//!
//! The engine hands events over in the order of the client, and reads none of it while the inbox is full.

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
    pub ack: Option<u64>,
}

/// What becomes of a command that arrived.
#[derive(Debug)]
pub enum Arrived {
    Waits,
    /// Answer this now.
    Refused(Error),
    /// The socket is closed.
    Flood,
}

struct State {
    queue: VecDeque<Command>,
    commands: Bucket,
    typing: Bucket,
}

/// Commands that wait for their turn.
pub struct Waiting {
    state: Mutex<State>,
    notify: Notify,
    full: usize,
}

impl Waiting {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let now = Instant::now();
        let bucket = || Bucket::new(config.command_rate, config.command_burst, now);
        Self {
            state: Mutex::new(State { queue: VecDeque::new(), commands: bucket(), typing: bucket() }),
            notify: Notify::new(),
            full: config.inbox,
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
        state.queue.push_back(command);
        drop(state);
        self.notify.notify_one();
        Arrived::Waits
    }

    /// Whether another command may wait.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.state.lock().queue.len() < self.full
    }

    /// The next command.
    pub async fn next(&self) -> Command {
        loop {
            if let Some(command) = self.state.lock().queue.pop_front() {
                return command;
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
    async fn commands_keep_their_order_and_have_so_much_room() {
        let config = Config { command_rate: 1e9, command_burst: 1e9, inbox: 4, ..Config::default() };
        let waiting = Waiting::new(&config);
        let now = Instant::now();
        for n in 0..4 {
            assert!(waiting.has_room());
            assert!(matches!(waiting.push(command(n), now), Arrived::Waits));
        }
        assert!(!waiting.has_room());
        for n in 0..4 {
            assert_eq!(waiting.next().await.name, n.to_string());
            assert!(waiting.has_room());
        }
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
