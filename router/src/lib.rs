//! Who answers a message: bot rules, and the assignment of agents.

pub mod assign;
pub mod rules;
