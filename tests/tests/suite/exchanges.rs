//! What managers are shown of the talk with providers: the record of each attempt, and a test message.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    fakes::{FakeProviders, FakeTelegram, FakeTwilio, Faults},
    harness::{Hook, TestHub, World, until},
};

/// A provider's way of being shown who calls, with what must not be seen afterwards.
struct Case {
    kind: &'static str,
    provider: &'static str,
    /// `{base}` stands for the fake's address.
    credentials: Value,
    settings: Value,
    to: &'static str,
    secrets: Vec<String>,
}

const PASSWORD: &str = "pass word&0123456789";

fn cases() -> Vec<Case> {
    let token = "712345:AAexchange-token_0123456789abcdef";
    let auth = "authtoken0123456789abcdef0123456";
    let sid = "ACtest0000000000000000000000000002";
    let key = "atsk_exchange_0123456789";
    let secret = "example-secret-1";
    let both = |user: &str, password: &str| STANDARD.encode(format!("{user}:{password}"));
    let form: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    vec![
        // in the path
        Case {
            kind: "telegram",
            provider: "default",
            credentials: json!({"bot_token": token}),
            settings: json!({}),
            to: "4711",
            secrets: vec![token.to_owned(), "AAexchange".to_owned()],
        },
        // HTTP Basic
        Case {
            kind: "sms",
            provider: "twilio",
            credentials: json!({"account_sid": sid, "auth_token": auth, "sender_number": "+15005550006"}),
            settings: json!({}),
            to: "+15550001111",
            secrets: vec![auth.to_owned(), both(sid, auth)],
        },
        // a header
        Case {
            kind: "sms",
            provider: "africastalking",
            credentials: json!({"username": "acme", "api_key": key, "webhook_token": "webhook-token-0123456789"}),
            settings: json!({"sender_id": "ACME"}),
            to: "+254700000001",
            secrets: vec![key.to_owned()],
        },
        // the body, as a form
        Case {
            kind: "sms",
            provider: "vonage",
            credentials: json!({"api_key": "abcd1234", "api_secret": secret, "webhook_token": "webhook-token-0123456789"}),
            settings: json!({"sender": "ACME"}),
            to: "+254700000001",
            secrets: vec![secret.to_owned()],
        },
        // the query, the headers and the body, as the manager described it
        Case {
            kind: "sms",
            provider: "http",
            credentials: json!({"username": "acme", "password": PASSWORD, "api_key": "key-0123456789",
                                "webhook_secret": "provider-secret-0123456789"}),
            settings: json!({
                "path": "/send?key={{api_key}}", "headers": "X-Api-Key: {{api_key}}",
                "body": r#"{"to": "{{to}}", "text": "{{text}}", "user": "{{username}}", "password": "{{password}}"}"#,
                "id_path": "id",
            }),
            to: "+254700000001",
            secrets: vec![PASSWORD.to_owned(), form, "key-0123456789".to_owned(), both("acme", PASSWORD)],
        },
    ]
}

/// Nothing secret is in it, in whatever form it travels.
fn is_clean(shown: &Value, case: &Case) {
    let text = shown.to_string();
    for secret in &case.secrets {
        assert!(!text.contains(secret), "{}: {secret} in {text}", case.provider);
    }
}

#[tokio::test]
async fn managers_see_what_was_told_to_a_provider_and_no_secret() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let agent = world.agent("ada", 5).await;
    let (telegram, twilio, others) =
        (FakeTelegram::run(1).await, FakeTwilio::run(2).await, FakeProviders::run(3).await);
    for case in cases() {
        let base = match (case.kind, case.provider) {
            ("telegram", _) => telegram.url(),
            (_, "twilio") => twilio.url(),
            _ => others.url(),
        };
        let mut settings = case.settings.clone();
        let mut credentials = case.credentials.clone();
        let place =
            if matches!(case.provider, "default" | "twilio") { &mut credentials } else { &mut settings };
        place["api_base"] = base.into();
        let new = json!({
            "name": case.provider, "channel_type": case.kind, "provider": case.provider,
            "credentials": credentials, "settings": settings,
        });
        let (_, channel) = world.channel(case.kind, new).await;
        let single = json!({"channel_id": channel.id, "delivery_address": case.to, "message_body": "Your parcel is here"});
        let message = world.api.post("/v1/messages", single).await.created();
        let path = format!("/v1/messages/{}/attempts", message["id"].as_str().unwrap());
        let attempts = until("the attempt is written down", async || {
            let attempts = world.api.get(&path).await.ok();
            if attempts[0]["ended_at"].is_string() { Ok(attempts) } else { Err(attempts) }
        })
        .await;
        assert_eq!(attempts.as_array().unwrap().len(), 1, "{attempts}");
        let attempt = &attempts[0];
        assert_eq!(
            (attempt["number"].as_i64(), &attempt["outcome"]),
            (Some(1), &json!("accepted")),
            "{attempt}"
        );
        assert_eq!(attempt["provider_message_ids"].as_array().unwrap().len(), 1, "{attempt}");
        let exchange = &attempt["exchanges"][0];
        assert_eq!(
            (&exchange["method"], exchange["status"].as_u64().map(|status| status / 100)),
            (&json!("POST"), Some(2))
        );
        let request = exchange["request"].as_str().unwrap().replace('+', " ");
        assert!(request.contains("Your parcel is here"), "{}: {exchange}", case.provider);
        assert!(exchange["response"].as_str().is_some_and(|text| !text.is_empty()), "{exchange}");
        is_clean(&attempts, &case);
        let refused = agent.api.get(&path).await.fails(403, "forbidden");
        assert_eq!(refused["details"]["permission"], "channels.manage");

        let test = json!({"to": case.to, "text": "A test"});
        let told = world.api.post(&format!("/v1/channels/{}/test-message", channel.id), test).await.ok();
        assert_eq!(told["outcome"], "accepted", "{told}");
        is_clean(&told, &case);
    }
    // what failed says why, attempt by attempt
    others.fail(Faults { unavailable: 1.0, ..Faults::default() });
    let channels = world.api.get("/v1/channels?filter=provider:eq:africastalking").await.ok();
    let id = channels[0]["id"].as_str().unwrap();
    let often = json!({"retry_interval": 1, "retry_count": 2});
    let _ = world.api.patch(&format!("/v1/channels/{id}"), often).await.ok();
    let single =
        json!({"channel_id": id, "delivery_address": "+254700000009", "message_body": "Nobody is there"});
    let message = world.api.post("/v1/messages", single).await.created();
    let path = format!("/v1/messages/{}/attempts", message["id"].as_str().unwrap());
    let attempts = until("it is given up", async || {
        let attempts = world.api.get(&path).await.ok();
        if attempts[0]["outcome"] == "given_up" { Ok(attempts) } else { Err(attempts) }
    })
    .await;
    let all = attempts.as_array().unwrap();
    assert!(all.len() >= 2, "{attempts}");
    let numbers: Vec<i64> = all.iter().map(|one| one["number"].as_i64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a > b), "the newest comes first: {numbers:?}");
    for attempt in all {
        assert_eq!(attempt["error"]["class"], "unavailable", "{attempt}");
        assert_eq!(attempt["exchanges"][0]["status"], 503, "{attempt}");
        assert_eq!(attempt["exchanges"][0]["response"], r#"{"error":"told to fail"}"#, "{attempt}");
    }
    hub.end().await;
}

#[tokio::test]
async fn a_test_message_goes_out_once_and_says_what_came_of_it() {
    let (hub, fake) = (TestHub::start().await, FakeProviders::run(4).await);
    let world = World::new(&hub).await;
    let agent = world.agent("ada", 5).await;
    let token = "webhook-token-0123456789";
    let new = json!({
        "name": "SMS", "channel_type": "sms", "provider": "africastalking",
        "credentials": {"username": "acme", "api_key": "atsk_0123456789", "webhook_token": token},
        "settings": {"sender_id": "ACME", "api_base": fake.url()},
    });
    let (_, channel) = world.channel("sms", new).await;
    let path = format!("/v1/channels/{}/test-message", channel.id);
    let body = json!({"to": "+254700000001", "text": "Is this thing on?"});
    agent.api.post(&path, body.clone()).await.fails(403, "forbidden");
    let once = async || {
        let request = world.api.request(Method::POST, &path).header("idempotency-key", "a-test").json(&body);
        world.api.send(request).await.ok()
    };
    let first = once().await;
    assert_eq!(
        (&first["outcome"], &first["provider_message_id"]),
        (&json!("accepted"), &json!("out-1")),
        "{first}"
    );
    assert_eq!(first["exchange"]["status"], 200, "{first}");
    assert_eq!(once().await, first, "the same key is the same message");
    assert_eq!(fake.journal().all().len(), 1);

    fake.fail(Faults { throttled: 1.0, ..Faults::default() });
    let told = world.api.post(&path, body.clone()).await.ok();
    assert_eq!((&told["outcome"], &told["error"]["code"]), (&json!("throttled"), &json!("429")), "{told}");
    fake.fail(Faults { cut: 1.0, ..Faults::default() });
    let told = world.api.post(&path, body.clone()).await.ok();
    assert_eq!((&told["outcome"], &told["exchange"]["status"]), (&json!("unknown"), &Value::Null), "{told}");
    assert_eq!(fake.journal().all().len(), 3, "each went out once");
    fake.fail(Faults::default());

    let empty = world.api.post(&path, json!({"to": "+254700000001", "text": " "})).await;
    assert_eq!(empty.fails(422, "validation_error")["details"]["errors"][0]["field"], "text");
    let long = json!({"to": "+254700000001", "text": "long ".repeat(1000)});
    world.api.post(&path, long).await.fails(422, "validation_error");
    // who wrote STOP gets no test either
    let form = "from=%2B254700000001&to=22384&id=in-1&text=STOP";
    channel
        .post(&Hook {
            path: format!("{}?token={token}", channel.path()),
            headers: Vec::new(),
            body: form.to_owned(),
        })
        .await;
    until("the number has opted out", async || {
        let all = world.api.get("/v1/suppressions").await.ok();
        if all[0]["address"] == "+254700000001" { Ok(()) } else { Err(all) }
    })
    .await;
    let refused = world.api.post(&path, body.clone()).await.fails(409, "conflict");
    assert_eq!(refused["details"]["reason"], "opted_out");
    // six a minute
    let refused = world.api.post(&path, body).await.fails(429, "rate_limited");
    assert!(refused["details"]["retry_after_ms"].as_u64().is_some_and(|wait| wait <= 10_000), "{refused}");
    assert_eq!(hub.count("SELECT count(*) FROM messages WHERE direction = 'outbound'").await, 0);
    assert_eq!(fake.journal().all().len(), 3);
    hub.end().await;
}
/// A long pause shows at the channel, and ends with the first message that goes through.
#[tokio::test]
async fn a_channel_that_is_told_to_wait_says_so_until_it_sends_again() {
    let hub = TestHub::start().await;
    let world = World::new(&hub).await;
    let channel = world.sandbox("sms", json!({"throttle": 1.0, "throttle_after_ms": 10_000})).await;
    let path = format!("/v1/channels/{}", channel.id);
    let single =
        json!({"channel_id": channel.id, "delivery_address": "+15550001111", "message_body": "Wait for it"});
    let message = world.api.post("/v1/messages", single).await.created();
    let stands = async |status: &str| {
        until(status, async || {
            let now = world.api.get(&path).await.ok();
            if now["status"] == status { Ok(now) } else { Err(now) }
        })
        .await
    };
    let waiting = stands("rate_limited").await;
    assert_eq!(waiting["error_message"], "the provider asked for a pause");
    let _ = world
        .api
        .put(&format!("{path}/sandbox/behaviour"), json!({"behaviour": {"throttle": 0.0}}))
        .await
        .ok();
    let working = stands("connected").await;
    assert_eq!(working["error_message"], Value::Null);
    let sent = world.api.get(&format!("/v1/messages/{}", message["id"].as_str().unwrap())).await.ok();
    assert!(["sent", "delivered"].contains(&sent["status"].as_str().unwrap()), "{sent}");
    hub.end().await;
}
