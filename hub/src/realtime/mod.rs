//! The sockets: two Socket.IO namespaces, `/agents` and `/customers`, over the two logs of the store.
//! `docs/realtime.md` is the contract that clients rely on.
//!
//! A connection holds cursors, not queues: whatever is durable is read from a log, in memory or in the
//! store, at the pace of the client. `gate` is where the protocol engine calls; outside of it only the
//! engine's encoded frames are known.

mod agents;
pub mod asyncapi;
mod config;
mod connection;
mod customers;
mod deliveries;
pub mod echo;
mod elsewhere;
mod entry;
mod events;
mod floods;
mod gate;
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
mod recovery;
mod refusal;
mod resume;
mod ring;
mod source;
#[cfg(test)]
mod tests;
mod turns;
mod typing;
mod volatile;
mod waiting;

use std::sync::Arc;

pub use config::Config;
pub use hub::Hub;

/// The namespace of those who answer.
const AGENTS: &str = "/agents";
/// The namespace of web chats.
const CUSTOMERS: &str = "/customers";

/// Puts the sockets in front of the router, at `/socket.io/`. Serve the result with
/// [`crate::server::serve`].
pub fn attach(router: axum::Router, hub: &Arc<Hub>) -> axum::Router {
    http::attach(router, http::Edge::of(hub), gate::server(hub))
}
