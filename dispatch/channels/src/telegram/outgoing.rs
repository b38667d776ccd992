//! From a message to calls of the Bot API.

use model::{AttachmentKind, profile::Profile};
use outbound::FilePart;
use serde_json::{Map, Value, json};

use crate::{
    OutboundAttachment, OutboundMessage, Part, SendError,
    rich::{self, Choice, cut},
};

/// Files of one album.
const ALBUM: usize = 10;
/// Bytes of what a button sends back.
const BUTTON_DATA: usize = 64;

/// One call.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) body: Map<String, Value>,
    pub(super) files: Vec<FilePart>,
    /// The message that a reaction stands under.
    pub(super) about: Option<String>,
}

/// What may stand together in an album; `None`: only by itself.
fn album(outgoing: &OutboundAttachment) -> Option<u8> {
    let attachment = &outgoing.attachment;
    let mime = attachment.mime_type.as_deref().unwrap_or_default();
    match attachment.kind {
        AttachmentKind::Image if mime != "image/gif" => Some(0),
        AttachmentKind::Video => Some(0),
        AttachmentKind::Document => Some(1),
        AttachmentKind::Audio if !mime.starts_with("audio/ogg") => Some(2),
        _ => None,
    }
}

/// Texts and files; files that follow each other and fit together are one album. A short text is the first
/// one's caption, unless buttons want a text of their own.
pub(super) fn parts(profile: &Profile, pieces: &[String], message: &OutboundMessage) -> Vec<Part> {
    if rich::is_reaction(message) {
        return vec![Part { index: 0, text: message.text.clone(), attachments: Vec::new() }];
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (number, outgoing) in message.attachments.iter().enumerate() {
        let kind = album(outgoing);
        match groups.last_mut() {
            Some(last)
                if kind.is_some()
                    && last.len() < ALBUM
                    && last.first().is_some_and(|first| album(&message.attachments[*first]) == kind) =>
            {
                last.push(number);
            }
            _ => groups.push(vec![number]),
        }
    }
    let has_choices = !rich::choices(&message.metadata).is_empty();
    let first = message.attachments.first().map(|outgoing| outgoing.attachment.kind);
    let takes_caption = first.is_some_and(|kind| {
        !matches!(kind, AttachmentKind::Location | AttachmentKind::ContactCard | AttachmentKind::Sticker)
    });
    let short = match (pieces, profile.caption_limit) {
        ([only], Some(limit)) => profile.text.measure(only) <= limit as usize,
        _ => false,
    };
    let captioned =
        takes_caption && short && !(has_choices && groups.first().is_some_and(|group| group.len() > 1));
    let texts = pieces.iter().filter(|_| !captioned).map(|text| (text.clone(), Vec::new()));
    let files = groups.into_iter().enumerate().map(|(n, group)| {
        let caption = if captioned && n == 0 { pieces[0].clone() } else { String::new() };
        (caption, group)
    });
    // the buttons are on the last part, and an album can have none
    let all: Vec<(String, Vec<usize>)> =
        if has_choices { files.chain(texts).collect() } else { texts.chain(files).collect() };
    let numbered = all.into_iter().enumerate();
    numbered.map(|(index, (text, attachments))| Part { index, text, attachments }).collect()
}

/// The call for one part.
pub(super) fn call(message: &OutboundMessage, part: &Part, is_last: bool) -> Result<Call, SendError> {
    if let (true, Some(id)) = (rich::is_reaction(message), &message.reply_to) {
        return Ok(reaction(message, id));
    }
    let mut body = destination(message, part);
    if let Some(mode) = message.metadata["parse_mode"].as_str() {
        body.insert("parse_mode".into(), mode.into());
    }
    let choices = rich::choices(&message.metadata);
    if let (true, false, true) = (is_last, choices.is_empty(), part.attachments.len() < 2) {
        body.insert("reply_markup".into(), keyboard(&message.metadata, &choices));
    }
    let files: Vec<&OutboundAttachment> =
        part.attachments.iter().filter_map(|number| message.attachments.get(*number)).collect();
    let (method, files) = match files.as_slice() {
        [] => {
            body.insert("text".into(), part.text.clone().into());
            ("sendMessage", Vec::new())
        }
        [one] => {
            if !part.text.is_empty() {
                body.insert("caption".into(), part.text.clone().into());
            }
            let (method, file) = describe(one, &mut body)?;
            (method, file.into_iter().collect())
        }
        several => ("sendMediaGroup", group(several, &part.text, &mut body)?),
    };
    Ok(Call { method, body, files, about: None })
}

fn reaction(message: &OutboundMessage, id: &str) -> Call {
    let (chat, number) = id.rsplit_once(':').unwrap_or((message.to.as_str(), id));
    let emoji = message.text.trim();
    let reaction = if emoji.is_empty() { json!([]) } else { json!([{"type": "emoji", "emoji": emoji}]) };
    let mut body = Map::new();
    body.insert("chat_id".into(), chat.parse::<i64>().map_or_else(|_| chat.into(), Value::from));
    body.insert("message_id".into(), number.parse::<i64>().map_or_else(|_| number.into(), Value::from));
    body.insert("reaction".into(), reaction);
    Call { method: "setMessageReaction", body, files: Vec::new(), about: Some(id.to_owned()) }
}

/// Buttons below the message; or instead of the customer's keyboard, where `metadata.keyboard` is `reply` or what
/// a button would send back is too long for one.
fn keyboard(metadata: &Value, choices: &[Choice]) -> Value {
    let instead = metadata["keyboard"] == "reply"
        || choices.iter().any(|choice| choice.url.is_none() && choice.id.len() > BUTTON_DATA);
    if instead {
        let rows: Vec<Value> = choices.iter().map(|choice| json!([{"text": choice.title}])).collect();
        return json!({"keyboard": rows, "one_time_keyboard": true, "resize_keyboard": true});
    }
    let rows: Vec<Value> = choices
        .iter()
        .map(|choice| match &choice.url {
            Some(url) => json!([{"text": cut(&choice.title, 64), "url": url}]),
            None => json!([{"text": cut(&choice.title, 64), "callback_data": choice.id}]),
        })
        .collect();
    json!({"inline_keyboard": rows})
}

fn group(
    several: &[&OutboundAttachment],
    caption: &str,
    body: &mut Map<String, Value>,
) -> Result<Vec<FilePart>, SendError> {
    let mode = body.remove("parse_mode");
    let (mut media, mut files) = (Vec::new(), Vec::new());
    for (number, outgoing) in several.iter().enumerate() {
        let mut fields = Map::new();
        let (method, file) = describe(outgoing, &mut fields)?;
        let kind = match method {
            "sendPhoto" => "photo",
            "sendVideo" => "video",
            "sendAudio" => "audio",
            _ => "document",
        };
        let place = match file {
            Some(file) => {
                let name = format!("file{number}");
                files.push(FilePart { field: name.clone(), ..file });
                Value::from(format!("attach://{name}"))
            }
            None => fields.remove(kind).unwrap_or_default(),
        };
        let mut one = json!({"type": kind, "media": place});
        let text = if number == 0 && !caption.is_empty() {
            Some(Value::from(caption))
        } else {
            fields.remove("caption")
        };
        if let Some(text) = text {
            one["caption"] = text;
            if let Some(mode) = &mode {
                one["parse_mode"] = mode.clone();
            }
        }
        media.push(one);
    }
    body.insert("media".into(), Value::Array(media));
    Ok(files)
}

/// The chat and its topic.
pub(super) fn place(to: &str, thread_key: Option<&str>) -> Map<String, Value> {
    let mut body = Map::new();
    let key = thread_key.filter(|key| !key.is_empty()).unwrap_or(to);
    let (chat, topic) =
        key.split_once('/').map_or((key, None), |(chat, topic)| (chat, topic.parse::<i64>().ok()));
    body.insert("chat_id".into(), chat.parse::<i64>().map_or_else(|_| chat.into(), Value::from));
    if let Some(topic) = topic {
        body.insert("message_thread_id".into(), topic.into());
    }
    body
}

/// The place and the message that is answered. Only the first part answers it.
fn destination(message: &OutboundMessage, part: &Part) -> Map<String, Value> {
    let mut body = place(&message.to, message.thread_key.as_deref());
    let replied = message.reply_to.as_deref().filter(|_| part.index == 0);
    if let Some(id) = replied.and_then(|id| id.rsplit(':').next()).and_then(|id| id.parse::<i64>().ok()) {
        body.insert(
            "reply_parameters".into(),
            json!({"message_id": id, "allow_sending_without_reply": true}),
        );
    }
    body
}

/// The method for an attachment, its fields, and the file to upload if it is here.
fn describe(
    outgoing: &OutboundAttachment,
    body: &mut Map<String, Value>,
) -> Result<(&'static str, Option<FilePart>), SendError> {
    let attachment = &outgoing.attachment;
    let mime = attachment.mime_type.as_deref().unwrap_or("application/octet-stream");
    let (method, field) = match attachment.kind {
        AttachmentKind::Image if mime == "image/gif" => ("sendAnimation", "animation"),
        AttachmentKind::Image => ("sendPhoto", "photo"),
        AttachmentKind::Video => ("sendVideo", "video"),
        AttachmentKind::Audio if mime.starts_with("audio/ogg") => ("sendVoice", "voice"),
        AttachmentKind::Audio => ("sendAudio", "audio"),
        AttachmentKind::Document => ("sendDocument", "document"),
        AttachmentKind::Sticker => ("sendSticker", "sticker"),
        AttachmentKind::Location => {
            let (Some(latitude), Some(longitude)) = (attachment.latitude, attachment.longitude) else {
                return Err(super::content("no_position", "the location has no position"));
            };
            body.insert("latitude".into(), latitude.into());
            body.insert("longitude".into(), longitude.into());
            let (Some(name), Some(address)) = (&attachment.name, &attachment.address) else {
                return Ok(("sendLocation", None));
            };
            body.insert("title".into(), name.clone().into());
            body.insert("address".into(), address.clone().into());
            return Ok(("sendVenue", None));
        }
        AttachmentKind::ContactCard => {
            let phone = attachment.url.as_deref().and_then(|url| url.strip_prefix("tel:"));
            let Some(phone) = phone else {
                return Err(super::content("no_number", "the contact has no phone number"));
            };
            body.insert("phone_number".into(), phone.into());
            body.insert("first_name".into(), attachment.name.as_deref().unwrap_or(phone).into());
            return Ok(("sendContact", None));
        }
    };
    if let (None, Some(caption)) = (body.get("caption"), &attachment.caption) {
        body.insert("caption".into(), caption.clone().into());
    }
    match (&outgoing.bytes, &attachment.url) {
        (Some(bytes), _) => {
            let file = FilePart {
                field: field.to_owned(),
                filename: attachment.filename.clone().unwrap_or_else(|| field.to_owned()),
                mime_type: mime.to_owned(),
                bytes: bytes.clone(),
            };
            Ok((method, Some(file)))
        }
        (None, Some(url)) => {
            body.insert(field.into(), url.clone().into());
            Ok((method, None))
        }
        (None, None) => Err(super::content("no_file", "the attachment has neither a file nor an address")),
    }
}
