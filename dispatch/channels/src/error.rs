//! What an adapter may answer when something does not work. The classes are the whole vocabulary between
//! adapters and the engine: a new provider maps its codes onto them and adds none.

use std::time::Duration;

use outbound::{Exchange, OutboundError, Reason};

/// Why the provider did not take a message, or whether that is even known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendErrorClass {
    /// The provider will never take this message to this recipient.
    Rejected(RejectReason),
    /// Taken later: not before `after` (the engine's own pace if `None`), and everything of that scope waits.
    Throttled { after: Option<Duration>, scope: ThrottleScope },
    /// The provider is down or unreachable and certainly did not take the message.
    Unavailable,
    /// Nothing of this channel can be sent until somebody changes something.
    Settings(SettingsProblem),
    /// The place the message should go to is gone for good: the group was left, the number was given up.
    Gone,
    /// The request may have been taken; sending it again by itself is forbidden.
    Unknown,
}

/// What about a message was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// There is no such recipient, or it cannot be reached on this channel.
    Recipient,
    /// The text or a file: too long, broken, of a wrong type.
    Content,
    /// The recipient does not want messages.
    OptOut,
    /// Free text is not allowed now: the reply window is closed or the customer never wrote.
    Window,
    /// The provider's or the carrier's rules: filtered, not registered, not allowed in that country.
    Policy,
}

/// What in a channel's settings is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsProblem {
    Auth,
    Funds,
    Config,
}

/// What a throttle holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleScope {
    /// Only messages to this recipient.
    Recipient,
    /// Everything from this sender (the channel).
    Channel,
    /// Everything of the provider account, which several channels may share.
    Account,
}

/// A failed call to a provider. Code and message are for people and hold no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct SendError {
    pub class: SendErrorClass,
    /// The provider's code (`21610`, `403`), or ours (`timeout`, `connect`).
    pub code: String,
    /// What happened, for people.
    pub message: String,
    /// The redacted call, if one was made.
    pub exchange: Option<Box<Exchange>>,
}

impl SendError {
    #[must_use]
    pub fn new(class: SendErrorClass, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { class, code: code.into(), message: message.into(), exchange: None }
    }

    #[must_use]
    pub fn with_exchange(mut self, exchange: Box<Exchange>) -> Self {
        self.exchange = Some(exchange);
        self
    }

    /// The channel is not set up for this.
    #[must_use]
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(SendErrorClass::Settings(SettingsProblem::Config), "config", message)
    }

    /// The adapter does not do this at all.
    #[must_use]
    pub fn unsupported(what: &str) -> Self {
        Self::new(
            SendErrorClass::Settings(SettingsProblem::Config),
            "unsupported",
            format!("this provider has no {what}"),
        )
    }
}

/// Classifies a call that got no answer. Adapters use it for every call, so that the difference between
/// "not sent" and "may have been sent" is made in one place.
impl From<OutboundError> for SendError {
    fn from(error: OutboundError) -> Self {
        let code = match error.reason {
            Reason::Invalid => "invalid_request",
            Reason::Refused => "address_refused",
            Reason::Dns => "dns",
            Reason::Connect => "connect",
            Reason::Timeout => "timeout",
            Reason::Cut => "connection_cut",
            Reason::TooLarge => "answer_too_large",
            Reason::Redirects => "redirects",
        };
        let class = if error.outcome_unknown() {
            SendErrorClass::Unknown
        } else {
            match error.reason {
                Reason::Invalid | Reason::Refused | Reason::Redirects => {
                    SendErrorClass::Settings(SettingsProblem::Config)
                }
                _ => SendErrorClass::Unavailable,
            }
        };
        let message = error.to_string();
        Self { class, code: code.to_owned(), message, exchange: Some(error.exchange) }
    }
}

/// Why a webhook is not believed. All of them are answered alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the request carries no signature")]
    Missing,
    #[error("the signature does not match")]
    Mismatch,
    #[error("the channel has no secret to check signatures with")]
    NotConfigured,
    #[error("this channel takes no webhooks")]
    Unsupported,
}

/// A genuine webhook that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the webhook cannot be read: {0}")]
pub struct ParseError(pub String);

/// Classifies an answer that is not in the provider's own words: a proxy's page, an empty body.
pub(crate) fn without_body(response: &outbound::Response) -> SendError {
    let status = response.status.as_u16();
    let class = match status {
        401 | 403 | 407 => SendErrorClass::Settings(SettingsProblem::Auth),
        429 => SendErrorClass::Throttled { after: retry_after(response), scope: ThrottleScope::Channel },
        // turned away at the door; 500, 502 and 504 may come after the message was taken
        408 | 503 => SendErrorClass::Unavailable,
        300..400 | 404 | 405 => SendErrorClass::Settings(SettingsProblem::Config),
        400..500 => SendErrorClass::Rejected(RejectReason::Content),
        _ => SendErrorClass::Unknown,
    };
    SendError::new(class, status.to_string(), format!("the provider answered {status} without a reason"))
}

/// A success that is not in the provider's own words: whatever wrote it, the provider may have the message.
pub(crate) fn not_understood(response: &outbound::Response) -> SendError {
    let told = "the answer is not one of the provider's";
    SendError::new(SendErrorClass::Unknown, "not_understood", told).with_exchange(response.exchange.clone())
}

/// `Retry-After` in seconds, at most an hour; dates are not used by any provider here.
pub(crate) fn retry_after(response: &outbound::Response) -> Option<Duration> {
    let value = response.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse::<u64>().ok().map(|seconds| Duration::from_secs(seconds.min(3600)))
}
