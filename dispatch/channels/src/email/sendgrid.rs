//! E-mail through SendGrid (v3 mail send, Inbound Parse, event webhook).

use async_trait::async_trait;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    Time,
    profile::{Profile, Receipts, SessionNeed},
};
use outbound::{Request, Response};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{
    Own,
    compose::Mail,
    config::Identity,
    form::Form,
    normal, parts, profile, read,
    rebuild::{Piece, Pieces},
    unsubscribe,
};
use crate::{
    Adapter, ChannelConfig, Context, Health, Incoming, Media, OutboundMessage, ParseError, Part, Receipt,
    ReceiptStatus, Registered, RejectReason, SendError, SendErrorClass, Sent, SettingsProblem, ThrottleScope,
    Verified, VerifyError, WebhookAnswer, WebhookRequest, credentials,
    error::{not_understood, retry_after, without_body},
};

const PUBLIC: &str = "https://api.sendgrid.com";
const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
/// Under which name our id travels through SendGrid.
const OUR_ID: &str = "turumba_id";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// With the right "Mail Send"; Settings → API keys.
    #[schemars(length(min = 1, max = 512), extend("x-secret" = "key"))]
    api_key: String,
    /// An address of a verified sender or domain.
    #[schemars(length(min = 3, max = 254))]
    from_email: String,
    #[schemars(length(max = 200))]
    from_name: Option<String>,
    /// Where answers go, if elsewhere: an address whose mails come to Inbound Parse.
    #[schemars(length(max = 254))]
    reply_to_email: Option<String>,
    /// The verification key of the signed event webhook.
    #[schemars(length(max = 512), extend("x-secret" = true))]
    webhook_signing_key: Option<String>,
    /// Stands in the address that is entered for Inbound Parse and events; made by the hub.
    #[schemars(length(min = 16, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true))]
    webhook_token: Option<String>,
    /// Another host, for tests.
    #[schemars(url)]
    api_base: Option<String>,
    provider: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Settings {
    /// Another host, for the region or for tests.
    #[schemars(url, extend("x-rare" = true))]
    api_base: Option<String>,
    /// Let SendGrid count opens and clicks.
    tracking_enabled: Option<bool>,
    /// Every address before the @ comes to Inbound Parse: answers then find their conversation by address.
    #[schemars(extend("x-rare" = true))]
    plus_addressing: Option<bool>,
    /// The subject of conversations that begin here.
    #[schemars(length(max = 200))]
    default_subject: Option<String>,
    /// Show what a customer wrote without the mails that are quoted below it. The whole text is kept.
    #[schemars(extend("default" = true, "x-rare" = true))]
    strip_quotes: Option<bool>,
}

/// The adapter.
pub(crate) struct SendGrid {
    profile: Profile,
}

impl SendGrid {
    pub(crate) fn new() -> Self {
        Self {
            profile: profile(Own {
                provider: "sendgrid",
                display_name: "SendGrid",
                help: "The key is under Settings → API keys, the webhooks under Settings → Mail settings and Inbound Parse.",
                receipts: Receipts { delivered: true, read: false },
                session: SessionNeed::Never,
                settings_schema: credentials::schema_of::<Settings>(),
                credentials_schema: credentials::schema_of::<Credentials>(),
                example_credentials: json!({
                    "api_key": "SG.example-key-0001.example-secret", "from_email": "support@example.com",
                    "webhook_token": "sendgrid-webhook-token-0001",
                }),
            }),
        }
    }
}

#[async_trait]
impl Adapter for SendGrid {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What is signed is believed for its signature; Inbound Parse signs nothing on most plans, so there the address
    /// holds the secret. With a key, events are never believed without a signature.
    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        if unsubscribe::is_one(request) {
            return unsubscribe::verify(channel, request);
        }
        let Some(key) = channel.credentials.get("webhook_signing_key") else {
            return credentials::verify_token(channel, request);
        };
        match request.header(SIGNATURE) {
            Some(given) => verify_signature(key, request, given),
            None if is_events(request) => Err(VerifyError::Missing),
            None => credentials::verify_token(channel, request),
        }
    }

    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        if unsubscribe::is_one(request) {
            return Ok(unsubscribe::parse(channel, request));
        }
        if is_events(request) {
            let events: Vec<Value> =
                serde_json::from_slice(&request.body).map_err(|error| ParseError(error.to_string()))?;
            return Ok(events.iter().flat_map(event).collect());
        }
        let form = Form::read(request);
        let raw = raw(&form).ok_or_else(|| ParseError("the form holds no mail".to_owned()))?;
        Ok(read::mail(channel, &raw, &envelope(&form)))
    }

    fn challenge(
        &self,
        channel: &ChannelConfig,
        request: &WebhookRequest,
    ) -> Option<Result<WebhookAnswer, VerifyError>> {
        unsubscribe::page(channel, request)
    }

    fn webhook_answer(&self, _: &ChannelConfig, request: &WebhookRequest) -> WebhookAnswer {
        unsubscribe::answer(request)
    }

    fn parts(&self, _: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        parts(self.split(&message.text), message)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let mail = Mail::of(channel, message, part, ctx.clock.now())?;
        let body = body(channel, &mail);
        let request = Request::post(format!("{}/v3/mail/send", channel.api_base(PUBLIC)))
            .bearer(channel.required("api_key")?)
            .json(&body);
        let response = ctx.call(request).await?;
        if !response.status.is_success() {
            return Err(refused(&response));
        }
        let theirs = response.headers.get("x-message-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        // it accepts with an empty body
        if theirs.is_empty() && !response.body.is_empty() {
            return Err(not_understood(&response));
        }
        Ok(Sent {
            provider_message_id: mail.message_id,
            segments: 1,
            raw: json!({"x_message_id": theirs}),
            exchange: Some(response.exchange),
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let identity = Identity::of(&ctx.channel)?;
        let scopes = Request::get(format!("{}/v3/scopes", ctx.channel.api_base(PUBLIC)))
            .bearer(ctx.channel.required("api_key")?);
        let response = ctx.call(scopes).await?;
        if !response.status.is_success() {
            return Err(refused(&response));
        }
        let scopes = response.json().unwrap_or_default();
        let may_send = scopes["scopes"].as_array().is_none_or(|all| all.iter().any(|one| one == "mail.send"));
        if !may_send {
            let class = SendErrorClass::Settings(SettingsProblem::Auth);
            return Err(SendError::new(class, "mail.send", "the API key may not send mails")
                .with_exchange(response.exchange));
        }
        Ok(Verified { display: identity.from, settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let verified = self.verify_credentials(ctx).await?;
        Ok(Health::ok(json!({"sends_as": verified.display})))
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        Ok(credentials::register_token(&ctx.channel, url))
    }

    fn has_files_inside(&self) -> bool {
        true
    }

    fn file_inside(&self, _: &ChannelConfig, request: &WebhookRequest, file: &str) -> Option<Media> {
        read::file(&raw(&Form::read(request))?, file)
    }
}

/// Over the timestamp and the body's very octets, to the last line end.
fn verify_signature(key: &str, request: &WebhookRequest, given: &str) -> Result<(), VerifyError> {
    let key = STANDARD.decode(key.trim()).map_err(|_| VerifyError::NotConfigured)?;
    // SubjectPublicKeyInfo of a P-256 key ends with the point
    let point = key.len().checked_sub(65).map(|at| &key[at..]).ok_or(VerifyError::NotConfigured)?;
    let given = STANDARD.decode(given).map_err(|_| VerifyError::Mismatch)?;
    let timestamp = request.header(TIMESTAMP).ok_or(VerifyError::Missing)?;
    let signed = [timestamp.as_bytes(), &request.body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(&signed, &given)
        .map_err(|_| VerifyError::Mismatch)
}

fn is_events(request: &WebhookRequest) -> bool {
    request.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// The mail of an Inbound Parse form: as it came, or put together again.
fn raw(form: &Form) -> Option<Vec<u8>> {
    if let Some(raw) = form.bytes("email") {
        return Some(raw.to_vec());
    }
    let headers = form.text("headers")?;
    let charsets: Value =
        form.text("charsets").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let about: Value =
        form.text("attachment-info").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let text = |name: &str| form.text_in(name, charsets[name].as_str());
    let files = form.files().map(|file| Piece {
        name: file.filename.clone().unwrap_or_default(),
        mime_type: file.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
        content_id: about[&file.name]["content-id"].as_str().map(str::to_owned),
        bytes: file.value.to_vec(),
    });
    let pieces =
        Pieces { headers: lines(&headers), text: text("text"), html: text("html"), files: files.collect() };
    Some(pieces.mail())
}

/// Header lines, unfolded.
fn lines(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = all.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            all.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    all
}

fn envelope(form: &Form) -> Vec<String> {
    let envelope: Value =
        form.text("envelope").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let to = envelope["to"].as_array().cloned().unwrap_or_default();
    to.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn event(event: &Value) -> Vec<Incoming> {
    let word = |field: &str| event[field].as_str().filter(|text| !text.is_empty());
    let kind = word("event").unwrap_or_default();
    let at = event["timestamp"].as_i64().and_then(|seconds| Time::from_timestamp(seconds, 0));
    let id = word(OUR_ID).or_else(|| word("smtp-id").map(|id| id.trim_matches(['<', '>'])));
    let why = word("reason").or_else(|| word("response"));
    let receipt = |status: ReceiptStatus| {
        let failed = status == ReceiptStatus::Failed;
        let id = id?;
        Some(Incoming::Receipt(Receipt {
            provider_message_id: id.to_owned(),
            correlation: None,
            status,
            at,
            error_code: failed.then(|| word("status").or(word("type")).unwrap_or(kind).to_owned()),
            error_message: why.filter(|_| failed).map(str::to_owned),
            facts: Value::Null,
        }))
    };
    let sender = word("email").map(normal);
    let note = why.map(str::to_owned);
    let told: Vec<Incoming> = match kind {
        "delivered" => receipt(ReceiptStatus::Delivered).into_iter().collect(),
        "processed" => receipt(ReceiptStatus::Sent).into_iter().collect(),
        "bounce" if word("type") == Some("blocked") => receipt(ReceiptStatus::Failed).into_iter().collect(),
        "bounce" => {
            let gone = sender.map(|sender| Incoming::Undeliverable { sender, note, at });
            receipt(ReceiptStatus::Failed).into_iter().chain(gone).collect()
        }
        "dropped" => receipt(ReceiptStatus::Failed).into_iter().collect(),
        "spamreport" => sender.map(|sender| Incoming::Complained { sender, note, at }).into_iter().collect(),
        "unsubscribe" | "group_unsubscribe" => {
            sender.map(|sender| Incoming::OptedOut { sender, at }).into_iter().collect()
        }
        "group_resubscribe" => sender.map(|sender| Incoming::OptedIn { sender, at }).into_iter().collect(),
        _ => Vec::new(),
    };
    if told.is_empty() { vec![Incoming::Ignored { what: format!("an event {kind:?}") }] } else { told }
}

fn body(channel: &ChannelConfig, mail: &Mail) -> Value {
    let mut headers = serde_json::Map::new();
    headers.insert("Message-ID".into(), format!("<{}>", mail.message_id).into());
    if let Some(id) = &mail.in_reply_to {
        headers.insert("In-Reply-To".into(), format!("<{id}>").into());
        let references: Vec<String> = mail.references.iter().map(|id| format!("<{id}>")).collect();
        headers.insert("References".into(), references.join(" ").into());
    }
    for (name, value) in &mail.headers {
        headers.insert((*name).to_owned(), value.clone().into());
    }
    let mut body = json!({
        "personalizations": [{"to": [{"email": mail.to}], "custom_args": {OUR_ID: mail.message_id}}],
        "from": {"email": mail.from},
        "subject": mail.subject,
        "content": [
            {"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html},
        ],
        "headers": headers,
    });
    if let Some(name) = &mail.from_name {
        body["from"]["name"] = name.clone().into();
    }
    if let Some(address) = &mail.reply_to {
        body["reply_to"] = json!({"email": address});
    }
    if mail.text.is_empty() {
        // SendGrid wants at least one character
        body["content"][0]["value"] = " ".into();
    }
    if !mail.files.is_empty() {
        let files = mail.files.iter().map(|file| {
            let mut one = json!({
                "content": STANDARD.encode(&file.bytes), "type": file.mime_type, "filename": file.name,
                "disposition": if file.content_id.is_some() { "inline" } else { "attachment" },
            });
            if let Some(id) = &file.content_id {
                one["content_id"] = id.clone().into();
            }
            one
        });
        body["attachments"] = files.collect();
    }
    let tracks = channel.settings["tracking_enabled"] == true;
    body["tracking_settings"] =
        json!({"click_tracking": {"enable": tracks}, "open_tracking": {"enable": tracks}});
    body
}

fn refused(response: &Response) -> SendError {
    let status = response.status.as_u16();
    let answer = response.json().unwrap_or_default();
    let first = &answer["errors"][0];
    let Some(message) = first["message"].as_str() else {
        return without_body(response).with_exchange(response.exchange.clone());
    };
    let field = first["field"].as_str().unwrap_or_default();
    let class = match status {
        401 | 403 => SendErrorClass::Settings(SettingsProblem::Auth),
        429 => SendErrorClass::Throttled { after: retry_after(response), scope: ThrottleScope::Account },
        400 if field.starts_with("personalizations") && field.contains(".to") => {
            SendErrorClass::Rejected(RejectReason::Recipient)
        }
        400 if field.starts_with("from") || field.starts_with("reply_to") => {
            SendErrorClass::Settings(SettingsProblem::Config)
        }
        400..500 => SendErrorClass::Rejected(RejectReason::Content),
        503 => SendErrorClass::Unavailable,
        _ => SendErrorClass::Unknown,
    };
    SendError::new(class, status.to_string(), response.redact(message))
        .with_exchange(response.exchange.clone())
}
