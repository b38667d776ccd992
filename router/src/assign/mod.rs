//! Which agent gets which conversation: facts in, plan out, nothing else.
//!
//! One central queue: the waiting are served by priority, then by how long they wait. A conversation
//! that nobody may take at the moment is passed over and keeps its place (non-blocking first in, first
//! out). Each filter applies only where the agent has set it. The plan guarantees, for the facts given:
//!
//! * no agent gets more than their capacity, and nobody outside team, hours, channel, topic or language;
//! * nobody who could be served still waits at its end;
//! * a conversation is only overtaken by a later one of the same or lower priority if nobody free at
//!   that moment was eligible for it;
//! * the agent picked is the least by the strategy's order among those eligible at that moment.
//!
//! Where no strategy is given: the fewest active conversations, then the longest since the last
//! assignment.

pub mod facts;
mod plan;

use std::sync::Arc;

use model::{ConversationId, Time, UserId};
use serde::Serialize;

pub use facts::{AgentFacts, Facts, Refusal, Refusals, Waiting, refusals};
pub use plan::plan;

/// Candidates listed with a decision; the number considered is always exact.
pub const MAX_CANDIDATES: usize = 50;

/// What is to be done about the waiting.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Plan {
    /// In the order in which they were decided.
    pub assignments: Vec<Assignment>,
    /// Those that go on waiting, in the order of the queue.
    pub waiting: Vec<StillWaiting>,
}

/// One conversation that gets an agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assignment {
    pub conversation_id: ConversationId,
    pub agent: UserId,
    pub reason: PickedAs,
    /// The agent's new `last_assigned_at`: later than every one before it, so that the order of idleness
    /// stays total.
    pub assigned_at: Time,
    pub candidates: Candidates,
}

/// One conversation that goes on waiting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StillWaiting {
    pub conversation_id: ConversationId,
    pub reason: WaitsFor,
    pub candidates: Candidates,
}

/// By which rule an agent was picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PickedAs {
    /// They had the conversation before.
    PreviousAssignee,
    /// Fewest active conversations, then longest idle.
    LeastActive,
    LeastBusy,
    RoundRobin,
}

/// What a conversation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// An agent who takes it: its strategy is the manual queue.
    PickUp,
    /// A free place: everybody who may take it is at capacity.
    Capacity,
    /// Somebody else: the only ones who could take it are excluded.
    AnotherAgent,
    /// Somebody to come online or begin their hours.
    Availability,
    /// Nothing that time brings: no agent has the team, channel, topic and language it needs.
    Nobody,
}

/// Who was considered for a conversation, as they stood at that moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Candidates {
    /// How many agents there were.
    pub considered: usize,
    /// How many of them could have taken it.
    pub eligible: usize,
    /// The first [`MAX_CANDIDATES`]: the eligible in the order of the strategy, then the others, those
    /// with the fewest reasons against them first.
    pub list: Arc<[Candidate]>,
}

/// One agent who was considered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    pub user_id: UserId,
    pub eligible: bool,
    pub refused_because: Refusals,
    /// Active conversations before the decision.
    pub load: u32,
    pub capacity: u32,
    pub last_assigned_at: Option<Time>,
}

/// The first moment at which some agent's hours begin: the queue must be looked at again then, since no
/// other event will say so. `None` if nobody's hours are closed now or ever open.
#[must_use]
pub fn next_wake(facts: &Facts) -> Option<Time> {
    let hours = facts.agents.iter().filter_map(|agent| agent.hours.as_ref());
    hours.filter(|hours| !hours.is_open(facts.now)).filter_map(|hours| hours.next_change(facts.now)).min()
}

#[cfg(test)]
mod tests;
