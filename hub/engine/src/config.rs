//! What a server allows.

use std::time::Duration;

/// Times and limits of a server. The defaults suit clients on the open internet.
#[derive(Debug, Clone)]
pub struct Config {
    /// From one heartbeat to the next; told to the client.
    pub ping_interval: Duration,
    /// How long the answer to a heartbeat may take; told to the client.
    pub ping_timeout: Duration,
    /// How long a connection may be in no namespace, or owe the rest of a packet.
    pub connect_timeout: Duration,
    /// How long the change from polling to WebSocket may take.
    pub upgrade_timeout: Duration,
    /// How long a client may take nothing of what waits for it.
    pub stall: Duration,
    /// How long the body of a polling request may take to arrive.
    pub body_timeout: Duration,
    /// Largest packet in bytes on both transports, and largest body of a polling request.
    pub max_packet: usize,
    /// Packets in one body of a polling request.
    pub max_packets: usize,
    /// Whether HTTP long polling is offered beside WebSocket.
    pub polling: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            upgrade_timeout: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            max_packet: 128 * 1024,
            max_packets: 1024,
            polling: true,
        }
    }
}

impl Config {
    /// How exactly deadlines have to be kept.
    pub(crate) fn granularity(&self) -> Duration {
        let shortest = self
            .ping_interval
            .min(self.ping_timeout)
            .min(self.connect_timeout)
            .min(self.upgrade_timeout)
            .min(self.stall);
        (shortest / 20).clamp(Duration::from_millis(5), Duration::from_millis(250))
    }
}
