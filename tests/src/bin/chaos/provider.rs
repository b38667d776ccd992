//! What the pretend provider was given. It lives in the hubs, a half of it in each, so it is asked all the time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tests::harness::Api;
use tokio::task::JoinHandle;

/// Between two questions.
const EVERY: Duration = Duration::from_millis(200);
/// A hub that is frozen does not keep the other's from being asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most that it gives at once.
const PAGE: usize = 500;

/// Each time that a part of a message was taken: the customer and the text, by the message's id and the part's number.
pub type Taken = BTreeMap<(String, u64), Vec<(String, String)>>;

#[derive(Default)]
struct Half {
    /// The number of the last message that was seen.
    after: u64,
}

struct Shared {
    apis: [Api; 2],
    channel: String,
    halves: [tokio::sync::Mutex<Half>; 2],
    taken: Mutex<Taken>,
}

/// Both halves, and the tasks that ask them.
pub struct Provider {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Provider {
    pub fn watch(apis: [Api; 2], channel: &str) -> Self {
        let shared = Arc::new(Shared {
            apis,
            channel: channel.to_owned(),
            halves: Default::default(),
            taken: Mutex::default(),
        });
        let tasks = (0..2)
            .map(|hub| {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    loop {
                        shared.ask(hub).await;
                        tokio::time::sleep(EVERY).await;
                    }
                })
            })
            .collect();
        Self { shared, tasks }
    }

    /// Asks one half now.
    pub async fn ask(&self, hub: usize) {
        self.shared.ask(hub).await;
    }

    /// Asks both for the last time; what was taken.
    pub async fn end(self) -> Taken {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.ask(0).await;
        self.shared.ask(1).await;
        std::mem::take(&mut *self.shared.taken.lock())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    async fn ask(&self, hub: usize) {
        let mut half = self.halves[hub].lock().await;
        loop {
            let path =
                format!("/v1/channels/{}/sandbox/messages?limit={PAGE}&after={}", self.channel, half.after);
            let request = self.apis[hub].request(reqwest::Method::GET, &path).timeout(PATIENCE);
            // the hub may be gone, or without a database to know us by
            let Ok(reply) = self.apis[hub].try_send(request).await else { return };
            if reply.status != 200 {
                return;
            }
            let data = &reply.body["data"];
            if data["taken"].as_u64().unwrap_or(0) < half.after {
                // it was started again and counts anew
                half.after = 0;
                continue;
            }
            let page = data["messages"].as_array().cloned().unwrap_or_default();
            let mut taken = self.taken.lock();
            for message in &page {
                let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
                let key = (text("message_id"), message["part"].as_u64().unwrap_or(0));
                taken.entry(key).or_default().push((text("to"), text("text")));
                half.after = half.after.max(message["seq"].as_u64().unwrap_or(0));
            }
            if page.len() < PAGE {
                return;
            }
        }
    }
}
