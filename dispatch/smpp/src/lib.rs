//! A client for SMPP 3.4, the protocol that operators' message centres (SMSCs) speak.
//!
//! Three layers, each of use without the ones above it:
//!
//! - **The codec** ([`Pdu`], [`frame`]): every PDU that a client meets. It frames strictly by length and reads each
//!   frame leniently, because message centres are as they are: missing NULs, unknown TLVs, octets beyond ASCII, bodies
//!   that are cut off. It never panics and never reads past a frame. [`coding`], [`udh`], [`split`], [`Reassembler`]
//!   and [`DeliveryReport`] are about what is inside messages.
//! - **A session** ([`Session`]): one bind over any stream. It keeps a window with back-pressure and a rate, answers
//!   the peer's probes and probes it, and says for each message what is certain: [`SubmitError::Refused`] (the
//!   message centre did not take it), [`SubmitError::NotSent`] (not a byte of it was written) or
//!   [`SubmitError::Unknown`] (it may have been taken; never send it again by yourself).
//! - **A pool** ([`Pool`]): several binds of one account that are kept up, with pauses that grow and are spread.
//!
//! TLS is the stream's matter: hand [`Session::bind`] or the pool's connector a TLS stream.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use smpp::{Address, Session, SessionOptions, ShortMessage};
//!
//! let stream = tokio::net::TcpStream::connect("smsc.example:2775").await?;
//! let (session, mut inbound) = Session::bind(stream, SessionOptions::new("esme", "secret")).await?;
//! let message = ShortMessage {
//!     source: Address::automatic("BRAND"),
//!     destination: Address::automatic("254700000001"),
//!     registered_delivery: 1,
//!     short_message: "hello".into(),
//!     ..ShortMessage::default()
//! };
//! let until = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
//! let id = session.submit(message, until).await?.message_id;
//! while let Some(delivery) = inbound.recv().await {
//!     // store it, then:
//!     delivery.accept();
//! }
//! # Ok(()) }
//! ```

pub mod coding;
#[cfg(feature = "fake")]
pub mod fake;
mod frame;
mod gsm7;
mod link;
mod message;
mod pace;
mod pdu;
mod pool;
mod reassembly;
mod receipt;
mod session;
pub mod split;
mod status;
pub mod tlv;
pub mod udh;
mod wire;

pub use bytes::{Bytes, BytesMut};
pub use frame::{FrameError, MAX_FRAME, frame};
pub use link::{Backoff, Connect, Connecting, Down, LinkState, Stream};
pub use message::{Address, MessageResponse, ShortMessage, esm};
pub use pdu::{Bind, BindKind, BindResponse, Body, DecodeError, EncodeError, Pdu, command};
pub use pool::{Pool, PoolError, PoolOptions};
pub use reassembly::{Assembled, Fragment, Reassembler};
pub use receipt::{DeliveryReport, IdForm, MessageState, canonical_id};
pub use session::{BindError, Closed, Delivery, Inbound, Lost, Origin, Session, SessionOptions, SubmitError};
pub use status::{Class, Status};
pub use tlv::{Tlv, Tlvs};
