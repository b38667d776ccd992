//! Conversations: the thread of messages between a customer and the organisation.

mod entity;

pub use entity::{Conversation, find_live, lock, lock_visible, save};
