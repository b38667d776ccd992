//! WhatsApp through Meta's Cloud API.
//!
//! A send has no idempotency key. What settles an unknown outcome is our message's id in
//! `biz_opaque_callback_data`: it comes back in every status. An answer of 200 only means *accepted*: most
//! refusals arrive later as a status, with the same codes.

mod codes;
mod compose;
mod inbound;
mod template;

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
use serde_json::{Value, json};

use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, Incoming, Media, OutboundMessage, ParseError,
    Part, ProviderTemplate, Receiving, Registered, SendError, SendErrorClass, Sent, Shows, Signal, SignalTo,
    TemplateDraft, Verified, VerifyError, WebhookAnswer, WebhookRequest, credentials,
    meta::{self, Graph},
    text,
};

const TEXT: TextLimit = TextLimit::new(4096, TextUnit::Chars);

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Of a system user, never ending, with whatsapp_business_messaging and whatsapp_business_management.
    #[schemars(length(min = 8, max = 1024), extend("x-secret" = "key"))]
    access_token: String,
    /// In the app dashboard under "App settings", "Basic". Meta signs its webhooks with it.
    #[schemars(length(min = 8, max = 256), extend("x-secret" = true))]
    app_secret: String,
    /// In WhatsApp Manager under "API setup": digits, not the phone number itself.
    #[schemars(regex(pattern = "^[0-9]{3,32}$"), extend("x-pattern-hint" = "must be the id, digits only"))]
    phone_number_id: String,
    /// The WhatsApp business account, for templates and for setting the webhook by itself.
    #[schemars(regex(pattern = "^[0-9]{3,32}$"), extend("x-pattern-hint" = "must be the id, digits only"))]
    waba_id: Option<String>,
    /// Only where the webhook is entered by hand: the same words there and here.
    #[schemars(length(min = 1, max = 256), extend("x-secret" = true))]
    verify_token: Option<String>,
    /// Another host, for tests.
    #[schemars(url)]
    api_base: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Settings {
    /// Another host, for tests; the default is https://graph.facebook.com.
    #[schemars(url)]
    api_base: Option<String>,
    /// Like v26.0.
    #[schemars(regex(pattern = "^v[0-9]{1,3}\\.[0-9]$"), extend("x-pattern-hint" = "must look like v26.0"))]
    graph_version: Option<String>,
    /// Show customers that they were read and that somebody types. WhatsApp has no typing without the blue ticks.
    #[schemars(extend("default" = true))]
    send_read_marks: Option<bool>,
    /// Filled in by verification.
    display_phone_number: Option<String>,
    /// Filled in by verification.
    verified_name: Option<String>,
}

/// The adapter.
pub(crate) struct Whatsapp {
    profile: Profile,
}

impl Whatsapp {
    pub(crate) fn new() -> Self {
        let mb = |megabytes: u64| megabytes << 20;
        let rule = |kind, max_bytes, mime_types: &[&str]| MediaRule {
            kind,
            max_bytes,
            mime_types: mime_types.iter().map(|mime| (*mime).to_owned()).collect(),
        };
        let audio = ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"];
        // its uploads refuse any other
        let documents = [
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ];
        let profile = Profile {
            channel_type: ChannelType::Whatsapp,
            provider: "default".into(),
            display_name: "WhatsApp".into(),
            help: "From the app in Meta's developer dashboard: a system user's token, the app secret, and the id \
                   of the phone number."
                .into(),
            identifier: IdentifierKind::Phone,
            text: TEXT,
            caption_limit: Some(1024),
            max_attachments: 10,
            media: vec![
                rule(AttachmentKind::Image, mb(5), &["image/jpeg", "image/png"]),
                rule(AttachmentKind::Video, mb(16), &["video/mp4", "video/3gpp"]),
                rule(AttachmentKind::Audio, mb(16), &audio),
                rule(AttachmentKind::Document, mb(100), &documents),
                rule(AttachmentKind::Sticker, 500 << 10, &["image/webp"]),
                rule(AttachmentKind::Location, 0, &[]),
                rule(AttachmentKind::ContactCard, 0, &[]),
            ],
            media_delivery: MediaDelivery::Upload,
            receipts: Receipts { delivered: true, read: true },
            reply_window_hours: Some(24),
            // eighty a second in and out; 130429 corrects it
            default_rate_per_minute: Some(4800),
            session: SessionNeed::Never,
            registers_webhook: true,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: credentials::schema_of::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "access_token": "EAATESTTOKEN",
                "app_secret": "0123456789abcdef0123456789abcdef",
                "phone_number_id": "100000000000001",
                "waba_id": "200000000000002",
                "verify_token": "verify-me-0001",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Whatsapp {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        meta::verify(channel, request)
    }

    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        inbound::parse(channel, &request.body)
    }

    fn challenge(
        &self,
        channel: &ChannelConfig,
        request: &WebhookRequest,
    ) -> Option<Result<WebhookAnswer, VerifyError>> {
        meta::challenge(channel, request)
    }

    fn parts(&self, _: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        compose::parts(&TEXT, message, || text::parts(&self.profile, &self.split(&message.text), message))
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let number = ctx.channel.required("phone_number_id")?;
        let media = upload(&graph, number, message, part).await?;
        let is_last = part.index + 1 == self.parts(&ctx.channel, message).len();
        let body = compose::payload(message, part, is_last, media.as_deref())?;
        let answer = graph.post(&format!("{number}/messages"), &body).await?;
        let sent = &answer.body["messages"][0];
        let Some(id) = sent["id"].as_str() else {
            let told = "the answer names no message";
            return Err(SendError::new(SendErrorClass::Unknown, "not_understood", told)
                .with_exchange(answer.exchange));
        };
        Ok(Sent {
            provider_message_id: id.to_owned(),
            segments: 1,
            raw: json!({"message_status": sent["message_status"], "contacts": answer.body["contacts"]}),
            exchange: Some(answer.exchange),
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let fields = [("fields", "id,display_phone_number,verified_name")];
        let number = graph.get(ctx.channel.required("phone_number_id")?, &fields).await?.body;
        let phone = number["display_phone_number"].as_str().unwrap_or("WhatsApp");
        let display = match number["verified_name"].as_str() {
            Some(name) => format!("{name} ({phone})"),
            None => phone.to_owned(),
        };
        let settings = json!({
            "display_phone_number": number["display_phone_number"], "verified_name": number["verified_name"],
        });
        Ok(Verified { display, settings })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let fields = "status,quality_rating,name_status,code_verification_status,throughput,health_status,\
                      whatsapp_business_manager_messaging_limit";
        let number = graph.get(ctx.channel.required("phone_number_id")?, &[("fields", fields)]).await?.body;
        let facts = json!({
            "status": number["status"], "quality_rating": number["quality_rating"],
            "name_status": number["name_status"],
            "throughput": number["throughput"]["level"],
            "messaging_limit": number["whatsapp_business_manager_messaging_limit"],
            "can_send": number["health_status"]["can_send_message"],
        });
        let (status, message) = standing(&number);
        Ok(Health { status, message, facts })
    }

    /// The account's webhooks come to this channel's address, without touching the app's own setting.
    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        let account = ctx.channel.credentials.get("waba_id").filter(|_| url.starts_with("https://"));
        let (Some(account), Some(token)) = (account, meta::verify_token(&ctx.channel)) else {
            return Ok(Registered::by_hand());
        };
        let graph = Graph::new(ctx, codes::classify)?;
        let wanted = json!({"override_callback_uri": url, "verify_token": token});
        graph.post(&format!("{account}/subscribed_apps"), &wanted).await?;
        Ok(Registered { receiving: Receiving::Webhook, ..Registered::by_hand() })
    }

    async fn unregister_webhook(&self, ctx: &Context) -> Result<(), SendError> {
        let Some(account) = ctx.channel.credentials.get("waba_id") else { return Ok(()) };
        Graph::new(ctx, codes::classify)?.delete(&format!("{account}/subscribed_apps")).await.map(|_| ())
    }

    async fn fetch_media(&self, ctx: &Context, id: &str, max_bytes: usize) -> Result<Media, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let file = graph.get(id, &[]).await?.body;
        if file["file_size"].as_u64().is_some_and(|size| size > max_bytes as u64) {
            return Err(crate::rich::bad_content("too_large", "the file is larger than allowed"));
        }
        let Some(address) = file["url"].as_str() else {
            return Err(crate::rich::bad_content("no_file", "WhatsApp has no address for this file"));
        };
        let mime = file["mime_type"].as_str().map(str::to_owned);
        let media = graph.download(address, true, max_bytes).await?;
        Ok(Media { mime_type: mime.or(media.mime_type), ..media })
    }

    /// Typing marks as read, so that a channel without read marks has none of both.
    fn shows(&self, channel: &ChannelConfig) -> Shows {
        if !meta::sends_read_marks(channel) {
            return Shows::NOTHING;
        }
        Shows { read: true, typing: Some(Duration::from_secs(25)), typing_ends: false }
    }

    async fn signal(&self, ctx: &Context, signal: Signal, at: &SignalTo<'_>) -> Result<(), SendError> {
        // both are said of a message
        let Some(message) = at.message else { return Ok(()) };
        let number = ctx.channel.required("phone_number_id")?;
        let mut body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": message});
        if signal == Signal::Typing {
            body["typing_indicator"] = json!({"type": "text"});
        }
        Graph::new(ctx, codes::classify)?.post(&format!("{number}/messages"), &body).await.map(|_| ())
    }

    async fn list_templates(&self, ctx: &Context) -> Result<Vec<ProviderTemplate>, SendError> {
        template::list(ctx).await
    }

    async fn create_template(
        &self,
        ctx: &Context,
        draft: &TemplateDraft,
    ) -> Result<ProviderTemplate, SendError> {
        template::create(ctx, draft).await
    }
}

/// Uploads the part's file, if it has one that is here.
async fn upload(
    graph: &Graph<'_>,
    number: &str,
    message: &OutboundMessage,
    part: &Part,
) -> Result<Option<String>, SendError> {
    let outgoing = part.attachments.first().and_then(|index| message.attachments.get(*index));
    let Some((outgoing, bytes)) = outgoing.and_then(|one| Some((one, one.bytes.clone()?))) else {
        return Ok(None);
    };
    let mime = outgoing.attachment.mime_type.as_deref().unwrap_or("application/octet-stream");
    let file = FilePart {
        field: "file".to_owned(),
        filename: outgoing.attachment.filename.clone().unwrap_or_else(|| "file".to_owned()),
        mime_type: mime.to_owned(),
        bytes,
    };
    let fields = [("messaging_product", "whatsapp"), ("type", mime)];
    let answer = graph.upload(&format!("{number}/media"), &fields, file).await?;
    match answer.body["id"].as_str() {
        Some(id) => Ok(Some(id.to_owned())),
        None => Err(SendError::new(SendErrorClass::Unavailable, "not_understood", "the upload has no id")
            .with_exchange(answer.exchange)),
    }
}

/// What the state of a number means.
fn standing(number: &Value) -> (HealthStatus, Option<String>) {
    let word = |field: &str| number[field].as_str().unwrap_or_default();
    let can_send = number["health_status"]["can_send_message"].as_str().unwrap_or("AVAILABLE");
    let status = word("status");
    if matches!(status, "BANNED" | "RESTRICTED" | "DISCONNECTED" | "DELETED") || can_send == "BLOCKED" {
        let why = if can_send == "BLOCKED" { "blocked from sending" } else { status };
        return (
            HealthStatus::Down,
            Some(format!("WhatsApp says that the number is {}", why.to_lowercase())),
        );
    }
    let quality = word("quality_rating");
    if matches!(status, "FLAGGED" | "RATE_LIMITED")
        || matches!(quality, "YELLOW" | "RED")
        || can_send == "LIMITED"
    {
        let told = format!("WhatsApp rates the number: status {status}, quality {quality}");
        return (HealthStatus::Degraded, Some(told.to_lowercase()));
    }
    (HealthStatus::Ok, None)
}

#[cfg(test)]
mod tests;
