//! Roles: each part of a hub alone, on one database, one after the other.

use std::time::Duration;

use serde_json::json;
use tests::harness::{TestHub, World, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_does_its_part_and_no_other() {
    let mut hub = TestHub::start_with(&[("TURUMBA_ROLES", "api,webhooks")]).await;
    let world = World::new(&hub).await;
    world
        .rule(
            "greet",
            10,
            "new_conversation",
            json!({"only_first_message": true}),
            json!({"reply_text": "Welcome!"}),
        )
        .await;
    let channel = world.sandbox("sms", json!({})).await;
    channel.post(&channel.sandbox("+251911000001", "hello")).await;
    let http = reqwest::Client::new();
    let status =
        async |path: &str| http.get(format!("{}{path}", hub.url())).send().await.unwrap().status().as_u16();
    assert_eq!(status("/socket.io/?EIO=4&transport=polling").await, 404, "no sockets here");
    assert_eq!(status("/metrics").await, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(hub.count("SELECT count(*) FROM messages").await, 0, "accepted, and nobody works on it");

    // what was accepted becomes a message, and waits for the relay
    hub.stop();
    hub.set("TURUMBA_ROLES", "workers:inbound");
    hub.spawn().await;
    let status =
        async |path: &str| http.get(format!("{}{path}", hub.url())).send().await.unwrap().status().as_u16();
    assert_eq!(status("/v1/auth/login").await, 404, "no API here");
    assert_eq!(status(&channel.path()).await, 404, "no webhooks here");
    assert_eq!(status("/").await, 404, "no pages here");
    assert_eq!(status("/readyz").await, 200);
    until("it becomes a message", async || {
        let count = hub.count("SELECT count(*) FROM messages").await;
        if count == 1 { Ok(()) } else { Err(count) }
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(hub.count("SELECT count(*) FROM events WHERE is_pending").await > 0, "nobody relays");

    // the bot answers, and nobody sends SMS
    hub.stop();
    hub.set("TURUMBA_ROLES", "relay,workers:bot,workers:dispatch.telegram");
    hub.spawn().await;
    until("the bot answers", async || {
        let count = hub.count("SELECT count(*) FROM messages WHERE sender_type = 'bot'").await;
        if count == 1 { Ok(()) } else { Err(count) }
    })
    .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let waiting = "SELECT count(*) FROM messages WHERE sender_type = 'bot' AND status = 'queued'";
    assert_eq!(hub.count(waiting).await, 1, "an SMS is another node's, and is neither sent nor given up");

    // the node for SMS sends it
    hub.stop();
    hub.set("TURUMBA_ROLES", "api,realtime,webhooks,relay,workers:dispatch.sms");
    hub.spawn().await;
    let sent = "SELECT count(*) FROM messages WHERE sender_type = 'bot' AND status IN ('sent', 'delivered')";
    until("it is sent", async || {
        let count = hub.count(sent).await;
        if count == 1 { Ok(()) } else { Err(count) }
    })
    .await;
    hub.stop();
    hub.set("TURUMBA_ROLES", "");
    let refused = hub.run(&["serve", "--roles", "api,typos"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("--roles") && said.contains("workers:dispatch.sms"),
        "{said}"
    );
    assert!(!hub.log().contains("ERROR"), "{}", hub.tail());
    hub.spawn().await;
    hub.end().await;
}
