//! Group messages on their way to the sandbox, on a real store: everybody gets one, whatever the provider does.

mod stage;

use std::{collections::HashMap, time::Duration};

use channels::Behaviour;
use dispatch::DispatchOptions;
use inbox::group_messages::work;
use model::GroupMessageId;
use sqlx::{AssertSqlSafe, Executor, Row};
use stage::{Stage, quiet};

/// A queued group message to so many new contacts.
async fn group_message(stage: &Stage, people: usize) -> GroupMessageId {
    let (account, channel, id) = (stage.account, stage.channel, GroupMessageId::new());
    let (group, template) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    stage
        .owner(format!(
            "INSERT INTO groups (id, account_id, name, contact_count, created_at, updated_at)
             VALUES ('{group}', '{account}', '{group}', {people}, now(), now());
             WITH new AS (
                 INSERT INTO contacts (id, account_id, name, phone, created_at, updated_at)
                 SELECT gen_random_uuid(), '{account}', 'N' || n,
                        '+' || (100000000 + (random() * 800000000)::bigint)::text || lpad(n::text, 5, '0'), now(), now()
                 FROM generate_series(1, {people}) n RETURNING id
             ) INSERT INTO group_contacts (account_id, group_id, contact_id, added_at)
               SELECT '{account}', '{group}', id, now() FROM new;
             INSERT INTO templates (id, account_id, name, body, created_at, updated_at)
             VALUES ('{template}', '{account}', 'T', 'Hello {{{{ contact.name }}}}', now(), now());
             INSERT INTO group_messages (id, account_id, status, channel_id, template_id, contact_group_ids, created_at,
                                         updated_at)
             VALUES ('{id}', '{account}', 'queued', '{channel}', '{template}', ARRAY['{group}'::uuid], now(), now())"
        ))
        .await;
    id
}

async fn one(stage: &Stage, id: GroupMessageId) -> HashMap<String, i32> {
    let sql = format!(
        "SELECT total_recipients, pending_count, sent_count, delivered_count, failed_count, cancelled_count, unknown_count
         FROM group_messages WHERE id = '{id}'"
    );
    let row = stage.connect().await.fetch_one(AssertSqlSafe(sql)).await.unwrap();
    ["total", "pending", "sent", "delivered", "failed", "cancelled", "unknown"]
        .into_iter()
        .enumerate()
        .map(|(index, name)| (name.to_owned(), row.get(index)))
        .collect()
}

async fn status(stage: &Stage, id: GroupMessageId) -> String {
    let sql = format!("SELECT status FROM group_messages WHERE id = '{id}'");
    stage.connect().await.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
}

async fn until_over(stage: &Stage, id: GroupMessageId) {
    for _ in 0..1200 {
        if ["completed", "partially_failed", "failed"].contains(&status(stage, id).await.as_str()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never over: {:?}", one(stage, id).await);
}

/// The ledger, counted by hand, agrees with the counts and with the messages.
async fn adds_up(stage: &Stage, id: GroupMessageId) {
    let counts = one(stage, id).await;
    for (state, name) in
        [("sent", "sent"), ("delivered", "delivered"), ("failed", "failed"), ("unknown", "unknown")]
    {
        let ledger =
            format!("group_message_recipients WHERE group_message_id = '{id}' AND state = '{state}'");
        assert_eq!(stage.count(&ledger).await, i64::from(counts[name]), "{state}");
        let messages = match state {
            "failed" => "status IN ('failed', 'permanently_failed')".to_owned(),
            state => format!("status = '{state}'"),
        };
        let found = stage.count(&format!("messages WHERE group_message_id = '{id}' AND {messages}")).await;
        assert_eq!(found, i64::from(counts[name]), "messages that are {state}");
    }
}

/// How often each address was written to.
fn per_address(stage: &Stage) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for message in stage.sandbox.sent(stage.channel, 0, 100_000) {
        *times.entry(message.to.clone()).or_default() += 1;
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_one_and_the_counts_are_exact() {
    let stage = Stage::new(quiet()).await;
    let id = group_message(&stage, 1500).await;
    let engine = stage.start(DispatchOptions::default());
    let worker = tokio::spawn(work::run(stage.inbox.clone(), stage.stop.clone()));
    until_over(&stage, id).await;
    let counts = one(&stage, id).await;
    assert_eq!((counts["total"], counts["sent"], counts["pending"]), (1500, 1500, 0));
    let times = per_address(&stage);
    assert_eq!(times.len(), 1500);
    assert!(times.values().all(|times| *times == 1));
    adds_up(&stage, id).await;
    assert_eq!(stage.count("attempts WHERE outcome = 'accepted'").await, 1500);
    assert_eq!(stage.count("messages WHERE message_body LIKE 'Hello N%'").await, 1500);
    let told = stage.count("events WHERE kind = 'group_message_progressed'").await;
    assert!((2..60).contains(&told), "{told}: progress is told by the second, not by the message");
    worker.abort();
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_fails_and_cuts_connections_gets_nobody_two() {
    let faults = Behaviour {
        fail_before_write: 0.1,
        fail_status: 0.05,
        fail_status_code: 403,
        cut_after_write: 0.05,
        delay_jitter_ms: 20,
        ..quiet()
    };
    let stage = Stage::new(faults).await;
    let id = group_message(&stage, 600).await;
    let engine = stage.start(DispatchOptions::default());
    let worker = tokio::spawn(work::run(stage.inbox.clone(), stage.stop.clone()));
    until_over(&stage, id).await;
    let counts = one(&stage, id).await;
    assert_eq!((counts["total"], counts["pending"], counts["unknown"]), (600, 0, 0), "{counts:?}");
    let times = per_address(&stage);
    assert!(times.values().all(|times| *times == 1), "somebody got two");
    assert_eq!(times.len() as i32, counts["sent"]);
    assert!(counts["failed"] > 0 && counts["sent"] + counts["failed"] == 600, "{counts:?}");
    adds_up(&stage, id).await;
    worker.abort();
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_go_before_a_group_message_on_a_slow_channel() {
    let stage = Stage::new(quiet()).await;
    stage.owner(format!("UPDATE channels SET rate_limit = 600 WHERE id = '{}'", stage.channel)).await;
    let id = group_message(&stage, 400).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    let worker = tokio::spawn(work::run(stage.inbox.clone(), stage.stop.clone()));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(one(&stage, id).await["sent"] > 0, "it runs");
    for number in 0..5 {
        let started = std::time::Instant::now();
        let reply = stage.say(conversation, &format!("reply {number}")).await;
        while stage.status(reply).await != "sent" {
            assert!(started.elapsed() < Duration::from_secs(2), "a reply waits for a group message");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert!(one(&stage, id).await["pending"] > 100, "the group message is still under way");
    worker.abort();
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_needs_a_person_pauses_the_group_message() {
    let stage = Stage::new(Behaviour { fail_status: 1.0, fail_status_code: 401, ..quiet() }).await;
    let id = group_message(&stage, 500).await;
    let engine = stage.start(DispatchOptions { bulk_in_flight: 20, ..DispatchOptions::default() });
    let worker = tokio::spawn(work::run(stage.inbox.clone(), stage.stop.clone()));
    for _ in 0..200 {
        if status(&stage, id).await == "paused" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status(&stage, id).await, "paused");
    assert!(one(&stage, id).await["pending"] > 300, "the rest was not burned");
    worker.abort();
    stage.end(engine).await;
}

/// Outcomes that cannot be written hold sending up: what is on its way and what waits to be written is bounded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_written_down_holds_sending_up() {
    // slots, the queue of outcomes, and the set that is being written
    const MOST: usize = 20 + 400 + 200;
    let stage = Stage::new(quiet()).await;
    let id = group_message(&stage, 2000).await;
    while work::once(&stage.inbox).await.unwrap() > 0 {}
    assert_eq!(one(&stage, id).await["total"], 2000);
    let mut in_the_way = stage.connect().await;
    let lock = format!("BEGIN; SELECT 1 FROM group_messages WHERE id = '{id}' FOR UPDATE");
    in_the_way.execute(AssertSqlSafe(lock)).await.unwrap();
    let engine = stage.start(DispatchOptions { bulk_in_flight: 20, ..DispatchOptions::default() });
    let sent = || stage.sandbox.sent(stage.channel, 0, 100_000).len();
    let (mut before, mut same) = (0, 0);
    while same < 20 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = sent();
        same = if now == before && now > 0 { same + 1 } else { 0 };
        before = now;
        assert!(now <= MOST, "{now} were sent, and none could be written down");
    }
    in_the_way.execute("ROLLBACK").await.unwrap();
    until_over(&stage, id).await;
    assert_eq!(one(&stage, id).await["sent"], 2000);
    adds_up(&stage, id).await;
    stage.end(engine).await;
}

/// Each recipient is found by its own key, also by statements that were planned when nothing was there: what is read does not
/// grow with the size of the group message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_group_messages_read_no_more_than_the_first() {
    const PEOPLE: usize = 1000;
    const EACH: i64 = 30;
    let stage = Stage::new(quiet()).await;
    let engine = stage.start(DispatchOptions::default());
    let worker = tokio::spawn(work::run(stage.inbox.clone(), stage.stop.clone()));
    let mut all = 0;
    // one after another, so that each finds its partition as the others have left it
    for _ in 0..6 {
        let id = group_message(&stage, PEOPLE).await;
        until_over(&stage, id).await;
        assert_eq!(one(&stage, id).await["sent"], PEOPLE as i32);
        all += PEOPLE as i64;
    }
    worker.abort();
    // what a connection has counted shows when it has been idle for a moment, or is gone
    stage.stop.cancel();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sql = "SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes
               WHERE relname LIKE 'group_message_recipients%'";
    let read: i64 = stage.connect().await.fetch_one(sql).await.unwrap().get(0);
    println!("{read} entries of indexes were read for {all} recipients");
    assert!(read > all && read <= all * EACH, "{read} for {all} recipients");
    stage.end(engine).await;
}
