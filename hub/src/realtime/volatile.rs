//! Volatile pushes: to whom they go at this node, and in which form.

use std::{sync::Arc, time::Duration};

use bus::live::{Volatile, VolatileTo};
use model::wire::ServerEvent;
use serde_json::{json, value::RawValue};
use uuid::Uuid;

use super::{
    connection::{Connection, Frame, Who},
    entry::{LogKey, raw},
    events::{AgentPresence, PublicTyping, Typing, VisitorMerged},
    hub::Hub,
};

/// Queues a volatile push for those whom it concerns.
pub fn deliver(hub: &Hub, volatile: &Volatile) {
    let payload: Arc<RawValue> = raw(&volatile.payload).into();
    match &volatile.to {
        VolatileTo::Agents => {
            let Some(log) = hub.logs.get(LogKey::Feed(volatile.account_id)) else { return };
            for connection in log.listeners() {
                connection.push(frame(volatile, &payload, Some(volatile.account_id.uuid())));
            }
        }
        VolatileTo::User(user) => {
            let Some(log) = hub.logs.get(LogKey::Feed(volatile.account_id)) else { return };
            for connection in log.listeners().iter().filter(|c| c.person() == user.uuid()) {
                connection.push(frame(volatile, &payload, None));
            }
        }
        VolatileTo::Thread { conversation_id, customer, agents, except } => {
            let Some(log) = hub.logs.get(LogKey::Thread(*conversation_id)) else { return };
            for connection in log.listeners() {
                if Some(connection.person()) == *except {
                    continue;
                }
                match &connection.who {
                    Who::Agent { .. } if *agents => {
                        connection.push(frame(volatile, &payload, None));
                    }
                    Who::Customer { .. } if *customer => {
                        if let Some(public) = public(volatile) {
                            connection.push(frame(
                                volatile,
                                &raw(&public).into(),
                                Some(conversation_id.uuid()),
                            ));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

fn frame(volatile: &Volatile, payload: &Arc<RawValue>, key: Option<Uuid>) -> Frame {
    // what is absolute may replace an older one that still waits; presence tells changes and must not
    let key = key.filter(|_| volatile.name != AgentPresence::NAME);
    Frame { name: volatile.name, payload: Arc::clone(payload), key }
}

/// What a customer may see of it.
fn public(volatile: &Volatile) -> Option<serde_json::Value> {
    match volatile.name {
        Typing::NAME => {
            serde_json::from_value(volatile.payload.clone()).ok().map(|public: PublicTyping| json!(public))
        }
        VisitorMerged::NAME => Some(volatile.payload.clone()),
        _ => None,
    }
}

/// How much of the window one more connection takes: few need not be spread far.
const APART: Duration = Duration::from_millis(250);

/// All connections, each with the moment in the window at which it is to part: at random, so that they do not
/// come back together.
pub fn spread(hub: &Hub, window: Duration) -> Vec<(Arc<Connection>, Duration)> {
    let agents = hub.agents.iter().map(|session| Arc::clone(&session.connection));
    let customers = hub.customers.iter().map(|session| Arc::clone(&session.connection));
    let connections: Vec<Arc<Connection>> = agents.chain(customers).collect();
    let window = window.min(APART.saturating_mul(u32::try_from(connections.len()).unwrap_or(u32::MAX)));
    let moment = || window.mul_f64(rand::random::<f64>());
    connections.into_iter().map(|connection| (connection, moment())).collect()
}
