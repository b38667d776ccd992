//! Rules on the store.

use model::ChannelType;
use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_answers_labels_and_routes_and_then_the_bot_is_silent() {
    let fixture = Fixture::new().await;
    fixture.agent(5).await;
    fixture
        .rule(
            10,
            "keyword",
            json!({"keywords": ["refund"]}),
            json!({"reply_text": "We look into it.", "set_labels": ["billing"], "set_priority": "high",
                   "assign_strategy": "least_busy"}),
        )
        .await;
    fixture.rule(100, "fallback", json!({}), json!({"reply_text": "Hello!", "set_status": "bot"})).await;
    fixture.run_everything();

    let id = fixture.write("a", "good morning").await;
    fixture
        .eventually("the bot has it", &format!("SELECT count(*) FROM conversations WHERE id = '{id}' AND status = 'bot' AND queued_at IS NULL"), 1)
        .await;
    fixture.write("a", "I want a REFUND please").await;
    fixture
        .eventually(
            "it is assigned",
            &format!(
                "SELECT count(*) FROM conversations WHERE id = '{id}' AND status = 'assigned'
                      AND priority = 'high' AND labels @> '[\"billing\"]' AND bot_state = 'handed_over'"
            ),
            1,
        )
        .await;
    fixture.write("a", "refund! refund!").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let said = "SELECT count(*) FROM messages WHERE sender_type = 'bot' AND status = 'queued'";
    assert_eq!(fixture.number(said).await, 2, "once for each message that a rule answered");
    assert_eq!(
        fixture.number("SELECT count(*) FROM mailbox_items WHERE box = 'reply'").await,
        2,
        "both wait for dispatch"
    );
    assert_eq!(fixture.number("SELECT count(*) FROM events e WHERE is_pending").await, 0);
    // the thread's numbers are contiguous
    assert_eq!(
        fixture
            .number("SELECT count(*) FROM conversations c WHERE head <> (SELECT count(DISTINCT thread_seq) FROM events e
                     WHERE e.conversation_id = c.id AND thread_seq IS NOT NULL)")
            .await,
        0
    );
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resolved_conversation_is_reopened_and_the_bot_may_speak_again() {
    let fixture = Fixture::new().await;
    fixture.rule(1, "fallback", json!({}), json!({"reply_text": "Hello!"})).await;
    fixture.run_everything();
    let id = fixture.write("a", "hi").await;
    let bot_said = "SELECT count(*) FROM messages WHERE sender_type = 'bot'";
    fixture.eventually("the bot answers", bot_said, 1).await;
    let operator = fixture.operator().await;
    inbox::conversations::set_status(
        &fixture.inbox,
        &operator,
        id,
        model::ConversationStatus::Resolved,
        None,
    )
    .await
    .unwrap();
    assert_eq!(fixture.write("a", "one more thing").await, id, "the same conversation");
    fixture.eventually("the bot answers again", bot_said, 2).await;
    inbox::conversations::set_status(&fixture.inbox, &operator, id, model::ConversationStatus::Closed, None)
        .await
        .unwrap();
    assert_ne!(fixture.write("a", "and now").await, id, "a closed one starts a new one");
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_are_not_answered_by_mail_for_ever() {
    let fixture = Fixture::new().await;
    fixture.sql("UPDATE channels SET channel_type = 'email'").await;
    fixture.rule(1, "fallback", json!({}), json!({"reply_text": "We have it."})).await;
    fixture.run_everything();
    let bot_said = "SELECT count(*) FROM messages WHERE sender_type = 'bot'";
    let decided = "SELECT count(*) FROM routing_decisions WHERE outcome IN ('rule', 'no_rule')";
    // it says that it is one
    let automatic = json!({"email": {"automatic": "auto-replied"}});
    fixture.receive(ChannelType::Email, "robot@example.com", "out of office", automatic).await;
    fixture.eventually("what a machine wrote is looked at", decided, 1).await;
    assert_eq!(fixture.number(bot_said).await, 0);
    // it does not say so, and goes on
    for n in 0..7 {
        fixture.receive(ChannelType::Email, "loop@example.com", &format!("again {n}"), json!({})).await;
        fixture.eventually("it is decided", decided, n + 2).await;
    }
    assert_eq!(fixture.number(bot_said).await, 5, "five within an hour, and no more");
    fixture.end().await;
}
