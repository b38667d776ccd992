//! Volatile pushes: to whom they go at this node, and in which form.

use std::{sync::Arc, time::Duration};

use bus::live::{Volatile, VolatileTo};
use model::wire::ServerEvent;
use serde_json::json;
use uuid::Uuid;

use super::{
    AGENTS, CUSTOMERS,
    connection::{Connection, Fleeting, Who},
    entry::{LogKey, raw},
    events::{AgentPresence, PublicTyping, Typing, VisitorMerged},
    hub::Hub,
};

/// Queues a volatile push for those whom it concerns; it is encoded once for each namespace.
pub fn deliver(hub: &Hub, volatile: &Volatile) {
    match &volatile.to {
        VolatileTo::Agents => {
            let key = Some(volatile.account_id.uuid());
            to_agents(hub, volatile, LogKey::Feed(volatile.account_id), key, |_| true);
        }
        VolatileTo::User(user) => {
            to_agents(hub, volatile, LogKey::Feed(volatile.account_id), None, |person| person == user.uuid());
        }
        VolatileTo::Thread { conversation_id, customer, agents, except } => {
            let key = LogKey::Thread(*conversation_id);
            if *agents {
                to_agents(hub, volatile, key, None, |person| Some(person) != *except);
            }
            let public = if *customer { public(volatile) } else { None };
            if let (Some(log), Some(public)) = (hub.logs.get(key), public) {
                let replaces = Some(conversation_id.uuid());
                let fleeting = Fleeting::new(CUSTOMERS, volatile.name.clone(), &raw(&public), replaces);
                for connection in log.listeners() {
                    let is_customer = matches!(connection.who, Who::Customer { .. });
                    if is_customer && Some(connection.person()) != *except {
                        connection.push(fleeting.clone());
                    }
                }
            }
        }
    }
}

fn to_agents(hub: &Hub, volatile: &Volatile, log: LogKey, key: Option<Uuid>, whom: impl Fn(Uuid) -> bool) {
    let Some(log) = hub.logs.get(log) else { return };
    // what is absolute may replace an older one that still waits; presence tells changes and must not
    let key = key.filter(|_| volatile.name != AgentPresence::NAME);
    let fleeting = Fleeting::new(AGENTS, volatile.name.clone(), &raw(&volatile.payload), key);
    for connection in log.listeners() {
        if matches!(connection.who, Who::Agent { .. }) && whom(connection.person()) {
            connection.push(fleeting.clone());
        }
    }
}

/// What a customer may see of it.
fn public(volatile: &Volatile) -> Option<serde_json::Value> {
    match &*volatile.name {
        Typing::NAME => {
            serde_json::from_value(volatile.payload.clone()).ok().map(|public: PublicTyping| json!(public))
        }
        VisitorMerged::NAME => Some(volatile.payload.clone()),
        _ => None,
    }
}

/// Clients that may come back in one second.
const A_SECOND: usize = 1000;
/// However few they are, they have so much time to hear of it.
const SHORTEST: Duration = Duration::from_millis(300);

/// All connections, each with the moment at which it is to part: at random, so that they do not come back
/// together; few of them within less than the window.
pub fn spread(hub: &Hub, window: Duration) -> Vec<(Arc<Connection>, Duration)> {
    let agents = hub.agents.iter().map(|session| Arc::clone(&session.connection));
    let customers = hub.customers.iter().map(|session| Arc::clone(&session.connection));
    let connections: Vec<Arc<Connection>> = agents.chain(customers).collect();
    let span = Duration::from_secs(connections.len() as u64) / A_SECOND as u32;
    let span = span.max(SHORTEST).min(window);
    connections.into_iter().map(|connection| (connection, span.mul_f64(rand::random::<f64>()))).collect()
}
