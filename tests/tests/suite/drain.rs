//! Stopping in an orderly way: everybody is told when to come back, what was accepted is done, nothing is lost or
//! doubled over restarts under load.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use tests::{
    fakes::{FakeTelegram, Faults},
    harness::{TestHub, World, until},
};

use crate::crash::Stage;

const WINDOW: Duration = Duration::from_secs(2);

/// Nothing is fast here when many tests run: workers end what they are at.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_told_when_to_come_back_and_accepted_commands_are_done() {
    let mut hub = TestHub::start_with(&[("TURUMBA_DRAIN_WINDOW", "2s")]).await;
    let world = World::new(&hub).await;
    let agent = world.person("ann", "agent").await;
    let mut sockets = Vec::new();
    for _ in 0..12 {
        sockets.push(agent.socket().await);
    }
    let chat = world.webchat(json!({})).await;
    let visitor = chat.visitor().await;
    let token = json!({"token": visitor["token"]});
    let customer = tests::harness::Socket::connect(&hub.url(), "/customers", &token).await.unwrap();
    customer.wait("live", |_| true).await;

    let began = Instant::now();
    let stopping = tokio::task::spawn_blocking(move || {
        let status = hub.stop();
        (hub, status)
    });
    let mut moments = BTreeSet::new();
    for socket in sockets.iter().chain([&customer]) {
        let told = socket.wait("server:draining", |_| true).await;
        let moment = told.payload["reconnect_in_ms"].as_u64().unwrap();
        assert!(u128::from(moment) <= WINDOW.as_millis(), "{moment}");
        moments.insert(moment);
        // what is asked before the cut is still answered; who was cut already cannot ask
        if !socket.is_closed() {
            let sent = json!({"client_message_id": uuid::Uuid::now_v7(), "content": "last words"});
            let listed = if std::ptr::eq(socket, &raw const customer) {
                socket.command("message:send", sent).await
            } else {
                socket.command("inbox:list", json!({"view": "all"})).await
            };
            assert!(listed.is_ok() || socket.is_closed(), "{listed:?}");
        }
    }
    assert!(moments.len() > 6, "the moments are spread: {moments:?}");
    for socket in &sockets {
        socket.closed().await;
        let names: Vec<String> = socket.memory().events().into_iter().map(|event| event.name).collect();
        assert!(!names.contains(&"auth:expired".to_owned()), "a client is to come back by itself: {names:?}");
    }
    let (hub, status) = stopping.await.unwrap();
    assert!(status.is_some_and(|status| status.success()), "{}", hub.log());
    assert!(began.elapsed() < WINDOW + PATIENCE, "{:?}", began.elapsed());
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_under_load_lose_and_double_nothing() {
    let seed = 0xD4A1_0004;
    let mut stage = Stage::set(seed, &[("TURUMBA_DRAIN_WINDOW", "1s")]).await;
    let mut dice = StdRng::seed_from_u64(seed);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(dice.random_range(1500..4000))).await;
        let status = tokio::task::block_in_place(|| stage.hub.stop());
        assert!(status.is_some_and(|status| status.success()), "{}", stage.hub.log());
        stage.hub.spawn().await;
    }
    // in an orderly end every request to the provider gets its outcome: none may come twice
    stage.audit(|_| 0).await;
}

/// A node without a door, stopped again and again in the midst of it: requests that are on their way get their outcome, and
/// what it had not begun is there for the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_workers_ends_what_it_is_at_and_leaves_the_rest() {
    const CUSTOMERS: i64 = 60;
    let (mut hub, fake) = (TestHub::start().await, FakeTelegram::run(41).await);
    let world = World::new(&hub).await;
    let (trigger, only_first) = ("new_conversation", json!({"only_first_message": true}));
    let _ = world.rule("greet", 10, trigger, only_first, json!({"reply_text": "Welcome!"})).await;
    let channel = world.telegram(&fake).await;
    hub.stop();
    hub.set("TURUMBA_ROLES", "api,webhooks");
    hub.spawn().await;
    fake.fail(Faults { delay_ms: 400, ..Faults::default() });
    for customer in 1..=CUSTOMERS {
        channel.post(&channel.telegram(customer, "hello")).await;
    }
    hub.stop();
    hub.set("TURUMBA_ROLES", "relay,workers");
    let (mut stops, mut in_the_midst) = (0, 0);
    let mut before = 0;
    while before < CUSTOMERS as usize {
        hub.spawn().await;
        let more = before + 1;
        until("it sends", async || {
            let sent = fake.journal().taken().len();
            if sent >= more { Ok(()) } else { Err(sent) }
        })
        .await;
        let began = Instant::now();
        let status = tokio::task::block_in_place(|| hub.stop());
        assert!(status.is_some_and(|status| status.success()), "{}", hub.log());
        assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
        let open = hub.count("SELECT count(*) FROM attempts WHERE ended_at IS NULL").await;
        assert_eq!(open, 0, "every request has its outcome");
        before = fake.journal().taken().len();
        stops += 1;
        in_the_midst += usize::from(before < CUSTOMERS as usize);
        assert!(stops < 100, "it goes on");
    }
    assert!(in_the_midst > 0, "it was never stopped in the midst of it");
    assert_eq!(fake.journal().taken().len(), CUSTOMERS as usize, "each is greeted once");
    hub.spawn().await;
    hub.drained().await;
    let inbound = "SELECT count(*) FROM messages WHERE direction = 'inbound'";
    assert_eq!(hub.count(inbound).await, CUSTOMERS);
    let greeted = "SELECT count(*) FROM messages WHERE sender_type = 'bot' AND status = 'sent'";
    assert_eq!(hub.count(greeted).await, CUSTOMERS);
    hub.end().await;
}
