//! Two hubs with all they depend on, their agents and customers, and one fault.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use serde_json::json;
use tests::harness::{AutoAgent, Channel, FalseClock, Memory, Servers, TestHub, World, until};
use tokio::time::Instant;

use crate::{
    audit::{self, Report},
    fault::Fault,
    load::{self, Accepted, Load, Settings},
    provider::Provider,
};

const AGENTS: usize = 6;
/// Load before the fault, and after it.
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(5);
/// How long until everything must be at rest: what a killed hub was sending is free again after a minute.
const REST: Duration = Duration::from_mins(4);

/// Runs one fault on new hubs with a new database, and looks what became of it.
pub async fn run(mut servers: Servers, fault: Fault, settings: Settings) -> (Servers, Report) {
    let (clock, files) = (FalseClock::make(), tempfile::tempdir().unwrap());
    let mut hubs = hubs(&servers, &clock, files.path()).await;
    let world = World::new(&hubs[0]).await;
    // asked of one hub, the pretend provider would not know what the other half of it took
    let behaviour = json!({
        "fail_before_write": 0.02, "fail_status": 0.02, "cut_after_write": 0.01, "answers_look_up": false,
    });
    let channel = world.sandbox("sms", behaviour).await;
    let often = json!({"retry_interval": 1, "retry_count": 100});
    let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), often).await.ok();
    let at = [channel.clone(), channel.at(&hubs[1])];
    let agents = agents(&world, &hubs, settings).await;
    let provider = Provider::watch([world.api.clone(), world.at(&hubs[1]).api], &channel.id);
    let mut accepted = greet(&at, &agents, settings).await;

    let load = Load::start(at.clone(), settings);
    tokio::time::sleep(BEFORE).await;
    let returned = fault.happen(&mut servers, &mut hubs, &clock, &provider, settings.hold).await;
    let (heard, back) = back(&at, &agents, &mut accepted, returned, settings).await;
    tokio::time::sleep(AFTER).await;
    for (name, texts) in load.end().await {
        accepted.entry(name).or_default().extend(texts);
    }
    let mut report = Report { heard, back, ..Report::default() };
    if let Err(left) = rest(&hubs[0], &agents).await {
        report.broken.push(format!("not at rest after {} s: {left}", REST.as_secs()));
    }
    let taken = provider.end().await;
    audit::look(&mut report, &hubs[0], &accepted, &agents, &taken, fault.provider_forgets()).await;
    for agent in agents {
        let id = agent.id().to_owned();
        if AssertUnwindSafe(agent.end()).catch_unwind().await.is_err() {
            report.broken.push(format!("agent {id} was told what the contract forbids"));
        }
    }
    let [mut a, mut b] = hubs;
    b.discard().await;
    a.discard().await;
    drop((a, b));
    (servers, report)
}

async fn hubs(servers: &Servers, clock: &FalseClock, files: &std::path::Path) -> [TestHub; 2] {
    let mut a = servers.hub(files, &[("TURUMBA_DISPATCH_LEASE", "60s")]).await;
    a.spawn().await;
    let own = clock.env();
    let own: Vec<(&str, &str)> = own.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let mut b = a.beside(&own);
    b.spawn().await;
    [a, b]
}

/// Half of them at each hub.
async fn agents(world: &World, hubs: &[TestHub; 2], settings: Settings) -> Vec<AutoAgent> {
    let each = (settings.customers() / AGENTS + 5) as u32;
    let mut agents = Vec::new();
    for n in 0..AGENTS {
        let agent = world.agent(&format!("agent{n}"), each).await.at(&hubs[n % 2]);
        agents.push(AutoAgent::choosing(agent, load::is_question));
    }
    agents
}

/// Each customer says hello, and has an agent who reads.
async fn greet(at: &[Channel; 2], agents: &[AutoAgent], settings: Settings) -> Accepted {
    let mut accepted = Accepted::new();
    for n in 0..settings.customers() {
        load::deliver(at, &mut (n % 2), &load::name(n), "hello").await;
        accepted.insert(load::name(n), vec!["hello".to_owned()]);
    }
    until("everybody has an agent", async || {
        let joined: usize = agents.iter().map(|agent| agent.threads().len()).sum();
        if joined == settings.customers() { Ok(()) } else { Err(joined) }
    })
    .await;
    accepted
}

/// From the return until agents at both hubs hear anything new, and until what somebody writes then at either is shown
/// to both, behind all that waited.
async fn back(
    at: &[Channel; 2],
    agents: &[AutoAgent],
    accepted: &mut Accepted,
    returned: Instant,
    settings: Settings,
) -> (Duration, Duration) {
    let texts = [0, 1].map(|n| (load::name(settings.customers() + n), format!("are you back at {n}")));
    let write = async |n: usize| {
        // at this hub first
        load::deliver(at, &mut { n }, &texts[n].0, &texts[n].1).await;
    };
    let shown = async |memory: &Memory| {
        let mut read = memory.count();
        let (mut heard, mut waited_for) =
            (None, texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>());
        while !waited_for.is_empty() {
            let events = memory.events_from(read);
            read += events.len();
            for event in events.iter().filter(|event| event.log().is_some()) {
                heard.get_or_insert_with(|| returned.elapsed());
                let preview = event.payload["last_message_preview"].as_str().unwrap_or_default();
                waited_for.retain(|text| *text != preview);
            }
            assert!(returned.elapsed() < REST, "never shown: {waited_for:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (heard.unwrap_or_default(), returned.elapsed())
    };
    // the first two agents are at the one and at the other
    let (one, other, (), ()) =
        tokio::join!(shown(agents[0].memory()), shown(agents[1].memory()), write(0), write(1));
    for (name, text) in &texts {
        accepted.insert(name.clone(), vec![text.clone()]);
    }
    (one.0.max(other.0), one.1.max(other.1))
}

/// Waits until nothing is left to do and every question has its answer.
async fn rest(hub: &TestHub, agents: &[AutoAgent]) -> Result<(), String> {
    const LEFT: &str = "SELECT (SELECT count(*) FROM messages WHERE direction = 'outbound' AND status IN ('queued', 'sending')),
        (SELECT count(*) FROM events WHERE is_pending), (SELECT count(*) FROM jobs WHERE parked_at IS NULL),
        (SELECT count(*) FROM mailbox_items WHERE parked_at IS NULL AND attempts = 0),
        (SELECT count(*) FROM messages WHERE sender_type = 'contact' AND message_body LIKE '%?')
            - (SELECT count(*) FROM messages WHERE sender_type = 'agent')";
    let began = Instant::now();
    let mut db = hub.db().await;
    loop {
        let left: (i64, i64, i64, i64, i64) = sqlx::query_as(LEFT).fetch_one(&mut db).await.unwrap();
        let owed: usize = agents.iter().map(AutoAgent::owed).sum();
        if left == (0, 0, 0, 0, 0) && owed == 0 {
            return Ok(());
        }
        if began.elapsed() > REST {
            let (unsent, events, jobs, items, unanswered) = left;
            return Err(format!(
                "{unsent} answers, {events} events, {jobs} jobs, {items} mailbox items, {unanswered} questions, {owed} \
                 things that agents owe"
            ));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
