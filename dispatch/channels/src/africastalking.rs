//! SMS through Africa's Talking.
//!
//! An answer of 201 does not mean that anything was sent: each recipient has a code of its own. Callbacks are
//! not signed; the secret stands in their address.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use model::{
    ChannelType, Time,
    profile::{IdentifierKind, MediaDelivery, Profile, Receipts, SessionNeed, TextLimit, TextUnit},
};
use outbound::{Request, Response};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, InboundMessage, Incoming, OutboundMessage,
    ParseError, Part, Receipt, ReceiptStatus, Registered, RejectReason, SendError, SendErrorClass, Sent,
    SettingsProblem, ThrottleScope, Verified, VerifyError, WebhookRequest, credentials, error::without_body,
    plain::international, sms,
};

const PUBLIC: &str = "https://api.africastalking.com";
const SANDBOX: &str = "https://api.sandbox.africastalking.com";
/// Premium messages go to a host of their own.
const CONTENT: &str = "https://content.africastalking.com";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Of the application; `sandbox` for the sandbox.
    #[schemars(length(min = 1, max = 100))]
    username: String,
    /// In the application's settings under "API key". A new key takes some minutes to work.
    #[schemars(length(min = 8, max = 256), extend("x-secret" = "key"))]
    api_key: String,
    /// Stands in the address that is entered for callbacks; made by the hub.
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
    /// A sender name or short code; empty for the shared sender.
    #[schemars(length(max = 20))]
    sender_id: Option<String>,
    /// Another host, for tests; the default is https://api.africastalking.com.
    #[schemars(url)]
    api_base: Option<String>,
    /// Customers pay for what they get; needs the keyword of the subscription.
    premium: Option<bool>,
    /// Of a premium subscription.
    #[schemars(length(max = 50))]
    keyword: Option<String>,
    /// Hours in which a premium message is tried again.
    #[schemars(range(min = 1, max = 72))]
    retry_hours: Option<u32>,
}

/// The adapter.
pub(crate) struct AfricasTalking {
    profile: Profile,
}

impl AfricasTalking {
    pub(crate) fn new() -> Self {
        let profile = Profile {
            channel_type: ChannelType::Sms,
            provider: "africastalking".into(),
            display_name: "Africa's Talking".into(),
            help: "The username of the application and its API key, from its settings at Africa's Talking."
                .into(),
            identifier: IdentifierKind::Phone,
            text: TextLimit { max: 1530, unit: TextUnit::Chars, max_segments: Some(10) },
            caption_limit: None,
            max_attachments: 10,
            media: sms::media(),
            media_delivery: MediaDelivery::None,
            receipts: Receipts { delivered: true, read: false },
            reply_window_hours: None,
            default_rate_per_minute: Some(1200),
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: sms::settings_schema::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "username": "acme", "api_key": "atsk_example_0123456789abcdef",
                "webhook_token": "X6wg3pVTgNdcu8aHznzyrxV8vU09wD9K",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for AfricasTalking {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        credentials::verify_token(channel, request)
    }

    fn parse(&self, _: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        let fields: BTreeMap<String, String> =
            url::form_urlencoded::parse(&request.body).into_owned().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if let (Some(from), Some(id)) = (field("from"), field("id")) {
            return Ok(vec![Incoming::Message(inbound(id, from, &fields))]);
        }
        if let (Some(id), Some(status)) = (field("id"), field("status")) {
            return Ok(vec![receipt(id, status, field("failureReason"), field("phoneNumber"))]);
        }
        match (field("phoneNumber"), field("senderId"), field("updateType")) {
            (Some(phone), Some(_), _) => Ok(vec![Incoming::OptedOut { sender: phone.to_owned(), at: None }]),
            (Some(_), _, Some(kind)) => Ok(vec![Incoming::Ignored { what: format!("subscription {kind}") }]),
            _ => Err(ParseError("the form is no callback of Africa's Talking".to_owned())),
        }
    }

    fn parts(&self, channel: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        sms::parts(&self.profile, channel, message)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let to = international(&message.to, channel.default_country_code.as_deref());
        let premium = channel.settings["premium"] == true;
        let mut form = vec![
            ("username", channel.required("username")?.to_owned()),
            ("to", to.clone()),
            ("message", part.text.clone()),
            ("bulkSMSMode", if premium { "0" } else { "1" }.to_owned()),
        ];
        if let Some(sender) = channel.setting("sender_id") {
            form.push(("from", sender.to_owned()));
        }
        if premium {
            for (name, value) in [
                ("keyword", channel.setting("keyword").map(str::to_owned)),
                ("linkId", message.metadata["link_id"].as_str().map(str::to_owned)),
                (
                    "retryDurationInHours",
                    channel.settings["retry_hours"].as_u64().map(|hours| hours.to_string()),
                ),
            ] {
                form.extend(value.map(|value| (name, value)));
            }
        } else {
            form.push(("enqueue", "1".to_owned()));
        }
        let pairs = form.iter().map(|(name, value)| (*name, value.as_str()));
        let host = if premium { CONTENT } else { PUBLIC };
        let request =
            authorised(ctx, Request::post(address(channel, host, "/version1/messaging")).form(pairs))?;
        let (answer, exchange) = read(ctx.call(request).await?)?;
        judge(&answer, &to, part).map_err(|error| error.with_exchange(exchange.clone())).map(|mut sent| {
            sent.exchange = Some(exchange);
            sent
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let (_, _) = user(ctx).await?;
        let username = ctx.channel.required("username")?.to_owned();
        Ok(Verified { display: username, settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let (balance, facts) = user(ctx).await?;
        if balance.is_some_and(|balance| balance <= 0.0) {
            let message = Some("the account has no credit left".to_owned());
            return Ok(Health { status: HealthStatus::Degraded, message, facts });
        }
        Ok(Health::ok(facts))
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        Ok(credentials::register_token(&ctx.channel, url))
    }
}

fn address(channel: &ChannelConfig, host: &'static str, path: &str) -> String {
    let sandbox = channel.credentials.get("username") == Some("sandbox");
    let public = if sandbox { SANDBOX } else { host };
    format!("{}{path}", channel.api_base(public))
}

fn authorised(ctx: &Context, request: Request) -> Result<Request, SendError> {
    let key = ctx.channel.required("api_key")?;
    Ok(request
        .header(http::HeaderName::from_static("apikey"), key)
        .header(http::header::ACCEPT, "application/json"))
}

/// The account's balance: the number in it, and as it is written.
async fn user(ctx: &Context) -> Result<(Option<f64>, Value), SendError> {
    let name = ctx.channel.required("username")?;
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("username", name).finish();
    let url = format!("{}?{query}", address(&ctx.channel, PUBLIC, "/version1/user"));
    let request = authorised(ctx, Request::get(url).deadline(Duration::from_secs(10)))?;
    let (answer, _) = read(ctx.call(request).await?)?;
    let balance = &answer["UserData"]["balance"];
    let number = balance.as_str().and_then(|text| text.split_whitespace().last()?.parse().ok());
    Ok((number, json!({"balance": balance})))
}

/// Errors come as plain text.
fn read(response: Response) -> Result<(Value, Box<outbound::Exchange>), SendError> {
    if let (true, Some(answer)) = (response.status.is_success(), response.json().filter(Value::is_object)) {
        return Ok((answer, response.exchange));
    }
    // also a 500: its words are a proxy's as well as theirs, and nothing can be asked about afterwards
    let error = without_body(&response);
    let body = String::from_utf8_lossy(&response.body);
    let told: String = body.trim().chars().take(200).collect();
    // a page of a proxy says nothing
    let error = if told.is_empty() || told.starts_with(['<', '{']) {
        error
    } else {
        SendError { message: response.redact(&told), ..error }
    };
    Err(error.with_exchange(response.exchange))
}

fn judge(answer: &Value, to: &str, part: &Part) -> Result<Sent, SendError> {
    let data = &answer["SMSMessageData"];
    let listed = data["Recipients"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = listed.iter().find(|one| one["number"] == to).or_else(|| listed.first());
    let Some(recipient) = found else {
        let reason = data["Message"].as_str().unwrap_or("no recipient was taken");
        let class = match reason {
            _ if reason.contains("InvalidSenderId") => SendErrorClass::Settings(SettingsProblem::Config),
            _ if reason.contains("InsufficientBalance") => SendErrorClass::Settings(SettingsProblem::Funds),
            _ if data.is_object() => SendErrorClass::Rejected(RejectReason::Content),
            _ => SendErrorClass::Unknown,
        };
        let code: String = reason.chars().take(40).collect();
        return Err(SendError::new(class, code, reason));
    };
    let code = recipient["statusCode"].as_i64().unwrap_or_default();
    let status = recipient["status"].as_str().unwrap_or_default();
    let id = recipient["messageId"].as_str().filter(|id| !id.is_empty() && *id != "None");
    match (code, id) {
        (100..=102, Some(id)) => Ok(Sent {
            provider_message_id: id.to_owned(),
            segments: sms::count(&part.text),
            raw: json!({"status": status, "cost": recipient["cost"]}),
            exchange: None,
        }),
        (100..=102, None) => {
            Err(SendError::new(SendErrorClass::Unknown, "not_understood", "the answer names no message"))
        }
        _ => Err(SendError::new(classify(code), code.to_string(), status)),
    }
}

/// What a recipient's code means. Total.
fn classify(code: i64) -> SendErrorClass {
    use RejectReason::{Content, OptOut, Recipient};
    match code {
        401 | 402 => SendErrorClass::Settings(SettingsProblem::Config),
        403 | 404 | 407 => SendErrorClass::Rejected(Recipient),
        405 => SendErrorClass::Settings(SettingsProblem::Funds),
        406 | 409 => SendErrorClass::Rejected(OptOut),
        429 => SendErrorClass::Throttled { after: None, scope: ThrottleScope::Account },
        500 | 501 => SendErrorClass::Unavailable,
        _ => SendErrorClass::Rejected(Content),
    }
}

fn inbound(id: &str, from: &str, fields: &BTreeMap<String, String>) -> InboundMessage {
    let kept = ["to", "linkId", "networkCode", "cost"];
    let metadata = kept.iter().filter_map(|name| {
        Some(((*name).to_owned(), fields.get(*name).filter(|v| !v.is_empty())?.clone().into()))
    });
    InboundMessage {
        external_id: id.to_owned(),
        sender: from.to_owned(),
        aliases: Vec::new(),
        thread_key: from.to_owned(),
        display_name: None,
        text: fields.get("text").cloned().unwrap_or_default(),
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: fields.get("date").and_then(|date| moment(date)),
        metadata: Value::Object(metadata.collect()),
        language_hint: None,
        references: Vec::new(),
    }
}

/// With a `T` and a zone, or with a space and none; both are UTC.
fn moment(text: &str) -> Option<Time> {
    let with_zone = chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    with_zone.or_else(|| {
        let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
        Some(naive.and_utc())
    })
}

fn receipt(id: &str, status: &str, reason: Option<&str>, phone: Option<&str>) -> Incoming {
    let found = match status.to_ascii_lowercase().as_str() {
        "sent" | "submitted" | "buffered" => ReceiptStatus::Sent,
        "success" => ReceiptStatus::Delivered,
        "rejected" | "failed" | "expired" | "absentsubscriber" => ReceiptStatus::Failed,
        _ => return Incoming::Ignored { what: format!("status {status}") },
    };
    let failed = found == ReceiptStatus::Failed;
    let facts = phone.map_or(Value::Null, |phone| json!({"phone": phone}));
    Incoming::Receipt(Receipt {
        provider_message_id: id.to_owned(),
        correlation: None,
        status: found,
        at: None,
        error_code: failed.then(|| reason.unwrap_or(status).to_owned()),
        error_message: failed.then(|| explain(reason.unwrap_or(status)).to_owned()),
        facts,
    })
}

/// The reason of a failure, in words; its spelling varies.
fn explain(reason: &str) -> &'static str {
    let word: String = reason.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    match word.as_str() {
        "userinblacklist" | "donotdisturbrejection" => "the recipient has opted out",
        "userdoesnotexist" | "invalidphonenumber" => "there is no such number",
        "notnetworksubscriber" | "notnetworksubcriber" => "the number belongs to another network",
        "userisinactive" | "useraccountsuspended" => "the number is not in service",
        "absentsubscriber" => "the phone could not be reached",
        "usermemorycapacityexceeded" => "the phone's memory is full",
        "insufficientcredit" => "the recipient has no airtime left",
        "invalidsenderid" | "rejectedbygateway" => "the network refused the sender or the message",
        "expired" => "the message expired before it could be delivered",
        _ => "the message could not be delivered",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::{HeaderMap, Method};

    use super::*;
    use crate::{
        conformance::{Sample, example_channel, example_message, local_context},
        testing::{Answer, FakeApi},
    };

    fn adapter() -> Arc<dyn Adapter> {
        Arc::new(AfricasTalking::new())
    }

    fn webhook(body: &str) -> WebhookRequest {
        let url = "https://hub.example/v1/webhooks/sms/1?token=X6wg3pVTgNdcu8aHznzyrxV8vU09wD9K".to_owned();
        WebhookRequest { method: Method::POST, url, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    const INBOUND: &str =
        "from=%2B254700000001&to=22384&text=Habari&date=2026-01-31T12%3A05%3A00Z&id=5f0c&linkId=L1";
    const FAILED: &str = "id=ATXid_1&status=Failed&phoneNumber=%2B254700000001&networkCode=63902&failureReason=UserInBlackList&retryCount=0";

    fn sample() -> Sample {
        let genuine = vec![webhook(INBOUND), webhook(FAILED)];
        Sample { channel: example_channel(&AfricasTalking::new()), genuine }
    }

    crate::conformance!(conforms, adapter(), sample());
    crate::over_http!(faults_keep_their_class, adapter(), sample());

    fn one(body: &str) -> Incoming {
        let channel = example_channel(&AfricasTalking::new());
        AfricasTalking::new().parse(&channel, &webhook(body)).unwrap().remove(0)
    }

    #[test]
    fn callbacks() {
        let Incoming::Message(message) = one(INBOUND) else { panic!() };
        assert_eq!((message.sender.as_str(), message.text.as_str()), ("+254700000001", "Habari"));
        assert_eq!(
            (message.metadata["linkId"].as_str(), message.at.unwrap().timestamp()),
            (Some("L1"), 1_769_861_100)
        );
        let spaced = one(&INBOUND.replace("2026-01-31T12%3A05%3A00Z", "2026-01-31+12%3A05%3A00"));
        assert!(matches!(spaced, Incoming::Message(other) if other.at == message.at));
        let empty = one(&INBOUND.replace("text=Habari", "text="));
        assert!(matches!(empty, Incoming::Message(message) if message.text.is_empty()));
        let Incoming::Receipt(receipt) = one(FAILED) else { panic!() };
        assert_eq!(
            (receipt.status, receipt.error_code.as_deref()),
            (ReceiptStatus::Failed, Some("UserInBlackList"))
        );
        assert_eq!(receipt.error_message.as_deref(), Some("the recipient has opted out"));
        for (word, status) in [("Success", ReceiptStatus::Delivered), ("Buffered", ReceiptStatus::Sent)] {
            let found = one(&format!("id=1&status={word}&phoneNumber=%2B1"));
            assert!(matches!(found, Incoming::Receipt(receipt) if receipt.status == status));
        }
        assert!(matches!(one("id=1&status=Pondering"), Incoming::Ignored { .. }));
        assert!(matches!(one("senderId=ACME&phoneNumber=%2B254700000001"), Incoming::OptedOut { .. }));
        assert!(matches!(one("phoneNumber=%2B1&shortCode=1&updateType=addition"), Incoming::Ignored { .. }));
    }

    async fn send(answer: Answer) -> (Result<Sent, SendError>, FakeApi) {
        let fake = FakeApi::start(vec![answer]).await;
        let adapter = adapter();
        let mut channel = example_channel(&*adapter);
        channel.settings = json!({"api_base": fake.base(), "sender_id": "ACME"});
        let ctx = local_context(&*adapter, channel);
        let message = example_message("Habari");
        let part = adapter.parts(&ctx.channel, &message).remove(0);
        (adapter.send(&ctx, &message, &part).await, fake)
    }

    fn recipient(code: i64, id: &str) -> Answer {
        let one = json!({"statusCode": code, "number": "+254700000001", "status": "s", "cost": "KES 0.8000", "messageId": id});
        Answer::json(201, &json!({"SMSMessageData": {"Message": "m", "Recipients": [one]}}).to_string())
    }

    #[tokio::test]
    async fn a_message_is_sent() {
        let (sent, fake) = send(recipient(102, "ATXid_1")).await;
        assert_eq!(sent.unwrap().provider_message_id, "ATXid_1");
        let request = fake.requests().remove(0);
        assert!(request.line.starts_with("POST /version1/messaging "));
        assert!(request.headers.contains("apikey: atsk_example_0123456789abcdef"));
        assert_eq!(
            request.body,
            "username=acme&to=%2B254700000001&message=Habari&bulkSMSMode=1&from=ACME&enqueue=1"
        );
    }

    #[tokio::test]
    async fn every_error_has_a_class() {
        use RejectReason::*;
        let nobody = |reason: &str| {
            Answer::json(201, &json!({"SMSMessageData": {"Message": reason, "Recipients": []}}).to_string())
        };
        for (answer, class) in [
            (recipient(406, "None"), SendErrorClass::Rejected(OptOut)),
            (recipient(403, "None"), SendErrorClass::Rejected(Recipient)),
            (recipient(502, "None"), SendErrorClass::Rejected(Content)),
            (recipient(402, "None"), SendErrorClass::Settings(SettingsProblem::Config)),
            (recipient(405, "None"), SendErrorClass::Settings(SettingsProblem::Funds)),
            (recipient(500, "None"), SendErrorClass::Unavailable),
            (recipient(101, "None"), SendErrorClass::Unknown),
            (nobody("InvalidSenderId"), SendErrorClass::Settings(SettingsProblem::Config)),
            (nobody("something else"), SendErrorClass::Rejected(Content)),
            (
                Answer::json(401, "The supplied authentication is invalid"),
                SendErrorClass::Settings(SettingsProblem::Auth),
            ),
            (
                Answer::json(429, "slow down"),
                SendErrorClass::Throttled { after: None, scope: ThrottleScope::Channel },
            ),
            (Answer::json(500, "oops"), SendErrorClass::Unknown),
            (Answer::json(502, "<html>"), SendErrorClass::Unknown),
            (Answer::json(201, "{}"), SendErrorClass::Unknown),
            (Answer::Cut, SendErrorClass::Unknown),
        ] {
            let (sent, fake) = send(answer).await;
            let error = sent.unwrap_err();
            assert_eq!(error.class, class, "{error}");
            assert_eq!(fake.requests().len(), 1);
        }
        let (sent, _) = send(Answer::json(401, "The supplied authentication is invalid")).await;
        assert_eq!(sent.unwrap_err().message, "The supplied authentication is invalid");
    }

    #[tokio::test]
    async fn the_balance_and_the_address_to_enter() {
        let fake = FakeApi::start(vec![
            Answer::json(200, r#"{"UserData":{"balance":"KES 1785.50"}}"#),
            Answer::json(200, r#"{"UserData":{"balance":"KES 0.00"}}"#),
        ])
        .await;
        let adapter = adapter();
        let mut channel = example_channel(&*adapter);
        channel.settings = json!({"api_base": fake.base()});
        let ctx = local_context(&*adapter, channel);
        assert_eq!(adapter.verify_credentials(&ctx).await.unwrap().display, "acme");
        assert_eq!(adapter.check_health(&ctx).await.unwrap().status, HealthStatus::Degraded);
        let registered = adapter.register_webhook(&ctx, "https://hub.example/hook").await.unwrap();
        let wanted = "https://hub.example/hook?token=X6wg3pVTgNdcu8aHznzyrxV8vU09wD9K";
        assert_eq!(registered.address.as_deref(), Some(wanted));
    }
}
