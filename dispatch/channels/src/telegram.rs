//! Telegram bots (Bot API). Webhook where the hub has a public HTTPS address, long polling elsewhere.
//!
//! Telegram gives no receipts, echoes nothing of ours back and cannot be asked whether it took a message:
//! an unknown outcome stays unknown.

mod api;
mod outgoing;
mod update;

use std::time::Duration;

use async_trait::async_trait;
use model::{
    AttachmentKind, ChannelType,
    profile::{
        IdentifierKind, MediaDelivery, MediaRule, Profile, Receipts, SessionNeed, TextLimit, TextUnit,
    },
};
use schemars::JsonSchema;
use serde_json::{Value, json};

use self::api::Api;
use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, Incoming, Media, OutboundMessage, ParseError,
    Part, PolledBatch, Receiving, Registered, SendError, Sent, Shows, Signal, SignalTo, Sink, Verified,
    VerifyError, WebhookAnswer, WebhookRequest, credentials,
};

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// The kinds of updates that mean something to us; the others stay at Telegram.
const ALLOWED_UPDATES: [&str; 5] =
    ["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"];
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
    /// Take messages of groups that the bot is in. Yes, unless this says no.
    groups: Option<bool>,
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

    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        update::parse(&request.body, takes_groups(channel))
    }

    /// A pressed button spins on the customer's screen until it is answered. What becomes of the answer is
    /// nobody's concern, so it may travel in the body.
    fn webhook_answer(&self, _: &ChannelConfig, request: &WebhookRequest) -> WebhookAnswer {
        let update: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match update["callback_query"]["id"].as_str() {
            Some(id) => WebhookAnswer {
                content_type: "application/json",
                body: json!({"method": "answerCallbackQuery", "callback_query_id": id}).to_string(),
            },
            None => WebhookAnswer::EMPTY,
        }
    }

    fn parts(&self, _: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        outgoing::parts(&self.profile, &self.split(&message.text), message)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let api = Api::new(ctx)?;
        let is_last = part.index + 1 == self.parts(&ctx.channel, message).len();
        let call = outgoing::call(message, part, is_last)?;
        let answer = api.send(call.method, call.body, call.files).await?;
        if let Some(id) = call.about {
            // a reaction is no message: it is known by what it stands under
            return Ok(Sent {
                provider_message_id: format!("reaction:{id}:{}", message.idempotency_key),
                segments: 1,
                raw: json!({}),
                exchange: Some(answer.exchange),
            });
        }
        // an album is answered by a list, in the order of its files
        let sent = answer.result.get(0).unwrap_or(&answer.result);
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
            return Ok(Registered { receiving: Receiving::Session, ..Registered::by_hand() });
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
            ..Registered::by_hand()
        })
    }

    async fn unregister_webhook(&self, ctx: &Context) -> Result<(), SendError> {
        Api::new(ctx)?.call("deleteWebhook", &json!({}), Duration::from_secs(10)).await.map(|_| ())
    }

    async fn fetch_media(&self, ctx: &Context, file_id: &str, max_bytes: usize) -> Result<Media, SendError> {
        Api::new(ctx)?.download(file_id, max_bytes).await
    }

    /// A bot cannot say that it has read.
    fn shows(&self, _: &ChannelConfig) -> Shows {
        Shows { typing: Some(Duration::from_secs(5)), ..Shows::NOTHING }
    }

    async fn signal(&self, ctx: &Context, _: Signal, at: &SignalTo<'_>) -> Result<(), SendError> {
        let mut body = outgoing::place(at.to, Some(at.thread_key));
        body.insert("action".into(), "typing".into());
        Api::new(ctx)?.call("sendChatAction", &Value::Object(body), Duration::from_secs(3)).await.map(|_| ())
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
            let groups = takes_groups(&ctx.channel);
            let incoming = updates.iter().map(|update| update::read(update, groups)).collect();
            sink.accept(PolledBatch { raw, incoming }).await.map_err(|error| {
                SendError::new(crate::SendErrorClass::Unavailable, "not_stored", error.to_string())
            })?;
            after = Some(last);
            for id in updates.iter().filter_map(|update| update["callback_query"]["id"].as_str()) {
                let answer = json!({"callback_query_id": id});
                // too late or too often: the message is in all the same
                if let Err(error) = api.call("answerCallbackQuery", &answer, Duration::from_secs(5)).await {
                    tracing::debug!(%error, "a button's press was not answered");
                }
            }
        }
    }
}

fn takes_groups(channel: &ChannelConfig) -> bool {
    channel.settings["groups"] != false
}

fn content(code: &str, message: &str) -> SendError {
    SendError::new(crate::SendErrorClass::Rejected(crate::RejectReason::Content), code, message)
}

#[cfg(test)]
mod tests;
