//! The sandbox's desk: its customers write through the webhook door, it misbehaves when told to, and their
//! files are fetched as from any provider.

use serde_json::json;
use tests::harness::{TestHub, World, until};

/// A picture of one pixel.
const PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn its_customers_write_and_their_files_are_fetched() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    let base = format!("/v1/channels/{}/sandbox", channel.id);
    let files = json!([
        {"type": "image", "url": PIXEL, "filename": "pixel.png", "mime_type": "text/html"},
        {"type": "document", "url": "data:text/plain;base64,####"},
    ]);
    let draft = json!({"from": "+15550001", "name": "Ann", "text": "see", "attachments": files, "copies": 3});
    let taken = world.api.post(&format!("{base}/inbound"), draft).await.created();
    assert_eq!(taken["deliveries"], 3);
    let message = until("the customer's files", async || {
        let messages = world.api.get("/v1/messages?filter=sender_type:eq:contact").await.ok();
        assert!(
            !messages.to_string().contains("provider_file"),
            "references are not for clients: {messages}"
        );
        match messages.as_array().map(Vec::as_slice) {
            Some([only]) if !only["metadata"]["files_fetched_at"].is_null() => Ok(only.clone()),
            _ => Err(messages),
        }
    })
    .await;
    let picture = &message["attachments"][0];
    assert_eq!(
        (&picture["mime_type"], &picture["file_size"]),
        (&json!("image/png"), &json!(70)),
        "{message}"
    );
    assert!(picture["upload_id"].is_string());
    assert_eq!(message["metadata"]["files_missing"][0]["index"], 1, "{message}");
    let thread = message["conversation_id"].as_str().unwrap();
    let thread = world.api.get(&format!("/v1/conversations/{thread}/messages")).await.ok();
    assert_eq!(thread.as_array().map(Vec::len), Some(1), "it appears again, it is not there twice: {thread}");
    hub.end().await;
}

#[tokio::test]
async fn it_is_told_how_to_behave_and_only_by_managers_of_its_account() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("telegram", json!({})).await;
    let (base, api) = (format!("/v1/channels/{}/sandbox", channel.id), &world.api);
    let behaviour = format!("{base}/behaviour");
    assert!(api.get(&behaviour).await.ok()["behaviour"].is_null());
    let told = api.put(&behaviour, json!({"behaviour": {"throttle": 0.5, "delay_ms": 5}})).await.ok();
    assert_eq!(told["behaviour"]["throttle"], 0.5);
    let wrong = json!({"behaviour": {"throttle": 2, "no_such": 1}});
    let wrong = api.put(&behaviour, wrong).await.fails(422, "validation_error");
    assert_eq!(wrong["details"]["errors"].as_array().map(Vec::len), Some(2), "{wrong}");
    assert!(api.put(&behaviour, json!({"behaviour": null})).await.ok()["behaviour"].is_null());

    let agent = world.person("ann", "agent").await;
    let draft = json!({"from": "4711", "text": "hello"});
    agent.api.post(&format!("{base}/inbound"), draft.clone()).await.fails(403, "forbidden");
    agent.api.put(&behaviour, json!({"behaviour": null})).await.fails(403, "forbidden");
    let _ = agent.api.get(&format!("{base}/messages")).await.ok();
    let other = World::named(&hub, "other").await;
    other.api.get(&format!("{base}/messages")).await.fails(404, "not_found");
    other.api.post(&format!("{base}/inbound"), draft.clone()).await.fails(404, "not_found");
    other.api.put(&behaviour, json!({"behaviour": null})).await.fails(404, "not_found");

    let chat = world.webchat(json!({})).await;
    let real = format!("/v1/channels/{}/sandbox/inbound", chat.id);
    api.post(&real, draft).await.fails(409, "conflict");
    for path in ["/", "/sandbox"] {
        let page = hub.api().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    }
    hub.end().await;
}

#[tokio::test]
async fn the_demo_is_made_once_and_stays_as_people_left_it() {
    let hub = TestHub::start().await;
    let demo = hub.cli(&["demo", "seed"]);
    let api = hub.api().login(demo["owner"].as_str().unwrap(), demo["password"].as_str().unwrap()).await;
    let rules = api.get("/v1/bot-rules").await.ok();
    assert_eq!(rules.as_array().map(Vec::len), Some(4), "{rules}");
    let _ = api.delete(&format!("/v1/bot-rules/{}", rules[0]["id"].as_str().unwrap())).await;
    let again = hub.cli(&["demo", "seed"]);
    assert_eq!(again["account_id"], demo["account_id"]);
    assert_eq!(again["channels"], demo["channels"]);
    assert_eq!(api.get("/v1/bot-rules").await.ok().as_array().map(Vec::len), Some(3));
    assert_eq!(api.get("/v1/agent-preferences").await.ok().as_array().map(Vec::len), Some(3));
    hub.end().await;
}
