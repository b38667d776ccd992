//! Channel types and states, and what of a channel its provider's adapter needs.

use serde_json::Value;

use crate::{AccountId, ChannelId};

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
