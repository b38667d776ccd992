//! Messages to many, measured: `make bench-scale`. Everything on this machine, over loopback, to the sandbox.
//!
//! `BENCH_PEOPLE` sets to how many people the group message goes (100,000 unless given). The first 100,000 of them are imported
//! from a file, others are put into the table. Beside the group message an agent answers up to ten times a second, and another
//! tenant sends to a hundred, again and again. Before and after, the same store is asked for nothing but rows: the floor.
//!
//! `BENCH_ROWS` asks for something else: lists over so many contacts and twice as many messages, made in place.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tests::harness::{
    Channel, TestHub, World,
    people::{import, is_over, send},
    until,
};

/// Rows of the file that is imported.
const IMPORTED: u64 = 100_000;
/// Rows of one statement of the floor, as many as of a set of outcomes.
const SET: u64 = 200;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
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

/// Milliseconds of one kind of list, asked so often, the floor's beside them.
async fn lists(world: &World, path: &str, floor: &mut Vec<f64>) -> Vec<f64> {
    let mut took = Vec::new();
    for _ in 0..40 {
        for (path, took) in [(path, &mut took), (FLOOR, &mut *floor)] {
            let started = Instant::now();
            let _ = world.api.get(path).await.ok();
            took.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    took
}

/// A list with nothing in it: the way to the store and back.
const FLOOR: &str = "/v1/segments?limit=50";

async fn run(hub: &TestHub, sql: String) {
    hub.db().await.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// So many more contacts of a group, without the product's help.
async fn crowd(hub: &TestHub, world: &World, group: &str, from: u64, to: u64) {
    let account = &world.account_id;
    run(
        hub,
        format!(
            "WITH new AS (
                 INSERT INTO contacts (id, account_id, name, phone, properties, created_at, updated_at)
                 SELECT gen_random_uuid(), '{account}', 'Person ' || n, '+2518' || lpad(n::text, 8, '0'),
                        jsonb_build_object('city', 'City ' || n % 50), now(), now()
                 FROM generate_series({from}, {to}) n RETURNING id
             ), put AS (
                 INSERT INTO group_contacts (account_id, group_id, contact_id, added_at)
                 SELECT '{account}', '{group}', id, now() FROM new
             ) UPDATE groups SET contact_count = {to} WHERE id = '{group}'"
        ),
    )
    .await;
    run(hub, "ANALYZE contacts, group_contacts".into()).await;
}

/// Rows a second of a table like that of messages, in sets with a commit each: what the store alone can do.
async fn floor(hub: &TestHub) -> f64 {
    run(hub, "CREATE TABLE floor (LIKE messages INCLUDING ALL)".into()).await;
    let mut db = hub.db().await;
    let (started, sets) = (Instant::now(), 100);
    for _ in 0..sets {
        let sql = format!(
            "INSERT INTO floor (id, account_id, direction, status, sender_type, delivery_address, message_body,
                                created_at, updated_at)
             SELECT gen_random_uuid(), gen_random_uuid(), 'outbound', 'sending', 'system', '+2519' || n,
                    'Hello Person ' || n || ' in City 7', clock_timestamp(), clock_timestamp()
             FROM generate_series(1, {SET}) n"
        );
        db.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    let rate = (sets * SET) as f64 / started.elapsed().as_secs_f64();
    db.execute("DROP TABLE floor").await.unwrap();
    rate
}

/// Answers of the agent since then: how many, and milliseconds from written to sent.
async fn answers(hub: &TestHub, since: &str) -> (i64, f64, f64) {
    let sql = format!(
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms), percentile_cont(0.99) WITHIN GROUP (ORDER BY ms),
                count(*)
         FROM (SELECT (extract(epoch FROM sent_at - created_at) * 1000)::float8 AS ms FROM messages
               WHERE conversation_id IS NOT NULL AND direction = 'outbound' AND sent_at IS NOT NULL
                 AND created_at >= '{since}') AS answers"
    );
    let row = hub.db().await.fetch_one(AssertSqlSafe(sql)).await.unwrap();
    (row.get(2), row.get(0), row.get(1))
}

/// Fills the lists of an account: names, numbers, tags and properties of every frequency, messages in every state.
async fn fill(hub: &TestHub, world: &World, channel: &Channel, rows: u64) {
    let (account, channel, messages) = (&world.account_id, &channel.id, rows * 2);
    let groups = [("everybody", 5), ("some", (rows / 200).max(1))];
    // a message's id begins with its time, and a contact's is its number
    let contact = |n: &str| format!("('00000000-0000-7001-8000-' || lpad(to_hex({n}), 12, '0'))::uuid");
    run(
        hub,
        format!(
            "INSERT INTO contacts (id, account_id, name, phone, email, tags, properties, created_at, updated_at)
             SELECT {}, '{account}', 'Person ' || substr(md5(n::text), 1, 6) || ' ' || n, '+2519' || lpad(n::text, 8, '0'),
                    CASE WHEN n % 2 = 0 THEN 'p' || n || '@example.com' END,
                    CASE WHEN n % 10000 = 7 THEN '[\"rare\", \"lead\"]' WHEN n % 100 = 3 THEN '[\"vip\"]'
                         WHEN n % 3 = 0 THEN '[\"lead\"]' ELSE '[]' END::jsonb,
                    jsonb_build_object('city', 'City ' || n % 50, 'customer_number', 'C' || n), at, at
             FROM (SELECT n, now() - make_interval(secs => ({rows} - n) * 0.5) AS at
                   FROM generate_series(1, {rows}) n) AS made",
            contact("n")
        ),
    )
    .await;
    for (name, step) in groups {
        let group = world.api.post("/v1/groups", json!({"name": name})).await.created();
        let group = group["id"].as_str().unwrap();
        run(
            hub,
            format!(
                "INSERT INTO group_contacts (account_id, group_id, contact_id, added_at)
                 SELECT '{account}', '{group}', {}, now() FROM generate_series(1, {rows}, {step}) n",
                contact("n")
            ),
        )
        .await;
    }
    run(
        hub,
        format!(
            "INSERT INTO messages (id, account_id, channel_id, contact_id, direction, status, sender_type,
                                   delivery_address, message_body, created_at, updated_at, sent_at)
             SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
                     || 'a' || substr(md5(n::text), 4, 15))::uuid,
                    '{account}', '{channel}', {}, CASE WHEN n % 5 = 0 THEN 'inbound' ELSE 'outbound' END,
                    CASE WHEN n % 5000 = 1 THEN 'failed' WHEN n % 40 = 1 THEN 'permanently_failed'
                         WHEN n % 9 = 0 THEN 'sent' ELSE 'delivered' END,
                    'system', '+2519' || lpad((1 + (n * 7919::bigint) % {rows})::text, 8, '0'),
                    'Hello Person ' || n || ', your parcel is on its way', at, at, at
             FROM (SELECT n, now() - make_interval(secs => ({messages} - n) * 0.2) AS at
                   FROM generate_series(1, {messages}) n) AS made",
            contact(&format!("1 + (n * 7919::bigint) % {rows}"))
        ),
    )
    .await;
    run(hub, "VACUUM (ANALYZE) contacts, messages, group_contacts".into()).await;
}

async fn measure_lists(rows: u64) {
    let mut hub = TestHub::start_embedded(&[("TURUMBA_LIMITS_API_PER_MINUTE", "1000000")]).await;
    let world = World::new(&hub).await;
    let (channel, silent) = (world.sandbox("sms", json!({})).await, world.sandbox("sms", json!({})).await);
    let started = Instant::now();
    fill(&hub, &world, &channel, rows).await;
    println!("{rows} contacts and {} messages made in {:.0} s", rows * 2, started.elapsed().as_secs_f64());
    let groups = world.api.get("/v1/groups?sort=name:asc").await.ok();
    let (all, some) = (groups[0]["id"].as_str().unwrap(), groups[1]["id"].as_str().unwrap());
    let page = world.api.get("/v1/contacts?limit=1&skip=9000&sort=name:asc").await.body;
    let far = page["meta"]["next_cursor"].as_str().unwrap().to_owned();
    let mut paths: Vec<String> = [
        "/v1/contacts?limit=50",
        "/v1/contacts?limit=50&sort=name:asc",
        "/v1/contacts?limit=50&sort=updated_at:desc",
        "/v1/contacts?limit=50&skip=9950",
        "/v1/contacts?limit=50&filter=tags:contains:lead",
        "/v1/contacts?limit=50&filter=tags:contains:vip",
        "/v1/contacts?limit=50&filter=tags:contains:rare",
        "/v1/contacts?limit=50&filter=tags:contains:nobody",
        "/v1/contacts?limit=50&filter=properties.city:eq:City%207",
        "/v1/contacts?limit=50&filter=properties.city:eq:City%207&sort=name:asc",
        "/v1/contacts?limit=50&filter=properties.customer_number:eq:C4711",
        "/v1/contacts?limit=50&filter=phone:eq:%2B251900004711",
        "/v1/contacts?limit=50&filter=phone:contains:4711",
        "/v1/contacts?limit=50&filter=email:eq:p4712@example.com",
        "/v1/contacts?limit=50&filter=name:icontains:abcde",
        "/v1/contacts?limit=50&filter=name:icontains:person",
        "/v1/contacts?limit=50&filter=name:icontains:nobody",
        "/v1/messages?limit=50",
        "/v1/messages?limit=50&filter=status:eq:delivered",
        "/v1/messages?limit=50&filter=status:eq:sent",
        "/v1/messages?limit=50&filter=status:eq:failed",
        "/v1/messages?limit=50&filter=status:eq:permanently_failed",
        "/v1/messages?limit=50&filter=direction:eq:inbound",
        "/v1/messages?limit=50&filter=delivery_address:eq:%2B251900004711",
    ]
    .map(str::to_owned)
    .into();
    paths.push(format!("/v1/contacts?limit=50&sort=name:asc&cursor={far}"));
    for group in [all, some] {
        paths.push(format!("/v1/contacts?limit=50&filter=group_id:eq:{group}"));
    }
    for channel in [&channel.id, &silent.id] {
        paths.push(format!("/v1/messages?limit=50&filter=channel_id:eq:{channel}"));
    }
    paths.push("/v1/messages?limit=50&filter=contact_id:eq:00000000-0000-7001-8000-000000000011".into());
    let mut floor = Vec::new();
    for path in paths {
        let took = lists(&world, &path, &mut floor).await;
        let (half, most) = (percentile(took.clone(), 0.5), percentile(took, 0.95));
        println!("{half:7.1} {most:7.1} ms  {path}");
    }
    println!("floor: {:.1}, {:.1} ms  {FLOOR}", percentile(floor.clone(), 0.5), percentile(floor, 0.95));
    hub.discard().await;
}

#[tokio::main]
async fn main() {
    if let Some(rows) = setting("BENCH_ROWS") {
        measure_lists(rows).await;
        return;
    }
    let people = setting("BENCH_PEOPLE").unwrap_or(IMPORTED);
    let limits = [("TURUMBA_LIMITS_API_PER_MINUTE", "1000000")];
    let mut hub = TestHub::start_embedded(&limits).await;
    let (world, other) = (World::new(&hub).await, World::named(&hub, "other").await);
    let quiet = json!({"receipts": []});
    let (channel, theirs) = (world.sandbox("sms", quiet.clone()).await, other.sandbox("sms", quiet).await);

    let imported = people.min(IMPORTED);
    let (group, took) = import(&world, "2519", imported).await;
    let rate = imported as f64 / took.as_secs_f64();
    println!("import of {imported} rows: {:.1} s, {rate:.0} a second", took.as_secs_f64());
    if people > imported {
        crowd(&hub, &world, &group, imported + 1, people).await;
    }
    let (hundred, _) = import(&other, "2517", 100).await;
    let before_floor = floor(&hub).await;

    // a conversation to answer in, and how fast that is alone
    channel.post(&channel.sandbox("+15550001", "hello")).await;
    let conversation = until("a conversation", async || {
        let all = world.api.get("/v1/conversations").await.ok();
        all[0]["id"].as_str().map(str::to_owned).ok_or(all)
    })
    .await;
    let path = format!("/v1/conversations/{conversation}/messages");
    let answer = async || {
        let _ = world.api.post(&path, json!({"content": "an answer"})).await.ok();
    };
    for _ in 0..100 {
        answer().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    hub.drained().await;
    let alone = answers(&hub, "2000-01-01").await;
    let (theirs_path, begun) = (send(&other, &theirs, &hundred).await, Instant::now());
    while is_over(&other, &theirs_path).await.is_none() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut fair = vec![("alone".to_owned(), begun.elapsed())];

    let (sending, started) = (send(&world, &channel, &group).await, Instant::now());
    let (before, mut memories) = (memory(&hub), Vec::new());
    let mut theirs_now: Option<(String, Instant)> = None;
    let mut next = Duration::from_secs(3);
    let now = loop {
        answer().await;
        memories.push(memory(&hub));
        if let Some((path, begun)) = &theirs_now {
            if is_over(&other, path).await.is_some() {
                fair.push((format!("after {:.0} s", (*begun - started).as_secs_f64()), begun.elapsed()));
                next = started.elapsed() + Duration::from_secs(30);
                theirs_now = None;
            }
        } else if started.elapsed() > next {
            theirs_now = Some((send(&other, &theirs, &hundred).await, Instant::now()));
        }
        if let Some(now) = is_over(&world, &sending).await {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let (begun, frozen, ended) = (at(&now, "started_at"), at(&now, "frozen_at"), at(&now, "completed_at"));
    let seconds = |span: chrono::Duration| span.as_seconds_f64();
    let rate = people as f64 / seconds(ended - begun);
    println!("group message to {}: {now}", now["total_recipients"]);
    println!("  audience frozen in {:.1} s", seconds(frozen - begun));
    println!("  all accepted in {:.1} s, {rate:.0} a second", seconds(ended - begun));
    let after_floor = floor(&hub).await;
    println!(
        "  floor, rows of messages in sets of {SET}: {before_floor:.0} a second before, {after_floor:.0} after"
    );
    let quarters: Vec<String> =
        (1..=4).map(|n| memories[(memories.len() * n / 4).max(1) - 1].to_string()).collect();
    let most = memories.iter().max().copied().unwrap_or_default();
    println!(
        "  memory of the hub: {before} MB before, {} MB after each quarter of the time, {most} MB at most",
        quarters.join(", ")
    );
    for (when, took) in &fair {
        println!("  another tenant's hundred, {when}: {:.1} s", took.as_secs_f64());
    }
    if theirs_now.is_some() {
        println!("  another tenant's last hundred was not over before the first tenant's all");
    }
    let (count, half, most) = alone;
    println!("  {count} answers alone, written to sent: p50 {half:.0} ms, p99 {most:.0} ms");
    let (count, half, most) = answers(&hub, now["started_at"].as_str().unwrap()).await;
    println!("  {count} answers beside it, written to sent: p50 {half:.0} ms, p99 {most:.0} ms");
    hub.discard().await;
}
