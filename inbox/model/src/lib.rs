//! The words of the product: typed ids, states with their transitions, events, error codes, and the
//! descriptions of providers. Nothing here does I/O or can tell which stack it runs on; every other
//! crate may depend on this one, and this one on none of ours.

#[macro_use]
mod text_enum;

pub mod agent;
pub mod bot;
pub mod channel;
pub mod clock;
pub mod content;
pub mod conversation;
pub mod error;
pub mod event;
mod fields;
pub mod group_message;
pub mod hours;
pub mod ids;
pub mod message;
pub mod permission;
pub mod profile;
pub mod recurrence;
pub mod schedule;
pub mod sms;
pub mod suppression;
pub mod template;
pub mod view;
pub mod wire;

pub use agent::AgentStatus;
pub use channel::{ChannelFacts, ChannelStatus, ChannelType, Eventually, Lent, Turn};
pub use clock::{Clock, SystemClock, TestClock, Time};
pub use content::{AsLink, Attachment, AttachmentKind, ContentType, LinkReason};
pub use conversation::{AssignedBy, BotState, ConversationStatus, Priority};
pub use error::{Error, ErrorCode, Result};
pub use event::{Audience, Event, Topic};
pub use ids::*;
pub use message::{Direction, MessageStatus, SenderType};
pub use permission::{Permission, Permissions};
