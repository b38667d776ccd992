//! Assignment under concurrency.

use std::time::Duration;

use inbox::conversations::{self, AssignCommand};
use model::{ConversationStatus, ErrorCode};

use crate::fixture::Fixture;

const OVER_CAPACITY: &str = "SELECT count(*) FROM agent_state WHERE load > capacity";
const TWO_HOLDERS: &str = "SELECT count(*) FROM (SELECT conversation_id FROM conversation_assignments
    WHERE unassigned_at IS NULL AND assignee_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1) x";
const LOAD_WRONG: &str =
    "SELECT count(*) FROM agent_state s WHERE load <> (SELECT count(*) FROM conversations c
    WHERE c.assignee_id = s.user_id AND c.status IN ('assigned', 'pending'))";
const ASSIGNED: &str = "SELECT count(*) FROM conversations WHERE status = 'assigned'";
const WAITING: &str = "SELECT count(*) FROM conversations WHERE queued_at IS NOT NULL";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_to_ten_agents() {
    let fixture = Fixture::new().await;
    for _ in 0..10 {
        fixture.agent(8).await;
    }
    fixture.run_everything();
    let senders: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    futures::future::join_all(senders.iter().map(|sender| fixture.write(sender, "hello"))).await;
    fixture.eventually("every slot is taken", ASSIGNED, 80).await;
    fixture.eventually("the others wait", WAITING, 120).await;
    for check in [OVER_CAPACITY, TWO_HOLDERS, LOAD_WRONG] {
        assert_eq!(fixture.number(check).await, 0, "{check}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM agent_state WHERE load = 8").await, 10);

    // slots that come free are filled at once, by whoever waits longest
    let operator = fixture.operator().await;
    let some = fixture
        .inbox
        .store()
        .read(fixture.account, |mut tx| async move {
            Ok(sqlx::query_scalar::<_, uuid::Uuid>(
                "SELECT id FROM conversations WHERE status = 'assigned' LIMIT 30",
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await
        .unwrap();
    let resolves = some.into_iter().map(|id| {
        let (inbox, operator) = (&fixture.inbox, &operator);
        async move {
            conversations::set_status(inbox, operator, id.into(), ConversationStatus::Resolved, None)
                .await
                .unwrap();
        }
    });
    futures::future::join_all(resolves).await;
    fixture.eventually("the free slots are filled", ASSIGNED, 80).await;
    assert_eq!(fixture.number(WAITING).await, 90);
    for check in [OVER_CAPACITY, TWO_HOLDERS, LOAD_WRONG] {
        assert_eq!(fixture.number(check).await, 0, "{check}");
    }
    assert_eq!(
        fixture.number("SELECT count(*) FROM routing_decisions WHERE outcome = 'assigned' AND jsonb_array_length(candidates->'list') = 10").await,
        110,
        "each decision says who was looked at"
    );
    fixture.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slot_that_comes_free_while_another_assigner_works_is_not_forgotten() {
    let fixture = Fixture::new().await;
    fixture.agent(1).await;
    let first = fixture.write("a", "one").await;
    let second = fixture.write("b", "two").await;
    fixture.sql("UPDATE conversations SET queued_at = now(), place_at = now()").await;
    assert_eq!(router::assigner::drain(&fixture.inbox, fixture.account).await.unwrap(), 1);
    // a slow assigner holds the pool and has seen no capacity
    let (inbox, account) = (fixture.inbox.clone(), fixture.account);
    let slow = tokio::spawn(async move {
        inbox
            .store()
            .write(account, |mut tx| async move {
                sqlx::query("UPDATE routing_pools SET version = version + 1").execute(&mut *tx).await?;
                tokio::time::sleep(Duration::from_millis(400)).await;
                Ok(())
            })
            .await
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let operator = fixture.operator().await;
    let held = if fixture
        .number(&format!("SELECT count(*) FROM conversations WHERE id = '{first}' AND status = 'assigned'"))
        .await
        == 1
    {
        first
    } else {
        second
    };
    conversations::set_status(&fixture.inbox, &operator, held, ConversationStatus::Resolved, None)
        .await
        .unwrap();
    // it waits for the pool instead of leaving with what it sees now
    assert_eq!(router::assigner::drain(&fixture.inbox, fixture.account).await.unwrap(), 1);
    slow.await.unwrap().unwrap();
    assert_eq!(fixture.number(WAITING).await, 0);
    fixture.end().await;
}

#[tokio::test]
async fn of_two_agents_who_take_one_conversation_one_is_told_who_has_it() {
    let fixture = Fixture::new().await;
    let (one, two) = (fixture.agent(5).await, fixture.agent(5).await);
    let id = fixture.write("a", "hello").await;
    let operator = fixture.operator().await;
    let take = |agent| AssignCommand {
        conversation_id: id,
        assignee_id: Some(Some(agent)),
        team_id: None,
        expected_assignee_id: Some(None),
        note: None,
    };
    let (first, second) = futures::future::join(
        conversations::assign(&fixture.inbox, &operator, take(one)),
        conversations::assign(&fixture.inbox, &operator, take(two)),
    )
    .await;
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    let error = lost.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(error.details["assignee_id"], serde_json::json!(won.unwrap().assignee_id));
    assert_eq!(fixture.number(TWO_HOLDERS).await + fixture.number(LOAD_WRONG).await, 0);
    fixture.end().await;
}

#[tokio::test]
async fn what_an_agent_who_is_gone_did_not_answer_returns_to_its_old_place() {
    let fixture = Fixture::new().await;
    let agent = fixture.agent(5).await;
    let unanswered = fixture.write("a", "hello").await;
    let answered = fixture.write("b", "hello").await;
    fixture.sql("UPDATE conversations SET queued_at = created_at").await;
    router::assigner::drain(&fixture.inbox, fixture.account).await.unwrap();
    fixture
        .sql(&format!("UPDATE conversations SET last_sender_type = 'agent' WHERE id = '{answered}'"))
        .await;
    fixture.sql("UPDATE agent_state SET connected = false").await;
    let returned =
        inbox::assignment::requeue_unanswered(&fixture.inbox, fixture.account, agent).await.unwrap();
    assert_eq!(returned, 1);
    assert_eq!(
        fixture
            .number(&format!("SELECT count(*) FROM conversations WHERE id = '{unanswered}' AND status = 'open' AND queued_at = created_at"))
            .await,
        1
    );
    assert_eq!(fixture.number(LOAD_WRONG).await, 0);
    fixture.end().await;
}

#[tokio::test]
async fn those_whom_nobody_can_take_do_not_hold_up_those_behind_them() {
    let fixture = Fixture::new().await;
    fixture.agent(5).await;
    let account = fixture.account;
    // older and more urgent: waiting to be taken by hand, or for a team in which nobody works
    let team = uuid::Uuid::now_v7();
    fixture
        .sql(&format!(
            "INSERT INTO teams (id, account_id, name, created_at, updated_at) VALUES ('{team}', '{account}', 'Empty', now(), now())"
        ))
        .await;
    let senders: Vec<String> = (0..240).map(|n| format!("stuck {n}")).collect();
    futures::future::join_all(senders.iter().map(|sender| fixture.write(sender, "hello"))).await;
    fixture
        .sql(&format!(
            "UPDATE conversations SET queued_at = now() - interval '1 hour', place_at = queued_at, priority = 'urgent',
                strategy = CASE WHEN random() < 0.5 THEN 'manual_queue' END,
                team_id = '{team}'"
        ))
        .await;
    let id = fixture.write("free", "hello").await;
    fixture.sql(&format!("UPDATE conversations SET queued_at = now() WHERE id = '{id}'")).await;
    assert_eq!(router::assigner::drain(&fixture.inbox, account).await.unwrap(), 1);
    assert_eq!(
        fixture
            .number(&format!("SELECT count(*) FROM conversations WHERE id = '{id}' AND status = 'assigned'"))
            .await,
        1
    );
    fixture.end().await;
}
