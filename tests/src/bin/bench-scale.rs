//! Messages to many, measured: `make bench-scale`. Everything on this machine, over loopback, to the sandbox.
//!
//! `BENCH_PEOPLE` sets how many contacts are imported and written to (100,000 unless given). Beside the group message an
//! agent answers ten times a second, and another tenant sends a hundred.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tests::harness::{Channel, TestHub, World, until};

fn people() -> u64 {
    std::env::var("BENCH_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000)
}

/// An uploaded file with so many people.
async fn upload(world: &World, prefix: &str, count: u64) -> String {
    use std::fmt::Write as _;
    let mut file = String::from("name,phone,city,plan\n");
    for n in 0..count {
        let _ = writeln!(
            file,
            "Person {n},+{prefix}{n:08},City {},{}",
            n % 50,
            if n % 3 == 0 { "pro" } else { "free" }
        );
    }
    let announced = json!({"filename": "people.csv", "mime_type": "text/csv", "size": file.len()});
    let upload = world.api.post("/v1/uploads", announced).await.created();
    let (_, place) = upload["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let put =
        world.api.request(Method::PUT, &format!("/v1/{place}")).header("content-type", "text/csv").body(file);
    let _ = world.api.send(put).await.ok();
    upload["upload_id"].as_str().unwrap().to_owned()
}

/// Imports people into a new group; returns the group and how long it took.
async fn import(world: &World, prefix: &str, count: u64) -> (String, Duration) {
    let group = world.api.post("/v1/groups", json!({"name": format!("people {prefix}")})).await.created();
    let group = group["id"].as_str().unwrap().to_owned();
    let upload = upload(world, prefix, count).await;
    let started = Instant::now();
    let made = world
        .api
        .post("/v1/contact-imports", json!({"upload_id": upload, "group_id": group}))
        .await
        .created();
    let path = format!("/v1/contact-imports/{}", made["id"].as_str().unwrap());
    loop {
        let now = world.api.get(&path).await.ok();
        match now["status"].as_str().unwrap() {
            "completed" => {
                assert_eq!(now["created_count"].as_u64(), Some(count), "{now}");
                return (group, started.elapsed());
            }
            "failed" => panic!("{now}"),
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn send(world: &World, channel: &Channel, group: &str) -> String {
    let body = json!({"message_body": "Hello {{ contact.name | default: \"there\" }} in {CITY}", "status": "queued",
        "channel_id": channel.id, "contact_group_ids": [group]});
    let made = world.api.post("/v1/group-messages", body).await.created();
    format!("/v1/group-messages/{}", made["id"].as_str().unwrap())
}

async fn is_over(world: &World, path: &str) -> Option<Value> {
    let now = world.api.get(path).await.ok();
    ["completed", "partially_failed", "failed"].contains(&now["status"].as_str().unwrap()).then_some(now)
}

fn at(now: &Value, field: &str) -> chrono::DateTime<chrono::Utc> {
    now[field].as_str().unwrap().parse().unwrap()
}

/// Memory of the hub that is its own, in MB.
fn memory(hub: &TestHub) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", hub.pid())).unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with("Pss:")).unwrap_or("Pss: 0 kB");
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn percentile(mut all: Vec<f64>, share: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(((all.len() as f64 * share) as usize).min(all.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

/// Milliseconds of so many requests.
async fn lists(world: &World, path: &str) -> (f64, f64) {
    let mut took = Vec::new();
    for _ in 0..40 {
        let started = Instant::now();
        let _ = world.api.get(path).await.ok();
        took.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    (percentile(took.clone(), 0.5), percentile(took, 0.95))
}

#[tokio::main]
async fn main() {
    let people = people();
    let limits = [("TURUMBA_LIMITS_API_PER_MINUTE", "1000000")];
    let mut hub = TestHub::start_embedded(&limits).await;
    let (world, other) = (World::new(&hub).await, World::named(&hub, "other").await);
    let quiet = json!({"receipts": []});
    let (channel, theirs) = (world.sandbox("sms", quiet.clone()).await, other.sandbox("sms", quiet).await);

    let (group, took) = import(&world, "2519", people).await;
    let rate = people as f64 / took.as_secs_f64();
    println!("import of {people} rows: {:.1} s, {rate:.0} a second", took.as_secs_f64());
    let (hundred, _) = import(&other, "2517", 100).await;

    // a conversation to answer in
    channel.post(&channel.sandbox("+15550001", "hello")).await;
    let conversation = until("a conversation", async || {
        let all = world.api.get("/v1/conversations").await.ok();
        all[0]["id"].as_str().map(str::to_owned).ok_or(all)
    })
    .await;

    let (path, started, mut most) = (send(&world, &channel, &group).await, Instant::now(), 0);
    let before = memory(&hub);
    let mut fair = None;
    let answers = format!("/v1/conversations/{conversation}/messages");
    let now = loop {
        let _ = world.api.post(&answers, json!({"content": "an answer"})).await.ok();
        most = most.max(memory(&hub));
        if fair.is_none() && started.elapsed() > Duration::from_secs(3) {
            fair = Some((send(&other, &theirs, &hundred).await, Instant::now(), None));
        }
        if let Some((path, begun, took @ None)) = &mut fair
            && is_over(&other, path).await.is_some()
        {
            *took = Some(begun.elapsed());
        }
        if let Some(now) = is_over(&world, &path).await {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let (begun, frozen, ended) = (at(&now, "started_at"), at(&now, "frozen_at"), at(&now, "completed_at"));
    let seconds = |span: chrono::Duration| span.as_seconds_f64();
    println!("group message to {}: {now}", now["total_recipients"]);
    println!("  audience frozen in {:.1} s", seconds(frozen - begun));
    println!(
        "  all accepted in {:.1} s, {:.0} a second",
        seconds(ended - begun),
        people as f64 / seconds(ended - begun)
    );
    println!("  memory of the hub: {before} MB before, {most} MB at most");
    match fair {
        Some((.., Some(took))) => {
            println!("  another tenant's hundred beside it: {:.1} s", took.as_secs_f64());
        }
        _ => println!("  another tenant's hundred: not over before the first tenant's all"),
    }
    let sql = "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms), percentile_cont(0.99) WITHIN GROUP (ORDER BY ms),
                      count(*)
               FROM (SELECT (extract(epoch FROM sent_at - created_at) * 1000)::float8 AS ms FROM messages
                     WHERE conversation_id IS NOT NULL AND direction = 'outbound' AND sent_at IS NOT NULL) AS answers";
    let row = hub.db().await.fetch_one(AssertSqlSafe(sql)).await.unwrap();
    let (half, most, count): (f64, f64, i64) = (row.get(0), row.get(1), row.get(2));
    println!("  {count} answers beside it, written to sent: p50 {half:.0} ms, p99 {most:.0} ms");

    for path in [
        "/v1/contacts?limit=50",
        "/v1/contacts?limit=50&filter=properties.city:eq:City%207&sort=name:asc",
        "/v1/messages?limit=50",
        "/v1/messages?limit=50&filter=status:eq:sent",
        "/v1/group-messages?limit=50",
    ] {
        let (half, most) = lists(&world, path).await;
        println!("GET {path}: p50 {half:.1} ms, p95 {most:.1} ms");
    }
    hub.discard().await;
}
