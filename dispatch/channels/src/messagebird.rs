//! SMS through MessageBird (Bird's classic REST API).
//!
//! Our message's id travels as `reference`, comes back with every status report, and settles an unknown outcome.

mod signature;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use http::Method;
use model::{
    ChannelType, Time,
    profile::{IdentifierKind, MediaDelivery, Profile, Receipts, SessionNeed, TextLimit, TextUnit},
};
use outbound::{Exchange, Request, Response};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, InboundMessage, Incoming, OutboundMessage,
    ParseError, Part, Receipt, ReceiptStatus, Registered, RejectReason, SendError, SendErrorClass, Sent,
    SettingsProblem, ThrottleScope, Verified, VerifyError, WebhookRequest, credentials,
    error::{retry_after, without_body},
    plain::{international, with_plus},
    sms,
};

const PUBLIC: &str = "https://rest.messagebird.com";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// In the dashboard under "Developers", "API access".
    #[schemars(length(min = 8, max = 128), extend("x-secret" = "key"))]
    access_key: String,
    /// Beside the access keys. If it is set, unsigned webhooks are refused.
    #[schemars(length(min = 8, max = 256), extend("x-secret" = true))]
    signing_key: Option<String>,
    /// Stands in the address that is entered for webhooks; made by the hub.
    #[schemars(length(min = 16, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true))]
    webhook_token: Option<String>,
    /// Another host, for tests.
    #[schemars(url)]
    api_base: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Settings {
    /// The number or the name of up to eleven letters that messages come from.
    #[schemars(length(min = 1, max = 17))]
    originator: Option<String>,
    /// Seconds after which MessageBird gives up delivering.
    #[schemars(range(min = 60, max = 172_800))]
    validity_period: Option<u32>,
    /// Another host, for tests; the default is https://rest.messagebird.com.
    #[schemars(url)]
    api_base: Option<String>,
}

/// The adapter.
pub(crate) struct MessageBird {
    profile: Profile,
}

impl MessageBird {
    pub(crate) fn new() -> Self {
        let profile = Profile {
            channel_type: ChannelType::Sms,
            provider: "messagebird".into(),
            display_name: "MessageBird".into(),
            help: "Copy a live access key from \"Developers\", \"API access\" of the MessageBird dashboard."
                .into(),
            identifier: IdentifierKind::Phone,
            text: TextLimit { max: 1377, unit: TextUnit::Chars, max_segments: Some(9) },
            caption_limit: None,
            max_attachments: 10,
            media: sms::media(),
            media_delivery: MediaDelivery::None,
            receipts: Receipts { delivered: true, read: false },
            reply_window_hours: None,
            // five hundred requests a second for messages
            default_rate_per_minute: Some(6000),
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: sms::settings_schema::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "access_key": "live_example0123456789abcd", "signing_key": "example-signing-key-0001",
                "webhook_token": "bird-webhook-token-0001",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for MessageBird {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        match channel.credentials.get("signing_key") {
            Some(key) => signature::verify(key, request),
            None => credentials::verify_token(channel, request),
        }
    }

    fn parse(&self, _: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        let fields = fields(request);
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let Some(id) = field("id").or_else(|| field("message_id")) else {
            return Err(ParseError("the webhook names no message".to_owned()));
        };
        match (field("status"), field("originator")) {
            (Some(status), _) => Ok(vec![receipt(id, status, &fields)]),
            (None, Some(from)) => Ok(vec![Incoming::Message(inbound(id, from, &fields))]),
            (None, None) => Err(ParseError("the webhook names no sender".to_owned())),
        }
    }

    fn takes_get(&self, _: &ChannelConfig) -> bool {
        true
    }

    fn parts(&self, channel: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        sms::parts(&self.profile, channel, message)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let originator = channel.setting("originator").or(channel.sender_name.as_deref());
        let originator = originator.ok_or_else(|| SendError::config("the channel has no originator"))?;
        let to = international(&message.to, channel.default_country_code.as_deref());
        let mut body = json!({
            "originator": originator, "recipients": [to.trim_start_matches('+')], "body": part.text,
            "datacoding": "auto", "reference": message.idempotency_key,
        });
        if let Some(callback) = &message.callback_url {
            body["reportUrl"] = credentials::with_token(channel, callback, &[]).into();
        }
        if let Some(seconds) = channel.settings["validity_period"].as_u64() {
            body["validity"] = seconds.into();
        }
        let request = Request::post(format!("{}/messages", channel.api_base(PUBLIC))).json(&body);
        let (answer, exchange) = read(ctx.call(authorised(ctx, request)?).await?)?;
        let Some(id) = answer["id"].as_str() else {
            let told = "the answer names no message";
            return Err(
                SendError::new(SendErrorClass::Unknown, "not_understood", told).with_exchange(exchange)
            );
        };
        let recipient = &answer["recipients"]["items"][0];
        let parts = recipient["messagePartCount"].as_u64().filter(|count| *count > 0);
        Ok(Sent {
            provider_message_id: id.to_owned(),
            segments: parts.map_or_else(|| sms::count(&part.text), |parts| parts as u32),
            raw: json!({"status": recipient["status"]}),
            exchange: Some(exchange),
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let balance = balance(ctx).await?;
        let kind = balance["payment"].as_str().unwrap_or("account");
        Ok(Verified { display: format!("MessageBird ({kind})"), settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let facts = balance(ctx).await?;
        let empty =
            facts["payment"] == "prepaid" && facts["amount"].as_f64().is_some_and(|amount| amount <= 0.0);
        if empty {
            let message = Some("the account has no credit left".to_owned());
            return Ok(Health { status: HealthStatus::Degraded, message, facts });
        }
        Ok(Health::ok(facts))
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        Ok(credentials::register_token(&ctx.channel, url))
    }
}

fn authorised(ctx: &Context, request: Request) -> Result<Request, SendError> {
    let key = format!("AccessKey {}", ctx.channel.required("access_key")?);
    Ok(request.header(http::header::AUTHORIZATION, &key).header(http::header::ACCEPT, "application/json"))
}

async fn balance(ctx: &Context) -> Result<Value, SendError> {
    let url = format!("{}/balance", ctx.channel.api_base(PUBLIC));
    let request = authorised(ctx, Request::get(url).deadline(Duration::from_secs(10)))?;
    let (answer, _) = read(ctx.call(request).await?)?;
    Ok(json!({"payment": answer["payment"], "type": answer["type"], "amount": answer["amount"]}))
}

/// Status reports come as GET requests, messages as forms or JSON. Our own token is none of it.
fn fields(request: &WebhookRequest) -> BTreeMap<String, String> {
    if let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&request.body) {
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let known = body.into_iter().filter(|(_, value)| !value.is_null());
        return known.map(|(name, value)| (name, text(value))).collect();
    }
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(""));
    let source = if request.method == Method::GET { query.as_bytes() } else { request.body.as_ref() };
    url::form_urlencoded::parse(source).into_owned().filter(|(name, _)| name != "token").collect()
}

fn read(response: Response) -> Result<(Value, Box<Exchange>), SendError> {
    let answer = response.json().filter(Value::is_object);
    match answer {
        Some(answer) if response.status.is_success() => Ok((answer, response.exchange)),
        Some(answer) if answer["errors"][0]["code"].is_i64() => {
            let error = &answer["errors"][0];
            let code = error["code"].as_i64().unwrap_or_default();
            let class = classify(code, error["parameter"].as_str().unwrap_or_default(), &response);
            let message = response.redact(error["description"].as_str().unwrap_or("no reason given"));
            Err(SendError::new(class, code.to_string(), message).with_exchange(response.exchange))
        }
        _ => Err(without_body(&response).with_exchange(response.exchange)),
    }
}

/// What an error's code means. Total.
fn classify(code: i64, parameter: &str, response: &Response) -> SendErrorClass {
    use RejectReason::{Content, Recipient};
    if response.status.as_u16() == 429 {
        return SendErrorClass::Throttled { after: retry_after(response), scope: ThrottleScope::Account };
    }
    match (code, parameter) {
        (2, _) => SendErrorClass::Settings(SettingsProblem::Auth),
        (25, _) => SendErrorClass::Settings(SettingsProblem::Funds),
        (9 | 10 | 21, "recipient" | "recipients") => SendErrorClass::Rejected(Recipient),
        (9 | 10 | 21, "originator") => SendErrorClass::Settings(SettingsProblem::Config),
        (20 | 98, _) => SendErrorClass::Settings(SettingsProblem::Config),
        (99, _) => SendErrorClass::Unavailable,
        _ if response.status.is_server_error() => SendErrorClass::Unavailable,
        _ => SendErrorClass::Rejected(Content),
    }
}

fn inbound(id: &str, from: &str, fields: &BTreeMap<String, String>) -> InboundMessage {
    let kept = ["recipient", "reference", "mccmnc"];
    let metadata =
        kept.iter().filter_map(|name| Some(((*name).to_owned(), fields.get(*name)?.clone().into())));
    let text = fields.get("body").or_else(|| fields.get("payload")).cloned().unwrap_or_default();
    let sender = with_plus(from);
    InboundMessage {
        external_id: id.to_owned(),
        thread_key: sender.clone(),
        sender,
        aliases: Vec::new(),
        display_name: None,
        text,
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: moment(fields.get("createdDatetime")),
        metadata: Value::Object(metadata.collect()),
        language_hint: None,
        references: Vec::new(),
    }
}

/// With a zone, or without one in UTC.
fn moment(text: Option<&String>) -> Option<Time> {
    let text = text?;
    let with_zone = chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    with_zone.or_else(|| {
        let short = text.get(..14).filter(|digits| digits.chars().all(|c| c.is_ascii_digit()))?;
        Some(chrono::NaiveDateTime::parse_from_str(short, "%Y%m%d%H%M%S").ok()?.and_utc())
    })
}

fn receipt(id: &str, status: &str, fields: &BTreeMap<String, String>) -> Incoming {
    let found = match status {
        "scheduled" | "sent" | "buffered" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "expired" | "delivery_failed" => ReceiptStatus::Failed,
        _ => return Incoming::Ignored { what: format!("status {status}") },
    };
    let failed = found == ReceiptStatus::Failed;
    let reason = fields.get("statusReason").filter(|reason| !reason.is_empty());
    let code = fields.get("statusErrorCode").filter(|code| !code.is_empty());
    Incoming::Receipt(Receipt {
        provider_message_id: id.to_owned(),
        correlation: fields.get("reference").filter(|key| !key.is_empty()).cloned(),
        status: found,
        at: moment(fields.get("statusDatetime")),
        error_code: failed.then(|| code.map_or_else(|| status.to_owned(), String::clone)),
        error_message: failed
            .then(|| reason.map_or("the message could not be delivered", String::as_str).to_owned()),
        facts: Value::Null,
    })
}

#[cfg(test)]
mod tests;
