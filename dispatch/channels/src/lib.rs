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
mod keywords;
mod meta;
mod outgoing;
mod plain;
mod registry;
mod rich;
pub mod sms;
mod template;
mod text;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(test)]
mod testing;

mod africastalking;
mod email;
mod generic;
mod messagebird;
mod messenger;
mod sandbox;
mod smpp;
mod telegram;
mod twilio;
mod vonage;
mod webchat;
mod whatsapp;

pub use adapter::{
    Adapter, Health, HealthStatus, Lookup, Media, PolledBatch, Receiving, Registered, Shows, Signal,
    SignalTo, Sink, SinkError, Verified, WebhookAnswer,
};
pub use config::{ChannelConfig, Context, Secrets};
pub use error::{
    ParseError, RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope, VerifyError,
};
pub use incoming::{
    InboundEdit, InboundMessage, Incoming, Receipt, ReceiptStatus, TemplateNews, TemplateQuality,
    TemplateStatus, WebhookRequest,
};
pub use keywords::Keyword;
pub use outgoing::{Answered, OutboundAttachment, OutboundMessage, Part, Sent};
pub use plain::line_of;
pub use registry::{Registry, registry};
pub use sandbox::{
    Behaviour, InboundDraft, ReceiptDelivery, SandboxMessage, SandboxSwitch, SentOutcome, SignedBody,
    compose_inbound, compose_receipt,
};
pub use template::{ProviderTemplate, TemplateDraft};
pub use webchat::{LauncherPosition, PreChatField, PreChatForm, WebchatSettings, WidgetLook};
