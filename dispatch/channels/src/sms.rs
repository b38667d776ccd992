//! What all SMS providers share: the settings that every SMS channel has, and messages as texts. Segments are
//! counted in [`model::sms`].

pub use model::sms::{Encoding, Segments, count, segments, transliterate};
use model::{
    AttachmentKind,
    profile::{MediaRule, Profile},
};
use schemars::JsonSchema;

use crate::{ChannelConfig, OutboundMessage, Part, credentials, plain, text};

/// Settings of every SMS channel, whatever its provider.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct SmsSettings {
    /// Write “ ” – … á and the like with plain characters where that makes the message cheaper.
    transliterate: Option<bool>,
    /// More words with which customers opt out, separated by commas. STOP and its like in several languages
    /// always count.
    #[schemars(length(max = 500))]
    stop_words: Option<String>,
    /// More words with which customers opt in again, separated by commas.
    #[schemars(length(max = 500))]
    start_words: Option<String>,
    /// More words with which customers ask for help, separated by commas.
    #[schemars(length(max = 500))]
    help_words: Option<String>,
    /// Sent once to who opts out. Empty: nothing.
    #[schemars(length(max = 480))]
    stop_answer: Option<String>,
    /// Sent to who opts in again. Empty: nothing.
    #[schemars(length(max = 480))]
    start_answer: Option<String>,
    /// Sent to who asks for help. Empty: nothing.
    #[schemars(length(max = 480))]
    help_answer: Option<String>,
}

/// The schema of an SMS provider's settings.
pub(crate) fn settings_schema<Own: JsonSchema>() -> serde_json::Value {
    credentials::schema_with::<Own, SmsSettings>()
}

/// What a channel without media takes all the same: everything becomes a link or a line.
pub(crate) fn media() -> Vec<MediaRule> {
    let kinds = [
        AttachmentKind::Image,
        AttachmentKind::Video,
        AttachmentKind::Audio,
        AttachmentKind::Document,
        AttachmentKind::Location,
        AttachmentKind::ContactCard,
    ];
    kinds.map(|kind| MediaRule { kind, max_bytes: 0, mime_types: Vec::new() }).into()
}

/// A message for a provider that carries only text: files as links, choices as a list, each piece one part.
pub(crate) fn parts(profile: &Profile, channel: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
    let text = written(channel, &plain::text_of(message));
    let pieces = text::split(&text, &profile.text).into_iter().enumerate();
    pieces.map(|(index, text)| Part { index, text, attachments: Vec::new() }).collect()
}

/// The text as it is sent: transliterated where the channel wants it.
pub(crate) fn written(channel: &ChannelConfig, text: &str) -> String {
    if channel.settings["transliterate"] == true { transliterate(text) } else { text.to_owned() }
}
