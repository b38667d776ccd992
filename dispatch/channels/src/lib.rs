//! The providers: one file and one line in [`registry`] each.
//!
//! An [`Adapter`] says what its provider can do ([`model::profile::Profile`]), checks and reads its webhooks
//! (pure functions), and talks to its API. It classifies what happens ([`SendErrorClass`]); what follows from
//! a class is decided by the dispatch engine alone.

mod adapter;
mod config;
mod credentials;
mod error;
mod incoming;
mod outgoing;
mod registry;
mod text;

pub mod sms;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(test)]
mod testing;

mod sandbox;
mod telegram;
mod twilio;
mod webchat;

pub use adapter::{
    Adapter, Health, HealthStatus, Lookup, Media, PolledBatch, Receiving, Registered, Sink, SinkError,
    Verified, WebhookAnswer,
};
pub use config::{ChannelConfig, Context, Secrets};
pub use error::{
    ParseError, RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope, VerifyError,
};
pub use incoming::{InboundEdit, InboundMessage, Incoming, Receipt, ReceiptStatus, WebhookRequest};
pub use outgoing::{OutboundAttachment, OutboundMessage, Part, Sent};
pub use registry::{Registry, registry};
pub use sandbox::{
    Behaviour, InboundDraft, ReceiptDelivery, SandboxMessage, SandboxSwitch, SentOutcome, SignedBody,
    compose_inbound, compose_receipt,
};
pub use webchat::{LauncherPosition, PreChatField, PreChatForm, WebchatSettings, WidgetLook};
