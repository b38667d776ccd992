//! The one HTTP client of the product, and the one way to connect to anything else: time limits, bounded answers, a guard against requests to private
//! networks, and a log of each exchange with the secrets taken out.
//!
//! The rule that everything here serves: **a request that may have reached the peer is never reported as
//! one that did not**. [`Phase::BeforeWrite`] is a proof, [`Phase::AfterWrite`] is the absence of one.

mod address;
mod allow;
mod client;
mod dial;
mod error;
mod gate;
mod redact;
mod request;
mod resolve;

pub use allow::AllowList;
pub use bytes::Bytes;
pub use client::{Client, Timeouts};
pub use dial::{Dial, Stream, Tls};
pub use error::{OutboundError, Phase, Reason};
pub use http::{HeaderMap, Method, StatusCode};
pub use redact::Redactor;
pub use request::{Exchange, FilePart, Request, Response};
