//! The budget of statements: what one message costs the store, inbound from the webhook to the push, and a reply from the
//! command to what the provider said.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use tests::harness::{Channel, Socket, TestHub, World, until};

/// From webhook to push.
const INBOUND: f64 = 15.0;
/// From command to the outcome on the socket.
const REPLY: f64 = 29.0;
const CUSTOMER: &str = "+15550001";
const MESSAGES: usize = 60;

/// How often each statement was run, without the frame of transactions.
fn statements(log: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut add = |statement: &mut Option<String>| {
        if let Some(text) = statement.take() {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let word = text.split([' ', ';']).next().unwrap_or_default().to_uppercase();
            if !matches!(word.as_str(), "BEGIN" | "COMMIT" | "ROLLBACK") {
                *counts.entry(text).or_default() += 1;
            }
        }
    };
    let mut current: Option<String> = None;
    for line in log.lines() {
        if let (true, Some(text)) = (line.starts_with('\t'), current.as_mut()) {
            text.push(' ');
            text.push_str(line);
            continue;
        }
        add(&mut current);
        let said = line.split_once("LOG:  ").map_or("", |(_, said)| said);
        current = said
            .strip_prefix("statement: ")
            .or_else(|| said.strip_prefix("execute ").and_then(|rest| Some(rest.split_once(": ")?.1)))
            .map(str::to_owned);
    }
    add(&mut current);
    counts
}

/// A hub whose statements are logged, an agent of it with a joined conversation, and the channel of the customer.
async fn stage() -> (TestHub, Socket, Channel, String) {
    let mut hub = TestHub::start_embedded(&[]).await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"receipts": []})).await;
    let agent = world.agent("ada", 50).await;
    sqlx::raw_sql("ALTER DATABASE turumba SET log_statement = 'all'")
        .execute(&mut hub.db().await)
        .await
        .unwrap();
    // connections take the setting when they are made
    hub.stop();
    hub.spawn().await;
    let socket = agent.online().await;
    // the first one makes contact and conversation; the usual one finds them
    channel.post(&channel.sandbox(CUSTOMER, "first")).await;
    let told = socket.wait("notification:assignment", |_| true).await;
    let conversation = told.payload["conversation_id"].as_str().unwrap().to_owned();
    socket.done("conversation:join", json!({"conversation_id": conversation})).await;
    hub.drained().await;
    (hub, socket, channel, conversation)
}

/// Runs `one` for each message and gives back what each cost, most expensive statement first; what goes on without
/// messages is taken off.
async fn cost_of_each(hub: &TestHub, mut one: impl AsyncFnMut(usize)) -> f64 {
    let log = || async {
        until("the server's log", async || {
            std::fs::read_to_string(hub.data_dir().join("postgres/postgres.log"))
                .map_err(|error| error.to_string())
        })
        .await
    };
    let before = log().await.len();
    let began = tokio::time::Instant::now();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let idle = statements(&log().await[before..]);
    let idle_for = began.elapsed();

    let before = log().await.len();
    let began = tokio::time::Instant::now();
    for n in 0..MESSAGES {
        one(n).await;
        // what is done afterwards belongs to this message
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let busy = statements(&log().await[before..]);
    let share = began.elapsed().as_secs_f64() / idle_for.as_secs_f64();
    let cost = |text: &String, count: &usize| {
        let background = idle.get(text).map_or(0.0, |count| *count as f64 * share);
        (*count as f64 - background).max(0.0) / MESSAGES as f64
    };
    let mut costs: Vec<(f64, &String)> = busy.iter().map(|(text, count)| (cost(text, count), text)).collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    // and what is coalesced by the clock is done for many at once
    let all: f64 = costs.iter().map(|(cost, _)| cost).filter(|cost| **cost > 0.5).sum();
    println!("{all:.1} statements for each message");
    for (cost, text) in costs.iter().filter(|(cost, _)| *cost > 0.05) {
        println!("{cost:5.2}  {}", text.chars().take(150).collect::<String>());
    }
    all
}

#[tokio::test]
async fn an_inbound_message_costs_at_most_fifteen_statements() {
    let (hub, socket, channel, _) = stage().await;
    let all = cost_of_each(&hub, async |n| {
        let text = format!("message {n}");
        channel.post(&channel.sandbox(CUSTOMER, &text)).await;
        socket.wait("conversation:message", |payload| payload["content"] == text.as_str()).await;
    })
    .await;
    // tenths are what the clock did meanwhile
    assert!(all < INBOUND + 0.5, "{all:.1} statements for each inbound message");
    drop(socket);
    hub.end().await;
}

#[tokio::test]
async fn a_reply_costs_at_most_twenty_nine_statements() {
    let (hub, socket, _channel, conversation) = stage().await;
    let all = cost_of_each(&hub, async |n| {
        let command = json!({
            "conversation_id": conversation, "client_message_id": uuid::Uuid::now_v7(), "content": format!("reply {n}"),
        });
        let sent = socket.done("message:send", command).await;
        let id = sent["message"]["id"].clone();
        socket
            .wait("message:status", |payload| payload["message_id"] == id && payload["status"] == "sent")
            .await;
    })
    .await;
    assert!(all < REPLY + 0.5, "{all:.1} statements for each reply");
    drop(socket);
    hub.end().await;
}
