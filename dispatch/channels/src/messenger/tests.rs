use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use model::{Attachment, Clock};

use super::*;
use crate::{
    InboundMessage, OutboundAttachment, ReceiptStatus, ThrottleScope,
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Messenger::new())
}

fn webhook(body: &str, signature: &str) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    headers.insert("x-hub-signature-256", HeaderValue::from_str(signature).unwrap());
    let url = "https://hub.example/v1/webhooks/messenger/1".to_owned();
    WebhookRequest { method: Method::POST, url, headers, body: body.to_owned().into() }
}

fn signed(body: &str) -> WebhookRequest {
    webhook(body, &format!("sha256={}", meta::mac("0123456789abcdef0123456789abcdef", body.as_bytes())))
}

/// With escapes in it, and signatures that an independent implementation gave.
const ESCAPED: &str = r#"{"object":"page","entry":[{"id":"300000000000003","time":1780000000123,"messaging":[{"sender":{"id":"400000000000004"},"recipient":{"id":"300000000000003"},"timestamp":1780000000100,"message":{"mid":"m_TEST0001","text":"ca\u0066\u00e9 \ud83d\ude00"}}]}]}"#;
const RAW: &str = "b9710dc7aeaa2de8b611d362edd544589cfaff73b5865020db841a540c7f0a7f";

fn events(list: &Value) -> String {
    json!({"object": "page", "entry": [{"id": "300000000000003", "time": 1_780_000_000_123_i64, "messaging": list}]})
        .to_string()
}

fn event(kind: &str, body: Value) -> String {
    let mut event = json!({"sender": {"id": "400"}, "recipient": {"id": "300000000000003"}, "timestamp": 1_780_000_000_100_i64});
    event[kind] = body;
    events(&json!([event]))
}

fn sample() -> Sample {
    let delivery = event("delivery", json!({"mids": ["m_OUT1"], "watermark": 1_780_000_001_000_i64}));
    let genuine = vec![webhook(ESCAPED, &format!("sha256={RAW}")), signed(&delivery)];
    Sample { channel: example_channel(&Messenger::new()), genuine }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), sample());

#[test]
fn only_the_signature_of_the_raw_bytes_counts() {
    let (adapter, channel) = (Messenger::new(), example_channel(&Messenger::new()));
    for wrong in [
        "sha256=a25a99b0238bfffeb79e0c53822616df43f97d7bacf7eff2b884a4dc673e2847",
        "sha256=dcfac95b0270a71878283cbb408e323da96e6e2adf0caa5e9bd9497b7bf0c9a1",
        "sha1=6780443f816ae31ba452eeb21e88a48331fa4f72",
        &format!("sha256={}", RAW.to_uppercase()),
        &format!("sha256={RAW}0"),
    ] {
        assert_eq!(adapter.verify(&channel, &webhook(ESCAPED, wrong)), Err(VerifyError::Mismatch), "{wrong}");
    }
    let empty = "sha256=796cd3078af14636753d26b3b5555422ff55a3e261cf847b48e95371b9bd0aa2";
    assert_eq!(adapter.verify(&channel, &webhook("", empty)), Ok(()));
}

fn one(body: &str) -> Incoming {
    let channel = example_channel(&Messenger::new());
    let mut all = Messenger::new().parse(&channel, &signed(body)).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn message(kind: &str, body: Value) -> InboundMessage {
    match one(&event(kind, body)) {
        Incoming::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn messages_of_every_kind() {
    let Incoming::Message(text) = one(ESCAPED) else { panic!() };
    assert_eq!((text.text.as_str(), text.sender.as_str()), ("café 😀", "400000000000004"));
    assert_eq!(text.at.unwrap().timestamp_millis(), 1_780_000_000_100);
    let reply = message("message", json!({"mid": "m1", "text": "hello", "reply_to": {"mid": "m_OUT1"}}));
    assert_eq!(reply.reply_to_external_id.as_deref(), Some("m_OUT1"));
    let quick = message("message", json!({"mid": "m2", "text": "Red", "quick_reply": {"payload": "c:1"}}));
    assert_eq!(quick.metadata["choice"], json!({"id": "c:1", "title": "Red", "source": "quick_reply"}));
    let kinds = [
        ("image", json!({"url": "https://x/1"}), AttachmentKind::Image),
        (
            "image",
            json!({"url": "https://x/1", "sticker_id": 369_239_263_222_822_i64}),
            AttachmentKind::Sticker,
        ),
        ("sticker", json!({"url": "https://x/1", "sticker_id": 1}), AttachmentKind::Sticker),
        ("audio", json!({"url": "https://x/1"}), AttachmentKind::Audio),
        ("video", json!({"url": "https://x/1"}), AttachmentKind::Video),
        ("file", json!({"url": "https://x/1"}), AttachmentKind::Document),
        ("location", json!({"coordinates": {"lat": 1.2, "long": -1.3}}), AttachmentKind::Location),
    ];
    for (kind, payload, wanted) in kinds {
        let found =
            message("message", json!({"mid": "m3", "attachments": [{"type": kind, "payload": payload}]}));
        assert_eq!(found.attachments[0].kind, wanted, "{kind}");
    }
    let shared = json!({"mid": "m4", "attachments": [{"type": "fallback", "payload": {"url": "https://x/2"}}, {"type": "reel"}]});
    assert_eq!(message("message", shared).text, "https://x/2\n[reel]");
    let postback =
        json!({"mid": "m_PB1", "title": "Start", "payload": "GET_STARTED", "referral": {"ref": "r1"}});
    let postback = message("postback", postback);
    assert_eq!(
        (postback.text.as_str(), &postback.metadata["choice"]["id"]),
        ("Start", &json!("GET_STARTED"))
    );
    assert_eq!(postback.metadata["referral"]["ref"], "r1");
    let referral = message("referral", json!({"ref": "r1", "source": "ADS", "ad_id": "9"}));
    assert_eq!(referral.metadata["referral"]["ad_id"], "9");
}

#[test]
fn what_is_no_message() {
    let reacted = one(&event(
        "reaction",
        json!({"reaction": "love", "emoji": "❤️", "action": "react", "mid": "m_OUT1"}),
    ));
    assert!(matches!(reacted, Incoming::Reaction { emoji: Some(_), .. }));
    let taken = one(&event("reaction", json!({"action": "unreact", "mid": "m_OUT1"})));
    assert!(matches!(taken, Incoming::Reaction { emoji: None, .. }));
    let Incoming::Edit(edit) =
        one(&event("message_edit", json!({"mid": "m1", "text": "hello!", "num_edit": 1})))
    else {
        panic!()
    };
    assert_eq!((edit.version.as_str(), edit.text.as_str()), ("1", "hello!"));
    let Incoming::Receipt(receipt) = one(&event("delivery", json!({"mids": ["m_OUT1"], "watermark": 1})))
    else {
        panic!()
    };
    assert_eq!((receipt.provider_message_id.as_str(), receipt.status), ("m_OUT1", ReceiptStatus::Delivered));
    let until = one(&event("delivery", json!({"watermark": 1_780_000_001_000_i64})));
    assert!(matches!(until, Incoming::SeenUpTo { read: false, .. }));
    let read = one(&event("read", json!({"watermark": 1_780_000_002_000_i64})));
    assert!(matches!(read, Incoming::SeenUpTo { read: true, ref sender, .. } if sender == "400"));
    let deleted = one(&event("message", json!({"mid": "m1", "is_deleted": true})));
    assert!(matches!(deleted, Incoming::Revoked { .. }));
    for (kind, body) in [
        ("optin", json!({"type": "notification_messages"})),
        ("message", json!({"mid": "m"})),
        ("odd", json!(1)),
    ] {
        assert!(matches!(one(&event(kind, body)), Incoming::Ignored { .. }), "{kind}");
    }
    let other = ESCAPED.replace("\"id\":\"300000000000003\",\"time\"", "\"id\":\"9\",\"time\"");
    assert!(matches!(one(&other), Incoming::Ignored { .. }), "another page");
}

#[test]
fn echoes_are_ours_or_somebody_elses() {
    let ours = json!({"is_echo": true, "app_id": 555, "metadata": "out_01J", "mid": "m_OUT1", "text": "hi"});
    let Incoming::Receipt(receipt) = one(&event("message", ours)) else { panic!() };
    assert_eq!((receipt.correlation.as_deref(), receipt.status), (Some("out_01J"), ReceiptStatus::Sent));
    let mut echo = json!({"sender": {"id": "300000000000003"}, "recipient": {"id": "400"}, "timestamp": 1_780_000_000_100_i64});
    echo["message"] = json!({"is_echo": true, "mid": "m_INBOX", "text": "from the page's inbox"});
    let Incoming::Echo(echo) = one(&events(&json!([echo]))) else { panic!() };
    assert_eq!((echo.sender.as_str(), echo.text.as_str()), ("400", "from the page's inbox"));
}

async fn send_all(
    message: OutboundMessage,
    answers: usize,
    settings: Value,
) -> (Result<(), SendError>, Vec<Value>) {
    let fake =
        FakeApi::start(vec![Answer::json(200, r#"{"message_id":"m_1","attachment_id":"A1"}"#); answers])
            .await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = settings;
    channel.settings["api_base"] = fake.base().into();
    let ctx = local_context(&*adapter, channel);
    let mut result = Ok(());
    for part in adapter.parts(&ctx.channel, &message) {
        result = adapter.send(&ctx, &message, &part).await.map(|_| ());
        if result.is_err() {
            break;
        }
    }
    let bodies =
        fake.requests().iter().map(|seen| serde_json::from_str(&seen.body).unwrap_or(Value::Null)).collect();
    (result, bodies)
}

#[tokio::test]
async fn files_come_first_and_quick_replies_last() {
    let mut message = example_message("Pick a colour");
    message.metadata = json!({"choices": [{"id": "c:1", "title": "Red"}, {"id": "c:2", "title": "Blue"}]});
    let mut picture = Attachment::new(AttachmentKind::Image);
    picture.mime_type = Some("image/png".into());
    let mut place = Attachment::new(AttachmentKind::Location);
    (place.latitude, place.longitude) = (Some(1.0), Some(2.0));
    message.attachments = vec![
        OutboundAttachment { attachment: place, bytes: None },
        OutboundAttachment { attachment: picture, bytes: Some("PNG".into()) },
    ];
    let (result, bodies) = send_all(message.clone(), 3, json!({})).await;
    result.unwrap();
    assert_eq!(
        bodies[1]["message"]["attachment"],
        json!({"type": "image", "payload": {"attachment_id": "A1"}})
    );
    assert_eq!(bodies[2]["message"]["text"], "Pick a colour\n1,2");
    assert_eq!(
        bodies[2]["message"]["quick_replies"][0],
        json!({"content_type": "text", "title": "Red", "payload": "c:1"})
    );
    assert_eq!(bodies[2]["message"]["metadata"], message.idempotency_key);
    assert_eq!(
        (&bodies[2]["recipient"]["id"], &bodies[2]["messaging_type"]),
        (&json!("+254700000001"), &json!("RESPONSE"))
    );

    message.attachments.clear();
    message.metadata =
        json!({"choices": [{"title": "Shop", "url": "https://x.test"}, {"id": "more", "title": "More"}]});
    let (_, bodies) = send_all(message, 1, json!({})).await;
    let payload = &bodies[0]["message"]["attachment"]["payload"];
    assert_eq!(
        (&payload["template_type"], &payload["buttons"][1]["payload"]),
        (&json!("button"), &json!("more"))
    );
}

#[tokio::test]
async fn after_a_day_only_people_answer_and_only_where_meta_allows_it() {
    let mut message = example_message("Sorry for the wait");
    message.last_inbound_at = Some(model::SystemClock.now() - chrono::Duration::hours(30));
    let (result, bodies) = send_all(message.clone(), 1, json!({"human_agent": true})).await;
    result.unwrap();
    assert_eq!(
        (&bodies[0]["messaging_type"], &bodies[0]["tag"]),
        (&json!("MESSAGE_TAG"), &json!("HUMAN_AGENT"))
    );
    let window = SendErrorClass::Rejected(RejectReason::Window);
    let (result, bodies) = send_all(message.clone(), 1, json!({})).await;
    assert_eq!((result.unwrap_err().class, bodies.len()), (window, 0));
    message.by_person = false;
    let (result, _) = send_all(message, 1, json!({"human_agent": true})).await;
    assert_eq!(result.unwrap_err().class, window);
}

async fn send(answer: Answer) -> (Result<Sent, SendError>, usize) {
    let fake = FakeApi::start(vec![answer]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let message = example_message("Habari");
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    (adapter.send(&ctx, &message, &part).await, fake.requests().len())
}

#[tokio::test]
async fn every_error_has_a_class() {
    use RejectReason::*;
    let error = |code: i64, subcode: i64| {
        let body = json!({"error": {"message": "m", "code": code, "error_subcode": subcode}});
        Answer::json(400, &body.to_string())
    };
    let throttled = |scope| SendErrorClass::Throttled { after: None, scope };
    for (answer, class) in [
        (error(10, 2_018_278), SendErrorClass::Rejected(Window)),
        (error(551, 0), SendErrorClass::Rejected(OptOut)),
        (error(200, 1_545_041), SendErrorClass::Rejected(OptOut)),
        (error(100, 2_018_001), SendErrorClass::Rejected(Recipient)),
        (error(100, 2_018_109), SendErrorClass::Rejected(Content)),
        (error(368, 0), SendErrorClass::Rejected(Policy)),
        (error(613, 0), throttled(ThrottleScope::Account)),
        (error(9, 2_018_352), throttled(ThrottleScope::Recipient)),
        (error(190, 460), SendErrorClass::Settings(SettingsProblem::Auth)),
        (error(10, 0), SendErrorClass::Settings(SettingsProblem::Auth)),
        (error(2, 0), SendErrorClass::Unavailable),
        (error(999_999, 0), SendErrorClass::Rejected(Content)),
        (Answer::json(200, "{}"), SendErrorClass::Unknown),
        (Answer::json(502, "<html>"), SendErrorClass::Unknown),
        (Answer::Cut, SendErrorClass::Unknown),
    ] {
        let (sent, requests) = send(answer).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn the_token_must_be_the_pages() {
    let fake = FakeApi::start(vec![
        Answer::json(200, r#"{"id":"300000000000003","name":"Acme"}"#),
        Answer::json(200, r#"{"id":"9","name":"Other"}"#),
        Answer::json(200, r#"{"success":true}"#),
        Answer::json(200, r#"{"data":[{"id":"1","subscribed_fields":["messages","message_reads"]}]}"#),
        Answer::json(200, r#"{"data":[]}"#),
    ])
    .await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    assert_eq!(adapter.verify_credentials(&ctx).await.unwrap().display, "Acme");
    assert_eq!(adapter.verify_credentials(&ctx).await.unwrap_err().code, "another_page");
    adapter.register_webhook(&ctx, "https://hub.example/hook").await.unwrap();
    assert!(
        fake.requests()[2].line.contains("subscribed_apps?subscribed_fields=messages%2Cmessaging_postbacks")
    );
    assert_eq!(adapter.check_health(&ctx).await.unwrap().status, HealthStatus::Ok);
    assert_eq!(adapter.check_health(&ctx).await.unwrap().status, HealthStatus::Degraded);
}

#[tokio::test]
async fn reading_and_typing_are_actions_of_the_page() {
    let done = || Answer::json(200, r#"{"recipient_id":"400000000000004"}"#);
    let fake = FakeApi::start(vec![done(), done(), done()]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    assert!(adapter.shows(&channel).read);
    let ctx = local_context(&*adapter, channel.clone());
    let at = SignalTo { to: "400000000000004", thread_key: "400000000000004", message: None };
    let actions =
        [(Signal::Read, "mark_seen"), (Signal::Typing, "typing_on"), (Signal::TypingEnds, "typing_off")];
    for (signal, _) in actions {
        adapter.signal(&ctx, signal, &at).await.unwrap();
    }
    for (request, (_, action)) in fake.requests().iter().zip(actions) {
        assert!(request.line.starts_with("POST /v26.0/300000000000003/messages?"), "{}", request.line);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body, json!({"recipient": {"id": "400000000000004"}, "sender_action": action}));
    }
    channel.settings = json!({"send_read_marks": false});
    let shows = adapter.shows(&channel);
    assert!(!shows.read && shows.typing.is_some(), "typing marks nothing as read");
}
