use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use model::Attachment;

use super::*;
use crate::{
    InboundMessage, OutboundAttachment, ReceiptStatus, RejectReason, SettingsProblem, TemplateQuality,
    TemplateStatus, ThrottleScope,
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Whatsapp::new())
}

fn webhook(body: &str, signature: &str) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    headers.insert("x-hub-signature-256", HeaderValue::from_str(signature).unwrap());
    let url = "https://hub.example/v1/webhooks/whatsapp/1".to_owned();
    WebhookRequest { method: Method::POST, url, headers, body: body.to_owned().into() }
}

fn signed(body: &str) -> WebhookRequest {
    let signature = format!("sha256={}", meta::mac("0123456789abcdef0123456789abcdef", body.as_bytes()));
    webhook(body, &signature)
}

/// With the signature that an independent implementation gave.
const TEXT_BODY: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"200000000000002","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550001111","phone_number_id":"100000000000001"},"contacts":[{"profile":{"name":"Ada"},"wa_id":"15551230000","user_id":"US.990000000001"}],"messages":[{"from":"15551230000","from_user_id":"US.990000000001","id":"wamid.TEST0001","timestamp":"1780000000","type":"text","text":{"body":"hi"}}]}}]}]}"#;
const TEXT_SIGNATURE: &str = "sha256=69c506ed736316beefc1d225bc029521f86db505cb75c02fc288a1a67a94a338";

fn change(field: &str, value: &Value) -> String {
    let mut value = value.clone();
    value["metadata"] = json!({"phone_number_id": "100000000000001"});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": [{"field": field, "value": value}]}]})
        .to_string()
}

fn message_body(kind: &str, body: Value) -> String {
    let mut message =
        json!({"from": "15551230000", "id": "wamid.IN", "timestamp": "1780000000", "type": kind});
    message[kind] = body;
    change("messages", &json!({"messages": [message]}))
}

fn statuses(status: Value) -> String {
    change("messages", &json!({"statuses": [status]}))
}

fn sample() -> Sample {
    let delivered = json!({
        "id": "wamid.OUT0001", "status": "delivered", "timestamp": "1780000010", "recipient_id": "15551230000",
        "biz_opaque_callback_data": "out_01J", "pricing": {"billable": true, "category": "service"},
    });
    let genuine = vec![
        webhook(TEXT_BODY, TEXT_SIGNATURE),
        signed(&statuses(delivered)),
        signed(&message_body("image", json!({"id": "M1", "mime_type": "image/jpeg", "caption": "cap"}))),
    ];
    Sample { channel: example_channel(&Whatsapp::new()), genuine }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), sample());

fn parse(body: &str) -> Vec<Incoming> {
    let channel = example_channel(&Whatsapp::new());
    Whatsapp::new().parse(&channel, &signed(body)).unwrap()
}

fn one(body: &str) -> Incoming {
    let mut all = parse(body);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn message(kind: &str, body: Value) -> InboundMessage {
    match one(&message_body(kind, body)) {
        Incoming::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_handshake() {
    let (adapter, channel) = (Whatsapp::new(), example_channel(&Whatsapp::new()));
    let ask = |query: &str| WebhookRequest {
        method: Method::GET,
        url: format!("https://hub.example/v1/webhooks/whatsapp/1?{query}"),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    let good = ask("hub.mode=subscribe&hub.verify_token=verify-me-0001&hub.challenge=1158201444");
    assert_eq!(adapter.challenge(&channel, &good).unwrap().unwrap().body, "1158201444");
    for bad in
        ["hub.mode=subscribe&hub.verify_token=x&hub.challenge=1", "hub.mode=unsubscribe&hub.challenge=1"]
    {
        assert_eq!(adapter.challenge(&channel, &ask(bad)), Some(Err(VerifyError::Mismatch)));
    }
    assert_eq!(adapter.challenge(&channel, &ask("x=1")), None);
    // without an entered token: one that follows from the app's secret and the channel
    let mut channel = channel;
    channel.credentials = crate::Secrets::new(json!({"app_secret": "0123456789abcdef0123456789abcdef"}));
    let token = meta::verify_token(&channel).unwrap();
    let derived = ask(&format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=7"));
    assert_eq!(adapter.challenge(&channel, &derived).unwrap().unwrap().body, "7");
}

#[test]
fn a_person_has_a_number_and_a_user_id() {
    let Incoming::Message(both) = one(TEXT_BODY) else { panic!() };
    assert_eq!((both.sender.as_str(), both.text.as_str()), ("+15551230000", "hi"));
    assert_eq!(both.aliases, ["US.990000000001"]);
    assert_eq!(both.display_name.as_deref(), Some("Ada"));
    assert_eq!(both.at.unwrap().timestamp(), 1_780_000_000);
    // somebody with a user name and no number
    let hidden = change(
        "messages",
        &json!({
            "contacts": [{"profile": {"username": "ada"}, "user_id": "US.990000000001"}],
            "messages": [{"from_user_id": "US.990000000001", "id": "wamid.X", "type": "text", "text": {"body": "hi"}}],
        }),
    );
    let Incoming::Message(hidden) = one(&hidden) else { panic!() };
    assert_eq!((hidden.sender.as_str(), hidden.aliases.len()), ("US.990000000001", 0));
    assert_eq!(hidden.display_name.as_deref(), Some("ada"));
    // the field of the number with a user id in it
    let odd = change(
        "messages",
        &json!({"messages": [{"from": "US.990000000001", "id": "wamid.Y", "type": "text", "text": {"body": "hi"}}]}),
    );
    let Incoming::Message(odd) = one(&odd) else { panic!() };
    assert_eq!(odd.sender, "US.990000000001");
}

#[test]
fn every_kind_of_message() {
    let file = |kind: &str, body: Value| {
        let message = message(kind, body);
        (message.attachments[0].kind, message.attachments[0].provider_file.clone().unwrap(), message.text)
    };
    let image = file("image", json!({"id": "M1", "mime_type": "image/jpeg", "caption": "cap"}));
    assert_eq!(image, (AttachmentKind::Image, "M1".into(), "cap".into()));
    assert_eq!(file("video", json!({"id": "V"})).0, AttachmentKind::Video);
    assert_eq!(file("sticker", json!({"id": "S", "mime_type": "image/webp"})).0, AttachmentKind::Sticker);
    let voice = message("audio", json!({"id": "A", "mime_type": "audio/ogg; codecs=opus", "voice": true}));
    assert_eq!(voice.attachments[0].mime_type.as_deref(), Some("audio/ogg"));
    assert_eq!(voice.metadata["voice"], true);
    let document = message("document", json!({"id": "D", "filename": "a.pdf", "caption": "c"}));
    assert_eq!(document.attachments[0].filename.as_deref(), Some("a.pdf"));

    let place =
        message("location", json!({"latitude": 52.1, "longitude": 21, "name": "HQ", "address": "Main 1"}));
    assert_eq!((place.attachments[0].latitude, place.attachments[0].longitude), (Some(52.1), Some(21.0)));
    let cards = message(
        "contacts",
        json!([{"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+1 555", "wa_id": "1555"}]}, {"vcard": "x"}]),
    );
    assert_eq!(cards.attachments[0].url.as_deref(), Some("tel:+1555"));
    assert_eq!((cards.attachments.len(), cards.attachments[1].name.clone()), (2, None));

    let button =
        message("interactive", json!({"type": "button_reply", "button_reply": {"id": "b1", "title": "Yes"}}));
    assert_eq!((button.text.as_str(), &button.metadata["choice"]["id"]), ("Yes", &json!("b1")));
    let row = message(
        "interactive",
        json!({"type": "list_reply", "list_reply": {"id": "r1", "title": "Red", "description": "d"}}),
    );
    assert_eq!(row.metadata["choice"], json!({"id": "r1", "title": "Red", "source": "list"}));
    let form =
        json!({"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{\"age\":\"32\"}"}});
    assert_eq!(message("interactive", form).metadata["form"]["age"], "32");
    let broken = json!({"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{"}});
    assert_eq!(message("interactive", broken).metadata["form"], Value::Null);
    let quick = message("button", json!({"text": "No", "payload": "No-Button-Payload"}));
    assert_eq!((quick.text.as_str(), &quick.metadata["choice"]["id"]), ("No", &json!("No-Button-Payload")));
    assert!(message("order", json!({"product_items": [{}, {}], "text": "soon"})).text.contains("order of 2"));
    assert!(message("unsupported", json!({"type": "poll"})).text.contains("poll"));
    assert!(matches!(one(&message_body("request_welcome", json!({}))), Incoming::Ignored { .. }));
}

#[test]
fn reactions_edits_and_what_else_is_no_message() {
    let reaction = one(&message_body("reaction", json!({"message_id": "wamid.OUT", "emoji": "👍"})));
    let Incoming::Reaction { external_id, emoji, .. } = reaction else { panic!() };
    assert_eq!((external_id.as_str(), emoji.as_deref()), ("wamid.OUT", Some("👍")));
    let gone = one(&message_body("reaction", json!({"message_id": "wamid.OUT"})));
    assert!(matches!(gone, Incoming::Reaction { emoji: None, .. }));
    let edit =
        json!({"original_message_id": "wamid.O", "message": {"type": "text", "text": {"body": "new"}}});
    let Incoming::Edit(edit) = one(&message_body("edit", edit)) else { panic!() };
    assert_eq!((edit.external_id.as_str(), edit.text.as_str()), ("wamid.O", "new"));
    let revoke = one(&message_body("revoke", json!({"original_message_id": "wamid.O"})));
    assert!(matches!(revoke, Incoming::Revoked { external_id, .. } if external_id == "wamid.O"));
    let moved = one(&message_body("system", json!({"type": "user_changed_number", "wa_id": "15559990000"})));
    assert!(
        matches!(moved, Incoming::Moved { from, to, .. } if from == "+15551230000" && to == "+15559990000")
    );
    let echo = json!({"message_echoes": [{"from": "15550001111", "to": "15551230000", "id": "wamid.E", "timestamp": "1780000000",
        "type": "text", "text": {"body": "from the phone"}}]});
    let Incoming::Echo(echo) = one(&change("smb_message_echoes", &echo)) else { panic!() };
    assert_eq!((echo.sender.as_str(), echo.text.as_str()), ("+15551230000", "from the phone"));
    let rejected = json!({"event": "REJECTED", "message_template_id": 7, "message_template_name": "order_update",
        "message_template_language": "en_US", "reason": "INVALID_FORMAT"});
    let Incoming::Template(news) = one(&change("message_template_status_update", &rejected)) else {
        panic!()
    };
    assert_eq!((news.external_id.as_str(), news.status), ("7", Some(TemplateStatus::Rejected)));
    assert_eq!(news.reason.as_deref(), Some("INVALID_FORMAT"));
    let rated = json!({"message_template_id": 7, "message_template_name": "order_update",
        "message_template_language": "en_US", "previous_quality_score": "GREEN", "new_quality_score": "YELLOW"});
    let Incoming::Template(news) = one(&change("message_template_quality_update", &rated)) else { panic!() };
    assert_eq!(
        (news.external_id.as_str(), news.status, news.quality),
        ("7", None, Some(TemplateQuality::Yellow))
    );
    assert!(matches!(one(&change("account_update", &json!({}))), Incoming::Ignored { .. }));
    let other = TEXT_BODY.replace("100000000000001", "100000000000009");
    assert!(matches!(one(&other), Incoming::Ignored { .. }), "another number of the same account");
}

#[test]
fn statuses_carry_price_and_errors() {
    let read = |status: Value| match one(&statuses(status)) {
        Incoming::Receipt(receipt) => receipt,
        other => panic!("{other:?}"),
    };
    let delivered = read(json!({
        "id": "wamid.O", "status": "delivered", "timestamp": "1780000010", "biz_opaque_callback_data": "out_01J",
        "pricing": {"billable": true, "pricing_model": "PMP", "category": "service", "type": "regular"},
    }));
    assert_eq!(
        (delivered.status, delivered.correlation.as_deref()),
        (ReceiptStatus::Delivered, Some("out_01J"))
    );
    assert_eq!(delivered.facts["pricing"]["category"], "service");
    let failed = read(json!({
        "id": "wamid.P", "status": "failed", "errors": [{"code": 131_047, "title": "Re-engagement message",
            "error_data": {"details": "More than 24 hours have passed"}}],
    }));
    assert_eq!((failed.status, failed.error_code.as_deref()), (ReceiptStatus::Failed, Some("131047")));
    assert_eq!(
        failed.error_message.as_deref(),
        Some("Re-engagement message: More than 24 hours have passed")
    );
    assert_eq!(read(json!({"id": "w", "status": "played"})).status, ReceiptStatus::Read);
    assert!(matches!(one(&statuses(json!({"id": "w", "status": "warning"}))), Incoming::Ignored { .. }));
}

fn bodies(message: &OutboundMessage) -> Vec<Value> {
    let (adapter, channel) = (Whatsapp::new(), example_channel(&Whatsapp::new()));
    let parts = adapter.parts(&channel, message);
    let last = parts.len();
    let body = |part: &Part| compose::payload(message, part, part.index + 1 == last, None).unwrap();
    parts.iter().map(body).collect()
}

fn with(metadata: Value, text: &str) -> OutboundMessage {
    OutboundMessage { metadata, ..example_message(text) }
}

#[test]
fn texts_answers_and_recipients() {
    let mut message = example_message("see https://x.test");
    message.reply_to = Some("wamid.IN".into());
    let body = bodies(&message).remove(0);
    assert_eq!(body["to"], "254700000001");
    assert_eq!(body["text"], json!({"body": "see https://x.test", "preview_url": true}));
    assert_eq!(body["context"]["message_id"], "wamid.IN");
    assert_eq!(body["biz_opaque_callback_data"], message.idempotency_key);
    message.to = "US.990000000001".into();
    let body = bodies(&message).remove(0);
    assert_eq!((&body["recipient"], &body["to"]), (&json!("US.990000000001"), &Value::Null));
    message.thread_key = Some("120363000000000000".into());
    let body = bodies(&message).remove(0);
    assert_eq!((&body["recipient_type"], &body["to"]), (&json!("group"), &json!("120363000000000000")));
    // a thread that is named by another identifier of the same person is no group
    message.thread_key = Some("+254700000001".into());
    assert_eq!(bodies(&message)[0]["recipient"], "US.990000000001");
    let long = bodies(&example_message(&"word ".repeat(1000)));
    assert_eq!(long.len(), 2);
    assert!(long.iter().all(|body| body["text"]["body"].as_str().unwrap().chars().count() <= 4096));
}

#[test]
fn choices_take_the_form_that_holds_them() {
    let choices = |count: usize| {
        let all: Vec<Value> =
            (0..count).map(|n| json!({"id": format!("c{n}"), "title": format!("Choice {n}")})).collect();
        json!({"choices": all, "footer": "f", "choices_button": "Pick"})
    };
    let body = bodies(&with(choices(3), "Which?")).remove(0);
    assert_eq!(body["interactive"]["type"], "button");
    assert_eq!(
        body["interactive"]["action"]["buttons"][2]["reply"],
        json!({"id": "c2", "title": "Choice 2"})
    );
    assert_eq!(body["interactive"]["footer"]["text"], "f");
    let body = bodies(&with(choices(10), "Which?")).remove(0);
    assert_eq!(body["interactive"]["action"]["button"], "Pick");
    assert_eq!(body["interactive"]["action"]["sections"][0]["rows"].as_array().unwrap().len(), 10);
    let body = bodies(&with(choices(11), "Which?")).remove(0);
    assert!(body["text"]["body"].as_str().unwrap().contains("11. Choice 10"), "{body}");
    let link = json!({"choices": [{"title": "Open the shop right now please", "url": "https://x.test"}]});
    let body = bodies(&with(link, "Look")).remove(0);
    assert_eq!(body["interactive"]["action"]["parameters"]["display_text"], "Open the shop right…");
    // a text that is too long for the interactive body goes before it
    let all = bodies(&with(choices(2), &"word ".repeat(300)));
    assert_eq!((all.len(), &all[0]["type"], &all[1]["type"]), (2, &json!("text"), &json!("interactive")));
}

#[test]
fn reactions_places_and_cards_go_out() {
    let mut reaction = with(json!({"reaction": true}), "👍");
    reaction.reply_to = Some("wamid.IN".into());
    let body = bodies(&reaction).remove(0);
    assert_eq!(body["reaction"], json!({"message_id": "wamid.IN", "emoji": "👍"}));
    assert_eq!(body["context"], Value::Null);
    let mut message = example_message("");
    let mut place = Attachment::new(AttachmentKind::Location);
    (place.latitude, place.longitude, place.name) = (Some(1.5), Some(2.5), Some("HQ".into()));
    let mut card = Attachment::new(AttachmentKind::ContactCard);
    (card.name, card.url) = (Some("Bo".into()), Some("tel:+1555".into()));
    let mut file = Attachment::new(AttachmentKind::Document);
    (file.url, file.filename) = (Some("https://hub.example/f".into()), Some("a.pdf".into()));
    message.attachments =
        [place, card, file].map(|attachment| OutboundAttachment { attachment, bytes: None }).into();
    let all = bodies(&message);
    assert_eq!(all[0]["location"], json!({"latitude": 1.5, "longitude": 2.5, "name": "HQ"}));
    assert_eq!(all[1]["contacts"][0]["phones"][0]["phone"], "+1555");
    assert_eq!(all[2]["document"], json!({"link": "https://hub.example/f", "filename": "a.pdf"}));
}

#[test]
fn templates_with_parameters() {
    let named = json!({"template": {
        "name": "order_update", "language": "en_US", "header": {"type": "image", "link": "https://x.test/i.png"},
        "body": {"first_name": "Ada\nB"}, "buttons": [
            {"sub_type": "url", "value": "abc"}, {"sub_type": "quick_reply", "index": 1, "value": "talk:A-17"}],
    }});
    let body = bodies(&with(named, "Hello Ada")).remove(0);
    assert_eq!(body["type"], "template");
    assert_eq!(
        body["template"],
        json!({"name": "order_update", "language": {"code": "en_US"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.test/i.png"}}]},
            {"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ada B"}]},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "abc"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "1",
             "parameters": [{"type": "payload", "payload": "talk:A-17"}]}]})
    );
    let numbered = json!({"template": {"name": "n", "language": "am", "body": ["Ada", 7]}});
    let body = bodies(&with(numbered, "")).remove(0);
    assert_eq!(body["template"]["components"][0]["parameters"][1], json!({"type": "text", "text": "7"}));
    let plain = bodies(&with(json!({"template": {"name": "hello", "language": "en"}}), "")).remove(0);
    assert_eq!(plain["template"], json!({"name": "hello", "language": {"code": "en"}}));
    let nameless = with(json!({"template": {}}), "x");
    let part = Part { index: 0, text: "x".into(), attachments: vec![] };
    let refused = compose::payload(&nameless, &part, true, None).unwrap_err();
    assert_eq!(refused.class, SendErrorClass::Rejected(RejectReason::Content));
}

async fn context(answers: Vec<Answer>) -> (Context, FakeApi) {
    let fake = FakeApi::start(answers).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    (local_context(&*adapter, channel), fake)
}

async fn send(answer: Answer) -> (Result<Sent, SendError>, FakeApi) {
    let (ctx, fake) = context(vec![answer]).await;
    let message = example_message("Habari");
    let part = adapter().parts(&ctx.channel, &message).remove(0);
    (adapter().send(&ctx, &message, &part).await, fake)
}

#[tokio::test]
async fn a_message_is_sent() {
    let answer =
        r#"{"messaging_product":"whatsapp","messages":[{"id":"wamid.OUT0001","message_status":"accepted"}]}"#;
    let (sent, fake) = send(Answer::json(200, answer)).await;
    assert_eq!(sent.unwrap().provider_message_id, "wamid.OUT0001");
    let request = fake.requests().remove(0);
    assert!(
        request.line.starts_with("POST /v26.0/100000000000001/messages?appsecret_proof=99cbac34"),
        "{}",
        request.line
    );
    assert!(request.headers.contains("authorization: bearer eaatesttoken"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!((&body["messaging_product"], &body["text"]["body"]), (&json!("whatsapp"), &json!("Habari")));
}

#[tokio::test]
async fn a_file_is_uploaded_first() {
    let (ctx, fake) = context(vec![
        Answer::json(200, r#"{"id":"M9"}"#),
        Answer::json(200, r#"{"messages":[{"id":"wamid.OUT"}]}"#),
        Answer::Cut,
    ])
    .await;
    let mut message = example_message("look");
    let mut attachment = Attachment::new(AttachmentKind::Image);
    attachment.mime_type = Some("image/png".into());
    message.attachments = vec![OutboundAttachment { attachment, bytes: Some("PNG".into()) }];
    let part = adapter().parts(&ctx.channel, &message).remove(0);
    adapter().send(&ctx, &message, &part).await.unwrap();
    let requests = fake.requests();
    assert!(requests[0].line.contains("/100000000000001/media"));
    assert!(requests[0].body.contains("messaging_product") && requests[0].body.contains("image/png"));
    let body: Value = serde_json::from_str(&requests[1].body).unwrap();
    assert_eq!(body["image"], json!({"id": "M9", "caption": "look"}));
    // an upload that was cut sent nothing to anybody
    let error = adapter().send(&ctx, &message, &part).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Unavailable);
}

#[tokio::test]
async fn every_error_has_a_class() {
    use RejectReason::*;
    let error = |status: u16, code: i64| {
        Answer::json(status, &json!({"error": {"message": "m", "code": code}}).to_string())
    };
    let transient = r#"{"error":{"message":"m","code":999999,"is_transient":true}}"#;
    let throttled = |scope| SendErrorClass::Throttled { after: None, scope };
    let pair = SendErrorClass::Throttled {
        after: Some(std::time::Duration::from_secs(6)),
        scope: ThrottleScope::Recipient,
    };
    for (answer, class) in [
        (error(400, 131_047), SendErrorClass::Rejected(Window)),
        (error(400, 131_050), SendErrorClass::Rejected(OptOut)),
        (error(400, 131_026), SendErrorClass::Rejected(Recipient)),
        (error(400, 131_049), SendErrorClass::Rejected(Policy)),
        (error(400, 368), SendErrorClass::Rejected(Policy)),
        (error(400, 132_000), SendErrorClass::Rejected(Content)),
        (error(400, 100), SendErrorClass::Rejected(Content)),
        (error(400, 131_056), pair),
        (error(400, 130_429), throttled(ThrottleScope::Channel)),
        (error(429, 80_007), throttled(ThrottleScope::Account)),
        (error(401, 190), SendErrorClass::Settings(SettingsProblem::Auth)),
        (error(400, 131_042), SendErrorClass::Settings(SettingsProblem::Funds)),
        (error(400, 131_045), SendErrorClass::Settings(SettingsProblem::Config)),
        (error(500, 131_000), SendErrorClass::Unavailable),
        (Answer::json(400, transient), SendErrorClass::Unavailable),
        (error(400, 999_999), SendErrorClass::Rejected(Content)),
        (Answer::json(200, "{}"), SendErrorClass::Unknown),
        (Answer::json(502, "<html>"), SendErrorClass::Unknown),
        (Answer::Cut, SendErrorClass::Unknown),
    ] {
        let (sent, fake) = send(answer).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(fake.requests().len(), 1);
    }
    // an error in an answer of 200 is one
    let (sent, _) = send(Answer::json(200, r#"{"error":{"message":"m","code":131047}}"#)).await;
    assert_eq!(sent.unwrap_err().class, SendErrorClass::Rejected(Window));
}

#[tokio::test]
async fn the_number_is_shown_and_watched() {
    let (ctx, _fake) = context(vec![
        Answer::json(200, r#"{"id":"1","display_phone_number":"+1 555 000 1111","verified_name":"Acme"}"#),
        Answer::json(200, r#"{"status":"CONNECTED","quality_rating":"RED"}"#),
        Answer::json(200, r#"{"status":"BANNED"}"#),
        Answer::json(200, r#"{"status":"CONNECTED","quality_rating":"GREEN","health_status":{"can_send_message":"AVAILABLE"}}"#),
    ])
    .await;
    assert_eq!(adapter().verify_credentials(&ctx).await.unwrap().display, "Acme (+1 555 000 1111)");
    for wanted in [HealthStatus::Degraded, HealthStatus::Down, HealthStatus::Ok] {
        assert_eq!(adapter().check_health(&ctx).await.unwrap().status, wanted);
    }
}

#[tokio::test]
async fn the_webhook_is_set_for_the_account() {
    let (ctx, fake) = context(vec![Answer::json(200, r#"{"success":true}"#)]).await;
    let registered = adapter().register_webhook(&ctx, "https://hub.example/hook").await.unwrap();
    assert_eq!(registered.receiving, Receiving::Webhook);
    let request = fake.requests().remove(0);
    assert!(request.line.contains("/200000000000002/subscribed_apps"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        body,
        json!({"override_callback_uri": "https://hub.example/hook", "verify_token": "verify-me-0001"})
    );
    let by_hand = adapter().register_webhook(&ctx, "http://localhost/hook").await.unwrap();
    assert_eq!(by_hand.receiving, Receiving::WebhookByHand);
}

#[tokio::test]
async fn media_are_fetched_with_the_token_from_metas_hosts_alone() {
    let fake = FakeApi::start(vec![Answer::json(200, "JPEG")]).await;
    let file = json!({"url": format!("{}/file", fake.base()), "mime_type": "image/jpeg", "file_size": 4})
        .to_string();
    let foreign = r#"{"url":"https://evil.example/x"}"#;
    let api = FakeApi::start(vec![Answer::json(200, &file), Answer::json(200, foreign)]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": api.base()});
    let ctx = local_context(&*adapter, channel.clone());
    // the file's host is another origin: refused before a request is made
    let refused = adapter.fetch_media(&ctx, "M1", 100).await.unwrap_err();
    assert_eq!((refused.code.as_str(), fake.requests().len()), ("foreign_host", 0));
    assert_eq!(adapter.fetch_media(&ctx, "M1", 100).await.unwrap_err().code, "foreign_host");
}

#[tokio::test]
async fn templates_are_listed_and_made() {
    let page = json!({"data": [
        {"id": "594", "name": "order_update", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
         "quality_score": {"score": "GREEN", "date": 1_780_000_000},
         "components": [{"type": "BODY", "text": "Hello {{first_name}}"}]},
        {"id": "595", "name": "old", "language": "en", "status": "DISABLED"}], "paging": {"cursors": {"after": "x"}}});
    let (ctx, fake) = context(vec![
        Answer::json(200, &page.to_string()),
        Answer::json(200, r#"{"id":"600","status":"PENDING","category":"UTILITY"}"#),
    ])
    .await;
    let listed = adapter().list_templates(&ctx).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].body.as_str(), listed[0].status),
        (2, "Hello {{first_name}}", TemplateStatus::Approved)
    );
    assert_eq!((listed[1].status, listed[1].quality), (TemplateStatus::Rejected, None));
    assert_eq!(listed[0].quality, Some(TemplateQuality::Green));
    let draft = TemplateDraft {
        name: "Order Update!".into(),
        language: "en_US".into(),
        category: None,
        body: "Hello {{first_name}}, thanks.".into(),
        variables: vec![("first_name".into(), "Ada".into())],
    };
    let made = adapter().create_template(&ctx, &draft).await.unwrap();
    assert_eq!((made.external_id.as_str(), made.status), ("600", TemplateStatus::Pending));
    let body: Value = serde_json::from_str(&fake.requests()[1].body).unwrap();
    assert_eq!((&body["name"], &body["category"]), (&json!("order_update"), &json!("UTILITY")));
    assert_eq!(body["components"][0]["example"]["body_text_named_params"][0]["example"], "Ada");
}

#[tokio::test]
async fn reading_and_typing_are_said_of_the_customers_message() {
    let done = || Answer::json(200, r#"{"success":true}"#);
    let (ctx, fake) = context(vec![done(), done()]).await;
    let adapter = adapter();
    assert_eq!(
        adapter.shows(&ctx.channel),
        Shows { read: true, typing: Some(Duration::from_secs(25)), typing_ends: false }
    );
    let at = SignalTo { to: "+15551230000", thread_key: "+15551230000", message: Some("wamid.IN") };
    adapter.signal(&ctx, Signal::Read, &at).await.unwrap();
    adapter.signal(&ctx, Signal::Typing, &at).await.unwrap();
    adapter.signal(&ctx, Signal::Typing, &SignalTo { message: None, ..at }).await.unwrap();
    let bodies: Vec<Value> =
        fake.requests().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    let mut wanted = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"});
    assert_eq!(bodies[0], wanted);
    wanted["typing_indicator"] = json!({"type": "text"});
    assert_eq!(bodies[1], wanted);
    assert_eq!(bodies.len(), 2, "without a message there is nothing to say it of");
    let mut silent = (*ctx.channel).clone();
    silent.settings = json!({"send_read_marks": false});
    assert_eq!(adapter.shows(&silent), Shows::NOTHING, "typing would mark as read");
}
