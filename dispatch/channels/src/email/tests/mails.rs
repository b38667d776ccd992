//! Mails of every kind, as they come.

use uuid::Uuid;

use super::*;
use crate::{InboundMessage, Incoming, Receipt, ReceiptStatus};

fn read(raw: &str) -> Vec<Incoming> {
    read_in(&channel(&*mailbox(), json!({})), raw)
}

fn read_in(channel: &ChannelConfig, raw: &str) -> Vec<Incoming> {
    read::mail(channel, raw.replace('\n', "\r\n").as_bytes(), &[])
}

fn message(told: Vec<Incoming>) -> InboundMessage {
    match <[Incoming; 1]>::try_from(told) {
        Ok([Incoming::Message(message)]) => message,
        other => panic!("no message: {other:?}"),
    }
}

const PLAIN: &str = "From: Ada Lovelace <Ada@Y.test>\nTo: support@example.com\nSubject: =?utf-8?Q?Where_is_it=3F_=E2=98=BA?=\nMessage-ID: <m1@y.test>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nCaf=E9, please.\n";

#[test]
fn a_plain_mail() {
    let told = message(read(PLAIN));
    assert_eq!((told.sender.as_str(), told.display_name.as_deref()), ("ada@y.test", Some("Ada Lovelace")));
    assert_eq!(
        (told.text.as_str(), told.external_id.as_str(), told.thread_key.as_str()),
        ("Café, please.", "m1@y.test", "m1@y.test")
    );
    let facts = &told.metadata["email"];
    assert_eq!(
        (facts["subject"].as_str(), facts["message_id"].as_str()),
        (Some("Where is it? ☺"), Some("m1@y.test"))
    );
    assert!(facts["automatic"].is_null() && facts["html"].is_null() && facts["full_text"].is_null());
    assert_eq!(told.at.unwrap().timestamp(), 1_793_613_600);
    assert!(told.references.is_empty() && told.attachments.is_empty());
}

#[test]
fn an_answer_names_its_thread_and_leaves_the_quotation_out() {
    let raw = PLAIN.replace(
        "Date:",
        "In-Reply-To: <o1@example.com>\nReferences: <root@y.test> <x@y.test>\n <o1@example.com>\nDate:",
    );
    let raw = format!(
        "{raw}\nOn Mon, Nov 2, 2026 at 9:00 AM Support <support@example.com> wrote:\n> What would you like?\n"
    );
    let told = message(read(&raw));
    assert_eq!(told.text, "Café, please.");
    assert!(told.metadata["email"]["full_text"].as_str().unwrap().contains("> What would you like?"));
    assert_eq!(told.references, ["o1@example.com", "x@y.test", "root@y.test"]);
    assert_eq!(
        (told.thread_key.as_str(), told.reply_to_external_id.as_deref()),
        ("root@y.test", Some("o1@example.com"))
    );
    let whole = message(read_in(&channel(&*mailbox(), json!({"strip_quotes": false})), &raw));
    assert!(whole.text.contains("> What would you like?"));
}

#[test]
fn the_address_of_an_answer_names_the_mail_it_answers() {
    let id = Uuid::from_u128(42);
    let address = token::reply_address(SECRET, id, 0, "support@example.com").unwrap();
    let told = message(read(&PLAIN.replace("support@example.com", &address)));
    assert_eq!(told.references, [format!("message:{id}")]);
    let delivered = PLAIN.replace("Subject:", &format!("Delivered-To: {}\nSubject:", address.to_uppercase()));
    assert_eq!(message(read(&delivered)).references, [format!("message:{id}")]);
    let forged = token::reply_address("another secret", id, 0, "support@example.com").unwrap();
    assert!(message(read(&PLAIN.replace("support@example.com", &forged))).references.is_empty());
}

const RICH: &str = "From: ada@y.test\nTo: support@example.com\nSubject: Pictures\nMessage-ID: <m2@y.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: multipart/related; boundary=B\n\n--B\nContent-Type: text/html; charset=utf-8\n\n<p>See <b>this</b><script>alert(1)</script> <img src=\"cid:logo\"><img src=\"https://track.example/x\"></p>\n--B\nContent-Type: image/png\nContent-ID: <logo>\nContent-Transfer-Encoding: base64\n\niVBORw==\n--B--\n--A\nContent-Type: application/pdf; name=\"..\\..\\Rechnung.pdf\"\nContent-Disposition: attachment; filename=\"../../Rechnung.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--A\nContent-Type: message/rfc822\n\nSubject: inner\nMessage-ID: <inner@y.test>\n\ninside\n--A--\n";

#[test]
fn html_is_cleaned_and_files_lie_in_the_mail() {
    let told = message(read(RICH));
    assert!(told.text.starts_with("See this"), "{:?}", told.text);
    let html = told.metadata["email"]["html"].as_str().unwrap();
    assert!(html.contains("<b>this</b>") && html.contains("cid:logo"));
    assert!(!html.contains("script") && !html.contains("track.example"), "{html}");
    let files: Vec<_> = told
        .attachments
        .iter()
        .map(|file| (file.filename.clone().unwrap(), file.mime_type.clone().unwrap()))
        .collect();
    assert_eq!(
        files,
        [
            ("file-1.png".to_owned(), "image/png".to_owned()),
            ("Rechnung.pdf".to_owned(), "application/pdf".to_owned()),
            ("file-3.eml".to_owned(), "message/rfc822".to_owned()),
        ]
    );
    let raw = RICH.replace('\n', "\r\n");
    let fetched = |n: usize| {
        mailbox()
            .file_inside(
                &channel(&*mailbox(), json!({})),
                &WebhookRequest::from_body(raw.clone().into()),
                told.attachments[n].provider_file.as_deref().unwrap(),
            )
            .unwrap()
    };
    assert_eq!((&fetched(0).bytes[..], &fetched(1).bytes[..]), (&b"\x89PNG"[..], &b"%PDF"[..]));
    assert!(String::from_utf8_lossy(&fetched(2).bytes).contains("inside"));
    assert!(read::file(raw.as_bytes(), "part:3").is_none() && read::file(raw.as_bytes(), "x").is_none());
}

#[test]
fn what_is_too_long_to_show_goes_along_as_a_file() {
    let long = format!("{PLAIN}{}", "word \n".repeat(20_000));
    let told = message(read(&long));
    assert!(told.text.len() < 70_000 && told.text.ends_with('…'));
    let last = told.attachments.last().unwrap();
    assert_eq!(
        (last.filename.as_deref(), last.provider_file.as_deref()),
        (Some("original.eml"), Some("original"))
    );
    assert_eq!(read::file(long.as_bytes(), "original").unwrap().bytes, long.as_bytes());
}

#[test]
fn machines_are_recognised() {
    for (header, why) in [
        ("Auto-Submitted: auto-replied", "auto_submitted"),
        ("Precedence: bulk", "precedence"),
        ("X-Autoreply: yes", "auto_reply"),
        ("List-Id: <news.y.test>", "list"),
        ("Return-Path: <>", "report"),
    ] {
        let told = message(read(&PLAIN.replace("Subject:", &format!("{header}\nSubject:"))));
        assert_eq!(told.metadata["email"]["automatic"], why, "{header}");
    }
    let from =
        |who: &str| message(read(&PLAIN.replace("Ada@Y.test", who))).metadata["email"]["automatic"].clone();
    assert_eq!(from("no-reply@y.test"), "no_reply");
    assert_eq!(from("norbert@y.test"), Value::Null);
    let no = PLAIN.replace("Subject:", "Auto-Submitted: no\nSubject:");
    assert!(message(read(&no)).metadata["email"]["automatic"].is_null());
    let away = PLAIN.replace("=?utf-8?Q?Where_is_it=3F_=E2=98=BA?=", "Automatic reply: Where is it?");
    assert_eq!(message(read(&away)).metadata["email"]["automatic"], "subject");
}

#[test]
fn our_own_mails_are_not_customers() {
    let own = PLAIN.replace("Ada@Y.test", "Support@example.com");
    assert!(matches!(&read(&own)[..], [Incoming::Ignored { .. }]));
    // a form on a web site writes as us, for somebody else
    let form = own.replace("Subject:", "Reply-To: Eve <eve@z.test>\nSubject:");
    assert_eq!(message(read(&form)).sender, "eve@z.test");
    // nobody else may name another domain's address
    let other = PLAIN.replace("Subject:", "Reply-To: eve@z.test\nSubject:");
    assert_eq!(message(read(&other)).sender, "ada@y.test");
    let config = channel(&*mailbox(), json!({}));
    let looped = PLAIN.replace("Subject:", &format!("X-Turumba-Channel: {}\nSubject:", config.channel_id));
    assert!(matches!(&read_in(&config, &looped)[..], [Incoming::Ignored { .. }]));
}

#[test]
fn leaving_by_mail() {
    let token = token::unsubscribe(SECRET, "ada@y.test");
    let asks = PLAIN.replace("=?utf-8?Q?Where_is_it=3F_=E2=98=BA?=", &format!("unsubscribe {token}"));
    assert!(matches!(&read(&asks)[..], [Incoming::OptedOut { sender, .. }] if sender == "ada@y.test"));
    let another = asks.replace("Ada@Y.test", "eve@z.test");
    assert!(matches!(&read(&another)[..], [Incoming::Message(_)]), "another one's token");
}

fn report(id: &str, action: &str, status: &str) -> String {
    format!(
        "From: Mail Delivery System <MAILER-DAEMON@mx.shop.example>\nTo: support@example.com\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMessage-ID: <dsn1@mx.shop.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B1\"\n\n--B1\nContent-Type: text/plain; charset=us-ascii\n\nYour message could not be delivered.\n\n--B1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.shop.example\nArrival-Date: Mon, 2 Nov 2026 10:00:00 +0000\n\nFinal-Recipient: rfc822; nobody@y.test\nOriginal-Recipient: rfc822;nobody@y.test\nAction: {action}\nStatus: {status}\nRemote-MTA: dns; mx.y.test\nDiagnostic-Code: smtp; 550 {status} No such\n user\n\n--B1\nContent-Type: message/rfc822\n\nFrom: Support <support@example.com>\nTo: nobody@y.test\nSubject: hi\nMessage-ID: <{id}>\n\nhi\n\n--B1--\n"
    )
}

#[test]
fn bounces_are_receipts_and_silence_the_address() {
    let id = token::message_id(Some(SECRET), Uuid::from_u128(1), 0, "nobody@y.test", "example.com");
    let told = read(&report(&id, "failed", "5.1.1"));
    let Incoming::Receipt(Receipt { provider_message_id, status, error_code, error_message, .. }) = &told[0]
    else {
        panic!("{told:?}")
    };
    assert_eq!(
        (provider_message_id, *status, error_code.as_deref()),
        (&id, ReceiptStatus::Failed, Some("5.1.1"))
    );
    assert_eq!(error_message.as_deref(), Some("550 5.1.1 No such user"));
    assert!(
        matches!(&told[1], Incoming::Undeliverable { sender, note: Some(_), .. } if sender == "nobody@y.test")
    );
    // a full mailbox may be emptied
    assert_eq!(read(&report(&id, "failed", "5.2.2")).len(), 1);
    assert!(matches!(&read(&report(&id, "delayed", "4.4.1"))[..], [Incoming::Ignored { .. }]));
    assert!(
        matches!(&read(&report(&id, "delivered", "2.0.0"))[..], [Incoming::Receipt(one)] if one.status == ReceiptStatus::Delivered)
    );
    // only headers came back
    let headers = report(&id, "failed", "5.1.1").replace("message/rfc822", "text/rfc822-headers");
    assert_eq!(read(&headers).len(), 2);
}

#[test]
fn nobody_silences_another_ones_address() {
    let of_another = token::message_id(Some(SECRET), Uuid::from_u128(1), 0, "eve@z.test", "example.com");
    for id in [
        of_another.as_str(),
        "m1.t1@shop.example",
        "00000000000000000000000000000001.0.aaaaaaaaaaaaaaaa@example.com",
    ] {
        assert!(matches!(&read(&report(id, "failed", "5.1.1"))[..], [Incoming::Ignored { .. }]), "{id}");
    }
}

#[test]
fn complaints() {
    let id = token::message_id(Some(SECRET), Uuid::from_u128(1), 0, "ada@y.test", "example.com");
    let raw = format!(
        "From: fbl@y.test\nTo: support@example.com\nMessage-ID: <c1@y.test>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\nContent-Type: text/plain\n\nabuse\n--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <ada@y.test>\n\n--B\nContent-Type: message/rfc822\n\nTo: ada@y.test\nMessage-ID: <{id}>\n\nhi\n--B--\n"
    );
    assert!(matches!(&read(&raw)[..], [Incoming::Complained { sender, .. }] if sender == "ada@y.test"));
    assert!(matches!(
        &read(&raw.replace("Original-Rcpt-To: <ada@y.test>\n", ""))[..],
        [Incoming::Complained { .. }]
    ));
    assert!(matches!(&read(&raw.replace("ada@y.test", "eve@y.test"))[..], [Incoming::Ignored { .. }]));
}

#[test]
fn mails_without_anything_are_mails_too() {
    let bare = message(read("From: ada@y.test\n\nhi\n"));
    assert!(bare.external_id.starts_with("sha256:") && bare.thread_key == bare.external_id);
    assert!(matches!(&read("To: x@y.test\n\nnobody\n")[..], [Incoming::Ignored { .. }]));
    assert!(matches!(&read("")[..], [Incoming::Ignored { .. }]));
    let long = message(read(&PLAIN.replace("m1@y.test", &format!("{}@y.test", "m".repeat(900)))));
    assert!(
        long.external_id.starts_with("sha256:")
            && long.metadata["email"]["message_id"].as_str().unwrap().len() > 900
    );
}
