use std::sync::Arc;

use hmac::Hmac;
use http::HeaderMap;
use sha2::Sha256;

use super::*;
use crate::{
    Secrets,
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Vonage::new())
}

const URL: &str = "https://hub.example/v1/webhooks/sms/1?token=vonage-webhook-token-0001";

fn form(pairs: &[(&str, &str)]) -> WebhookRequest {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    WebhookRequest { method: Method::POST, url: URL.to_owned(), headers: HeaderMap::new(), body: body.into() }
}

const INBOUND: [(&str, &str); 7] = [
    ("msisdn", "254700000001"),
    ("to", "12018675309"),
    ("messageId", "0A0000001"),
    ("text", "Habari & karibu = 1"),
    ("type", "text"),
    ("keyword", "HABARI"),
    ("message-timestamp", "2026-01-31 12:05:00"),
];
const RECEIPT: [(&str, &str); 7] = [
    ("msisdn", "254700000001"),
    ("messageId", "0A0000002"),
    ("status", "delivered"),
    ("err-code", "0"),
    ("price", "0.03330000"),
    ("client-ref", "0198"),
    ("message-timestamp", "2026-01-31 12:05:00"),
];

fn signed(pairs: &[(&str, &str)]) -> WebhookRequest {
    let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let signature = signature::sign::<Hmac<Sha256>>("example-signature-secret-0001", &fields);
    let mut all = pairs.to_vec();
    all.push(("sig", &signature));
    form(&all)
}

fn token_channel() -> ChannelConfig {
    let mut channel = example_channel(&Vonage::new());
    channel.credentials = Secrets::new(json!({
        "api_key": "abcd1234", "api_secret": "example-secret-0001", "webhook_token": "vonage-webhook-token-0001",
    }));
    channel
}

fn sample() -> Sample {
    Sample { channel: token_channel(), genuine: vec![form(&INBOUND), form(&RECEIPT)] }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), {
    let mut sample = sample();
    sample.channel.settings = json!({"sender": "ACME"});
    sample
});

/// What the official Python client (3.17.4) signs for these parameters.
const VECTOR: &str = "7554ea66d91d6e681fc1a6d0af23019f6f4173d2b922263455dc4f0443cb8363";

#[test]
fn signed_webhooks() {
    let (adapter, channel) = (Vonage::new(), example_channel(&Vonage::new()));
    assert_eq!(adapter.verify(&channel, &signed(&INBOUND)), Ok(()));
    // with a signature secret the token alone is not enough
    assert_eq!(adapter.verify(&channel, &form(&INBOUND)), Err(VerifyError::Missing));
    let mut forged = signed(&INBOUND);
    forged.body = String::from_utf8_lossy(&forged.body).replace("Habari", "Kwaheri").into();
    assert_eq!(adapter.verify(&channel, &forged), Err(VerifyError::Mismatch));
    let vector = form(&[
        ("text", "a&b=c"),
        ("msisdn", "2547"),
        ("a", "1"),
        ("timestamp", "1"),
        ("sig", &VECTOR.to_uppercase()),
    ]);
    assert_eq!(adapter.verify(&channel, &vector), Ok(()));
    let md5 = form(&[("text", "a"), ("sig", "d41d8cd98f00b204e9800998ecf8427e")]);
    assert_eq!(adapter.verify(&channel, &md5), Err(VerifyError::Mismatch));
}

#[test]
fn forms_queries_and_json_say_the_same() {
    let (adapter, channel) = (Vonage::new(), token_channel());
    let read = |request: &WebhookRequest| adapter.parse(&channel, request).unwrap().remove(0);
    let Incoming::Message(message) = read(&form(&INBOUND)) else { panic!() };
    assert_eq!((message.sender.as_str(), message.text.as_str()), ("+254700000001", "Habari & karibu = 1"));
    assert_eq!(message.at.unwrap().timestamp(), 1_769_861_100);
    let query = String::from_utf8_lossy(&form(&INBOUND).body).into_owned();
    let get = WebhookRequest {
        method: Method::GET,
        url: format!("{URL}&{query}"),
        body: bytes::Bytes::new(),
        ..form(&[])
    };
    assert_eq!(adapter.verify(&channel, &get), Ok(()));
    assert_eq!(read(&get), read(&form(&INBOUND)));
    let object: serde_json::Map<String, Value> =
        INBOUND.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let json = WebhookRequest { body: Value::Object(object).to_string().into(), ..form(&[]) };
    assert_eq!(read(&json), read(&form(&INBOUND)));
}

#[test]
fn receipts() {
    let read =
        |pairs: &[(&str, &str)]| Vonage::new().parse(&token_channel(), &form(pairs)).unwrap().remove(0);
    let Incoming::Receipt(receipt) = read(&RECEIPT) else { panic!() };
    assert_eq!((receipt.status, receipt.correlation.as_deref()), (ReceiptStatus::Delivered, Some("0198")));
    assert_eq!(receipt.facts["price"], "0.03330000");
    let Incoming::Receipt(failed) = read(&[("messageId", "1"), ("status", "failed"), ("err-code", "9")])
    else {
        panic!()
    };
    assert_eq!(
        (failed.error_code.as_deref(), failed.error_message.as_deref()),
        (Some("9"), Some("there is no such number"))
    );
    let Incoming::Receipt(expired) = read(&[("messageId", "1"), ("status", "expired"), ("err-code", "0")])
    else {
        panic!()
    };
    assert_eq!(expired.error_code.as_deref(), Some("expired"));
    assert!(matches!(read(&[("messageId", "1"), ("status", "unknown")]), Incoming::Ignored { .. }));
}

async fn send(text: &str, answer: Answer) -> (Result<Sent, SendError>, FakeApi) {
    let fake = FakeApi::start(vec![answer]).await;
    let adapter = adapter();
    let mut channel = token_channel();
    channel.settings = json!({"api_base": fake.base(), "sender": "ACME"});
    let ctx = local_context(&*adapter, channel);
    let mut message = example_message(text);
    message.callback_url = Some("https://hub.example/hook".into());
    message.idempotency_key = "0198".into();
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    (adapter.send(&ctx, &message, &part).await, fake)
}

#[tokio::test]
async fn a_message_is_sent() {
    let answer = r#"{"message-count":"2","messages":[{"status":"0","message-id":"0A1"},{"status":"0","message-id":"0A2"}]}"#;
    let (sent, fake) = send("ሰላም", Answer::json(200, answer)).await;
    let sent = sent.unwrap();
    assert_eq!((sent.provider_message_id.as_str(), sent.segments), ("0A1", 2));
    let request = fake.requests().remove(0);
    let fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect();
    assert_eq!((fields["to"].as_str(), fields["type"].as_str()), ("254700000001", "unicode"));
    assert_eq!((fields["client-ref"].as_str(), fields["status-report-req"].as_str()), ("0198", "1"));
    assert_eq!(fields["callback"], "https://hub.example/hook?token=vonage-webhook-token-0001");
}

#[tokio::test]
async fn every_error_has_a_class() {
    use RejectReason::*;
    let status = |code: &str| {
        Answer::json(200, &json!({"messages": [{"status": code, "error-text": "why"}]}).to_string())
    };
    for (answer, class) in [
        (status("1"), SendErrorClass::Throttled { after: None, scope: ThrottleScope::Account }),
        (status("4"), SendErrorClass::Settings(SettingsProblem::Auth)),
        (status("9"), SendErrorClass::Settings(SettingsProblem::Funds)),
        (status("15"), SendErrorClass::Settings(SettingsProblem::Config)),
        (status("5"), SendErrorClass::Unavailable),
        (status("7"), SendErrorClass::Rejected(OptOut)),
        (status("33"), SendErrorClass::Rejected(Recipient)),
        (status("29"), SendErrorClass::Rejected(Policy)),
        (status("6"), SendErrorClass::Rejected(Content)),
        (status("99"), SendErrorClass::Rejected(Content)),
        (Answer::json(200, "{}"), SendErrorClass::Unknown),
        (
            Answer::json(401, r#"{"error-code-label":"authentication failed"}"#),
            SendErrorClass::Settings(SettingsProblem::Auth),
        ),
        (Answer::json(502, "<html>"), SendErrorClass::Unknown),
        (Answer::Cut, SendErrorClass::Unknown),
    ] {
        let (sent, fake) = send("Habari", answer).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_account_wants_looking_at() {
    let fake = FakeApi::start(vec![
        Answer::json(200, r#"{"value":10.28,"autoReload":false}"#),
        Answer::json(200, r#"{"value":0,"autoReload":false}"#),
        Answer::json(200, r#"{"value":0,"autoReload":true}"#),
    ])
    .await;
    let mut channel = token_channel();
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter(), channel);
    for wanted in [HealthStatus::Ok, HealthStatus::Degraded, HealthStatus::Ok] {
        assert_eq!(adapter().check_health(&ctx).await.unwrap().status, wanted);
    }
}
