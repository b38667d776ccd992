//! SMS and MMS through Twilio (Messages API of 2010-04-01).
//!
//! Twilio has no idempotency key. What settles an unknown outcome is the `mid` that we put into the status
//! callback's address (any callback proves that the message was taken), and looking the message up.

mod codes;
mod signature;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use model::{
    Attachment, AttachmentKind, ChannelType, Time,
    profile::{
        IdentifierKind, MediaDelivery, MediaRule, Profile, Receipts, SessionNeed, TextLimit, TextUnit,
        takes_mms,
    },
};
use outbound::{Request, Response};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, InboundMessage, Incoming, Lookup, Media,
    OutboundMessage, ParseError, Part, Receipt, ReceiptStatus, SendError, SendErrorClass, Sent,
    SettingsProblem, Verified, VerifyError, WebhookAnswer, WebhookRequest, credentials,
    error::without_body,
    plain::{self, international, kind_of, line_of},
    rich, sms, text,
};

const PUBLIC: &str = "https://api.twilio.com";
const VERSION: &str = "2010-04-01";
/// Attachments of one MMS.
const MAX_MEDIA: usize = 10;

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Starts with AC; on the first page of the Twilio console.
    #[schemars(length(min = 3, max = 64), regex(pattern = "^[A-Za-z0-9_]+$"))]
    account_sid: String,
    /// Beside the account SID. Twilio signs its webhooks with it, so it is needed even with an API key.
    #[schemars(length(min = 1, max = 256), extend("x-secret" = true))]
    auth_token: String,
    /// The second token while tokens are being rotated.
    #[schemars(length(min = 1, max = 256), extend("x-secret" = true))]
    auth_token_secondary: Option<String>,
    /// Of an account whose webhooks are signed with a key of their own; then nothing else is believed.
    #[schemars(length(min = 8, max = 256), extend("x-secret" = true))]
    webhook_shared_key: Option<String>,
    /// Starts with SK; used for sending instead of the auth token.
    #[schemars(length(max = 256), extend("x-secret" = "key"))]
    api_key: Option<String>,
    #[schemars(length(max = 256), extend("x-secret" = true))]
    api_secret: Option<String>,
    /// The number that messages come from, like +15005550006.
    sender_number: Option<String>,
    /// A name of up to eleven letters instead of a number; nobody can answer it.
    #[schemars(length(max = 11))]
    sender_id: Option<String>,
    /// Starts with MG; the service picks the number.
    messaging_service_sid: Option<String>,
    /// Another host, for a region or a test.
    #[schemars(url)]
    api_base: Option<String>,
    provider: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Settings {
    /// Another host, for a region or a test; the default is https://api.twilio.com.
    #[schemars(url)]
    api_base: Option<String>,
    /// The number that messages come from, like +15005550006.
    sender_number: Option<String>,
    /// A name of up to eleven letters instead of a number; nobody can answer it.
    #[schemars(length(max = 11))]
    sender_id: Option<String>,
    /// Starts with MG; the service picks the number.
    messaging_service_sid: Option<String>,
    /// Send pictures as MMS. Otherwise, and outside +1 if not set, their links are added to the text.
    mms: Option<bool>,
    /// Seconds after which Twilio gives up delivering.
    #[schemars(range(min = 1, max = 36000))]
    validity_period: Option<u32>,
    /// Filled in by verification.
    account_name: Option<String>,
    /// Filled in by verification.
    account_type: Option<String>,
}

/// The adapter.
pub(crate) struct Twilio {
    profile: Profile,
}

impl Twilio {
    pub(crate) fn new() -> Self {
        let documents =
            ["application/pdf", "text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/calendar"];
        let kinds: [(AttachmentKind, u64, &[&str]); 6] = [
            (AttachmentKind::Image, 5 << 20, &["image/jpeg", "image/png", "image/gif"]),
            (AttachmentKind::Video, 500 << 10, &[]),
            (AttachmentKind::Audio, 500 << 10, &[]),
            (AttachmentKind::Document, 500 << 10, &documents),
            (AttachmentKind::Location, 0, &[]),
            (AttachmentKind::ContactCard, 0, &[]),
        ];
        let profile = Profile {
            channel_type: ChannelType::Sms,
            provider: "twilio".into(),
            display_name: "Twilio".into(),
            help: "Copy the account SID and the auth token from the first page of the Twilio console.".into(),
            identifier: IdentifierKind::Phone,
            text: TextLimit { max: 1600, unit: TextUnit::Chars, max_segments: Some(10) },
            caption_limit: Some(1600),
            max_attachments: MAX_MEDIA as u32,
            media: kinds
                .map(|(kind, max_bytes, types)| MediaRule {
                    kind,
                    max_bytes,
                    mime_types: types.iter().map(|mime| (*mime).to_owned()).collect(),
                })
                .into(),
            media_delivery: MediaDelivery::Mms,
            receipts: Receipts { delivered: true, read: false },
            reply_window_hours: None,
            default_rate_per_minute: Some(600),
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: true,
            settings_schema: sms::settings_schema::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "account_sid": "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "auth_token": "tok_example_0123456789abcdef",
                "api_key": "SK00000000000000000000000000001234",
                "api_secret": "example-api-secret-0001",
                "sender_number": "+15005550006",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Twilio {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        signature::verify(channel, request)
    }

    fn parse(&self, _: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        let fields: BTreeMap<String, String> = signature::parameters(request).into_iter().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let Some(sid) = field("MessageSid").or_else(|| field("SmsSid")) else {
            return Err(ParseError("the form has no MessageSid".to_owned()));
        };
        let status = field("MessageStatus").or_else(|| field("SmsStatus")).unwrap_or("received");
        if !matches!(status, "received" | "receiving") {
            return Ok(vec![receipt(sid, status, &fields, request)]);
        }
        let from = field("From").ok_or_else(|| ParseError("the form has no From".to_owned()))?;
        let mut incoming = vec![Incoming::Message(inbound(sid, from, &fields))];
        match field("OptOutType") {
            Some("STOP") => incoming.push(Incoming::OptedOut { sender: from.to_owned(), at: None }),
            Some("START") => incoming.push(Incoming::OptedIn { sender: from.to_owned(), at: None }),
            _ => {}
        }
        Ok(incoming)
    }

    /// Anything but an empty document would be sent to the customer as an answer.
    fn webhook_answer(&self, _: &ChannelConfig, _: &WebhookRequest) -> WebhookAnswer {
        WebhookAnswer { content_type: "text/xml", body: "<Response/>".to_owned() }
    }

    fn parts(&self, channel: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        let mms = takes_mms(&channel.settings, &message.to, channel.default_country_code.as_deref());
        let (media, lines): (Vec<usize>, Vec<String>) = as_media_or_lines(message, mms);
        let text = plain::join(&message.text, lines.into_iter(), &rich::choices(&message.metadata));
        let pieces = text::split(&sms::written(channel, &text), &self.profile.text);
        let mut parts: Vec<Part> = pieces
            .into_iter()
            .enumerate()
            .map(|(index, text)| Part { index, text, attachments: Vec::new() })
            .collect();
        for (group, numbers) in media.chunks(MAX_MEDIA).enumerate() {
            match parts.get_mut(group) {
                Some(part) => part.attachments = numbers.to_vec(),
                None => {
                    parts.push(Part {
                        index: parts.len(),
                        text: String::new(),
                        attachments: numbers.to_vec(),
                    });
                }
            }
        }
        parts
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let to = international(&message.to, channel.default_country_code.as_deref());
        let mut form: Vec<(&str, String)> = vec![("To", to)];
        if let Some(service) = channel.field("messaging_service_sid") {
            form.push(("MessagingServiceSid", service.to_owned()));
        }
        if let Some(from) = channel.field("sender_number").or_else(|| channel.field("sender_id")) {
            form.push(("From", from.to_owned()));
        } else if form.len() == 1 {
            return Err(SendError::config(
                "the channel has no sender_number, sender_id or messaging_service_sid",
            ));
        }
        if !part.text.is_empty() {
            form.push(("Body", part.text.clone()));
        }
        for number in &part.attachments {
            let url = message.attachments.get(*number).and_then(|a| a.attachment.url.clone());
            form.push(("MediaUrl", url.unwrap_or_default()));
        }
        if let Some(callback) = &message.callback_url {
            form.push((
                "StatusCallback",
                format!("{callback}?mid={}&part={}", message.idempotency_key, part.index),
            ));
        }
        if let Some(seconds) = channel.settings.get("validity_period").and_then(Value::as_u64) {
            form.push(("ValidityPeriod", seconds.to_string()));
        }
        let pairs = form.iter().map(|(name, value)| (*name, value.as_str()));
        let request = authorised(ctx, Request::post(account_url(channel, "/Messages.json")?).form(pairs))?;
        let (answer, exchange) = read(ctx.call(request).await?)?;
        let Some(sid) = answer["sid"].as_str() else {
            return Err(SendError::new(
                SendErrorClass::Unknown,
                "not_understood",
                "the answer names no message",
            )
            .with_exchange(exchange));
        };
        let told = answer["num_segments"].as_str().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
        Ok(Sent {
            provider_message_id: sid.to_owned(),
            segments: told.unwrap_or_else(|| sms::count(&part.text)),
            raw: json!({"status": answer["status"], "num_segments": answer["num_segments"]}),
            exchange: Some(exchange),
        })
    }

    /// Finds a message to the same number with the same text, made since the attempt. Two of them cannot be
    /// told apart; and whether the one found is already known as another message, the caller checks.
    async fn look_up(
        &self,
        ctx: &Context,
        message: &OutboundMessage,
        part: &Part,
        attempted_at: Time,
    ) -> Result<Lookup, SendError> {
        let channel = &ctx.channel;
        let to = international(&message.to, channel.default_country_code.as_deref());
        let day = (attempted_at - chrono::Duration::minutes(1)).format("%Y-%m-%d").to_string();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("To", &to)
            .append_pair("DateSent>", &day)
            .append_pair("PageSize", "50")
            .finish();
        let request = Request::get(format!("{}?{query}", account_url(channel, "/Messages.json")?));
        let (answer, _) = read(ctx.call(authorised(ctx, request)?).await?)?;
        let made_since = |found: &Value| {
            let made =
                found["date_created"].as_str().and_then(|d| chrono::DateTime::parse_from_rfc2822(d).ok());
            made.is_some_and(|made| made >= attempted_at - chrono::Duration::seconds(2))
        };
        let listed = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let matching: Vec<&Value> = listed
            .iter()
            .filter(|found| found["body"].as_str().unwrap_or_default() == part.text && made_since(found))
            .filter(|found| found["direction"].as_str().is_some_and(|d| d.starts_with("outbound")))
            .collect();
        let settled = ctx.clock.now() - attempted_at > chrono::Duration::minutes(2);
        match matching.as_slice() {
            [one] => match (one["sid"].as_str(), one["status"].as_str().and_then(codes::status)) {
                (Some(sid), status) => Ok(Lookup::Found {
                    provider_message_id: sid.to_owned(),
                    status: status.unwrap_or(ReceiptStatus::Sent),
                }),
                _ => Ok(Lookup::CannotTell),
            },
            [] if settled && listed.len() < 50 => Ok(Lookup::NotTaken),
            _ => Ok(Lookup::CannotTell),
        }
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let request = Request::get(account_url(&ctx.channel, ".json")?).deadline(Duration::from_secs(10));
        let (account, exchange) = read(ctx.call(authorised(ctx, request)?).await?)?;
        let name = account["friendly_name"].as_str().unwrap_or("Twilio account");
        let status = account["status"].as_str().unwrap_or("active");
        if status != "active" {
            let problem = if status == "suspended" { SettingsProblem::Funds } else { SettingsProblem::Auth };
            let message = format!("the Twilio account is {status}");
            let class = SendErrorClass::Settings(problem);
            return Err(SendError::new(class, status, message).with_exchange(exchange));
        }
        let settings = json!({"account_name": name, "account_type": account["type"]});
        Ok(Verified { display: name.to_owned(), settings })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        self.verify_credentials(ctx).await?;
        let request =
            Request::get(account_url(&ctx.channel, "/Balance.json")?).deadline(Duration::from_secs(10));
        // subaccounts have no balance of their own; not knowing it is no fault
        let Ok((answer, _)) = read(ctx.call(authorised(ctx, request)?).await?) else {
            return Ok(Health::ok(json!({})));
        };
        let facts = json!({"balance": answer["balance"], "currency": answer["currency"]});
        let empty = answer["balance"].as_str().and_then(|b| b.parse::<f64>().ok()).is_some_and(|b| b <= 0.0);
        if empty {
            let message = Some("the Twilio account has no money left".to_owned());
            return Ok(Health { status: HealthStatus::Degraded, message, facts });
        }
        Ok(Health::ok(facts))
    }

    async fn fetch_media(&self, ctx: &Context, address: &str, max_bytes: usize) -> Result<Media, SendError> {
        let request = Request::get(address).max_response(max_bytes).deadline(Duration::from_mins(1));
        let request =
            if belongs_to_twilio(&ctx.channel, address) { authorised(ctx, request)? } else { request };
        let response = ctx.call(request).await?;
        if !response.status.is_success() {
            return Err(without_body(&response).with_exchange(response.exchange));
        }
        let mime = response.headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        Ok(Media { mime_type: mime.map(str::to_owned), bytes: response.body, filename: None })
    }
}

fn inbound(sid: &str, from: &str, fields: &BTreeMap<String, String>) -> InboundMessage {
    let count = fields.get("NumMedia").and_then(|n| n.parse::<usize>().ok()).unwrap_or(0).min(MAX_MEDIA);
    let attachments = (0..count)
        .filter_map(|n| {
            let url = fields.get(&format!("MediaUrl{n}"))?;
            let mime = fields
                .get(&format!("MediaContentType{n}"))
                .map_or("application/octet-stream", String::as_str);
            let mut attachment = Attachment::new(kind_of(mime));
            attachment.provider_file = Some(url.clone());
            attachment.mime_type = Some(mime.to_owned());
            Some(attachment)
        })
        .collect();
    let extra = ["To", "MessagingServiceSid", "NumSegments", "FromCountry", "FromCity", "OptOutType"];
    let metadata =
        extra.iter().filter_map(|name| Some(((*name).to_owned(), fields.get(*name)?.clone().into())));
    InboundMessage {
        external_id: sid.to_owned(),
        sender: from.to_owned(),
        aliases: Vec::new(),
        thread_key: from.to_owned(),
        display_name: fields.get("ProfileName").cloned(),
        text: fields.get("Body").cloned().unwrap_or_default(),
        attachments,
        reply_to_external_id: None,
        at: None,
        metadata: Value::Object(metadata.collect()),
        language_hint: None,
        references: Vec::new(),
    }
}

fn receipt(sid: &str, status: &str, fields: &BTreeMap<String, String>, request: &WebhookRequest) -> Incoming {
    let Some(found) = codes::status(status) else {
        return Incoming::Ignored { what: format!("status {status}") };
    };
    let code = fields.get("ErrorCode").filter(|code| !code.is_empty()).cloned();
    let code = if status == "canceled" { Some("canceled".to_owned()) } else { code };
    Incoming::Receipt(Receipt {
        provider_message_id: sid.to_owned(),
        correlation: request.query("mid"),
        status: found,
        at: None,
        error_message: code.as_deref().map(|code| codes::explain(code).to_owned()),
        error_code: code,
        facts: Value::Null,
    })
}

/// Which attachments go as media, and lines of text for the others.
fn as_media_or_lines(message: &OutboundMessage, mms: bool) -> (Vec<usize>, Vec<String>) {
    let (mut media, mut lines) = (Vec::new(), Vec::new());
    for (number, outgoing) in message.attachments.iter().enumerate() {
        let attachment = &outgoing.attachment;
        let is_file = !matches!(attachment.kind, AttachmentKind::Location | AttachmentKind::ContactCard);
        if mms && is_file && attachment.url.is_some() {
            media.push(number);
        } else {
            lines.extend(line_of(attachment));
        }
    }
    (media, lines)
}

fn account_url(channel: &ChannelConfig, rest: &str) -> Result<String, SendError> {
    let sid = channel.required("account_sid")?;
    Ok(format!("{}/{VERSION}/Accounts/{sid}{rest}", channel.api_base(PUBLIC)))
}

fn authorised(ctx: &Context, request: Request) -> Result<Request, SendError> {
    let channel = &ctx.channel;
    let key = channel.credentials.get("api_key").zip(channel.credentials.get("api_secret"));
    let (user, password) = match key {
        Some(pair) => pair,
        None => (channel.required("account_sid")?, channel.required("auth_token")?),
    };
    Ok(request.basic_auth(user, password).header(http::header::ACCEPT, "application/json"))
}

/// The password goes to Twilio's hosts only, however a media address got into a message.
fn belongs_to_twilio(channel: &ChannelConfig, address: &str) -> bool {
    let Ok(address) = url::Url::parse(address) else { return false };
    let own = url::Url::parse(channel.api_base(PUBLIC)).is_ok_and(|base| base.origin() == address.origin());
    let host = address.host_str().unwrap_or_default();
    own || address.scheme() == "https" && (host == "twilio.com" || host.ends_with(".twilio.com"))
}

fn read(response: Response) -> Result<(Value, Box<outbound::Exchange>), SendError> {
    let answer = response.json().filter(Value::is_object);
    match answer {
        Some(answer) if response.status.is_success() => Ok((answer, response.exchange)),
        Some(answer) if answer["code"].is_i64() || answer["message"].is_string() => {
            let code = answer["code"].as_i64();
            let class = codes::classify(code, &response);
            let message = response.redact(answer["message"].as_str().unwrap_or("no reason given"));
            let code = code.unwrap_or_else(|| i64::from(response.status.as_u16())).to_string();
            Err(SendError::new(class, code, message).with_exchange(response.exchange))
        }
        _ => Err(without_body(&response).with_exchange(response.exchange)),
    }
}

#[cfg(test)]
mod tests;
