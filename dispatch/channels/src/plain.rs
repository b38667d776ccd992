//! What channels of phone numbers and plain text share: numbers as providers want them, the kind of a file by
//! its type, and lines of text for what a text cannot carry.

pub(crate) use model::sms::international;
use model::{Attachment, AttachmentKind};

use crate::{
    OutboundMessage,
    rich::{self, Choice},
};

/// A sender as a provider names it, with its plus: they leave it out of numbers, and names have none.
pub(crate) fn with_plus(sender: &str) -> String {
    let sender = sender.trim();
    let digits = sender.len() > 6 && sender.chars().all(|c| c.is_ascii_digit());
    if digits { format!("+{sender}") } else { sender.to_owned() }
}

/// The kind of a file of this type.
pub(crate) fn kind_of(mime: &str) -> AttachmentKind {
    match mime.split('/').next() {
        Some("image") => AttachmentKind::Image,
        Some("video") => AttachmentKind::Video,
        Some("audio") => AttachmentKind::Audio,
        _ if mime.contains("vcard") => AttachmentKind::ContactCard,
        _ => AttachmentKind::Document,
    }
}

/// A line of text in place of an attachment; `None` where there is nothing to say.
#[must_use]
pub fn line_of(attachment: &Attachment) -> Option<String> {
    let name = attachment.name.as_deref().unwrap_or_default();
    match (attachment.kind, &attachment.url) {
        (AttachmentKind::Location, _) => {
            let (latitude, longitude) = attachment.latitude.zip(attachment.longitude)?;
            Some(format!("{name} {latitude},{longitude}").trim().to_owned())
        }
        (AttachmentKind::ContactCard, Some(url)) if url.starts_with("tel:") => {
            Some(format!("{name} {}", url.trim_start_matches("tel:")).trim().to_owned())
        }
        (_, url) => url.clone(),
    }
}

/// The whole message as one text: what is attached becomes a line, choices become a numbered list.
pub(crate) fn text_of(message: &OutboundMessage) -> String {
    let lines = message.attachments.iter().filter_map(|outgoing| line_of(&outgoing.attachment));
    join(&message.text, lines, &rich::choices(&message.metadata))
}

/// A text, lines below it, and choices below them.
pub(crate) fn join(text: &str, lines: impl Iterator<Item = String>, choices: &[Choice]) -> String {
    let numbered = choices.iter().enumerate().map(|(n, choice)| match &choice.url {
        Some(url) => format!("{}: {url}", choice.title),
        None => format!("{}. {}", n + 1, choice.title),
    });
    let all = std::iter::once(text.to_owned()).chain(lines).chain(numbered);
    all.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::example_message;

    #[test]
    fn numbers() {
        assert_eq!(international("+254 700-000 001", None), "+254700000001");
        assert_eq!(international("0700000001", Some("+254")), "+254700000001");
        assert_eq!(international("00254700000001", None), "+254700000001");
        assert_eq!(international("22395", Some("+254")), "22395");
        assert_eq!(with_plus("254700000001"), "+254700000001");
        assert_eq!(with_plus("+254700000001"), "+254700000001");
        assert_eq!(with_plus("22395"), "22395");
        assert_eq!(with_plus("ACME"), "ACME");
    }

    #[test]
    fn choices_become_a_list() {
        let mut message = example_message("Which one?");
        message.metadata = json!({"choices": [{"title": "Red"}, {"title": "Blue"}, {"title": "Look", "url": "https://x.test"}]});
        assert_eq!(text_of(&message), "Which one?\n1. Red\n2. Blue\nLook: https://x.test");
    }
}
