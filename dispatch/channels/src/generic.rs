//! SMS through any provider with an HTTP API, described by settings alone.
//!
//! A request is a template; the answer and the webhooks are read by paths into them. Forms and queries are read
//! as JSON objects of their fields, so that the same paths serve all three.

mod check;
mod fill;
mod path;

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderName, Method};
use model::{
    ChannelType, Time,
    profile::{IdentifierKind, MediaDelivery, Profile, Receipts, SessionNeed, TextLimit, TextUnit},
};
use outbound::{Request, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::fill::{Place, fill};
use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, InboundMessage, Incoming, OutboundMessage,
    ParseError, Part, Receipt, ReceiptStatus, Registered, RejectReason, SendError, SendErrorClass, Sent,
    SettingsProblem, ThrottleScope, Verified, VerifyError, WebhookAnswer, WebhookRequest, credentials,
    error::{retry_after, without_body},
    plain::{international, with_plus},
    sms,
};

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// {{api_key}} in the templates.
    #[schemars(length(min = 1, max = 1024), extend("x-secret" = "key"))]
    api_key: Option<String>,
    /// {{api_secret}} in the templates.
    #[schemars(length(min = 1, max = 1024), extend("x-secret" = true))]
    api_secret: Option<String>,
    /// {{username}} in the templates.
    #[schemars(length(min = 1, max = 256))]
    username: Option<String>,
    /// {{password}} in the templates. With a username and no Authorization header, both are sent as HTTP Basic.
    #[schemars(length(min = 1, max = 1024), extend("x-secret" = true))]
    password: Option<String>,
    /// What the provider's webhooks are checked with: the shared secret, or the key of their signature.
    #[schemars(length(min = 8, max = 1024), extend("x-secret" = true))]
    webhook_secret: Option<String>,
    /// Stands in the address that is entered for webhooks, where the provider can send no secret; made by the hub.
    #[schemars(length(min = 16, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true))]
    webhook_token: Option<String>,
}

/// How webhooks are believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Check {
    /// A secret in the address, made by the hub.
    #[default]
    Address,
    /// The secret in a header.
    Header,
    /// HMAC-SHA256 of the body in a header.
    HmacSha256,
    /// HMAC-SHA1 of the body in a header.
    HmacSha1,
}

#[derive(Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[serde(default)]
struct Settings {
    /// Where the provider's API is, like https://api.sms.example.
    #[schemars(url)]
    api_base: Option<String>,
    /// What comes after it; {{…}} as in the body.
    #[schemars(length(max = 2000))]
    path: Option<String>,
    /// POST if empty.
    #[schemars(regex(pattern = "^(GET|POST|PUT)$"), extend("x-pattern-hint" = "must be GET, POST or PUT"))]
    method: Option<String>,
    /// One on each line, like "X-Api-Key: {{api_key}}".
    #[schemars(length(max = 4000))]
    headers: Option<String>,
    /// Of the body; application/json if empty.
    #[schemars(length(max = 100))]
    content_type: Option<String>,
    /// With {{to}}, {{to_digits}}, {{from}}, {{text}}, {{id}}, {{callback_url}}, {{encoding}} (gsm7 or ucs2) and the
    /// credentials' names. Like {"to": "{{to}}", "text": "{{text}}"}.
    #[schemars(length(max = 8000))]
    body: Option<String>,
    /// {{from}}: the number or the name that messages come from.
    #[schemars(length(max = 40))]
    sender: Option<String>,
    /// Where the message's id is in the answer, like data.messages[0].id. Empty: the whole answer is it.
    #[schemars(length(max = 200))]
    id_path: Option<String>,
    /// Where the answer says whether the message was taken. Empty: an HTTP status of 2xx says so.
    #[schemars(length(max = 200))]
    result_path: Option<String>,
    /// What stands there when it was, separated by commas, like "0, ok".
    #[schemars(length(max = 500))]
    result_ok: Option<String>,
    /// What stands there when the provider wants to be asked again later.
    #[schemars(length(max = 500))]
    result_throttled: Option<String>,
    /// What stands there when the recipient has opted out.
    #[schemars(length(max = 500))]
    result_opted_out: Option<String>,
    /// Where the answer says why a message was not taken.
    #[schemars(length(max = 200))]
    error_path: Option<String>,
    /// A path that answers 2xx to good credentials, like /balance; asked by GET with the same headers.
    #[schemars(length(max = 2000))]
    test_path: Option<String>,
    /// How the provider's webhooks are believed.
    check: Check,
    /// The header of the secret or of the signature.
    #[schemars(length(max = 100), regex(pattern = "^[A-Za-z0-9-]*$"), extend("x-pattern-hint" = "must be a header's name"))]
    check_header: Option<String>,
    /// What stands before the signature, like "sha256=".
    #[schemars(length(max = 40))]
    check_prefix: Option<String>,
    /// Where a webhook has its list of messages or receipts. Empty: it is one.
    #[schemars(length(max = 200))]
    items_path: Option<String>,
    /// In a webhook: the id of a message that came in.
    #[schemars(length(max = 200))]
    message_id_path: Option<String>,
    /// In a webhook: who wrote it.
    #[schemars(length(max = 200))]
    message_from_path: Option<String>,
    /// In a webhook: what it says.
    #[schemars(length(max = 200))]
    message_text_path: Option<String>,
    /// In a webhook: when, as RFC 3339, "2026-01-31 12:05:00" (UTC), or seconds since 1970.
    #[schemars(length(max = 200))]
    message_time_path: Option<String>,
    /// In a webhook: the id of the message that a receipt is about.
    #[schemars(length(max = 200))]
    receipt_id_path: Option<String>,
    /// In a webhook: what became of it. Where something stands here, the webhook is a receipt.
    #[schemars(length(max = 200))]
    receipt_status_path: Option<String>,
    /// In a webhook: {{id}} as it was sent, if the provider gives it back.
    #[schemars(length(max = 200))]
    receipt_reference_path: Option<String>,
    /// In a webhook: why a message failed.
    #[schemars(length(max = 200))]
    receipt_error_path: Option<String>,
    /// Statuses that mean sent, separated by commas; in any case.
    #[schemars(length(max = 500))]
    sent_words: Option<String>,
    /// Statuses that mean delivered.
    #[schemars(length(max = 500))]
    delivered_words: Option<String>,
    /// Statuses that mean failed.
    #[schemars(length(max = 500))]
    failed_words: Option<String>,
    /// What a webhook is answered; empty for {"ok":true}. Some providers want a word of their own.
    #[schemars(length(max = 500))]
    webhook_answer: Option<String>,
}

/// The adapter.
pub(crate) struct Generic {
    profile: Profile,
}

impl Generic {
    pub(crate) fn new() -> Self {
        let profile = Profile {
            channel_type: ChannelType::Sms,
            provider: "http".into(),
            display_name: "Another provider (HTTP)".into(),
            help: "Any provider with an HTTP API: describe its request, its answer and its webhooks below."
                .into(),
            identifier: IdentifierKind::Phone,
            text: TextLimit { max: 1530, unit: TextUnit::Chars, max_segments: Some(10) },
            caption_limit: None,
            max_attachments: 10,
            media: sms::media(),
            media_delivery: MediaDelivery::None,
            receipts: Receipts { delivered: true, read: false },
            reply_window_hours: None,
            default_rate_per_minute: Some(300),
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: sms::settings_schema::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "api_key": "example-api-key-0001", "webhook_secret": "example-webhook-secret-0001",
                "webhook_token": "generic-webhook-token-0001",
            }),
        };
        Self { profile }
    }
}

fn settings(channel: &ChannelConfig) -> Result<Settings, SendError> {
    channel.typed_settings()
}

#[async_trait]
impl Adapter for Generic {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        let settings = settings(channel).map_err(|_| VerifyError::NotConfigured)?;
        let header = settings.check_header.as_deref().filter(|header| !header.is_empty());
        let prefix = settings.check_prefix.as_deref().unwrap_or_default();
        match settings.check {
            Check::Address => credentials::verify_token(channel, request),
            Check::Header => check::shared(channel, request, header, prefix),
            Check::HmacSha256 => {
                check::signature::<hmac::Hmac<sha2::Sha256>>(channel, request, header, prefix)
            }
            Check::HmacSha1 => check::signature::<hmac::Hmac<sha1::Sha1>>(channel, request, header, prefix),
        }
    }

    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        let settings = settings(channel).map_err(|error| ParseError(error.message))?;
        let body = read_webhook(request);
        let items = path::items(&body, settings.items_path.as_deref().filter(|path| !path.is_empty()));
        if items.is_empty() {
            return Ok(vec![Incoming::Ignored { what: "no items".to_owned() }]);
        }
        Ok(items.into_iter().map(|item| read_item(&settings, item)).collect())
    }

    fn webhook_answer(&self, channel: &ChannelConfig, _: &WebhookRequest) -> WebhookAnswer {
        let body = channel.setting("webhook_answer").unwrap_or_default().to_owned();
        WebhookAnswer { body, ..WebhookAnswer::EMPTY }
    }

    fn takes_get(&self, _: &ChannelConfig) -> bool {
        true
    }

    fn parts(&self, channel: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        sms::parts(&self.profile, channel, message)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let settings = settings(&ctx.channel)?;
        let request = compose(ctx, &settings, message, part)?;
        judge(&settings, ctx.call(request).await?, part)
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let settings = settings(&ctx.channel)?;
        // every template is filled in once, so that a mistake in one shows now and not with the first message
        let draft = OutboundMessage {
            message_id: model::MessageId::new(),
            idempotency_key: "test".to_owned(),
            to: "+254700000001".to_owned(),
            thread_key: None,
            text: "test".to_owned(),
            attachments: Vec::new(),
            reply_to: None,
            callback_url: None,
            metadata: Value::Null,
            last_inbound_at: None,
            answers: None,
            is_bulk: false,
            by_person: true,
        };
        let part = Part { index: 0, text: "test".to_owned(), attachments: Vec::new() };
        compose(ctx, &settings, &draft, &part)?;
        let host = url::Url::parse(settings.api_base.as_deref().unwrap_or_default())
            .ok()
            .and_then(|base| base.host_str().map(str::to_owned));
        ask(ctx, &settings).await?;
        Ok(Verified { display: host.unwrap_or_else(|| "HTTP".to_owned()), settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let settings = settings(&ctx.channel)?;
        match ask(ctx, &settings).await? {
            Some(answer) => Ok(Health::ok(json!({"answer": answer}))),
            None => Ok(Health {
                status: HealthStatus::Ok,
                message: Some("the channel has no test_path to ask".to_owned()),
                facts: json!({}),
            }),
        }
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        let settings = settings(&ctx.channel)?;
        if settings.check == Check::Address {
            return Ok(credentials::register_token(&ctx.channel, url));
        }
        Ok(Registered::by_hand())
    }
}

/// The request for one part.
fn compose(
    ctx: &Context,
    settings: &Settings,
    message: &OutboundMessage,
    part: &Part,
) -> Result<Request, SendError> {
    let channel = &ctx.channel;
    let to = international(&message.to, channel.default_country_code.as_deref());
    let value = |name: &str| {
        let found = match name {
            "to" => to.clone(),
            "to_digits" => to.trim_start_matches('+').to_owned(),
            "from" => settings.sender.clone().or_else(|| channel.sender_name.clone()).unwrap_or_default(),
            "text" => part.text.clone(),
            "id" => message.idempotency_key.clone(),
            "encoding" => match sms::segments(&part.text).encoding {
                sms::Encoding::Gsm7 => "gsm7".to_owned(),
                sms::Encoding::Ucs2 => "ucs2".to_owned(),
            },
            "callback_url" => message
                .callback_url
                .as_ref()
                .map(|address| match settings.check {
                    Check::Address => credentials::with_token(channel, address, &[]),
                    _ => address.clone(),
                })
                .unwrap_or_default(),
            "api_key" | "api_secret" | "username" | "password" => {
                channel.credentials.get(name).unwrap_or_default().to_owned()
            }
            _ => return None,
        };
        Some(found)
    };
    let wrong = |what: &str, why: String| SendError::config(format!("the {what} cannot be filled in: {why}"));
    let path = settings.path.as_deref().unwrap_or_default();
    let path = fill(path, Place::Query, &value).map_err(|why| wrong("path", why))?;
    let method = settings.method.as_deref().unwrap_or("POST").parse().unwrap_or(Method::POST);
    let mut request = Request::new(method, address(channel, &path)?);
    request = with_headers(ctx, settings, request, &value)?;
    let Some(body) = settings.body.as_deref().filter(|body| !body.is_empty()) else { return Ok(request) };
    let kind = settings.content_type.as_deref().filter(|kind| !kind.is_empty()).unwrap_or("application/json");
    let place = match kind {
        _ if kind.contains("json") => Place::Json,
        _ if kind.contains("urlencoded") => Place::Query,
        _ if kind.contains("xml") => Place::Xml,
        _ => Place::Plain,
    };
    let body = fill(body, place, &value).map_err(|why| wrong("body", why))?;
    if place == Place::Json && serde_json::from_str::<Value>(&body).is_err() {
        return Err(SendError::config("the body is not valid JSON once it is filled in"));
    }
    request.body = body.into();
    Ok(request.header(http::header::CONTENT_TYPE, kind))
}

fn address(channel: &ChannelConfig, path: &str) -> Result<String, SendError> {
    let base = channel.setting("api_base").ok_or_else(|| SendError::config("the channel has no api_base"))?;
    let slash = if path.is_empty() || path.starts_with(['/', '?']) { "" } else { "/" };
    Ok(format!("{}{slash}{path}", base.trim_end_matches('/')))
}

fn with_headers(
    ctx: &Context,
    settings: &Settings,
    mut request: Request,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<Request, SendError> {
    let mut authorised = false;
    for line in settings.headers.as_deref().unwrap_or_default().lines().filter(|line| !line.trim().is_empty())
    {
        let Some((name, template)) = line.split_once(':') else {
            return Err(SendError::config(format!("{line:?} is no header: it has no colon")));
        };
        let Ok(name) = HeaderName::from_bytes(name.trim().to_ascii_lowercase().as_bytes()) else {
            return Err(SendError::config(format!("{:?} is no header's name", name.trim())));
        };
        let text = fill(template.trim(), Place::Plain, value)
            .map_err(|why| SendError::config(format!("the header {name} cannot be filled in: {why}")))?;
        authorised |= name == http::header::AUTHORIZATION;
        request = request.header(name, &text);
    }
    let pair = ctx.channel.credentials.get("username").zip(ctx.channel.credentials.get("password"));
    if let (false, Some((user, password))) = (authorised, pair) {
        request = request.basic_auth(user, password);
    }
    Ok(request)
}

/// Asks the test path, if there is one; the beginning of what it answers.
async fn ask(ctx: &Context, settings: &Settings) -> Result<Option<String>, SendError> {
    let Some(template) = settings.test_path.as_deref().filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let value = |name: &str| match name {
        "api_key" | "api_secret" | "username" | "password" => {
            Some(ctx.channel.credentials.get(name).unwrap_or_default().to_owned())
        }
        "from" => Some(settings.sender.clone().unwrap_or_default()),
        _ => None,
    };
    let path = fill(template, Place::Query, &value)
        .map_err(|why| SendError::config(format!("the test_path cannot be filled in: {why}")))?;
    let any = |name: &str| Some(value(name).unwrap_or_default());
    let request = Request::get(address(&ctx.channel, &path)?).deadline(Duration::from_secs(10));
    let response = ctx.call(with_headers(ctx, settings, request, &any)?).await?;
    if !response.status.is_success() {
        return Err(without_body(&response).with_exchange(response.exchange));
    }
    let told: String = String::from_utf8_lossy(&response.body).chars().take(200).collect();
    Ok(Some(response.redact(&told)))
}

fn judge(settings: &Settings, response: Response, part: &Part) -> Result<Sent, SendError> {
    let text = String::from_utf8_lossy(&response.body).trim().to_owned();
    let answer = response.json().unwrap_or_else(|| Value::String(text.clone()));
    let told = |path: &Option<String>| path::text(&answer, path.as_deref().filter(|path| !path.is_empty())?);
    let result = told(&settings.result_path);
    let ok = match (&settings.result_path, &result) {
        (Some(path), result) if !path.is_empty() => {
            result.as_ref().is_some_and(|word| is_one_of(word, settings.result_ok.as_deref()))
        }
        _ => response.status.is_success(),
    };
    if ok && response.status.is_success() {
        let id = match settings.id_path.as_deref().filter(|path| !path.is_empty()) {
            Some(path) => path::text(&answer, path),
            None => answer.as_str().map(str::to_owned),
        };
        let Some(id) = id.filter(|id| !id.is_empty() && !id.starts_with('<') && id.len() <= 255) else {
            let told = "the answer has no id where id_path says";
            return Err(
                SendError::new(SendErrorClass::Unknown, "no_id", told).with_exchange(response.exchange)
            );
        };
        return Ok(Sent {
            provider_message_id: id,
            segments: sms::count(&part.text),
            raw: json!({"result": result}),
            exchange: Some(response.exchange),
        });
    }
    let reason = told(&settings.error_path);
    let Some(word) = result.filter(|_| !response.status.is_server_error()) else {
        let error = without_body(&response);
        // a refusal in the provider's own words is one, whatever its status; a page of a proxy says nothing
        let class = match (error.class, response.status.is_success() && reason.is_some()) {
            (SendErrorClass::Unknown, true) => SendErrorClass::Rejected(RejectReason::Content),
            (class, _) => class,
        };
        let message = reason.map_or(error.message.clone(), |reason| response.redact(&reason));
        return Err(SendError { class, message, ..error }.with_exchange(response.exchange));
    };
    let class = if is_one_of(&word, settings.result_throttled.as_deref()) {
        SendErrorClass::Throttled { after: retry_after(&response), scope: ThrottleScope::Channel }
    } else if is_one_of(&word, settings.result_opted_out.as_deref()) {
        SendErrorClass::Rejected(RejectReason::OptOut)
    } else {
        match response.status.as_u16() {
            401 | 403 => SendErrorClass::Settings(SettingsProblem::Auth),
            402 => SendErrorClass::Settings(SettingsProblem::Funds),
            429 => SendErrorClass::Throttled { after: retry_after(&response), scope: ThrottleScope::Channel },
            _ => SendErrorClass::Rejected(RejectReason::Content),
        }
    };
    let code: String = word.chars().take(60).collect();
    let message = reason.unwrap_or_else(|| format!("the provider answered {code}"));
    Err(SendError::new(class, response.redact(&code), response.redact(&message))
        .with_exchange(response.exchange))
}

fn is_one_of(word: &str, list: Option<&str>) -> bool {
    let list = list.unwrap_or_default();
    list.split(',').map(str::trim).any(|one| !one.is_empty() && one.eq_ignore_ascii_case(word.trim()))
}

/// JSON as it is; a form or a query as an object of its fields.
fn read_webhook(request: &WebhookRequest) -> Value {
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(&request.body) {
        return value;
    }
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(""));
    let source = if request.body.is_empty() { query.as_bytes() } else { request.body.as_ref() };
    let fields = url::form_urlencoded::parse(source).into_owned().filter(|(name, _)| name != "token");
    Value::Object(fields.map(|(name, value)| (name, Value::from(value))).collect::<Map<_, _>>())
}

fn read_item(settings: &Settings, item: &Value) -> Incoming {
    let at = |path: &Option<String>| path::text(item, path.as_deref().filter(|path| !path.is_empty())?);
    if let Some(status) = at(&settings.receipt_status_path) {
        let found = if is_one_of(&status, settings.delivered_words.as_deref()) {
            ReceiptStatus::Delivered
        } else if is_one_of(&status, settings.failed_words.as_deref()) {
            ReceiptStatus::Failed
        } else if is_one_of(&status, settings.sent_words.as_deref()) {
            ReceiptStatus::Sent
        } else {
            return Incoming::Ignored { what: format!("status {status}") };
        };
        let reference = at(&settings.receipt_reference_path);
        let Some(id) = at(&settings.receipt_id_path).or_else(|| reference.clone()) else {
            return Incoming::Ignored { what: "a receipt without an id".to_owned() };
        };
        let failed = found == ReceiptStatus::Failed;
        return Incoming::Receipt(Receipt {
            provider_message_id: id,
            correlation: reference,
            status: found,
            at: None,
            error_code: failed.then(|| status.clone()),
            error_message: at(&settings.receipt_error_path).filter(|_| failed),
            facts: Value::Null,
        });
    }
    let (Some(id), Some(from)) = (at(&settings.message_id_path), at(&settings.message_from_path)) else {
        return Incoming::Ignored { what: "neither a message nor a receipt".to_owned() };
    };
    let sender = with_plus(&from);
    Incoming::Message(InboundMessage {
        external_id: id,
        thread_key: sender.clone(),
        sender,
        aliases: Vec::new(),
        display_name: None,
        text: at(&settings.message_text_path).unwrap_or_default(),
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: at(&settings.message_time_path).and_then(|text| moment(&text)),
        metadata: json!({}),
        language_hint: None,
        references: Vec::new(),
    })
}

fn moment(text: &str) -> Option<Time> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Ok(at) = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") {
        return Some(at.and_utc());
    }
    crate::meta::time(&Value::from(text))
}

#[cfg(test)]
mod tests;
