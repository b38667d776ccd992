//! What nobody should send: it is refused by its name, nothing of it is kept, and it is never a 500.

use serde_json::{Value, json};
use tests::harness::{TestHub, World};

/// The field that a 422 names.
fn field(error: &Value) -> &str {
    error["details"]["errors"][0]["field"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn every_body_refuses_fields_that_it_does_not_know() {
    let hub = TestHub::start().await;
    let document = hub.api().get("/openapi.json").await.body;
    let mut lenient = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"]["schema"];
            let Some(name) = content["$ref"].as_str() else { continue };
            let name = name.rsplit('/').next().unwrap();
            let schema = &document["components"]["schemas"][name];
            if schema["additionalProperties"] != false && schema["unevaluatedProperties"] != false {
                lenient.push(format!("{method} {path}: {name}"));
            }
        }
    }
    // these two are put together of others, which the document cannot say; they are tried below
    lenient
        .retain(|operation| !operation.ends_with("NewPreference") && !operation.ends_with("TextToPreview"));
    assert!(lenient.is_empty(), "{}", lenient.join("\n"));

    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({})).await;
    channel.deliver(&channel.sandbox("+15550001", "hello")).await;
    hub.drained().await;
    let conversation = world.api.get("/v1/conversations").await.ok()[0]["id"].as_str().unwrap().to_owned();
    for (path, body, named) in [
        (
            format!("/v1/conversations/{conversation}/messages"),
            json!({"content": "a note", "private": true}),
            "private",
        ),
        ("/v1/agent-preferences".to_owned(), json!({"is_avaliable": true}), "is_avaliable"),
        ("/v1/templates/preview".to_owned(), json!({"body": "x", "bodi": "y"}), "bodi"),
        (
            "/v1/channels".to_owned(),
            json!({"name": "X", "channel_type": "sms", "rate_limit_per_minute": 5}),
            "rate_limit_per_minute",
        ),
    ] {
        let error = world.api.post(&path, body).await.fails(422, "validation_error");
        assert_eq!(field(&error), named, "{path}: {error}");
    }
    assert_eq!(hub.count("SELECT count(*) FROM messages WHERE direction = 'outbound'").await, 0);
    hub.end().await;
}

#[tokio::test]
async fn what_the_store_cannot_hold_is_refused() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let api = &world.api;
    let login = json!({"email": "a\0b@x.example", "password": "abcdefgh1"});
    let error = hub.api().post("/v1/auth/login", login).await.fails(422, "validation_error");
    assert_eq!(field(&error), "email");
    api.post("/v1/contacts", json!([{"name": "Ann"}])).await.fails(400, "bad_request");
    api.get("/v1/contacts?filter=name:eq:a%00b").await.is_error();

    let channel = world.webchat(json!({})).await;
    let visitor = channel.visitor().await;
    let customer =
        tests::harness::Socket::connect(&hub.url(), "/customers", &json!({"token": visitor["token"]}))
            .await
            .unwrap_or_else(|refused| panic!("{refused:?}"));
    let message = json!({"client_message_id": uuid::Uuid::new_v4(), "content": "hello"});
    customer.done("message:send", message).await;
    assert_eq!(
        customer.refused("csat:submit", json!({"rating": 5, "comment": "\0"})).await,
        "validation_error"
    );
    assert_eq!(customer.refused("csat:submit", json!({"rating": 5})).await, "conflict", "it is not over");
    customer.done("conversation:close", json!({})).await;
    customer.done("csat:submit", json!({"rating": 5})).await;

    let conversation = api.get("/v1/conversations").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/conversations/{conversation}");
    let error = api.patch(&path, json!({"metadata": {"a": ["\0"]}})).await.fails(422, "validation_error");
    assert_eq!(field(&error), "metadata.a.0");
    for at in ["+100000-01-01T00:00:00Z", "2400-01-01T00:00:00Z"] {
        let late = json!({"content": "x", "send_at": at});
        let error = api.post(&format!("{path}/messages"), late).await.fails(422, "validation_error");
        assert_eq!(field(&error), "send_at");
    }
    hub.end().await;
}

#[tokio::test]
async fn a_programs_key_is_not_the_person_who_made_it() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let key = json!({"name": "Sync", "permissions": ["conversations.view"]});
    let key = world.api.post("/v1/api-keys", key).await.created();
    let program = hub.api().with_token(key["key"].as_str().unwrap());
    let me = world.api.get("/v1/users/me").await.ok()["id"].as_str().unwrap().to_owned();
    let sessions = world.api.get("/v1/auth/sessions").await.ok();
    let session = sessions[0]["id"].as_str().unwrap();
    program.get("/v1/auth/sessions").await.fails(403, "forbidden");
    program.delete(&format!("/v1/auth/sessions/{session}")).await.fails(403, "forbidden");
    let profile = program.patch(&format!("/v1/users/{me}"), json!({"given_name": "Mallory"})).await;
    assert!(matches!(profile.status, 403 | 404), "{}", profile.body);
    program.patch("/v1/agent-preferences/me", json!({"is_available": false})).await.fails(403, "forbidden");
    assert_eq!(world.api.get("/v1/auth/sessions").await.ok(), sessions, "nothing has changed");
    hub.end().await;
}

#[tokio::test]
async fn a_stranger_cannot_fill_the_disk() {
    let hub = TestHub::start_with(&[("TURUMBA_LIMITS_VISITOR_UPLOAD_MIB_PER_HOUR", "30")]).await;
    let world = World::new(&hub).await;
    let channel = world.webchat(json!({})).await;
    let path = format!("/v1/public/chat/{}/uploads", channel.secret);
    let file = json!({"filename": "a.png", "mime_type": "image/png", "size": 9 << 20});
    let mut answers = Vec::new();
    for _ in 0..4 {
        // another visitor each time: the address counts
        let visitor = channel.visitor().await;
        let api = hub.api().with_token(visitor["token"].as_str().unwrap());
        answers.push(api.post(&path, file.clone()).await);
    }
    let refused = answers.pop().unwrap();
    assert!(answers.into_iter().all(|answer| answer.status == 201));
    let error = refused.fails(429, "rate_limited");
    assert!(error["details"]["retry_after_ms"].as_u64().is_some_and(|wait| wait > 60_000), "{error}");
    hub.end().await;
}
