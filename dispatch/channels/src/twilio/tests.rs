use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use model::Clock;

use super::*;
use crate::{
    OutboundAttachment, RejectReason, ThrottleScope,
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Twilio::new())
}

fn webhook(url: &str, fields: &[(&str, &str)], signature: &str) -> WebhookRequest {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let mut headers = HeaderMap::new();
    headers.insert("x-twilio-signature", HeaderValue::from_str(signature).unwrap());
    WebhookRequest { method: Method::POST, url: url.into(), headers, body: form.finish().into() }
}

const SID: (&str, &str) = ("AccountSid", "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

fn inbound() -> WebhookRequest {
    webhook(
        "https://hooks.example.com/twilio/inbound/ch_42?tenant=7",
        &[
            SID,
            ("ApiVersion", "2010-04-01"),
            ("Body", "Habari & karibu! 50% off é"),
            ("From", "+254700000001"),
            ("MessageSid", "SM00000000000000000000000000000001"),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsStatus", "received"),
            ("To", "+15005550006"),
        ],
        "HTop97ZiJ88caCm6rbTvFXszyvE=",
    )
}

fn delivered() -> WebhookRequest {
    webhook(
        "https://hooks.example.com/twilio/status?mid=0198",
        &[
            SID,
            ("ApiVersion", "2010-04-01"),
            ("From", "+15005550006"),
            ("To", "+254700000001"),
            ("MessageSid", "SM00000000000000000000000000000001"),
            ("SmsSid", "SM00000000000000000000000000000001"),
            ("MessageStatus", "delivered"),
            ("SmsStatus", "delivered"),
            ("RawDlrDoneDate", "2601311205"),
        ],
        "42UwJUzsB4cF9bIJZRCQQ91Iuuo=",
    )
}

fn sample() -> Sample {
    Sample { channel: example_channel(&Twilio::new()), genuine: vec![inbound(), delivered()] }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), sample());

#[test]
fn signatures_of_other_shapes() {
    let channel = example_channel(&Twilio::new());
    let twilio = Twilio::new();
    let base = "https://hooks.example.com/t";
    for (url, fields, signature) in [
        (
            "https://hooks.example.com:8443/t",
            vec![("A", "b"), ("A", "a"), ("A", "b"), ("Z", "1")],
            "wne6jzb+6GjIDNrL8GA8UpcC9aw=",
        ),
        (base, vec![], "1OSqHlV2AsIM8+3rWhjFxt0AbGU="),
        (base, vec![("Body", "")], "hA6NOpvqrEHiK9rgK9PuyCaGpjM="),
        (base, vec![("Body", "a\r\nb")], "gT8jyJN7h/3HRbLh9UBALTxvQ0Y="),
        // the port that https implies may or may not have been signed
        ("https://hooks.example.com:443/t", vec![], "1OSqHlV2AsIM8+3rWhjFxt0AbGU="),
    ] {
        let request = webhook(url, &fields, signature);
        assert_eq!(twilio.verify(&channel, &request), Ok(()), "{url} {fields:?}");
        let moved = WebhookRequest { url: format!("{url}/"), ..request };
        assert_eq!(twilio.verify(&channel, &moved), Err(VerifyError::Mismatch));
    }
    let hash = "27ebfe91a318dc07829eec267640f3751e9a3cdc12079c47803ad76b3404b82e";
    let url = format!("https://hooks.example.com/twilio/json?bodySHA256={hash}");
    let mut json = webhook(&url, &[], "E1HGEKBt/gcm7N78dRNI/3qxRDc=");
    json.body = r#"{"event":"x","n":1}"#.into();
    assert_eq!(twilio.verify(&channel, &json), Ok(()));
    json.body = r#"{"event":"x","n":2}"#.into();
    assert_eq!(twilio.verify(&channel, &json), Err(VerifyError::Mismatch));
}

#[test]
fn the_second_token_counts_while_tokens_rotate() {
    let mut channel = example_channel(&Twilio::new());
    channel.credentials = crate::Secrets::new(json!({
        "auth_token": "the-new-one-0123456789", "auth_token_secondary": "tok_example_0123456789abcdef",
    }));
    assert_eq!(Twilio::new().verify(&channel, &inbound()), Ok(()));
}

#[test]
fn messages_and_receipts() {
    let (twilio, channel) = (Twilio::new(), example_channel(&Twilio::new()));
    let Incoming::Message(message) = twilio.parse(&channel, &inbound()).unwrap().remove(0) else { panic!() };
    assert_eq!(message.external_id, "SM00000000000000000000000000000001");
    assert_eq!(
        (message.sender.as_str(), message.text.as_str()),
        ("+254700000001", "Habari & karibu! 50% off é")
    );

    let Incoming::Receipt(receipt) = twilio.parse(&channel, &delivered()).unwrap().remove(0) else {
        panic!()
    };
    assert_eq!(receipt.correlation.as_deref(), Some("0198"));
    assert_eq!(receipt.status, ReceiptStatus::Delivered);

    let failed = [("MessageSid", "SM1"), ("MessageStatus", "undelivered"), ("ErrorCode", "30003")];
    let parsed = twilio.parse(&channel, &webhook("https://h.example/", &failed, "x")).unwrap().remove(0);
    let Incoming::Receipt(receipt) = parsed else { panic!() };
    assert_eq!((receipt.status, receipt.error_code.as_deref()), (ReceiptStatus::Failed, Some("30003")));

    let odd = [("MessageSid", "SM1"), ("MessageStatus", "pondering")];
    let parsed = twilio.parse(&channel, &webhook("https://h.example/", &odd, "x")).unwrap().remove(0);
    assert!(matches!(parsed, Incoming::Ignored { .. }));

    let stop = [
        ("MessageSid", "SM2"),
        ("From", "+1"),
        ("Body", "STOP"),
        ("OptOutType", "STOP"),
        ("NumMedia", "1"),
        ("MediaUrl0", "https://api.twilio.com/m"),
        ("MediaContentType0", "image/jpeg"),
    ];
    let all = twilio.parse(&channel, &webhook("https://h.example/", &stop, "x")).unwrap();
    assert!(matches!(&all[1], Incoming::OptedOut { sender, .. } if sender == "+1"));
    let Incoming::Message(message) = &all[0] else { panic!() };
    assert_eq!(message.attachments[0].kind, AttachmentKind::Image);
    assert_eq!(message.attachments[0].provider_file.as_deref(), Some("https://api.twilio.com/m"));
    assert_eq!(twilio.webhook_answer(&channel, &inbound()).body, "<Response/>");
}

#[test]
fn media_by_destination() {
    let (twilio, channel) = (Twilio::new(), example_channel(&Twilio::new()));
    let mut message = example_message("look");
    let mut attachment = Attachment::new(AttachmentKind::Image);
    attachment.url = Some("https://hub.example/f/1".into());
    message.attachments = vec![OutboundAttachment { attachment, bytes: None }];
    let parts = twilio.parts(&channel, &message);
    assert_eq!((parts.len(), parts[0].text.as_str()), (1, "look\nhttps://hub.example/f/1"));
    message.to = "+15005550006".into();
    let parts = twilio.parts(&channel, &message);
    assert_eq!((parts[0].text.as_str(), parts[0].attachments.as_slice()), ("look", [0].as_slice()));
    // the password is for Twilio's hosts
    assert!(belongs_to_twilio(&channel, "https://api.twilio.com/x"));
    assert!(!belongs_to_twilio(&channel, "http://api.twilio.com/x"));
    assert!(!belongs_to_twilio(&channel, "https://twilio.com.evil.example/x"));
}

async fn send(answer: Answer) -> (Result<Sent, SendError>, FakeApi) {
    let fake = FakeApi::start(vec![answer]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let mut message = example_message("Habari");
    message.callback_url = Some("https://hooks.example.com/twilio/status".into());
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    (adapter.send(&ctx, &message, &part).await, fake)
}

#[tokio::test]
async fn a_message_is_sent_with_a_callback_that_names_it() {
    let (sent, fake) = send(Answer::json(201, r#"{"sid":"SM7","status":"queued","num_segments":"1"}"#)).await;
    let sent = sent.unwrap();
    assert_eq!((sent.provider_message_id.as_str(), sent.segments), ("SM7", 1));
    let request = fake.requests().remove(0);
    assert!(
        request
            .line
            .starts_with("POST /2010-04-01/Accounts/ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/Messages.json ")
    );
    let fields: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect();
    assert_eq!(fields["To"], "+254700000001");
    assert_eq!(fields["From"], "+15005550006");
    assert!(fields["StatusCallback"].starts_with("https://hooks.example.com/twilio/status?mid="));
    // the key pair, not the token
    assert!(
        request.headers.contains(
            &format!("basic {}", base64_of("SK00000000000000000000000000001234:example-api-secret-0001"))
                .to_lowercase()
        )
    );
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test]
async fn every_error_has_a_class() {
    use RejectReason::*;
    let throttled = |scope| SendErrorClass::Throttled { after: None, scope };
    let error =
        |status: u16, code: i64| Answer::json(status, &json!({"code": code, "message": "m"}).to_string());
    for (answer, class) in [
        (error(400, 21610), SendErrorClass::Rejected(OptOut)),
        (error(400, 21211), SendErrorClass::Rejected(Recipient)),
        (error(400, 21617), SendErrorClass::Rejected(Content)),
        (error(400, 21408), SendErrorClass::Rejected(Policy)),
        (error(400, 21606), SendErrorClass::Settings(SettingsProblem::Config)),
        (error(401, 20003), SendErrorClass::Settings(SettingsProblem::Auth)),
        (error(429, 20429), throttled(ThrottleScope::Account)),
        (error(400, 21611), throttled(ThrottleScope::Channel)),
        (error(500, 20500), SendErrorClass::Unavailable),
        (error(400, 99999), SendErrorClass::Rejected(Content)),
        (Answer::json(503, ""), SendErrorClass::Unavailable),
        (Answer::json(502, "<html>"), SendErrorClass::Unknown),
        (Answer::json(201, "{}"), SendErrorClass::Unknown),
        (Answer::Cut, SendErrorClass::Unknown),
    ] {
        let (sent, fake) = send(answer).await;
        let error = sent.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up() {
    let now = model::SystemClock.now();
    let made = now.to_rfc2822();
    let listed = |messages: Value| Answer::json(200, &json!({"messages": messages}).to_string());
    let ours = json!({"sid": "SM7", "body": "Habari", "status": "sent", "direction": "outbound-api", "date_created": made});
    let long_ago = now - chrono::Duration::minutes(5);
    for (messages, attempted_at, result) in [
        (
            json!([ours]),
            now,
            Lookup::Found { provider_message_id: "SM7".into(), status: ReceiptStatus::Sent },
        ),
        (json!([ours, ours]), now, Lookup::CannotTell),
        (json!([]), now, Lookup::CannotTell),
        (json!([]), long_ago, Lookup::NotTaken),
    ] {
        let fake = FakeApi::start(vec![listed(messages)]).await;
        let adapter = adapter();
        let mut channel = example_channel(&*adapter);
        channel.settings = json!({"api_base": fake.base()});
        let ctx = local_context(&*adapter, channel);
        let message = example_message("Habari");
        let part = adapter.parts(&ctx.channel, &message).remove(0);
        assert_eq!(adapter.look_up(&ctx, &message, &part, attempted_at).await.unwrap(), result);
    }
}

#[tokio::test]
async fn a_suspended_account_is_not_accepted() {
    let fake = FakeApi::start(vec![
        Answer::json(200, r#"{"friendly_name":"Acme","status":"active","type":"Full"}"#),
        Answer::json(200, r#"{"friendly_name":"Acme","status":"suspended"}"#),
    ])
    .await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    assert_eq!(adapter.verify_credentials(&ctx).await.unwrap().display, "Acme");
    let error = adapter.verify_credentials(&ctx).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Funds));
}

#[test]
fn choices_and_plain_characters() {
    let (twilio, mut channel) = (Twilio::new(), example_channel(&Twilio::new()));
    channel.settings = json!({"transliterate": true});
    let mut message = example_message("“Which one?”");
    message.metadata = json!({"choices": ["Red", "Blue"]});
    let parts = twilio.parts(&channel, &message);
    assert_eq!((parts.len(), parts[0].text.as_str()), (1, "\"Which one?\"\n1. Red\n2. Blue"));
}

#[test]
fn a_shared_webhook_key_with_sha_256() {
    let mut channel = example_channel(&Twilio::new());
    channel.credentials = crate::Secrets::new(json!({
        "auth_token": "another-token-0123456789", "webhook_shared_key": "tok_example_0123456789abcdef",
    }));
    let mut request = inbound();
    let signature = HeaderValue::from_static("6XhCy/n+wxT4+2QrT8ryTTU5B6wJicjlvhzQbPkJPp0=");
    request.headers.insert("x-twilio-signature", signature);
    // without the header that names the hash it may be an older request, or one made to look so
    assert_eq!(Twilio::new().verify(&channel, &request), Err(VerifyError::Missing));
    let settings = HeaderValue::from_static("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256");
    request.headers.insert("x-twilio-webhooks-signature-settings", settings);
    assert_eq!(Twilio::new().verify(&channel, &request), Ok(()));
    request.body = "Body=other".into();
    assert_eq!(Twilio::new().verify(&channel, &request), Err(VerifyError::Mismatch));
}
