//! Channel types and states.

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
