//! Messages that are sent later, once or again and again.
//!
//! A firing and what it makes (a message, a group message) are one transaction with the occurrence's key and
//! the next time: any number of nodes may look for what is due, each time fires once ([`fire`]).

mod commands;
mod entity;
pub mod fire;
#[cfg(test)]
mod tests;

pub use commands::{create, delete, update};
pub use entity::{
    ENTITY, NewSchedule, OccurrenceView, Runs, RunsRequest, ScheduleView, UpdateSchedule, get, list,
    occurrences, runs,
};
