//! What is known of the waiting and of the agents, and who may take what.

use model::{
    AgentStatus, ChannelType, ConversationId, Priority, TeamId, Time, UserId,
    bot::{AssignStrategy, Language},
    hours::Hours,
};
use serde::{Serialize, Serializer};

/// A conversation in the queue.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub conversation_id: ConversationId,
    pub priority: Priority,
    /// When it first entered the queue; a return to the queue does not change it.
    pub queued_at: Time,
    pub channel_type: ChannelType,
    /// An agent with topics must have one of these; empty: any agent will do.
    pub topics: Vec<String>,
    /// `None`: not known, so that it refuses nobody.
    pub language: Option<Language>,
    /// Only members of this team.
    pub team_id: Option<TeamId>,
    pub strategy: Option<AssignStrategy>,
    /// Agents who must not get it, because they declined it or were taken off it.
    pub excluded_agents: Vec<UserId>,
    /// Tried first.
    pub previous_assignee_id: Option<UserId>,
}

/// An agent of the account.
#[derive(Debug, Clone)]
pub struct AgentFacts {
    pub user_id: UserId,
    pub teams: Vec<TeamId>,
    /// Connected, or gone for less than the grace.
    pub connected: bool,
    /// What the agent says of themselves.
    pub status: AgentStatus,
    /// `None`: at any time.
    pub hours: Option<Hours>,
    /// Empty lists restrict nothing.
    pub available_channels: Vec<ChannelType>,
    pub topics: Vec<String>,
    pub languages: Vec<Language>,
    /// Active conversations.
    pub load: u32,
    pub capacity: u32,
    /// `None`: never, which is the longest idleness.
    pub last_assigned_at: Option<Time>,
}

/// All that a plan depends on.
#[derive(Debug, Clone)]
pub struct Facts {
    /// In any order; each conversation once.
    pub waiting: Vec<Waiting>,
    /// In any order; each agent once.
    pub agents: Vec<AgentFacts>,
    pub now: Time,
}

/// Why an agent may not take a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u16)]
pub enum Refusal {
    NotConnected = 1,
    /// The agent's own status is not online.
    NotOnline = 2,
    OutsideHours = 4,
    NotInTeam = 8,
    Channel = 16,
    Topic = 32,
    Language = 64,
    AtCapacity = 128,
    Excluded = 256,
}

impl Refusal {
    pub const ALL: [Self; 9] = [
        Self::NotConnected,
        Self::NotOnline,
        Self::OutsideHours,
        Self::NotInTeam,
        Self::Channel,
        Self::Topic,
        Self::Language,
        Self::AtCapacity,
        Self::Excluded,
    ];
}

/// A set of reasons; sent as a list of words. Empty: eligible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusals(u16);

impl Refusals {
    /// Reasons that pass by themselves: the agent could take it at another time.
    pub(super) const OF_THE_MOMENT: Self = Self(
        Refusal::NotConnected as u16
            | Refusal::NotOnline as u16
            | Refusal::OutsideHours as u16
            | Refusal::AtCapacity as u16
            | Refusal::Excluded as u16,
    );

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many reasons there are.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    #[must_use]
    pub const fn contains(self, refusal: Refusal) -> bool {
        self.0 & refusal as u16 != 0
    }

    /// Whether every reason is also one of `others`.
    #[must_use]
    pub const fn within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Refusal> {
        Refusal::ALL.into_iter().filter(move |refusal| self.contains(*refusal))
    }

    #[must_use]
    pub const fn with(self, refusal: Refusal, holds: bool) -> Self {
        if holds { Self(self.0 | refusal as u16) } else { self }
    }
}

impl FromIterator<Refusal> for Refusals {
    fn from_iter<I: IntoIterator<Item = Refusal>>(refusals: I) -> Self {
        refusals.into_iter().fold(Self::default(), |set, refusal| set.with(refusal, true))
    }
}

impl Serialize for Refusals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// Why `agent` may not take `waiting` at `now`, all reasons at once.
#[must_use]
pub fn refusals(agent: &AgentFacts, waiting: &Waiting, now: Time) -> Refusals {
    availability(agent, now)
        .union(fit(agent, waiting))
        .with(Refusal::AtCapacity, agent.load >= agent.capacity)
        .with(Refusal::Excluded, waiting.excluded_agents.contains(&agent.user_id))
}

impl Refusals {
    #[must_use]
    pub const fn union(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

/// What depends on the agent alone.
pub(super) fn availability(agent: &AgentFacts, now: Time) -> Refusals {
    Refusals::default()
        .with(Refusal::NotConnected, !agent.connected)
        .with(Refusal::NotOnline, agent.status != AgentStatus::Online)
        .with(Refusal::OutsideHours, agent.hours.as_ref().is_some_and(|hours| !hours.is_open(now)))
}

/// What depends on the two together and does not change while a plan is made.
pub(super) fn fit(agent: &AgentFacts, waiting: &Waiting) -> Refusals {
    let channels = &agent.available_channels;
    let shares_topic =
        || waiting.topics.iter().any(|topic| agent.topics.iter().any(|own| same_topic(own, topic)));
    let speaks = |language| agent.languages.contains(language);
    Refusals::default()
        .with(Refusal::NotInTeam, waiting.team_id.is_some_and(|team| !agent.teams.contains(&team)))
        .with(Refusal::Channel, !channels.is_empty() && !channels.contains(&waiting.channel_type))
        .with(Refusal::Topic, !agent.topics.is_empty() && !waiting.topics.is_empty() && !shares_topic())
        .with(
            Refusal::Language,
            !agent.languages.is_empty()
                && waiting.language.as_ref().is_some_and(|language| !speaks(language)),
        )
}

/// Topics are labels that people type: case and surrounding blanks do not count.
fn same_topic(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    one == other || one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}
