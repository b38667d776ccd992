//! What customers send: from the mailbox into conversations.

mod item;

pub use item::{InboundItem, InboundKind};
