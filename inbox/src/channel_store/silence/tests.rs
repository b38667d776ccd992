use std::sync::Arc;

use model::{Clock as _, TestClock, permission::BuiltInRole};
use serde_json::json;

use super::*;
use crate::{
    Member,
    channel_store::{ChannelView, create, get, tests::profiles, update},
    testing::Stage,
};

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn ear() -> Ear {
    Ear {
        id: ChannelId::new(),
        account_id: AccountId::new(),
        name: "A".into(),
        silence_hours: None,
        quiet_since: None,
        heard_since: None,
        looked_at: None,
        pauses: Json(Pauses::new()),
        silent_since: None,
        heard_at: None,
        newest_at: None,
    }
}

/// Hears messages at these times, each noticed a minute later.
fn hearing(mut ear: Ear, times: impl IntoIterator<Item = Time>) -> Ear {
    for heard in times {
        ear = Ear { heard_at: Some(heard), ..ear }.listened(heard + TimeDelta::minutes(1));
    }
    Ear { heard_at: None, ..ear }
}

#[test]
fn what_is_usual_is_learned_in_two_weeks_and_has_weekends_in_it() {
    // every hour from eight to five, Monday to Friday
    let first = at("2026-03-02T08:00:00Z");
    let open = |days: i64| {
        (0..days).filter(|day| day % 7 < 5).flat_map(move |day| {
            (0..10).map(move |hour| first + TimeDelta::days(day) + TimeDelta::hours(hour))
        })
    };
    let young = hearing(ear(), open(11));
    assert_eq!(young.limit(at("2026-03-13T00:00:00Z")), None, "it is too early to tell");
    let known = hearing(ear(), open(26));
    // from Friday at five to Monday at eight are 63 hours
    let now = at("2026-03-27T17:00:00Z");
    assert_eq!(known.limit(now), Some(TimeDelta::minutes(63 * 90)));
    assert_eq!(known.silent(now + TimeDelta::hours(94)), None);
    assert_eq!(known.silent(now + TimeDelta::hours(95)), Some(now));
    // heard again after an alarm, the long pause has not become usual
    let alarmed = Ear { silent_since: Some(now), ..known.clone() };
    let again = hearing(alarmed, [now + TimeDelta::hours(140)]);
    assert_eq!(again.quiet_since, Some(now + TimeDelta::hours(140)));
    assert_eq!(again.limit(now + TimeDelta::hours(140)), Some(TimeDelta::minutes(63 * 90)));
    // one without an alarm has
    let later = hearing(known, [now + TimeDelta::hours(90)]);
    assert_eq!(later.limit(now + TimeDelta::hours(91)), Some(TimeDelta::hours(135)));
}

#[test]
fn a_busy_channel_has_some_hours_and_a_rare_one_no_alarm() {
    let first = at("2026-03-02T00:00:00Z");
    let busy = hearing(ear(), (0..24 * 20).map(|hour| first + TimeDelta::hours(hour)));
    assert_eq!(busy.limit(first + TimeDelta::days(20)), Some(SHORTEST));
    let rare = hearing(ear(), (0..4).map(|time| first + TimeDelta::days(8 * time)));
    assert_eq!(rare.limit(first + TimeDelta::days(24)), None);
    let set = |hours| Ear { silence_hours: Some(hours), ..rare.clone() }.limit(first + TimeDelta::days(24));
    assert_eq!((set(0), set(2)), (None, Some(TimeDelta::hours(2))));
}

#[test]
fn what_was_usual_long_ago_is_forgotten() {
    let first = at("2026-03-02T00:00:00Z");
    let days = (0..3).map(|time| first + TimeDelta::days(6 * time));
    let then = hearing(ear(), days);
    assert_eq!(then.limit(first + TimeDelta::days(14)), Some(TimeDelta::days(9)));
    let hours = (12 * 24..60 * 24).map(|hour| first + TimeDelta::hours(hour));
    assert_eq!(hearing(then, hours).limit(first + TimeDelta::days(60)), Some(SHORTEST));
}

/// A channel in a database, and the clock that its hub goes by.
struct Heard {
    stage: Stage,
    inbox: Inbox,
    clock: TestClock,
    member: Member,
    id: ChannelId,
}

impl Heard {
    async fn new() -> Self {
        let stage = Stage::with_profiles(profiles()).await;
        let clock = TestClock::default();
        let member = stage.member(BuiltInRole::Admin).await;
        let inbox = stage.at(Arc::new(clock.clone()));
        let new = json!({"name": "Bot", "channel_type": "telegram", "provider": "telegram", "silence_hours": 5,
            "credentials": {"bot_token": "123:secret-token"}});
        let made = create(&inbox, &member, &serde_json::from_value(new).unwrap()).await.unwrap();
        assert_eq!((made.silence_hours, made.silent_since), (Some(5), None));
        Self { stage, inbox, clock, member, id: made.id }
    }

    async fn message(&self, direction: &str) -> Time {
        let (now, account, id) = (self.clock.now(), self.member.account_id(), self.id);
        self.stage
            .as_owner(format!(
                "INSERT INTO messages (id, account_id, channel_id, direction, status, sender_type, delivery_address,
                     message_body, created_at, updated_at)
                 SELECT (left(first_id_at('{now}')::text, 24) || substr(md5(random()::text), 1, 12))::uuid,
                     '{account}', '{id}', '{direction}', 'delivered', 'contact', 'x', 'hello', '{now}', '{now}'"
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

    /// How often people were told.
    async fn told(&self) -> i64 {
        let account = self.member.account_id();
        let told = self.inbox.store().read(account, |mut tx| async move {
            Ok(sqlx::query_scalar::<_, i64>("SELECT count(*) FROM events WHERE kind = 'channel_silent'")
                .fetch_one(&mut *tx)
                .await?)
        });
        told.await.unwrap()
    }
}

#[tokio::test]
async fn a_channel_that_falls_silent_raises_one_alarm_until_it_is_heard() {
    let heard = Heard::new().await;
    assert_eq!(heard.after(100).await.silent_since, None, "nobody ever wrote to it");
    heard.message("inbound").await;
    heard.after(1).await;
    heard.clock.advance(TimeDelta::hours(1));
    let last = heard.message("inbound").await;
    assert_eq!(heard.after(0).await.silent_since, None);
    // what we say is not heard
    heard.message("outbound").await;
    assert_eq!(heard.after(4).await.silent_since, None);
    heard.message("outbound").await;
    let silent = heard.after(1).await.silent_since.expect("the alarm is raised");
    assert!((silent - last).abs() < TimeDelta::milliseconds(1), "{silent} {last}");
    heard.after(1).await;
    heard.after(50).await;
    assert_eq!(heard.told().await, 1, "people are told once");
    heard.message("inbound").await;
    assert_eq!(heard.after(0).await.silent_since, None, "it is heard again");
    assert_eq!(heard.told().await, 2);
    heard.stage.end().await;
}

#[tokio::test]
async fn settings_and_the_switch_decide_at_once() {
    let heard = Heard::new().await;
    heard.message("inbound").await;
    heard.after(0).await;
    assert!(heard.after(6).await.silent_since.is_some());
    heard.change(json!({"silence_hours": 24})).await;
    assert_eq!(heard.after(0).await.silent_since, None, "it may be silent for longer now");
    heard.change(json!({"silence_hours": 5})).await;
    assert!(heard.after(0).await.silent_since.is_some());
    heard.change(json!({"silence_hours": 0})).await;
    assert_eq!(heard.after(500).await.silent_since, None, "it may be silent for ever");
    assert_eq!(heard.change(json!({"silence_hours": null})).await.silence_hours, None);
    heard.change(json!({"silence_hours": 5})).await;
    assert!(heard.after(0).await.silent_since.is_some());
    // off it can hear nothing; on again it has its hours before the next alarm
    assert_eq!(heard.change(json!({"is_enabled": false})).await.silent_since, None);
    assert_eq!(heard.after(20).await.silent_since, None);
    heard.change(json!({"is_enabled": true})).await;
    assert_eq!(heard.after(4).await.silent_since, None);
    assert!(heard.after(1).await.silent_since.is_some());
    let refused = |hours: i64| serde_json::from_value(json!({"silence_hours": hours})).unwrap();
    for hours in [-1, 2161] {
        let error = update(&heard.inbox, &heard.member, heard.id, &refused(hours)).await.unwrap_err();
        assert!(format!("{error:?}").contains("silence_hours"), "{error:?}");
    }
    heard.stage.end().await;
}

#[tokio::test]
async fn what_other_accounts_hear_is_theirs() {
    let heard = Heard::new().await;
    heard.message("inbound").await;
    heard.after(0).await;
    heard.clock.advance(TimeDelta::hours(5));
    // a row of another account with this channel's id is no message of it
    let (other, now) = (AccountId::new(), heard.clock.now());
    heard
        .stage
        .as_owner(format!(
            "INSERT INTO messages (id, account_id, channel_id, direction, status, sender_type, delivery_address,
                 message_body, created_at, updated_at)
             SELECT (left(first_id_at('{now}')::text, 24) || '0123456789ab')::uuid, '{other}', '{}', 'inbound',
                 'delivered', 'contact', 'x', 'hello', '{now}', '{now}'",
            heard.id
        ))
        .await;
    assert!(heard.after(0).await.silent_since.is_some());
    heard.stage.end().await;
}
