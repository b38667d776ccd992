//! Two hundred customers write at once.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use sqlx::Row as _;
use tests::{
    fakes::FakeTelegram,
    harness::{AutoAgent, Channel, Socket, TestHub, World, until},
};

use crate::audit;

const CUSTOMERS: i64 = 200;

/// Each customer writes one message, all at the same time.
async fn everybody_writes(channel: &Channel, customers: std::ops::Range<i64>) -> audit::Sent {
    let posts = customers.clone().map(|customer| async move {
        channel.post(&channel.telegram(customer, &format!("from {customer}"))).await;
    });
    futures::future::join_all(posts).await;
    customers.map(|customer| (customer.to_string(), vec![format!("from {customer}")])).collect()
}

/// Watches the rules that must hold at every moment, until dropped.
pub struct Watch(tokio::task::JoinHandle<()>);

impl Watch {
    pub async fn start(hub: &TestHub) -> Self {
        let mut db = hub.db().await;
        Self(tokio::spawn(async move {
            loop {
                let broken: Vec<String> = sqlx::query_scalar(
                    "SELECT format('%s has %s of %s, and counts %s', s.user_id, count(c.id), s.capacity, s.load)
                     FROM agent_state s LEFT JOIN conversations c
                       ON c.assignee_id = s.user_id AND c.status IN ('assigned', 'pending')
                     GROUP BY s.user_id, s.capacity, s.load HAVING count(c.id) > s.capacity OR count(c.id) <> s.load
                     UNION ALL
                     SELECT format('%s has %s assignees', conversation_id, count(*)) FROM conversation_assignments
                     WHERE unassigned_at IS NULL AND assignee_id IS NOT NULL
                     GROUP BY conversation_id HAVING count(*) > 1",
                )
                .fetch_all(&mut db)
                .await
                .unwrap();
                assert!(broken.is_empty(), "{broken:#?}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }))
    }

    /// Fails if a rule was broken meanwhile.
    pub async fn end(self) {
        self.0.abort();
        if let Err(error) = self.0.await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// How many conversations each agent has, fewest first; and how many wait.
async fn spread(hub: &TestHub) -> (Vec<i64>, i64) {
    let mut db = hub.db().await;
    let loads = sqlx::query(
        "SELECT count(c.id) FROM agent_state s LEFT JOIN conversations c
           ON c.assignee_id = s.user_id AND c.status IN ('assigned', 'pending')
         GROUP BY s.user_id ORDER BY 1",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    let waiting = sqlx::query_scalar("SELECT count(*) FROM conversations WHERE status = 'open'")
        .fetch_one(&mut db)
        .await
        .unwrap();
    (loads.iter().map(|row| row.get(0)).collect(), waiting)
}

pub async fn until_spread(hub: &TestHub, what: &str, loads: &[i64], waiting: i64) {
    until(what, async || {
        let now = spread(hub).await;
        if now == (loads.to_vec(), waiting) { Ok(()) } else { Err(now) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_customers_and_ten_agents_who_answer() {
    everybody_is_answered(&[], 1).await;
}

/// Whatever takes a second connection while it holds one stands still with all others that do so, until a time limit that
/// is longer here than anybody's patience.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_smallest_pools_are_enough_for_them() {
    let env = [
        ("TURUMBA_DATABASE_APP_CONNECTIONS", "2"),
        ("TURUMBA_DATABASE_SYSTEM_CONNECTIONS", "2"),
        ("TURUMBA_DATABASE_ACQUIRE_TIMEOUT", "120s"),
    ];
    everybody_is_answered(&env, 4).await;
}

async fn everybody_is_answered(env: &[(&str, &str)], seed: u64) {
    let (hub, fake) = (TestHub::start_with(env).await, FakeTelegram::run(seed).await);
    let world = World::new(&hub).await;
    let channel = world.telegram(&fake).await;
    let watch = Watch::start(&hub).await;
    let mut agents = Vec::new();
    for n in 0..10 {
        agents.push(AutoAgent::start(world.agent(&format!("agent{n}"), 50).await, true));
    }
    until("ten agents are online", async || {
        let online =
            hub.count("SELECT count(*) FROM agent_state WHERE connected AND status = 'online'").await;
        if online == 10 { Ok(()) } else { Err(online) }
    })
    .await;
    let sent = everybody_writes(&channel, 1000..1000 + CUSTOMERS).await;
    // the least active is next: it comes out even
    until_spread(&hub, "everybody has an agent, evenly", &[20; 10], 0).await;
    until("everybody has an answer", async || {
        let answers = fake.journal().taken().len() as i64;
        if answers == CUSTOMERS { Ok(()) } else { Err(answers) }
    })
    .await;
    hub.drained().await;
    until("agents saw it all", async || {
        let seen: usize =
            agents.iter().map(|agent| agent.threads().values().map(BTreeMap::len).sum::<usize>()).sum();
        if seen as i64 == 2 * CUSTOMERS { Ok(()) } else { Err(seen) }
    })
    .await;
    let stored = audit::stored(&hub).await;
    audit::nothing_lost_or_doubled(&stored, &sent);
    audit::agents_agree(&stored, &agents);
    audit::each_answered_once(&stored);
    audit::provider_agrees(&stored, fake.journal(), 0);
    for agent in agents {
        agent.end().await;
    }
    watch.end().await;
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_customers_than_places_and_the_queue_drains() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(2).await);
    let world = World::new(&hub).await;
    let channel = world.telegram(&fake).await;
    let watch = Watch::start(&hub).await;
    let (mut agents, mut sockets) = (Vec::new(), Vec::new());
    for n in 0..10 {
        let agent = world.agent(&format!("agent{n}"), 8).await;
        sockets.push(agent.online().await);
        agents.push(agent);
    }
    everybody_writes(&channel, 1000..1000 + CUSTOMERS).await;
    until_spread(&hub, "every place is taken", &[8; 10], 120).await;

    // resolving makes places; the queue goes on in its order
    let resolving = agents.iter().zip(&sockets).map(|(agent, socket)| async move {
        for id in held(socket, &agent.id).await {
            socket.done("conversation:status", json!({"conversation_id": id, "status": "resolved"})).await;
        }
    });
    futures::future::join_all(resolving).await;
    until_spread(&hub, "resolved ones were replaced", &[8; 10], 40).await;
    let early: i64 = hub
        .count(
            "SELECT count(*) FROM conversations w WHERE w.status = 'open' AND EXISTS (
                 SELECT 1 FROM conversations a WHERE a.status = 'assigned' AND a.place_at > w.place_at)",
        )
        .await;
    assert_eq!(early, 0, "somebody was overtaken in the queue");

    // coming online makes places
    let late = world.agent("late", 25).await;
    let late_socket = late.online().await;
    let mut loads = vec![8; 10];
    loads.push(25);
    until_spread(&hub, "the newcomer has taken its part", &loads, 15).await;

    // more capacity makes places
    let more = json!({"max_concurrent_conversations": 50});
    let _ = late.api.patch("/v1/agent-preferences/me", more).await.ok();
    *loads.last_mut().unwrap() = 40;
    until_spread(&hub, "nobody waits any more", &loads, 0).await;
    for socket in sockets.iter().chain([&late_socket]) {
        socket.memory().assert_rising();
    }
    watch.end().await;
    drop((sockets, late_socket));
    hub.end().await;
}

/// Ids of the conversations that the agent of this socket has.
async fn held(socket: &Socket, agent: &str) -> Vec<String> {
    let page = socket.done("inbox:list", json!({"view": "mine", "limit": 100})).await;
    let conversations = page["conversations"].as_array().unwrap();
    conversations
        .iter()
        .inspect(|conversation| assert_eq!(conversation["assignee_id"], agent))
        .map(|conversation| conversation["id"].as_str().unwrap().to_owned())
        .collect()
}

/// One of several agents may take it; the others are told who has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_agents_take_the_same_conversation_and_one_has_it() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(3).await);
    let world = World::new(&hub).await;
    let channel = world.telegram(&fake).await;
    let mut people = Vec::new();
    for n in 0..10 {
        // their availability says no, so that routing leaves it to them
        let person = world.person(&format!("agent{n}"), "supervisor").await;
        let socket = person.socket().await;
        people.push((person, socket));
    }
    channel.post(&channel.telegram(5, "Anybody?")).await;
    let new = people[0].1.wait("conversation:new", |_| true).await;
    let id = new.payload["id"].as_str().unwrap();
    let taking = people.iter().map(|(person, socket)| async move {
        let take = json!({
            "conversation_id": id, "assignee_id": person.id, "expected_assignee_id": null,
        });
        socket.command("conversation:assign", take).await
    });
    let outcomes = futures::future::join_all(taking).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "{won:?} {lost:?}");
    let holder = won[0].as_ref().unwrap()["conversation"]["assignee_id"].clone();
    for refusal in lost {
        let Err(tests::harness::CommandError::Refused(code, error)) = refusal else { panic!("{refusal:?}") };
        assert_eq!(code, "conflict");
        assert!(
            error["details"].to_string().contains(holder.as_str().unwrap()),
            "409 tells who has it: {error}"
        );
    }
    drop(people);
    hub.end().await;
}

/// The queue is looked at again when somebody's hours begin.
#[tokio::test]
async fn the_queue_drains_when_hours_begin() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(4).await);
    let world = World::new(&hub).await;
    let channel = world.telegram(&fake).await;
    let agent = world.agent("ada", 5).await;
    let mut db = hub.db().await;
    // the next whole minute by the database's clock, far enough away to be still to come
    let (starts, ends): (String, String) = sqlx::query_as(
        "SELECT to_char(t, 'HH24:MI'), to_char(t + interval '2 hours', 'HH24:MI')
         FROM (SELECT date_trunc('minute', now() AT TIME ZONE 'UTC' + interval '75 seconds') AS t) AS next",
    )
    .fetch_one(&mut db)
    .await
    .unwrap();
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let hours = json!({"schedule": [{"days": days, "start": starts, "end": ends}], "timezone": "UTC"});
    let _ = agent.api.patch("/v1/agent-preferences/me", json!({"available_hours": hours})).await.ok();
    let socket = agent.online().await;
    channel.post(&channel.telegram(7, "Are you there?")).await;
    let new = socket.wait("conversation:new", |_| true).await;
    let id = new.payload["id"].as_str().unwrap();
    until("the decision is stored", async || {
        let routing = agent.api.get(&format!("/v1/conversations/{id}/routing")).await.ok();
        if routing.to_string().contains("hours") { Ok(()) } else { Err(routing) }
    })
    .await;
    socket.wait("notification:assignment", |payload| payload["conversation_id"] == id).await;
    drop(socket);
    hub.end().await;
}
