//! Providers that run in the test: they record every request and fail as they are told.

mod journal;
mod others;
mod server;
mod telegram;
mod tokens;
mod twilio;

pub use self::{
    journal::{Entry, Fate, Journal},
    others::FakeProviders,
    server::{Answer, Call, Counts, Faults, Provider},
    telegram::{FakeTelegram, update as telegram_update},
    tokens::FakeTokens,
    twilio::{FakeTwilio, signature as twilio_signature},
};
