//! Reads a JSON object field by field and collects every refusal, so that the caller learns of all of
//! them at once. A field that is `null` counts as absent; a field nobody asked for is refused.

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use serde_json::{Map, Value};

use crate::error::FieldError;

static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

/// One JSON object being read.
pub(crate) struct Fields<'v> {
    map: &'v Map<String, Value>,
    path: String,
    asked: BTreeSet<&'static str>,
    pub(crate) errors: Vec<FieldError>,
}

impl<'v> Fields<'v> {
    /// Starts reading `value`, which is found at `path`; anything but an object or `null` is refused.
    pub(crate) fn of(value: &'v Value, path: &str) -> Self {
        let mut fields =
            Self { map: &NOTHING, path: path.to_owned(), asked: BTreeSet::new(), errors: Vec::new() };
        match value {
            Value::Object(map) => fields.map = map,
            Value::Null => {}
            _ => {
                fields
                    .errors
                    .push(FieldError { field: path.to_owned(), message: "must be an object".into() });
            }
        }
        fields
    }

    /// The dotted path of one of the object's fields.
    pub(crate) fn path(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    pub(crate) fn refuse(&mut self, field: &str, message: impl Into<String>) {
        let field = self.path(field);
        self.errors.push(FieldError { field, message: message.into() });
    }

    /// The field's value, unless absent.
    pub(crate) fn get(&mut self, field: &'static str) -> Option<&'v Value> {
        self.asked.insert(field);
        self.map.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn flag(&mut self, field: &'static str) -> Option<bool> {
        let value = self.get(field)?;
        if value.as_bool().is_none() {
            self.refuse(field, "must be true or false");
        }
        value.as_bool()
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Option<&'v str> {
        let value = self.get(field)?;
        if value.as_str().is_none() {
            self.refuse(field, "must be text");
        }
        value.as_str()
    }

    /// A text that is read as a `T`; its refusal is the message of `T`'s error.
    pub(crate) fn word<T: FromStr<Err: Display>>(&mut self, field: &'static str) -> Option<T> {
        let text = self.text(field)?;
        match text.parse() {
            Ok(word) => Some(word),
            Err(error) => {
                self.refuse(field, error.to_string());
                None
            }
        }
    }

    /// A list of texts, each read as a `T`, without repeats; empty when absent. Refusals name the
    /// element: `channels.2`.
    pub(crate) fn words<T: FromStr<Err: Display> + PartialEq>(&mut self, field: &'static str) -> Vec<T> {
        let Some(value) = self.get(field) else { return Vec::new() };
        let Value::Array(items) = value else {
            self.refuse(field, "must be a list");
            return Vec::new();
        };
        let mut words = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let read = match item.as_str() {
                Some(text) => text.parse::<T>().map_err(|error| error.to_string()),
                None => Err("must be text".to_owned()),
            };
            match read {
                Ok(word) if words.contains(&word) => {}
                Ok(word) => words.push(word),
                Err(message) => self.refuse(&format!("{field}.{index}"), message),
            }
        }
        words
    }

    /// Ends the reading: what was refused, together with the fields nobody asked for.
    pub(crate) fn finish(mut self, unknown: &str) -> Vec<FieldError> {
        let strangers: Vec<&String> = self
            .map
            .iter()
            .filter(|(key, _)| !self.asked.contains(key.as_str()))
            .map(|(key, _)| key)
            .collect();
        for key in strangers {
            self.refuse(key, unknown);
        }
        self.errors
    }
}
