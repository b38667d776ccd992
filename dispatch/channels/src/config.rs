//! What an adapter gets to work with.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use model::{AccountId, ChannelFacts, ChannelId, ChannelType, Clock, Lent, profile::Profile};
use outbound::{Client, Redactor, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{SandboxSwitch, SendError};

/// Decrypted credentials. `Debug` prints nothing of them.
#[derive(Clone, Default, PartialEq)]
pub struct Secrets(Value);

impl Secrets {
    #[must_use]
    pub const fn new(credentials: Value) -> Self {
        Self(credentials)
    }

    /// A text field; `None` if it is missing or empty.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The whole object, for encrypting or masking it.
    #[must_use]
    pub const fn expose(&self) -> &Value {
        &self.0
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// A channel as its adapter sees it.
#[derive(Debug, Clone)]
pub struct ChannelConfig {
    pub channel_id: ChannelId,
    pub account_id: AccountId,
    pub channel_type: ChannelType,
    /// The provider's slug, as stored.
    pub provider: String,
    pub credentials: Secrets,
    /// Public settings, valid by the profile's schema.
    pub settings: Value,
    pub sender_name: Option<String>,
    /// Like `+251`; for numbers written without a country.
    pub default_country_code: Option<String>,
}

impl From<ChannelFacts> for ChannelConfig {
    fn from(facts: ChannelFacts) -> Self {
        Self {
            channel_id: facts.channel_id,
            account_id: facts.account_id,
            channel_type: facts.channel_type,
            provider: facts.provider,
            credentials: Secrets::new(facts.credentials),
            settings: facts.settings,
            sender_name: facts.sender_name,
            default_country_code: facts.default_country_code,
        }
    }
}

impl ChannelConfig {
    /// A setting that is a text; `None` if it is missing or empty.
    #[must_use]
    pub fn setting(&self, field: &str) -> Option<&str> {
        self.settings.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A field that may stand among the settings or the credentials.
    #[must_use]
    pub fn field(&self, field: &str) -> Option<&str> {
        self.setting(field).or_else(|| self.credentials.get(field))
    }

    /// The settings as the adapter's own type; missing fields take their defaults.
    ///
    /// # Errors
    /// [`SendError`] of class settings, naming what does not fit.
    pub fn typed_settings<T: DeserializeOwned>(&self) -> Result<T, SendError> {
        let settings = if self.settings.is_null() { &EMPTY } else { &self.settings };
        T::deserialize(settings)
            .map_err(|error| SendError::config(format!("the channel's settings: {error}")))
    }

    /// A credential that the call cannot do without.
    ///
    /// # Errors
    /// [`SendError`] of class settings, naming the field.
    pub fn required(&self, field: &str) -> Result<&str, SendError> {
        self.credentials.get(field).ok_or_else(|| SendError::config(format!("the channel has no {field}")))
    }

    /// The base address of the provider's API: `api_base` of the settings or of the credentials, or the
    /// public one; without a slash at the end.
    #[must_use]
    pub fn api_base<'a>(&'a self, public: &'a str) -> &'a str {
        self.field("api_base").unwrap_or(public).trim_end_matches('/')
    }
}

static EMPTY: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| Value::Object(serde_json::Map::new()));

/// Everything a call to a provider needs. Cheap to make for each call.
#[derive(Clone)]
pub struct Context {
    pub http: Client,
    pub channel: Arc<ChannelConfig>,
    pub clock: Arc<dyn Clock>,
    /// Where the sandbox's messages go; other providers do not touch it.
    pub sandbox: SandboxSwitch,
    /// Where what the provider lends is kept; without it, it is got again.
    pub lent: Option<Arc<dyn Lent>>,
    /// Masks the channel's secrets.
    pub redactor: Redactor,
    /// No call goes on after this.
    until: Option<Instant>,
}

impl Context {
    #[must_use]
    pub fn new(
        http: Client,
        channel: Arc<ChannelConfig>,
        profile: &Profile,
        clock: Arc<dyn Clock>,
        sandbox: SandboxSwitch,
    ) -> Self {
        let redactor = Redactor::new(profile.secrets(channel.credentials.expose()));
        Self { http, channel, clock, sandbox, lent: None, redactor, until: None }
    }

    /// Everything that is done with this context ends within so much time from now, whatever it consists of.
    /// The engine sets it for sends, which must end well before their lease does.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.until = Some(Instant::now() + time);
        self
    }

    /// What the provider lends is kept there.
    #[must_use]
    pub fn lending(mut self, lent: Arc<dyn Lent>) -> Self {
        self.lent = Some(lent);
        self
    }

    /// What is left of the time that [`Context::within`] gave; `None` = no limit.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// Calls the provider, with the channel's secrets masked in everything that is recorded.
    ///
    /// # Errors
    /// [`SendError`]: unavailable if the request certainly did not reach the provider, unknown if it may have.
    pub async fn call(&self, mut request: Request) -> Result<Response, SendError> {
        request.redactor = self.redactor.clone();
        request.deadline = match (request.deadline, self.time_left()) {
            (Some(own), Some(left)) => Some(own.min(left)),
            (own, left) => own.or(left),
        };
        Ok(self.http.send(request).await?)
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("channel", &self.channel.channel_id).finish_non_exhaustive()
    }
}
