//! Group messages and schedules while the hub is killed again and again: everybody gets one, the counts add up,
//! every time fires once.
//!
//! `TURUMBA_KILLS` sets how often. `BULK_KILL_RECIPIENTS` sets to how many, and then the hub is killed every two seconds until
//! all have been tried: the whole run has 50,000.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tests::{
    fakes::{FakeTwilio, Fate, Faults},
    harness::{TestHub, World, until},
};

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

async fn one(hub: &TestHub, sql: String) -> i64 {
    hub.db().await.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0)
}

/// So many new contacts in one group.
async fn crowd(hub: &TestHub, world: &World, people: u64) -> String {
    let group = world.api.post("/v1/groups", json!({"name": "everybody"})).await.created();
    let (group, account) = (group["id"].as_str().unwrap().to_owned(), &world.account_id);
    let sql = format!(
        "WITH new AS (
             INSERT INTO contacts (id, account_id, name, phone, created_at, updated_at)
             SELECT gen_random_uuid(), '{account}', 'N' || n, '+2519' || lpad(n::text, 8, '0'), now(), now()
             FROM generate_series(1, {people}) n RETURNING id
         ), put AS (
             INSERT INTO group_contacts (account_id, group_id, contact_id, added_at)
             SELECT '{account}', '{group}', id, now() FROM new
         ) UPDATE groups SET contact_count = {people} WHERE id = '{group}'"
    );
    hub.db().await.execute(AssertSqlSafe(sql)).await.unwrap();
    group
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_message_survives_kills_and_a_provider_that_fails() {
    let whole = setting("BULK_KILL_RECIPIENTS");
    let people = whole.unwrap_or(2000);
    let kills = whole.map_or_else(|| setting("TURUMBA_KILLS").unwrap_or(6), |_| u64::MAX);
    let (mut hub, fake) = (TestHub::start_embedded(&[]).await, FakeTwilio::run(11).await);
    let world = World::new(&hub).await;
    let channel = world.twilio(&fake).await;
    let fast = json!({"rate_limit": 60_000, "retry_interval": 1, "retry_count": 100});
    let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), fast).await.ok();
    let group = crowd(&hub, &world, people).await;
    // a fifth of all requests fails; a 429 holds the whole channel for a second, so there are few of them
    fake.fail(Faults { unread: 0.05, cut: 0.03, unavailable: 0.169, throttled: 0.001, delay_ms: 20 });
    // the small run is held back, or it would be over before the last kill
    let rate = if whole.is_some() { 600_000 } else { people * 4 };
    let body = json!({"message_body": "Hello {{ contact.name }}", "channel_id": channel.id, "status": "queued",
        "contact_group_ids": [group], "rate_per_minute": rate});
    let made = world.api.post("/v1/group-messages", body).await.created();
    let id = made["id"].as_str().unwrap();
    let began = std::time::Instant::now();
    let mut open = BTreeSet::new();
    let mut killed = 0;
    while killed < kills {
        let pause = if whole.is_some() { 2000 } else { 1200 + 130 * killed };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let untried = format!(
            "SELECT count(*) FROM group_messages WHERE id = '{id}'
                 AND (frozen_at IS NULL OR pending_count > unknown_count)"
        );
        if one(&hub, untried).await == 0 {
            break;
        }
        hub.kill();
        killed += 1;
        let unrecorded: Vec<String> =
            sqlx::query_scalar("SELECT id::text FROM attempts WHERE ended_at IS NULL")
                .fetch_all(&mut hub.db().await)
                .await
                .unwrap();
        open.extend(unrecorded);
        // the sum holds at every commit: whenever the hub is cut off
        let wrong = one(
            &hub,
            "SELECT count(*) FROM group_messages WHERE total_recipients
                 <> pending_count + sent_count + delivered_count + failed_count + cancelled_count"
                .into(),
        );
        assert_eq!(wrong.await, 0);
        hub.launch();
        hub.ready().await;
    }
    fake.fail(Faults::default());
    // one statement: counts and rows of the same moment
    let snapshot = format!(
        "SELECT to_jsonb(g) || jsonb_build_object('ledger', (
             SELECT jsonb_object_agg(state, n) FROM (
                 SELECT state, count(*) AS n FROM group_message_recipients WHERE group_message_id = g.id
                 GROUP BY state) AS counted))
         FROM group_messages g WHERE id = '{id}'"
    );
    let now: serde_json::Value = until("the group message is over", async || {
        let now: serde_json::Value =
            hub.db().await.fetch_one(AssertSqlSafe(snapshot.clone())).await.unwrap().get(0);
        let is_over = ["completed", "partially_failed", "failed"].contains(&now["status"].as_str().unwrap());
        if !is_over {
            return Err(now);
        }
        // those of whom the provider tells that they got nothing are sent to again: it is over without anybody who waits
        assert_eq!(now["pending_count"], now["unknown_count"], "{now}");
        Ok(now)
    })
    .await;
    let count = |name: &str| now[name].as_i64().unwrap();
    assert_eq!(count("total_recipients"), people as i64, "{now}");
    for (state, name) in [
        ("sent", "sent_count"),
        ("delivered", "delivered_count"),
        ("failed", "failed_count"),
        ("unknown", "unknown_count"),
    ] {
        assert_eq!(now["ledger"][state].as_i64().unwrap_or(0), count(name), "{state} in {now}");
    }
    let got = fake.journal().by_recipient();
    let twice: Vec<_> = got.iter().filter(|(_, texts)| texts.len() > 1).collect();
    assert!(twice.is_empty(), "some got more than one: {twice:?}");
    let bound = (fake.journal().cut() + open.len()) as i64;
    assert!(count("unknown_count") <= bound, "{} unknown, {bound} calls were cut", count("unknown_count"));
    let certain = count("sent_count") + count("delivered_count");
    assert!(got.len() as i64 >= certain, "{} got one, {certain} are said to have", got.len());
    assert!(got.len() as i64 <= certain + count("unknown_count"), "some got one and are said to have failed");
    let fates = fake.journal().all();
    let failed = fates.iter().filter(|entry| entry.fate != Fate::Taken).count() as u64;
    let unread = fake.counts().unread.load(std::sync::atomic::Ordering::SeqCst);
    assert!(killed > 0 && failed > people / 100, "{killed} kills and {failed} failures are no trial");
    println!(
        "{people} recipients, {killed} kills in {:.0} s; {} requests and {unread} connections closed unread, {failed} of the \
         requests failed ({} cut); {} attempts without an outcome at a kill, {} unknown in the end",
        began.elapsed().as_secs_f64(),
        fates.len(),
        fake.journal().cut(),
        open.len(),
        count("unknown_count"),
    );
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedules_fire_once_whenever_the_hub_is_killed() {
    let kills = setting("TURUMBA_KILLS").unwrap_or(6);
    let mut hub = TestHub::start_embedded(&[]).await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"receipts": []})).await;
    let mut ids = Vec::new();
    for number in 0..40 {
        let body = json!({"send_type": "single", "message_body": "Hello", "channel_id": channel.id,
            "delivery_address": format!("+25191{number:07}"), "scheduled_at": "2099-01-01T09:00:00Z",
            "recurrence_rule": "FREQ=MINUTELY;INTERVAL=15", "missed_policy": "all", "missed_cap": 100,
            "max_lateness_seconds": 86_400});
        let made = world.api.post("/v1/scheduled-messages", body).await.created();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    // six times each lie behind
    let due = "UPDATE scheduled_messages SET scheduled_at = now() - interval '80 minutes',
                      next_trigger_at = now() - interval '80 minutes'";
    hub.db().await.execute(due).await.unwrap();
    for kill in 0..kills {
        tokio::time::sleep(Duration::from_millis(90 + 70 * kill)).await;
        hub.kill();
        hub.launch();
        hub.ready().await;
    }
    until("all have fired", async || {
        let late = one(
            &hub,
            "SELECT count(*) FROM scheduled_messages WHERE next_trigger_at <= now() AND status = 'pending'"
                .into(),
        );
        match late.await {
            0 => Ok(()),
            late => Err(late),
        }
    })
    .await;
    for id in ids {
        let fired = one(
            &hub,
            format!(
                "SELECT count(*) FROM scheduled_occurrences WHERE schedule_id = '{id}' AND outcome = 'fired'"
            ),
        );
        let sent = one(&hub, format!("SELECT count(*) FROM messages WHERE schedule_id = '{id}'"));
        let counted =
            one(&hub, format!("SELECT trigger_count::bigint FROM scheduled_messages WHERE id = '{id}'"));
        let (fired, sent, counted) = (fired.await, sent.await, counted.await);
        assert!(fired >= 6, "{fired} of six times at least");
        assert_eq!((fired, sent), (counted, counted), "a message for every firing");
    }
    hub.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_message_from_its_estimate_to_its_report() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.agent("ann", 5).await;
    let socket = agent.online().await;
    let channel = world.sandbox("sms", json!({"receipts": ["delivered"]})).await;
    let file = "name,phone,city\nAbebe,0911000001,Addis\nBekele,0911000002,\nWrong,none,\n";
    let upload = json!({"filename": "p.csv", "mime_type": "text/csv", "size": file.len()});
    let upload = world.api.post("/v1/uploads", upload).await.created();
    let (_, place) = upload["put_url"].as_str().unwrap().split_once("/v1/").unwrap();
    let put =
        world.api.request(reqwest::Method::PUT, &format!("/v1/{place}")).header("content-type", "text/csv");
    let _ = world.api.send(put.body(file)).await.ok();
    let group = world.api.post("/v1/groups", json!({"name": "people"})).await.created();
    let import =
        json!({"upload_id": upload["upload_id"], "group_id": group["id"], "default_country_code": "+251"});
    let import = world.api.post("/v1/contact-imports", import).await.created();
    let import = format!("/v1/contact-imports/{}", import["id"].as_str().unwrap());
    until("the import is over", async || {
        let now = world.api.get(&import).await.ok();
        if now["status"] == "completed" { Ok(()) } else { Err(now) }
    })
    .await;
    let now = world.api.get(&import).await.ok();
    assert_eq!((now["created_count"].as_i64(), now["error_count"].as_i64()), (Some(2), Some(1)), "{now}");
    let errors = world.api.get(&format!("{import}/errors.csv")).await;
    assert!(errors.body.as_str().unwrap().contains("4,phone,"), "{:?}", errors.body);
    let exported = world.api.get("/v1/contacts/export.csv?filter=properties.city:eq:Addis").await;
    assert_eq!(exported.body.as_str().unwrap().lines().count(), 2, "{:?}", exported.body);

    let body = json!({"name": "News", "message_body": "Hello {{ contact.name }} in {CITY}", "channel_id": channel.id,
        "contact_group_ids": [group["id"]]});
    let estimate = world.api.post("/v1/group-messages/estimate", body.clone()).await.ok();
    assert_eq!(estimate["recipients"], 2, "{estimate}");
    let made = world.api.post("/v1/group-messages", body).await.created();
    let path = format!("/v1/group-messages/{}", made["id"].as_str().unwrap());
    assert_eq!(made["status"], "draft");
    let to = json!({"delivery_address": "+251911999999"});
    let tested = world.api.post(&format!("{path}/test"), to).await.created();
    assert!(tested["message_body"].as_str().unwrap().ends_with(" in {CITY}"), "{tested}");
    let _ = world.api.patch(&path, json!({"status": "queued"})).await.ok();
    let _ = socket
        .wait("group_message:progress", |told| {
            told["group_message_id"] == made["id"]
                && told["status"] == "completed"
                && told["delivered_count"] == 2
        })
        .await;
    let report = world.api.get(&format!("{path}/recipients?filter=state:eq:delivered")).await.ok();
    assert_eq!(report.as_array().unwrap().len(), 2, "{report}");
    let file = world.api.get(&format!("{path}/recipients.csv")).await;
    assert_eq!(file.body.as_str().unwrap().lines().count(), 3, "{:?}", file.body);
    let messages = world
        .api
        .get(&format!("/v1/messages?filter=group_message_id:eq:{}", made["id"].as_str().unwrap()))
        .await
        .ok();
    let mut texts: Vec<&str> = messages
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["message_body"].as_str().unwrap())
        .collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Hello Abebe in Addis", "Hello Bekele in {CITY}"]);
    let _ = world.api.post(&format!("{path}/retry"), json!({})).await.fails(409, "conflict");
    let viewer = world.person("vic", "viewer").await;
    let _ = viewer.api.patch(&path, json!({"name": "Mine"})).await.fails(403, "forbidden");
    hub.end().await;
}

#[tokio::test]
async fn recipients_whose_receipts_said_failed_are_sent_to_again() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"receipts": ["failed"]})).await;
    let group = world.api.post("/v1/groups", json!({"name": "two"})).await.created();
    let mut people = Vec::new();
    for (name, phone) in [("Abebe", "+251911000001"), ("Bekele", "+251911000002")] {
        let made = world.api.post("/v1/contacts", json!({"name": name, "phone": phone})).await.created();
        people.push(made["id"].clone());
    }
    let members = format!("/v1/groups/{}/contacts", group["id"].as_str().unwrap());
    let _ = world.api.post(&members, json!({"contact_ids": people})).await;
    let body = json!({"name": "News", "message_body": "Hello", "channel_id": channel.id, "status": "queued",
        "contact_group_ids": [group["id"]]});
    let made = world.api.post("/v1/group-messages", body).await.created();
    let path = format!("/v1/group-messages/{}", made["id"].as_str().unwrap());
    let counts = async |wanted: [i64; 2]| {
        until("its counts", async || {
            let now = world.api.get(&path).await.ok();
            let counts = [&now["failed_count"], &now["delivered_count"]].map(|count| count.as_i64().unwrap());
            if counts == wanted { Ok(()) } else { Err(now) }
        })
        .await;
    };
    counts([2, 0]).await;
    let settings = json!({"settings": {"receipts": ["delivered"]}});
    let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), settings).await.ok();
    let again = world.api.post(&format!("{path}/retry"), json!({})).await.ok();
    assert_eq!(again["retried"], 2);
    counts([0, 2]).await;
    let base = format!("/v1/channels/{}/sandbox/messages", channel.id);
    let sent = world.api.get(&base).await.ok();
    assert_eq!(sent["messages"].as_array().unwrap().len(), 4, "each twice: {sent}");
    hub.end().await;
}
