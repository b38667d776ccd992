//! What SendGrid, Mailgun and Postmark send and hear.

use super::*;
use crate::{
    Incoming, RejectReason, SendError, SendErrorClass, Sent, SettingsProblem, ThrottleScope, VerifyError,
    testing::{Answer, FakeApi, Seen},
};

pub(super) fn sendgrid_form() -> Vec<u8> {
    let field = |name: &str, value: &[u8]| {
        [format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(), value, b"\r\n"]
            .concat()
    };
    let headers = "From: Ada <ada@y.test>\nTo: support@example.com\nSubject: Hi\nMessage-ID: <sg1@y.test>\nContent-Type: multipart/mixed; boundary=zzz\nReferences: <a@y.test>\n <b@y.test>";
    let mut form = Vec::new();
    form.extend(field("headers", headers.as_bytes()));
    form.extend(field("text", b"caf\xe9"));
    form.extend(field("html", "<p>café</p>".as_bytes()));
    form.extend(field("charsets", br#"{"text":"iso-8859-1","html":"utf-8"}"#));
    form.extend(field("envelope", br#"{"to":["support@example.com"],"from":"ada@y.test"}"#));
    form.extend(field("SPF", b"pass"));
    form.extend(field(
        "attachment-info",
        br#"{"attachment1":{"filename":"a.png","type":"image/png","content-id":"pic"}}"#,
    ));
    form.extend(b"--x\r\nContent-Disposition: form-data; name=\"attachment1\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n");
    form.extend(b"--x--\r\n");
    form
}

pub(super) fn mailgun_event(kind: &str) -> Value {
    json!({
        "signature": {
            "timestamp": "1780000000", "token": "0123456789abcdef0123456789abcdef0123456789abcdef01",
            "signature": "701707f9e0ad0a9029e816a73612f1106779d76bfb368df7b71904bfaf4ef27f",
        },
        "event-data": {
            "event": kind, "severity": "permanent", "reason": "bounce", "recipient": "Ada@Y.test", "id": "e1",
            "timestamp": 1_780_000_000.12, "message": {"headers": {"message-id": "m1.0@mg.example.com"}},
            "delivery-status": {"code": 550, "message": "5.1.1 No such user", "attempt-no": 1},
        },
    })
}

pub(super) fn mailgun_form() -> String {
    let headers = json!([
        ["From", "Ada <ada@y.test>"],
        ["To", "support@mg.example.com"],
        ["Subject", "Hi"],
        ["Message-Id", "<mg1@y.test>"]
    ]);
    url::form_urlencoded::Serializer::new(String::new())
        // a sender's own variables may have the names of the provider's fields
        .append_pair("token", "x")
        .append_pair("message-headers", &headers.to_string())
        .append_pair("body-plain", "Hello")
        .append_pair("recipient", "support@mg.example.com")
        .append_pair("timestamp", "1780000000")
        .append_pair("token", "0123456789abcdef0123456789abcdef0123456789abcdef01")
        .append_pair("signature", "701707f9e0ad0a9029e816a73612f1106779d76bfb368df7b71904bfaf4ef27f")
        .finish()
}

pub(super) fn postmark_event(kind: &str) -> Value {
    json!({
        "RecordType": "Bounce", "Type": kind, "ID": 42, "MessageID": "uuid-1", "Email": "Ada@y.test", "Inactive": true,
        "Description": "The address does not exist", "BouncedAt": "2026-11-02T10:00:00Z",
        "Metadata": {"turumba_id": "m1.0@example.com"},
    })
}

pub(super) fn postmark_mail() -> Value {
    json!({
        "FromName": "Ada", "From": "ada@y.test", "FromFull": {"Email": "ada@y.test", "Name": "Ada"},
        "To": "support@example.com", "OriginalRecipient": "support@example.com", "Subject": "Grüße ☺",
        "MessageID": "uuid-2", "Date": "Mon, 2 Nov 2026 10:00:00 +0000", "TextBody": "Hello",
        "HtmlBody": "<p>Hello</p>", "StrippedTextReply": "", "MailboxHash": "",
        "Headers": [{"Name": "Message-ID", "Value": "<pm1@y.test>"}, {"Name": "In-Reply-To", "Value": "<o1@example.com>"}],
        "Attachments": [{"Name": "a.txt", "Content": "aGk=", "ContentType": "text/plain", "ContentLength": 2, "ContentID": ""}],
    })
}

fn only_message(told: Vec<Incoming>) -> crate::InboundMessage {
    match <[Incoming; 1]>::try_from(told) {
        Ok([Incoming::Message(message)]) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn mails_that_were_taken_apart_are_read_like_others() {
    let sample = sendgrid_sample();
    let told = only_message(sendgrid().parse(&sample.channel, &sample.genuine[1]).unwrap());
    assert_eq!(
        (told.text.as_str(), told.external_id.as_str(), told.sender.as_str()),
        ("café", "sg1@y.test", "ada@y.test")
    );
    assert_eq!(told.references, ["b@y.test", "a@y.test"]);
    let file = told.attachments[0].provider_file.clone().unwrap();
    assert_eq!(
        &sendgrid().file_inside(&sample.channel, &sample.genuine[1], &file).unwrap().bytes[..],
        b"\x89PNG"
    );

    let sample = mailgun_sample();
    let told = only_message(mailgun().parse(&sample.channel, &sample.genuine[1]).unwrap());
    assert_eq!((told.text.as_str(), told.external_id.as_str()), ("Hello", "mg1@y.test"));

    let sample = postmark_sample();
    let told = only_message(postmark().parse(&sample.channel, &sample.genuine[1]).unwrap());
    assert_eq!((told.text.as_str(), told.external_id.as_str()), ("Hello", "pm1@y.test"));
    assert_eq!(
        (told.metadata["email"]["subject"].as_str(), &told.references[..]),
        (Some("Grüße ☺"), &["o1@example.com".to_owned()][..])
    );
    let file = told.attachments[0].provider_file.clone().unwrap();
    let media = postmark().file_inside(&sample.channel, &sample.genuine[1], &file).unwrap();
    assert_eq!((&media.bytes[..], media.filename.as_deref()), (&b"hi"[..], Some("a.txt")));
}

#[test]
fn whole_mails_are_taken_as_they_are() {
    let mail = "From: ada@y.test\r\nMessage-ID: <raw@y.test>\r\n\r\nraw\r\n";
    let form = format!("--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n{mail}\r\n--x--\r\n");
    let told = sendgrid()
        .parse(&sendgrid_sample().channel, &request(&*sendgrid(), "multipart/form-data; boundary=x", form));
    assert_eq!(only_message(told.unwrap()).external_id, "raw@y.test");
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("body-mime", mail).finish();
    let told = mailgun()
        .parse(&mailgun_sample().channel, &request(&*mailgun(), "application/x-www-form-urlencoded", form));
    assert_eq!(only_message(told.unwrap()).external_id, "raw@y.test");
    let told = postmark().parse(
        &postmark_sample().channel,
        &request(&*postmark(), "application/json", json!({"RawEmail": mail}).to_string()),
    );
    assert_eq!(only_message(told.unwrap()).external_id, "raw@y.test");
}

/// What an event tells, in short: `failed 550`, `undeliverable ada@y.test`.
fn short(told: &[Incoming]) -> Vec<String> {
    told.iter()
        .map(|one| match one {
            Incoming::Receipt(one) => {
                format!("{} {}", one.status.as_str(), one.error_code.clone().unwrap_or_default())
                    .trim()
                    .to_owned()
            }
            Incoming::Undeliverable { sender, .. } => format!("undeliverable {sender}"),
            Incoming::Complained { sender, .. } => format!("complained {sender}"),
            Incoming::OptedOut { sender, .. } => format!("out {sender}"),
            Incoming::OptedIn { sender, .. } => format!("in {sender}"),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn events_become_statuses_and_suppressions() {
    let sendgrid_told = |event: Value| {
        let mut event = event;
        event["email"] = "Ada@y.test".into();
        event["turumba_id"] = "m1.0@example.com".into();
        let body = Value::Array(vec![event]).to_string();
        short(
            &sendgrid()
                .parse(&sendgrid_sample().channel, &request(&*sendgrid(), "application/json", body))
                .unwrap(),
        )
    };
    assert_eq!(sendgrid_told(json!({"event": "delivered"})), ["delivered"]);
    assert_eq!(
        sendgrid_told(json!({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 No"})),
        ["failed 5.1.1", "undeliverable ada@y.test"]
    );
    assert_eq!(
        sendgrid_told(json!({"event": "bounce", "type": "blocked", "status": "5.7.1"})),
        ["failed 5.7.1"]
    );
    assert_eq!(sendgrid_told(json!({"event": "dropped", "reason": "Bounced Address"})), ["failed dropped"]);
    assert_eq!(sendgrid_told(json!({"event": "spamreport"})), ["complained ada@y.test"]);
    assert_eq!(sendgrid_told(json!({"event": "group_unsubscribe"})), ["out ada@y.test"]);
    assert!(sendgrid_told(json!({"event": "open"}))[0].starts_with("Ignored"));

    let mailgun_told = |event: Value| {
        short(
            &mailgun()
                .parse(
                    &mailgun_sample().channel,
                    &request(&*mailgun(), "application/json", event.to_string()),
                )
                .unwrap(),
        )
    };
    assert_eq!(mailgun_told(mailgun_event("failed")), ["failed 550", "undeliverable ada@y.test"]);
    let mut later = mailgun_event("failed");
    later["event-data"]["severity"] = "temporary".into();
    assert!(mailgun_told(later)[0].starts_with("Ignored"));
    assert_eq!(mailgun_told(mailgun_event("delivered")), ["delivered"]);
    assert_eq!(mailgun_told(mailgun_event("complained")), ["complained ada@y.test"]);
    assert_eq!(mailgun_told(mailgun_event("unsubscribed")), ["out ada@y.test"]);

    let postmark_told = |event: Value| {
        short(
            &postmark()
                .parse(
                    &postmark_sample().channel,
                    &request(&*postmark(), "application/json", event.to_string()),
                )
                .unwrap(),
        )
    };
    assert_eq!(
        postmark_told(postmark_event("HardBounce")),
        ["failed HardBounce", "undeliverable ada@y.test"]
    );
    assert_eq!(postmark_told(postmark_event("SoftBounce")), ["failed SoftBounce"]);
    assert!(postmark_told(postmark_event("Transient"))[0].starts_with("Ignored"));
    assert_eq!(
        postmark_told(json!({"RecordType": "SpamComplaint", "Email": "ada@y.test"})),
        ["complained ada@y.test"]
    );
    assert_eq!(
        postmark_told(json!({"RecordType": "Delivery", "Metadata": {"turumba_id": "x@y"}})),
        ["delivered"]
    );
    let change = |off: bool| json!({"RecordType": "SubscriptionChange", "Recipient": "ada@y.test", "SuppressSending": off, "SuppressionReason": off.then_some("ManualSuppression")});
    assert_eq!(
        (postmark_told(change(true)), postmark_told(change(false))),
        (vec!["out ada@y.test".to_owned()], vec!["in ada@y.test".to_owned()])
    );
}

#[test]
fn signatures_are_over_every_octet() {
    let sample = sendgrid_sample();
    assert_eq!(sendgrid().verify(&sample.channel, &signed_events()), Ok(()));
    let mut trimmed = signed_events();
    trimmed.body = trimmed.body.slice(..trimmed.body.len() - 2);
    assert_eq!(sendgrid().verify(&sample.channel, &trimmed), Err(VerifyError::Mismatch));
    // with a key, events are not believed for the address alone
    let unsigned = request(&*sendgrid(), "application/json", signed_events().body);
    assert_eq!(sendgrid().verify(&sample.channel, &unsigned), Err(VerifyError::Missing));
    // Mailgun's signature alone is not enough
    let sample = mailgun_sample();
    let without = WebhookRequest { url: "https://hub.example/x".into(), ..sample.genuine[0].clone() };
    assert_eq!(mailgun().verify(&sample.channel, &without), Err(VerifyError::Missing));
    let mut forged = mailgun_event("failed");
    forged["signature"]["timestamp"] = "1780000001".into();
    assert_eq!(
        mailgun().verify(&sample.channel, &request(&*mailgun(), "application/json", forged.to_string())),
        Err(VerifyError::Mismatch)
    );
}

async fn send(adapter: &Arc<dyn Adapter>, answer: Answer) -> (Result<Sent, SendError>, Vec<Seen>) {
    let api = FakeApi::start(vec![answer]).await;
    let ctx = local_context(&**adapter, channel(&**adapter, json!({"api_base": api.base()})));
    let message = OutboundMessage { to: "ada@y.test".into(), ..example_message("Hello") };
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    let sent = adapter.send(&ctx, &message, &part).await;
    (sent, api.requests())
}

#[tokio::test]
async fn each_interface_gets_our_message_id() {
    let (sent, seen) = send(&sendgrid(), Answer::json(202, "")).await;
    let id = sent.unwrap().provider_message_id;
    assert!(
        seen[0].line.starts_with("POST /v3/mail/send")
            && seen[0].headers.contains("authorization: bearer sg.example")
    );
    let body: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!(body["headers"]["Message-ID"], format!("<{id}>"));
    assert_eq!(
        (&body["personalizations"][0]["custom_args"]["turumba_id"], &body["content"][1]["type"]),
        (&json!(id), &json!("text/html"))
    );

    let (sent, seen) =
        send(&mailgun(), Answer::json(200, r#"{"id":"<x@y>","message":"Queued. Thank you."}"#)).await;
    let id = sent.unwrap().provider_message_id;
    assert!(seen[0].line.starts_with("POST /v3/mg.example.com/messages.mime"));
    assert!(
        seen[0].body.contains(&format!("Message-ID: <{id}>")) && seen[0].body.contains("name=\"message\"")
    );

    let (sent, seen) =
        send(&postmark(), Answer::json(200, r#"{"ErrorCode":0,"MessageID":"u","Message":"OK"}"#)).await;
    let id = sent.unwrap().provider_message_id;
    let body: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!((&body["Metadata"]["turumba_id"], &body["MessageStream"]), (&json!(id), &json!("outbound")));
    assert!(body["Headers"].to_string().contains("X-PM-KeepID"));
}

#[tokio::test]
async fn refusals_are_classified() {
    use SendErrorClass::*;
    let sendgrid_says =
        |message: &str, field: &str| json!({"errors": [{"message": message, "field": field}]}).to_string();
    let postmark_says = |code: i64| json!({"ErrorCode": code, "Message": "no"}).to_string();
    let table: Vec<(Arc<dyn Adapter>, Answer, SendErrorClass)> = vec![
        (sendgrid(), Answer::json(401, &sendgrid_says("no", "")), Settings(SettingsProblem::Auth)),
        (
            sendgrid(),
            Answer::json(400, &sendgrid_says("no", "personalizations.0.to.0.email")),
            Rejected(RejectReason::Recipient),
        ),
        (
            sendgrid(),
            Answer::json(400, &sendgrid_says("no", "from.email")),
            Settings(SettingsProblem::Config),
        ),
        (sendgrid(), Answer::json(413, &sendgrid_says("no", "")), Rejected(RejectReason::Content)),
        (
            sendgrid(),
            Answer::json(429, &sendgrid_says("slow", "")),
            Throttled { after: None, scope: ThrottleScope::Account },
        ),
        (sendgrid(), Answer::json(500, "oops"), Unknown),
        (sendgrid(), Answer::Cut, Unknown),
        (mailgun(), Answer::json(401, "Forbidden"), Settings(SettingsProblem::Auth)),
        (
            mailgun(),
            Answer::json(400, r#"{"message":"'to' parameter is not a valid address"}"#),
            Rejected(RejectReason::Recipient),
        ),
        (mailgun(), Answer::json(402, r#"{"message":"pay"}"#), Settings(SettingsProblem::Funds)),
        (
            mailgun(),
            Answer::json(404, r#"{"message":"Domain not found"}"#),
            Settings(SettingsProblem::Config),
        ),
        (mailgun(), Answer::Cut, Unknown),
        (postmark(), Answer::json(401, &postmark_says(10)), Settings(SettingsProblem::Auth)),
        (postmark(), Answer::json(422, &postmark_says(406)), Rejected(RejectReason::Recipient)),
        (postmark(), Answer::json(422, &postmark_says(400)), Settings(SettingsProblem::Config)),
        (postmark(), Answer::json(422, &postmark_says(411)), Rejected(RejectReason::Content)),
        (postmark(), Answer::json(422, &postmark_says(405)), Settings(SettingsProblem::Funds)),
        (postmark(), Answer::json(503, &postmark_says(100)), Unavailable),
        (postmark(), Answer::Cut, Unknown),
    ];
    for (adapter, answer, class) in table {
        let (outcome, seen) = send(&adapter, answer).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.class, class, "{}: {error}", adapter.profile().provider);
        assert_eq!(seen.len(), 1, "it was sent once");
    }
}
