//! What can go wrong with a call, told by whether the peer may have seen the request.

use crate::request::Exchange;

/// How far the request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The peer certainly did not get the request; sending it again cannot do anything twice.
    BeforeWrite,
    /// The request may have been received and acted on; the outcome is unknown.
    AfterWrite,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The address is no valid web address, or a header or body could not be built.
    Invalid,
    /// The address is private and not on the allow-list.
    Refused,
    /// The name could not be resolved.
    Dns,
    /// No connection: refused by the peer, unreachable, TLS failed, or the connect time ran out.
    Connect,
    /// The deadline passed.
    Timeout,
    /// The connection ended before the answer was complete.
    Cut,
    /// The answer was larger than the caller's limit.
    TooLarge,
    /// More redirects than allowed.
    Redirects,
}

/// A call without a usable answer. Its texts hold no secret of the request.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", reason.word())]
pub struct OutboundError {
    pub phase: Phase,
    pub reason: Reason,
    /// The cause in words.
    pub detail: String,
    /// What was tried, for the log.
    pub exchange: Box<Exchange>,
}

impl OutboundError {
    /// True if the peer may have received the request.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        self.phase == Phase::AfterWrite
    }
}

impl Reason {
    /// The reason as people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invalid => "the request could not be built",
            Self::Refused => "the address is refused",
            Self::Dns => "the name could not be resolved",
            Self::Connect => "no connection",
            Self::Timeout => "timed out",
            Self::Cut => "the connection was cut",
            Self::TooLarge => "the answer is too large",
            Self::Redirects => "too many redirects",
        }
    }
}
