//! Templates that a provider must approve before they may be sent.

use serde_json::Value;

use crate::{TemplateQuality, TemplateStatus};

/// A template as the provider keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderTemplate {
    pub external_id: String,
    pub name: String,
    /// Like `en_US`.
    pub language: String,
    pub category: Option<String>,
    pub status: TemplateStatus,
    /// `None`: the provider rates none, or has not told.
    pub quality: Option<TemplateQuality>,
    /// The body's text, its placeholders as the provider writes them.
    pub body: String,
    /// Header, body, footer and buttons, in the provider's words.
    pub components: Value,
}

/// A template of ours that is to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateDraft {
    pub name: String,
    pub language: String,
    pub category: Option<String>,
    /// With `{{name}}` where a variable stands.
    pub body: String,
    /// Each variable of the body with an example for the reviewer.
    pub variables: Vec<(String, String)>,
}
