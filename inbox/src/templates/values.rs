//! The six sources of values, and how a name finds its value.

use chrono_tz::Tz;
use model::Time;
use serde_json::{Map, Value, json};

use super::MAX_VALUE_CHARS;

/// Where values come from. A bare name takes the first that has it: custom values, the contact's fields
/// and attributes, the system's. The account's and the sender's need their prefix (`ACCOUNT_NAME`,
/// `sender.email`), so that a contact without an e-mail address is never shown the agent's.
/// `contact.name`, `properties.plan` and `system.current_date` pick one source likewise, and
/// `contact_name` is `contact.name`; a custom value of that whole name still comes first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// Given with the request, or in a recipient's row.
    pub custom: Map<String, Value>,
    /// The contact's own fields.
    pub contact: Map<String, Value>,
    /// The contact's custom attributes.
    pub properties: Map<String, Value>,
    pub account: Map<String, Value>,
    /// The agent (or bot) in whose name it is sent.
    pub sender: Map<String, Value>,
    /// See [`system_values`].
    pub system: Map<String, Value>,
}

/// `current_date` (`2026-11-23`), `current_time` (`14:05`), `current_datetime` (RFC 3339) and `timezone`.
#[must_use]
pub fn system_values(now: Time, zone: Tz) -> Map<String, Value> {
    let local = now.with_timezone(&zone);
    Map::from_iter([
        ("current_date".to_owned(), json!(local.format("%Y-%m-%d").to_string())),
        ("current_time".to_owned(), json!(local.format("%H:%M").to_string())),
        ("current_datetime".to_owned(), json!(local.to_rfc3339())),
        ("timezone".to_owned(), json!(zone.name())),
    ])
}

impl Values {
    /// Made-up values for a preview.
    #[must_use]
    pub fn sample(now: Time) -> Self {
        let object = |value: Value| if let Value::Object(map) = value { map } else { Map::new() };
        Self {
            contact: object(json!({
                "name": "Sarah Johnson", "first_name": "Sarah", "last_name": "Johnson",
                "email": "sarah@example.com", "phone": "+251912345678",
            })),
            account: object(json!({"name": "Turumba Academy"})),
            sender: object(json!({"name": "Abebe", "email": "abebe@example.com"})),
            system: system_values(now, Tz::UTC),
            ..Self::default()
        }
    }

    /// The text of a name's value. `null`, objects and nested lists are no values.
    pub(super) fn find(&self, name: &Name) -> Option<String> {
        let path: Vec<&str> = name.path.iter().map(String::as_str).collect();
        if let Some(value) = name.value_in(&self.custom).or_else(|| descend(&self.custom, &path)) {
            return Some(value);
        }
        let sources: [(&Map<String, Value>, &[&str]); 6] = [
            (&self.custom, &["custom"]),
            (&self.contact, &["contact"]),
            (&self.properties, &["properties", "contact"]),
            (&self.account, &["account"]),
            (&self.sender, &["sender", "agent", "user"]),
            (&self.system, &["system"]),
        ];
        let (first, rest) = path.split_first()?;
        if !rest.is_empty() && sources.iter().any(|(_, spaces)| spaces.contains(first)) {
            let mut named = sources.iter().filter(|(_, spaces)| spaces.contains(first));
            // contact.properties.plan is the long form of contact.plan
            let long = (*first == "contact" && rest.first() == Some(&"properties"))
                .then(|| descend(&self.properties, &rest[1..]))
                .flatten();
            return long.or_else(|| named.find_map(|(map, _)| descend(map, rest)));
        }
        sources.iter().find_map(|(map, spaces)| {
            let bare = !spaces.iter().any(|space| matches!(*space, "account" | "sender"));
            bare.then(|| descend(map, &path)).flatten().or_else(|| {
                if !rest.is_empty() {
                    return None;
                }
                let tail = |space: &&str| first.strip_prefix(*space)?.strip_prefix('_');
                spaces.iter().filter_map(tail).find_map(|tail| descend(map, &[tail]))
            })
        })
    }
}

/// A variable's name: `FIRST_NAME`, `contact.first_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    written: String,
    /// In the form in which names are compared.
    path: Vec<String>,
}

impl Name {
    pub(super) fn new(written: &str) -> Self {
        Self { written: written.to_owned(), path: written.split('.').map(canonical).collect() }
    }

    pub(super) fn as_written(&self) -> &str {
        &self.written
    }

    /// Whether both stand for the same variable: `contact_name` is `contact.name`.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.path.join("_") == other.path.join("_")
    }

    /// The value under the whole name as one key.
    pub(super) fn value_in(&self, map: &Map<String, Value>) -> Option<String> {
        if let Some(value) = map.get(&self.written).and_then(text_of) {
            return Some(value);
        }
        let whole = self.path.join("_");
        map.iter().filter(|(key, _)| canonical(key) == whole).find_map(|(_, value)| text_of(value))
    }
}

/// Case and the kind of separator do not count in names.
fn canonical(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, '-' | ' ' | '.') { '_' } else { c })
        .collect()
}

/// Follows a path of canonical keys; an exact key goes before one that only reads the same.
fn descend(map: &Map<String, Value>, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let read = |value: &Value| match value {
        Value::Object(inner) if !rest.is_empty() => descend(inner, rest),
        _ if !rest.is_empty() => None,
        other => text_of(other),
    };
    map.get(*first)
        .and_then(read)
        .or_else(|| map.iter().filter(|(key, _)| canonical(key) == *first).find_map(|(_, value)| read(value)))
}

/// A value as text, at most [`MAX_VALUE_CHARS`] long; a list of plain values is joined by commas.
fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        // PostgreSQL's text cannot hold a NUL
        Value::String(text) => text.chars().filter(|c| *c != '\0').take(MAX_VALUE_CHARS).collect(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            let items: Vec<String> = items.iter().take(MAX_VALUE_CHARS).filter_map(text_of).collect();
            items.join(", ").chars().take(MAX_VALUE_CHARS).collect()
        }
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(text)
}
