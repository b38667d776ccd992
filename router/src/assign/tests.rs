use std::collections::{BTreeMap, HashMap};

use model::{
    AgentStatus, ChannelType, ConversationId, Priority, TeamId, Time, UserId,
    bot::{AssignStrategy, Language},
    hours::Hours,
};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;

/// Monday 12:00 UTC.
fn now() -> Time {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn team(number: u128) -> TeamId {
    TeamId(Uuid::from_u128(number))
}

fn seconds_ago(seconds: i64) -> Time {
    now() - chrono::Duration::seconds(seconds)
}

fn waiting(number: u128) -> Waiting {
    Waiting {
        conversation_id: ConversationId(Uuid::from_u128(number)),
        priority: Priority::Normal,
        queued_at: seconds_ago(1000 - number as i64),
        channel_type: ChannelType::Telegram,
        topics: vec![],
        language: None,
        team_id: None,
        strategy: None,
        excluded_agents: vec![],
        previous_assignee_id: None,
    }
}

fn agent(number: u128) -> AgentFacts {
    AgentFacts {
        user_id: user(number),
        teams: vec![],
        connected: true,
        status: AgentStatus::Online,
        hours: None,
        available_channels: vec![],
        topics: vec![],
        languages: vec![],
        load: 0,
        capacity: 5,
        last_assigned_at: None,
    }
}

fn facts(waiting: Vec<Waiting>, agents: Vec<AgentFacts>) -> Facts {
    Facts { waiting, agents, now: now() }
}

fn hours(start: &str, end: &str) -> Hours {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    Hours::parse(&json!({"schedule": [{"days": days, "start": start, "end": end}]}), "").unwrap()
}

fn picked(plan: &Plan) -> Vec<(u128, u128)> {
    plan.assignments
        .iter()
        .map(|one| (one.conversation_id.uuid().as_u128(), one.agent.uuid().as_u128()))
        .collect()
}

#[test]
fn least_active_then_longest_idle() {
    let busy = AgentFacts { load: 2, ..agent(1) };
    let recent = AgentFacts { load: 1, last_assigned_at: Some(seconds_ago(10)), ..agent(2) };
    let idle = AgentFacts { load: 1, last_assigned_at: Some(seconds_ago(900)), ..agent(3) };
    let plan = plan(&facts((1..=4).map(waiting).collect(), vec![busy, recent, idle]));
    assert_eq!(picked(&plan), [(1, 3), (2, 2), (3, 1), (4, 3)]);
    assert_eq!(plan.assignments[0].reason, PickedAs::LeastActive);
    let order: Vec<u128> =
        plan.assignments[0].candidates.list.iter().map(|one| one.user_id.uuid().as_u128()).collect();
    assert_eq!(order, [3, 2, 1]);
    let times: Vec<Time> = plan.assignments.iter().map(|one| one.assigned_at).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn round_robin_goes_by_time_and_the_manual_queue_waits() {
    let round = |number| Waiting { strategy: Some(AssignStrategy::RoundRobin), ..waiting(number) };
    let first = AgentFacts { load: 4, last_assigned_at: Some(seconds_ago(900)), ..agent(1) };
    let second = AgentFacts { load: 0, last_assigned_at: Some(seconds_ago(100)), ..agent(2) };
    let manual = Waiting { strategy: Some(AssignStrategy::ManualQueue), ..waiting(9) };
    let plan = plan(&facts(vec![manual, round(1), round(2), round(3)], vec![first, second]));
    assert_eq!(picked(&plan), [(1, 1), (2, 2), (3, 2)]);
    assert_eq!(plan.waiting[0].reason, WaitsFor::PickUp);
}

#[test]
fn priority_then_age_then_id() {
    let urgent = Waiting { priority: Priority::Urgent, queued_at: now(), ..waiting(3) };
    let low = Waiting { priority: Priority::Low, queued_at: seconds_ago(5000), ..waiting(4) };
    let twin = Waiting { queued_at: waiting(1).queued_at, ..waiting(2) };
    let plan =
        plan(&facts(vec![low, twin, waiting(1), urgent], vec![AgentFacts { capacity: 3, ..agent(1) }]));
    assert_eq!(picked(&plan), [(3, 1), (1, 1), (2, 1)]);
    assert_eq!(plan.waiting[0].reason, WaitsFor::Capacity);
}

#[test]
fn one_that_nobody_can_take_blocks_nobody() {
    let amharic = Waiting { language: Some("am".parse().unwrap()), ..waiting(1) };
    let english = AgentFacts { languages: vec!["en".parse().unwrap()], ..agent(1) };
    let plan = plan(&facts(vec![amharic, waiting(2)], vec![english]));
    assert_eq!(picked(&plan), [(2, 1)]);
    assert_eq!(plan.waiting[0].reason, WaitsFor::Nobody);
    let json = serde_json::to_value(&plan.waiting[0]).unwrap();
    assert_eq!(json["candidates"]["list"][0]["refused_because"], json!(["language"]));
    assert_eq!(json["reason"], "nobody");
}

#[test]
fn the_previous_assignee_comes_first_if_eligible() {
    let back = Waiting { previous_assignee_id: Some(user(2)), ..waiting(1) };
    let agents = || vec![agent(1), AgentFacts { load: 4, ..agent(2) }];
    let first = plan(&facts(vec![back.clone()], agents()));
    assert_eq!((picked(&first), first.assignments[0].reason), (vec![(1, 2)], PickedAs::PreviousAssignee));
    let mut full = agents();
    full[1].load = 5;
    assert_eq!(picked(&plan(&facts(vec![back.clone()], full))), [(1, 1)]);
    let declined = Waiting { excluded_agents: vec![user(2)], ..back };
    assert_eq!(picked(&plan(&facts(vec![declined], agents()))), [(1, 1)]);
}

#[test]
fn each_filter_says_what_it_is() {
    let one = Waiting {
        topics: vec![" Billing".into()],
        language: Some("am".parse().unwrap()),
        team_id: Some(team(1)),
        excluded_agents: vec![user(9)],
        ..waiting(1)
    };
    let fine = AgentFacts { teams: vec![team(1)], ..agent(1) };
    assert!(refusals(&fine, &one, now()).is_empty());
    assert!(refusals(&AgentFacts { topics: vec!["billing".into()], ..fine.clone() }, &one, now()).is_empty());
    let cases: Vec<(AgentFacts, Refusal)> = vec![
        (AgentFacts { connected: false, ..fine.clone() }, Refusal::NotConnected),
        (AgentFacts { status: AgentStatus::Away, ..fine.clone() }, Refusal::NotOnline),
        (AgentFacts { hours: Some(hours("13:00", "17:00")), ..fine.clone() }, Refusal::OutsideHours),
        (AgentFacts { teams: vec![team(2)], ..fine.clone() }, Refusal::NotInTeam),
        (AgentFacts { available_channels: vec![ChannelType::Sms], ..fine.clone() }, Refusal::Channel),
        (AgentFacts { topics: vec!["technical".into()], ..fine.clone() }, Refusal::Topic),
        (AgentFacts { languages: vec!["en".parse().unwrap()], ..fine.clone() }, Refusal::Language),
        (AgentFacts { load: 5, ..fine.clone() }, Refusal::AtCapacity),
        (AgentFacts { user_id: user(9), ..fine }, Refusal::Excluded),
    ];
    for (agent, refusal) in &cases {
        assert_eq!(refusals(agent, &one, now()).iter().collect::<Vec<_>>(), [*refusal]);
        let plan = plan(&facts(vec![one.clone()], vec![agent.clone()]));
        assert!(plan.assignments.is_empty());
        let expected = match refusal {
            Refusal::NotConnected | Refusal::NotOnline | Refusal::OutsideHours => WaitsFor::Availability,
            Refusal::AtCapacity => WaitsFor::Capacity,
            Refusal::Excluded => WaitsFor::AnotherAgent,
            _ => WaitsFor::Nobody,
        };
        assert_eq!(plan.waiting[0].reason, expected, "{refusal:?}");
    }
}

#[test]
fn the_queue_wakes_when_hours_begin() {
    let open = AgentFacts { hours: Some(hours("08:00", "17:00")), ..agent(1) };
    let later = AgentFacts { hours: Some(hours("14:00", "17:00")), ..agent(2) };
    let sooner = AgentFacts { hours: Some(hours("12:30", "17:00")), ..agent(3) };
    assert_eq!(next_wake(&facts(vec![], vec![open.clone(), agent(4)])), None);
    let wake = next_wake(&facts(vec![], vec![open, later, sooner]));
    assert_eq!(wake, Some(now() + chrono::Duration::minutes(30)));
}

#[test]
fn ten_thousand_waiting_and_a_thousand_agents() {
    let channels = ChannelType::ALL;
    let waiting: Vec<Waiting> = (0..10_000)
        .map(|number| Waiting {
            priority: Priority::ALL[number as usize % 4],
            channel_type: channels[number as usize % channels.len()],
            language: (number % 3 == 0).then(|| "am".parse().unwrap()),
            topics: if number % 5 == 0 { vec!["billing".into()] } else { vec![] },
            team_id: (number % 7 == 0).then(|| team(number % 4)),
            ..waiting(number)
        })
        .collect();
    let agents: Vec<AgentFacts> = (0..1_000)
        .map(|number| AgentFacts {
            teams: vec![team(number % 4)],
            hours: (number % 2 == 0).then(|| hours("08:00", "17:00")),
            languages: if number % 4 == 0 { vec!["en".parse().unwrap()] } else { vec![] },
            ..agent(number)
        })
        .collect();
    let facts = facts(waiting, agents);
    let started = std::time::Instant::now();
    let plan = plan(&facts);
    let took = started.elapsed();
    println!("10,000 waiting and 1,000 agents planned in {took:?}");
    assert_eq!(plan.assignments.len(), 5_000);
    assert_eq!(plan.waiting.len(), 5_000);
    assert!(
        took < std::time::Duration::from_secs(20),
        "{took:?} (unoptimised; far below a second otherwise)"
    );
}

fn languages() -> impl Strategy<Value = Vec<Language>> {
    prop::sample::subsequence(vec!["en", "am"], 0..=2)
        .prop_map(|codes| codes.into_iter().map(|code| code.parse().unwrap()).collect())
}

fn topics() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["billing", "technical"], 0..=2)
        .prop_map(|topics| topics.into_iter().map(str::to_owned).collect())
}

prop_compose! {
    fn any_waiting()(
        number in 0u128..1000, priority in 0usize..4, age in 0i64..8, sms in any::<bool>(), topics in topics(),
        language in languages(), in_team in prop::option::of(0u128..2), strategy in 0usize..8,
        excluded in prop::collection::vec((0u128..8).prop_map(user), 0..2),
        previous in prop::option::weighted(0.2, (0u128..8).prop_map(user)),
    ) -> Waiting {
        Waiting {
            priority: Priority::ALL[priority],
            queued_at: seconds_ago(age),
            channel_type: if sms { ChannelType::Sms } else { ChannelType::Telegram },
            topics,
            language: language.first().cloned(),
            team_id: in_team.map(team),
            strategy: AssignStrategy::ALL.get(strategy).copied(),
            excluded_agents: excluded,
            previous_assignee_id: previous,
            ..waiting(number)
        }
    }
}

prop_compose! {
    fn any_agent()(
        number in 0u128..8, connected in prop::bool::weighted(0.85), status in 0usize..6, closed in prop::bool::weighted(0.15),
        only_sms in prop::bool::weighted(0.2), topics in topics(), languages in languages(), teams in 0u128..4,
        load in 0u32..3, capacity in 0u32..4, idle in prop::option::of(0i64..5),
    ) -> AgentFacts {
        AgentFacts {
            teams: (0..2).filter(|bit| teams >> bit & 1 == 1).map(team).collect(),
            connected,
            status: AgentStatus::ALL.get(status).copied().unwrap_or(AgentStatus::Online),
            hours: if closed { Some(hours("13:00", "14:00")) } else { None },
            available_channels: if only_sms { vec![ChannelType::Sms] } else { vec![] },
            topics, languages, load, capacity,
            last_assigned_at: idle.map(seconds_ago),
            ..agent(number)
        }
    }
}

prop_compose! {
    fn any_facts()(
        waiting in prop::collection::vec(any_waiting(), 0..25), agents in prop::collection::vec(any_agent(), 0..8),
    ) -> Facts {
        let waiting: BTreeMap<_, _> = waiting.into_iter().map(|one| (one.conversation_id, one)).collect();
        let agents: BTreeMap<_, _> = agents.into_iter().map(|one| (one.user_id, one)).collect();
        facts(waiting.into_values().collect(), agents.into_values().collect())
    }
}

/// The rules once more, written down as plainly as can be.
fn may_take(agent: &AgentFacts, load: u32, one: &Waiting) -> bool {
    agent.connected
        && agent.status == AgentStatus::Online
        && agent.hours.as_ref().is_none_or(|hours| hours.is_open(now()))
        && one.team_id.is_none_or(|team| agent.teams.contains(&team))
        && (agent.available_channels.is_empty() || agent.available_channels.contains(&one.channel_type))
        && (agent.topics.is_empty()
            || one.topics.is_empty()
            || one.topics.iter().any(|it| agent.topics.contains(it)))
        && (agent.languages.is_empty() || one.language.as_ref().is_none_or(|it| agent.languages.contains(it)))
        && load < agent.capacity
        && !one.excluded_agents.contains(&agent.user_id)
}

type Idle = HashMap<UserId, Option<Time>>;

fn best<'a>(
    agents: &'a [AgentFacts],
    loads: &HashMap<UserId, u32>,
    idle: &Idle,
    one: &Waiting,
) -> Option<&'a AgentFacts> {
    let eligible: Vec<&AgentFacts> =
        agents.iter().filter(|agent| may_take(agent, loads[&agent.user_id], one)).collect();
    if let Some(previous) = eligible.iter().find(|agent| Some(agent.user_id) == one.previous_assignee_id) {
        return Some(previous);
    }
    eligible.into_iter().min_by(|a, b| {
        let by_load = loads[&a.user_id].cmp(&loads[&b.user_id]);
        let by_idle = idle[&a.user_id].cmp(&idle[&b.user_id]);
        match one.strategy {
            Some(AssignStrategy::RoundRobin) => by_idle.then(by_load),
            _ => by_load.then(by_idle),
        }
        .then(a.user_id.cmp(&b.user_id))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_plan_is_that_of_the_plain_model(facts in any_facts()) {
        let plan = plan(&facts);
        let mut loads: HashMap<UserId, u32> = facts.agents.iter().map(|agent| (agent.user_id, agent.load)).collect();
        let mut idle: Idle = facts.agents.iter().map(|agent| (agent.user_id, agent.last_assigned_at)).collect();
        let by_id: HashMap<ConversationId, &Waiting> =
            facts.waiting.iter().map(|one| (one.conversation_id, one)).collect();

        // the decisions in their order, replayed against the model: FIFO (I5), the pick (I6), filters (I7)
        let mut queue: Vec<&Waiting> = facts.waiting.iter().collect();
        queue.sort_by_key(|one| (std::cmp::Reverse(one.priority.rank()), one.queued_at, one.conversation_id));
        let mut assignments = plan.assignments.iter();
        for one in queue {
            let manual = one.strategy == Some(AssignStrategy::ManualQueue);
            let expected = if manual { None } else { best(&facts.agents, &loads, &idle, one) };
            let Some(expected) = expected else { continue };
            let Some(actual) = assignments.next() else { return Err(TestCaseError::fail("too few assignments")) };
            prop_assert_eq!(actual.conversation_id, one.conversation_id);
            prop_assert_eq!(actual.agent, expected.user_id);
            let eligible = facts.agents.iter().filter(|agent| may_take(agent, loads[&agent.user_id], one)).count();
            prop_assert_eq!(actual.candidates.eligible, eligible);
            prop_assert_eq!(actual.candidates.considered, facts.agents.len());
            for candidate in actual.candidates.list.iter() {
                let agent = facts.agents.iter().find(|agent| agent.user_id == candidate.user_id).unwrap();
                prop_assert_eq!(candidate.load, loads[&agent.user_id]);
                prop_assert_eq!(candidate.eligible, may_take(agent, candidate.load, one));
                let stands = AgentFacts { load: candidate.load, ..agent.clone() };
                prop_assert_eq!(candidate.refused_because, refusals(&stands, one, now()));
            }
            *loads.get_mut(&actual.agent).unwrap() += 1;
            idle.insert(actual.agent, Some(actual.assigned_at));
        }
        prop_assert!(assignments.next().is_none());

        // nobody over capacity who was not before (I2)
        for agent in &facts.agents {
            let load = loads[&agent.user_id];
            prop_assert!(load == agent.load || load <= agent.capacity);
        }
        // nobody waits whom somebody could serve (I4), and everybody is accounted for once
        prop_assert_eq!(plan.assignments.len() + plan.waiting.len(), facts.waiting.len());
        for still in &plan.waiting {
            let one = by_id[&still.conversation_id];
            let able = facts.agents.iter().any(|agent| may_take(agent, loads[&agent.user_id], one));
            prop_assert_eq!(one.strategy == Some(AssignStrategy::ManualQueue), still.reason == WaitsFor::PickUp);
            prop_assert!(still.reason == WaitsFor::PickUp || !able);
        }
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(facts in any_facts(), turn in 0usize..20) {
        let mut other = facts.clone();
        if !other.waiting.is_empty() { let by = turn % other.waiting.len(); other.waiting.rotate_left(by); }
        if !other.agents.is_empty() { let by = turn % other.agents.len(); other.agents.rotate_left(by); }
        other.agents.reverse();
        prop_assert_eq!(plan(&facts), plan(&other));
    }
}
