//! Whom messages go to: groups of contacts and persons, and segments, which are saved filters over contacts.

pub mod groups;
pub mod members;
pub mod persons;
pub mod segments;
