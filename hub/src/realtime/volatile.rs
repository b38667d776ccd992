//! Volatile pushes: to whom they go at this node, and in which form.

use std::{sync::Arc, time::Duration};

use bus::live::{Volatile, VolatileTo};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    AGENTS, CUSTOMERS,
    connection::{Connection, Fleeting, Who},
    entry::{LogKey, raw},
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
                let fleeting = Fleeting::new(CUSTOMERS, volatile.name, &raw(&public), replaces);
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
    let key = key.filter(|_| volatile.name != "agent:presence");
    let fleeting = Fleeting::new(AGENTS, volatile.name, &raw(&volatile.payload), key);
    for connection in log.listeners() {
        if matches!(connection.who, Who::Agent { .. }) && whom(connection.person()) {
            connection.push(fleeting.clone());
        }
    }
}

/// What a customer may see of it.
fn public(volatile: &Volatile) -> Option<serde_json::Value> {
    match volatile.name {
        "conversation:typing" => Some(json!({
            "account_id": volatile.payload["account_id"],
            "conversation_id": volatile.payload["conversation_id"],
            "typing": volatile.payload["typing"],
            "expires_in_ms": volatile.payload["expires_in_ms"],
        })),
        "visitor:merged" => Some(volatile.payload.clone()),
        _ => None,
    }
}

/// Clients that may come back in one second.
const A_SECOND: usize = 1000;
/// However few they are, they have so much time to hear of it.
const SHORTEST: Duration = Duration::from_millis(300);

/// Asks every client to come back, each at another moment, and cuts it when that has come.
pub fn drain(hub: &Hub) {
    let agents = hub.agents.iter().map(|session| Arc::clone(&session.connection));
    let customers = hub.customers.iter().map(|session| Arc::clone(&session.connection));
    let connections: Vec<Arc<Connection>> = agents.chain(customers).collect();
    let span = Duration::from_secs(connections.len() as u64) / A_SECOND as u32;
    let span = span.max(SHORTEST).min(hub.config.drain);
    let now = Instant::now();
    let mut leaving: Vec<(Instant, Arc<Connection>)> = Vec::with_capacity(connections.len());
    for connection in connections {
        let after = span.mul_f64(rand::random_range(0.2..1.0));
        connection.tell("server:draining", &raw(&json!({"reconnect_in_ms": after.as_millis() as u64})));
        leaving.push((now + after, connection));
    }
    leaving.sort_by_key(|(at, _)| *at);
    tokio::spawn(async move {
        for (at, connection) in leaving {
            tokio::time::sleep_until(at).await;
            connection.kill();
        }
    });
}
