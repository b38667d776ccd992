//! What a provider can do, as data: limits, media, receipts, the form of its settings, and which of its
//! credentials are secret. Adapters fill a [`Profile`]; forms, validation and masking derive from it, so
//! that nothing about a provider is written down twice.

mod schema;
mod secret;

use serde::Serialize;
use serde_json::Value;

use crate::{Attachment, AttachmentKind, ChannelType, LinkReason, error::FieldError, sms::international};

/// A provider of one channel type, described.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Profile {
    pub channel_type: ChannelType,
    /// The provider's slug in lower case: `twilio`, `sandbox`, `default`.
    pub provider: String,
    /// What people call it: `Twilio`.
    pub display_name: String,
    /// One sentence for the form: where its credentials are found.
    pub help: String,
    /// What an address of this channel looks like.
    pub identifier: IdentifierKind,
    pub text: TextLimit,
    /// Characters of a caption below a picture or a file; `None` = text goes as its own message.
    pub caption_limit: Option<u32>,
    /// Attachments that one message may carry; 0 = the channel takes none.
    pub max_attachments: u32,
    pub media: Vec<MediaRule>,
    pub media_delivery: MediaDelivery,
    pub receipts: Receipts,
    /// Hours after the customer's last message in which free text may be sent; `None` = always.
    pub reply_window_hours: Option<u32>,
    /// Messages per minute when the channel sets no `rate_limit`; `None` = unlimited.
    pub default_rate_per_minute: Option<u32>,
    pub session: SessionNeed,
    /// The adapter can register its webhook at the provider by itself.
    pub registers_webhook: bool,
    /// Messages leave through the dispatch engine. `false`: they are delivered by our own socket.
    pub dispatched: bool,
    /// The provider answers STOP words by itself and then refuses to send.
    pub provider_handles_opt_out: bool,
    /// JSON Schema of the public `settings`.
    pub settings_schema: Value,
    /// JSON Schema of the write-only `credentials`; secret fields carry `x-secret`.
    pub credentials_schema: Value,
    /// Credentials that pass the schema; invented ones, for forms and tests.
    pub example_credentials: Value,
}

/// What an address of a channel looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// E.164 with a plus sign.
    Phone,
    Email,
    /// The provider's own id; only somebody who wrote first has one.
    Opaque,
}

/// How long one text may be; a longer one is split by the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TextLimit {
    pub max: u32,
    pub unit: TextUnit,
    /// Segments that one SMS may take; `None` where segments mean nothing.
    pub max_segments: Option<u32>,
}

impl TextLimit {
    /// A limit without segments.
    #[must_use]
    pub const fn new(max: u32, unit: TextUnit) -> Self {
        Self { max, unit, max_segments: None }
    }

    /// The length of a text in this limit's unit.
    #[must_use]
    pub fn measure(&self, text: &str) -> usize {
        match self.unit {
            TextUnit::Chars => text.chars().count(),
            TextUnit::Utf16 => text.encode_utf16().count(),
            TextUnit::Bytes => text.len(),
        }
    }
}

/// What a text limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextUnit {
    /// Unicode scalar values.
    Chars,
    /// UTF-16 code units.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

/// One kind of media that a channel takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MediaRule {
    pub kind: AttachmentKind,
    /// Bytes; 0 = no limit of its own.
    pub max_bytes: u64,
    /// Allowed types, `image/*` style; empty = any.
    pub mime_types: Vec<String>,
}

impl MediaRule {
    /// Whether files of this type are allowed, whatever its parameters.
    #[must_use]
    pub fn allows(&self, mime: &str) -> bool {
        let base = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let matches = |allowed: &String| match allowed.strip_suffix('*') {
            Some(beginning) => base.starts_with(beginning),
            None => base == *allowed,
        };
        self.mime_types.is_empty() || self.mime_types.iter().any(matches)
    }
}

/// How a file of ours reaches the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaDelivery {
    /// Not at all.
    None,
    /// The provider fetches a public address of ours.
    Url,
    /// As MMS, for which the provider fetches a public address of ours: where the setting `mms` says so, and to
    /// numbers of +1 where it says nothing.
    Mms,
    /// The bytes go with the request, so the engine reads the file before it sends.
    Upload,
}

/// How a channel carries an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carriage {
    /// As an attachment of this kind: its own, or as a plain document.
    As(AttachmentKind),
    /// Not at all: the customer gets a link to it.
    Link(LinkReason),
}

/// Whether files go to a number as MMS, which is an American thing.
#[must_use]
pub fn takes_mms(settings: &Value, to: &str, default_country_code: Option<&str>) -> bool {
    let is_american = || international(to, default_country_code).starts_with("+1");
    settings["mms"].as_bool().unwrap_or_else(is_american)
}

/// Which receipts the provider gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Receipts {
    pub delivered: bool,
    pub read: bool,
}

impl Receipts {
    pub const NONE: Self = Self { delivered: false, read: false };
}

/// Whether the provider needs a connection that we hold open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionNeed {
    Never,
    /// Only where the hub has no public HTTPS address for webhooks.
    WithoutWebhook,
    Always,
}

impl Profile {
    /// Checks both objects against their schemas. Empty: they may be stored.
    ///
    /// The fields are named as the caller sent them: `credentials.bot_token`, `settings.api_base`.
    #[must_use]
    pub fn validate(&self, credentials: &Value, settings: &Value) -> Vec<FieldError> {
        let mut errors = Vec::new();
        schema::check("credentials", credentials, &self.credentials_schema, &mut errors);
        schema::check("settings", settings, &self.settings_schema, &mut errors);
        errors
    }

    /// The credentials as they may be shown: keys as `prefix****last4`, other secrets as dots. A field
    /// that the schema does not know is shown as dots too: what is unknown is taken for secret.
    #[must_use]
    pub fn mask(&self, credentials: &Value) -> Value {
        secret::mask(&self.credentials_schema, credentials)
    }

    /// What is stored after a change: `patch` over `old`. A masked value that came back from a form
    /// leaves the stored one alone; `null` removes a field.
    #[must_use]
    pub fn merge_credentials(&self, old: &Value, patch: &Value) -> Value {
        secret::merge(&self.credentials_schema, old, patch)
    }

    /// Every secret string inside the credentials, for masking it in logs.
    #[must_use]
    pub fn secrets(&self, credentials: &Value) -> Vec<String> {
        secret::secrets(&self.credentials_schema, credentials)
    }

    /// How an attachment goes to `to` by a channel with these settings. What is not known of a file speaks for it.
    #[must_use]
    pub fn carriage(
        &self,
        attachment: &Attachment,
        to: &str,
        settings: &Value,
        default_country_code: Option<&str>,
    ) -> Carriage {
        let kind = attachment.kind;
        if !self.dispatched || !attachment.is_file() {
            return Carriage::As(kind);
        }
        let has_way = match self.media_delivery {
            MediaDelivery::None => false,
            MediaDelivery::Mms => takes_mms(settings, to, default_country_code),
            MediaDelivery::Url | MediaDelivery::Upload => true,
        };
        if !has_way {
            return Carriage::Link(LinkReason::Channel);
        }
        let Err(reason) = self.takes(kind, attachment) else { return Carriage::As(kind) };
        // a picture too large to be shown may still be sent as a document
        match self.takes(AttachmentKind::Document, attachment) {
            Ok(()) => Carriage::As(AttachmentKind::Document),
            Err(_) => Carriage::Link(reason),
        }
    }

    fn takes(&self, kind: AttachmentKind, attachment: &Attachment) -> Result<(), LinkReason> {
        let rule = self.media_rule(kind).ok_or(LinkReason::Kind)?;
        if attachment.mime_type.as_deref().is_some_and(|mime| !rule.allows(mime)) {
            return Err(LinkReason::Type);
        }
        let fits =
            |size: i64| rule.max_bytes == 0 || u64::try_from(size).is_ok_and(|size| size <= rule.max_bytes);
        if attachment.file_size.is_some_and(|size| !fits(size)) {
            return Err(LinkReason::Size);
        }
        Ok(())
    }

    /// The rule for one kind of media; `None` = the channel does not take it.
    #[must_use]
    pub fn media_rule(&self, kind: AttachmentKind) -> Option<&MediaRule> {
        self.media.iter().find(|rule| rule.kind == kind)
    }
}
