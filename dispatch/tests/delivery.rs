//! Answers on their way to the sandbox, on a real store: sent once, tried again, shown as unknown.

mod stage;

use std::time::Duration;

use channels::Behaviour;
use dispatch::DispatchOptions;
use inbox::receipts;
use sqlx::{Executor, Row};
use stage::{Stage, quiet};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_leave_once_and_in_order() {
    let stage = Stage::new(quiet()).await;
    let conversations = [stage.conversation().await, stage.conversation().await];
    let engine = stage.start(DispatchOptions::default());
    for number in 0..6 {
        for conversation in conversations {
            stage.say(conversation, &format!("{number}")).await;
        }
    }
    stage.until("messages WHERE status = 'sent'", 12).await;
    let sent = stage.sandbox.sent(stage.channel, 0, 100);
    for conversation in conversations {
        let thread = conversation.to_string();
        let texts: Vec<&str> = sent
            .iter()
            .filter(|message| message.thread_key.as_deref() == Some(&thread))
            .map(|message| message.text.as_str())
            .collect();
        assert_eq!(texts, ["0", "1", "2", "3", "4", "5"]);
    }
    assert_eq!(stage.count("mailbox_items").await, 0);
    assert_eq!(stage.count("attempts WHERE outcome = 'accepted' AND ended_at IS NOT NULL").await, 12);
    assert_eq!(
        stage.count("events WHERE kind = 'message_status_changed' AND thread_seq IS NOT NULL").await,
        12
    );
    assert_eq!(stage.count("provider_ids WHERE direction = 'outbound' AND message_id IS NOT NULL").await, 12);
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_sent_is_tried_again_and_what_was_refused_is_not() {
    let stage = Stage::new(Behaviour { fail_before_write: 1.0, ..quiet() }).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    let id = stage.say(conversation, "again").await;
    stage.until("attempts WHERE outcome = 'unavailable'", 1).await;
    assert_eq!(stage.status(id).await, "queued");
    stage.sandbox.tell(stage.channel, Some(quiet()));
    stage.until("messages WHERE status = 'sent'", 1).await;
    assert_eq!(stage.count("attempts").await, 2);
    stage.sandbox.tell(stage.channel, Some(Behaviour { fail_status: 1.0, fail_status_code: 401, ..quiet() }));
    let refused = stage.say(conversation, "refused").await;
    stage.until("messages WHERE status = 'failed'", 1).await;
    assert_eq!(stage.status(refused).await, "failed");
    assert_eq!(stage.count("channels WHERE status = 'error' AND error_message IS NOT NULL").await, 1);
    assert_eq!(stage.count("mailbox_items").await, 0);
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_was_lost_is_asked_for_or_stays_unknown() {
    let cut = Behaviour { cut_after_write: 1.0, keep_cut: 1.0, answers_look_up: false, ..quiet() };
    let stage = Stage::new(cut.clone()).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    let unknown = stage.say(conversation, "unknown").await;
    stage.until("messages WHERE status = 'unknown'", 1).await;
    // later ones are not held up by it, and the provider's answer settles them
    stage.sandbox.tell(stage.channel, Some(Behaviour { answers_look_up: true, ..cut.clone() }));
    let found = stage.say(conversation, "found").await;
    stage.until("messages WHERE status = 'sent'", 1).await;
    assert_eq!(stage.status(found).await, "sent");
    assert_eq!(stage.status(unknown).await, "unknown");
    // asked again once its time has come
    stage.owner("UPDATE mailbox_items SET not_before = now()".into()).await;
    stage.until("messages WHERE status = 'sent'", 2).await;
    // one that was lost for good is proved unsent and sent anew
    stage.sandbox.tell(stage.channel, Some(Behaviour { keep_cut: 0.0, answers_look_up: true, ..cut }));
    stage.say(conversation, "lost").await;
    stage.until("attempts WHERE outcome = 'not_sent'", 1).await;
    stage.sandbox.tell(stage.channel, Some(quiet()));
    stage.until("messages WHERE status = 'sent'", 3).await;
    let texts: Vec<String> =
        stage.sandbox.sent(stage.channel, 0, 100).into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["unknown", "found", "lost"], "nothing twice");
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_left_open_by_a_crash_is_never_sent_again_by_itself() {
    let stage = Stage::new(Behaviour { answers_look_up: false, ..quiet() }).await;
    let conversation = stage.conversation().await;
    let id = stage.say(conversation, "once").await;
    let (account, channel) = (stage.account, stage.channel);
    stage
        .owner(format!(
            "UPDATE messages SET status = 'sending', attempts = 1;
             UPDATE mailbox_keys SET token = 5, leased_until = now() + interval '90 seconds';
             INSERT INTO attempts (id, account_id, message_id, channel_id, number, token, started_at)
             VALUES (gen_random_uuid(), '{account}', '{id}', '{channel}', 1, 5, now())"
        ))
        .await;
    let engine = stage.start(DispatchOptions { is_only_node: true, ..DispatchOptions::default() });
    stage.until("messages WHERE status = 'unknown'", 1).await;
    assert_eq!(stage.sandbox.taken(stage.channel), 0);
    assert_eq!(stage.count("attempts WHERE outcome = 'unknown' AND ended_at IS NOT NULL").await, 1);
    stage.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_may_come_before_the_answer_or_after_it() {
    let stage = Stage::new(Behaviour { delay_ms: 300, ..quiet() }).await;
    let conversation = stage.conversation().await;
    let engine = stage.start(DispatchOptions::default());
    stage.say(conversation, "one").await;
    stage.until("messages WHERE status = 'sent'", 1).await;
    let (account, channel) = (stage.account, stage.channel);
    stage
        .owner(
            "UPDATE provider_ids SET early_receipts =
                 '[{\"provider_message_id\": \"x\", \"status\": \"delivered\"}, {\"provider_message_id\": \"x\", \"status\": \"sent\"}]'"
                .into(),
        )
        .await;
    assert_eq!(receipts::apply_due(&stage.inbox).await.unwrap(), 1);
    stage.until("messages WHERE status = 'delivered' AND delivered_at IS NOT NULL", 1).await;
    assert_eq!(receipts::apply_due(&stage.inbox).await.unwrap(), 0);
    // the next id of the sandbox is not known yet when its receipt comes
    let first: String =
        stage.connect().await.fetch_one("SELECT provider_message_id FROM provider_ids").await.unwrap().get(0);
    stage.say(conversation, "two").await;
    stage.until("messages WHERE status = 'sending'", 1).await;
    for _ in 0..100 {
        if stage.sandbox.taken(channel) == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let second = stage.sandbox.sent(channel, 1, 1)[0].provider_message_id.clone();
    assert_ne!(first, second);
    stage
        .owner(format!(
            "INSERT INTO provider_ids (channel_id, direction, provider_message_id, account_id, early_receipts, created_at)
             VALUES ('{channel}', 'outbound', '{second}', '{account}',
                     '[{{\"provider_message_id\": \"{second}\", \"status\": \"delivered\"}}]', now())
             ON CONFLICT (channel_id, direction, provider_message_id) DO UPDATE SET early_receipts = excluded.early_receipts"
        ))
        .await;
    receipts::apply_due(&stage.inbox).await.unwrap();
    stage.until("messages WHERE status = 'delivered'", 2).await;
    receipts::apply_due(&stage.inbox).await.unwrap();
    assert_eq!(stage.count("provider_ids WHERE early_receipts IS NOT NULL").await, 0);
    stage.end(engine).await;
}
