//! What is posted to `/messages`.

use model::{AttachmentKind, profile::TextLimit, profile::TextUnit};
use serde_json::{Map, Value, json};

use super::template;
use crate::{
    OutboundAttachment, OutboundMessage, Part, SendError, plain,
    rich::{self, Choice, bad_content, cut},
    text,
};

/// Of an interactive message; a longer text goes before it.
const INTERACTIVE_BODY: TextLimit = TextLimit::new(1024, TextUnit::Chars);
const MOST_BUTTONS: usize = 3;
const MOST_ROWS: usize = 10;

/// How the choices of a message are shown.
enum Interactive {
    Link,
    Buttons,
    List,
}

fn interactive(choices: &[Choice]) -> Option<Interactive> {
    let links = choices.iter().filter(|choice| choice.url.is_some()).count();
    match choices {
        [] => None,
        [one] if one.url.is_some() => Some(Interactive::Link),
        _ if links > 0 => None,
        some if some.len() <= MOST_BUTTONS && some.iter().all(|choice| choice.description.is_none()) => {
            Some(Interactive::Buttons)
        }
        some if some.len() <= MOST_ROWS => Some(Interactive::List),
        _ => None,
    }
}

/// One template is one request, whatever the text says; choices belong to the last piece of the text.
pub(super) fn parts(
    limit: &TextLimit,
    message: &OutboundMessage,
    default: impl FnOnce() -> Vec<Part>,
) -> Vec<Part> {
    if message.metadata["template"].is_object() || rich::is_reaction(message) {
        return vec![Part { index: 0, text: message.text.clone(), attachments: Vec::new() }];
    }
    let choices = rich::choices(&message.metadata);
    if choices.is_empty() {
        return default();
    }
    if interactive(&choices).is_some() {
        return rich::parts_with_choices(&INTERACTIVE_BODY, message);
    }
    // more than a list holds: numbered, in the text
    let numbered = plain::join(&message.text, std::iter::empty(), &choices);
    let written = OutboundMessage { text: numbered, ..message.clone() };
    let media = (0..message.attachments.len()).map(|number| (String::new(), vec![number]));
    let texts = text::split(&written.text, limit).into_iter().map(|text| (text, Vec::new()));
    let all = media.chain(texts).enumerate();
    all.map(|(index, (text, attachments))| Part { index, text, attachments }).collect()
}

/// The request for one part. `media`: the id of the uploaded file, if the part has one.
pub(super) fn payload(
    message: &OutboundMessage,
    part: &Part,
    is_last: bool,
    media: Option<&str>,
) -> Result<Value, SendError> {
    let mut body = destination(message);
    body.insert("messaging_product".into(), "whatsapp".into());
    // comes back in every status and settles an unknown outcome
    body.insert("biz_opaque_callback_data".into(), message.idempotency_key.clone().into());
    let (kind, content) = content(message, part, is_last, media)?;
    let answered = message.reply_to.as_ref().filter(|_| part.index == 0 && kind != "reaction");
    if let Some(id) = answered {
        body.insert("context".into(), json!({"message_id": id}));
    }
    body.insert("type".into(), kind.into());
    body.insert(kind.into(), content);
    Ok(Value::Object(body))
}

fn destination(message: &OutboundMessage) -> Map<String, Value> {
    let mut body = Map::new();
    let is_person = |key: &str| key.starts_with('+') || key.get(2..3) == Some(".");
    let group =
        message.thread_key.as_deref().filter(|key| !key.is_empty() && *key != message.to && !is_person(key));
    let bare = message.to.trim_start_matches('+');
    let (to, kind) = match group {
        Some(group) => (("to", group), "group"),
        None if bare.chars().all(|c| c.is_ascii_digit()) => (("to", bare), "individual"),
        None => (("recipient", message.to.as_str()), "individual"),
    };
    body.insert(to.0.into(), to.1.into());
    body.insert("recipient_type".into(), kind.into());
    body
}

fn content(
    message: &OutboundMessage,
    part: &Part,
    is_last: bool,
    media: Option<&str>,
) -> Result<(&'static str, Value), SendError> {
    let wanted = &message.metadata["template"];
    if wanted.is_object() {
        return Ok(("template", template::to_send(wanted)?));
    }
    if let (true, Some(id)) = (rich::is_reaction(message), &message.reply_to) {
        return Ok(("reaction", json!({"message_id": id, "emoji": message.text.trim()})));
    }
    let attachment = part.attachments.first().and_then(|number| message.attachments.get(*number));
    if let Some(attachment) = attachment {
        return file(attachment, &part.text, media);
    }
    let choices = rich::choices(&message.metadata);
    if let (true, Some(kind)) = (is_last, interactive(&choices)) {
        return Ok(("interactive", interactive_body(&message.metadata, &part.text, &choices, &kind)));
    }
    let has_link = part.text.contains("https://") || part.text.contains("http://");
    Ok(("text", json!({"body": part.text, "preview_url": has_link})))
}

fn interactive_body(metadata: &Value, text: &str, choices: &[Choice], kind: &Interactive) -> Value {
    let (word, action) = match (kind, choices) {
        (Interactive::Link, [one, ..]) => {
            let parameters = json!({"display_text": cut(&one.title, 20), "url": one.url});
            ("cta_url", json!({"name": "cta_url", "parameters": parameters}))
        }
        (Interactive::Buttons, _) => {
            let buttons: Vec<Value> = choices
                .iter()
                .map(|one| json!({"type": "reply", "reply": {"id": cut(&one.id, 256), "title": cut(&one.title, 20)}}))
                .collect();
            ("button", json!({"buttons": buttons}))
        }
        _ => {
            let rows: Vec<Value> = choices
                .iter()
                .map(|one| {
                    let mut row = json!({"id": cut(&one.id, 200), "title": cut(&one.title, 24)});
                    if let Some(description) = &one.description {
                        row["description"] = cut(description, 72).into();
                    }
                    row
                })
                .collect();
            let label = cut(metadata["choices_button"].as_str().unwrap_or("Choose"), 20);
            ("list", json!({"button": label, "sections": [{"rows": rows}]}))
        }
    };
    let mut body = json!({"type": word, "body": {"text": text}, "action": action});
    if let Some(header) = metadata["header"].as_str().filter(|text| !text.is_empty()) {
        body["header"] = json!({"type": "text", "text": cut(header, 60)});
    }
    if let Some(footer) = metadata["footer"].as_str().filter(|text| !text.is_empty()) {
        body["footer"] = json!({"text": cut(footer, 60)});
    }
    body
}

fn file(
    outgoing: &OutboundAttachment,
    caption: &str,
    media: Option<&str>,
) -> Result<(&'static str, Value), SendError> {
    let attachment = &outgoing.attachment;
    let kind = match attachment.kind {
        AttachmentKind::Location => {
            let (Some(latitude), Some(longitude)) = (attachment.latitude, attachment.longitude) else {
                return Err(bad_content("no_position", "the location has no position"));
            };
            let mut place = json!({"latitude": latitude, "longitude": longitude});
            for (field, text) in [("name", &attachment.name), ("address", &attachment.address)] {
                if let Some(text) = text {
                    place[field] = text.clone().into();
                }
            }
            return Ok(("location", place));
        }
        AttachmentKind::ContactCard => {
            let phone = attachment.url.as_deref().and_then(|url| url.strip_prefix("tel:"));
            let Some(phone) = phone else {
                return Err(bad_content("no_number", "the contact has no phone number"));
            };
            let name = attachment.name.as_deref().unwrap_or(phone);
            let name = json!({"formatted_name": name, "first_name": name});
            return Ok(("contacts", json!([{"name": name, "phones": [{"phone": phone, "type": "CELL"}]}])));
        }
        AttachmentKind::Image => "image",
        AttachmentKind::Video => "video",
        AttachmentKind::Audio => "audio",
        AttachmentKind::Sticker => "sticker",
        AttachmentKind::Document => "document",
    };
    let mut body = match (media, &attachment.url) {
        (Some(id), _) => json!({"id": id}),
        (None, Some(link)) => json!({"link": link}),
        (None, None) => {
            return Err(bad_content("no_file", "the attachment has neither a file nor an address"));
        }
    };
    let caption =
        if caption.is_empty() { attachment.caption.as_deref().unwrap_or_default() } else { caption };
    if !caption.is_empty() && !matches!(kind, "audio" | "sticker") {
        body["caption"] = cut(caption, 1024).into();
    }
    if let (true, Some(name)) = (kind == "document", &attachment.filename) {
        body["filename"] = name.clone().into();
    }
    Ok((kind, body))
}
