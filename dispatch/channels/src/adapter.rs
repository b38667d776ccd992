//! The contract of a provider.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use model::{Time, profile::Profile};
use serde_json::{Value, json};

use crate::{
    ChannelConfig, Context, Incoming, OutboundMessage, ParseError, Part, ProviderTemplate, ReceiptStatus,
    SendError, Sent, TemplateDraft, VerifyError, WebhookRequest, text,
};

/// A provider of one channel type. One value serves all channels; it keeps no state, but for connections that it
/// holds open.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// What the provider can do.
    fn profile(&self) -> &Profile;

    /// Checks that a webhook comes from the provider, on its raw bytes and in constant time. Pure.
    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError>;

    /// Reads a verified webhook, all of its batch. Pure; the same body gives the same keys. Kinds that are not
    /// known become [`Incoming::Ignored`], never an error.
    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError>;

    /// What a webhook is answered once it is stored. Pure.
    fn webhook_answer(&self, _: &ChannelConfig, _: &WebhookRequest) -> WebhookAnswer {
        WebhookAnswer::EMPTY
    }

    /// Answers a provider's question whether the address is ours (a GET when it is set up); `None` if the
    /// request is no such question. Pure.
    fn challenge(&self, _: &ChannelConfig, _: &WebhookRequest) -> Option<Result<WebhookAnswer, VerifyError>> {
        None
    }

    /// Splits a text into pieces within the provider's limit; never inside a character that people see as
    /// one. An empty text gives no piece. Pure.
    fn split(&self, text: &str) -> Vec<String> {
        text::split(text, &self.profile().text)
    }

    /// Divides a message into requests. Pure: the same message gives the same parts after a restart.
    ///
    /// By default each piece of text is one, and each attachment, the first with the text as its caption if it
    /// fits.
    fn parts(&self, _: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        text::parts(self.profile(), &self.split(&message.text), message)
    }

    /// Sends one part by one request (a provider may need a second one to repair the first, never to repeat
    /// one whose outcome is unknown).
    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError>;

    /// Asks the provider whether it took a part whose outcome is unknown.
    async fn look_up(
        &self,
        _: &Context,
        _: &OutboundMessage,
        _: &Part,
        _attempted_at: Time,
    ) -> Result<Lookup, SendError> {
        Ok(Lookup::CannotTell)
    }

    /// Checks the credentials by a call that changes nothing.
    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError>;

    /// How the channel stands at the provider.
    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError>;

    /// Tells the provider where to send its webhooks (`url`: our public address for this channel), or decides
    /// to receive in another way. Repeatable.
    async fn register_webhook(&self, _: &Context, _url: &str) -> Result<Registered, SendError> {
        Ok(Registered::by_hand())
    }

    /// Takes the webhook away again, when a channel is removed or disabled.
    async fn unregister_webhook(&self, _: &Context) -> Result<(), SendError> {
        Ok(())
    }

    /// Fetches a file that a customer sent, of at most `max_bytes`.
    async fn fetch_media(
        &self,
        _: &Context,
        _provider_file: &str,
        _max_bytes: usize,
    ) -> Result<Media, SendError> {
        Err(SendError::unsupported("media"))
    }

    /// A file that came inside of what told of it: a reference that [`Adapter::parse`] gave, and the body again as the
    /// journal kept it. `None`: it lies at the provider. Pure.
    fn file_inside(&self, _: &ChannelConfig, _: &WebhookRequest, _provider_file: &str) -> Option<Media> {
        None
    }

    /// Whether files of customers come inside of webhooks, so that the body has to be read for them.
    fn has_files_inside(&self) -> bool {
        false
    }

    /// The templates that the provider keeps for this channel.
    async fn list_templates(&self, _: &Context) -> Result<Vec<ProviderTemplate>, SendError> {
        Err(SendError::unsupported("templates"))
    }

    /// Hands a template in for the provider's approval.
    async fn create_template(&self, _: &Context, _: &TemplateDraft) -> Result<ProviderTemplate, SendError> {
        Err(SendError::unsupported("templates"))
    }

    /// What of [`Adapter::signal`] customers of this channel are shown. Pure.
    fn shows(&self, _: &ChannelConfig) -> Shows {
        Shows::NOTHING
    }

    /// Shows the customer what an agent does. Only what [`Adapter::shows`] names is asked for; lost without harm, and
    /// never repeated.
    async fn signal(&self, _: &Context, _: Signal, _: &SignalTo<'_>) -> Result<(), SendError> {
        Ok(())
    }

    /// Whether webhooks come as GET requests too, with everything in their query.
    fn takes_get(&self, _: &ChannelConfig) -> bool {
        false
    }

    /// Receives over a connection of our own until an error ends it. The one node that holds the channel's
    /// lease runs it and drops the future when it loses the lease; nothing is acknowledged to the provider
    /// before the sink has stored it. At least once, in order.
    async fn run(&self, _: &Context, _sink: &dyn Sink) -> Result<(), SendError> {
        Err(SendError::unsupported("session"))
    }
}

/// What an agent does that a customer may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Read the customer's message.
    Read,
    /// Types an answer.
    Typing,
    /// Has stopped.
    TypingEnds,
}

/// Whom a signal is for.
#[derive(Debug, Clone, Copy)]
pub struct SignalTo<'a> {
    /// The customer's identifier.
    pub to: &'a str,
    /// The conversation's key.
    pub thread_key: &'a str,
    /// The provider's id of the customer's newest message that it is about.
    pub message: Option<&'a str>,
}

/// Which signals a provider has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shows {
    pub read: bool,
    /// For how long it shows that somebody types, unless it is told again.
    pub typing: Option<Duration>,
    /// It can be told that nobody types any more.
    pub typing_ends: bool,
}

impl Shows {
    pub const NOTHING: Self = Self { read: false, typing: None, typing_ends: false };
}

/// Where a session puts what it receives.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Returns when the batch is stored for good. At least once.
    async fn accept(&self, batch: PolledBatch) -> Result<(), SinkError>;

    /// What [`Sink::remember`] was told last, by whichever node held the session.
    async fn position(&self) -> Result<Option<Value>, SinkError> {
        Ok(None)
    }

    /// Keeps how far the session has come, for providers that do not. To be called once everything up to there is
    /// accepted: what comes twice after a crash is recognised, what was skipped would be lost.
    async fn remember(&self, _position: Value) -> Result<(), SinkError> {
        Ok(())
    }
}

/// What one poll brought.
#[derive(Debug, Clone)]
pub struct PolledBatch {
    /// For the journal; [`Adapter::parse`] reads it again to the same result.
    pub raw: Bytes,
    pub incoming: Vec<Incoming>,
}

/// The batch is not stored; the session ends and will fetch it again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("what was received could not be stored: {0}")]
pub struct SinkError(pub String);

/// The body of the answer to a webhook; the status is the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    pub content_type: &'static str,
    pub body: String,
}

impl WebhookAnswer {
    pub const EMPTY: Self = Self { content_type: "text/plain; charset=utf-8", body: String::new() };
}

/// The provider knows these credentials.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Who they belong to, for people: `@shop_bot`, `Acme Ltd (trial)`.
    pub display: String,
    /// Public settings that the provider told us; merged into the channel's.
    pub settings: Value,
}

/// What became of [`Adapter::register_webhook`].
#[derive(Debug, Clone)]
pub struct Registered {
    pub receiving: Receiving,
    /// Credentials to store (a webhook secret that was made); merged into the channel's.
    pub credentials: Value,
    /// Public settings to store; merged into the channel's.
    pub settings: Value,
    /// The address to enter at the provider, where it holds a secret; only managers are shown it.
    pub address: Option<String>,
}

impl Registered {
    #[must_use]
    pub fn by_hand() -> Self {
        Self {
            receiving: Receiving::WebhookByHand,
            credentials: json!({}),
            settings: json!({}),
            address: None,
        }
    }
}

/// How a channel receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiving {
    /// The provider calls us; it has been told where.
    Webhook,
    /// The provider calls us once somebody has entered the address there.
    WebhookByHand,
    /// We hold a session ([`Adapter::run`]).
    Session,
    /// Customers connect to us (web chat).
    Direct,
}

/// How a channel stands.
#[derive(Debug, Clone)]
pub struct Health {
    pub status: HealthStatus,
    /// For people, when something is not as it should be.
    pub message: Option<String>,
    /// What the provider said: balance, backlog, last error.
    pub facts: Value,
}

impl Health {
    #[must_use]
    pub fn ok(facts: Value) -> Self {
        Self { status: HealthStatus::Ok, message: None, facts }
    }
}

/// How well a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    Ok,
    /// Works, but something wants looking at.
    Degraded,
    Down,
}

/// The answer of [`Adapter::look_up`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// The provider has it.
    Found { provider_message_id: String, status: ReceiptStatus },
    /// The provider certainly does not have it and will not.
    NotTaken,
    /// The provider cannot say, or cannot say yet.
    CannotTell,
}

/// A file from the provider. The name and the type are its sender's claims.
#[derive(Clone)]
pub struct Media {
    pub bytes: Bytes,
    pub mime_type: Option<String>,
    pub filename: Option<String>,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Media({} bytes, {:?})", self.bytes.len(), self.mime_type)
    }
}
