//! Who answers a message: bot rules first, then the assignment of agents.
//!
//! `rules` and `assign` are pure: facts in, decision out. `bot` and `assigner` bring the facts from the
//! store and write the decisions back.

pub mod assign;
pub mod assigner;
pub mod bot;
mod decisions;
pub mod rulebook;
pub mod rules;
