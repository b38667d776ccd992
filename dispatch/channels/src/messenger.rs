//! Facebook Messenger, for one page.
//!
//! A send has no idempotency key. Our message's id goes along as `metadata` and comes back in the echo, which
//! settles an unknown outcome.

mod codes;
mod inbound;

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
    Part, Receiving, Registered, RejectReason, SendError, SendErrorClass, Sent, SettingsProblem, Shows,
    Signal, SignalTo, Verified, VerifyError, WebhookAnswer, WebhookRequest, credentials,
    meta::{self, Graph},
    plain,
    rich::{self, bad_content, cut},
    text,
};

const TEXT: TextLimit = TextLimit::new(2000, TextUnit::Chars);
/// Of a text with buttons below it.
const BUTTON_TEXT: TextLimit = TextLimit::new(640, TextUnit::Chars);
const MOST_QUICK_REPLIES: usize = 13;
const MOST_BUTTONS: usize = 3;
/// In which anything may be answered, less a minute for the way.
const WINDOW: chrono::Duration = chrono::Duration::seconds(24 * 3600 - 60);
/// What the page's app is told of.
const FIELDS: &str = "messages,messaging_postbacks,message_deliveries,message_reads,message_echoes,\
                      message_reactions,message_edits,messaging_referrals,messaging_optins,standby";

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Of the page, with pages_messaging and pages_manage_metadata.
    #[schemars(length(min = 8, max = 1024), extend("x-secret" = "key"))]
    access_token: String,
    /// In the app dashboard under "App settings", "Basic". Meta signs its webhooks with it.
    #[schemars(length(min = 8, max = 256), extend("x-secret" = true))]
    app_secret: String,
    /// The page's id, digits.
    #[schemars(regex(pattern = "^[0-9]{3,32}$"), extend("x-pattern-hint" = "must be the id, digits only"))]
    page_id: String,
    /// The words that are entered beside the webhook's address at Meta.
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
    /// Meta has granted the app the human agent feature: people may answer for seven days instead of one.
    human_agent: Option<bool>,
    /// Show customers that a person of the team has read what they wrote.
    #[schemars(extend("default" = true))]
    send_read_marks: Option<bool>,
    /// Filled in by verification.
    page_name: Option<String>,
}

/// The adapter.
pub(crate) struct Messenger {
    profile: Profile,
}

impl Messenger {
    pub(crate) fn new() -> Self {
        let mb = |megabytes: u64| megabytes << 20;
        let media = [
            (AttachmentKind::Image, mb(8)),
            (AttachmentKind::Video, mb(25)),
            (AttachmentKind::Audio, mb(25)),
            (AttachmentKind::Document, mb(25)),
            (AttachmentKind::Location, 0),
            (AttachmentKind::ContactCard, 0),
        ];
        let profile = Profile {
            channel_type: ChannelType::Messenger,
            provider: "default".into(),
            display_name: "Messenger".into(),
            help: "From the app in Meta's developer dashboard: the page's token, the app secret and the page's id."
                .into(),
            identifier: IdentifierKind::Opaque,
            text: TEXT,
            caption_limit: None,
            max_attachments: 10,
            media: media
                .map(|(kind, max_bytes)| MediaRule { kind, max_bytes, mime_types: Vec::new() })
                .into(),
            media_delivery: MediaDelivery::Upload,
            receipts: Receipts { delivered: true, read: true },
            reply_window_hours: Some(24),
            // three hundred calls a second
            default_rate_per_minute: Some(18_000),
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: credentials::schema_of::<Settings>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({
                "access_token": "EAATESTTOKEN",
                "app_secret": "0123456789abcdef0123456789abcdef",
                "page_id": "300000000000003",
                "verify_token": "verify-me-0001",
            }),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Messenger {
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
        let choices = rich::choices(&message.metadata);
        let written = as_text(message);
        match choices.iter().any(|choice| choice.url.is_some()) {
            _ if choices.is_empty() => text::parts(&self.profile, &self.split(&written.text), &written),
            true => rich::parts_with_choices(&BUTTON_TEXT, &written),
            false => rich::parts_with_choices(&TEXT, &written),
        }
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let page = ctx.channel.required("page_id")?;
        let mut body = envelope(ctx, message, part)?;
        let is_last = part.index + 1 == self.parts(&ctx.channel, message).len();
        body["message"] = content(&graph, page, message, part, is_last).await?;
        body["message"]["metadata"] = message.idempotency_key.clone().into();
        let answer = graph.post(&format!("{page}/messages"), &body).await?;
        let Some(id) = answer.body["message_id"].as_str() else {
            let told = "the answer names no message";
            return Err(SendError::new(SendErrorClass::Unknown, "not_understood", told)
                .with_exchange(answer.exchange));
        };
        Ok(Sent {
            provider_message_id: id.to_owned(),
            segments: 1,
            raw: json!({"recipient_id": answer.body["recipient_id"]}),
            exchange: Some(answer.exchange),
        })
    }

    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let page = graph.get("me", &[("fields", "id,name")]).await?;
        if page.body["id"].as_str() != ctx.channel.credentials.get("page_id") {
            let class = SendErrorClass::Settings(SettingsProblem::Config);
            let told = "the token belongs to another page";
            return Err(SendError::new(class, "another_page", told).with_exchange(page.exchange));
        }
        let name = page.body["name"].as_str().unwrap_or("Messenger").to_owned();
        Ok(Verified { settings: json!({"page_name": name}), display: name })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let page = ctx.channel.required("page_id")?;
        let apps = graph.get(&format!("{page}/subscribed_apps"), &[]).await?.body;
        let fields: Vec<&str> = apps["data"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|app| app["subscribed_fields"].as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let facts = json!({"subscribed_fields": fields});
        if !fields.contains(&"messages") {
            let message = Some("the page does not pass its messages to the app".to_owned());
            return Ok(Health { status: HealthStatus::Degraded, message, facts });
        }
        Ok(Health::ok(facts))
    }

    /// Makes the page pass its messages to the app. The app's own address is entered once, by hand.
    async fn register_webhook(&self, ctx: &Context, _: &str) -> Result<Registered, SendError> {
        let graph = Graph::new(ctx, codes::classify)?;
        let page = ctx.channel.required("page_id")?;
        graph.post_query(&format!("{page}/subscribed_apps"), &[("subscribed_fields", FIELDS)]).await?;
        Ok(Registered { receiving: Receiving::WebhookByHand, ..Registered::by_hand() })
    }

    async fn unregister_webhook(&self, ctx: &Context) -> Result<(), SendError> {
        let page = ctx.channel.required("page_id")?;
        Graph::new(ctx, codes::classify)?.delete(&format!("{page}/subscribed_apps")).await.map(|_| ())
    }

    fn shows(&self, channel: &ChannelConfig) -> Shows {
        Shows {
            read: meta::sends_read_marks(channel),
            typing: Some(Duration::from_secs(20)),
            typing_ends: true,
        }
    }

    async fn signal(&self, ctx: &Context, signal: Signal, at: &SignalTo<'_>) -> Result<(), SendError> {
        let page = ctx.channel.required("page_id")?;
        let action = match signal {
            Signal::Read => "mark_seen",
            Signal::Typing => "typing_on",
            Signal::TypingEnds => "typing_off",
        };
        let action = json!({"recipient": {"id": at.to}, "sender_action": action});
        Graph::new(ctx, codes::classify)?.post(&format!("{page}/messages"), &action).await.map(|_| ())
    }

    /// The address is signed by itself; the token stays here.
    async fn fetch_media(&self, ctx: &Context, address: &str, max_bytes: usize) -> Result<Media, SendError> {
        Graph::new(ctx, codes::classify)?.download(address, false, max_bytes).await
    }
}

/// Places and cards, which Messenger does not take, as lines of the text.
fn as_text(message: &OutboundMessage) -> OutboundMessage {
    let is_file = |kind| !matches!(kind, AttachmentKind::Location | AttachmentKind::ContactCard);
    let others = message.attachments.iter().filter(|outgoing| !is_file(outgoing.attachment.kind));
    let lines: Vec<String> = others.filter_map(|outgoing| plain::line_of(&outgoing.attachment)).collect();
    let mut written = message.clone();
    written.text = plain::join(&message.text, lines.into_iter(), &[]);
    written.attachments.retain(|outgoing| is_file(outgoing.attachment.kind));
    written
}

/// Everything but the content: to whom, and under which rule.
fn envelope(ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Value, SendError> {
    let mut body = json!({"recipient": {"id": message.to}, "messaging_type": "RESPONSE"});
    // `None`: nobody knows when the customer wrote; Messenger does
    let is_late = message.last_inbound_at.is_some_and(|at| ctx.clock.now() - at > WINDOW);
    if is_late {
        let may = message.by_person && ctx.channel.settings["human_agent"] == true;
        if !may {
            let told = "the customer wrote more than 24 hours ago; only people may answer then, and only with Meta's \
                        human agent feature";
            return Err(SendError::new(SendErrorClass::Rejected(RejectReason::Window), "window", told));
        }
        body["messaging_type"] = "MESSAGE_TAG".into();
        body["tag"] = "HUMAN_AGENT".into();
    }
    if let (0, Some(id)) = (part.index, &message.reply_to) {
        body["reply_to"] = json!({"mid": id});
    }
    Ok(body)
}

async fn content(
    graph: &Graph<'_>,
    page: &str,
    message: &OutboundMessage,
    part: &Part,
    is_last: bool,
) -> Result<Value, SendError> {
    let written = as_text(message);
    let outgoing = part.attachments.first().and_then(|number| written.attachments.get(*number));
    let choices = rich::choices(&message.metadata);
    let mut content = match outgoing {
        Some(outgoing) => {
            let kind = match outgoing.attachment.kind {
                AttachmentKind::Image | AttachmentKind::Sticker => "image",
                AttachmentKind::Video => "video",
                AttachmentKind::Audio => "audio",
                _ => "file",
            };
            let payload = match (&outgoing.bytes, &outgoing.attachment.url) {
                (Some(_), _) => json!({"attachment_id": upload(graph, page, kind, outgoing).await?}),
                (None, Some(url)) => json!({"url": url}),
                (None, None) => {
                    return Err(bad_content("no_file", "the attachment has neither a file nor an address"));
                }
            };
            json!({"attachment": {"type": kind, "payload": payload}})
        }
        None => json!({"text": part.text}),
    };
    if !is_last || choices.is_empty() {
        return Ok(content);
    }
    if choices.iter().any(|choice| choice.url.is_some()) && outgoing.is_none() {
        let buttons: Vec<Value> = choices
            .iter()
            .take(MOST_BUTTONS)
            .map(|choice| match &choice.url {
                Some(url) => json!({"type": "web_url", "title": cut(&choice.title, 20), "url": url}),
                None => json!({"type": "postback", "title": cut(&choice.title, 20), "payload": cut(&choice.id, 1000)}),
            })
            .collect();
        let payload = json!({"template_type": "button", "text": part.text, "buttons": buttons});
        return Ok(json!({"attachment": {"type": "template", "payload": payload}}));
    }
    let replies: Vec<Value> = choices
        .iter()
        .take(MOST_QUICK_REPLIES)
        .map(|choice| {
            json!({"content_type": "text", "title": cut(&choice.title, 20), "payload": cut(&choice.id, 1000)})
        })
        .collect();
    content["quick_replies"] = Value::Array(replies);
    Ok(content)
}

async fn upload(
    graph: &Graph<'_>,
    page: &str,
    kind: &str,
    outgoing: &crate::OutboundAttachment,
) -> Result<String, SendError> {
    let attachment = &outgoing.attachment;
    let file = FilePart {
        field: "filedata".to_owned(),
        filename: attachment.filename.clone().unwrap_or_else(|| kind.to_owned()),
        mime_type: attachment.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes: outgoing.bytes.clone().unwrap_or_default(),
    };
    let message = json!({"attachment": {"type": kind, "payload": {}}}).to_string();
    let answer =
        graph.upload(&format!("{page}/message_attachments"), &[("message", message.as_str())], file).await?;
    match answer.body["attachment_id"].as_str() {
        Some(id) => Ok(id.to_owned()),
        None => Err(SendError::new(SendErrorClass::Unavailable, "not_understood", "the upload has no id")
            .with_exchange(answer.exchange)),
    }
}

#[cfg(test)]
mod tests;
