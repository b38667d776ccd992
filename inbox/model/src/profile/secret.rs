//! Masking of credentials, and merging a form's answer back without losing what was masked.

use serde_json::{Map, Value};

/// Shown for a secret of which nothing may be seen.
const DOTS: &str = "••••••••";
/// Stands for the middle of a key.
const STARS: &str = "****";

enum Show {
    Plain,
    /// `prefix****last4`
    Key,
    Dots,
}

fn how(schema: &Value, field: &str) -> Show {
    let Some(property) = schema.get("properties").and_then(|p| p.get(field)) else { return Show::Dots };
    match property.get("x-secret") {
        None | Some(Value::Bool(false)) => Show::Plain,
        Some(Value::String(style)) if style == "key" => Show::Key,
        Some(_) => Show::Dots,
    }
}

pub(super) fn mask(schema: &Value, credentials: &Value) -> Value {
    let Value::Object(fields) = credentials else { return Value::Object(Map::new()) };
    fields.iter().map(|(name, value)| (name.clone(), mask_one(&how(schema, name), value))).collect()
}

fn mask_one(show: &Show, value: &Value) -> Value {
    match (show, value) {
        (Show::Plain, _) | (_, Value::Null) => value.clone(),
        (_, Value::String(text)) if text.is_empty() => value.clone(),
        (Show::Key, Value::String(text)) => Value::String(mask_key(text)),
        _ => Value::String(DOTS.to_owned()),
    }
}

/// Short keys show nothing: their last four letters would be a good part of them.
fn mask_key(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    if letters.len() < 16 {
        return DOTS.to_owned();
    }
    let head = &letters[..letters.len() / 2];
    let prefix = match head.iter().position(|c| matches!(c, '-' | '_' | ':')) {
        Some(at) if at <= 12 => at + 1,
        _ => head.iter().take(2).take_while(|c| c.is_ascii_uppercase()).count(),
    };
    let start: String = letters[..prefix].iter().collect();
    let end: String = letters[letters.len() - 4..].iter().collect();
    format!("{start}{STARS}{end}")
}

pub(super) fn merge(schema: &Value, old: &Value, patch: &Value) -> Value {
    let mut merged = old.as_object().cloned().unwrap_or_default();
    let shown = mask(schema, old);
    for (name, value) in patch.as_object().into_iter().flatten() {
        let secret = !matches!(how(schema, name), Show::Plain);
        if value.is_null() {
            merged.remove(name);
        } else if secret && (shown.get(name) == Some(value) || looks_masked(value)) {
            // nothing new was typed
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    Value::Object(merged)
}

fn looks_masked(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        !text.is_empty() && (text.contains(STARS) || text.chars().all(|c| c == '•' || c == '*'))
    })
}

pub(super) fn secrets(schema: &Value, credentials: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in credentials.as_object().into_iter().flatten() {
        if !matches!(how(schema, name), Show::Plain) {
            leaves(value, &mut found);
        }
    }
    found
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| leaves(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({"properties": {
            "account_sid": {"type": "string"},
            "auth_token": {"type": "string", "x-secret": true},
            "api_key": {"type": "string", "x-secret": "key"},
        }})
    }

    #[test]
    fn keys_keep_both_ends_and_secrets_nothing() {
        let shown = mask(
            &schema(),
            &json!({"account_sid": "AC1", "auth_token": "tok_0123456789abcdef", "api_key": "sk-0123456789abcdef",
                    "unheard_of": "x"}),
        );
        assert_eq!(
            shown,
            json!({"account_sid": "AC1", "auth_token": DOTS, "api_key": "sk-****cdef", "unheard_of": DOTS})
        );
        assert_eq!(mask_key("SK00000000000000000000000000001234"), "SK****1234");
        assert_eq!(mask_key("123456789:AAabcdefghijklmnop_wxyz"), "123456789:****wxyz");
        assert_eq!(mask_key("short"), DOTS);
    }

    #[test]
    fn a_masked_value_that_comes_back_changes_nothing() {
        let old = json!({"account_sid": "AC1", "auth_token": "tok_0123456789abcdef", "api_key": "sk-0123456789abcdef"});
        assert_eq!(merge(&schema(), &old, &mask(&schema(), &old)), old);
        assert_eq!(
            merge(&schema(), &old, &json!({"auth_token": "new", "api_key": null})),
            json!({"account_sid": "AC1", "auth_token": "new"})
        );
        assert_eq!(merge(&schema(), &json!({}), &json!({"auth_token": DOTS})), json!({}));
    }

    #[test]
    fn secrets_are_listed_for_redaction() {
        let found = secrets(&schema(), &json!({"account_sid": "AC1", "auth_token": "t1", "api_key": "k1"}));
        assert_eq!(found, ["k1", "t1"]);
    }
}
