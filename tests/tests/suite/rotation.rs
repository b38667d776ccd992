//! A channel's secret is changed while messages leave and webhooks come: nothing is lost, nothing is doubled, and what is
//! signed with a secret that is over is refused.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tests::{
    fakes::{FakeTwilio, Fate, Faults},
    harness::{TestHub, World, until},
};

/// How often each text was seen.
fn counted<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for text in texts {
        *all.entry(text.to_owned()).or_default() += 1;
    }
    all
}

fn once(prefix: &str, count: usize) -> BTreeMap<String, usize> {
    (0..count).map(|n| (format!("{prefix} {n}"), 1)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_secret_loses_and_doubles_nothing() {
    let (hub, fake) = (TestHub::start().await, FakeTwilio::run(7).await);
    let world = World::new(&hub).await;
    let old = world.twilio(&fake).await;
    let (first, second) = (old.secret.clone(), format!("token{}", uuid::Uuid::new_v4().simple()));
    let new = old.with_secret(&second);
    fake.know(&[first.as_str()]);
    let path = format!("/v1/channels/{}", old.id);
    world.api.patch(&path, json!({"rate_limit": 60_000})).await.ok();
    let is_over = Arc::new(AtomicBool::new(false));
    let (out, taken_in) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));

    let sends = tokio::spawn({
        let (api, is_over, channel) = (world.api.clone(), Arc::clone(&is_over), old.id.clone());
        let out = Arc::clone(&out);
        async move {
            let mut count = 0;
            while !is_over.load(SeqCst) {
                let body = json!({"channel_id": channel, "delivery_address": format!("+1555300{:04}", count % 40),
                                  "message_body": format!("out {count}")});
                api.post("/v1/messages", body).await.created();
                count += 1;
                out.store(count, SeqCst);
                tokio::time::sleep(Duration::from_millis(8)).await;
            }
            count
        }
    });
    // the provider signs with the old one for a while after the hub has the new one
    let signer = Arc::new(Mutex::new(old.clone()));
    let hooks = tokio::spawn({
        let (is_over, signer) = (Arc::clone(&is_over), Arc::clone(&signer));
        let taken_in = Arc::clone(&taken_in);
        async move {
            let (mut count, mut refused) = (0, Vec::new());
            while !is_over.load(SeqCst) {
                let channel = signer.lock().clone();
                let hook = channel.twilio(&format!("+1555400{:04}", count % 40), &format!("in {count}"));
                let status = channel.try_post(&hook).await.unwrap();
                if status != 200 {
                    refused.push((count, status));
                }
                count += 1;
                taken_in.store(count, SeqCst);
                tokio::time::sleep(Duration::from_millis(8)).await;
            }
            (count, refused)
        }
    });
    // thirty more in both directions
    let a_while = async || {
        let (before_out, before_in) = (out.load(SeqCst), taken_in.load(SeqCst));
        until("nothing goes on", async || {
            let (sent, received) = (out.load(SeqCst) - before_out, taken_in.load(SeqCst) - before_in);
            if sent.min(received) >= 30 { Ok(()) } else { Err((sent, received)) }
        })
        .await;
    };
    a_while().await;
    // Twilio knows both for as long as they are rotated
    fake.know(&[first.as_str(), second.as_str()]);
    let changed = world.api.patch(&path, json!({"credentials": {"auth_token": second}})).await.ok();
    assert!(!changed.to_string().contains(&second), "the token is shown: {changed}");
    a_while().await;
    *signer.lock() = new.clone();
    fake.know(&[second.as_str()]);
    a_while().await;
    is_over.store(true, SeqCst);
    let (sent, (received, refused)) = (sends.await.unwrap(), hooks.await.unwrap());
    assert_eq!(refused, [], "of {received} webhooks");
    until("all have left, once each", async || {
        let taken = fake.journal().taken();
        let seen = counted(taken.iter().map(|entry| entry.text.as_str()));
        if seen == once("out", sent) { Ok(()) } else { Err(seen.len()) }
    })
    .await;
    let texts = async || -> Vec<String> {
        sqlx::query_scalar("SELECT message_body FROM messages WHERE direction = 'inbound'")
            .fetch_all(&mut hub.db().await)
            .await
            .unwrap()
    };
    until("all have come, once each", async || {
        let all = texts().await;
        let seen = counted(all.iter().map(String::as_str));
        if seen == once("in", received) { Ok(()) } else { Err(seen.len()) }
    })
    .await;
    assert_eq!(hub.count("SELECT count(*) FROM messages WHERE status LIKE '%failed'").await, 0);

    // what leaked is cut off at once, and a stranger's was never taken
    let third = format!("token{}", uuid::Uuid::new_v4().simple());
    let change = |token: &str, kept: Value| json!({"credentials": {"auth_token": token}, "keep_previous_seconds": kept});
    let wrong = world.api.patch(&path, change(&third, json!(86_401))).await.fails(422, "validation_error");
    assert!(wrong.to_string().contains("keep_previous_seconds"), "{wrong}");
    fake.know(&[third.as_str()]);
    world.api.patch(&path, change(&third, json!(0))).await.ok();
    let newest = old.with_secret(&third);
    let stranger = old.with_secret("token-of-nobody");
    for (channel, status) in [(&newest, 200), (&new, 401), (&old, 401), (&stranger, 401)] {
        let hook = channel.twilio("+15554009999", "after");
        assert_eq!(channel.try_post(&hook).await.unwrap(), status);
    }
    hub.end().await;
}

#[tokio::test]
async fn what_was_refused_with_the_secret_of_before_is_sent_with_the_new_one() {
    let (hub, fake) = (TestHub::start().await, FakeTwilio::run(8).await);
    let world = World::new(&hub).await;
    let channel = world.twilio(&fake).await;
    fake.know(&[channel.secret.as_str(), "token-that-is-new"]);
    // a provider that answers slowly, so that the change falls into the middle of the request
    fake.fail(Faults { delay_ms: 4000, ..Faults::default() });
    let body =
        json!({"channel_id": channel.id, "delivery_address": "+15553000001", "message_body": "in between"});
    let made = world.api.post("/v1/messages", body).await.created();
    until("it is on its way", async || {
        let one = world.api.get(&format!("/v1/messages/{}", made["id"].as_str().unwrap())).await.ok();
        if one["status"] == "sending" { Ok(()) } else { Err(one) }
    })
    .await;
    fake.know(&["token-that-is-new"]);
    fake.fail(Faults::default());
    let path = format!("/v1/channels/{}", channel.id);
    world.api.patch(&path, json!({"credentials": {"auth_token": "token-that-is-new"}})).await.ok();
    until("it is sent", async || {
        let one = world.api.get(&format!("/v1/messages/{}", made["id"].as_str().unwrap())).await.ok();
        if one["status"] == "sent" { Ok(()) } else { Err(one) }
    })
    .await;
    let fates: Vec<Fate> = fake.journal().all().into_iter().map(|entry| entry.fate).collect();
    assert_eq!(fates, [Fate::Refused(401), Fate::Taken], "refused with the old one, taken with the new one");
    hub.end().await;
}
