//! E-mail through Postmark (email, inbound and event webhooks).

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use http::HeaderName;
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

const PUBLIC: &str = "https://api.postmarkapp.com";
const TOKEN: HeaderName = HeaderName::from_static("x-postmark-server-token");
/// Under which name our id travels through Postmark.
const OUR_ID: &str = "turumba_id";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Of the server, under API tokens.
    #[schemars(length(min = 1, max = 256), extend("x-secret" = "key"))]
    server_token: String,
    /// A confirmed sender signature or an address of a verified domain.
    #[schemars(length(min = 3, max = 254))]
    from_email: String,
    #[schemars(length(max = 200))]
    from_name: Option<String>,
    /// Where answers go, if elsewhere: the inbound address of the server, or one that is forwarded to it.
    #[schemars(length(max = 254))]
    reply_to: Option<String>,
    /// Stands in the address that is entered for inbound mails and events; made by the hub.
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
    /// Another host, for tests.
    #[schemars(url, extend("x-rare" = true))]
    api_base: Option<String>,
    /// The stream of messages to one person; "outbound" if empty.
    #[schemars(length(max = 64), extend("x-rare" = true))]
    message_stream: Option<String>,
    /// The stream of messages to many; "broadcast" if empty.
    #[schemars(length(max = 64), extend("x-rare" = true))]
    bulk_stream: Option<String>,
    /// Answers go to name+anything@, which Postmark's inbound addresses take: they then find their conversation by
    /// address.
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
pub(crate) struct Postmark {
    profile: Profile,
}

impl Postmark {
    pub(crate) fn new() -> Self {
        Self {
            profile: profile(Own {
                provider: "postmark",
                display_name: "Postmark",
                help: "The server's token is under API tokens, its webhooks under each message stream.",
                receipts: Receipts { delivered: true, read: false },
                session: SessionNeed::Never,
                settings_schema: credentials::schema_of::<Settings>(),
                credentials_schema: credentials::schema_of::<Credentials>(),
                example_credentials: json!({
                    "server_token": "00000000-example-0001", "from_email": "support@example.com",
                    "webhook_token": "postmark-webhook-token-0001",
                }),
            }),
        }
    }
}

#[async_trait]
impl Adapter for Postmark {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Postmark signs nothing.
    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        if unsubscribe::is_one(request) {
            return unsubscribe::verify(channel, request);
        }
        credentials::verify_token(channel, request)
    }

    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        if unsubscribe::is_one(request) {
            return Ok(unsubscribe::parse(channel, request));
        }
        let body: Value =
            serde_json::from_slice(&request.body).map_err(|error| ParseError(error.to_string()))?;
        if body["RecordType"].as_str().is_some_and(|kind| kind != "Inbound") {
            return Ok(event(&body));
        }
        let raw = raw(&body).ok_or_else(|| ParseError("the webhook holds no mail".to_owned()))?;
        let envelope: Vec<String> =
            body["OriginalRecipient"].as_str().map(str::to_owned).into_iter().collect();
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

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let mail = Mail::of(channel, message, part, ctx.clock.now())?;
        let request = Request::post(format!("{}/email", channel.api_base(PUBLIC)))
            .header(TOKEN, channel.required("server_token")?)
            .header(http::header::ACCEPT, "application/json")
            .json(&body(channel, &mail));
        let response = ctx.call(request).await?;
        let answer = response.json().unwrap_or_default();
        if !response.status.is_success() || answer["ErrorCode"].as_i64().unwrap_or(0) != 0 {
            return Err(refused(&response));
        }
        if !answer["MessageID"].is_string() {
            return Err(not_understood(&response));
        }
        Ok(Sent {
            provider_message_id: mail.message_id,
            segments: 1,
            raw: json!({"MessageID": answer["MessageID"]}),
            exchange: Some(response.exchange),
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let identity = Identity::of(&ctx.channel)?;
        let name = server(ctx).await?["Name"].as_str().unwrap_or_default().to_owned();
        let display = if name.is_empty() { identity.from } else { format!("{} ({name})", identity.from) };
        Ok(Verified { display, settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let server = server(ctx).await?;
        Ok(Health::ok(json!({"server": server["Name"], "inbound_address": server["InboundAddress"]})))
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        Ok(credentials::register_token(&ctx.channel, url))
    }

    fn has_files_inside(&self) -> bool {
        true
    }

    fn file_inside(&self, _: &ChannelConfig, request: &WebhookRequest, file: &str) -> Option<Media> {
        read::file(&raw(&serde_json::from_slice(&request.body).ok()?)?, file)
    }
}

async fn server(ctx: &Context) -> Result<Value, SendError> {
    let request = Request::get(format!("{}/server", ctx.channel.api_base(PUBLIC)))
        .header(TOKEN, ctx.channel.required("server_token")?)
        .header(http::header::ACCEPT, "application/json");
    let response = ctx.call(request).await?;
    if response.status.is_success() {
        Ok(response.json().unwrap_or_default())
    } else {
        Err(refused(&response))
    }
}

/// The mail of an inbound webhook: as it came, or put together again.
fn raw(body: &Value) -> Option<Vec<u8>> {
    if let Some(raw) = body["RawEmail"].as_str().filter(|raw| !raw.is_empty()) {
        return Some(raw.as_bytes().to_vec());
    }
    let word = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut headers: Vec<(String, String)> = body["Headers"]
        .as_array()?
        .iter()
        .filter_map(|one| Some((one["Name"].as_str()?.to_owned(), one["Value"].as_str()?.to_owned())))
        .collect();
    // what Postmark names beside its list of headers
    for (name, field) in
        [("From", "From"), ("To", "To"), ("Cc", "Cc"), ("Reply-To", "ReplyTo"), ("Date", "Date")]
    {
        if let Some(value) = word(&body[field]) {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            headers.push((name.to_owned(), value));
        }
    }
    if let Some(subject) = word(&body["Subject"]) {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case("Subject"));
        headers.push(("Subject".to_owned(), format!("=?utf-8?B?{}?=", STANDARD.encode(subject))));
    }
    let files =
        body["Attachments"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|file| Piece {
            name: word(&file["Name"]).unwrap_or_default(),
            mime_type: word(&file["ContentType"]).unwrap_or_else(|| "application/octet-stream".to_owned()),
            content_id: word(&file["ContentID"]),
            bytes: STANDARD.decode(file["Content"].as_str().unwrap_or_default()).unwrap_or_default(),
        });
    let pieces = Pieces {
        headers,
        text: word(&body["TextBody"]),
        html: word(&body["HtmlBody"]),
        files: files.collect(),
    };
    Some(pieces.mail())
}

fn event(event: &Value) -> Vec<Incoming> {
    let word = |field: &str| event[field].as_str().filter(|text| !text.is_empty());
    let kind = word("RecordType").unwrap_or_default();
    let when = ["DeliveredAt", "BouncedAt", "ChangedAt"].iter().find_map(|field| word(field));
    let at: Option<Time> = when.and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(Into::into);
    let id = event["Metadata"][OUR_ID].as_str();
    let why = word("Description").or_else(|| word("Details"));
    let receipt = |status: ReceiptStatus| {
        let failed = status == ReceiptStatus::Failed;
        Some(Incoming::Receipt(Receipt {
            provider_message_id: id?.to_owned(),
            correlation: None,
            status,
            at,
            error_code: failed.then(|| word("Type").unwrap_or(kind).to_owned()),
            error_message: why.filter(|_| failed).map(str::to_owned),
            facts: Value::Null,
        }))
    };
    let sender = word("Recipient").or_else(|| word("Email")).map(normal);
    let note = why.map(str::to_owned);
    let told: Vec<Incoming> =
        match (kind, word("Type").or_else(|| word("SuppressionReason")).unwrap_or_default()) {
            ("Delivery", _) => receipt(ReceiptStatus::Delivered).into_iter().collect(),
            // still being tried, or no bounce at all
            ("Bounce", "Transient" | "DnsError" | "AutoResponder" | "Subscribe" | "OpenRelayTest") => {
                Vec::new()
            }
            ("Bounce", "HardBounce" | "BadEmailAddress") => {
                let gone = sender.map(|sender| Incoming::Undeliverable { sender, note, at });
                receipt(ReceiptStatus::Failed).into_iter().chain(gone).collect()
            }
            ("Bounce", "SpamComplaint") | ("SpamComplaint", _) | ("SubscriptionChange", "SpamComplaint") => {
                sender.map(|sender| Incoming::Complained { sender, note, at }).into_iter().collect()
            }
            ("Bounce", _) => receipt(ReceiptStatus::Failed).into_iter().collect(),
            ("SubscriptionChange", "HardBounce") => {
                sender.map(|sender| Incoming::Undeliverable { sender, note, at }).into_iter().collect()
            }
            ("SubscriptionChange", _) if event["SuppressSending"] == true => {
                sender.map(|sender| Incoming::OptedOut { sender, at }).into_iter().collect()
            }
            ("SubscriptionChange", _) => {
                sender.map(|sender| Incoming::OptedIn { sender, at }).into_iter().collect()
            }
            _ => Vec::new(),
        };
    if told.is_empty() { vec![Incoming::Ignored { what: format!("a record {kind:?}") }] } else { told }
}

fn body(channel: &ChannelConfig, mail: &Mail) -> Value {
    let mut headers = vec![
        json!({"Name": "Message-ID", "Value": format!("<{}>", mail.message_id)}),
        // Postmark makes an id of its own otherwise
        json!({"Name": "X-PM-KeepID", "Value": "true"}),
    ];
    if let Some(id) = &mail.in_reply_to {
        headers.push(json!({"Name": "In-Reply-To", "Value": format!("<{id}>")}));
        let references: Vec<String> = mail.references.iter().map(|id| format!("<{id}>")).collect();
        headers.push(json!({"Name": "References", "Value": references.join(" ")}));
    }
    headers.extend(mail.headers.iter().map(|(name, value)| json!({"Name": name, "Value": value})));
    let from = match &mail.from_name {
        Some(name) => format!("\"{}\" <{}>", name.replace(['"', '\\'], ""), mail.from),
        None => mail.from.clone(),
    };
    let stream = if mail.is_bulk {
        channel.setting("bulk_stream").unwrap_or("broadcast")
    } else {
        channel.setting("message_stream").unwrap_or("outbound")
    };
    let files: Vec<Value> = mail
        .files
        .iter()
        .map(|file| {
            let mut one = json!({
                "Name": file.name, "ContentType": file.mime_type, "Content": STANDARD.encode(&file.bytes),
            });
            if let Some(id) = &file.content_id {
                one["ContentID"] = format!("cid:{id}").into();
            }
            one
        })
        .collect();
    let mut body = json!({
        "From": from, "To": mail.to, "Subject": mail.subject, "TextBody": mail.text, "HtmlBody": mail.html,
        "MessageStream": stream, "Headers": headers, "Attachments": files, "Metadata": {OUR_ID: mail.message_id},
    });
    if let Some(address) = &mail.reply_to {
        body["ReplyTo"] = address.clone().into();
    }
    body
}

fn refused(response: &Response) -> SendError {
    let status = response.status.as_u16();
    let answer = response.json().unwrap_or_default();
    let (Some(code), Some(message)) = (answer["ErrorCode"].as_i64(), answer["Message"].as_str()) else {
        return without_body(response).with_exchange(response.exchange.clone());
    };
    let class = match (status, code) {
        (429, _) | (_, 429) => {
            SendErrorClass::Throttled { after: retry_after(response), scope: ThrottleScope::Account }
        }
        (401, _) | (_, 10) => SendErrorClass::Settings(SettingsProblem::Auth),
        (_, 100) | (503, _) => SendErrorClass::Unavailable,
        (_, 405) => SendErrorClass::Settings(SettingsProblem::Funds),
        // sender signatures, streams, the account itself
        (_, 400 | 401 | 402 | 412 | 413 | 1221..=1235) => SendErrorClass::Settings(SettingsProblem::Config),
        (_, 406) => SendErrorClass::Rejected(RejectReason::Recipient),
        (_, 300) if message.contains("'To'") => SendErrorClass::Rejected(RejectReason::Recipient),
        (_, 300) if message.contains("'From'") => SendErrorClass::Settings(SettingsProblem::Config),
        (400..500, _) => SendErrorClass::Rejected(RejectReason::Content),
        _ => SendErrorClass::Unknown,
    };
    SendError::new(class, code.to_string(), response.redact(message)).with_exchange(response.exchange.clone())
}
