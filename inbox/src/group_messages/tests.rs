//! Group messages on a real store: who gets one, what the counts say, and what crashes and races may not do.

use std::time::Duration;

use bus::mailbox::{Held, Item, KeyRef};
use model::{
    ChannelId, ContactId, GroupId, GroupMessageId, MessageId, Time,
    group_message::{Counts, GroupMessageStatus},
    permission::BuiltInRole,
    view::DeliveryError,
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};

use super::{
    GroupMessageView,
    claim::{self, Taken, TakenTask},
    work,
};
use crate::{
    Inbox, Member,
    audience::{groups, members, persons, segments},
    contacts, group_messages, receipts, sending_limits,
    settle::{Settled, TakenPart, Verdict, settle},
    suppressions,
    testing::Stage,
};

const LEASE: Duration = Duration::from_secs(60);

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

async fn channel(stage: &Stage, member: &Member, channel_type: &str) -> ChannelId {
    let id = ChannelId::new();
    stage
        .as_owner(format!(
            "INSERT INTO channels (id, account_id, name, channel_type, provider, status, credentials_sealed,
                                   default_country_code, created_at, updated_at)
             VALUES ('{id}', '{}', 'C', '{channel_type}', 'sandbox', 'connected', '', '+251', now(), now())",
            member.account_id()
        ))
        .await;
    id
}

async fn contact(inbox: &Inbox, member: &Member, body: Value) -> ContactId {
    contacts::create(inbox, member, of(body)).await.unwrap().id
}

async fn group_of(inbox: &Inbox, member: &Member, name: &str, contacts: &[ContactId]) -> GroupId {
    let group = groups::create(inbox, member, &of(json!({"name": name}))).await.unwrap().id;
    if !contacts.is_empty() {
        members::add_contacts(inbox, member, group, &of(json!({"contact_ids": contacts}))).await.unwrap();
    }
    group
}

/// So many contacts in one group.
async fn crowd(inbox: &Inbox, member: &Member, count: usize) -> GroupId {
    let mut ids = Vec::new();
    for number in 0..count {
        let body = json!({"name": format!("N{number}"), "phone": format!("+25191{number:07}")});
        ids.push(contact(inbox, member, body).await);
    }
    group_of(inbox, member, &format!("crowd {count} {}", uuid::Uuid::now_v7()), &ids).await
}

async fn queued(inbox: &Inbox, member: &Member, mut body: Value) -> GroupMessageId {
    body["status"] = json!("queued");
    group_messages::create(inbox, member, &of(body)).await.unwrap().id
}

async fn frozen(inbox: &Inbox, member: &Member, id: GroupMessageId) -> GroupMessageView {
    for _ in 0..50 {
        work::once(inbox).await.unwrap();
        let view = group_messages::get(inbox, member, id).await.unwrap();
        if view.frozen_at.is_some() {
            return view;
        }
    }
    panic!("never frozen");
}

async fn take(
    inbox: &Inbox,
    member: &Member,
    id: GroupMessageId,
    channel: ChannelId,
    most: usize,
) -> Vec<Taken> {
    claim::claim(inbox, member.account_id(), (id, channel), most, LEASE).await.unwrap()
}

fn settled(one: &Taken, verdict: Verdict) -> Settled {
    let item = Item {
        id: one.number,
        key: KeyRef { account_id: one.account_id, key: one.to.clone() },
        ref_id: one.message_id.uuid(),
        payload: None,
        attempts: one.failures,
        created_at: one.first_tried_at,
        first_failed_at: None,
        is_aside: false,
    };
    let taken = match verdict {
        Verdict::Accepted | Verdict::Delivered => {
            vec![TakenPart { index: 0, provider_message_id: format!("P-{}", one.message_id) }]
        }
        _ => Vec::new(),
    };
    Settled {
        held: Held { item, token: one.token },
        account_id: one.account_id,
        channel_id: one.channel_id,
        conversation_id: None,
        group_message_id: Some(one.group_message_id),
        message_id: one.message_id,
        attempt_id: match one.task {
            TakenTask::Send { attempt_id } => Some(attempt_id),
            TakenTask::Ask { attempt_id, .. } => attempt_id,
            TakenTask::TooOld => None,
        },
        taken,
        parts_total: 1,
        verdict,
        evidence: json!([]),
        channel: None,
        opted_out: None,
    }
}

fn refused() -> Verdict {
    Verdict::Refused(DeliveryError { class: "rejected".into(), code: "content".into(), message: "no".into() })
}

async fn counts(inbox: &Inbox, member: &Member, id: GroupMessageId) -> (GroupMessageStatus, Counts) {
    let view = group_messages::get(inbox, member, id).await.unwrap();
    (view.status, view.counts)
}

#[tokio::test]
async fn an_audience_is_everybody_once_and_nobody_who_must_not() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let make = async |body: Value| contact(inbox, &me, body).await;
    let a = make(json!({"name": "A", "phone": "+251911000001", "tags": ["vip"]})).await;
    let b = make(json!({"name": "B", "phone": "+251911000002"})).await;
    let silent = make(json!({"name": "No address", "email": "x@example.com"})).await;
    let stopped = make(json!({"name": "Stopped", "phone": "+251911000003"})).await;
    let excluded = make(json!({"name": "Excluded", "phone": "+251911000004"})).await;
    let inactive = make(json!({"name": "Gone", "phone": "+251911000005", "is_active": false})).await;
    let vip = make(json!({"name": "Only in the segment", "phone": "+251911000006", "tags": ["vip"]})).await;
    let stop = json!({"channel_type": "sms", "address": "+251 911 000 003", "reason": "opt_out"});
    suppressions::create(inbox, &me, &of(stop)).await.unwrap();
    let first = group_of(inbox, &me, "first", &[a, b, silent, stopped, excluded, inactive]).await;
    let second = group_of(inbox, &me, "second", &[a, b]).await;
    let person = |body: Value| of::<persons::NewPerson>(body);
    let twin = persons::create(inbox, &me, &person(json!({"name": "B too", "contact_id": b}))).await.unwrap();
    let own = json!({"name": "A person", "phone": "+251911000007"});
    let own = persons::create(inbox, &me, &person(own)).await.unwrap();
    let same = json!({"name": "Shares A's number", "phone": "+251911000001"});
    let same = persons::create(inbox, &me, &person(same)).await.unwrap();
    let ids = json!({"person_ids": [twin.id, own.id, same.id]});
    members::add_persons(inbox, &me, second, &of(ids)).await.unwrap();
    let segment = json!({"name": "vips", "filters": ["tags:contains:vip"]});
    let segment = segments::create(inbox, &me, &of(segment)).await.unwrap();
    let shown = groups::get(inbox, &me, second).await.unwrap();
    assert_eq!((shown.contact_count, shown.person_count, shown.member_count), (2, 3, 5));

    let body = json!({"message_body": "Hello {FIRST_NAME}{NAME}", "channel_id": sms,
        "contact_group_ids": [first, second], "segment_ids": [segment.id], "exclude_contact_ids": [excluded]});
    let id = queued(inbox, &me, body).await;
    let view = frozen(inbox, &me, id).await;
    // A, B, the one in the segment, the person of their own
    assert_eq!((view.counts.total, view.counts.pending, view.counts.skipped), (4, 4, 3), "{view:?}");
    // A twice more and B once more as contacts; B's and A's persons
    assert_eq!(view.duplicate_count, 5, "{view:?}");
    assert_eq!(view.status, GroupMessageStatus::Processing);
    let listed =
        group_messages::results::list(inbox, &me, id, &crate::list::Params::default()).await.unwrap();
    let why = |id: ContactId| {
        let found = listed.items.iter().find(|one| one.contact_id == Some(id)).unwrap();
        (found.state.as_str(), found.reason.clone().unwrap_or_default())
    };
    assert_eq!(why(silent), ("skipped", "no_address".into()));
    assert_eq!(why(stopped), ("skipped", "suppressed".into()));
    assert_eq!(why(inactive), ("skipped", "inactive".into()));
    assert_eq!(why(vip), ("pending", String::new()));
    assert!(listed.items.iter().all(|one| one.contact_id != Some(excluded)));
    let taken = take(inbox, &me, id, sms, 10).await;
    let mut texts: Vec<(&str, &str)> = taken.iter().map(|one| (one.to.as_str(), one.text.as_str())).collect();
    texts.sort_unstable();
    assert_eq!(texts[0], ("+251911000001", "Hello {FIRST_NAME}A"));
    assert_eq!(texts[3], ("+251911000007", "Hello {FIRST_NAME}A person"));
    // the template was made of the text
    let template = crate::template_store::get(inbox, &me, view.template_id.unwrap()).await.unwrap();
    assert_eq!(template.category.as_deref(), Some("auto-generated"));
    assert!(template.name.starts_with("Auto: Untitled — "), "{}", template.name);
    stage.end().await;
}

#[tokio::test]
async fn two_nodes_that_freeze_at_once_repeat_nothing() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let account = me.account_id();
    let group = group_of(inbox, &me, "many", &[]).await;
    stage
        .as_owner(format!(
            "INSERT INTO contacts (id, account_id, name, phone, created_at, updated_at)
             SELECT gen_random_uuid(), '{account}', 'n', '+2519' || lpad(n::text, 8, '0'), now(), now()
             FROM generate_series(1, 3500) n;
             INSERT INTO group_contacts (account_id, group_id, contact_id, added_at)
             SELECT account_id, '{group}', id, now() FROM contacts WHERE account_id = '{account}';
             UPDATE groups SET contact_count = 3500 WHERE id = '{group}'"
        ))
        .await;
    let id =
        queued(inbox, &me, json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]}))
            .await;
    for _ in 0..10 {
        let (a, b) = tokio::join!(work::once(inbox), work::once(inbox));
        a.unwrap();
        b.unwrap();
    }
    let view = frozen(inbox, &me, id).await;
    assert_eq!((view.counts.total, view.counts.pending, view.duplicate_count), (3500, 3500, 0));
    stage.end().await;
}

#[tokio::test]
async fn who_has_no_address_is_in_it_once_and_ids_rise_with_the_order() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let silent = contact(inbox, &me, json!({"name": "No address", "email": "x@example.com"})).await;
    let (first, second) =
        (group_of(inbox, &me, "first", &[silent]).await, group_of(inbox, &me, "second", &[silent]).await);
    let many = crowd(inbox, &me, 20).await;
    let body =
        json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [first, second, many]});
    let id = queued(inbox, &me, body).await;
    let view = frozen(inbox, &me, id).await;
    assert_eq!((view.counts.total, view.counts.skipped, view.duplicate_count), (20, 1, 1));
    let ordered = "SELECT id FROM group_message_recipients ORDER BY number";
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(ordered).fetch_all(&mut stage.owner().await).await.unwrap();
    assert_eq!(ids.len(), 21);
    assert!(ids.is_sorted(), "{ids:?}");
    stage.end().await;
}

/// What is changed while sending begins is sent as it was changed.
#[tokio::test]
async fn a_change_that_comes_just_before_the_begin_counts() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 1).await;
    let body = |text| json!({"message_body": text, "channel_id": sms, "contact_group_ids": [group]});
    let (id, other) =
        (queued(inbox, &me, body("Old")).await, group_messages::create(inbox, &me, &of(body("New"))).await);
    let template = other.unwrap().template_id.unwrap();
    let mut changing = stage.owner().await;
    let sql = format!("BEGIN; UPDATE group_messages SET template_id = '{template}' WHERE id = '{id}'");
    changing.execute(AssertSqlSafe(sql)).await.unwrap();
    let (begun, ()) = tokio::join!(work::once(inbox), async {
        somebody_waits(&stage).await;
        changing.execute("COMMIT").await.unwrap();
    });
    begun.unwrap();
    frozen(inbox, &me, id).await;
    let taken = take(inbox, &me, id, sms, 1).await;
    assert_eq!(taken[0].text, "New");
    stage.end().await;
}

/// Until a transaction in this database waits for a lock.
async fn somebody_waits(stage: &Stage) {
    let waits = "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut look = stage.owner().await;
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut look).await.unwrap() == 0 {
        assert!(std::time::Instant::now() < until, "nobody waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A chunk that waits in the midst of its writing, for a row that somebody else is about to write, holds up nobody who
/// counts or changes; and what was cancelled meanwhile gets no recipients any more.
#[tokio::test]
async fn while_a_chunk_is_written_the_group_message_is_free() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let one = contact(inbox, &me, json!({"name": "A", "phone": "+251911000001"})).await;
    let group = group_of(inbox, &me, "one", &[one]).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]});
    let id = queued(inbox, &me, body).await;
    work::once(inbox).await.unwrap();
    assert_eq!(counts(inbox, &me, id).await.0, GroupMessageStatus::Processing, "its content is taken");

    let mut in_the_way = stage.owner().await;
    let sql = format!(
        "BEGIN; INSERT INTO group_message_recipients (group_message_id, id, account_id, contact_id, state)
         VALUES ('{id}', gen_random_uuid(), '{}', '{one}', 'skipped')",
        me.account_id()
    );
    in_the_way.execute(AssertSqlSafe(sql)).await.unwrap();
    let (chunk, changed) = tokio::join!(work::once(inbox), async {
        somebody_waits(&stage).await;
        let change = of(json!({"status": "cancelled"}));
        let changed =
            tokio::time::timeout(Duration::from_secs(10), group_messages::update(inbox, &me, id, &change))
                .await;
        in_the_way.execute("ROLLBACK").await.unwrap();
        changed
    });
    assert_eq!(changed.expect("nobody waits").unwrap().status, GroupMessageStatus::Cancelled);
    chunk.unwrap();
    assert_eq!(counts(inbox, &me, id).await.1.total, 0);
    stage.end().await;
}

#[tokio::test]
async fn counts_follow_outcomes_receipts_and_retries_to_the_end() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 6).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]});
    let id = queued(inbox, &me, body).await;
    frozen(inbox, &me, id).await;
    let taken = take(inbox, &me, id, sms, 10).await;
    assert_eq!(taken.len(), 6);
    assert!(take(inbox, &me, id, sms, 10).await.is_empty(), "all are claimed");
    let lost = DeliveryError { class: "unknown".into(), code: "timeout".into(), message: "?".into() };
    let outcomes = vec![
        settled(&taken[0], Verdict::Accepted),
        settled(&taken[1], Verdict::Delivered),
        settled(&taken[2], refused()),
        settled(&taken[3], Verdict::Retry { error: None, after: Duration::ZERO, counts: true }),
        settled(&taken[4], Verdict::Lost { error: lost, look_again: None }),
        settled(&taken[5], Verdict::Accepted),
    ];
    settle(inbox, &outcomes).await.unwrap();
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!(status, GroupMessageStatus::Processing);
    assert_eq!(
        (now.total, now.sent, now.delivered, now.failed, now.pending, now.unknown),
        (6, 2, 1, 1, 2, 1)
    );
    // an outcome that comes twice, or late, moves nothing
    settle(inbox, &outcomes[..3]).await.unwrap();
    let again = take(inbox, &me, id, sms, 10).await;
    assert_eq!((again.len(), again[0].attempts, again[0].failures), (1, 2, 1));
    let mut late = settled(&taken[3], refused());
    late.held.token = taken[3].token;
    settle(inbox, &[late]).await.unwrap();
    assert_eq!(counts(inbox, &me, id).await.1, now, "the lease has passed on");
    settle(inbox, &[settled(&again[0], Verdict::Accepted)]).await.unwrap();
    // only one is left, and nobody knows of it: that is an end
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!(status, GroupMessageStatus::PartiallyFailed);
    assert_eq!((now.sent, now.pending, now.unknown), (3, 1, 1));
    assert!(group_messages::get(inbox, &me, id).await.unwrap().completed_at.is_some());

    // receipts: one arrives, one that was sent fails after all, one settles the unknown
    let receipt = async |message: MessageId, provider: String, status: &str| {
        let correlation = message.to_string();
        let receipt: receipts::Receipt =
            of(json!({"provider_message_id": provider, "correlation": correlation, "status": status}));
        let account = me.account_id();
        let receipt = &receipt;
        inbox
            .store()
            .write(account, |mut tx| async move {
                receipts::note(&mut tx, &[(account, sms, receipt)], inbox.now()).await
            })
            .await
            .unwrap();
        receipts::apply_due(inbox).await.unwrap();
    };
    receipt(taken[0].message_id, format!("P-{}", taken[0].message_id), "delivered").await;
    receipt(taken[5].message_id, format!("P-{}", taken[5].message_id), "failed").await;
    receipt(taken[4].message_id, "other".into(), "delivered").await;
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!(status, GroupMessageStatus::PartiallyFailed);
    assert_eq!((now.total, now.sent, now.delivered, now.failed, now.pending), (6, 1, 3, 2, 0));

    // those that failed are tried again, with the same messages
    let retried = group_messages::retry(inbox, &me, id).await.unwrap();
    assert_eq!(retried.retried, 2);
    assert_eq!(counts(inbox, &me, id).await.0, GroupMessageStatus::Processing);
    let again = take(inbox, &me, id, sms, 10).await;
    let mut ids: Vec<MessageId> = again.iter().map(|one| one.message_id).collect();
    let mut failed = vec![taken[2].message_id, taken[5].message_id];
    ids.sort_unstable();
    failed.sort_unstable();
    assert_eq!(ids, failed);
    let outcomes: Vec<Settled> = again.iter().map(|one| settled(one, Verdict::Delivered)).collect();
    settle(inbox, &outcomes).await.unwrap();
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!((status, now.failed, now.delivered), (GroupMessageStatus::Completed, 0, 5));
    assert!(group_messages::retry(inbox, &me, id).await.is_err(), "nobody is left");
    group_messages::delete(inbox, &me, id).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn pausing_cancelling_and_the_clock() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 5).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]});
    let change = async |id, body: Value| group_messages::update(inbox, &me, id, &of(body)).await;

    // it is not begun before its time
    let mut later = body.clone();
    later["scheduled_at"] = json!(inbox.now() + chrono::Duration::hours(1));
    let scheduled = queued(inbox, &me, later).await;
    work::once(inbox).await.unwrap();
    let view = group_messages::get(inbox, &me, scheduled).await.unwrap();
    assert_eq!((view.status, view.counts.total), (GroupMessageStatus::Queued, 0));
    let moved =
        change(scheduled, json!({"scheduled_at": inbox.now() - chrono::Duration::seconds(1)})).await.unwrap();
    assert_eq!(moved.status, GroupMessageStatus::Queued);
    assert_eq!(frozen(inbox, &me, scheduled).await.counts.total, 5);

    let id = scheduled;
    let refused = change(id, json!({"contact_group_ids": []})).await.unwrap_err();
    assert_eq!(refused.code, model::ErrorCode::Conflict, "it has begun");
    assert_eq!(change(id, json!({"rate_per_minute": 120})).await.unwrap().rate_per_minute, Some(120));
    let paused = change(id, json!({"status": "paused"})).await.unwrap();
    assert_eq!(paused.status, GroupMessageStatus::Paused);
    assert!(take(inbox, &me, id, sms, 10).await.is_empty());
    assert!(claim::runnable(inbox).await.unwrap().is_empty());
    assert_eq!(change(id, json!({"status": "queued"})).await.unwrap().status, GroupMessageStatus::Processing);
    let taken = take(inbox, &me, id, sms, 2).await;
    assert_eq!(taken.len(), 2);
    assert!(group_messages::delete(inbox, &me, id).await.is_err());
    let cancelled = change(id, json!({"status": "cancelled"})).await.unwrap();
    assert_eq!(cancelled.status, GroupMessageStatus::Cancelled);
    work::once(inbox).await.unwrap();
    let (_, now) = counts(inbox, &me, id).await;
    assert_eq!((now.total, now.cancelled, now.pending), (5, 3, 2), "what was claimed goes its way");
    let outcomes: Vec<Settled> = taken.iter().map(|one| settled(one, Verdict::Accepted)).collect();
    settle(inbox, &outcomes).await.unwrap();
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!((status, now.cancelled, now.sent), (GroupMessageStatus::Cancelled, 3, 2));
    assert!(change(id, json!({"status": "queued"})).await.is_err());
    group_messages::delete(inbox, &me, id).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn a_canary_goes_first_and_stops_the_rest_when_it_fails() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 20).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group],
        "canary_percent": 10, "canary_max_failure_percent": 40});
    let bad = queued(inbox, &me, body.clone()).await;
    assert_eq!(frozen(inbox, &me, bad).await.canary_state.as_deref(), Some("waiting"));
    let taken = take(inbox, &me, bad, sms, 100).await;
    assert_eq!(taken.len(), 2, "a tenth of twenty");
    settle(inbox, &[settled(&taken[0], refused())]).await.unwrap();
    let view = group_messages::get(inbox, &me, bad).await.unwrap();
    assert_eq!((view.status, view.canary_state.as_deref()), (GroupMessageStatus::Paused, Some("stopped")));
    assert!(view.pause_reason.unwrap().contains("1 of 2"));
    assert!(take(inbox, &me, bad, sms, 100).await.is_empty());
    // whoever resumes it wants the rest
    let resumed =
        group_messages::update(inbox, &me, bad, &of(json!({"status": "processing"}))).await.unwrap();
    assert_eq!(
        (resumed.status, resumed.canary_state.as_deref()),
        (GroupMessageStatus::Processing, Some("passed"))
    );
    assert_eq!(take(inbox, &me, bad, sms, 100).await.len(), 18);

    let good = queued(inbox, &me, body).await;
    frozen(inbox, &me, good).await;
    let taken = take(inbox, &me, good, sms, 100).await;
    let outcomes: Vec<Settled> = taken.iter().map(|one| settled(one, Verdict::Accepted)).collect();
    settle(inbox, &outcomes).await.unwrap();
    assert_eq!(take(inbox, &me, good, sms, 100).await.len(), 18);
    stage.end().await;
}

#[tokio::test]
async fn a_claim_that_ends_with_its_attempt_open_is_asked_about_and_ends_after_a_day() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 2).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]});
    let id = queued(inbox, &me, body).await;
    frozen(inbox, &me, id).await;
    let account = me.account_id();
    let taken = claim::claim(inbox, account, (id, sms), 10, Duration::ZERO).await.unwrap();
    let mut asked = claim::claim_open(inbox, 10, LEASE).await.unwrap();
    asked.sort_by_key(|one| one.message_id);
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|one| matches!(one.task, TakenTask::Ask { attempt_id: Some(_), .. })));
    settle(inbox, &[settled(&taken[0], Verdict::Accepted)]).await.unwrap();
    assert_eq!(counts(inbox, &me, id).await.1.sent, 0, "the late answer is evidence only");
    let lost = DeliveryError { class: "unknown".into(), code: "outcome_lost".into(), message: "?".into() };
    settle(
        inbox,
        &[
            settled(&asked[0], Verdict::ProvedUnsent { after: Duration::ZERO }),
            settled(&asked[1], Verdict::Lost { error: lost, look_again: None }),
        ],
    )
    .await
    .unwrap();
    let again = take(inbox, &me, id, sms, 10).await;
    assert_eq!(again.len(), 1, "what certainly was not sent is sent");
    settle(inbox, &[settled(&again[0], Verdict::Accepted)]).await.unwrap();
    assert_eq!(counts(inbox, &me, id).await.0, GroupMessageStatus::Completed);
    stage
        .as_owner(format!(
            "UPDATE group_message_recipients SET due_at = now(), first_tried_at = now() - interval '25 hours'
             WHERE group_message_id = '{id}' AND state = 'unknown'"
        ))
        .await;
    assert!(claim::claim_open(inbox, 10, LEASE).await.unwrap().is_empty());
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!((status, now.failed, now.unknown), (GroupMessageStatus::PartiallyFailed, 1, 0));
    assert!(group_messages::retry(inbox, &me, id).await.is_err(), "it may have been sent");
    stage.end().await;
}

#[tokio::test]
async fn what_proves_unsent_after_the_end_is_sent_and_ends_again() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 2).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]});
    let id = queued(inbox, &me, body).await;
    frozen(inbox, &me, id).await;
    let taken = take(inbox, &me, id, sms, 10).await;
    let lost = DeliveryError { class: "unknown".into(), code: "outcome_lost".into(), message: "?".into() };
    let unknown = Verdict::Lost { error: lost, look_again: Some(Duration::ZERO) };
    settle(inbox, &[settled(&taken[0], Verdict::Accepted), settled(&taken[1], unknown)]).await.unwrap();
    assert_eq!(counts(inbox, &me, id).await.0, GroupMessageStatus::Completed, "all pending are unknown");
    let asked = claim::claim_open(inbox, 10, LEASE).await.unwrap();
    assert_eq!(asked.len(), 1);
    settle(inbox, &[settled(&asked[0], Verdict::ProvedUnsent { after: Duration::ZERO })]).await.unwrap();
    let view = group_messages::get(inbox, &me, id).await.unwrap();
    assert_eq!((view.status, view.completed_at), (GroupMessageStatus::Processing, None));
    let again = take(inbox, &me, id, sms, 10).await;
    assert_eq!(again.len(), 1);
    settle(inbox, &[settled(&again[0], Verdict::Accepted)]).await.unwrap();
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!((status, now.sent, now.pending), (GroupMessageStatus::Completed, 2, 0));
    stage.end().await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_before_and_while_sending() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Supervisor).await;
    let sms = channel(&stage, &me, "sms").await;
    let a = contact(inbox, &me, json!({"name": "A", "first_name": "Abebe", "phone": "+251911000001"})).await;
    let b = contact(inbox, &me, json!({"name": "B", "phone": "+251911000002"})).await;
    let c = contact(inbox, &me, json!({"name": "C", "first_name": "Chala", "email": "c@example.com"})).await;
    let group = group_of(inbox, &me, "g", &[a, b, c]).await;
    let template = json!({"name": "T", "body": "Dear {FIRST_NAME}, {{ custom.code }}", "fallback_strategy": "skip_contact"});
    let template = crate::template_store::create(inbox, &me, &of(template)).await.unwrap();
    let create = async |body: Value| group_messages::create(inbox, &me, &of(body)).await;
    for wrong in [
        json!({"contact_group_ids": [group]}),
        json!({"contact_group_ids": [group], "template_id": template.id, "message_body": "x"}),
        json!({"template_id": template.id, "status": "queued"}),
        json!({"contact_group_ids": [group], "message_body": "x", "status": "completed"}),
        json!({"contact_group_ids": [GroupId::new()], "message_body": "x"}),
        json!({"contact_group_ids": [group], "message_body": "a {{ b"}),
        json!({"contact_group_ids": [group], "message_body": "x", "canary_percent": 51}),
    ] {
        let error = create(wrong.clone()).await.expect_err(&wrong.to_string());
        assert_eq!(error.code.http_status() / 100, 4, "{wrong}: {error:?}");
    }
    let asked = json!({"template_id": template.id, "channel_id": sms, "contact_group_ids": [group],
        "custom_values": {"code": 7}, "rate_per_minute": 60});
    let estimate = super::estimate::estimate(inbox, &me, &of(asked.clone())).await.unwrap();
    assert_eq!((estimate.audience, estimate.sample, estimate.recipients), (3, 3, 1), "{estimate:?}");
    assert_eq!(estimate.skipped["missing values"], 1);
    assert_eq!(estimate.skipped["no_address"], 1);
    assert_eq!(estimate.example.as_deref(), Some("Dear Abebe, 7"));
    let first_name = estimate.variables.iter().find(|one| one.name == "FIRST_NAME").unwrap();
    assert!((first_name.resolved - 2.0 / 3.0).abs() < 0.01);
    assert_eq!((estimate.cost_class, estimate.billed_units), ("per_segment", 1));
    assert!(estimate.finishes_at.is_some_and(|at: Time| at > inbox.now()));

    let id = queued(inbox, &me, asked).await;
    frozen(inbox, &me, id).await;
    // STOP comes between freezing and sending
    let stop = json!({"channel_type": "sms", "address": "+251911000001", "reason": "opt_out"});
    suppressions::create(inbox, &me, &of(stop)).await.unwrap();
    assert!(take(inbox, &me, id, sms, 10).await.is_empty());
    let (status, now) = counts(inbox, &me, id).await;
    assert_eq!((status, now.total, now.skipped), (GroupMessageStatus::Completed, 0, 3));

    // a switched-off channel pauses it, and says why
    let id =
        queued(inbox, &me, json!({"message_body": "x", "channel_id": sms, "contact_group_ids": [group]}))
            .await;
    stage.as_owner(format!("UPDATE channels SET is_enabled = false WHERE id = '{sms}'")).await;
    for _ in 0..2 {
        work::once(inbox).await.unwrap();
    }
    let view = group_messages::get(inbox, &me, id).await.unwrap();
    assert_eq!(view.status, GroupMessageStatus::Paused);
    assert!(view.pause_reason.unwrap().contains("channel"));
    let empty = group_of(inbox, &me, "empty", &[]).await;
    stage.as_owner(format!("UPDATE channels SET is_enabled = true WHERE id = '{sms}'")).await;
    let id =
        queued(inbox, &me, json!({"message_body": "x", "channel_id": sms, "contact_group_ids": [empty]}))
            .await;
    let view = frozen(inbox, &me, id).await;
    assert_eq!(
        (view.status, view.error.as_deref()),
        (GroupMessageStatus::Failed, Some("nobody is in its audience"))
    );
    assert!(groups::delete(inbox, &me, empty).await.is_ok());
    stage.end().await;
}

#[tokio::test]
async fn quotas_quiet_hours_and_caps_hold_group_messages_back() {
    let stage = Stage::new().await;
    let inbox = &stage.inbox;
    let me = stage.member(BuiltInRole::Owner).await;
    let sms = channel(&stage, &me, "sms").await;
    let group = crowd(inbox, &me, 4).await;
    let body = json!({"message_body": "Hello", "channel_id": sms, "contact_group_ids": [group]});
    sending_limits::set_quota(inbox, me.account_id(), Some(3), None).await.unwrap();
    let first = queued(inbox, &me, body.clone()).await;
    frozen(inbox, &me, first).await;
    assert_eq!(take(inbox, &me, first, sms, 10).await.len(), 3);
    assert!(take(inbox, &me, first, sms, 10).await.is_empty(), "the day's quota is used up");
    let single = json!({"channel_id": sms, "delivery_address": "+251911999999", "message_body": "x"});
    let refused = crate::messages::create_single(inbox, &me, of(single)).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.details["quota"].as_str()),
        (model::ErrorCode::RateLimited, Some("daily"))
    );
    let shown = sending_limits::get(inbox, &me).await.unwrap();
    assert_eq!((shown.used_today, shown.used_this_month), (3, 3));
    sending_limits::set_quota(inbox, me.account_id(), None, None).await.unwrap();
    assert_eq!(take(inbox, &me, first, sms, 10).await.len(), 1);

    // one message in a week is enough
    let update = async |body: Value| sending_limits::update(inbox, &me, &of(body)).await;
    for wrong in [json!({"most_messages": 1}), json!({"quiet_from": "25:00", "quiet_until": "08:00"})] {
        assert!(update(wrong.clone()).await.is_err(), "{wrong}");
    }
    update(json!({"most_messages": 1, "most_days": 7})).await.unwrap();
    let second = queued(inbox, &me, body.clone()).await;
    frozen(inbox, &me, second).await;
    assert!(take(inbox, &me, second, sms, 10).await.is_empty());
    let (status, now) = counts(inbox, &me, second).await;
    assert_eq!((status, now.skipped, now.total), (GroupMessageStatus::Completed, 4, 0));

    // it is quiet all day but for the minute that has just passed
    let minute = |offset| (inbox.now() + chrono::Duration::minutes(offset)).format("%H:%M").to_string();
    update(json!({"quiet_from": minute(-1), "quiet_until": minute(-2)})).await.unwrap();
    let third = queued(inbox, &me, body).await;
    frozen(inbox, &me, third).await;
    assert!(take(inbox, &me, third, sms, 10).await.is_empty());
    let (status, now) = counts(inbox, &me, third).await;
    assert_eq!((status, now.pending), (GroupMessageStatus::Processing, 4), "they get it later");
    stage.as_owner("UPDATE group_message_recipients SET due_at = now()".into()).await;
    update(json!({})).await.unwrap();
    assert_eq!(take(inbox, &me, third, sms, 10).await.len(), 4);
    stage.end().await;
}
