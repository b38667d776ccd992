//! Helpers that several providers share: random secrets, schemas from Rust types, comparing signatures.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use crate::{ChannelConfig, Registered, VerifyError, WebhookRequest};

/// The parameter of a webhook's address that holds the channel's secret, for providers that sign nothing.
pub(crate) const TOKEN: &str = "token";

/// A secret of 64 hex digits (244 random bits).
pub(crate) fn random_secret() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

/// Compares without telling by its duration where the two differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The JSON Schema of a settings or credentials type, self-contained (no `$ref`).
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true).into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
    }
    schema
}

/// The schema of a provider's settings together with those that all providers of its kind have.
pub(crate) fn schema_with<Own: JsonSchema, Common: JsonSchema>() -> Value {
    let (mut own, common) = (schema_of::<Own>(), schema_of::<Common>());
    if let (Some(fields), Value::Object(more)) = (own["properties"].as_object_mut(), &common["properties"]) {
        fields.extend(more.clone());
    }
    own
}

/// Checks the secret in a webhook's address.
pub(crate) fn verify_token(channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
    let secret = channel.credentials.get("webhook_token").ok_or(VerifyError::NotConfigured)?;
    let given = request.query(TOKEN).ok_or(VerifyError::Missing)?;
    if same(given.as_bytes(), secret.as_bytes()) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

/// An address of ours with the channel's secret, and more parameters.
pub(crate) fn with_token(channel: &ChannelConfig, address: &str, more: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(secret) = channel.credentials.get("webhook_token") {
        query.append_pair(TOKEN, secret);
    }
    let query = query.extend_pairs(more).finish();
    if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") }
}

/// A provider whose address is entered by hand, with a secret in it that is made here if there is none.
pub(crate) fn register_token(channel: &ChannelConfig, address: &str) -> Registered {
    let stored = channel.credentials.get("webhook_token").map(str::to_owned);
    let secret = stored.unwrap_or_else(random_secret);
    Registered {
        address: Some(format!("{address}?{TOKEN}={secret}")),
        credentials: json!({"webhook_token": secret}),
        ..Registered::by_hand()
    }
}
