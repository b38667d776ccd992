//! A log entry as readers get it: encoded once, as it goes over the wire, whoever reads it and however often.

use std::{sync::Arc, time::Instant};

use bus::LogEntry;
use engine::Frame;
use model::{AccountId, Audience, ConversationId, Direction, Event, Time, UserId, wire::Emitted};
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

/// An entry of one log: what its readers are sent, and what decides who they are. The event itself is let go,
/// so that a ring holds bytes.
#[derive(Debug)]
pub struct Entry {
    /// When this node got it.
    pub arrived: Instant,
    /// When it was made.
    pub at: Time,
    account_id: AccountId,
    audience: Arc<Audience>,
    is_private: bool,
    is_answer: bool,
    hides: Option<Hidden>,
    agents: Option<Frame>,
    customer: Option<Frame>,
}

/// A conversation that leaves the sight of some.
#[derive(Debug)]
struct Hidden {
    conversation_id: ConversationId,
    users: Box<[UserId]>,
}

impl Entry {
    /// The entry as one log has it, with its number there; `None` when it is not in that log.
    #[must_use]
    pub fn of(key: LogKey, recorded: &LogEntry) -> Option<(i64, Arc<Self>)> {
        let event = &*recorded.event;
        let encode = |to: &str, seq: i64, emitted: Option<Emitted>| {
            let (name, payload) = emitted?;
            let meta = Meta { log: key.to_string(), seq, id: recorded.id, at: recorded.at };
            Some(Frame::event(to, name, &[&raw(&payload), &raw(&meta)]))
        };
        let (seq, agents, customer) = match key {
            LogKey::Feed(account) if account == recorded.account_id => {
                let seq = recorded.feed_seq?;
                (seq, encode(AGENTS, seq, event.feed_view()), None)
            }
            LogKey::Thread(conversation) if Some(conversation) == recorded.conversation_id => {
                let seq = recorded.thread_seq?;
                let agents = encode(AGENTS, seq, event.thread_view(seq));
                (seq, agents, encode(CUSTOMERS, seq, event.customer_view(seq)))
            }
            _ => return None,
        };
        let entry = Self {
            arrived: Instant::now(),
            at: recorded.at,
            account_id: recorded.account_id,
            audience: Arc::clone(&recorded.audience),
            is_private: is_private(event),
            is_answer: is_answer(event),
            hides: match event {
                Event::ConversationHidden { conversation_id, users, .. } => {
                    Some(Hidden { conversation_id: *conversation_id, users: users.as_slice().into() })
                }
                _ => None,
            },
            agents,
            customer,
        };
        Some((seq, Arc::new(entry)))
    }

    /// About what it takes of memory.
    #[must_use]
    pub fn size(&self) -> usize {
        let frames = [&self.agents, &self.customer];
        size_of::<Self>() + frames.iter().filter_map(|it| Some(it.as_ref()?.text().len())).sum::<usize>()
    }

    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }

    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// A note, or something about one: only for those who may read notes.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// A message to the customer.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.is_answer
    }

    /// The conversation that leaves this user's sight with the entry.
    #[must_use]
    pub fn hides_from(&self, user: UserId) -> Option<ConversationId> {
        let hidden = self.hides.as_ref()?;
        hidden.users.contains(&user).then_some(hidden.conversation_id)
    }

    /// As agents are shown it.
    #[must_use]
    pub fn for_agents(&self) -> Option<&Frame> {
        self.agents.as_ref()
    }

    /// As the customer is shown it; never an entry of a feed.
    #[must_use]
    pub fn for_customer(&self) -> Option<&Frame> {
        self.customer.as_ref()
    }
}

fn is_private(event: &Event) -> bool {
    match event {
        Event::MessageCreated { message, .. } => message.is_private,
        Event::MessageStatusChanged { is_private, .. } => *is_private,
        _ => false,
    }
}

fn is_answer(event: &Event) -> bool {
    match event {
        Event::MessageCreated { message, .. } => {
            message.direction == Direction::Outbound && message.public().is_some()
        }
        _ => false,
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
