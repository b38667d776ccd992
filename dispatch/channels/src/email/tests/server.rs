//! What a mail server hears from us, and what we make of its answers.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};
use uuid::Uuid;

use super::*;
use crate::{
    Answered, OutboundAttachment, RejectReason, SendError, SendErrorClass, Sent, SettingsProblem,
    ThrottleScope,
};

/// A server that answers from a list: `(what the line begins with, answer)`; an answer of "" cuts the connection.
async fn server(answers: Vec<(&'static str, &'static str)>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut heard = Vec::new();
        let answer_to =
            |line: &str| answers.iter().find(|(start, _)| line.starts_with(start)).map(|(_, answer)| *answer);
        write.write_all(answer_to("greeting").unwrap_or("220 mx.test").as_bytes()).await.unwrap();
        write.write_all(b"\r\n").await.unwrap();
        let mut in_mail = false;
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push(line.clone());
            if in_mail && line != "." {
                continue;
            }
            let usual = match line.split(' ').next().unwrap_or_default() {
                "EHLO" => "250-mx.test\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN",
                "AUTH" => "235 2.7.0 welcome",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 2.0.0 ok",
            };
            in_mail = line == "DATA";
            let answer = answer_to(&line).unwrap_or(usual);
            if answer.is_empty() {
                break;
            }
            if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                break;
            }
        }
        heard
    });
    (port, heard)
}

fn to(port: u16) -> ChannelConfig {
    let mut channel = channel(&*mailbox(), json!({"smtp_security": "none"}));
    let mut credentials = channel.credentials.expose().clone();
    credentials["smtp_host"] = "127.0.0.1".into();
    credentials["smtp_port"] = port.into();
    channel.credentials = crate::Secrets::new(credentials);
    channel
}

async fn send(port: u16, message: &OutboundMessage) -> Result<Sent, SendError> {
    let adapter = mailbox();
    let ctx = local_context(&*adapter, to(port)).within(Duration::from_secs(5));
    let part = adapter.parts(&ctx.channel, message).remove(0);
    adapter.send(&ctx, message, &part).await
}

fn to_ada(text: &str) -> OutboundMessage {
    OutboundMessage { to: "ada@y.test".into(), ..example_message(text) }
}

#[tokio::test]
async fn one_mail_for_one_recipient() {
    let (port, heard) = server(vec![]).await;
    let sent = send(port, &to_ada("Hello\n.dots\n..stay")).await.unwrap();
    let heard = heard.await.unwrap();
    assert_eq!(heard[0], "EHLO example.com");
    assert!(heard[1].starts_with("AUTH PLAIN "));
    assert!(heard[2].starts_with("MAIL FROM:<support@example.com> SIZE="));
    assert_eq!(heard[3], "RCPT TO:<ada@y.test>");
    let mail = heard[5..].join("\r\n");
    assert!(mail.contains(&format!("Message-ID: <{}>", sent.provider_message_id)), "{mail}");
    assert!(
        mail.contains("\r\n..dots") && mail.contains("From: \"Example Support\" <support@example.com>"),
        "{mail}"
    );
    let exchange = sent.exchange.unwrap();
    assert_eq!((exchange.status, exchange.method.as_str()), (Some(250), "SMTP"));
    assert!(!format!("{exchange:?}").contains("example-password"));
}

#[tokio::test]
async fn refusals_are_classified_by_how_far_the_mail_was() {
    use SendErrorClass::*;
    let table = [
        (("RCPT", "550 5.1.1 No such user"), Rejected(RejectReason::Recipient)),
        (
            ("RCPT", "451 4.7.1 Greylisted"),
            Throttled { after: Some(Duration::from_secs(120)), scope: ThrottleScope::Recipient },
        ),
        (("AUTH", "535 5.7.8 No"), Settings(SettingsProblem::Auth)),
        (("MAIL", "550 5.7.1 Not your address"), Settings(SettingsProblem::Config)),
        (("MAIL", "421 4.3.2 Closing"), Unavailable),
        (("DATA", "554 5.7.1 Spam"), Rejected(RejectReason::Policy)),
        ((".", "552 5.3.4 Too big"), Rejected(RejectReason::Content)),
        (("greeting", "554 No"), Settings(SettingsProblem::Config)),
        (("greeting", "SSH-2.0-x"), Settings(SettingsProblem::Config)),
        (("EHLO", "250 mx.test"), Settings(SettingsProblem::Config)),
        // cut before the end of the mail: it is not taken; after it: who knows
        (("MAIL", ""), Unavailable),
        (("DATA", ""), Unavailable),
        ((".", ""), Unknown),
    ];
    for (answer, class) in table {
        let (port, _) = server(vec![answer]).await;
        let error = send(port, &to_ada("Hello")).await.unwrap_err();
        assert_eq!(error.class, class, "{answer:?}: {error}");
        assert!(error.exchange.is_some(), "{answer:?}");
    }
    let error = send(1, &to_ada("Hello")).await.unwrap_err();
    assert_eq!(error.class, Unavailable);
    let bad = OutboundMessage { to: "not an address".into(), ..example_message("x") };
    assert_eq!(send(1, &bad).await.unwrap_err().class, Rejected(RejectReason::Recipient));
}

#[tokio::test]
async fn a_server_that_says_nothing_after_the_mail_leaves_it_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 64 << 10];
        stream.write_all(b"220 x\r\n").await.unwrap();
        for answer in [
            "250-x\r\n250 AUTH LOGIN\r\n",
            "334 VXNlcg==\r\n",
            "334 UGFzcw==\r\n",
            "235 ok\r\n",
            "250 ok\r\n",
            "250 ok\r\n",
            "354 go\r\n",
        ] {
            let _ = stream.read(&mut buffer).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    let adapter = mailbox();
    let ctx = local_context(&*adapter, to(port)).within(Duration::from_millis(1500));
    let message = to_ada("Hello");
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    let error = adapter.send(&ctx, &message, &part).await.unwrap_err();
    assert_eq!((error.class, error.code.as_str()), (SendErrorClass::Unknown, "timeout"));
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_not_begun() {
    let (port, heard) = server(vec![("EHLO", "250-mx\r\n250-SIZE 100\r\n250 AUTH PLAIN")]).await;
    let error = send(port, &to_ada("Hello")).await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_str()),
        (SendErrorClass::Rejected(RejectReason::Content), "too_large")
    );
    assert!(!heard.await.unwrap().iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn starttls_is_never_left_out() {
    let (port, heard) = server(vec![]).await;
    let adapter = mailbox();
    let channel = ChannelConfig { settings: json!({"smtp_security": "starttls"}), ..to(port) };
    let ctx = local_context(&*adapter, channel).within(Duration::from_secs(5));
    let message = to_ada("Hello");
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    let error = adapter.send(&ctx, &message, &part).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Config));
    assert_eq!(heard.await.unwrap(), ["EHLO example.com"], "the password went over the line");
}

/// The mail that a message becomes.
fn mail(settings: Value, message: &OutboundMessage) -> compose::Mail {
    let adapter = mailbox();
    let channel = channel(&*adapter, settings);
    let part = adapter.parts(&channel, message).remove(0);
    compose::Mail::of(&channel, message, &part, model::Clock::now(&model::SystemClock)).unwrap()
}

fn parsed(mail: &compose::Mail) -> String {
    String::from_utf8(mime::write(mail)).unwrap()
}

#[test]
fn an_answer_continues_the_thread() {
    let mut message = to_ada("Sure");
    message.answers = Some(Answered {
        external_id: "m2@y.test".into(),
        metadata: json!({"email": {"message_id": "m2@y.test", "subject": "Where is it?", "references": ["m1@y.test", "bad id"]}}),
    });
    let first = mail(json!({}), &message);
    assert_eq!(first.subject, "Re: Where is it?");
    assert_eq!(
        (first.in_reply_to.as_deref(), &first.references[..]),
        (Some("m2@y.test"), &["m1@y.test".to_owned(), "m2@y.test".to_owned()][..])
    );
    assert!(parsed(&first).contains("In-Reply-To: <m2@y.test>"));
    // an older mail was answered on purpose
    message.reply_to = Some("m1@y.test".into());
    assert_eq!(mail(json!({}), &message).in_reply_to.as_deref(), Some("m1@y.test"));
    message.answers.as_mut().unwrap().metadata["email"]["subject"] = "RE: x\r\nBcc: eve@z.test".into();
    let subject = mail(json!({}), &message);
    assert!(!parsed(&subject).contains("\nBcc:"), "a header was smuggled in");
    assert!(mail(json!({"default_subject": "Hello"}), &to_ada("x")).subject == "Hello");
}

#[test]
fn machines_say_so_and_lists_can_be_left() {
    let mut message = to_ada("x");
    assert!(!parsed(&mail(json!({}), &message)).contains("Auto-Submitted"));
    message.by_person = false;
    assert!(parsed(&mail(json!({}), &message)).contains("Auto-Submitted: auto-replied"));
    message.is_bulk = true;
    message.callback_url = Some("https://hub.example/v1/webhooks/email/1".into());
    let bulk = mail(json!({}), &message);
    let header =
        |name: &str| bulk.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    let link = header("List-Unsubscribe").unwrap();
    assert!(
        link.starts_with("<https://hub.example/v1/webhooks/email/1?unsubscribe=")
            && link.contains("<mailto:support@example.com")
    );
    let url = link.trim_start_matches('<').split('>').next().unwrap();
    let asked = WebhookRequest { url: url.to_owned(), ..WebhookRequest::from_body(Bytes::new()) };
    assert_eq!(mailbox().verify(&channel(&*mailbox(), json!({})), &asked), Ok(()));
}

#[test]
fn files_pictures_and_links() {
    let file = |name: &str, mime: &str, bytes: Vec<u8>| {
        let mut attachment = model::Attachment::new(AttachmentKind::Document);
        attachment.filename = Some(name.into());
        attachment.mime_type = Some(mime.into());
        attachment.url = Some(format!("https://hub.example/files/{name}"));
        OutboundAttachment { attachment, bytes: Some(bytes.into()) }
    };
    let mut message = to_ada("See below");
    message.metadata =
        json!({"html_body": "<p style=\"color:red\">See <img src=\"cid:logo.png\"></p><script>1</script>"});
    message.attachments = vec![
        file("logo.png", "image/png", vec![1, 2, 3]),
        file("Rechnung März.pdf", "application/pdf", vec![4; 100]),
        file("huge.bin", "application/octet-stream", vec![0; FILES_MAX]),
    ];
    let made = mail(json!({}), &message);
    assert_eq!(made.files.len(), 2);
    assert_eq!(made.files[0].content_id.as_deref(), Some("logo.png"));
    assert!(made.text.contains("https://hub.example/files/huge.bin") && !made.html.contains("script"));
    let raw = parsed(&made);
    for wanted in [
        "multipart/mixed",
        "multipart/alternative",
        "multipart/related",
        "Content-ID: <logo.png>",
        "filename*=utf-8''Rechnung%20M%C3%A4rz.pdf",
    ] {
        assert!(raw.contains(wanted), "no {wanted} in {raw}");
    }
    assert!(raw.lines().all(|line| line.len() < 998) && raw.is_ascii());
    let read = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
    assert_eq!(read.attachment_count(), 2);
}

#[test]
fn the_address_for_answers() {
    let message = to_ada("x");
    assert_eq!(mail(json!({}), &message).reply_to, None);
    let address = mail(json!({"plus_addressing": true}), &message).reply_to.unwrap();
    assert_eq!(token::answered(SECRET, &address), Some((message.message_id.uuid(), 0)));
    let id = Uuid::from_u128(1);
    assert_ne!(
        token::message_id(Some("a"), id, 0, "x@y", "z"),
        token::message_id(Some("b"), id, 0, "x@y", "z")
    );
}
