//! Messages to many, as a ledger.
//!
//! The audience of a group message is frozen in chunks ([`freeze`]): one row for each recipient, with the
//! id that its message will have. The rows are the work queue ([`claim`]); dispatch sends what it claims on
//! the same way as replies, and [`crate::settle`] writes the outcomes. Every move of a recipient goes through
//! [`ledger`], which moves the counts in the same transaction, so that nobody has to count.
//!
//! Guarantees: at most one message for each person and for each address of a group message, whatever
//! crashes; `total = pending + sent + delivered + failed + cancelled` at every commit; a paused or cancelled
//! group message is claimed no more.

pub mod claim;
mod commands;
mod entity;
pub mod estimate;
mod freeze;
pub(crate) mod ledger;
mod progress;
pub mod results;
mod route;
mod source;
#[cfg(test)]
mod tests;
pub mod work;

pub use commands::{Retried, TestSend, create, delete, retry, test_send, update};
pub(crate) use commands::{fire, implicit_template, require_ids, sendable};
pub use entity::{ENTITY, GroupMessageView, NewGroupMessage, UpdateGroupMessage, get, list};
