use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Hmac;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

use super::*;
use crate::{
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(MessageBird::new())
}

fn signed(request: WebhookRequest, head: &Value) -> WebhookRequest {
    let mut claims = json!({
        "iss": "MessageBird", "nbf": 1, "exp": 2, "jti": "x", "url_hash": hex::encode(Sha256::digest(&request.url)),
    });
    if !request.body.is_empty() {
        claims["payload_hash"] = hex::encode(Sha256::digest(&request.body)).into();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}", part(head), part(&claims));
    let signature = signature::sign::<Hmac<Sha256>>("example-signing-key-0001", &token).unwrap();
    let token = format!("{token}.{}", URL_SAFE_NO_PAD.encode(signature));
    let mut headers = HeaderMap::new();
    headers.insert("messagebird-signature-jwt", HeaderValue::from_str(&token).unwrap());
    WebhookRequest { headers, ..request }
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn post(body: &str) -> WebhookRequest {
    let url = "https://hub.example/v1/webhooks/sms/1".to_owned();
    WebhookRequest { method: Method::POST, url, headers: HeaderMap::new(), body: body.to_owned().into() }
}

fn get(query: &str) -> WebhookRequest {
    let url = format!("https://hub.example/v1/webhooks/sms/1?{query}");
    WebhookRequest { method: Method::GET, url, headers: HeaderMap::new(), body: bytes::Bytes::new() }
}

const INBOUND: &str = "id=m1&recipient=31612345678&originator=254700000001&body=Habari&createdDatetime=2026-01-31T12%3A05%3A00%2B00%3A00";
const REPORT: &str = "id=m2&reference=0198&recipient=254700000001&status=delivered&statusDatetime=2026-01-31T12%3A05%3A00%2B00%3A00";

fn sample() -> Sample {
    let genuine = vec![signed(post(INBOUND), &hs256()), signed(get(REPORT), &hs256())];
    Sample { channel: example_channel(&MessageBird::new()), genuine }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), {
    let mut sample = sample();
    sample.channel.settings = json!({"originator": "ACME"});
    sample
});

#[test]
fn the_token_binds_the_address_the_body_and_the_algorithm() {
    let (adapter, channel) = (MessageBird::new(), example_channel(&MessageBird::new()));
    let good = signed(post(INBOUND), &hs256());
    assert_eq!(adapter.verify(&channel, &good), Ok(()));
    let other_body = WebhookRequest { body: INBOUND.replace("Habari", "x").into(), ..good.clone() };
    let no_body = WebhookRequest { body: bytes::Bytes::new(), ..good.clone() };
    let other_url = WebhookRequest { url: "https://hub.example/other".into(), ..good };
    let none = signed(post(INBOUND), &json!({"alg": "none"}));
    for wrong in [other_body, no_body, other_url, none] {
        assert_eq!(adapter.verify(&channel, &wrong), Err(VerifyError::Mismatch));
    }
    // without a signing key the address's secret counts
    let mut channel = channel;
    channel.credentials = crate::Secrets::new(json!({"webhook_token": "bird-webhook-token-0001"}));
    let with = get(&format!("token=bird-webhook-token-0001&{REPORT}"));
    assert_eq!(adapter.verify(&channel, &with), Ok(()));
    assert_eq!(adapter.verify(&channel, &get("token=x")), Err(VerifyError::Mismatch));
}

/// Accepted by the official Python client's validator (2.2.0).
const OFFICIAL: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MSwiZXhwIjozMjUwMzY4MDAwMCwianRpIjoieCIsInVybF9oYXNoIjoiNTYwODBmNDk1NzE4Nzc2ZjIwZjBhMGU0Mzk4MzNiZGIxODc1OGY1NWVkZWYzN2IyZjUzOGQ4YzRmMjhkMGQ0YiIsInBheWxvYWRfaGFzaCI6ImUxMmI5YjJkZDBhMGU3YTM5NjQ0Yzk0ZTBmMTlmNzI0NTIzMzE5OTg2YzZkZjVjOWNkYTY5ZjFiMTczMjJkZTkifQ.ZgKYUABANG3iYDljmnhkLAUZkGCKDBj6JSJsYQ0cwTk";

#[test]
fn what_the_official_validator_accepts() {
    let mut request = post("id=m1&originator=254700000001&body=Habari");
    request.headers.insert("messagebird-signature-jwt", HeaderValue::from_static(OFFICIAL));
    assert_eq!(MessageBird::new().verify(&example_channel(&MessageBird::new()), &request), Ok(()));
}

#[test]
fn messages_and_reports() {
    let channel = example_channel(&MessageBird::new());
    let read = |request: &WebhookRequest| MessageBird::new().parse(&channel, request).unwrap().remove(0);
    let Incoming::Message(message) = read(&post(INBOUND)) else { panic!() };
    assert_eq!((message.sender.as_str(), message.text.as_str()), ("+254700000001", "Habari"));
    assert_eq!(message.at.unwrap().timestamp(), 1_769_861_100);
    let json = r#"{"id":"m1","originator":"254700000001","recipient":"31612345678","body":"Habari","createdDatetime":"2026-01-31T12:05:00+00:00"}"#;
    assert_eq!(read(&post(json)), read(&post(INBOUND)));
    let Incoming::Receipt(report) = read(&get(REPORT)) else { panic!() };
    assert_eq!((report.status, report.correlation.as_deref()), (ReceiptStatus::Delivered, Some("0198")));
    let failed =
        REPORT.replace("delivered", "delivery_failed&statusReason=unknown+subscriber&statusErrorCode=1");
    let Incoming::Receipt(failed) = read(&get(&failed)) else { panic!() };
    assert_eq!(
        (failed.error_code.as_deref(), failed.error_message.as_deref()),
        (Some("1"), Some("unknown subscriber"))
    );
    assert!(matches!(read(&get("id=1&status=pondering")), Incoming::Ignored { .. }));
}

async fn send(answer: Answer) -> (Result<Sent, SendError>, FakeApi) {
    let fake = FakeApi::start(vec![answer]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base(), "originator": "ACME", "validity_period": 3600});
    let ctx = local_context(&*adapter, channel);
    let mut message = example_message("Habari");
    message.callback_url = Some("https://hub.example/hook".into());
    message.idempotency_key = "0198".into();
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    (adapter.send(&ctx, &message, &part).await, fake)
}

#[tokio::test]
async fn a_message_is_sent() {
    let answer = r#"{"id":"m9","recipients":{"items":[{"recipient":254700000001,"status":"sent","messagePartCount":1}]}}"#;
    let (sent, fake) = send(Answer::json(201, answer)).await;
    let sent = sent.unwrap();
    assert_eq!((sent.provider_message_id.as_str(), sent.segments), ("m9", 1));
    let request = fake.requests().remove(0);
    assert!(request.headers.contains("authorization: accesskey live_example0123456789abcd"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        body,
        json!({"originator": "ACME", "recipients": ["254700000001"], "body": "Habari", "datacoding": "auto",
               "reference": "0198", "validity": 3600,
               "reportUrl": "https://hub.example/hook?token=bird-webhook-token-0001"})
    );
}

#[tokio::test]
async fn every_error_has_a_class() {
    use RejectReason::*;
    let error = |status: u16, code: i64, parameter: &str| {
        let body = json!({"errors": [{"code": code, "description": "why", "parameter": parameter}]});
        Answer::json(status, &body.to_string())
    };
    for (answer, class) in [
        (error(401, 2, "access_key"), SendErrorClass::Settings(SettingsProblem::Auth)),
        (error(422, 25, ""), SendErrorClass::Settings(SettingsProblem::Funds)),
        (error(422, 9, "recipient"), SendErrorClass::Rejected(Recipient)),
        (error(422, 9, "originator"), SendErrorClass::Settings(SettingsProblem::Config)),
        (error(422, 10, "body"), SendErrorClass::Rejected(Content)),
        (error(500, 99, ""), SendErrorClass::Unavailable),
        (error(429, 101, ""), SendErrorClass::Throttled { after: None, scope: ThrottleScope::Account }),
        (Answer::json(201, "{}"), SendErrorClass::Unknown),
        (Answer::json(502, "<html>"), SendErrorClass::Unknown),
        (Answer::Cut, SendErrorClass::Unknown),
    ] {
        let (sent, fake) = send(answer).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_account_wants_looking_at() {
    let fake = FakeApi::start(vec![
        Answer::json(200, r#"{"payment":"prepaid","type":"credits","amount":9.2}"#),
        Answer::json(200, r#"{"payment":"prepaid","type":"credits","amount":0}"#),
    ])
    .await;
    let mut channel = example_channel(&*adapter());
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter(), channel);
    assert_eq!(adapter().verify_credentials(&ctx).await.unwrap().display, "MessageBird (prepaid)");
    assert_eq!(adapter().check_health(&ctx).await.unwrap().status, HealthStatus::Degraded);
}
