//! Every call to the provider fails half the time: before the request was written, after it, and by status.

use serde_json::json;
use tests::{
    fakes::{FakeTelegram, FakeTwilio, Faults},
    harness::{AutoAgent, TestHub, World, until},
};

use crate::{audit, crash::Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_through_a_telegram_that_fails_half_the_time() {
    let stage = Stage::set(11, &[]).await;
    stage.fake.fail(Faults::half());
    until("it has failed in every way", async || {
        let journal = stage.fake.journal();
        let unread = stage.fake.counts().unread.load(std::sync::atomic::Ordering::SeqCst);
        let refused = journal.all().len() - journal.taken().len() - journal.cut();
        if journal.cut() > 10 && refused > 10 && unread > 0 {
            Ok(())
        } else {
            Err(format!("{} cut, about {refused} refused, {unread} unread", journal.cut()))
        }
    })
    .await;
    stage
        .audit(|fake| {
            let unread = fake.counts().unread.load(std::sync::atomic::Ordering::SeqCst) as usize;
            println!("{} cut after they were read, {unread} closed unread", fake.journal().cut());
            fake.journal().cut() + unread
        })
        .await;
}

/// Nothing was written, so nothing is unknown: all of it arrives, once, when the provider is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_to_a_provider_that_is_away_wait_and_none_is_unknown() {
    let (hub, fake) = (TestHub::start().await, FakeTelegram::run(12).await);
    let world = World::new(&hub).await;
    let channel = world.telegram(&fake).await;
    let often = json!({"retry_interval": 1, "retry_count": 100});
    let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), often).await.ok();
    let agent = AutoAgent::start(world.agent("ada", 50).await, true);
    fake.down();
    let mut sent = audit::Sent::new();
    for customer in 1..=20 {
        let text = format!("from {customer}");
        channel.post(&channel.telegram(customer, &text)).await;
        sent.insert(customer.to_string(), vec![text]);
    }
    until("answers wait", async || {
        let tried = hub.count("SELECT count(*) FROM attempts WHERE outcome = 'unavailable'").await;
        let written = hub.count("SELECT count(*) FROM messages WHERE sender_type = 'agent'").await;
        if tried > 0 && written == 20 { Ok(()) } else { Err((tried, written)) }
    })
    .await;
    fake.up().await;
    until("all of it arrives", async || {
        let arrived = fake.journal().taken().len();
        if arrived == 20 { Ok(()) } else { Err(arrived) }
    })
    .await;
    hub.drained().await;
    let stored = audit::stored(&hub).await;
    audit::nothing_lost_or_doubled(&stored, &sent);
    audit::provider_agrees(&stored, fake.journal(), 0);
    agent.end().await;
    hub.end().await;
}

/// A provider that can be asked settles what the cut left open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_cut_is_settled_by_looking_it_up() {
    let (hub, fake) = (TestHub::start().await, FakeTwilio::run(13).await);
    let world = World::new(&hub).await;
    let channel = world.twilio(&fake).await;
    let often = json!({"retry_interval": 1, "retry_count": 100});
    let _ = world.api.patch(&format!("/v1/channels/{}", channel.id), often).await.ok();
    let agent = AutoAgent::start(world.agent("ada", 50).await, true);
    fake.fail(Faults { cut: 0.4, ..Faults::default() });
    for n in 0..20 {
        channel.post(&channel.twilio(&format!("+155500100{n:02}"), &format!("from {n}"))).await;
    }
    until("what was taken is called sent", async || {
        let taken = fake.journal().taken();
        let sent = hub
            .count("SELECT count(*) FROM messages WHERE sender_type = 'agent' AND status IN ('sent', 'delivered')")
            .await as usize;
        let tried = fake.journal().all().len();
        if tried >= 20 && sent == taken.len() { Ok(()) } else { Err((sent, taken.len(), tried)) }
    })
    .await;
    for (number, texts) in fake.journal().by_recipient() {
        assert_eq!(texts.len(), 1, "{number} got {texts:?}");
    }
    agent.end().await;
    let mut hub = hub;
    // what was not taken waits for the proof that it was not
    hub.discard().await;
}
