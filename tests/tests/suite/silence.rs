//! The alarm over a channel on which customers are not heard any more.

use serde_json::{Value, json};
use sqlx::Executor as _;
use tests::harness::{TestHub, World, until};

#[tokio::test]
async fn a_channel_that_falls_silent_is_told_once_and_until_it_is_heard() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    let path = format!("/v1/channels/{}", channel.id);
    for hours in [json!(-1), json!(2161)] {
        let refused = world.api.patch(&path, json!({"silence_hours": hours})).await;
        let refused = refused.fails(422, "validation_error").to_string();
        assert!(refused.contains("silence_hours"), "{refused}");
    }
    let set = world.api.patch(&path, json!({"silence_hours": 2})).await.ok();
    assert_eq!((&set["silence_hours"], &set["silent_since"]), (&json!(2), &Value::Null));
    let admin = world.person("boss", "admin").await;
    let socket = admin.socket().await;

    channel.deliver(&channel.sandbox("+251911000007", "hello")).await;
    until("nobody has noticed that it was heard", async || {
        match hub.count("SELECT count(*) FROM channels WHERE quiet_since IS NOT NULL").await {
            1 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    // three hours go by
    let mut db = hub.db().await;
    for aged in [
        "UPDATE messages SET created_at = created_at - interval '3 hours'",
        "UPDATE channels SET quiet_since = quiet_since - interval '3 hours', heard_since = heard_since - interval '3 hours'",
    ] {
        db.execute(aged).await.unwrap();
    }
    let told = socket.wait("channel:silence", |payload| payload["channel_id"] == channel.id).await;
    assert_eq!(told.payload["name"], set["name"]);
    let silent = world.api.get(&path).await.ok();
    assert_eq!(silent["silent_since"], told.payload["since"]);
    assert!(silent["silent_since"].is_string(), "{silent}");
    assert_eq!(silent["status"], "connected", "it still sends");
    let health = world.api.get(&format!("{path}/health")).await.ok();
    assert_eq!((&health["status"], &health["silent_since"]), (&json!("degraded"), &silent["silent_since"]));
    assert!(health["message"].as_str().unwrap().starts_with("nothing has come in since 2"), "{health}");

    // it is heard again
    channel.deliver(&channel.sandbox("+251911000007", "is anybody there?")).await;
    socket.wait("channel:silence", |payload| payload["since"].is_null()).await;
    let heard = world.api.get(&path).await.ok();
    assert_eq!(heard["silent_since"], Value::Null);
    let health = world.api.get(&format!("{path}/health")).await.ok();
    assert_eq!((&health["status"], &health["silent_since"]), (&json!("ok"), &Value::Null));
    assert_eq!(hub.count("SELECT count(*) FROM events WHERE kind = 'channel_silent'").await, 2);
    hub.end().await;
}
