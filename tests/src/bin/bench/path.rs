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
use tokio::task::JoinSet;

use crate::{
    machine::memory,
    stack::{Stack, Stage},
};

const AGENTS: usize = 10;
/// Conversations of one agent: what one may hold, and join.
const EACH: usize = 20;
/// Requests a second, one step after the other, until one is not sustained.
const STEPS: [u32; 9] = [300, 400, 500, 750, 1000, 1500, 2000, 3000, 4000];

/// When things began and ended, by a name of their own.
#[derive(Default)]
pub struct Times {
    pub sent: HashMap<String, Instant>,
    pub accepted: HashMap<String, Instant>,
    /// What was answered instead, and how often.
    refused: std::collections::BTreeMap<String, usize>,
}

impl Times {
    pub fn refuse(&mut self, why: impl Into<String>) {
        *self.refused.entry(why.into()).or_default() += 1;
    }

    /// Says what was refused; true when nothing was.
    pub fn all_taken(&self) -> bool {
        for (why, count) in &self.refused {
            println!("    refused {count} times: {why}");
        }
        self.refused.is_empty()
    }
}

/// Milliseconds.
#[derive(Clone, Copy)]
pub struct Figures {
    pub rate: u32,
    pub count: usize,
    pub missing: usize,
    pub p50: f64,
    pub p99: f64,
    pub sustained: bool,
}

impl Figures {
    pub fn of(rate: u32, mut ms: Vec<f64>, missing: usize, on_time: bool) -> Self {
        ms.sort_by(f64::total_cmp);
        let at = |share: f64| ms.get(((ms.len() as f64 * share) as usize).min(ms.len().saturating_sub(1)));
        let (p50, p99) = (at(0.5).copied().unwrap_or(f64::NAN), at(0.99).copied().unwrap_or(f64::NAN));
        let sustained = on_time && missing == 0 && p99 < 1000.0;
        Self { rate, count: ms.len(), missing, p50, p99, sustained }
    }
}

fn step() -> Duration {
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5).clamp(1, 60))
}

/// Calls `one` with 0, 1, 2 … on time for the length of a step; true if the last began on time and all ended soon.
pub async fn open_loop<F, Fut>(rate: u32, one: F) -> bool
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let mut clock = tokio::time::interval(Duration::from_millis(5));
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let began = Instant::now();
    let mut running = JoinSet::new();
    let mut next = 0;
    let all = (step().as_secs_f64() * f64::from(rate)) as usize;
    while next < all {
        clock.tick().await;
        let due = ((began.elapsed().as_secs_f64() * f64::from(rate)) as usize).min(all);
        while next < due {
            running.spawn(one(next));
            next += 1;
        }
        while running.try_join_next().is_some() {}
    }
    let behind =
        tokio::time::timeout(Duration::from_secs(2), async { while running.join_next().await.is_some() {} });
    behind.await.is_ok() && began.elapsed() < step() + Duration::from_secs(2)
}

/// Waits until everything that is to come has come, for at most 3 s.
pub async fn settled(arrived: impl Fn() -> usize, wanted: usize) {
    let deadline = Instant::now() + Duration::from_secs(3);
    while arrived() < wanted && Instant::now() < deadline {
        // counting takes the processor that is measured
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

pub fn between(from: &HashMap<String, Instant>, to: &HashMap<String, Instant>) -> (Vec<f64>, usize) {
    let mut missing = 0;
    let mut all = Vec::with_capacity(from.len());
    for (name, began) in from {
        match to.get(name) {
            Some(ended) => all.push(ended.saturating_duration_since(*began).as_secs_f64() * 1000.0),
            None => missing += 1,
        }
    }
    (all, missing)
}

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

/// A bare handler: one INSERT, one commit, by a pool on the same server.
pub async fn floor_server(options: sqlx::postgres::PgConnectOptions) -> String {
    use axum::{Router, extract::State, routing::post};
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, body text)")
        .execute(&pool)
        .await
        .unwrap();
    async fn insert(State(pool): State<sqlx::PgPool>, body: String) {
        sqlx::query("INSERT INTO bench_floor (body) VALUES ($1)").bind(body).execute(&pool).await.unwrap();
    }
    let app = Router::new().route("/", post(insert)).with_state(pool);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

pub async fn floor(http: &reqwest::Client, url: &str, rate: u32) -> Figures {
    let times = Arc::new(Mutex::new(Times::default()));
    let on_time = open_loop(rate, |n| {
        let (request, times) = (http.post(url).body(format!("message {n}")), Arc::clone(&times));
        async move {
            let name = n.to_string();
            times.lock().sent.insert(name.clone(), Instant::now());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    times.lock().accepted.insert(name, Instant::now());
                }
                Ok(answer) => times.lock().refuse(answer.status().to_string()),
                Err(error) => times.lock().refuse(format!("{error:?}")),
            }
        }
    })
    .await;
    let times = times.lock();
    let (all, missing) = between(&times.sent, &times.accepted);
    Figures::of(rate, all, missing, on_time)
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
            if figures.sustained {
                String::new()
            } else {
                format!("not sustained ({} missing)", figures.missing)
            }
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
