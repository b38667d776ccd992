//! A provider inside the product, for every channel type: for trying out, for tests and for load. It takes
//! messages, answers with receipts through the same signed webhook door as any provider, and misbehaves
//! on demand. See [`SandboxSwitch`] for what it can be told and asked.

mod behaviour;
mod switch;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    AttachmentKind, ChannelType, Time,
    profile::{
        IdentifierKind, MediaDelivery, MediaRule, Profile, Receipts, SessionNeed, TextLimit, TextUnit,
    },
};
use outbound::Request;
use schemars::JsonSchema;
use serde_json::json;

pub use self::{
    behaviour::Behaviour,
    switch::{ReceiptDelivery, SandboxMessage, SandboxSwitch, SentOutcome},
    wire::{InboundDraft, SignedBody, compose_inbound, compose_receipt},
};
use self::{behaviour::Fate, switch::Taken};
use crate::{
    Adapter, ChannelConfig, Context, Health, Incoming, Lookup, Media, OutboundMessage, ParseError, Part,
    Receiving, Registered, SendError, SendErrorClass, Sent, Verified, VerifyError, WebhookRequest,
    credentials, error::without_body, sms,
};

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Signs the sandbox's webhooks; made by the hub.
    #[schemars(length(min = 16, max = 256), extend("x-secret" = true))]
    signing_secret: Option<String>,
}

/// The adapter, for one channel type.
pub(crate) struct Sandbox {
    profile: Profile,
}

impl Sandbox {
    pub(crate) fn new(channel_type: ChannelType) -> Self {
        let (identifier, text) = match channel_type {
            ChannelType::Sms | ChannelType::Smpp => (
                IdentifierKind::Phone,
                TextLimit { max: 1600, unit: TextUnit::Chars, max_segments: Some(10) },
            ),
            ChannelType::Whatsapp => (IdentifierKind::Phone, TextLimit::new(4096, TextUnit::Chars)),
            ChannelType::Telegram => (IdentifierKind::Opaque, TextLimit::new(4096, TextUnit::Utf16)),
            ChannelType::Messenger => (IdentifierKind::Opaque, TextLimit::new(2000, TextUnit::Chars)),
            ChannelType::Email => (IdentifierKind::Email, TextLimit::new(1 << 20, TextUnit::Bytes)),
            ChannelType::Webchat => (IdentifierKind::Opaque, TextLimit::new(10_000, TextUnit::Chars)),
        };
        let media = AttachmentKind::ALL
            .iter()
            .map(|kind| MediaRule { kind: *kind, max_bytes: 10 << 20, mime_types: Vec::new() })
            .collect();
        let profile = Profile {
            channel_type,
            provider: "sandbox".into(),
            display_name: "Sandbox".into(),
            help: "A pretend provider: nothing leaves this machine. Write as its customer on its page."
                .into(),
            identifier,
            text,
            caption_limit: Some(text.max.min(1024)),
            max_attachments: 10,
            media,
            media_delivery: MediaDelivery::Url,
            receipts: Receipts { delivered: true, read: true },
            reply_window_hours: None,
            default_rate_per_minute: None,
            session: SessionNeed::Never,
            registers_webhook: true,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: credentials::schema_of::<Behaviour>(),
            credentials_schema: credentials::schema_of::<Credentials>(),
            example_credentials: json!({"signing_secret": "sandbox-signing-secret-0001"}),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Sandbox {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        wire::verify(channel, request)
    }

    fn parse(&self, _: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        wire::parse(&request.body)
    }

    /// Takes a message whole: the first piece of text carries all attachments.
    fn parts(&self, _: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        let mut pieces = self.split(&message.text);
        if pieces.is_empty() && !message.attachments.is_empty() {
            pieces.push(String::new());
        }
        let all = (0..message.attachments.len()).collect::<Vec<_>>();
        let attachments = |index: usize| if index == 0 { all.clone() } else { Vec::new() };
        pieces
            .into_iter()
            .enumerate()
            .map(|(index, text)| Part { index, text, attachments: attachments(index) })
            .collect()
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let switch = &ctx.sandbox;
        let behaviour = match switch.behaviour(ctx.channel.channel_id) {
            Some(told) => told,
            None => ctx.channel.typed_settings::<Behaviour>()?,
        };
        let mut dice = switch.dice(ctx.channel.channel_id, behaviour.seed);
        let fate = behaviour.fate(&mut dice);
        if fate == Fate::FailBeforeWrite {
            return Err(SendError::new(
                SendErrorClass::Unavailable,
                "connect",
                "the sandbox refused the connection",
            ));
        }
        let wait = behaviour.delay_ms + dice.below(behaviour.delay_jitter_ms);
        let wait = Duration::from_millis(wait);
        if let Some(left) = ctx.time_left().filter(|left| *left < wait) {
            tokio::time::sleep(left).await;
            return Err(SendError::new(
                SendErrorClass::Unknown,
                "timeout",
                "the sandbox did not answer in time",
            ));
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        match fate {
            Fate::FailStatus => return Err(behaviour.status_error()),
            Fate::Throttle => return Err(behaviour.throttle_error()),
            Fate::CutAndLost => return Err(cut()),
            Fate::Take | Fate::CutAndKept | Fate::FailBeforeWrite => {}
        }
        let outcome = if fate == Fate::CutAndKept { SentOutcome::Cut } else { SentOutcome::Answered };
        let Taken { provider_message_id, receipts } =
            switch.take(ctx, message, part, &behaviour, &mut dice, outcome);
        if let Some(receipts) = receipts {
            tokio::spawn(receipts);
        }
        if outcome == SentOutcome::Cut {
            return Err(cut());
        }
        let sms = matches!(self.profile.channel_type, ChannelType::Sms | ChannelType::Smpp);
        Ok(Sent {
            segments: if sms { sms::count(&part.text) } else { 1 },
            raw: json!({"id": provider_message_id}),
            provider_message_id,
            exchange: None,
        })
    }

    async fn look_up(
        &self,
        ctx: &Context,
        message: &OutboundMessage,
        part: &Part,
        attempted_at: Time,
    ) -> Result<Lookup, SendError> {
        let behaviour = match ctx.sandbox.behaviour(ctx.channel.channel_id) {
            Some(told) => told,
            None => ctx.channel.typed_settings::<Behaviour>()?,
        };
        if !behaviour.answers_look_up {
            return Ok(Lookup::CannotTell);
        }
        Ok(ctx.sandbox.look_up(ctx.channel.channel_id, &message.idempotency_key, part.index, attempted_at))
    }

    async fn verify_credentials(&self, _: &Context) -> Result<Verified, SendError> {
        Ok(Verified { display: "Sandbox".to_owned(), settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        Ok(Health::ok(json!({"taken": ctx.sandbox.taken(ctx.channel.channel_id)})))
    }

    async fn register_webhook(&self, ctx: &Context, _: &str) -> Result<Registered, SendError> {
        let stored = ctx.channel.credentials.get("signing_secret").map(str::to_owned);
        let secret = stored.unwrap_or_else(credentials::random_secret);
        Ok(Registered {
            receiving: Receiving::Webhook,
            credentials: json!({"signing_secret": secret}),
            ..Registered::by_hand()
        })
    }

    /// Files of the sandbox's customers are `data:` addresses, or lie on a web server that may be called.
    async fn fetch_media(&self, ctx: &Context, address: &str, max_bytes: usize) -> Result<Media, SendError> {
        if let Some(inline) = address.strip_prefix("data:") {
            return inline_media(inline, max_bytes);
        }
        let response = ctx.call(Request::get(address).max_response(max_bytes)).await?;
        if !response.status.is_success() {
            return Err(without_body(&response).with_exchange(response.exchange));
        }
        let mime = response.headers.get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        Ok(Media { mime_type: mime.map(str::to_owned), bytes: response.body, filename: None })
    }
}

fn cut() -> SendError {
    SendError::new(
        SendErrorClass::Unknown,
        "connection_cut",
        "the sandbox cut the connection before it answered",
    )
}

fn inline_media(inline: &str, max_bytes: usize) -> Result<Media, SendError> {
    let refuse = |code: &str, message: &str| {
        SendError::new(SendErrorClass::Rejected(crate::RejectReason::Content), code, message)
    };
    let (head, data) = inline.split_once(',').ok_or_else(|| refuse("no_file", "not a data address"))?;
    let mime = head.strip_suffix(";base64").ok_or_else(|| refuse("no_file", "only base64 data addresses"))?;
    let bytes = STANDARD.decode(data).map_err(|_| refuse("no_file", "the data is not base64"))?;
    if bytes.len() > max_bytes {
        return Err(refuse("too_large", "the file is larger than allowed"));
    }
    Ok(Media { bytes: bytes.into(), mime_type: Some(mime.to_owned()), filename: None })
}

#[cfg(test)]
mod tests;
