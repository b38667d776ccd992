//! The web chat. Customers connect to our own socket, so nothing is sent by the dispatch engine and no
//! webhook is taken; what is here are its settings and its limits.

use async_trait::async_trait;
use model::{
    AttachmentKind, ChannelType,
    profile::{
        IdentifierKind, MediaDelivery, MediaRule, Profile, Receipts, SessionNeed, TextLimit, TextUnit,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Adapter, ChannelConfig, Context, Health, Incoming, OutboundMessage, ParseError, Part, Receiving,
    Registered, SendError, Sent, Verified, VerifyError, WebhookRequest, credentials::schema_of,
};

/// Public settings of a web chat channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebchatSettings {
    /// Made by the hub; the only name of the channel that browsers see.
    #[schemars(length(max = 64))]
    pub public_key: Option<String>,
    /// Who customers talk with; the channel's name unless it is set.
    #[schemars(length(max = 100))]
    pub team_name: Option<String>,
    /// Shown when the chat opens.
    #[schemars(length(max = 2000))]
    pub welcome_message: Option<String>,
    /// Shown while nobody is there.
    #[schemars(length(max = 2000))]
    pub offline_message: Option<String>,
    /// Asked before the first message.
    pub pre_chat_form: Option<PreChatForm>,
    /// How the widget looks.
    pub widget_config: WidgetLook,
    /// Origins that may show the widget, `https://*.example.com` style; empty: any.
    #[schemars(length(max = 100))]
    pub allowed_origins: Vec<String>,
}

/// Questions before a chat.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PreChatForm {
    pub enabled: bool,
    #[schemars(length(max = 20))]
    pub fields: Vec<PreChatField>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreChatField {
    /// Its name in the contact's data: `name`, `email`, `order_number`.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    #[schemars(length(min = 1, max = 255))]
    pub label: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default, rename = "type")]
    pub kind: FieldKind,
    /// What may be chosen, for `select`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub options: Vec<String>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    #[default]
    Text,
    Email,
    Phone,
    Textarea,
    Select,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WidgetTheme {
    /// As the customer's system.
    #[default]
    Auto,
    Light,
    Dark,
}

/// Colours and texts of the widget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WidgetLook {
    #[schemars(regex(pattern = "^#[0-9A-Fa-f]{6}$"), extend("x-pattern-hint" = "must be a colour like #4F46E5"))]
    pub color: String,
    pub position: LauncherPosition,
    #[schemars(length(max = 100))]
    pub launcher_text: String,
    pub theme: WidgetTheme,
    /// Nothing is shown while nobody is there.
    pub hide_when_offline: bool,
}

impl Default for WidgetLook {
    fn default() -> Self {
        Self {
            color: "#4F46E5".to_owned(),
            position: LauncherPosition::BottomRight,
            launcher_text: "Chat with us".to_owned(),
            theme: WidgetTheme::Auto,
            hide_when_offline: false,
        }
    }
}

/// The corner of the page in which the launcher sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LauncherPosition {
    BottomRight,
    BottomLeft,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// Signs the identity that a page passes for its signed-in user (HMAC-SHA256); optional.
    #[schemars(length(min = 16, max = 256), extend("x-secret" = true))]
    identity_secret: Option<String>,
}

/// The adapter.
pub(crate) struct Webchat {
    profile: Profile,
}

/// Uploads are limited to ten megabytes by default; the operator may change it.
const MAX_FILE: u64 = 10 << 20;

impl Webchat {
    pub(crate) fn new() -> Self {
        let media = [
            AttachmentKind::Image,
            AttachmentKind::Video,
            AttachmentKind::Audio,
            AttachmentKind::Document,
            AttachmentKind::Location,
        ];
        let profile = Profile {
            channel_type: ChannelType::Webchat,
            provider: "default".into(),
            display_name: "Web chat".into(),
            help: "A chat on your own pages. Nothing to sign up for: copy the snippet into the page.".into(),
            identifier: IdentifierKind::Opaque,
            text: TextLimit::new(10_000, TextUnit::Chars),
            caption_limit: Some(10_000),
            max_attachments: 10,
            media: media.map(|kind| MediaRule { kind, max_bytes: MAX_FILE, mime_types: Vec::new() }).into(),
            media_delivery: MediaDelivery::None,
            receipts: Receipts { delivered: true, read: true },
            reply_window_hours: None,
            default_rate_per_minute: None,
            session: SessionNeed::Never,
            registers_webhook: false,
            dispatched: false,
            provider_handles_opt_out: false,
            settings_schema: schema_of::<WebchatSettings>(),
            credentials_schema: schema_of::<Credentials>(),
            example_credentials: json!({"identity_secret": "webchat-identity-secret-0001"}),
        };
        Self { profile }
    }
}

#[async_trait]
impl Adapter for Webchat {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, _: &ChannelConfig, _: &WebhookRequest) -> Result<(), VerifyError> {
        Err(VerifyError::Unsupported)
    }

    fn parse(&self, _: &ChannelConfig, _: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        Err(ParseError("web chat takes no webhooks".to_owned()))
    }

    async fn send(&self, _: &Context, _: &OutboundMessage, _: &Part) -> Result<Sent, SendError> {
        Err(SendError::unsupported("sending: web chat messages are delivered by the socket"))
    }

    async fn verify_credentials(&self, _: &Context) -> Result<Verified, SendError> {
        Ok(Verified { display: "Web chat".to_owned(), settings: json!({}) })
    }

    async fn check_health(&self, _: &Context) -> Result<Health, SendError> {
        Ok(Health::ok(json!({})))
    }

    async fn register_webhook(&self, _: &Context, _: &str) -> Result<Registered, SendError> {
        Ok(Registered { receiving: Receiving::Direct, ..Registered::by_hand() })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conformance::{Sample, example_channel};

    fn adapter() -> Arc<dyn Adapter> {
        Arc::new(Webchat::new())
    }

    fn sample() -> Sample {
        Sample { channel: example_channel(&Webchat::new()), genuine: Vec::new() }
    }

    crate::conformance!(conforms, adapter(), sample());

    #[test]
    fn settings_are_checked_by_their_schema() {
        let profile = Webchat::new().profile;
        let good = serde_json::to_value(WebchatSettings {
            pre_chat_form: Some(PreChatForm {
                enabled: true,
                fields: vec![PreChatField {
                    name: "email".into(),
                    label: "E-mail".into(),
                    required: true,
                    kind: FieldKind::Select,
                    options: vec!["a@b.c".into()],
                }],
            }),
            ..WebchatSettings::default()
        })
        .unwrap();
        assert_eq!(profile.validate(&json!({}), &good), []);
        assert_eq!(profile.validate(&json!({}), &json!({})), []);
        let errors = profile.validate(
            &json!({"identity_secret": "short"}),
            &json!({"widget_config": {"color": "red", "position": "top"}, "odd": 1}),
        );
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields.len(), 4, "{errors:?}");
        for field in [
            "credentials.identity_secret",
            "settings.widget_config.color",
            "settings.widget_config.position",
            "settings.odd",
        ] {
            assert!(fields.contains(&field), "{field} in {errors:?}");
        }
    }
}
