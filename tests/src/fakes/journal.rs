//! What a fake provider was asked to send, in the order in which it was asked.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde_json::Value;

/// What became of a request to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Taken and answered.
    Taken,
    /// Taken, and the connection cut before the answer.
    TakenThenCut,
    /// Not taken: the connection was cut after the request had been read.
    CutUntaken,
    /// Not taken, and the answer said so.
    Refused(u16),
}

impl Fate {
    /// Whether the customer got it.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Taken | Self::TakenThenCut)
    }
}

/// One request to send.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The provider's id of the message; empty if it was not taken.
    pub id: String,
    /// The recipient: chat or number.
    pub to: String,
    pub text: String,
    /// The whole request.
    pub body: Value,
    pub fate: Fate,
}

/// Every request to send, in order.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Vec<Entry>>);

impl Journal {
    pub fn write(&self, entry: Entry) {
        self.0.lock().push(entry);
    }

    #[must_use]
    pub fn all(&self) -> Vec<Entry> {
        self.0.lock().clone()
    }

    /// What reached customers.
    #[must_use]
    pub fn taken(&self) -> Vec<Entry> {
        self.0.lock().iter().filter(|entry| entry.fate.is_taken()).cloned().collect()
    }

    /// What reached one customer.
    #[must_use]
    pub fn taken_by(&self, to: &str) -> Vec<Entry> {
        let theirs = |entry: &&Entry| entry.fate.is_taken() && entry.to == to;
        self.0.lock().iter().filter(theirs).cloned().collect()
    }

    /// Texts that reached each recipient, in order.
    #[must_use]
    pub fn by_recipient(&self) -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in self.taken() {
            all.entry(entry.to).or_default().push(entry.text);
        }
        all
    }

    /// How many requests were cut after they had been read.
    #[must_use]
    pub fn cut(&self) -> usize {
        let cut = |entry: &&Entry| matches!(entry.fate, Fate::TakenThenCut | Fate::CutUntaken);
        self.0.lock().iter().filter(cut).count()
    }
}
