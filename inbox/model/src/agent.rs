//! What an agent says of themselves.

text_enum! {
    /// The availability that an agent sets, kept per account. Only `online` receives work.
    pub enum AgentStatus { Online = "online", Away = "away", Offline = "offline" }
}
