//! The matcher.
//!
//! Conversations with the same needs form a class; who fits a class is worked out once. Loads only grow
//! while a plan is made, so a class that has run out of free agents stays so, and everybody after in it
//! is answered at once: the work is (classes + assignments) × agents.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use chrono::Duration;
use model::{
    ChannelType, TeamId, Time, UserId,
    bot::{AssignStrategy, Language},
};

use super::{
    Assignment, Candidate, Candidates, Facts, MAX_CANDIDATES, PickedAs, Plan, Refusal, Refusals,
    StillWaiting, Waiting, WaitsFor,
    facts::{availability, fit},
};

/// An agent while the plan is made.
struct Agent {
    user_id: UserId,
    load: u32,
    capacity: u32,
    last_assigned_at: Option<Time>,
}

/// The order in which a strategy prefers agents: the least is picked.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    ByLoad(u32, Option<Time>, UserId),
    ByIdleness(Option<Time>, u32, UserId),
}

impl Agent {
    const fn has_room(&self) -> bool {
        self.load < self.capacity
    }

    const fn rank(&self, strategy: Option<AssignStrategy>) -> Rank {
        match strategy {
            Some(AssignStrategy::RoundRobin) => {
                Rank::ByIdleness(self.last_assigned_at, self.load, self.user_id)
            }
            Some(AssignStrategy::LeastBusy | AssignStrategy::ManualQueue) | None => {
                Rank::ByLoad(self.load, self.last_assigned_at, self.user_id)
            }
        }
    }
}

/// What decides who fits.
#[derive(PartialEq, Eq, Hash)]
struct Needs<'f> {
    team: Option<TeamId>,
    channel: ChannelType,
    topics: &'f [String],
    language: Option<&'f Language>,
}

struct Class {
    /// By agent, without capacity and exclusions.
    refused: Vec<Refusals>,
    /// Agents with nothing against them who still have room.
    free: Vec<usize>,
    /// The answer to everybody in the class without exclusions, once nobody is free.
    ran_dry: Option<(WaitsFor, Candidates)>,
}

/// Works out who gets whom. Deterministic: the order in which the facts are listed does not matter.
#[must_use]
pub fn plan(facts: &Facts) -> Plan {
    let mut agents: Vec<Agent> = facts
        .agents
        .iter()
        .map(|agent| Agent {
            user_id: agent.user_id,
            load: agent.load,
            capacity: agent.capacity,
            last_assigned_at: agent.last_assigned_at,
        })
        .collect();
    let available: Vec<Refusals> = facts.agents.iter().map(|agent| availability(agent, facts.now)).collect();
    let mut clock = first_moment(facts);
    let mut queue: Vec<&Waiting> = facts.waiting.iter().collect();
    queue.sort_unstable_by_key(|one| (Reverse(one.priority.rank()), one.queued_at, one.conversation_id));

    let mut classes: HashMap<Needs<'_>, Class> = HashMap::new();
    let mut plan = Plan::default();
    for waiting in queue {
        let conversation_id = waiting.conversation_id;
        if waiting.strategy == Some(AssignStrategy::ManualQueue) {
            let candidates = Candidates { considered: 0, eligible: 0, list: Arc::default() };
            plan.waiting.push(StillWaiting { conversation_id, reason: WaitsFor::PickUp, candidates });
            continue;
        }
        let needs = Needs {
            team: waiting.team_id,
            channel: waiting.channel_type,
            topics: &waiting.topics,
            language: waiting.language.as_ref(),
        };
        let class = classes.entry(needs).or_insert_with(|| Class::new(facts, &available, waiting));
        class.free.retain(|index| agents[*index].has_room());
        let Some((index, reason)) = class.pick(&agents, waiting) else {
            let (reason, candidates) = class.waits(&agents, waiting);
            plan.waiting.push(StillWaiting { conversation_id, reason, candidates });
            continue;
        };
        let candidates = class.candidates(&agents, waiting);
        let agent = &mut agents[index];
        agent.load += 1;
        agent.last_assigned_at = Some(clock);
        plan.assignments.push(Assignment {
            conversation_id,
            agent: agent.user_id,
            reason,
            assigned_at: clock,
            candidates,
        });
        clock += Duration::microseconds(1);
    }
    plan
}

/// The first `assigned_at`: now, unless a clock was ahead before.
fn first_moment(facts: &Facts) -> Time {
    let latest = facts.agents.iter().filter_map(|agent| agent.last_assigned_at).max();
    latest.map_or(facts.now, |latest| facts.now.max(latest + Duration::microseconds(1)))
}

impl Class {
    fn new(facts: &Facts, available: &[Refusals], waiting: &Waiting) -> Self {
        let refused: Vec<Refusals> =
            facts.agents.iter().zip(available).map(|(agent, now)| now.union(fit(agent, waiting))).collect();
        let free = (0..refused.len()).filter(|index| refused[*index].is_empty()).collect();
        Self { refused, free, ran_dry: None }
    }

    /// The agent who gets it, among the free.
    fn pick(&self, agents: &[Agent], waiting: &Waiting) -> Option<(usize, PickedAs)> {
        let allowed = self
            .free
            .iter()
            .copied()
            .filter(|index| !waiting.excluded_agents.contains(&agents[*index].user_id));
        if let Some(previous) = waiting.previous_assignee_id
            && let Some(index) = allowed.clone().find(|index| agents[*index].user_id == previous)
        {
            return Some((index, PickedAs::PreviousAssignee));
        }
        let reason = match waiting.strategy {
            Some(AssignStrategy::RoundRobin) => PickedAs::RoundRobin,
            Some(AssignStrategy::LeastBusy) => PickedAs::LeastBusy,
            Some(AssignStrategy::ManualQueue) | None => PickedAs::LeastActive,
        };
        allowed.min_by_key(|index| agents[*index].rank(waiting.strategy)).map(|index| (index, reason))
    }

    /// Why nobody gets it.
    fn waits(&mut self, agents: &[Agent], waiting: &Waiting) -> (WaitsFor, Candidates) {
        if waiting.excluded_agents.is_empty()
            && let Some(answer) = &self.ran_dry
        {
            return answer.clone();
        }
        let among = |allowed: Refusals| {
            (0..agents.len()).any(|index| self.refusals(agents, index, waiting).within(allowed))
        };
        let reason = if among(Refusal::AtCapacity.into()) {
            WaitsFor::Capacity
        } else if among([Refusal::AtCapacity, Refusal::Excluded].into_iter().collect()) {
            WaitsFor::AnotherAgent
        } else if among(Refusals::OF_THE_MOMENT) {
            WaitsFor::Availability
        } else {
            WaitsFor::Nobody
        };
        let answer = (reason, self.candidates(agents, waiting));
        if waiting.excluded_agents.is_empty() {
            self.ran_dry = Some(answer.clone());
        }
        answer
    }

    fn refusals(&self, agents: &[Agent], index: usize, waiting: &Waiting) -> Refusals {
        let agent = &agents[index];
        self.refused[index]
            .with(Refusal::AtCapacity, !agent.has_room())
            .with(Refusal::Excluded, waiting.excluded_agents.contains(&agent.user_id))
    }

    /// Everybody as they stand, the foremost listed.
    fn candidates(&self, agents: &[Agent], waiting: &Waiting) -> Candidates {
        let mut eligible = 0;
        let mut order: Vec<(u32, Rank, usize, Refusals)> = Vec::with_capacity(agents.len());
        for (index, agent) in agents.iter().enumerate() {
            let refused = self.refusals(agents, index, waiting);
            eligible += usize::from(refused.is_empty());
            order.push((refused.len(), agent.rank(waiting.strategy), index, refused));
        }
        if order.len() > MAX_CANDIDATES {
            order.select_nth_unstable(MAX_CANDIDATES);
            order.truncate(MAX_CANDIDATES);
        }
        order.sort_unstable();
        let list = order.into_iter().map(|(_, _, index, refused_because)| {
            let agent = &agents[index];
            Candidate {
                user_id: agent.user_id,
                eligible: refused_because.is_empty(),
                refused_because,
                load: agent.load,
                capacity: agent.capacity,
                last_assigned_at: agent.last_assigned_at,
            }
        });
        Candidates { considered: agents.len(), eligible, list: list.collect() }
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self::default().with(refusal, true)
    }
}
