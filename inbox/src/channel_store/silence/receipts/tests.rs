use std::sync::Arc;

use model::{Clock as _, TestClock, permission::BuiltInRole};
use serde_json::json;

use super::*;
use crate::{
    Member,
    channel_store::{ChannelView, create, get, tests::profiles, update},
    testing::Stage,
};

/// A channel in a database, and the clock that its hub goes by.
struct Sending {
    stage: Stage,
    inbox: Inbox,
    clock: TestClock,
    member: Member,
    id: ChannelId,
}

impl Sending {
    async fn new() -> Self {
        let stage = Stage::with_profiles(profiles()).await;
        let clock = TestClock::default();
        let member = stage.member(BuiltInRole::Admin).await;
        let inbox = stage.at(Arc::new(clock.clone()));
        let new = json!({"name": "Bot", "channel_type": "telegram", "provider": "telegram",
            "credentials": {"bot_token": "123:secret-token"}});
        let made = create(&inbox, &member, &serde_json::from_value(new).unwrap()).await.unwrap();
        Self { stage, inbox, clock, member, id: made.id }
    }

    /// Messages to so many people, some of whom have theirs.
    async fn sent(&self, people: i64, delivered: i64) -> Time {
        let (now, account, id) = (self.clock.now(), self.member.account_id(), self.id);
        self.stage
            .as_owner(format!(
                "INSERT INTO messages (id, account_id, channel_id, direction, status, sender_type, delivery_address,
                     message_body, sent_at, delivered_at, created_at, updated_at)
                 SELECT (left(first_id_at('{now}')::text, 24) || substr(md5(random()::text), 1, 12))::uuid,
                     '{account}', '{id}', 'outbound', 'sent', 'agent', 'to ' || n, 'hello', '{now}',
                     CASE WHEN n <= {delivered} THEN '{now}'::timestamptz END, '{now}', '{now}'
                 FROM generate_series(1, {people}) n"
            ))
            .await;
        now
    }

    async fn after(&self, hours: i64) -> ChannelView {
        self.clock.advance(TimeDelta::hours(hours));
        look(&self.inbox).await.unwrap();
        get(&self.inbox, &self.member, self.id).await.unwrap()
    }

    async fn change(&self, change: serde_json::Value) -> ChannelView {
        let change = serde_json::from_value(change).unwrap();
        update(&self.inbox, &self.member, self.id, &change).await.unwrap().0
    }

    /// How often people were told, and of what.
    async fn told(&self) -> Vec<String> {
        let account = self.member.account_id();
        let told = self.inbox.store().read(account, |mut tx| async move {
            Ok(sqlx::query_scalar::<_, String>(
                "SELECT payload->>'of' FROM events WHERE kind = 'channel_silent'",
            )
            .fetch_all(&mut *tx)
            .await?)
        });
        told.await.unwrap()
    }
}

#[tokio::test]
async fn receipts_that_stop_raise_one_alarm_until_they_come_again() {
    let sending = Sending::new().await;
    sending.sent(20, 0).await;
    assert_eq!(sending.after(2).await.receipts_missing_since, None, "it never gave any");
    sending.sent(20, 18).await;
    assert_eq!(sending.after(2).await.receipts_missing_since, None);
    let first = sending.sent(7, 0).await;
    assert_eq!(sending.after(2).await.receipts_missing_since, None, "seven people may be a chance");
    sending.sent(9, 0).await;
    assert_eq!(sending.after(0).await.receipts_missing_since, None, "it is too early to tell");
    let missing = sending.after(1).await.receipts_missing_since.expect("the alarm is raised");
    assert!((missing - first).abs() < TimeDelta::milliseconds(1), "{missing} {first}");
    sending.after(1).await;
    sending.sent(3, 0).await;
    sending.after(5).await;
    assert_eq!(sending.told().await, ["receipts"], "people are told once");
    sending.sent(1, 1).await;
    assert_eq!(sending.after(0).await.receipts_missing_since, None, "they come again");
    assert_eq!(sending.told().await.len(), 2);
    sending.stage.end().await;
}

#[tokio::test]
async fn whoever_gives_few_receipts_and_whoever_wants_no_alarm_has_none() {
    let sending = Sending::new().await;
    sending.sent(20, 14).await;
    sending.after(2).await;
    sending.sent(20, 0).await;
    assert_eq!(sending.after(2).await.receipts_missing_since, None, "many had none before");
    sending.sent(200, 200).await;
    sending.after(2).await;
    sending.sent(20, 0).await;
    sending.change(json!({"silence_hours": 0})).await;
    assert_eq!(sending.after(2).await.receipts_missing_since, None, "it is to raise none");
    sending.change(json!({"silence_hours": null})).await;
    assert!(sending.after(0).await.receipts_missing_since.is_some());
    // switched off and on it begins anew
    assert_eq!(sending.change(json!({"is_enabled": false})).await.receipts_missing_since, None);
    sending.change(json!({"is_enabled": true})).await;
    assert_eq!(sending.after(1).await.receipts_missing_since, None);
    sending.sent(20, 0).await;
    assert!(sending.after(2).await.receipts_missing_since.is_some());
    // what was usual long ago is forgotten
    assert_eq!(sending.after(30 * 24).await.receipts_missing_since, None);
    sending.stage.end().await;
}
