//! A log entry as readers get it: encoded once, as it goes over the wire, whoever reads it and however often.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use bus::LogEntry;
use engine::Frame;
use model::{AccountId, Audience, ConversationId, Direction, Event, UserId, wire::Emitted};
use serde_json::value::RawValue;

use super::{AGENTS, CUSTOMERS, events::Meta};

/// Which log a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogKey {
    /// An account's feed.
    Feed(AccountId),
    /// A conversation's thread.
    Thread(ConversationId),
}

impl std::fmt::Display for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Feed(account) => write!(f, "account:{account}"),
            Self::Thread(conversation) => write!(f, "conversation:{conversation}"),
        }
    }
}

/// An entry of the log with its three faces, each made when it is first asked for.
#[derive(Debug)]
pub struct Entry {
    /// When this node got it.
    pub arrived: Instant,
    recorded: LogEntry,
    feed: OnceLock<Option<Frame>>,
    thread: OnceLock<Option<Frame>>,
    customer: OnceLock<Option<Frame>>,
}

impl Entry {
    #[must_use]
    pub fn new(entry: LogEntry) -> Arc<Self> {
        Arc::new(Self {
            arrived: Instant::now(),
            recorded: entry,
            feed: OnceLock::new(),
            thread: OnceLock::new(),
            customer: OnceLock::new(),
        })
    }

    /// Its number in `key`'s log, if it appears there.
    #[must_use]
    pub fn seq(&self, key: LogKey) -> Option<i64> {
        match key {
            LogKey::Feed(account) if account == self.recorded.account_id => self.recorded.feed_seq,
            LogKey::Thread(conversation) if Some(conversation) == self.recorded.conversation_id => {
                self.recorded.thread_seq
            }
            _ => None,
        }
    }

    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.recorded.account_id
    }

    #[must_use]
    pub fn conversation_id(&self) -> Option<ConversationId> {
        self.recorded.conversation_id
    }

    #[must_use]
    pub fn event(&self) -> &Event {
        &self.recorded.event
    }

    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.recorded.audience
    }

    /// A note, or something about one: only for those who may read notes.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match &*self.recorded.event {
            Event::MessageCreated { message, .. } => message.is_private,
            Event::MessageStatusChanged { is_private, .. } => *is_private,
            _ => false,
        }
    }

    /// A message to the customer.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        match &*self.recorded.event {
            Event::MessageCreated { message, .. } => {
                message.direction == Direction::Outbound && !message.is_private
            }
            _ => false,
        }
    }

    /// The conversation that leaves this user's sight with the entry.
    #[must_use]
    pub fn hides_from(&self, user: UserId) -> Option<ConversationId> {
        match &*self.recorded.event {
            Event::ConversationHidden { conversation_id, users, .. } if users.contains(&user) => {
                Some(*conversation_id)
            }
            _ => None,
        }
    }

    /// As the account's feed shows it to agents.
    #[must_use]
    pub fn in_feed(&self) -> Option<&Frame> {
        let seq = self.recorded.feed_seq?;
        self.feed
            .get_or_init(|| {
                let view = self.recorded.event.feed_view();
                self.encode(AGENTS, LogKey::Feed(self.recorded.account_id), seq, view)
            })
            .as_ref()
    }

    /// As the thread shows it to agents.
    #[must_use]
    pub fn in_thread(&self) -> Option<&Frame> {
        let (conversation, seq) = (self.recorded.conversation_id?, self.recorded.thread_seq?);
        self.thread
            .get_or_init(|| {
                let view = self.recorded.event.thread_view(seq);
                self.encode(AGENTS, LogKey::Thread(conversation), seq, view)
            })
            .as_ref()
    }

    /// As the thread shows it to the customer.
    #[must_use]
    pub fn for_customer(&self) -> Option<&Frame> {
        let (conversation, seq) = (self.recorded.conversation_id?, self.recorded.thread_seq?);
        self.customer
            .get_or_init(|| {
                let view = self.recorded.event.customer_view(seq);
                self.encode(CUSTOMERS, LogKey::Thread(conversation), seq, view)
            })
            .as_ref()
    }

    fn encode(&self, to: &str, log: LogKey, seq: i64, emitted: Option<Emitted>) -> Option<Frame> {
        let (name, payload) = emitted?;
        let meta = Meta { log: log.to_string(), seq, id: self.recorded.id, at: self.recorded.at };
        Some(Frame::event(to, name, &[&raw(&payload), &raw(&meta)]))
    }
}

/// Encodes a payload of ours; these cannot fail (no maps with other keys than strings, no `NaN`s).
#[must_use]
pub fn raw(value: &impl serde::Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|error| {
        tracing::error!(%error, "a payload could not be encoded");
        RawValue::NULL.to_owned()
    })
}
