//! Messages and notes: sending, reading, trying again.

mod again;
mod attachments;
mod attempts;
mod carriage;
mod entity;
mod history;
mod send;
mod single;

pub use again::{cancel, make_due, retry};
pub use attachments::AttachmentInput;
pub use attempts::{AttemptView, ExchangeView, attempts};
pub(crate) use carriage::Carrier;
pub use entity::{NewMessage, insert, load, load_many};
pub use history::{HistoryPage, PublicHistoryPage, history, history_as_visitor};
pub(crate) use send::say_as_channel;
pub use send::{BotMessage, SendMessage, VisitorMessage, say_as_bot, send, send_as_visitor};
pub use single::{NewSingle, create_single, get};
pub(crate) use single::{caption, in_unit as create_single_in};
