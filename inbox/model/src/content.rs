//! What a message carries besides its text.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::UploadId;

text_enum! {
    pub enum AttachmentKind {
        Image = "image", Video = "video", Audio = "audio", Document = "document",
        Location = "location", Sticker = "sticker", ContactCard = "contact_card",
    }
}

text_enum! {
    /// The main content of a message.
    pub enum ContentType {
        Text = "text", Image = "image", Video = "video", Audio = "audio", File = "file",
        Location = "location", Sticker = "sticker", ContactCard = "contact_card", Event = "event",
    }
}

impl From<AttachmentKind> for ContentType {
    fn from(kind: AttachmentKind) -> Self {
        match kind {
            AttachmentKind::Image => Self::Image,
            AttachmentKind::Video => Self::Video,
            AttachmentKind::Audio => Self::Audio,
            AttachmentKind::Document => Self::File,
            AttachmentKind::Location => Self::Location,
            AttachmentKind::Sticker => Self::Sticker,
            AttachmentKind::ContactCard => Self::ContactCard,
        }
    }
}

text_enum! {
    /// Why a channel does not carry a file.
    pub enum LinkReason {
        /// It carries no files, or none to this recipient.
        Channel = "channel",
        /// It carries none of this kind.
        Kind = "kind",
        /// It carries none of this type.
        Type = "type",
        /// The file is larger than it carries.
        Size = "size",
    }
}

/// That a customer gets a link instead of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, schemars::JsonSchema)]
pub struct AsLink {
    pub reason: LinkReason,
    /// The link opens the file until then; without it the file lies elsewhere, and how long is not ours to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<DateTime<Utc>>,
}

/// One attachment of a message; at most ten.
///
/// A file of ours is named by `upload_id`; `url` is filled when it is shown. A file still at the
/// provider is named by `provider_file` until it has been fetched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema, schemars::JsonSchema)]
pub struct Attachment {
    #[serde(rename = "type")]
    pub kind: AttachmentKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub upload_id: Option<UploadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// The provider's own reference (Telegram `file_id`, Twilio media URL), never shown to clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub provider_file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mime_type: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub file_size: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub filename: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub thumbnail_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub caption: Option<String>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub width: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub height: Option<i32>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub duration: Option<f64>,
    /// Degrees, −90 to 90.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub latitude: Option<f64>,
    /// Degrees, −180 to 180.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub longitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<String>,
    /// Its channel does not carry it: the customer gets a link in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub as_link: Option<AsLink>,
}

impl Attachment {
    /// A place or a card is no file: it has no bytes and no type.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        !matches!(self.kind, AttachmentKind::Location | AttachmentKind::ContactCard)
    }

    #[must_use]
    pub fn new(kind: AttachmentKind) -> Self {
        Self {
            kind,
            upload_id: None,
            url: None,
            provider_file: None,
            mime_type: None,
            file_size: None,
            filename: None,
            thumbnail_url: None,
            caption: None,
            width: None,
            height: None,
            duration: None,
            latitude: None,
            longitude: None,
            name: None,
            address: None,
            as_link: None,
        }
    }
}
