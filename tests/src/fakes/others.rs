//! Meta's, Africa's Talking's, Vonage's and MessageBird's APIs, and one of nobody in particular, as far as the hub
//! uses them. They differ in their paths, so that one server plays all.

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{
    Entry, Fate, Journal, Provider,
    server::{Answer, Api, Call},
};

/// The fake; see [`Provider`] for how it fails.
pub type FakeProviders = Provider<Providers>;

/// What was sent, by whichever API.
#[derive(Default)]
pub struct Providers {
    journal: Journal,
    last: Mutex<u64>,
    signals: Mutex<Vec<Value>>,
    /// Signals are refused with this status.
    deaf: Mutex<Option<u16>>,
}

impl FakeProviders {
    pub async fn run(seed: u64) -> Self {
        Self::start(Providers::default(), seed).await
    }

    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.api().journal
    }

    /// What was said that is no message, in order: that somebody read, that somebody types.
    #[must_use]
    pub fn signals(&self) -> Vec<Value> {
        self.api().signals.lock().clone()
    }

    /// Refuses signals with this status from now on; they are noted all the same.
    pub fn refuse_signals(&self, status: Option<u16>) {
        *self.api().deaf.lock() = status;
    }
}

/// Meta takes them where it takes messages.
fn is_signal(call: &Call) -> bool {
    let body = call.json();
    call.path.starts_with("/v26.0/") && (body["sender_action"].is_string() || body["status"] == "read")
}

/// Recipient and text of a send, and the answer for an id.
struct Said {
    to: String,
    text: String,
    answer: fn(&str, &str) -> Value,
}

fn read(call: &Call) -> Said {
    let body = call.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let plus = |digits: String| format!("+{}", digits.trim_start_matches('+'));
    match call.path.as_str() {
        path if path.starts_with("/v26.0/") && body["recipient"].is_object() => Said {
            to: text(&body["recipient"]["id"]),
            text: text(&body["message"]["text"]),
            answer: |to, id| json!({"recipient_id": to, "message_id": id}),
        },
        path if path.starts_with("/v26.0/") => Said {
            to: plus(text(&body["to"])),
            text: text(&body["text"]["body"]),
            answer: |to, id| json!({"messages": [{"id": id}], "contacts": [{"input": to}]}),
        },
        "/version1/messaging" => Said {
            to: call.field("to").unwrap_or_default(),
            text: call.field("message").unwrap_or_default(),
            answer: |to, id| {
                json!({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [
                    {"statusCode": 101, "number": to, "status": "Success", "cost": "KES 0.8000", "messageId": id}]}})
            },
        },
        "/sms/json" => Said {
            to: plus(call.field("to").unwrap_or_default()),
            text: call.field("text").unwrap_or_default(),
            answer: |_, id| json!({"message-count": "1", "messages": [{"status": "0", "message-id": id}]}),
        },
        "/messages" => Said {
            to: plus(text(&body["recipients"][0])),
            text: text(&body["body"]),
            answer: |_, id| json!({"id": id, "recipients": {"items": [{"status": "sent", "messagePartCount": 1}]}}),
        },
        _ => Said {
            to: text(&body["to"]),
            text: text(&body["text"]),
            answer: |_, id| json!({"status": "ok", "id": id}),
        },
    }
}

impl Api for Providers {
    fn is_send(&self, call: &Call) -> bool {
        let ends = ["/messages", "/version1/messaging", "/sms/json", "/send"];
        call.method == http::Method::POST
            && !is_signal(call)
            && ends.iter().any(|end| call.path.ends_with(end))
    }

    fn send(&self, call: &Call, fate: Fate) -> Answer {
        let said = read(call);
        let mut last = self.last.lock();
        *last += 1;
        let made = format!("out-{}", *last);
        let id = if fate.is_taken() { made.clone() } else { String::new() };
        let body = match call.json() {
            Value::Null => String::from_utf8_lossy(&call.body).into_owned().into(),
            body => body,
        };
        self.journal.write(Entry { id, to: said.to.clone(), text: said.text, body, fate });
        drop(last);
        match fate {
            Fate::Refused(status) => (status, json!({"error": "told to fail"})),
            _ => (200, (said.answer)(&said.to, &made)),
        }
    }

    async fn other(&self, call: Call) -> Answer {
        if is_signal(&call) {
            self.signals.lock().push(call.json());
            return match *self.deaf.lock() {
                Some(status) => (status, json!({"error": {"message": "told to fail", "code": 4}})),
                None => (200, json!({"success": true})),
            };
        }
        let answer = match call.path.as_str() {
            path if path.ends_with("/media") => json!({"id": "700000000000007"}),
            "/v26.0/me" => json!({"id": "300000000000003", "name": "Acme"}),
            "/version1/user" => json!({"UserData": {"balance": "KES 1785.50"}}),
            "/account/get-balance" => json!({"value": 10.28, "autoReload": false}),
            "/balance" => json!({"payment": "prepaid", "type": "credits", "amount": 9.2}),
            "/v26.0/200000000000002/message_templates" => json!({"data": [
                {"id": "594", "name": "order_update", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
                 "components": [{"type": "BODY", "text": "Hello {{first_name}}"}]}]}),
            _ => json!({"success": true, "display_phone_number": "+1 555 000 1111", "verified_name": "Acme"}),
        };
        (200, answer)
    }
}
