//! Message templates: text with `{VARIABLE}` and `{{ contact.name | default: "there" }}` in it.
//!
//! A template is parsed when it is saved, so that a mistake is shown with its place, and rendered when a
//! message is made. Values are data: whatever they contain comes out as it is and is never read as a
//! template. There are no loops and no conditions, so the time is linear in template and output, and
//! the output is bounded.

mod filter;
mod parse;
mod values;

use std::borrow::Cow;

pub use model::template::FallbackStrategy as Fallback;
use serde_json::{Map, Value};

use filter::Filter;
use values::Name;
pub use values::{Values, system_values};

/// Characters of a template.
pub const MAX_TEMPLATE_CHARS: usize = 10_000;
/// Placeholders of a template.
pub const MAX_PLACEHOLDERS: usize = 500;
/// Bytes of a rendered text; what is beyond is cut off.
pub const MAX_OUTPUT_BYTES: usize = 64 * 1024;
/// Characters of one value; what is beyond is cut off.
const MAX_VALUE_CHARS: usize = 10_000;

/// A text that has been parsed.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
    names: Vec<Name>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Slot(Slot),
}

/// One placeholder.
#[derive(Debug, Clone)]
struct Slot {
    /// As it was written, with its braces.
    raw: String,
    content: Content,
    filters: Vec<Filter>,
}

#[derive(Debug, Clone)]
enum Content {
    /// An index into the template's names.
    Variable(usize),
    Literal(String),
}

/// Where a template cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("line {line}, column {column}: {message}")]
pub struct TemplateError {
    /// Characters before the place.
    pub position: usize,
    /// From 1.
    pub line: usize,
    /// Characters, from 1.
    pub column: usize,
    pub message: String,
}

impl TemplateError {
    /// As the refusal of a field, with the place in the details.
    #[must_use]
    pub fn into_refusal(self, field: &str) -> model::Error {
        model::Error::invalid(field, self.to_string())
            .with("position", self.position)
            .with("line", self.line)
            .with("column", self.column)
    }
}

/// What became of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    Text {
        body: String,
        /// Variables that stay in the text as they were written; unique, in order.
        unresolved: Vec<String>,
        /// The text was longer than [`MAX_OUTPUT_BYTES`].
        truncated: bool,
    },
    /// Nothing is to be sent, since these have no value.
    Skipped { missing: Vec<String> },
}

/// How values are written, so that they cannot become markup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Escape {
    /// As they are: for plain text.
    #[default]
    Plain,
    /// For HTML mail.
    Html,
}

impl Escape {
    fn apply(self, value: &str) -> Cow<'_, str> {
        if self == Self::Plain || !value.contains(['&', '<', '>', '"', '\'']) {
            return Cow::Borrowed(value);
        }
        let mut escaped = String::with_capacity(value.len() + 16);
        for letter in value.chars() {
            match letter {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        Cow::Owned(escaped)
    }
}

impl Template {
    /// Reads a template. `{{ … }}` is read before `{UPPER_CASE}`; any other brace is text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        parse::parse(text)
    }

    /// The variables, each once, in the order of their first use, as they were written there.
    pub fn variables(&self) -> Vec<&str> {
        self.names.iter().map(Name::as_written).collect()
    }

    /// Fills in the values, as plain text.
    ///
    /// A variable without a value gets its inline default, whatever the fallback; without one the
    /// fallback decides. An empty text is a value.
    pub fn render(&self, values: &Values, fallback: Fallback, defaults: &Map<String, Value>) -> Rendered {
        self.render_as(Escape::Plain, values, fallback, defaults)
    }

    /// Fills in the values, escaped.
    pub fn render_as(
        &self,
        escape: Escape,
        values: &Values,
        fallback: Fallback,
        defaults: &Map<String, Value>,
    ) -> Rendered {
        let found: Vec<Option<String>> = self.names.iter().map(|name| values.find(name)).collect();
        let given = |index: usize| match fallback {
            Fallback::UseDefault => self.names[index].value_in(defaults),
            Fallback::KeepPlaceholder | Fallback::SkipContact => None,
        };
        let mut output = Output::default();
        let mut missing: Vec<usize> = Vec::new();
        for part in &self.parts {
            let slot = match part {
                Part::Text(text) => {
                    output.push(text);
                    continue;
                }
                Part::Slot(slot) => slot,
            };
            let value = match &slot.content {
                Content::Literal(text) => Some(Cow::Borrowed(text.as_str())),
                Content::Variable(index) => match &found[*index] {
                    Some(value) => Some(Cow::Borrowed(value.as_str())),
                    None if slot.has_default() => None,
                    None => given(*index).map(Cow::Owned),
                },
            };
            let filtered = slot.filters.iter().fold(value, |value, filter| filter.apply(value));
            match (filtered, &slot.content) {
                (Some(value), _) => output.push(&escape.apply(&value)),
                (None, Content::Variable(index)) => {
                    if !missing.contains(index) {
                        missing.push(*index);
                    }
                    output.push(&slot.raw);
                }
                (None, Content::Literal(_)) => {}
            }
            // under skip_contact the list of what is missing has to be whole
            if output.truncated && fallback != Fallback::SkipContact {
                break;
            }
        }
        let missing: Vec<String> =
            missing.into_iter().map(|index| self.names[index].as_written().to_owned()).collect();
        if fallback == Fallback::SkipContact && !missing.is_empty() {
            return Rendered::Skipped { missing };
        }
        Rendered::Text { body: output.text, unresolved: missing, truncated: output.truncated }
    }
}

impl Slot {
    fn has_default(&self) -> bool {
        self.filters.iter().any(|filter| matches!(filter, Filter::Default(_)))
    }
}

/// A text that stops growing at its limit, between characters.
#[derive(Default)]
struct Output {
    text: String,
    truncated: bool,
}

impl Output {
    fn push(&mut self, more: &str) {
        if self.truncated {
            return;
        }
        let room = MAX_OUTPUT_BYTES - self.text.len();
        if more.len() <= room {
            self.text.push_str(more);
        } else {
            self.text.push_str(&more[..more.floor_char_boundary(room)]);
            self.truncated = true;
        }
    }
}

#[cfg(test)]
mod tests;
