//! What a message may ask for beyond text and files, in its `metadata`, in words that all providers share:
//!
//! ```json
//! {"choices": [{"id": "yes", "title": "Yes", "description": "…", "url": "https://…"}],
//!  "choices_button": "Choose", "header": "…", "footer": "…"}
//! ```
//!
//! `choices` are buttons, a list or quick replies, whatever the channel has; where it has none they become lines
//! of text. What the customer picks comes back as a message with the title for its text and
//! `metadata.choice`. `{"reaction": true}` makes a one-emoji answer a reaction to the answered message.

use model::profile::TextLimit;
use serde_json::{Value, json};

use crate::{OutboundMessage, Part, RejectReason, SendError, SendErrorClass, text};

/// Something to pick. One with an address is a link and is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) url: Option<String>,
}

/// The choices of a message. One without a title is none; without an id the title is it.
pub(crate) fn choices(metadata: &Value) -> Vec<Choice> {
    let listed = metadata["choices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    listed
        .iter()
        .filter_map(|choice| {
            let title = text(choice).or_else(|| text(&choice["title"]))?;
            Some(Choice {
                id: text(&choice["id"]).unwrap_or_else(|| title.clone()),
                title,
                description: text(&choice["description"]),
                url: text(&choice["url"]).filter(|url| url.starts_with("http")),
            })
        })
        .collect()
}

/// Whether the message is a reaction to the one that it answers.
pub(crate) fn is_reaction(message: &OutboundMessage) -> bool {
    message.metadata["reaction"] == true && message.reply_to.is_some()
}

/// What is stored of a choice that a customer made.
pub(crate) fn chosen(id: &Value, title: &Value, source: &str) -> Value {
    json!({"choice": {"id": id, "title": title, "source": source}})
}

/// Cut to so many characters, with an ellipsis where something was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let short: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", short.trim_end())
}

/// Attachments first, each by itself, then the text; the choices belong to the last part. They vanish on some
/// phones while a picture that comes after them is loading.
pub(crate) fn parts_with_choices(limit: &TextLimit, message: &OutboundMessage) -> Vec<Part> {
    let media = (0..message.attachments.len()).map(|number| (String::new(), vec![number]));
    let texts = text::split(&message.text, limit).into_iter().map(|text| (text, Vec::new()));
    media
        .chain(texts)
        .enumerate()
        .map(|(index, (text, attachments))| Part { index, text, attachments })
        .collect()
}

/// A message that a provider cannot take as it is.
pub(crate) fn bad_content(code: &str, message: impl Into<String>) -> SendError {
    SendError::new(SendErrorClass::Rejected(RejectReason::Content), code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_leniently() {
        let metadata =
            json!({"choices": ["Yes", {"title": "No", "id": "n"}, {"id": "x"}, 7, {"title": " "}]});
        let read = choices(&metadata);
        let pairs: Vec<_> = read.iter().map(|choice| (choice.id.as_str(), choice.title.as_str())).collect();
        assert_eq!(pairs, [("Yes", "Yes"), ("n", "No")]);
        assert!(choices(&Value::Null).is_empty());
    }

    #[test]
    fn titles_are_cut_between_characters() {
        assert_eq!(cut("twenty characters ok", 20), "twenty characters ok");
        assert_eq!(cut("éééééé", 4), "ééé…");
    }
}
