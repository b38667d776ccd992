//! Helpers that several providers share: random secrets, schemas from Rust types, comparing signatures.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;
use subtle::ConstantTimeEq;

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
