//! What customers send: from the mailbox into conversations.

mod contacts;
mod item;
mod others;
mod receive;
mod threads;
mod web;
mod worker;

pub(crate) use contacts::contact_of_address;
pub use item::{InboundItem, InboundKind};
pub use receive::receive;
pub(crate) use web::{external_id_of_visitor, item_of_visitor, received_before};
pub use worker::run;
