//! The sandbox's front: an API and a page with which people play its customers, see what was sent to them,
//! and tell it how to misbehave. What goes in passes the same signed webhook door as any provider's.

pub mod api;
mod desk;

pub use desk::{Desk, NewInbound, SentMessage, SentPage, Standing, Taken};

/// What the page at `/sandbox` consists of.
pub(crate) const PAGE: &str = include_str!("page.html");
pub(crate) const SCRIPT: &str = include_str!("page.js");
