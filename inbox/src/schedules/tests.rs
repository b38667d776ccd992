//! Schedules on a real store: each time fires once, whoever looks and whenever.

use std::collections::BTreeSet;

use chrono::Duration;
use model::{ChannelId, ContactId, ScheduleId, Time, permission::BuiltInRole, schedule::ScheduleStatus};
use serde_json::{Value, json};

use super::{ScheduleView, fire};
use crate::{Inbox, Member, audience, contacts, group_messages, schedules, testing::Stage};

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

struct Scene {
    stage: Stage,
    me: Member,
    sms: ChannelId,
    contact: ContactId,
}

impl Scene {
    async fn set() -> Self {
        let stage = Stage::new().await;
        let me = stage.member(BuiltInRole::Supervisor).await;
        let sms = ChannelId::new();
        stage
            .as_owner(format!(
                "INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                       created_at, updated_at)
                 VALUES ('{sms}', '{}', 'C', 'sms', 'sandbox', 'connected', '', now(), now())",
                me.account_id()
            ))
            .await;
        let contact = of(json!({"name": "Abebe", "phone": "+251911000001"}));
        let contact = contacts::create(&stage.inbox, &me, contact).await.unwrap().id;
        Self { stage, me, sms, contact }
    }

    fn inbox(&self) -> &Inbox {
        &self.stage.inbox
    }

    async fn single(&self, more: Value) -> crate::schedules::ScheduleView {
        let mut body = json!({"send_type": "single", "channel_id": self.sms, "contact_id": self.contact,
            "message_body": "Dear {NAME}", "scheduled_at": self.inbox().now() + Duration::hours(1)});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        schedules::create(self.inbox(), &self.me, &of(body)).await.unwrap()
    }

    /// As if the first time had been so long ago.
    async fn ago(&self, id: ScheduleId, span: &str) {
        self.stage
            .as_owner(format!(
                "UPDATE scheduled_messages SET scheduled_at = now() - interval '{span}',
                        next_trigger_at = now() - interval '{span}' WHERE id = '{id}'"
            ))
            .await;
    }

    async fn view(&self, id: ScheduleId) -> ScheduleView {
        schedules::get(self.inbox(), &self.me, id).await.unwrap()
    }

    async fn outcomes(&self, id: ScheduleId) -> Vec<String> {
        let all = schedules::occurrences(self.inbox(), &self.me, id).await.unwrap();
        all.into_iter().rev().map(|one| one.outcome).collect()
    }
}

#[tokio::test]
async fn a_message_for_later_is_sent_once_and_then_over() {
    let scene = Scene::set().await;
    let made = scene.single(json!({})).await;
    assert_eq!((made.status, made.next_runs.len()), (ScheduleStatus::Pending, 1));
    assert_eq!(fire::fire_due(scene.inbox()).await.unwrap(), 0);
    scene.ago(made.id, "1 second").await;
    let (a, b) = tokio::join!(fire::fire_due(scene.inbox()), fire::fire_due(scene.inbox()));
    assert_eq!(a.unwrap() + b.unwrap(), 1);
    let view = scene.view(made.id).await;
    assert_eq!((view.status, view.trigger_count, view.next_trigger_at), (ScheduleStatus::Completed, 1, None));
    let message = crate::messages::get(scene.inbox(), &scene.me, view.message_id.unwrap()).await.unwrap();
    assert_eq!(message.message_body, "Dear Abebe");
    assert_eq!(message.metadata["scheduled_message_id"], json!(made.id));
    assert_eq!(scene.outcomes(made.id).await, ["fired"]);
    schedules::delete(scene.inbox(), &scene.me, made.id).await.unwrap();
    scene.stage.end().await;
}

#[tokio::test]
async fn what_was_missed_follows_the_policy_and_the_lateness() {
    let scene = Scene::set().await;
    let often = |more: Value| {
        let mut body = json!({"recurrence_rule": "FREQ=MINUTELY;INTERVAL=15", "max_lateness_seconds": 3600});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let skip = scene.single(often(json!({"missed_policy": "skip"}))).await.id;
    let one = scene.single(often(json!({"missed_policy": "one"}))).await.id;
    let all = scene.single(often(json!({"missed_policy": "all", "missed_cap": 2}))).await.id;
    let late = scene.single(json!({"max_lateness_seconds": 60})).await.id;
    for id in [skip, one, all] {
        scene.ago(id, "40 minutes").await;
    }
    scene.ago(late, "2 minutes").await;
    while fire::fire_due(scene.inbox()).await.unwrap() > 0 {}
    assert_eq!(scene.outcomes(skip).await, ["missed", "missed", "missed"]);
    assert_eq!(scene.outcomes(one).await, ["missed", "missed", "fired"]);
    assert_eq!(scene.outcomes(all).await, ["missed", "fired", "fired"]);
    assert_eq!(scene.outcomes(late).await, ["missed"]);
    assert_eq!(scene.view(late).await.status, ScheduleStatus::Failed);
    for id in [skip, one, all] {
        let view = scene.view(id).await;
        assert_eq!(view.status, ScheduleStatus::Pending);
        assert!(view.next_trigger_at.unwrap() > scene.inbox().now());
        assert_eq!(view.next_runs.len(), 5);
    }
    scene.stage.end().await;
}

#[tokio::test]
async fn pauses_edits_counts_and_answers() {
    let scene = Scene::set().await;
    let inbox = scene.inbox();
    let change = async |id, body: Value| schedules::update(inbox, &scene.me, id, &of(body)).await;
    let daily = scene.single(json!({"recurrence_rule": "daily", "timezone": "Africa/Addis_Ababa"})).await;
    let first = daily.next_trigger_at.unwrap();
    assert_eq!(daily.next_runs[1] - first, Duration::days(1));
    let paused = change(daily.id, json!({"status": "paused"})).await.unwrap();
    assert_eq!((paused.status, paused.next_trigger_at), (ScheduleStatus::Paused, Some(first)));
    scene.ago(daily.id, "50 hours").await;
    assert_eq!(fire::fire_due(inbox).await.unwrap(), 0, "it is paused");
    let resumed = change(daily.id, json!({"status": "pending"})).await.unwrap();
    assert!(resumed.next_trigger_at.unwrap() > inbox.now(), "what passed meanwhile is not made up for");
    let moved =
        change(daily.id, json!({"recurrence_rule": "weekly:mon", "recurrence_count": 1})).await.unwrap();
    assert_eq!(moved.recurrence_rule.as_deref(), Some("weekly:mon"));
    for wrong in [
        json!({"recurrence_rule": "sometimes"}),
        json!({"timezone": "Mars/Base"}),
        json!({"scheduled_at": "2020-01-01T00:00:00Z"}),
        json!({"status": "completed"}),
    ] {
        assert!(change(daily.id, wrong.clone()).await.is_err(), "{wrong}");
    }
    scene.ago(daily.id, "1 second").await;
    assert_eq!(fire::fire_due(inbox).await.unwrap(), 1);
    assert_eq!(scene.view(daily.id).await.status, ScheduleStatus::Completed, "once was asked for");
    assert!(change(daily.id, json!({"name": "late"})).await.is_err());

    let asks = scene.single(json!({"cancel_on_reply": true})).await;
    scene.ago(asks.id, "1 second").await;
    scene
        .stage
        .as_owner(format!(
            "INSERT INTO conversations (id, account_id, channel_id, channel_type, contact_id, contact_identifier,
                 thread_key, status, last_inbound_at, created_at, updated_at)
             VALUES (gen_random_uuid(), '{}', '{}', 'sms', '{}', '+251911000001', 'x', 'resolved', now(), now(), now())",
            scene.me.account_id(),
            scene.sms,
            scene.contact
        ))
        .await;
    fire::fire_due(inbox).await.unwrap();
    let view = scene.view(asks.id).await;
    assert_eq!((view.status, view.message_id), (ScheduleStatus::Cancelled, None));

    let broken = scene.single(json!({"recurrence_rule": "daily"})).await;
    scene.ago(broken.id, "1 second").await;
    scene.stage.as_owner(format!("UPDATE channels SET is_enabled = false WHERE id = '{}'", scene.sms)).await;
    fire::fire_due(inbox).await.unwrap();
    let view = scene.view(broken.id).await;
    assert_eq!(view.status, ScheduleStatus::Pending, "a recurring one goes on");
    assert!(view.error.unwrap().contains("switched off"));
    assert_eq!(scene.outcomes(broken.id).await, ["failed"]);
    scene.stage.end().await;
}

#[tokio::test]
async fn a_group_gets_it_at_everybodys_own_time() {
    let scene = Scene::set().await;
    let inbox = scene.inbox();
    let far = json!({"name": "Far", "phone": "+15550000001", "properties": {"timezone": "America/New_York"}});
    let far = contacts::create(inbox, &scene.me, of(far)).await.unwrap().id;
    let group = audience::groups::create(inbox, &scene.me, &of(json!({"name": "g"}))).await.unwrap().id;
    let ids = json!({"contact_ids": [scene.contact, far]});
    audience::members::add_contacts(inbox, &scene.me, group, &of(ids)).await.unwrap();
    let at: Time = "2030-06-03T09:00:00Z".parse().unwrap();
    let body = json!({"send_type": "group", "channel_id": scene.sms, "contact_group_ids": [group],
        "message_body": "Good morning", "scheduled_at": at, "timezone": "UTC", "recipient_timezone": true});
    let made = schedules::create(inbox, &scene.me, &of(body)).await.unwrap();
    assert_eq!(made.next_trigger_at, Some(at - Duration::hours(14)), "when the first have nine o'clock");
    scene
        .stage
        .as_owner(format!(
            "UPDATE scheduled_messages SET next_trigger_at = now() - interval '1 second' WHERE id = '{}'",
            made.id
        ))
        .await;
    fire::fire_due(inbox).await.unwrap();
    let view = scene.view(made.id).await;
    assert_eq!(view.status, ScheduleStatus::Completed);
    let group_message = view.group_message_id.unwrap();
    while group_messages::work::once(inbox).await.unwrap() > 0 {}
    let sent = group_messages::get(inbox, &scene.me, group_message).await.unwrap();
    assert_eq!((sent.counts.total, sent.schedule_id), (2, Some(made.id)));
    let due: Vec<(Time,)> = inbox
        .store()
        .read(scene.me.account_id(), |mut tx| async move {
            Ok(sqlx::query_as("SELECT due_at FROM group_message_recipients ORDER BY due_at")
                .fetch_all(&mut *tx)
                .await?)
        })
        .await
        .unwrap();
    let between = due[1].0 - due[0].0;
    let (summer, winter) = (Duration::hours(4), Duration::hours(5));
    assert!(
        between == summer || between == winter,
        "New York has it four or five hours after UTC: {between}"
    );
    scene.stage.end().await;
}

#[tokio::test]
async fn many_workers_fire_every_time_once() {
    let scene = Scene::set().await;
    let inbox = scene.inbox();
    let mut ids = BTreeSet::new();
    for _ in 0..30 {
        let made = scene
            .single(json!({"recurrence_rule": "FREQ=MINUTELY;INTERVAL=15", "missed_policy": "all",
            "max_lateness_seconds": 86_400}));
        ids.insert(made.await.id);
    }
    for id in &ids {
        scene.ago(*id, "65 minutes").await;
    }
    let workers = (0..4).map(|worker| async move {
        for round in 0..200 {
            let firing = fire::fire_due(inbox);
            // some are cut off in the middle, as by a kill
            let patience = std::time::Duration::from_millis(2 + (worker * 7 + round * 13) % 40);
            if let Ok(Ok(0)) = tokio::time::timeout(patience, firing).await {
                break;
            }
        }
    });
    futures::future::join_all(workers).await;
    while fire::fire_due(inbox).await.unwrap() > 0 {}
    for id in ids {
        assert_eq!(scene.outcomes(id).await, ["fired"; 5], "each of five times, once");
        assert_eq!(scene.view(id).await.trigger_count, 5);
    }
    scene.stage.end().await;
}
