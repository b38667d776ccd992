//! The token endpoint of a mail provider (RFC 6749 §6).

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{
    Fate, Provider,
    server::{Answer, Api, Call},
};

/// The fake; see [`Provider`] for how it fails.
pub type FakeTokens = Provider<Tokens>;

/// What it gives, and what it was asked with.
#[derive(Default)]
pub struct Tokens {
    answer: Mutex<Answer>,
    asked: Mutex<Vec<Call>>,
}

impl FakeTokens {
    /// One that gives this token.
    pub async fn giving(token: &str) -> Self {
        let fake = Self::start(Tokens::default(), 0).await;
        fake.give(token);
        fake
    }

    /// From now on it gives this token.
    pub fn give(&self, token: &str) {
        *self.api().answer.lock() =
            (200, json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}));
    }

    /// From now on it gives none.
    pub fn refuse(&self, status: u16, body: Value) {
        *self.api().answer.lock() = (status, body);
    }

    /// Every request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Call> {
        self.api().asked.lock().clone()
    }
}

impl Api for Tokens {
    fn is_send(&self, _: &Call) -> bool {
        false
    }

    fn send(&self, _: &Call, _: Fate) -> Answer {
        (500, Value::Null)
    }

    async fn other(&self, call: Call) -> Answer {
        self.asked.lock().push(call);
        self.answer.lock().clone()
    }
}
