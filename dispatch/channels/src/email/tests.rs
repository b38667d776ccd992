//! Tests of what the e-mail adapters share, and of each one's own traffic.

mod apis;
mod imap;
mod mails;
mod oauth;
mod server;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::HeaderValue;
use model::ChannelId;
use serde_json::{Value, json};

use super::*;
use crate::{
    Adapter, WebhookRequest,
    conformance::{Sample, example_channel, example_message, local_context},
};

const SECRET: &str = "mailbox-webhook-token-0001";

/// A channel of the adapter with its example credentials, and these settings.
fn channel(adapter: &dyn Adapter, settings: Value) -> ChannelConfig {
    ChannelConfig { settings, channel_id: ChannelId::new(), ..example_channel(adapter) }
}

fn request(adapter: &dyn Adapter, kind: &str, body: impl Into<Bytes>) -> WebhookRequest {
    let token = example_channel(adapter).credentials.get("webhook_token").unwrap().to_owned();
    let mut request = WebhookRequest::from_body(body.into());
    request.url = format!("https://hub.example/v1/webhooks/email/1?token={token}");
    request.headers.insert("content-type", HeaderValue::from_str(kind).unwrap());
    request
}

fn mailbox() -> Arc<dyn Adapter> {
    Arc::new(Mailbox::new())
}

fn unsubscribe_link(secret: &str) -> WebhookRequest {
    let token = token::unsubscribe(secret, "ada@y.test");
    WebhookRequest {
        url: format!("https://hub.example/v1/webhooks/email/1?unsubscribe={token}"),
        ..WebhookRequest::from_body(Bytes::from_static(b"List-Unsubscribe=One-Click"))
    }
}

fn mailbox_sample() -> Sample {
    let mut channel = channel(&*mailbox(), json!({}));
    // nobody listens there: what a server answers is another test's subject
    let mut credentials = channel.credentials.expose().clone();
    for server in ["smtp", "imap"] {
        credentials[format!("{server}_host")] = "127.0.0.1".into();
        credentials[format!("{server}_port")] = 1.into();
    }
    channel.credentials = crate::Secrets::new(credentials);
    Sample { channel, genuine: vec![unsubscribe_link(SECRET)] }
}
crate::conformance!(a_mailbox, mailbox(), mailbox_sample());

fn google() -> Arc<dyn Adapter> {
    Arc::new(Mailbox::google())
}

/// Nobody listens at any of these.
fn oauth_sample(adapter: &dyn Adapter) -> Sample {
    let mut channel = channel(adapter, json!({"token_url": "http://127.0.0.1:1/token"}));
    let mut credentials = channel.credentials.expose().clone();
    for server in ["smtp", "imap"] {
        credentials[format!("{server}_host")] = "127.0.0.1".into();
        credentials[format!("{server}_port")] = 1.into();
    }
    channel.credentials = crate::Secrets::new(credentials);
    Sample { channel, genuine: vec![unsubscribe_link(SECRET)] }
}
crate::conformance!(a_mailbox_at_google, google(), oauth_sample(&*google()));

fn microsoft() -> Arc<dyn Adapter> {
    Arc::new(Mailbox::microsoft())
}
crate::conformance!(a_mailbox_at_microsoft, microsoft(), oauth_sample(&*microsoft()));

fn sendgrid() -> Arc<dyn Adapter> {
    Arc::new(SendGrid::new())
}

const EVENTS: &str = "W3siZW1haWwiOiJva0B5LnRlc3QiLCJ0aW1lc3RhbXAiOjE3ODAwMDAwMDAsInNtdHAtaWQiOiI8bTEudDFAc2hvcC5leGFtcGxlPiIsImV2ZW50IjoiZGVsaXZlcmVkIiwic2dfZXZlbnRfaWQiOiJaR1ZzYVhabGNtVmtMVEF3TURFIiwic2dfbWVzc2FnZV9pZCI6ImFiYy5maWx0ZXIwMDAxLjEuMSIsInJlc3BvbnNlIjoiMjUwIDIuMC4wIE9LIn1dDQo=";
const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXvrS+ZtmuMd9OoCMUXC4+Ik1+XFGwMqG4bMbIl+ZCWTjAwhqmh5AQct2S1FWb2BJDROB+E1ert82LgcXYo9K3Q==";
const SIGNATURE: &str =
    "MEUCIQDdbDP94fpjMwhSaf+cPQ55UdY04s7o8mTcBtOcQcCBKAIgZlegtkCgm547f8qzMNY4SH2yPssuakp0rzfCe1IGLl0=";

/// Signed with a key of SendGrid's kind, by another library than ours.
fn signed_events() -> WebhookRequest {
    let mut request = WebhookRequest::from_body(STANDARD.decode(EVENTS).unwrap().into());
    request.headers.insert("x-twilio-email-event-webhook-signature", HeaderValue::from_static(SIGNATURE));
    request.headers.insert("x-twilio-email-event-webhook-timestamp", HeaderValue::from_static("1780000000"));
    request
}

fn sendgrid_sample() -> Sample {
    let mut channel = channel(&*sendgrid(), json!({}));
    let mut credentials = channel.credentials.expose().clone();
    credentials["webhook_signing_key"] = KEY.into();
    channel.credentials = crate::Secrets::new(credentials);
    let parse = request(&*sendgrid(), "multipart/form-data; boundary=x", apis::sendgrid_form());
    Sample { channel, genuine: vec![signed_events(), parse] }
}
crate::conformance!(through_sendgrid, sendgrid(), sendgrid_sample());
crate::over_http!(sendgrid_faults_keep_their_class, sendgrid(), sendgrid_sample());

fn mailgun() -> Arc<dyn Adapter> {
    Arc::new(Mailgun::new())
}

fn mailgun_sample() -> Sample {
    let events = request(&*mailgun(), "application/json", apis::mailgun_event("failed").to_string());
    let route = request(&*mailgun(), "application/x-www-form-urlencoded", apis::mailgun_form());
    Sample { channel: channel(&*mailgun(), json!({})), genuine: vec![events, route] }
}
crate::conformance!(through_mailgun, mailgun(), mailgun_sample());
crate::over_http!(mailgun_faults_keep_their_class, mailgun(), mailgun_sample());

fn postmark() -> Arc<dyn Adapter> {
    Arc::new(Postmark::new())
}

fn postmark_sample() -> Sample {
    let bounce = request(&*postmark(), "application/json", apis::postmark_event("HardBounce").to_string());
    let inbound = request(&*postmark(), "application/json", apis::postmark_mail().to_string());
    Sample { channel: channel(&*postmark(), json!({})), genuine: vec![bounce, inbound] }
}
crate::conformance!(through_postmark, postmark(), postmark_sample());
crate::over_http!(postmark_faults_keep_their_class, postmark(), postmark_sample());

#[test]
fn links_are_shown_a_page_and_only_posting_leaves() {
    let adapter = mailbox();
    let channel = channel(&*adapter, json!({}));
    let link = unsubscribe_link(SECRET);
    let page = adapter.challenge(&channel, &link).unwrap().unwrap();
    assert!(page.body.contains("ada@y.test") && page.body.contains("<form method=\"post\">"));
    assert!(adapter.challenge(&channel, &unsubscribe_link("another")).unwrap().is_err());
    assert_eq!(adapter.verify(&channel, &link), Ok(()));
    let left = adapter.parse(&channel, &link).unwrap();
    assert_eq!(left, [crate::Incoming::OptedOut { sender: "ada@y.test".into(), at: None }]);
    assert!(adapter.webhook_answer(&channel, &link).body.contains("unsubscribed"));
}
