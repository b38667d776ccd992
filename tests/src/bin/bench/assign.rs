//! The assignment engine: a thousand agents, two hubs that both assign.
//!
//! First ten thousand customers wait while nobody is there, and all agents come at once: there are eight thousand places.
//! Then customers come at a rate and find free places; what is timed is the whole way from the webhook until a socket is
//! told who has the conversation. Each figure stands beside a floor of the same run: one INSERT and its commit. What must hold at every
//! moment is looked for in the store all the while, and counted at the end; a promise that is broken ends it.
//!
//! The agents are rows, as routing knows them: no socket of theirs takes the processor that is measured.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use parking_lot::Mutex;
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tests::harness::{Channel, Memory, until};
use tokio_util::sync::CancellationToken;

use crate::{
    open_loop::{Figures, Times, between, floor, floor_server, open_loop, settled},
    stack::{Stack, Stage},
};

const AGENTS: i64 = 1_000;
/// Places of each while everybody comes at once.
const EACH: i64 = 8;
/// Who waits for them.
const CROWD: usize = 10_000;
/// New customers a second.
const STEPS: [u32; 4] = [150, 300, 400, 500];

const SEED: &str = "
    WITH role AS (SELECT id FROM roles WHERE account_id = $1::uuid AND name = 'agent'),
    people AS (
        INSERT INTO users (id, email, given_name, created_at, updated_at)
        SELECT gen_random_uuid(), format('agent%s@bench.example', n), format('Agent %s', n), now(), now()
        FROM generate_series(1, $2::bigint) AS n RETURNING id),
    members AS (
        INSERT INTO account_users (id, account_id, user_id, role_id, created_at, updated_at)
        SELECT gen_random_uuid(), $1::uuid, people.id, role.id, now(), now() FROM people, role)
    INSERT INTO agent_state (account_id, user_id, status, connected, capacity)
    SELECT $1::uuid, id, 'online', false, $3::int FROM people";

/// One line for each that is broken. The rows are read in one statement, so of one moment.
const BROKEN: &str = "
    SELECT format('agent %s has %s of %s places, and counts %s', s.user_id, count(c.id), s.capacity, s.load)
    FROM agent_state s LEFT JOIN conversations c
        ON c.assignee_id = s.user_id AND c.status IN ('assigned', 'pending')
    GROUP BY s.user_id, s.capacity, s.load HAVING count(c.id) > s.capacity OR count(c.id) <> s.load
    UNION ALL
    SELECT format('conversation %s has %s assignees', conversation_id, count(*)) FROM conversation_assignments
    WHERE unassigned_at IS NULL AND assignee_id IS NOT NULL GROUP BY conversation_id HAVING count(*) > 1
    UNION ALL
    SELECT format('conversation %s waits and has an agent', id)
    FROM conversations WHERE queued_at IS NOT NULL AND assignee_id IS NOT NULL
    UNION ALL
    SELECT format('conversation %s was decided on %s times', conversation_id, count(*)) FROM routing_decisions
    WHERE outcome = 'assigned' GROUP BY conversation_id HAVING count(*) > 1
    LIMIT 10";

fn customer(n: usize) -> String {
    format!("+1666{n:07}")
}

/// What must never be seen, looked for until it is stopped; how often it was looked for.
async fn watch(mut db: PgConnection, stop: CancellationToken) -> usize {
    let mut looks = 0;
    while !stop.is_cancelled() {
        let broken: Vec<String> = sqlx::query_scalar(BROKEN).fetch_all(&mut db).await.unwrap();
        assert!(broken.is_empty(), "{broken:#?}");
        looks += 1;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    looks
}

async fn count(db: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}

const ASSIGNED: &str = "SELECT count(*) FROM conversations WHERE status = 'assigned'";
const WAITING: &str = "SELECT count(*) FROM conversations WHERE queued_at IS NOT NULL";

/// Rows that one connection inserts and commits, one after the other, a second.
async fn commits(stage: &Stage) -> f64 {
    let mut db = stage.database().connect().await.unwrap();
    let began = Instant::now();
    let mut rows = 0u32;
    while began.elapsed() < Duration::from_secs(3) {
        sqlx::query("INSERT INTO bench_floor (body) VALUES ('x')").execute(&mut db).await.unwrap();
        rows += 1;
    }
    let rate = f64::from(rows) / began.elapsed().as_secs_f64();
    db.close().await.unwrap();
    rate
}

/// All places are taken at once. Decisions a second, from the first one's transaction until the last can be seen.
async fn crowd(db: &mut PgConnection) -> f64 {
    sqlx::query("UPDATE agent_state SET connected = true WHERE capacity = $1")
        .bind(EACH as i32)
        .execute(&mut *db)
        .await
        .unwrap();
    let deadline = Instant::now() + Duration::from_mins(2);
    let (took, decided) = loop {
        let (seconds, decided): (Option<f64>, i64) = sqlx::query_as(
            "SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8, count(*) FROM routing_decisions
             WHERE outcome = 'assigned'",
        )
        .fetch_one(&mut *db)
        .await
        .unwrap();
        if decided == AGENTS * EACH {
            break (seconds.unwrap_or_default(), decided);
        }
        assert!(Instant::now() < deadline, "{decided} decisions in two minutes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    println!("    {decided} decisions in {took:.2} s");
    decided as f64 / took
}

/// New customers at a rate: from the webhook until the watcher is told who has the conversation.
async fn steady(channels: &[Channel], watcher: &Memory, rate: u32, next: &mut usize) -> Figures {
    let times = Arc::new(Mutex::new(Times::default()));
    let (from, first) = (watcher.count(), *next);
    let on_time = open_loop(rate, |n| {
        let (channel, times) = (channels[n % channels.len()].clone(), Arc::clone(&times));
        async move {
            let name = customer(first + n);
            let hook = channel.sandbox(&name, "hello");
            times.lock().sent.insert(name, Instant::now());
            match channel.try_post(&hook).await {
                Ok(200) => {}
                Ok(status) => times.lock().refuse(status.to_string()),
                Err(error) => times.lock().refuse(format!("{error:?}")),
            }
        }
    })
    .await;
    let wanted = times.lock().sent.len();
    *next += wanted;
    let assigned = || {
        let mut seen: HashMap<String, Instant> = HashMap::new();
        for event in watcher.events_from(from) {
            if event.payload["status"] == "assigned"
                && let Some(name) = event.payload["contact_identifier"].as_str()
            {
                seen.entry(name.to_owned()).or_insert(event.at);
            }
        }
        seen
    };
    settled(|| assigned().len(), wanted).await;
    let times = times.lock();
    let (all, missing) = between(&times.sent, &assigned());
    Figures::of(rate, all, missing, on_time && times.all_taken())
}

/// Measures and prints it.
pub async fn run() {
    let stage = Stage::start(Stack::Distributed).await;
    let mut db = stage.hubs[0].db().await;
    let http = reqwest::Client::new();
    let url = floor_server(stage.database()).await;
    let account: uuid::Uuid = stage.world.account_id.parse().unwrap();
    let seeded =
        sqlx::query(SEED).bind(account).bind(AGENTS).bind(EACH as i32).execute(&mut db).await.unwrap();
    assert_eq!(seeded.rows_affected(), AGENTS as u64);
    let channel = stage.world.sandbox("sms", json!({"receipts": []})).await;
    let channels: Vec<Channel> = stage.hubs.iter().map(|hub| channel.at(hub)).collect();
    // one who sees everything and takes nothing
    let watcher = stage.world.person("watcher", "supervisor").await.at(&stage.hubs[0]).socket().await;
    watcher.done("agent:status", json!({"status": "away"})).await;

    println!("{CROWD} customers write while nobody is there");
    let posts = (0..CROWD).map(|n| {
        let channel = &channels[n % channels.len()];
        async move { channel.post(&channel.sandbox(&customer(n), "hello")).await }
    });
    futures::stream::iter(posts).buffer_unordered(64).collect::<Vec<()>>().await;
    stage.hubs[0].drained().await;
    until("everybody waits", async || {
        let waiting = stage.hubs[0].count(WAITING).await;
        if waiting == CROWD as i64 { Ok(()) } else { Err(waiting) }
    })
    .await;
    let commits = commits(&stage).await;
    let stop = CancellationToken::new();
    let watching = tokio::spawn(watch(stage.hubs[0].db().await, stop.clone()));

    println!("{AGENTS} agents with {EACH} places each come");
    let decisions = crowd(&mut db).await;
    let full = "SELECT count(*) FROM agent_state WHERE connected AND load = capacity";
    assert_eq!(count(&mut db, ASSIGNED).await, AGENTS * EACH);
    assert_eq!(count(&mut db, WAITING).await, CROWD as i64 - AGENTS * EACH, "the others wait, none is lost");
    assert!(count(&mut db, full).await >= AGENTS, "every place is taken");

    sqlx::query("UPDATE agent_state SET capacity = 50 WHERE connected AND capacity = $1")
        .bind(EACH as i32)
        .execute(&mut db)
        .await
        .unwrap();
    until("nobody waits any more", async || {
        let waiting = stage.hubs[0].count(WAITING).await;
        if waiting == 0 { Ok(()) } else { Err(waiting) }
    })
    .await;
    stage.hubs[0].drained().await;

    println!("new customers at a rate, each given to one of {AGENTS} agents");
    let mut next = CROWD;
    floor(&http, &url, 150).await;
    let mut rows = Vec::new();
    for rate in STEPS {
        let floor = floor(&http, &url, rate).await;
        let figures = steady(&channels, watcher.memory(), rate, &mut next).await;
        let is_sustained = figures.sustained;
        rows.push((floor, figures));
        stage.hubs[0].drained().await;
        if !is_sustained {
            break;
        }
    }
    until("everybody has an agent", async || {
        let assigned = stage.hubs[0].count(ASSIGNED).await;
        if assigned == next as i64 { Ok(()) } else { Err(assigned) }
    })
    .await;
    stop.cancel();
    let looks = watching.await.unwrap();
    let decided = "SELECT count(*) FROM routing_decisions WHERE outcome = 'assigned'";
    assert_eq!(count(&mut db, decided).await, next as i64, "one decision for each conversation");
    assert_eq!(count(&mut db, "SELECT count(*) FROM conversations").await, next as i64);
    db.close().await.unwrap();

    println!();
    println!(
        "all at once: {decisions:.0} decisions a second; one connection commits {commits:.0} rows a second: {:.1} of it",
        decisions / commits
    );
    println!(
        "{:<14} {:>9} {:>9} {:>12} {:>12} {:>7} {:>7}",
        "one by one", "p50 ms", "p99 ms", "floor p50", "floor p99", "x p50", "x p99"
    );
    for (floor, figures) in rows {
        println!(
            "{:<14} {:>9.1} {:>9.1} {:>12.1} {:>12.1} {:>7.1} {:>7.1}{}",
            format!("{}/s", figures.rate),
            figures.p50,
            figures.p99,
            floor.p50,
            floor.p99,
            figures.p50 / floor.p50,
            figures.p99 / floor.p99,
            figures.remark()
        );
    }
    println!(
        "{next} conversations, one decision and one agent each, nobody beyond capacity, at each of {looks} looks"
    );
    drop(watcher);
    stage.end().await;
}
