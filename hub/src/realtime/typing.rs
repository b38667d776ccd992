//! Who is typing where. Nothing of it is stored; what is not refreshed ends by itself.

use std::{sync::Arc, time::Duration};

use bus::{
    Live,
    live::{Volatile, VolatileTo},
};
use dashmap::DashMap;
use model::{AccountId, ConversationId, SenderType, UserId};
use tokio::time::Instant;
use uuid::Uuid;

use super::events;
use crate::channel_signals::Signals;

/// How often others are told at most while somebody goes on typing.
const EVERY: Duration = Duration::from_secs(3);
/// How long it lasts without a refresh.
const LASTS: Duration = Duration::from_secs(5);

/// Somebody who types.
#[derive(Debug, Clone)]
pub struct Typist {
    pub account_id: AccountId,
    pub conversation_id: ConversationId,
    /// The user or the visitor.
    pub person: Uuid,
    /// Of an agent; visitors are told apart by their conversation.
    pub name: Option<String>,
    pub is_customer: bool,
}

struct Going {
    typist: Typist,
    until: Instant,
    told: Instant,
}

/// The typists at this node, by connection and conversation.
pub struct Typing {
    live: Arc<dyn Live>,
    signals: Signals,
    going: DashMap<(Uuid, ConversationId), Going>,
}

impl Typing {
    #[must_use]
    pub fn new(live: Arc<dyn Live>, signals: Signals) -> Self {
        Self { live, signals, going: DashMap::new() }
    }

    pub fn start(&self, connection: Uuid, typist: Typist) {
        self.start_at(connection, typist, Instant::now());
    }

    fn start_at(&self, connection: Uuid, typist: Typist, now: Instant) {
        let key = (connection, typist.conversation_id);
        let mut tell = true;
        self.going
            .entry(key)
            .and_modify(|going| {
                going.until = now + LASTS;
                tell = now.duration_since(going.told) >= EVERY;
                if tell {
                    going.told = now;
                }
            })
            .or_insert_with(|| Going { typist: typist.clone(), until: now + LASTS, told: now });
        if tell {
            self.tell(&typist, true);
        }
    }

    pub fn stop(&self, connection: Uuid, conversation: ConversationId) {
        if let Some((_, going)) = self.going.remove(&(connection, conversation)) {
            self.tell(&going.typist, false);
        }
    }

    /// The connection is gone.
    pub fn forget(&self, connection: Uuid) {
        self.end(|key, _| key.0 == connection);
    }

    /// Ends what was not refreshed; called twice a second.
    pub fn tick(&self) {
        self.tick_at(Instant::now());
    }

    fn tick_at(&self, now: Instant) {
        self.end(|_, going| going.until <= now);
    }

    fn end(&self, which: impl Fn(&(Uuid, ConversationId), &Going) -> bool) {
        let mut ended = Vec::new();
        self.going.retain(|key, going| {
            let ends = which(key, going);
            if ends {
                ended.push(going.typist.clone());
            }
            !ends
        });
        for typist in ended {
            self.tell(&typist, false);
        }
    }

    fn tell(&self, typist: &Typist, typing: bool) {
        let (user_id, sender_type) = if typist.is_customer {
            (None, SenderType::Contact)
        } else {
            (Some(UserId(typist.person)), SenderType::Agent)
        };
        let to = VolatileTo::Thread {
            conversation_id: typist.conversation_id,
            customer: !typist.is_customer,
            agents: true,
            except: Some(typist.person),
        };
        let told = events::Typing {
            account_id: typist.account_id,
            conversation_id: typist.conversation_id,
            typing,
            sender_type,
            user_id,
            name: typist.name.clone(),
            expires_in_ms: LASTS.as_millis() as u64,
        };
        self.live.publish(Volatile::push(typist.account_id, to, &told));
        if !typist.is_customer {
            self.signals.typing(typist.account_id, typist.conversation_id, typing);
        }
    }
}

#[cfg(test)]
mod tests {
    use bus::{LocalLive, live::Pushed};

    use super::*;

    #[test]
    fn typing_is_told_every_three_seconds_and_ends_after_five() {
        let live = Arc::new(LocalLive::default());
        let mut told = live.subscribe();
        let typing = Typing::new(live, crate::channel_signals::signals().0);
        let mut next = || match told.try_recv() {
            Ok(Pushed::Volatile(volatile)) => volatile.payload["typing"].as_bool(),
            _ => None,
        };
        let typist = Typist {
            account_id: AccountId::new(),
            conversation_id: ConversationId::new(),
            person: Uuid::nil(),
            name: None,
            is_customer: true,
        };
        let connection = Uuid::from_u128(1);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        typing.start_at(connection, typist.clone(), at(0));
        assert_eq!(next(), Some(true));
        typing.start_at(connection, typist.clone(), at(1));
        assert_eq!(next(), None, "too soon");
        typing.start_at(connection, typist.clone(), at(3));
        assert_eq!(next(), Some(true));
        typing.tick_at(at(7));
        assert_eq!(next(), None);
        typing.tick_at(at(8));
        assert_eq!(next(), Some(false));
        typing.start_at(connection, typist, at(9));
        assert_eq!(next(), Some(true));
        typing.forget(connection);
        assert_eq!(next(), Some(false));
    }
}
