//! Limits of the socket layer. The defaults are the documented ones; load tests raise them and say so.

use std::time::Duration;

use super::{events::Limits, ring::Bounds};
use crate::config::Networks;

/// Settings of the realtime layer.
#[derive(Debug, Clone)]
pub struct Config {
    /// Base of the hub's absolute addresses: an `Origin` equal to its origin is accepted.
    pub public_url: String,
    /// Further origins accepted on `/agents`; `*.example.com` matches every subdomain.
    pub allowed_origins: Vec<String>,
    /// Whether HTTP long polling is offered beside WebSocket.
    pub polling: bool,
    /// Largest packet in bytes, on both transports.
    pub max_packet: usize,
    /// Time between CONNECT of the transport and of a namespace.
    pub connect_timeout: Duration,
    pub ping_interval: Duration,
    pub ping_timeout: Duration,
    /// Commands a second and socket, in the long run.
    pub command_rate: f64,
    /// Commands that may come at once.
    pub command_burst: f64,
    /// Commands of one connection that wait for their turn before its transport is no longer read.
    pub inbox: usize,
    /// Longest run of one command.
    pub command_deadline: Duration,
    /// Sockets of one user.
    pub sockets_per_user: usize,
    /// Sockets of one client address that have not authenticated; beyond it a handshake gets 429.
    pub unauthenticated_per_address: usize,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Networks,
    /// How long an agent's last socket may be gone before the agent is.
    pub agent_grace: Duration,
    /// Sockets of this node; beyond it a handshake gets 503.
    pub sockets: usize,
    /// Threads joined by one socket.
    pub threads_per_socket: usize,
    /// What is kept in memory of the feed of each account in use.
    pub feed_ring: Bounds,
    /// What is kept in memory of the thread of each conversation in use.
    pub thread_ring: Bounds,
    /// Entries read from the store at once.
    pub page: i64,
    /// Entries that are replayed at most; beyond it the client is told to fetch afresh.
    pub replay_entries: i64,
    /// Age of the oldest entry that is replayed.
    pub replay_age: Duration,
    /// A client that reads nothing for so long loses its transport.
    pub stall: Duration,
    /// Longest silence about the feed's position for a reader who sees little.
    pub position_every: Duration,
    /// Entries hidden from a reader after which it is told the position.
    pub position_hidden: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            allowed_origins: Vec::new(),
            polling: true,
            max_packet: 128 * 1024,
            connect_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            command_rate: 6.0,
            command_burst: 30.0,
            inbox: 64,
            command_deadline: Duration::from_secs(10),
            sockets_per_user: 20,
            unauthenticated_per_address: 200,
            trusted_proxies: Networks::default(),
            agent_grace: Duration::from_secs(10),
            sockets: 20_000,
            threads_per_socket: 50,
            feed_ring: Bounds { items: 2048, bytes: 2 << 20 },
            thread_ring: Bounds { items: 32, bytes: 64 << 10 },
            page: 500,
            replay_entries: 100_000,
            replay_age: Duration::from_hours(24),
            stall: Duration::from_secs(30),
            position_every: Duration::from_secs(5),
            position_hidden: 500,
        }
    }
}

impl Config {
    /// What `hello` tells the client of its limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            max_packet_bytes: self.max_packet,
            commands_per_second: self.command_rate,
            command_burst: self.command_burst,
            threads: self.threads_per_socket,
            replay_entries: self.replay_entries,
            replay_seconds: self.replay_age.as_secs(),
        }
    }
}
