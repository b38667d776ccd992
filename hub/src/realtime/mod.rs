//! The sockets: two Socket.IO namespaces, `/agents` and `/customers`, over the two logs of the store.
//! `docs/realtime.md` is the contract that clients rely on.
//!
//! A connection holds cursors, not queues: whatever is durable is read from a log, in memory or in the
//! store, at the pace of the client. The protocol engine is known to one module only.

mod agents;
pub mod asyncapi;
mod config;
mod connection;
mod customers;
mod engine_socketioxide;
mod entry;
mod events;
mod forward;
pub mod guard;
mod http;
mod hub;
mod life;
mod logs;
mod metrics;
pub mod operator;
pub mod origin;
mod presence;
mod queues;
mod rate;
mod refusal;
mod resume;
mod ring;
#[cfg(test)]
mod tests;
mod turns;
mod typing;
mod volatile;
mod waiting;

use std::sync::Arc;

pub use config::Config;
pub use hub::Hub;

/// Puts the sockets in front of the router, at `/socket.io/`. Serve the result with
/// [`crate::server::serve`]: without its guard a client that stops reading cannot be cut.
pub fn attach(router: axum::Router, hub: &Arc<Hub>) -> axum::Router {
    let peers = http::Peers::default();
    let router = engine_socketioxide::attach(router, hub, &peers);
    http::attach(router, hub, peers)
}
