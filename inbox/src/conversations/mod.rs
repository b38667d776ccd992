//! Conversations: the thread of messages between a customer and the organisation.

mod commands;
mod create;
mod entity;
mod list;
mod order;
mod queries;
pub mod visitor;

pub(crate) use commands::show_read;
pub use commands::{
    AssignCommand, ReadTo, UpdateConversation, assign, close, read, record_status, set_status, update,
};
pub use create::{NewConversation, create};
pub(crate) use create::{address_of, contact};
pub use entity::{Conversation, find_live, lock, lock_visible, save};
pub use list::{
    ConversationPage, ListQuery, ListView, VIEW_COLUMNS, ViewCounts, ViewRow, list, push_visibility,
};
pub use order::ListSort;
pub use queries::{
    ActivityView, AssignmentView, DecisionView, ThreadContact, ThreadContext, activity, assignments, get,
    opened, reply_window, require_visible, routing,
};
