//! A statement that takes too long is cut; who asked for it is told so, and nothing of it is half done.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use sqlx::Executor as _;
use tests::harness::{TestHub, World};

#[tokio::test]
async fn a_statement_that_takes_too_long_is_cut_and_may_be_asked_for_again() {
    let hub = TestHub::start_with(&[("TURUMBA_DATABASE_STATEMENT_TIMEOUT", "1s")]).await;
    let world = World::new(&hub).await;
    let contact = async || {
        let request = world.api.request(Method::POST, "/v1/contacts").header("idempotency-key", "the-same");
        world.api.send(request.json(&json!({"name": "Slow"}))).await
    };
    let mut in_the_way = hub.db().await;
    in_the_way.execute("BEGIN; LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let began = Instant::now();
    contact().await.fails(503, "service_unavailable");
    world.api.get("/v1/contacts").await.fails(503, "service_unavailable");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!(world.api.get("/v1/groups").await.status, 200, "others are served");
    in_the_way.execute("ROLLBACK").await.unwrap();

    assert_eq!(hub.count("SELECT count(*) FROM contacts").await, 0);
    let made = contact().await.created();
    assert_eq!(contact().await.created()["id"], made["id"], "what was cut has not used up its key");
    assert_eq!(hub.count("SELECT count(*) FROM contacts").await, 1);
    hub.end().await;
}
