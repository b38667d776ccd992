//! Reading WhatsApp's webhooks: messages, statuses, echoes of the business app, decisions on templates.

use model::{Attachment, AttachmentKind};
use serde_json::{Map, Value, json};

use super::template;
use crate::{
    ChannelConfig, InboundEdit, InboundMessage, Incoming, ParseError, Receipt, ReceiptStatus, TemplateNews,
    meta::time, rich::chosen,
};

pub(super) fn parse(channel: &ChannelConfig, body: &[u8]) -> Result<Vec<Incoming>, ParseError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| ParseError(format!("not JSON: {error}")))?;
    let entries = value["entry"].as_array().ok_or_else(|| ParseError("there is no entry".to_owned()))?;
    let changes = entries.iter().flat_map(|entry| list(&entry["changes"]));
    Ok(changes.flat_map(|change| read(channel, change)).collect())
}

fn read(channel: &ChannelConfig, change: &Value) -> Vec<Incoming> {
    let (field, value) = (change["field"].as_str().unwrap_or_default(), &change["value"]);
    let number = value["metadata"]["phone_number_id"].as_str();
    if number.is_some_and(|number| channel.credentials.get("phone_number_id") != Some(number)) {
        return vec![ignored("another number")];
    }
    match field {
        "messages" => messages(value),
        "smb_message_echoes" => {
            list(&value["message_echoes"]).iter().map(|echo| message(value, echo)).collect()
        }
        "message_template_status_update" => vec![template_status(value)],
        "message_template_quality_update" => vec![template_quality(value)],
        _ => vec![ignored(field)],
    }
}

fn messages(value: &Value) -> Vec<Incoming> {
    let received = list(&value["messages"]).iter().map(|one| message(value, one));
    let statuses = list(&value["statuses"]).iter().map(status);
    let all: Vec<Incoming> = received.chain(statuses).collect();
    if all.is_empty() { vec![ignored("messages without a message")] } else { all }
}

/// Who wrote, by all names: the phone number where it is told, else the user id.
struct Person {
    identifier: String,
    aliases: Vec<String>,
    name: Option<String>,
}

/// Contacts are matched by their ids: they come in no order, and some webhooks have none.
fn person(value: &Value, phone: &Value, user: &Value) -> Option<Person> {
    let is = |found: &Value, wanted: &Value| wanted.is_string() && found == wanted;
    let contact = list(&value["contacts"])
        .iter()
        .find(|contact| is(&contact["wa_id"], phone) || is(&contact["user_id"], user));
    let contact = contact.unwrap_or(&Value::Null);
    let mut ids: Vec<String> = Vec::new();
    let phones = [phone, &contact["wa_id"]];
    let digits = |id: &&str| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit());
    ids.extend(phones.iter().filter_map(|id| id.as_str()).find(digits).map(|id| format!("+{id}")));
    // the field of the number has been seen with a user id in it
    let users = [user, &contact["user_id"], phone];
    ids.extend(users.iter().filter_map(|id| id.as_str()).find(|id| id.contains('.')).map(str::to_owned));
    let mut ids = ids.into_iter();
    let profile = &contact["profile"];
    let name = profile["name"].as_str().or_else(|| profile["username"].as_str());
    Some(Person {
        identifier: ids.next()?,
        aliases: ids.collect(),
        name: name.filter(|name| !name.trim().is_empty()).map(str::to_owned),
    })
}

fn message(value: &Value, message: &Value) -> Incoming {
    let kind = message["type"].as_str().unwrap_or("message");
    read_message(value, message, kind).unwrap_or_else(|| ignored(kind))
}

fn read_message(value: &Value, message: &Value, kind: &str) -> Option<Incoming> {
    let is_echo = message["to"].is_string() && message["to"] != message["from"];
    let who = if is_echo {
        person(value, &message["to"], &message["to_user_id"])?
    } else {
        person(value, &message["from"], &message["from_user_id"])?
    };
    let sender = who.identifier.clone();
    let at = time(&message["timestamp"]);
    let id = message["id"].as_str()?.to_owned();
    match kind {
        "reaction" if is_echo => return None,
        "reaction" => {
            let emoji = message["reaction"]["emoji"].as_str().filter(|emoji| !emoji.is_empty());
            return Some(Incoming::Reaction {
                external_id: message["reaction"]["message_id"].as_str()?.to_owned(),
                sender,
                emoji: emoji.map(str::to_owned),
                at,
            });
        }
        "edit" => {
            let changed = &message["edit"]["message"];
            let inner = changed["type"].as_str().unwrap_or("text");
            return Some(Incoming::Edit(InboundEdit {
                external_id: message["edit"]["original_message_id"].as_str()?.to_owned(),
                version: id,
                thread_key: thread_key(message, &sender),
                sender,
                text: content(changed, inner)?.text,
                at,
            }));
        }
        "revoke" => {
            let external_id = message["revoke"]["original_message_id"].as_str()?.to_owned();
            return Some(Incoming::Revoked { external_id, sender, at });
        }
        "system" => {
            let to = message["system"]["wa_id"].as_str().filter(|id| !id.is_empty())?;
            return Some(Incoming::Moved { from: sender, to: format!("+{to}"), at });
        }
        _ => {}
    }
    let content = content(message, kind)?;
    let mut metadata = content.metadata;
    let context = &message["context"];
    for (name, value) in [
        ("forwarded", &context["forwarded"]),
        ("frequently_forwarded", &context["frequently_forwarded"]),
        ("referred_product", &context["referred_product"]),
        ("referral", &message["referral"]),
        ("group_id", &message["group_id"]),
    ] {
        if !value.is_null() {
            metadata.insert(name.to_owned(), value.clone());
        }
    }
    let read = InboundMessage {
        external_id: id,
        thread_key: thread_key(message, &sender),
        sender,
        aliases: who.aliases,
        display_name: who.name,
        text: content.text,
        attachments: content.attachments,
        reply_to_external_id: context["id"].as_str().map(str::to_owned),
        at,
        metadata: Value::Object(metadata),
        language_hint: None,
        references: Vec::new(),
    };
    Some(if is_echo { Incoming::Echo(read) } else { Incoming::Message(read) })
}

fn thread_key(message: &Value, sender: &str) -> String {
    message["group_id"].as_str().unwrap_or(sender).to_owned()
}

#[derive(Default)]
struct Content {
    text: String,
    attachments: Vec<Attachment>,
    metadata: Map<String, Value>,
}

impl Content {
    fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn with(mut self, metadata: Value) -> Self {
        if let Value::Object(more) = metadata {
            self.metadata.extend(more);
        }
        self
    }
}

/// What one message says; `None` for kinds that say nothing to an agent.
fn content(message: &Value, kind: &str) -> Option<Content> {
    let body = &message[kind];
    let content = match kind {
        "text" => Content::text(body["body"].as_str()?),
        "image" => file(AttachmentKind::Image, body)?,
        "video" => file(AttachmentKind::Video, body)?,
        "audio" => file(AttachmentKind::Audio, body)?.with(json!({"voice": body["voice"] == true})),
        "document" => file(AttachmentKind::Document, body)?,
        "sticker" => file(AttachmentKind::Sticker, body)?,
        "location" => {
            let mut place = Attachment::new(AttachmentKind::Location);
            place.latitude = Some(body["latitude"].as_f64()?);
            place.longitude = Some(body["longitude"].as_f64()?);
            place.name = body["name"].as_str().map(str::to_owned);
            place.address = body["address"].as_str().map(str::to_owned);
            Content { attachments: vec![place], ..Content::default() }
        }
        "contacts" => {
            let cards: Vec<Attachment> = list(body).iter().take(10).map(card).collect();
            (!cards.is_empty()).then_some(Content { attachments: cards, ..Content::default() })?
        }
        "interactive" => interactive(body)?,
        "button" => {
            let title = &body["text"];
            Content::text(title.as_str()?).with(chosen(&body["payload"], title, "template_button"))
        }
        "order" => {
            let items = list(&body["product_items"]).len();
            let note = body["text"].as_str().unwrap_or_default();
            Content::text(format!("[order of {items}] {note}").trim()).with(json!({"order": body}))
        }
        "unsupported" => {
            let what = body["type"].as_str().unwrap_or("message");
            Content::text(format!("[{what} that cannot be shown here]"))
        }
        _ => return None,
    };
    Some(content)
}

fn interactive(body: &Value) -> Option<Content> {
    match body["type"].as_str()? {
        kind @ ("button_reply" | "list_reply") => {
            let reply = &body[kind];
            let source = if kind == "list_reply" { "list" } else { "button" };
            Some(Content::text(reply["title"].as_str()?).with(chosen(&reply["id"], &reply["title"], source)))
        }
        "nfm_reply" => {
            let reply = &body["nfm_reply"];
            // a text that the customer's app has written: it may be anything
            let form =
                reply["response_json"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            let text = reply["body"].as_str().unwrap_or("[form]");
            Some(Content::text(text).with(json!({"form": form})))
        }
        _ => None,
    }
}

fn file(kind: AttachmentKind, body: &Value) -> Option<Content> {
    let mut found = Attachment::new(kind);
    found.provider_file = Some(body["id"].as_str()?.to_owned());
    found.mime_type =
        body["mime_type"].as_str().map(|mime| mime.split(';').next().unwrap_or(mime).to_owned());
    found.filename = body["filename"].as_str().map(str::to_owned);
    let text = body["caption"].as_str().unwrap_or_default().to_owned();
    Some(Content { text, attachments: vec![found], ..Content::default() })
}

fn card(contact: &Value) -> Attachment {
    let mut found = Attachment::new(AttachmentKind::ContactCard);
    let name = &contact["name"];
    let name = name["formatted_name"].as_str().or_else(|| name["first_name"].as_str());
    found.name = name.map(str::to_owned);
    let phone = list(&contact["phones"]).iter().find_map(|phone| phone["phone"].as_str());
    found.url = phone.map(|phone| format!("tel:{}", phone.replace(' ', "")));
    found
}

fn status(status: &Value) -> Incoming {
    let word = status["status"].as_str().unwrap_or_default();
    let state = match word {
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" | "played" => ReceiptStatus::Read,
        "failed" => ReceiptStatus::Failed,
        _ => return ignored(&format!("status {word}")),
    };
    let Some(id) = status["id"].as_str() else { return ignored("a status without an id") };
    let error = status["errors"].get(0).unwrap_or(&Value::Null);
    let title = error["title"].as_str().or_else(|| error["message"].as_str());
    let details = error["error_data"]["details"].as_str();
    let told: Vec<&str> = title.into_iter().chain(details).collect();
    let facts =
        if status["pricing"].is_object() { json!({"pricing": status["pricing"]}) } else { Value::Null };
    Incoming::Receipt(Receipt {
        provider_message_id: id.to_owned(),
        correlation: status["biz_opaque_callback_data"].as_str().map(str::to_owned),
        status: state,
        at: time(&status["timestamp"]),
        error_code: error["code"].as_i64().map(|code| code.to_string()),
        error_message: (!told.is_empty()).then(|| told.join(": ")),
        facts,
    })
}

/// A number here, a text in the answers of the API.
fn template_id(value: &Value) -> Option<String> {
    let id = &value["message_template_id"];
    id.as_str().map(str::to_owned).or_else(|| id.as_i64().map(|id| id.to_string()))
}

fn template_status(value: &Value) -> Incoming {
    let (Some(external_id), Some(event)) = (template_id(value), value["event"].as_str()) else {
        return ignored("a template without an id");
    };
    let why = value["rejection_info"]["reason"].as_str().or_else(|| value["reason"].as_str());
    let reason = why.filter(|why| !why.is_empty() && *why != "NONE").map(str::to_owned);
    let status = Some(template::status(event));
    Incoming::Template(TemplateNews { external_id, status, quality: None, reason })
}

fn template_quality(value: &Value) -> Incoming {
    let (Some(external_id), Some(score)) = (template_id(value), value["new_quality_score"].as_str()) else {
        return ignored("a template without an id");
    };
    let quality = Some(template::quality(score));
    Incoming::Template(TemplateNews { external_id, status: None, quality, reason: None })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn ignored(what: &str) -> Incoming {
    Incoming::Ignored { what: what.to_owned() }
}
