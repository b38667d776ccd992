//! Messages and notes: sending, reading, trying again.

mod entity;
mod history;
mod send;
mod single;

pub use entity::{NewMessage, insert, load, load_many};
pub use history::{HistoryPage, PublicHistoryPage, history, history_as_visitor};
pub use send::{
    AttachmentInput, BotMessage, SendMessage, VisitorMessage, make_due, retry, say_as_bot, send,
    send_as_visitor,
};
pub use single::{NewSingle, create_single, get};
