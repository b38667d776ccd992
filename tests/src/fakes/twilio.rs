//! Twilio's Messages API as far as the hub uses it, for any account.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha1::Sha1;

use super::{
    Entry, Fate, Journal, Provider,
    server::{Answer, Api, Call},
};

/// The fake; see [`Provider`] for how it fails.
pub type FakeTwilio = Provider<Twilio>;

/// What was sent.
#[derive(Default)]
pub struct Twilio {
    journal: Journal,
    last: Mutex<u64>,
    /// Auth tokens that it knows; none: any.
    tokens: Mutex<Vec<String>>,
}

impl FakeTwilio {
    pub async fn run(seed: u64) -> Self {
        Self::start(Twilio::default(), seed).await
    }

    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.api().journal
    }

    /// From now on requests need one of these auth tokens.
    pub fn know(&self, tokens: &[&str]) {
        *self.api().tokens.lock() = tokens.iter().map(|token| (*token).to_owned()).collect();
    }
}

/// What Twilio puts into `X-Twilio-Signature`: HMAC-SHA1 with the auth token over the public address and the
/// sorted names and values of the form, in base64.
#[must_use]
pub fn signature(auth_token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut sorted = form.to_vec();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn refused(code: u16) -> Answer {
    let twilio = if code == 429 { 20429 } else { 20503 };
    (code, json!({"code": twilio, "message": "told to fail", "status": code}))
}

fn unauthenticated() -> Answer {
    (401, json!({"code": 20003, "message": "Authenticate", "status": 401}))
}

impl Api for Twilio {
    fn is_send(&self, call: &Call) -> bool {
        call.method == http::Method::POST && call.path.ends_with("/Messages.json")
    }

    fn send(&self, call: &Call, fate: Fate) -> Answer {
        let form: serde_json::Map<String, Value> = url::form_urlencoded::parse(&call.body)
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        let body = Value::Object(form);
        if !self.knows(call) {
            let (to, text) = (body["To"].as_str().unwrap_or_default().to_owned(), String::new());
            self.journal.write(Entry { id: String::new(), to, text, body, fate: Fate::Refused(401) });
            return unauthenticated();
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let mut last = self.last.lock();
        *last += 1;
        let sid = format!("SM{:032x}", *last);
        let id = if fate.is_taken() { sid.clone() } else { String::new() };
        self.journal.write(Entry { id, to: text("To"), text: text("Body"), body: body.clone(), fate });
        drop(last);
        match fate {
            Fate::Refused(code) => refused(code),
            _ => (201, json!({"sid": sid, "status": "queued", "num_segments": "1", "to": text("To")})),
        }
    }

    async fn other(&self, call: Call) -> Answer {
        if call.authorization.is_none() || !self.knows(&call) {
            return unauthenticated();
        }
        if call.path.ends_with("/Balance.json") {
            return (200, json!({"balance": "10.00", "currency": "USD"}));
        }
        if call.path.ends_with("/Messages.json") {
            return (200, json!({"messages": self.listed(&call)}));
        }
        (200, json!({"friendly_name": "Test account", "status": "active", "type": "Full"}))
    }
}

impl Twilio {
    fn knows(&self, call: &Call) -> bool {
        let tokens = self.tokens.lock();
        let given = call.authorization.as_deref().and_then(|given| given.strip_prefix("Basic "));
        let given = given.and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        let given = String::from_utf8_lossy(&given);
        tokens.is_empty() || tokens.iter().any(|token| given.ends_with(&format!(":{token}")))
    }

    fn listed(&self, call: &Call) -> Vec<Value> {
        let to = url::form_urlencoded::parse(call.query.as_bytes())
            .find(|(name, _)| name == "To")
            .map(|(_, to)| to.into_owned());
        let now = chrono::DateTime::<chrono::Utc>::from(tokio_now()).to_rfc2822();
        let messages = to.map(|to| self.journal.taken_by(&to)).unwrap_or_default();
        messages
            .into_iter()
            .map(|entry| {
                json!({
                    "sid": entry.id, "body": entry.text, "to": entry.to, "status": "sent",
                    "direction": "outbound-api", "date_created": now,
                })
            })
            .collect()
    }
}

/// The fake has no clock of its own to set.
fn tokio_now() -> std::time::SystemTime {
    #[expect(clippy::disallowed_methods, reason = "a provider tells its own time")]
    std::time::SystemTime::now()
}
