//! Reading updates. Fields are looked for, not required: Telegram adds kinds without notice, and an update
//! that we do not understand must not hold up the ones behind it.

use model::{Attachment, AttachmentKind, Time};
use serde_json::{Map, Value};

use crate::{InboundEdit, InboundMessage, Incoming, ParseError, rich};

/// Reads a webhook's body (one update) or the answer of a poll (a list of them).
pub(super) fn parse(body: &[u8], groups: bool) -> Result<Vec<Incoming>, ParseError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| ParseError(format!("not JSON: {error}")))?;
    if let Some(updates) = value["result"].as_array() {
        return Ok(updates.iter().map(|update| read(update, groups)).collect());
    }
    if !value["update_id"].is_i64() {
        return Err(ParseError("not an update: it has no update_id".to_owned()));
    }
    Ok(vec![read(&value, groups)])
}

/// Reads one update; of groups only if the channel takes them.
pub(super) fn read(update: &Value, groups: bool) -> Incoming {
    let known = [
        ("message", message as fn(&Value, &Value) -> Option<Incoming>),
        ("edited_message", edit),
        ("callback_query", callback),
        ("my_chat_member", membership),
        ("message_reaction", reaction),
    ];
    for (kind, reader) in known {
        if let Some(body) = update.get(kind) {
            let chat = if kind == "callback_query" { &body["message"]["chat"] } else { &body["chat"] };
            if !groups && chat["type"].as_str().is_some_and(|kind| kind != "private") {
                return Incoming::Ignored { what: "a group".to_owned() };
            }
            return reader(body, update).unwrap_or_else(|| Incoming::Ignored { what: kind.to_owned() });
        }
    }
    let kind = update.as_object().and_then(|fields| fields.keys().find(|key| *key != "update_id"));
    Incoming::Ignored { what: kind.map_or("empty", String::as_str).to_owned() }
}

fn message(message: &Value, update: &Value) -> Option<Incoming> {
    let chat = message["chat"]["id"].as_i64()?;
    let at = time(&message["date"]);
    if let Some(to) = message["migrate_to_chat_id"].as_i64() {
        return Some(Incoming::Moved { from: chat.to_string(), to: to.to_string(), at });
    }
    let from = sender(message)?;
    let (mut text, attachment) = content(message)?;
    let attachments: Vec<Attachment> = attachment.into_iter().collect();
    if text.is_empty() && attachments.is_empty() {
        text = unsupported(message)?;
    }
    let mut metadata = Map::new();
    metadata.insert("chat_type".into(), message["chat"]["type"].clone());
    for (name, value) in [
        ("update_id", &update["update_id"]),
        ("from_id", &message["from"]["id"]),
        ("from_username", &message["from"]["username"]),
        ("media_group_id", &message["media_group_id"]),
        ("chat_title", &message["chat"]["title"]),
    ] {
        if !value.is_null() {
            metadata.insert(name.into(), value.clone());
        }
    }
    if message.get("forward_origin").is_some() {
        metadata.insert("forwarded".into(), true.into());
    }
    if let Some(payload) = text.strip_prefix("/start ") {
        metadata.insert("start".into(), payload.into());
    }
    Some(Incoming::Message(InboundMessage {
        external_id: format!("{chat}:{}", message["message_id"].as_i64()?),
        sender: from,
        aliases: Vec::new(),
        thread_key: thread_key(message, chat),
        display_name: display_name(message),
        text,
        attachments,
        reply_to_external_id: message["reply_to_message"]["message_id"]
            .as_i64()
            .map(|id| format!("{chat}:{id}")),
        at,
        metadata: Value::Object(metadata),
        language_hint: message["from"]["language_code"].as_str().map(str::to_owned),
        references: Vec::new(),
    }))
}

fn edit(message: &Value, update: &Value) -> Option<Incoming> {
    let chat = message["chat"]["id"].as_i64()?;
    // a live location moves by edits without a text
    let text = message["text"].as_str().or_else(|| message["caption"].as_str())?;
    let version = message["edit_date"].as_i64().or_else(|| update["update_id"].as_i64())?;
    Some(Incoming::Edit(InboundEdit {
        external_id: format!("{chat}:{}", message["message_id"].as_i64()?),
        version: version.to_string(),
        sender: sender(message)?,
        thread_key: thread_key(message, chat),
        text: text.to_owned(),
        at: time(&message["edit_date"]),
    }))
}

fn reaction(change: &Value, _: &Value) -> Option<Incoming> {
    // anonymous administrators of groups react without a user
    let sender = change["user"]["id"].as_i64()?.to_string();
    let emoji = change["new_reaction"].as_array()?.iter().find_map(|one| one["emoji"].as_str());
    Some(Incoming::Reaction {
        external_id: format!("{}:{}", change["chat"]["id"].as_i64()?, change["message_id"].as_i64()?),
        sender,
        emoji: emoji.map(str::to_owned),
        at: time(&change["date"]),
    })
}

/// A button was pressed: its label is what the customer says, where the message still has it.
fn callback(query: &Value, update: &Value) -> Option<Incoming> {
    let from = query["from"]["id"].as_i64()?;
    let chat = query["message"]["chat"]["id"].as_i64().unwrap_or(from);
    let replied = query["message"]["message_id"].as_i64();
    let data = query["data"].as_str()?;
    let rows = query["message"]["reply_markup"]["inline_keyboard"].as_array();
    let mut buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
    let pressed = buttons.find(|button| button["callback_data"] == data);
    let title = pressed.and_then(|button| button["text"].as_str()).unwrap_or(data);
    let mut metadata = rich::chosen(&query["data"], &title.into(), "callback");
    metadata["callback_query_id"] = query["id"].clone();
    metadata["update_id"] = update["update_id"].clone();
    Some(Incoming::Message(InboundMessage {
        external_id: format!("cb:{}", query["id"].as_str()?),
        sender: from.to_string(),
        aliases: Vec::new(),
        thread_key: thread_key(&query["message"], chat),
        display_name: name_of(&query["from"]),
        text: title.to_owned(),
        attachments: Vec::new(),
        reply_to_external_id: replied.map(|id| format!("{chat}:{id}")),
        // the date is the one of the message with the button
        at: None,
        metadata,
        language_hint: query["from"]["language_code"].as_str().map(str::to_owned),
        references: Vec::new(),
    }))
}

fn membership(change: &Value, _: &Value) -> Option<Incoming> {
    if change["chat"]["type"] != "private" {
        return None;
    }
    let sender = change["chat"]["id"].as_i64()?.to_string();
    let at = time(&change["date"]);
    match change["new_chat_member"]["status"].as_str()? {
        "kicked" => Some(Incoming::OptedOut { sender, at }),
        "member" => Some(Incoming::OptedIn { sender, at }),
        _ => None,
    }
}

/// Who wrote; `None` for other bots and for channel posts without an author.
fn sender(message: &Value) -> Option<String> {
    if let Some(chat) = message["sender_chat"]["id"].as_i64() {
        return Some(chat.to_string());
    }
    if message["from"]["is_bot"] == true {
        return None;
    }
    message["from"]["id"].as_i64().map(|id| id.to_string())
}

fn thread_key(message: &Value, chat: i64) -> String {
    match message["message_thread_id"].as_i64() {
        Some(topic) if message["is_topic_message"] == true => format!("{chat}/{topic}"),
        _ => chat.to_string(),
    }
}

fn display_name(message: &Value) -> Option<String> {
    let channel = message["sender_chat"]["title"].as_str().map(str::to_owned);
    channel.or_else(|| name_of(&message["from"]))
}

fn name_of(user: &Value) -> Option<String> {
    let names: Vec<&str> = ["first_name", "last_name"].iter().filter_map(|key| user[*key].as_str()).collect();
    if names.is_empty() { user["username"].as_str().map(str::to_owned) } else { Some(names.join(" ")) }
}

fn time(seconds: &Value) -> Option<Time> {
    // 0 stands for "not accessible"
    seconds.as_i64().filter(|seconds| *seconds > 0).and_then(|seconds| Time::from_timestamp(seconds, 0))
}

/// Text (or caption) and the one thing that a message may carry; `None` for service messages.
fn content(message: &Value) -> Option<(String, Option<Attachment>)> {
    let text =
        message["text"].as_str().or_else(|| message["caption"].as_str()).unwrap_or_default().to_owned();
    let found = attachment(message);
    let service = text.is_empty() && found.is_none() && unsupported(message).is_none();
    (!service).then_some((text, found))
}

fn attachment(message: &Value) -> Option<Attachment> {
    use AttachmentKind::{Audio, ContactCard, Document, Image, Location, Sticker, Video};
    // an animation is also given as a document, and a venue as a location: the more telling one first
    let media = [
        ("animation", Video, "video/mp4"),
        ("video", Video, "video/mp4"),
        ("video_note", Video, "video/mp4"),
        ("voice", Audio, "audio/ogg"),
        ("audio", Audio, "audio/mpeg"),
        ("document", Document, "application/octet-stream"),
    ];
    for (field, kind, mime) in media {
        if let Some(body) = message.get(field).filter(|body| body.is_object()) {
            return file(kind, body, mime);
        }
    }
    if let Some(sizes) = message["photo"].as_array() {
        let largest = sizes.iter().max_by_key(|size| size["width"].as_i64().unwrap_or(0))?;
        return file(Image, largest, "image/jpeg");
    }
    if let Some(sticker) = message.get("sticker").filter(|body| body.is_object()) {
        let mime = match (sticker["is_animated"] == true, sticker["is_video"] == true) {
            (true, _) => "application/x-tgsticker",
            (_, true) => "video/webm",
            _ => "image/webp",
        };
        let mut found = file(Sticker, sticker, mime)?;
        found.name = sticker["emoji"].as_str().map(str::to_owned);
        return Some(found);
    }
    if let Some(contact) = message.get("contact").filter(|body| body.is_object()) {
        let mut found = Attachment::new(ContactCard);
        found.name = name_of(contact);
        found.url = contact["phone_number"].as_str().map(|phone| format!("tel:{phone}"));
        return Some(found);
    }
    let venue = &message["venue"];
    let place = if venue.is_object() { &venue["location"] } else { &message["location"] };
    let mut found = Attachment::new(Location);
    found.latitude = Some(place["latitude"].as_f64()?);
    found.longitude = Some(place["longitude"].as_f64()?);
    found.name = venue["title"].as_str().map(str::to_owned);
    found.address = venue["address"].as_str().map(str::to_owned);
    Some(found)
}

fn file(kind: AttachmentKind, body: &Value, mime: &str) -> Option<Attachment> {
    let mut found = Attachment::new(kind);
    let number = |field: &str| body[field].as_i64().and_then(|n| i32::try_from(n).ok());
    found.provider_file = Some(body["file_id"].as_str()?.to_owned());
    found.mime_type = Some(body["mime_type"].as_str().unwrap_or(mime).to_owned());
    found.file_size = body["file_size"].as_i64();
    found.filename = body["file_name"].as_str().map(str::to_owned);
    found.width = number("width");
    found.height = number("height");
    found.duration = body["duration"].as_f64();
    Some(found)
}

/// A line for what we cannot show, so that the agent knows that something came.
fn unsupported(message: &Value) -> Option<String> {
    let kinds = ["poll", "dice", "game", "story", "checklist", "web_app_data", "paid_media", "invoice"];
    let kind = kinds.iter().find(|kind| message.get(**kind).is_some())?;
    let detail = match *kind {
        "poll" => message["poll"]["question"].as_str(),
        "dice" => message["dice"]["emoji"].as_str(),
        "web_app_data" => message["web_app_data"]["data"].as_str(),
        _ => None,
    };
    Some(detail.map_or_else(|| format!("[{kind}]"), |detail| format!("[{kind}] {detail}")))
}
