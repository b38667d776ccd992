//! Workers that die at random over schedules a second apart: every time fires once, none is missed.
//!
//! `SCHEDULES` sets how many, and then eight workers watch them: the whole run has 500. `TURUMBA_SEED` sets who dies when.

use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tests::harness::{Redis, TestHub, World, until};

/// Everything but firing.
const OTHERS: &str = "api,realtime,webhooks,relay,workers:inbound,workers:bot,workers:media,workers:assigner,\
                      workers:dispatch,workers:bulk,workers:group_messages,workers:imports,workers:timers";
/// Times of a repeated schedule that lie behind when it begins, 15 minutes apart.
const BEHIND: i64 = 3;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Kills one of them, starts another one later, until `end`. Nobody waits for anybody to be ready.
async fn kill_at_random(workers: &mut [TestHub], end: Instant, dice: &mut StdRng) -> usize {
    let (mut kills, mut dead) = (0, Vec::new());
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..1200))).await;
        // one at least lives, or nothing would fire
        if dead.len() + 1 < workers.len() && (dead.is_empty() || dice.random_bool(0.5)) {
            let alive: Vec<usize> = (0..workers.len()).filter(|worker| !dead.contains(worker)).collect();
            let worker = alive[dice.random_range(0..alive.len())];
            workers[worker].kill();
            dead.push(worker);
            kills += 1;
        } else {
            let worker = dead.swap_remove(dice.random_range(0..dead.len()));
            workers[worker].launch();
        }
    }
    for worker in dead {
        workers[worker].launch();
    }
    kills
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_that_die_fire_every_schedule_once() {
    let whole = setting("SCHEDULES");
    let (schedules, many) = (whole.unwrap_or(20) as i64, if whole.is_some() { 8 } else { 3 });
    let seed = setting("TURUMBA_SEED").unwrap_or_else(|| rand::random_range(0..1_000_000));
    println!("seed {seed}");
    let redis = Redis::start();
    let hub = TestHub::start_with(&[("REDIS_URL", &redis.url()), ("TURUMBA_ROLES", OTHERS)]).await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"receipts": []})).await;
    for number in 0..schedules {
        let mut body = json!({"send_type": "single", "message_body": "Hello", "channel_id": channel.id,
            "delivery_address": format!("+25191{number:07}"), "scheduled_at": "2099-01-01T09:00:00Z",
            "max_lateness_seconds": 86_400});
        if number % 2 == 1 {
            body["recurrence_rule"] = json!("FREQ=MINUTELY;INTERVAL=15");
            body["missed_policy"] = json!("all");
            body["missed_cap"] = json!(100);
        }
        let _ = world.api.post("/v1/scheduled-messages", body).await.created();
    }
    let mut workers: Vec<TestHub> =
        (0..many).map(|_| hub.beside(&[("TURUMBA_ROLES", "workers:schedules")])).collect();
    for worker in &mut workers {
        worker.launch();
    }
    for worker in &mut workers {
        worker.ready().await;
    }
    // the n-th second is the n-th schedule's; a repeated one has times that lie behind as well, all due at once
    let due = format!(
        "WITH numbered AS (
             SELECT id, row_number() OVER (ORDER BY delivery_address) AS number FROM scheduled_messages
         ), placed AS (
             SELECT s.id, date_trunc('second', now()) + make_interval(secs => n.number::float8)
                    - CASE WHEN s.recurrence_rule IS NULL THEN interval '0' ELSE {BEHIND} * interval '15 minutes' END AS at
             FROM scheduled_messages s JOIN numbered n USING (id)
         ) UPDATE scheduled_messages s SET scheduled_at = p.at, next_trigger_at = p.at FROM placed p WHERE s.id = p.id"
    );
    hub.db().await.execute(AssertSqlSafe(due)).await.unwrap();
    let end = Instant::now() + Duration::from_secs(schedules as u64 + 2);
    let kills = kill_at_random(&mut workers, end, &mut StdRng::seed_from_u64(seed)).await;
    until("all have fired", async || {
        let late = hub.count(
            "SELECT count(*) FROM scheduled_messages WHERE status = 'pending' AND next_trigger_at <= now()",
        );
        match late.await {
            0 => Ok(()),
            late => Err(late),
        }
    })
    .await;

    // what should have fired, and what did, by schedule
    let rows = hub
        .db()
        .await
        .fetch_all(AssertSqlSafe(format!(
            "SELECT s.recurrence_rule IS NOT NULL AS repeated, s.trigger_count::bigint AS counted,
                    (SELECT count(*) FROM scheduled_occurrences o WHERE o.schedule_id = s.id) AS occurrences,
                    (SELECT count(DISTINCT o.message_id) FROM scheduled_occurrences o
                     WHERE o.schedule_id = s.id AND o.outcome = 'fired' AND o.fired_at >= o.due_at) AS fired,
                    (SELECT count(*) FROM scheduled_occurrences o,
                            generate_series(0, CASE WHEN s.recurrence_rule IS NULL THEN 0 ELSE {BEHIND} END) step
                     WHERE o.schedule_id = s.id AND o.due_at = s.scheduled_at + step * interval '15 minutes') AS in_time,
                    (SELECT count(*) FROM messages m WHERE m.schedule_id = s.id) AS messages
             FROM scheduled_messages s ORDER BY s.delivery_address"
        )))
        .await
        .unwrap();
    assert_eq!(rows.len() as i64, schedules);
    for (number, row) in rows.iter().enumerate() {
        let wanted = if row.get::<bool, _>("repeated") { BEHIND + 1 } else { 1 };
        let found =
            ["counted", "occurrences", "fired", "in_time", "messages"].map(|name| row.get::<i64, _>(name));
        assert_eq!(found, [wanted; 5], "schedule {number}: counted, occurrences, fired, in time, messages");
    }
    let late = "SELECT (extract(epoch FROM max(fired_at - due_at) FILTER (WHERE s.recurrence_rule IS NULL)) * 1000)::bigint
                FROM scheduled_occurrences o JOIN scheduled_messages s ON s.id = o.schedule_id";
    println!(
        "{schedules} schedules, {many} workers, {kills} kills: {} firings, each once, none missed; a one-off at most {} ms late",
        rows.iter().map(|row| row.get::<i64, _>("fired")).sum::<i64>(),
        hub.count(late).await,
    );
    for worker in &mut workers {
        worker.ready().await;
    }
    for worker in workers {
        worker.end().await;
    }
    hub.end().await;
    drop(redis);
}
