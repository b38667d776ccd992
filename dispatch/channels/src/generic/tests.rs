use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::*;
use crate::{
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Generic::new())
}

/// A provider as a manager would describe it.
fn described() -> Value {
    json!({
        "path": "/send?user={{api_key}}", "headers": "X-Api-Key: {{api_key}}\nX-Ref: {{id}}", "sender": "ACME",
        "body": r#"{"to": "{{to}}", "text": "{{text}}", "cb": "{{callback_url}}", "enc": "{{encoding}}"}"#,
        "id_path": "data[0].id", "result_path": "status", "result_ok": "0, ok", "result_throttled": "busy",
        "result_opted_out": "stopped", "error_path": "why", "test_path": "/balance?k={{api_key}}",
        "check": "hmac_sha256", "check_header": "X-Signature", "check_prefix": "sha256=",
        "items_path": "events", "message_id_path": "id", "message_from_path": "from", "message_text_path": "body.text",
        "message_time_path": "at", "receipt_id_path": "msg", "receipt_status_path": "state",
        "receipt_reference_path": "ref", "receipt_error_path": "reason", "sent_words": "SENT",
        "delivered_words": "DELIVRD, delivered", "failed_words": "UNDELIV,REJECTD", "webhook_answer": "ACK",
    })
}

fn channel() -> ChannelConfig {
    let mut channel = example_channel(&Generic::new());
    channel.settings = described();
    channel
}

const BODY: &str = r#"{"events":[{"id":"m1","from":"254700000001","body":{"text":"Habari"},"at":"2026-01-31 12:05:00"},{"msg":"o1","state":"delivrd","ref":"0198"},{"msg":"o2","state":"UNDELIV","reason":"no such number"},{"msg":"o3","state":"pondering"},{}]}"#;
/// Computed with another implementation.
const SIGNATURE: &str = "36e00848e6a49a072c6356832a8f473af2eea672aaa2f8aca7bc1a8a39c90a9c";

fn webhook(body: &str, header: &'static str, value: &str) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    headers.insert(header, HeaderValue::from_str(value).unwrap());
    let url = "https://hub.example/v1/webhooks/sms/1".to_owned();
    WebhookRequest { method: Method::POST, url, headers, body: body.to_owned().into() }
}

fn sample() -> Sample {
    let genuine = vec![webhook(BODY, "x-signature", &format!("sha256={SIGNATURE}"))];
    Sample { channel: channel(), genuine }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), sample());

#[test]
fn the_description_fits_the_schema() {
    let profile = Generic::new().profile;
    let mut settings = described();
    settings["api_base"] = "https://api.sms.example".into();
    assert_eq!(profile.validate(&profile.example_credentials, &settings), []);
    settings["method"] = "DELETE".into();
    settings["check"] = "trust".into();
    let errors = profile.validate(&profile.example_credentials, &settings);
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["settings.check", "settings.method"]);
}

#[test]
fn webhooks_are_read_by_paths() {
    let all = Generic::new().parse(&channel(), &webhook(BODY, "x", "y")).unwrap();
    let Incoming::Message(message) = &all[0] else { panic!() };
    assert_eq!((message.sender.as_str(), message.text.as_str()), ("+254700000001", "Habari"));
    assert_eq!(message.at.unwrap().timestamp(), 1_769_861_100);
    let Incoming::Receipt(delivered) = &all[1] else { panic!() };
    assert_eq!(
        (delivered.status, delivered.correlation.as_deref()),
        (ReceiptStatus::Delivered, Some("0198"))
    );
    let Incoming::Receipt(failed) = &all[2] else { panic!() };
    assert_eq!(
        (failed.status, failed.error_message.as_deref()),
        (ReceiptStatus::Failed, Some("no such number"))
    );
    assert!(matches!((&all[3], &all[4]), (Incoming::Ignored { .. }, Incoming::Ignored { .. })));
    assert_eq!(Generic::new().webhook_answer(&channel(), &webhook("", "x", "y")).body, "ACK");
}

#[test]
fn forms_and_queries_too() {
    let mut channel = example_channel(&Generic::new());
    channel.settings =
        json!({"message_id_path": "MessageId", "message_from_path": "From", "message_text_path": "Text"});
    let form = "MessageId=9&From=%2B254700000001&Text=Habari+yako";
    let body = WebhookRequest { headers: HeaderMap::new(), ..webhook(form, "x", "y") };
    let query = WebhookRequest {
        method: Method::GET,
        url: format!("https://hub.example/hook?token=generic-webhook-token-0001&{form}"),
        body: bytes::Bytes::new(),
        ..body.clone()
    };
    let read = |request: &WebhookRequest| Generic::new().parse(&channel, request).unwrap().remove(0);
    let Incoming::Message(message) = read(&body) else { panic!() };
    assert_eq!(message.text, "Habari yako");
    assert_eq!(read(&query), Incoming::Message(message));
    // unless something else is chosen, the secret in the address decides
    assert_eq!(Generic::new().verify(&channel, &query), Ok(()));
    assert_eq!(Generic::new().verify(&channel, &body), Err(VerifyError::Missing));
}

#[test]
fn a_shared_secret_in_a_header() {
    let mut channel = channel();
    channel.settings["check"] = "header".into();
    channel.settings["check_header"] = "X-Secret".into();
    channel.settings["check_prefix"] = "".into();
    let check = |value: &str| Generic::new().verify(&channel, &webhook("{}", "x-secret", value));
    assert_eq!(check("example-webhook-secret-0001"), Ok(()));
    assert_eq!(check("example-webhook-secret-0002"), Err(VerifyError::Mismatch));
    channel.settings["check_header"] = "".into();
    assert_eq!(Generic::new().verify(&channel, &webhook("{}", "x", "y")), Err(VerifyError::NotConfigured));
}

async fn send(settings: Value, text: &str, answer: Answer) -> (Result<Sent, SendError>, FakeApi) {
    let fake = FakeApi::start(vec![answer]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = settings;
    channel.settings["api_base"] = fake.base().into();
    let ctx = local_context(&*adapter, channel);
    let mut message = example_message(text);
    message.idempotency_key = "0198".into();
    message.callback_url = Some("https://hub.example/hook".into());
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    (adapter.send(&ctx, &message, &part).await, fake)
}

#[tokio::test]
async fn a_message_is_sent_as_described() {
    let taken = Answer::json(200, r#"{"status":0,"data":[{"id":"o1"}]}"#);
    let (sent, fake) = send(described(), "say \"hi\"\nሰላም", taken).await;
    assert_eq!(sent.unwrap().provider_message_id, "o1");
    let request = fake.requests().remove(0);
    assert!(request.line.starts_with("POST /send?user=example-api-key-0001 "), "{}", request.line);
    assert!(
        request.headers.contains("x-api-key: example-api-key-0001")
            && request.headers.contains("x-ref: 0198")
    );
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        body,
        json!({"to": "+254700000001", "text": "say \"hi\"\nሰላም", "cb": "https://hub.example/hook", "enc": "ucs2"})
    );
}

#[tokio::test]
async fn a_get_with_everything_in_its_query_and_an_answer_of_plain_text() {
    let settings = json!({"method": "GET", "path": "/sms?to={{to_digits}}&msg={{text}}"});
    let (sent, fake) = send(settings, "a & b", Answer::json(200, "id-77")).await;
    assert_eq!(sent.unwrap().provider_message_id, "id-77");
    assert!(fake.requests()[0].line.starts_with("GET /sms?to=254700000001&msg=a%20%26%20b "));
}

#[tokio::test]
async fn every_error_has_a_class() {
    use RejectReason::*;
    let told = |status: u16, word: &str| {
        Answer::json(status, &json!({"status": word, "why": "because"}).to_string())
    };
    let throttled = SendErrorClass::Throttled { after: None, scope: ThrottleScope::Channel };
    for (answer, class) in [
        (told(200, "busy"), throttled),
        (told(429, "x"), throttled),
        (told(200, "stopped"), SendErrorClass::Rejected(OptOut)),
        (told(200, "bad"), SendErrorClass::Rejected(Content)),
        (told(401, "bad"), SendErrorClass::Settings(SettingsProblem::Auth)),
        (told(402, "bad"), SendErrorClass::Settings(SettingsProblem::Funds)),
        (Answer::json(503, "down"), SendErrorClass::Unavailable),
        (Answer::json(500, "oops"), SendErrorClass::Unknown),
        (Answer::json(200, r#"{"status":"ok"}"#), SendErrorClass::Unknown),
        (Answer::Cut, SendErrorClass::Unknown),
    ] {
        let (sent, fake) = send(described(), "Habari", answer).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(fake.requests().len(), 1);
    }
    let (sent, _) = send(described(), "Habari", told(200, "bad")).await;
    assert_eq!(sent.unwrap_err().message, "because");
}

#[tokio::test]
async fn mistakes_in_the_description_are_named_before_anything_is_sent() {
    for (settings, named) in [
        (json!({"path": "/x", "body": "{\"t\": \"{{txt}}\"}"}), "{{txt}}"),
        (json!({"path": "/x", "body": "{\"t\": {{text}}}"}), "not valid JSON"),
        (json!({"path": "/x", "headers": "no colon here"}), "no colon"),
        (json!({"path": "/{{nobody}}"}), "{{nobody}}"),
    ] {
        let (sent, fake) = send(settings, "Habari", Answer::Cut).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Config));
        assert!(error.message.contains(named), "{error}");
        assert_eq!(fake.requests().len(), 0);
    }
    let ctx = local_context(&*adapter(), channel());
    let error = adapter().verify_credentials(&ctx).await.unwrap_err();
    assert!(error.message.contains("api_base"), "{error}");
}

#[tokio::test]
async fn the_test_path_is_asked() {
    let fake = FakeApi::start(vec![Answer::json(200, "balance 7"), Answer::json(401, "no")]).await;
    let mut channel = channel();
    channel.settings["api_base"] = fake.base().into();
    let ctx = local_context(&*adapter(), channel);
    assert_eq!(adapter().verify_credentials(&ctx).await.unwrap().display, "127.0.0.1");
    let error = adapter().check_health(&ctx).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Auth));
    assert!(fake.requests()[0].line.starts_with("GET /balance?k=example-api-key-0001 "));
}
