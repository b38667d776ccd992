//! WebSocket (RFC 6455), server side. Frame headers are tungstenite's; the buffers are ours: an idle
//! connection holds none, a frame goes from the shared encoding into the batch that is written without
//! a copy in between, and frames that bring nothing are counted.

mod decode;
mod encode;
mod handshake;
mod link;

pub use decode::{Broken, Decoder, Read};
pub(crate) use encode::{Kind, put};
pub(crate) use handshake::{Refused, accept};
pub(crate) use link::{Ended, Link, Scratch};
