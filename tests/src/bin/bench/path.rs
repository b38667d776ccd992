//! The path of one message: how fast, how large.
//!
//! Each figure stands beside a floor measured in the same run on the same PostgreSQL: an axum handler that does one
//! INSERT and commits. Rates are open loop: requests are sent on time whether or not earlier ones were answered.
//! `BENCH_SECONDS` is the length of a step. One hub with its private PostgreSQL, or two hubs on a PostgreSQL, a Redis and a
//! RabbitMQ: there every second webhook and every second agent is at the other hub than the one that watches.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tests::harness::{Channel, Memory, Socket, TestHub, World, until};

use crate::{
    machine::memory,
    open_loop::{Figures, Times, between, floor, floor_server, open_loop, settled},
    stack::{Stack, Stage},
};

const AGENTS: usize = 10;
/// Conversations of one agent: what one may hold, and join.
const EACH: usize = 20;
/// Requests a second, one step after the other, until one is not sustained.
const STEPS: [u32; 9] = [300, 400, 500, 750, 1000, 1500, 2000, 3000, 4000];

/// Webhook to socket: the second figure counts from the answer to the provider.
async fn inbound(channels: &[Channel], watcher: &Memory, rate: u32, round: &mut usize) -> (Figures, Figures) {
    *round += 1;
    let round = *round;
    let times = Arc::new(Mutex::new(Times::default()));
    let from = watcher.count();
    let on_time = open_loop(rate, |n| {
        // no customer stays at one hub, as behind a proxy
        let channel = channels[(n + n / (AGENTS * EACH)) % channels.len()].clone();
        let times = Arc::clone(&times);
        async move {
            let text = format!("in {round} {n}");
            let hook = channel.sandbox(&customer(n % (AGENTS * EACH)), &text);
            times.lock().sent.insert(text.clone(), Instant::now());
            match channel.try_post(&hook).await {
                Ok(200) => {
                    times.lock().accepted.insert(text, Instant::now());
                }
                Ok(status) => times.lock().refuse(status.to_string()),
                Err(error) => times.lock().refuse(format!("{error:?}")),
            }
        }
    })
    .await;
    let wanted = times.lock().sent.len();
    let prefix = format!("in {round} ");
    let arrived = || {
        let mut seen = HashMap::new();
        for event in watcher.events_from(from) {
            let text = event.payload["last_message_preview"].as_str().unwrap_or_default();
            if text.starts_with(&prefix) {
                seen.entry(text.to_owned()).or_insert(event.at);
            }
        }
        seen
    };
    settled(|| arrived().len(), wanted).await;
    let (times, seen) = (times.lock(), arrived());
    let (all, missing) = between(&times.sent, &seen);
    let (after, _) = between(&times.accepted, &seen);
    let on_time = on_time && times.all_taken();
    (Figures::of(rate, all, missing, on_time), Figures::of(rate, after, missing, on_time))
}

/// Command to the sandbox's answer: until the sender's socket shows the message as sent.
async fn replies(desks: &[(Arc<Socket>, Vec<String>)], rate: u32, round: &mut usize) -> Figures {
    *round += 1;
    let round = *round;
    let times = Arc::new(Mutex::new(Times::default()));
    let from: Vec<usize> = desks.iter().map(|(socket, _)| socket.memory().count()).collect();
    let on_time = open_loop(rate, |n| {
        let (socket, conversations) = &desks[n % desks.len()];
        let (socket, times) = (Arc::clone(socket), Arc::clone(&times));
        let conversation = conversations[n / desks.len() % conversations.len()].clone();
        async move {
            let id = uuid::Uuid::new_v4();
            let command = json!({
                "conversation_id": conversation, "client_message_id": id, "content": format!("out {round} {n}"),
            });
            let began = Instant::now();
            match socket.command("message:send", command).await {
                Ok(data) => {
                    let id = data["message"]["id"].as_str().unwrap_or_default().to_owned();
                    times.lock().sent.insert(id, began);
                }
                Err(error) => times.lock().refuse(format!("{error:?}")),
            }
        }
    })
    .await;
    let wanted = times.lock().sent.len();
    let arrived = || {
        let mut seen = HashMap::new();
        for ((socket, _), from) in desks.iter().zip(&from) {
            for event in socket.memory().events_from(*from) {
                if event.name == "message:status" && event.payload["status"] == "sent" {
                    let id = event.payload["message_id"].as_str().unwrap_or_default();
                    seen.entry(id.to_owned()).or_insert(event.at);
                }
            }
        }
        seen
    };
    settled(|| arrived().len(), wanted).await;
    let times = times.lock();
    let (all, missing) = between(&times.sent, &arrived());
    Figures::of(rate, all, missing, on_time && times.all_taken())
}

/// Raises the rate until a step is not sustained; the last that was.
async fn highest(first: Figures, mut measure: impl AsyncFnMut(u32) -> Figures) -> u32 {
    let mut best = if first.sustained { first.rate } else { 0 };
    for rate in STEPS {
        let figures = measure(rate).await;
        println!(
            "    {rate:>5}/s  p50 {:>7.1} ms  p99 {:>7.1} ms  {}",
            figures.p50,
            figures.p99,
            figures.remark()
        );
        if !figures.sustained {
            break;
        }
        best = rate;
    }
    best
}

fn customer(n: usize) -> String {
    format!("+1555{n:07}")
}

/// Agents with their joined conversations, spread over the hubs.
async fn desks(hubs: &[TestHub], world: &World, channels: &[Channel]) -> Vec<(Arc<Socket>, Vec<String>)> {
    let hub = &hubs[0];
    let mut agents = Vec::new();
    for n in 0..AGENTS {
        let agent = world.agent(&format!("agent{n}"), EACH as u32).await.at(&hubs[n % hubs.len()]);
        let socket = Arc::new(agent.online().await);
        agents.push((agent, socket));
    }
    for n in 0..AGENTS * EACH {
        let channel = &channels[n % channels.len()];
        channel.post(&channel.sandbox(&customer(n), "hello")).await;
    }
    until("everybody has an agent", async || {
        let assigned = hub.count("SELECT count(*) FROM conversations WHERE status = 'assigned'").await;
        if assigned as usize == AGENTS * EACH { Ok(()) } else { Err(assigned) }
    })
    .await;
    let mut desks = Vec::new();
    for (_, socket) in agents {
        let page = socket.done("inbox:list", json!({"view": "mine", "limit": 100})).await;
        let ids: Vec<String> = page["conversations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|conversation: &Value| conversation["id"].as_str().map(str::to_owned))
            .collect();
        for id in &ids {
            socket.done("conversation:join", json!({"conversation_id": id})).await;
        }
        desks.push((socket, ids));
    }
    hub.drained().await;
    desks
}

/// Measures and prints it.
pub async fn run(stack: Stack) {
    let binary = tests::harness::hub::binary();
    let size = std::fs::metadata(&binary).map_or(0, |file| file.len()) as f64 / 1_048_576.0;
    let stage = Stage::start(stack).await;
    let (hubs, at) = (&stage.hubs, stack.rate());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = (stage.memory_of_hubs(), memory(stage.postgres(), true));

    println!("floor: one INSERT and a commit behind an axum handler");
    let http = reqwest::Client::new();
    let url = floor_server(stage.database()).await;
    floor(&http, &url, at).await;
    let floor_at = floor(&http, &url, at).await;
    let floor_highest = highest(floor_at, async |rate| floor(&http, &url, rate).await).await;

    println!(
        "inbound: webhook to an agent's socket, {} conversations, {AGENTS} agents connected, {}",
        AGENTS * EACH,
        stack.name()
    );
    let channel = stage.world.sandbox("sms", json!({"receipts": []})).await;
    let channels: Vec<Channel> = hubs.iter().map(|hub| channel.at(hub)).collect();
    let desks = desks(hubs, &stage.world, &channels).await;
    let watcher = Arc::clone(desks[0].0.memory());
    let mut round = 0;
    inbound(&channels, &watcher, 100, &mut round).await;
    let (in_at, accepted_at) = inbound(&channels, &watcher, at, &mut round).await;
    let in_highest =
        highest(in_at, async |rate| inbound(&channels, &watcher, rate, &mut round).await.0).await;
    hubs[0].drained().await;

    println!("replies: command to the sandbox's answer shown on the socket");
    replies(&desks, 100, &mut round).await;
    let out_at = replies(&desks, at, &mut round).await;
    let out_highest = highest(out_at, async |rate| replies(&desks, rate, &mut round).await).await;
    hubs[0].drained().await;
    let busy = (stage.memory_of_hubs(), memory(stage.postgres(), true));

    println!();
    println!(
        "{:<44} {:>10} {:>10} {:>12} {:>7} {:>7}",
        format!("at {at}/s, {}", stack.name()),
        "p50 ms",
        "p99 ms",
        "highest /s",
        "x p50",
        "x p99"
    );
    for (name, figures, highest) in [
        ("floor", floor_at, floor_highest),
        ("webhook accepted -> agent socket", accepted_at, in_highest),
        ("webhook sent -> agent socket", in_at, in_highest),
        ("agent's command -> sent", out_at, out_highest),
    ] {
        println!(
            "{name:<44} {:>10.1} {:>10.1} {highest:>12} {:>7.1} {:>7.1}{}",
            figures.p50,
            figures.p99,
            figures.p50 / floor_at.p50,
            figures.p99 / floor_at.p99,
            if figures.sustained {
                String::new()
            } else {
                format!("  not sustained: {} of {} missing", figures.missing, figures.count + figures.missing)
            }
        );
    }
    println!();
    println!("{:<44} {:>10}", "", "MB");
    for (name, mb) in [
        ("binary", size),
        ("hubs, idle (proportional set size)", idle.0),
        ("their PostgreSQL, idle", idle.1),
        ("hubs, after the load", busy.0),
        ("their PostgreSQL, after the load", busy.1),
    ] {
        println!("{name:<44} {mb:>10.1}");
    }
    println!("\nwarm start to ready: {} ms", stage.warm.as_millis());
    drop(desks);
    stage.end().await;
}
