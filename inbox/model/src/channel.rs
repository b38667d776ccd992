//! Channel types and states, and what of a channel its provider's adapter needs.

use std::{pin::Pin, time::Duration};

use serde_json::Value;

use crate::{AccountId, ChannelId, NodeId, Result};

text_enum! {
    /// The seven ways in which a customer can write.
    pub enum ChannelType {
        Sms = "sms", Smpp = "smpp", Telegram = "telegram", Whatsapp = "whatsapp",
        Messenger = "messenger", Email = "email", Webchat = "webchat",
    }
}

text_enum! {
    /// How a channel's connection to its provider stands.
    pub enum ChannelStatus {
        Connected = "connected", Disconnected = "disconnected", RateLimited = "rate_limited",
        Error = "error", Disabled = "disabled",
    }
}

/// A channel as it is stored, credentials opened: what its provider's adapter is made of. Not printable: it
/// holds secrets.
#[derive(Clone)]
pub struct ChannelFacts {
    pub channel_id: ChannelId,
    pub account_id: AccountId,
    pub channel_type: ChannelType,
    /// The provider's slug in lower case.
    pub provider: String,
    pub credentials: Value,
    pub settings: Value,
    pub sender_name: Option<String>,
    /// Like `+251`; for numbers written without a country.
    pub default_country_code: Option<String>,
}

/// What a call to the store gives, some time.
pub type Eventually<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where what a provider has lent a channel for a while (an access token) is kept for all hubs, sealed. Not for what
/// must not be lost: it is got again.
pub trait Lent: Send + Sync {
    /// What is kept, if anything is.
    fn lent(&self, account: AccountId, channel: ChannelId) -> Eventually<'_, Option<Value>>;

    /// Keeps it, in the place of what was there.
    fn lend(&self, account: AccountId, channel: ChannelId, lent: Value) -> Eventually<'_, ()>;

    /// Takes the turn to ask the provider for a new one; `None`: somebody else has it. It ends by itself after so long.
    fn begin(&self, channel: ChannelId, length: Duration) -> Eventually<'_, Option<Turn>>;

    /// Gives the turn back early.
    fn end(&self, channel: ChannelId, turn: Turn) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A turn of [`Lent::begin`].
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    pub holder: NodeId,
    pub token: i64,
}
