//! SMS through Vonage (the SMS API, formerly Nexmo).
//!
//! Long texts come back as several messages of one answer, each with an id and receipts of its own; our
//! message's id in `client-ref` is in all of them, and settles an unknown outcome.

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
    error::without_body,
    plain::{international, with_plus},
    sms,
};

const PUBLIC: &str = "https://rest.nexmo.com";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// On the first page of the Vonage dashboard.
    #[schemars(length(min = 4, max = 64), regex(pattern = "^[A-Za-z0-9]+$"))]
    api_key: String,
    /// Beside the API key.
    #[schemars(length(min = 8, max = 128), extend("x-secret" = true))]
    api_secret: String,
    /// In the dashboard's settings, with the method "SHA-256 HMAC". If it is set, unsigned webhooks are refused.
    #[schemars(length(min = 8, max = 256), extend("x-secret" = true))]
    signature_secret: Option<String>,
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
    /// The number (digits) or the name of up to eleven letters that messages come from.
    #[schemars(length(min = 1, max = 15))]
    sender: Option<String>,
    /// Seconds after which Vonage gives up delivering.
    #[schemars(range(min = 20, max = 604_800))]
    validity_period: Option<u32>,
    /// Another host, for tests; the default is https://rest.nexmo.com.
    #[schemars(url)]
    api_base: Option<String>,
}

/// The adapter.
pub(crate) struct Vonage {
    profile: Profile,
}

impl Vonage {
    pub(crate) fn new() -> Self {
        let profile = Profile {
            channel_type: ChannelType::Sms,
            provider: "vonage".into(),
            display_name: "Vonage".into(),
            help: "Copy the API key and the API secret from the first page of the Vonage dashboard.".into(),
            identifier: IdentifierKind::Phone,
            text: TextLimit { max: 1530, unit: TextUnit::Chars, max_segments: Some(10) },
            caption_limit: None,
            max_attachments: 10,
            media: sms::media(),
            media_delivery: MediaDelivery::None,
            receipts: Receipts { delivered: true, read: false },
            reply_window_hours: None,
            // thirty requests a second and API key
            default_rate_per_minute: Some(1800),
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: sms::settings_schema::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "api_key": "abcd1234", "api_secret": "example-secret-0001",
                "signature_secret": "example-signature-secret-0001",
                "webhook_token": "vonage-webhook-token-0001",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Vonage {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        match channel.credentials.get("signature_secret") {
            Some(secret) => signature::verify(secret, &fields(request)),
            None => credentials::verify_token(channel, request),
        }
    }

    fn parse(&self, _: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        let fields = fields(request);
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let Some(id) = field("messageId").or_else(|| field("message-id")) else {
            return Err(ParseError("the webhook names no message".to_owned()));
        };
        if let Some(status) = field("status") {
            return Ok(vec![receipt(id, status, &fields)]);
        }
        match field("msisdn") {
            Some(from) => Ok(vec![Incoming::Message(inbound(id, from, &fields))]),
            None => Err(ParseError("the webhook names no sender".to_owned())),
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
        let sender = channel.setting("sender").or(channel.sender_name.as_deref());
        let sender = sender.ok_or_else(|| SendError::config("the channel has no sender"))?;
        let to = international(&message.to, channel.default_country_code.as_deref());
        let unicode = sms::segments(&part.text).encoding == sms::Encoding::Ucs2;
        let mut form = vec![
            ("api_key", channel.required("api_key")?.to_owned()),
            ("api_secret", channel.required("api_secret")?.to_owned()),
            ("from", sender.trim_start_matches('+').to_owned()),
            ("to", to.trim_start_matches('+').to_owned()),
            ("text", part.text.clone()),
            ("type", if unicode { "unicode" } else { "text" }.to_owned()),
            ("client-ref", message.idempotency_key.clone()),
        ];
        if let Some(callback) = &message.callback_url {
            form.push(("status-report-req", "1".to_owned()));
            form.push(("callback", credentials::with_token(channel, callback, &[])));
        }
        if let Some(seconds) = channel.settings["validity_period"].as_u64() {
            form.push(("ttl", (seconds * 1000).to_string()));
        }
        let pairs = form.iter().map(|(name, value)| (*name, value.as_str()));
        let request = Request::post(format!("{}/sms/json", channel.api_base(PUBLIC))).form(pairs);
        let (answer, exchange) = read(ctx.call(request).await?)?;
        judge(&answer, exchange)
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        balance(ctx).await?;
        Ok(Verified { display: ctx.channel.required("api_key")?.to_owned(), settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let answer = balance(ctx).await?;
        let facts = json!({"balance": answer["value"], "auto_reload": answer["autoReload"]});
        let empty =
            answer["value"].as_f64().is_some_and(|value| value <= 0.0) && answer["autoReload"] != true;
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

/// What a webhook says: a form, JSON or a query, as the account's settings have it. Our own token is none of it.
fn fields(request: &WebhookRequest) -> BTreeMap<String, String> {
    if let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&request.body) {
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return body.into_iter().map(|(name, value)| (name, text(value))).collect();
    }
    let query = request.url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or(""));
    let source = if request.method == Method::GET { query.as_bytes() } else { request.body.as_ref() };
    url::form_urlencoded::parse(source).into_owned().filter(|(name, _)| name != "token").collect()
}

async fn balance(ctx: &Context) -> Result<Value, SendError> {
    let channel = &ctx.channel;
    let (key, secret) = (channel.required("api_key")?, channel.required("api_secret")?);
    let url = format!("{}/account/get-balance", channel.api_base(PUBLIC));
    let request = Request::get(url).basic_auth(key, secret).deadline(Duration::from_secs(10));
    Ok(read(ctx.call(request).await?)?.0)
}

fn read(response: Response) -> Result<(Value, Box<Exchange>), SendError> {
    match response.json().filter(Value::is_object) {
        Some(answer) if response.status.is_success() => Ok((answer, response.exchange)),
        Some(answer) => {
            let told = answer["error-code-label"].as_str().or_else(|| answer["title"].as_str());
            let message = told.map_or_else(|| without_body(&response).message, |told| response.redact(told));
            Err(SendError { message, ..without_body(&response) }.with_exchange(response.exchange))
        }
        None => Err(without_body(&response).with_exchange(response.exchange)),
    }
}

/// The answer has an entry for each segment. One that was taken makes the message one that was.
fn judge(answer: &Value, exchange: Box<Exchange>) -> Result<Sent, SendError> {
    let listed = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let taken: Vec<&str> = listed
        .iter()
        .filter(|one| one["status"] == "0")
        .filter_map(|one| one["message-id"].as_str())
        .collect();
    if let Some(first) = taken.first() {
        return Ok(Sent {
            provider_message_id: (*first).to_owned(),
            segments: taken.len() as u32,
            raw: json!({"message_ids": taken, "price": listed[0]["message-price"], "network": listed[0]["network"]}),
            exchange: Some(exchange),
        });
    }
    let Some(refused) = listed.iter().find(|one| one["status"].as_str().is_some_and(|status| status != "0"))
    else {
        let told = "the answer names no message";
        return Err(SendError::new(SendErrorClass::Unknown, "not_understood", told).with_exchange(exchange));
    };
    let code = refused["status"].as_str().unwrap_or_default();
    let text = refused["error-text"].as_str().unwrap_or("no reason given");
    // the reason may quote what was sent, and that has the secret in it: only its first line, and short
    let text: String = text.lines().next().unwrap_or_default().chars().take(120).collect();
    Err(SendError::new(classify(code), code, text).with_exchange(exchange))
}

/// What a status means. Total.
fn classify(code: &str) -> SendErrorClass {
    use RejectReason::{Content, OptOut, Policy, Recipient};
    let settings = SendErrorClass::Settings;
    match code {
        "1" => SendErrorClass::Throttled { after: None, scope: ThrottleScope::Account },
        "5" | "10" => SendErrorClass::Unavailable,
        "4" | "8" | "11" | "14" | "32" => settings(SettingsProblem::Auth),
        "9" => settings(SettingsProblem::Funds),
        "15" | "22" | "23" => settings(SettingsProblem::Config),
        "7" => SendErrorClass::Rejected(OptOut),
        "33" | "34" => SendErrorClass::Rejected(Recipient),
        "29" => SendErrorClass::Rejected(Policy),
        _ => SendErrorClass::Rejected(Content),
    }
}

fn inbound(id: &str, from: &str, fields: &BTreeMap<String, String>) -> InboundMessage {
    let kept = ["to", "type", "keyword", "concat-ref", "concat-part", "concat-total", "network-code"];
    let metadata =
        kept.iter().filter_map(|name| Some(((*name).to_owned(), fields.get(*name)?.clone().into())));
    let text = fields.get("text").or_else(|| fields.get("data")).cloned().unwrap_or_default();
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
        at: moment(fields),
        metadata: Value::Object(metadata.collect()),
        language_hint: None,
        references: Vec::new(),
    }
}

/// `2026-01-31 12:05:00`, in UTC.
fn moment(fields: &BTreeMap<String, String>) -> Option<Time> {
    let text = fields.get("message-timestamp")?;
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().map(|at| at.and_utc())
}

fn receipt(id: &str, status: &str, fields: &BTreeMap<String, String>) -> Incoming {
    let found = match status {
        "accepted" | "buffered" | "submitted" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "expired" | "failed" | "rejected" => ReceiptStatus::Failed,
        _ => return Incoming::Ignored { what: format!("status {status}") },
    };
    let failed = found == ReceiptStatus::Failed;
    let code = fields.get("err-code").filter(|code| !code.is_empty() && *code != "0").cloned();
    let facts = fields.get("price").map_or(Value::Null, |price| json!({"price": price}));
    Incoming::Receipt(Receipt {
        provider_message_id: id.to_owned(),
        correlation: fields.get("client-ref").filter(|key| !key.is_empty()).cloned(),
        status: found,
        at: moment(fields),
        error_message: failed.then(|| explain(code.as_deref().unwrap_or(status)).to_owned()),
        error_code: failed.then(|| code.unwrap_or_else(|| status.to_owned())),
        facts,
    })
}

/// The code of a receipt, in words.
fn explain(code: &str) -> &'static str {
    match code {
        "2" => "the phone could not be reached for now",
        "3" => "the phone could not be reached",
        "4" | "14" => "the recipient is barred from receiving messages",
        "5" => "the number was ported and could not be found",
        "6" => "the message was filtered as spam",
        "7" => "the phone is busy",
        "8" => "the network failed",
        "9" => "there is no such number",
        "10" => "the message is not accepted there",
        "11" => "no route to this network",
        "12" => "the destination could not be reached",
        "13" => "the recipient is too young for this content",
        "15" => "the sender is not allowed there",
        "39" => "the sender name is not allowed there",
        "50" | "51" | "52" | "53" | "54" => "the network does not allow this kind of message",
        "expired" => "the message expired before it could be delivered",
        _ => "the message could not be delivered",
    }
}

#[cfg(test)]
mod tests;
