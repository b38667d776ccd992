//! The Bot API as far as the hub uses it, for any number of bots.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    Entry, Fate, Journal, Provider,
    server::{Answer, Api, Call},
};

/// The fake; see [`Provider`] for how it fails.
pub type FakeTelegram = Provider<Telegram>;

/// What the bots know.
#[derive(Default)]
pub struct Telegram {
    journal: Journal,
    state: Mutex<State>,
    news: Notify,
}

#[derive(Default)]
struct State {
    last_message: i64,
    last_update: i64,
    /// By token: address and secret.
    webhooks: HashMap<String, (String, String)>,
    /// By token: updates that nobody has confirmed.
    updates: HashMap<String, Vec<Value>>,
}

impl FakeTelegram {
    pub async fn run(seed: u64) -> Self {
        Self::start(Telegram::default(), seed).await
    }

    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.api().journal
    }

    /// The address and the secret that a bot's webhook was registered with.
    #[must_use]
    pub fn webhook(&self, token: &str) -> Option<(String, String)> {
        self.api().state.lock().webhooks.get(token).cloned()
    }

    /// An update for a bot that polls.
    pub fn push_update(&self, token: &str, chat: i64, text: &str) {
        let update = self.update(chat, text);
        self.api().state.lock().updates.entry(token.to_owned()).or_default().push(update);
        self.api().news.notify_waiters();
    }

    /// An update with the next number: this customer writes this in their private chat.
    #[must_use]
    pub fn update(&self, chat: i64, text: &str) -> Value {
        let mut state = self.api().state.lock();
        state.last_update += 1;
        state.last_message += 1;
        update(state.last_update, state.last_message, chat, text)
    }
}

/// An update as Telegram writes it.
#[must_use]
pub fn update(update_id: i64, message_id: i64, chat: i64, text: &str) -> Value {
    json!({
        "update_id": update_id,
        "message": {
            "message_id": message_id, "date": 1_700_000_000 + update_id, "text": text,
            "from": {"id": chat, "is_bot": false, "first_name": format!("Customer {chat}"), "language_code": "en"},
            "chat": {"id": chat, "type": "private", "first_name": format!("Customer {chat}")},
        },
    })
}

/// Token and method of `/bot<token>/<method>`.
fn parts(call: &Call) -> Option<(&str, &str)> {
    call.path.strip_prefix("/bot")?.split_once('/')
}

fn refused(code: u16) -> Answer {
    let mut body = json!({"ok": false, "error_code": code, "description": "told to fail"});
    if code == 429 {
        body["parameters"] = json!({"retry_after": 1});
    }
    (code, body)
}

impl Api for Telegram {
    fn is_send(&self, call: &Call) -> bool {
        parts(call).is_some_and(|(_, method)| method.starts_with("send") && method != "sendChatAction")
    }

    fn send(&self, call: &Call, fate: Fate) -> Answer {
        let body = call.json();
        let chat = body["chat_id"].as_i64().unwrap_or_default();
        let text = body["text"].as_str().or_else(|| body["caption"].as_str()).unwrap_or_default().to_owned();
        let mut state = self.state.lock();
        let id = if fate.is_taken() {
            state.last_message += 1;
            state.last_message
        } else {
            0
        };
        // under the lock, so that ids and journal have one order
        let name = if id == 0 { String::new() } else { format!("{chat}:{id}") };
        self.journal.write(Entry { id: name, to: chat.to_string(), text: text.clone(), body, fate });
        drop(state);
        match fate {
            Fate::Refused(code) => refused(code),
            _ => {
                let result = json!({
                    "message_id": id, "date": 1_700_000_000, "text": text,
                    "chat": {"id": chat, "type": "private"},
                });
                (200, json!({"ok": true, "result": result}))
            }
        }
    }

    async fn other(&self, call: Call) -> Answer {
        let Some((token, method)) = parts(&call) else { return refused(404) };
        let body = call.json();
        let result = match method {
            "getMe" => {
                let id: i64 = token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
                json!({"id": id, "is_bot": true, "first_name": "Test bot", "username": format!("bot{id}")})
            }
            "setWebhook" => {
                let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                let webhook = (text("url"), text("secret_token"));
                self.state.lock().webhooks.insert(token.to_owned(), webhook);
                json!(true)
            }
            "deleteWebhook" => {
                self.state.lock().webhooks.remove(token);
                json!(true)
            }
            "getWebhookInfo" => {
                let url = self.state.lock().webhooks.get(token).map(|(url, _)| url.clone());
                json!({"url": url.unwrap_or_default(), "pending_update_count": 0})
            }
            "sendChatAction" => json!(true),
            "getUpdates" => return self.updates(token, &body).await,
            _ => return refused(404),
        };
        (200, json!({"ok": true, "result": result}))
    }
}

impl Telegram {
    async fn updates(&self, token: &str, body: &Value) -> Answer {
        let offset = body["offset"].as_i64().unwrap_or(0);
        let patience = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0));
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let news = self.news.notified();
            let waiting = {
                let mut state = self.state.lock();
                let updates = state.updates.entry(token.to_owned()).or_default();
                updates.retain(|update| update["update_id"].as_i64() >= Some(offset));
                updates.clone()
            };
            if !waiting.is_empty() {
                return (200, json!({"ok": true, "result": waiting}));
            }
            if tokio::time::timeout_at(deadline, news).await.is_err() {
                return (200, json!({"ok": true, "result": []}));
            }
        }
    }
}
