//! E-mail through Mailgun (messages.mime, routes, webhooks).

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use model::{
    Time,
    profile::{Profile, Receipts, SessionNeed},
};
use outbound::{FilePart, Request, Response};
use schemars::JsonSchema;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    Own,
    compose::Mail,
    config::Identity,
    form::Form,
    mime, normal, parts, profile, read,
    rebuild::{Piece, Pieces},
    unsubscribe,
};
use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, Incoming, Media, OutboundMessage, ParseError,
    Part, Receipt, ReceiptStatus, Registered, RejectReason, SendError, SendErrorClass, Sent, SettingsProblem,
    ThrottleScope, Verified, VerifyError, WebhookAnswer, WebhookRequest,
    credentials::{self, same},
    error::{not_understood, retry_after, without_body},
};

const PUBLIC: &str = "https://api.mailgun.net";
const EUROPE: &str = "https://api.eu.mailgun.net";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// A sending key of the domain, or the account's API key.
    #[schemars(length(min = 1, max = 256), extend("x-secret" = "key"))]
    api_key: String,
    /// The domain as Mailgun names it: mg.example.com.
    #[schemars(length(min = 3, max = 253), regex(pattern = r"^[A-Za-z0-9._-]+$"))]
    domain: String,
    #[schemars(length(min = 3, max = 254))]
    from_email: String,
    #[schemars(length(max = 200))]
    from_name: Option<String>,
    /// Where answers go, if elsewhere: an address that a route forwards to the hub.
    #[schemars(length(max = 254))]
    reply_to: Option<String>,
    /// "HTTP webhook signing key" under API security. Webhooks and routes are signed with it.
    #[schemars(length(min = 1, max = 256), extend("x-secret" = true))]
    webhook_signing_key: String,
    /// Stands in the address that is entered for routes and webhooks; made by the hub.
    #[schemars(length(min = 16, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true))]
    webhook_token: Option<String>,
    /// Another host, for tests.
    #[schemars(url)]
    api_base: Option<String>,
    provider: Option<String>,
}

/// Where the account's data is kept.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum Region {
    Us,
    Eu,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Settings {
    region: Option<Region>,
    /// Another host, for tests.
    #[schemars(url, extend("x-rare" = true))]
    api_base: Option<String>,
    /// A route takes every address of the domain: answers then find their conversation by address.
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
pub(crate) struct Mailgun {
    profile: Profile,
}

impl Mailgun {
    pub(crate) fn new() -> Self {
        Self {
            profile: profile(Own {
                provider: "mailgun",
                display_name: "Mailgun",
                help: "Keys are under API security, routes under Receiving, webhooks under Sending.",
                receipts: Receipts { delivered: true, read: false },
                session: SessionNeed::Never,
                settings_schema: credentials::schema_of::<Settings>(),
                credentials_schema: credentials::schema_of::<Credentials>(),
                example_credentials: json!({
                    "api_key": "example-mailgun-key-0001", "domain": "mg.example.com",
                    "from_email": "support@mg.example.com", "webhook_signing_key": "key-test-signing-0001",
                    "webhook_token": "mailgun-webhook-token-0001",
                }),
            }),
        }
    }
}

fn base(channel: &ChannelConfig) -> &str {
    channel.api_base(if channel.settings["region"] == "eu" { EUROPE } else { PUBLIC })
}

#[async_trait]
impl Adapter for Mailgun {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Mailgun's signature does not cover the body, so whoever has seen one could reuse it: the address holds a
    /// secret as well.
    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        if unsubscribe::is_one(request) {
            return unsubscribe::verify(channel, request);
        }
        let key = channel.credentials.get("webhook_signing_key").ok_or(VerifyError::NotConfigured)?;
        credentials::verify_token(channel, request)?;
        let signature = signature(request).ok_or(VerifyError::Missing)?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| VerifyError::NotConfigured)?;
        mac.update(signature.timestamp.as_bytes());
        mac.update(signature.token.as_bytes());
        let wanted = hex::encode(mac.finalize().into_bytes());
        if same(wanted.as_bytes(), signature.signature.as_bytes()) {
            Ok(())
        } else {
            Err(VerifyError::Mismatch)
        }
    }

    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        if unsubscribe::is_one(request) {
            return Ok(unsubscribe::parse(channel, request));
        }
        if is_json(request) {
            let body: Value =
                serde_json::from_slice(&request.body).map_err(|error| ParseError(error.to_string()))?;
            return Ok(event(&body["event-data"]));
        }
        let form = Form::read(request);
        let raw = raw(&form).ok_or_else(|| ParseError("the form holds no mail".to_owned()))?;
        let envelope: Vec<String> = form.text("recipient").into_iter().collect();
        Ok(read::mail(channel, &raw, &envelope))
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

    /// Hands the mail over as we wrote it, so that its `Message-ID` stays ours.
    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let mail = Mail::of(channel, message, part, ctx.clock.now())?;
        let file = FilePart {
            field: "message".to_owned(),
            filename: "message.eml".to_owned(),
            mime_type: "message/rfc822".to_owned(),
            bytes: mime::write(&mail).into(),
        };
        let address = format!("{}/v3/{}/messages.mime", base(channel), channel.required("domain")?);
        let request = Request::post(address)
            .basic_auth("api", channel.required("api_key")?)
            .multipart([("to", mail.to.as_str()), ("v:turumba_id", mail.message_id.as_str())], &[file]);
        let response = ctx.call(request).await?;
        if !response.status.is_success() {
            return Err(refused(&response));
        }
        let raw = response.json().unwrap_or_default();
        if !raw["id"].is_string() {
            return Err(not_understood(&response));
        }
        Ok(Sent { provider_message_id: mail.message_id, segments: 1, raw, exchange: Some(response.exchange) })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let identity = Identity::of(&ctx.channel)?;
        domain(ctx).await?;
        Ok(Verified { display: identity.from, settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let state = domain(ctx).await?["domain"]["state"].as_str().unwrap_or("active").to_owned();
        let facts = json!({"domain": state});
        if state == "active" {
            return Ok(Health::ok(facts));
        }
        let status = if state == "disabled" { HealthStatus::Down } else { HealthStatus::Degraded };
        Ok(Health { status, message: Some(format!("Mailgun says that the domain is {state}")), facts })
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

async fn domain(ctx: &Context) -> Result<Value, SendError> {
    let channel = &ctx.channel;
    let request = Request::get(format!("{}/v3/domains/{}", base(channel), channel.required("domain")?))
        .basic_auth("api", channel.required("api_key")?);
    let response = ctx.call(request).await?;
    if response.status.is_success() {
        Ok(response.json().unwrap_or_default())
    } else {
        Err(refused(&response))
    }
}

struct Signature {
    timestamp: String,
    token: String,
    signature: String,
}

fn is_json(request: &WebhookRequest) -> bool {
    request.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

fn signature(request: &WebhookRequest) -> Option<Signature> {
    if is_json(request) {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        let word = |field: &str| Some(body["signature"][field].as_str()?.to_owned());
        return Some(Signature {
            timestamp: word("timestamp")?,
            token: word("token")?,
            signature: word("signature")?,
        });
    }
    let form = Form::read(request);
    Some(Signature {
        timestamp: form.text("timestamp")?,
        token: form.text("token")?,
        signature: form.text("signature")?,
    })
}

/// The mail of a route's form: as it came, or put together again.
fn raw(form: &Form) -> Option<Vec<u8>> {
    if let Some(raw) = form.bytes("body-mime") {
        return Some(raw.to_vec());
    }
    let headers: Vec<(String, String)> = serde_json::from_str(&form.text("message-headers")?).ok()?;
    let names: Value =
        form.text("content-id-map").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let content_id = |field: &str| {
        let found = names.as_object()?.iter().find(|(_, name)| name.as_str() == Some(field))?;
        Some(found.0.clone())
    };
    let files = form.files().map(|file| Piece {
        name: file.filename.clone().unwrap_or_default(),
        mime_type: file.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
        content_id: content_id(&file.name),
        bytes: file.value.to_vec(),
    });
    let pieces = Pieces {
        headers,
        text: form.text("body-plain"),
        html: form.text("body-html"),
        files: files.collect(),
    };
    Some(pieces.mail())
}

fn event(event: &Value) -> Vec<Incoming> {
    let kind = event["event"].as_str().unwrap_or_default();
    let at = event["timestamp"].as_f64().and_then(|seconds| Time::from_timestamp(seconds as i64, 0));
    let id = event["message"]["headers"]["message-id"].as_str();
    let id = id.or_else(|| event["user-variables"]["turumba_id"].as_str());
    let status = &event["delivery-status"];
    let why = [&status["message"], &status["description"], &event["reason"]];
    let why = why.into_iter().filter_map(Value::as_str).find(|text| !text.is_empty());
    let receipt = |status_is: ReceiptStatus| {
        let failed = status_is == ReceiptStatus::Failed;
        let code = status["code"].as_i64().map(|code| code.to_string());
        Some(Incoming::Receipt(Receipt {
            provider_message_id: id?.trim_matches(['<', '>']).to_owned(),
            correlation: None,
            status: status_is,
            at,
            error_code: failed.then(|| code.unwrap_or_else(|| kind.to_owned())),
            error_message: why.filter(|_| failed).map(str::to_owned),
            facts: Value::Null,
        }))
    };
    let sender = event["recipient"].as_str().map(normal);
    let note = why.map(str::to_owned);
    let told: Vec<Incoming> = match kind {
        "accepted" => receipt(ReceiptStatus::Sent).into_iter().collect(),
        "delivered" => receipt(ReceiptStatus::Delivered).into_iter().collect(),
        "failed" if event["severity"] == "permanent" => {
            let is_bounce = matches!(event["reason"].as_str(), Some("bounce" | "suppress-bounce"));
            let gone =
                sender.filter(|_| is_bounce).map(|sender| Incoming::Undeliverable { sender, note, at });
            receipt(ReceiptStatus::Failed).into_iter().chain(gone).collect()
        }
        "rejected" => receipt(ReceiptStatus::Failed).into_iter().collect(),
        "complained" => sender.map(|sender| Incoming::Complained { sender, note, at }).into_iter().collect(),
        "unsubscribed" => sender.map(|sender| Incoming::OptedOut { sender, at }).into_iter().collect(),
        _ => Vec::new(),
    };
    if told.is_empty() { vec![Incoming::Ignored { what: format!("an event {kind:?}") }] } else { told }
}

fn refused(response: &Response) -> SendError {
    let status = response.status.as_u16();
    let answer = response.json().unwrap_or_default();
    let Some(message) = answer["message"].as_str().or_else(|| answer["Error"].as_str()) else {
        return without_body(response).with_exchange(response.exchange.clone());
    };
    let lower = message.to_lowercase();
    let class = match status {
        401 | 403 => SendErrorClass::Settings(SettingsProblem::Auth),
        402 => SendErrorClass::Settings(SettingsProblem::Funds),
        404 => SendErrorClass::Settings(SettingsProblem::Config),
        429 => SendErrorClass::Throttled { after: retry_after(response), scope: ThrottleScope::Account },
        400 if lower.contains("'to'") || lower.contains("to parameter") => {
            SendErrorClass::Rejected(RejectReason::Recipient)
        }
        400 if lower.contains("domain") || lower.contains("'from'") => {
            SendErrorClass::Settings(SettingsProblem::Config)
        }
        400..500 => SendErrorClass::Rejected(RejectReason::Content),
        503 => SendErrorClass::Unavailable,
        _ => SendErrorClass::Unknown,
    };
    SendError::new(class, status.to_string(), response.redact(message))
        .with_exchange(response.exchange.clone())
}
