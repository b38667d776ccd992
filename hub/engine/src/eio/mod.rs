//! Engine.IO 4: sessions over HTTP long polling and WebSocket, and the change from one to the other.

mod beat;
mod http;
mod packet;
mod polling;
mod server;
mod session;

pub use packet::{Incoming, Malformed, decode_payload};
pub use server::Server;

use std::task::{Context, Poll};

use bytes::Bytes;
use tungstenite::Utf8Bytes;

/// What is spoken over Engine.IO.
pub trait Protocol: Send + Sync + 'static {
    type Peer: Peer;

    /// A client has shaken hands. What is needed later of the request has to be taken from it now.
    fn open(&self, request: &::http::request::Parts) -> Self::Peer;
}

/// What carries a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Polling,
    WebSocket,
}

/// Our end of one session. All of it is called by the session's one task.
pub trait Peer: Send + 'static {
    /// The session is carried by this from now on: called at its start, and when the client has changed.
    fn carried(&mut self, _by: Transport) {}

    /// Goes on with whatever it does by itself. Ready: the transport is to be cut, whatever waits.
    fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Whether the next message is taken. While it is not, the transport is not read.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Takes a message.
    fn message(&mut self, message: Message) -> Result<(), Malformed>;

    /// Gives the next message. Asked only when the transport can take it.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Outgoing>;

    /// Whether nothing is missing from the client. One that owes something for longer than
    /// [`Config::connect_timeout`](crate::Config::connect_timeout) is closed.
    fn is_settled(&self) -> bool;

    /// The session is over; called once.
    fn closed(&mut self, reason: Reason);
}

/// A message from the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text(Utf8Bytes),
    Binary(Bytes),
}

/// A message to the client.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// A text packet as it goes over the wire, with its `4`, and how it ends for this client.
    Text(Bytes, Tail),
    Binary(Bytes),
    /// Nothing follows: the session is closed in an orderly way.
    Close,
}

/// An end of a text packet that differs from client to client: how many bytes of the shared text it
/// replaces, and by what.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tail {
    cut: u8,
    len: u8,
    bytes: [u8; 24],
}

impl Tail {
    /// Replaces the last byte, the bracket of an array, by `,"n"]`.
    #[must_use]
    pub fn counted(count: u64) -> Self {
        // written by hand because it is written for each delivery
        let digits = count.checked_ilog10().unwrap_or(0) as usize + 1;
        let mut bytes = [b'"'; 24];
        bytes[0] = b',';
        let mut left = count;
        for byte in bytes[2..2 + digits].iter_mut().rev() {
            *byte = b'0' + (left % 10) as u8;
            left /= 10;
        }
        bytes[digits + 3] = b']';
        Self { cut: 1, len: digits as u8 + 4, bytes }
    }

    /// The two parts of a text that ends this way.
    pub(crate) fn of<'t>(&'t self, text: &'t [u8]) -> [&'t [u8]; 2] {
        let keep = text.len().saturating_sub(self.cut.into());
        [&text[..keep], &self.bytes[..self.len.into()]]
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The client closed the transport, or it broke.
    TransportClosed,
    /// The client sent what cannot be.
    Malformed,
    /// The client sent too much of nothing.
    Flood,
    /// A heartbeat was not answered.
    HeartbeatTimeout,
    /// The client joined nothing, or did not end what it began.
    Unsettled,
    /// The client took nothing of what waited for it.
    Stalled,
    /// Cut by the server.
    Killed,
    /// Closed by the server.
    Closed,
    /// The client left the namespace.
    ClientLeft,
    /// The server took the client out of the namespace.
    ServerLeft,
}

impl Reason {
    /// A word for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TransportClosed => "transport_closed",
            Self::Malformed => "malformed",
            Self::Flood => "flood",
            Self::HeartbeatTimeout => "heartbeat_timeout",
            Self::Unsettled => "unsettled",
            Self::Stalled => "stalled",
            Self::Killed => "killed",
            Self::Closed => "closed",
            Self::ClientLeft => "client_left",
            Self::ServerLeft => "server_left",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;

    #[test]
    fn a_counted_text_ends_with_its_count() {
        for (count, end) in [
            (0, "[1,\"0\"]".to_owned()),
            (9, "[1,\"9\"]".to_owned()),
            (10, "[1,\"10\"]".to_owned()),
            (1_234_567, "[1,\"1234567\"]".to_owned()),
            (u64::MAX, format!("[1,\"{}\"]", u64::MAX)),
        ] {
            assert_eq!(Tail::counted(count).of(b"[1]").concat(), end.as_bytes());
        }
        assert_eq!(Tail::default().of(b"[1]").concat(), b"[1]");
    }
}
