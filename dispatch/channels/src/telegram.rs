//! Telegram bots (Bot API). Webhook where the hub has a public HTTPS address, long polling elsewhere.
//!
//! Telegram gives no receipts, echoes nothing of ours back and cannot be asked whether it took a message:
//! an unknown outcome stays unknown.

mod api;
mod update;

use std::time::Duration;

use async_trait::async_trait;
use model::{
    AttachmentKind, ChannelType,
    profile::{
        IdentifierKind, MediaDelivery, MediaRule, Profile, Receipts, SessionNeed, TextLimit, TextUnit,
    },
};
use outbound::FilePart;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use self::api::Api;
use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, Incoming, Media, OutboundAttachment,
    OutboundMessage, ParseError, Part, PolledBatch, Receiving, Registered, SendError, Sent, Sink, Verified,
    VerifyError, WebhookRequest, credentials,
};

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// The kinds of updates that mean something to us; reactions and the like stay at Telegram.
const ALLOWED_UPDATES: [&str; 4] = ["message", "edited_message", "callback_query", "my_chat_member"];
/// Seconds that Telegram holds an empty poll open.
const POLL_SECONDS: u32 = 25;

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// From @BotFather: `123456789:AA…`.
    #[schemars(
        length(min = 3, max = 256),
        regex(pattern = "^[A-Za-z0-9:_-]+$"),
        extend("x-secret" = "key", "x-pattern-hint" = "must be the token that @BotFather shows")
    )]
    bot_token: String,
    /// Sent along by Telegram with each webhook; made by the hub.
    #[schemars(length(min = 1, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true))]
    webhook_secret: Option<String>,
    /// Registered instead of the hub's own address, for a proxy in front of it.
    #[schemars(url)]
    webhook_url: Option<String>,
    /// Another Bot API server.
    #[schemars(url)]
    api_base: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Settings {
    /// Another Bot API server; the default is https://api.telegram.org.
    #[schemars(url)]
    api_base: Option<String>,
    /// Where its files are; the default is `{api_base}/file`.
    #[schemars(url)]
    file_base: Option<String>,
    /// Filled in by verification.
    bot_id: Option<i64>,
    /// Filled in by verification.
    bot_username: Option<String>,
}

/// The adapter.
pub(crate) struct Telegram {
    profile: Profile,
}

impl Telegram {
    pub(crate) fn new() -> Self {
        let mb = |megabytes: u64| megabytes << 20;
        let media = [
            (AttachmentKind::Image, mb(10)),
            (AttachmentKind::Video, mb(50)),
            (AttachmentKind::Audio, mb(50)),
            (AttachmentKind::Document, mb(50)),
            (AttachmentKind::Sticker, mb(1)),
            (AttachmentKind::Location, 0),
            (AttachmentKind::ContactCard, 0),
        ];
        let profile = Profile {
            channel_type: ChannelType::Telegram,
            provider: "default".into(),
            display_name: "Telegram".into(),
            help: "Write to @BotFather, send /newbot, and copy the token that it answers with.".into(),
            identifier: IdentifierKind::Opaque,
            text: TextLimit::new(4096, TextUnit::Utf16),
            caption_limit: Some(1024),
            max_attachments: 10,
            media: media
                .map(|(kind, max_bytes)| MediaRule { kind, max_bytes, mime_types: Vec::new() })
                .into(),
            media_delivery: MediaDelivery::Upload,
            receipts: Receipts::NONE,
            reply_window_hours: None,
            // about thirty messages a second to different chats; 429 corrects it
            default_rate_per_minute: Some(1800),
            session: SessionNeed::WithoutWebhook,
            registers_webhook: true,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: credentials::schema_of::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "bot_token": "777000111:AAexample-token_0123456789abcdefghi",
                "webhook_secret": "q997S5pusERAkFCRQspgkfcuZQ7Ox8lCNvuxv2o_ZR8",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Telegram {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        let secret = channel.credentials.get("webhook_secret").ok_or(VerifyError::NotConfigured)?;
        let given = request.headers.get(SECRET_HEADER).ok_or(VerifyError::Missing)?;
        if credentials::same(given.as_bytes(), secret.as_bytes()) {
            Ok(())
        } else {
            Err(VerifyError::Mismatch)
        }
    }

    fn parse(&self, _: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        update::parse(&request.body)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let api = Api::new(ctx)?;
        let mut body = destination(message, part);
        if let Some(mode) = message.metadata["parse_mode"].as_str() {
            body.insert("parse_mode".into(), mode.into());
        }
        let attachment = part.attachments.first().and_then(|index| message.attachments.get(*index));
        let (method, file) = match attachment {
            None => {
                body.insert("text".into(), part.text.clone().into());
                ("sendMessage", None)
            }
            Some(attachment) => {
                if !part.text.is_empty() {
                    body.insert("caption".into(), part.text.clone().into());
                }
                describe(attachment, &mut body)?
            }
        };
        let answer = api.send(method, body, file).await?;
        let sent = &answer.result;
        // sendMediaGroup and the like answer a list; we send one thing at a time
        let (Some(chat), Some(id)) = (sent["chat"]["id"].as_i64(), sent["message_id"].as_i64()) else {
            return Err(api::not_understood(answer.exchange));
        };
        Ok(Sent {
            provider_message_id: format!("{chat}:{id}"),
            segments: 1,
            raw: json!({"message_id": id, "chat_id": chat, "date": sent["date"]}),
            exchange: Some(answer.exchange),
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let me = Api::new(ctx)?.call("getMe", &json!({}), Duration::from_secs(10)).await?;
        let name = me["username"].as_str().map_or_else(
            || me["first_name"].as_str().unwrap_or("bot").to_owned(),
            |username| format!("@{username}"),
        );
        let settings = json!({"bot_id": me["id"], "bot_username": me["username"]});
        Ok(Verified { display: name, settings })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let info = Api::new(ctx)?.call("getWebhookInfo", &json!({}), Duration::from_secs(10)).await?;
        let facts = json!({
            "pending_update_count": info["pending_update_count"],
            "last_error_date": info["last_error_date"],
            "last_error_message": info["last_error_message"],
            "webhook": info["url"].as_str().is_some_and(|url| !url.is_empty()),
        });
        let recently = ctx.clock.now().timestamp() - 600;
        let failing = info["last_error_date"].as_i64().is_some_and(|at| at > recently);
        let backlog = info["pending_update_count"].as_i64().unwrap_or(0) > 100;
        if failing || backlog {
            let why = info["last_error_message"].as_str().filter(|_| failing);
            let message = why.unwrap_or("messages are waiting at Telegram").to_owned();
            return Ok(Health { status: HealthStatus::Degraded, message: Some(message), facts });
        }
        Ok(Health::ok(facts))
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        let api = Api::new(ctx)?;
        let url = ctx.channel.credentials.get("webhook_url").unwrap_or(url);
        if !url.starts_with("https://") {
            api.call("deleteWebhook", &json!({}), Duration::from_secs(10)).await?;
            return Ok(Registered {
                receiving: Receiving::Session,
                credentials: json!({}),
                settings: json!({}),
            });
        }
        let stored = ctx.channel.credentials.get("webhook_secret").map(str::to_owned);
        let secret = stored.unwrap_or_else(credentials::random_secret);
        let wanted = json!({
            "url": url, "secret_token": secret, "allowed_updates": ALLOWED_UPDATES, "max_connections": 10,
        });
        api.call("setWebhook", &wanted, Duration::from_secs(10)).await?;
        Ok(Registered {
            receiving: Receiving::Webhook,
            credentials: json!({"webhook_secret": secret}),
            settings: json!({}),
        })
    }

    async fn unregister_webhook(&self, ctx: &Context) -> Result<(), SendError> {
        Api::new(ctx)?.call("deleteWebhook", &json!({}), Duration::from_secs(10)).await.map(|_| ())
    }

    async fn fetch_media(&self, ctx: &Context, file_id: &str, max_bytes: usize) -> Result<Media, SendError> {
        Api::new(ctx)?.download(file_id, max_bytes).await
    }

    async fn run(&self, ctx: &Context, sink: &dyn Sink) -> Result<(), SendError> {
        let api = Api::new(ctx)?;
        // updates are confirmed by asking for the ones after them, so nothing is lost if we stop anywhere
        let mut after: Option<i64> = None;
        loop {
            let mut ask = json!({"timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES, "limit": 100});
            if let Some(after) = after {
                ask["offset"] = (after + 1).into();
            }
            let (raw, updates) = api.poll(&ask, Duration::from_secs(u64::from(POLL_SECONDS) + 10)).await?;
            let Some(last) = updates.iter().filter_map(|update| update["update_id"].as_i64()).max() else {
                continue;
            };
            let incoming = updates.iter().map(update::read).collect();
            sink.accept(PolledBatch { raw, incoming }).await.map_err(|error| {
                SendError::new(crate::SendErrorClass::Unavailable, "not_stored", error.to_string())
            })?;
            after = Some(last);
        }
    }
}

/// Chat, topic and the message that is answered. Only the first part answers it.
fn destination(message: &OutboundMessage, part: &Part) -> Map<String, Value> {
    let mut body = Map::new();
    let key = message.thread_key.as_deref().filter(|key| !key.is_empty()).unwrap_or(&message.to);
    let (chat, topic) =
        key.split_once('/').map_or((key, None), |(chat, topic)| (chat, topic.parse::<i64>().ok()));
    body.insert("chat_id".into(), chat.parse::<i64>().map_or_else(|_| chat.into(), Value::from));
    if let Some(topic) = topic {
        body.insert("message_thread_id".into(), topic.into());
    }
    let replied = message.reply_to.as_deref().filter(|_| part.index == 0);
    if let Some(id) = replied.and_then(|id| id.rsplit(':').next()).and_then(|id| id.parse::<i64>().ok()) {
        body.insert(
            "reply_parameters".into(),
            json!({"message_id": id, "allow_sending_without_reply": true}),
        );
    }
    body
}

/// The method for an attachment, its fields, and the file to upload if it is here.
fn describe(
    outgoing: &OutboundAttachment,
    body: &mut Map<String, Value>,
) -> Result<(&'static str, Option<FilePart>), SendError> {
    let attachment = &outgoing.attachment;
    let mime = attachment.mime_type.as_deref().unwrap_or("application/octet-stream");
    let (method, field) = match attachment.kind {
        AttachmentKind::Image if mime == "image/gif" => ("sendAnimation", "animation"),
        AttachmentKind::Image => ("sendPhoto", "photo"),
        AttachmentKind::Video => ("sendVideo", "video"),
        AttachmentKind::Audio if mime.starts_with("audio/ogg") => ("sendVoice", "voice"),
        AttachmentKind::Audio => ("sendAudio", "audio"),
        AttachmentKind::Document => ("sendDocument", "document"),
        AttachmentKind::Sticker => ("sendSticker", "sticker"),
        AttachmentKind::Location => {
            let (Some(latitude), Some(longitude)) = (attachment.latitude, attachment.longitude) else {
                return Err(content("no_position", "the location has no position"));
            };
            body.insert("latitude".into(), latitude.into());
            body.insert("longitude".into(), longitude.into());
            let (Some(name), Some(address)) = (&attachment.name, &attachment.address) else {
                return Ok(("sendLocation", None));
            };
            body.insert("title".into(), name.clone().into());
            body.insert("address".into(), address.clone().into());
            return Ok(("sendVenue", None));
        }
        AttachmentKind::ContactCard => {
            let phone = attachment.url.as_deref().and_then(|url| url.strip_prefix("tel:"));
            let Some(phone) = phone else {
                return Err(content("no_number", "the contact has no phone number"));
            };
            body.insert("phone_number".into(), phone.into());
            body.insert("first_name".into(), attachment.name.as_deref().unwrap_or(phone).into());
            return Ok(("sendContact", None));
        }
    };
    if let (None, Some(caption)) = (body.get("caption"), &attachment.caption) {
        body.insert("caption".into(), caption.clone().into());
    }
    match (&outgoing.bytes, &attachment.url) {
        (Some(bytes), _) => {
            let file = FilePart {
                field: field.to_owned(),
                filename: attachment.filename.clone().unwrap_or_else(|| field.to_owned()),
                mime_type: mime.to_owned(),
                bytes: bytes.clone(),
            };
            Ok((method, Some(file)))
        }
        (None, Some(url)) => {
            body.insert(field.into(), url.clone().into());
            Ok((method, None))
        }
        (None, None) => Err(content("no_file", "the attachment has neither a file nor an address")),
    }
}

fn content(code: &str, message: &str) -> SendError {
    SendError::new(crate::SendErrorClass::Rejected(crate::RejectReason::Content), code, message)
}

#[cfg(test)]
mod tests;
