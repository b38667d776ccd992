//! Reading Messenger's webhooks.

use model::{Attachment, AttachmentKind};
use serde_json::{Map, Value, json};

use crate::{
    ChannelConfig, InboundEdit, InboundMessage, Incoming, ParseError, Receipt, ReceiptStatus, meta::time,
    rich::chosen,
};

pub(super) fn parse(channel: &ChannelConfig, body: &[u8]) -> Result<Vec<Incoming>, ParseError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| ParseError(format!("not JSON: {error}")))?;
    let entries = value["entry"].as_array().ok_or_else(|| ParseError("there is no entry".to_owned()))?;
    let page = channel.credentials.get("page_id");
    let mut all = Vec::new();
    for entry in entries {
        if entry["id"].as_str().is_some_and(|id| Some(id) != page) {
            all.push(ignored("another page"));
            continue;
        }
        // `standby`: another app answers the thread at the moment; the customer's words are ours all the same
        for list in ["messaging", "standby"] {
            for event in entry[list].as_array().into_iter().flatten() {
                all.extend(read(event));
            }
        }
    }
    if all.is_empty() {
        all.push(ignored("entries without messages"));
    }
    Ok(all)
}

type Reader = fn(&Value) -> Option<Vec<Incoming>>;

fn read(event: &Value) -> Vec<Incoming> {
    let readers: [(&str, Reader); 8] = [
        ("message", message),
        ("postback", |event| Some(vec![postback(event)?])),
        ("referral", |event| Some(vec![referral(event)?])),
        ("reaction", |event| Some(vec![reaction(event)?])),
        ("message_edit", |event| Some(vec![edit(event)?])),
        ("delivery", delivery),
        ("read", |event| Some(vec![seen(event, "read", true)?])),
        ("optin", |event| Some(vec![optin(event)?])),
    ];
    for (kind, reader) in readers {
        if event.get(kind).is_some() {
            return reader(event).unwrap_or_else(|| vec![ignored(kind)]);
        }
    }
    vec![ignored("event")]
}

fn message(event: &Value) -> Option<Vec<Incoming>> {
    let body = &event["message"];
    let id = body["mid"].as_str()?;
    let is_echo = body["is_echo"] == true;
    if body["is_deleted"] == true {
        let sender = event["sender"]["id"].as_str()?.to_owned();
        return Some(vec![Incoming::Revoked {
            external_id: id.to_owned(),
            sender,
            at: time(&event["timestamp"]),
        }]);
    }
    if let (true, Some(ours)) = (is_echo, body["metadata"].as_str()) {
        // what we sent ourselves: it settles a send whose answer was lost
        return Some(vec![Incoming::Receipt(Receipt {
            provider_message_id: id.to_owned(),
            correlation: Some(ours.to_owned()),
            status: ReceiptStatus::Sent,
            at: time(&event["timestamp"]),
            error_code: None,
            error_message: None,
            facts: Value::Null,
        })]);
    }
    let person = if is_echo { &event["recipient"] } else { &event["sender"] };
    let (attachments, lines) = attachments(body);
    let text = body["text"].as_str().unwrap_or_default();
    let lines = std::iter::once(text.to_owned()).chain(lines).filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n");
    if text.is_empty() && attachments.is_empty() {
        return None;
    }
    let mut metadata = Map::new();
    if body["quick_reply"].is_object() {
        let chosen = chosen(&body["quick_reply"]["payload"], &body["text"], "quick_reply");
        metadata.extend(chosen.as_object().cloned().unwrap_or_default());
    }
    if body["referral"].is_object() {
        metadata.insert("referral".into(), body["referral"].clone());
    }
    let message = InboundMessage {
        reply_to_external_id: body["reply_to"]["mid"].as_str().map(str::to_owned),
        attachments,
        metadata: Value::Object(metadata),
        ..plain(id, person["id"].as_str()?, text, &event["timestamp"])
    };
    Some(vec![if is_echo { Incoming::Echo(message) } else { Incoming::Message(message) }])
}

fn plain(id: &str, sender: &str, text: String, at: &Value) -> InboundMessage {
    InboundMessage {
        external_id: id.to_owned(),
        sender: sender.to_owned(),
        aliases: Vec::new(),
        thread_key: sender.to_owned(),
        // the webhook names nobody
        display_name: None,
        text,
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: time(at),
        metadata: json!({}),
        language_hint: None,
        references: Vec::new(),
    }
}

fn attachments(body: &Value) -> (Vec<Attachment>, Vec<String>) {
    let (mut files, mut lines) = (Vec::new(), Vec::new());
    for one in body["attachments"].as_array().into_iter().flatten().take(10) {
        let payload = &one["payload"];
        let kind = match one["type"].as_str().unwrap_or_default() {
            // until August 2026 stickers came as pictures
            "image" | "sticker" if payload["sticker_id"].is_i64() => AttachmentKind::Sticker,
            "image" => AttachmentKind::Image,
            "sticker" => AttachmentKind::Sticker,
            "video" => AttachmentKind::Video,
            "audio" => AttachmentKind::Audio,
            "file" => AttachmentKind::Document,
            "location" => {
                let mut place = Attachment::new(AttachmentKind::Location);
                place.latitude = payload["coordinates"]["lat"].as_f64();
                place.longitude = payload["coordinates"]["long"].as_f64();
                if place.latitude.is_some() && place.longitude.is_some() {
                    files.push(place);
                }
                continue;
            }
            // a link, a reel, a post: its address says it
            other => {
                let url = payload["url"].as_str().or_else(|| one["url"].as_str());
                lines.push(url.map_or_else(|| format!("[{other}]"), str::to_owned));
                continue;
            }
        };
        let Some(url) = payload["url"].as_str() else { continue };
        let mut file = Attachment::new(kind);
        file.provider_file = Some(url.to_owned());
        files.push(file);
    }
    (files, lines)
}

fn postback(event: &Value) -> Option<Incoming> {
    let body = &event["postback"];
    let (sender, title) = (event["sender"]["id"].as_str()?, &body["title"]);
    let text = title.as_str().or_else(|| body["payload"].as_str())?;
    // old clients send no id
    let id =
        body["mid"].as_str().map_or_else(|| format!("pb:{sender}:{}", event["timestamp"]), str::to_owned);
    let mut metadata = chosen(&body["payload"], title, "postback");
    if body["referral"].is_object() {
        metadata["referral"] = body["referral"].clone();
    }
    Some(Incoming::Message(InboundMessage {
        metadata,
        ..plain(&id, sender, text.to_owned(), &event["timestamp"])
    }))
}

/// The customer came in through a link or an ad, into a thread that was there already: nothing was said.
fn referral(event: &Value) -> Option<Incoming> {
    let (sender, body) = (event["sender"]["id"].as_str()?, &event["referral"]);
    let from = body["ref"].as_str().or_else(|| body["source"].as_str())?;
    let id = format!("ref:{sender}:{}", event["timestamp"]);
    let said = plain(&id, sender, format!("[came in through {from}]"), &event["timestamp"]);
    Some(Incoming::Message(InboundMessage { metadata: json!({"referral": body}), ..said }))
}

fn reaction(event: &Value) -> Option<Incoming> {
    let body = &event["reaction"];
    let emoji = body["emoji"].as_str().filter(|_| body["action"] != "unreact");
    Some(Incoming::Reaction {
        external_id: body["mid"].as_str()?.to_owned(),
        sender: event["sender"]["id"].as_str()?.to_owned(),
        emoji: emoji.map(str::to_owned),
        at: time(&event["timestamp"]),
    })
}

fn edit(event: &Value) -> Option<Incoming> {
    let (sender, body) = (event["sender"]["id"].as_str()?.to_owned(), &event["message_edit"]);
    Some(Incoming::Edit(InboundEdit {
        external_id: body["mid"].as_str()?.to_owned(),
        version: body["num_edit"].to_string(),
        thread_key: sender.clone(),
        sender,
        text: body["text"].as_str()?.to_owned(),
        at: time(&event["timestamp"]),
    }))
}

/// With the ids of messages, or only with a moment until which everything has arrived.
fn delivery(event: &Value) -> Option<Vec<Incoming>> {
    let ids = event["delivery"]["mids"].as_array().map(Vec::as_slice).unwrap_or_default();
    let receipts: Vec<Incoming> = ids
        .iter()
        .filter_map(Value::as_str)
        .map(|id| {
            Incoming::Receipt(Receipt {
                provider_message_id: id.to_owned(),
                correlation: None,
                status: ReceiptStatus::Delivered,
                at: time(&event["delivery"]["watermark"]),
                error_code: None,
                error_message: None,
                facts: Value::Null,
            })
        })
        .collect();
    if receipts.is_empty() { Some(vec![seen(event, "delivery", false)?]) } else { Some(receipts) }
}

fn seen(event: &Value, kind: &str, read: bool) -> Option<Incoming> {
    let sender = event["sender"]["id"].as_str()?.to_owned();
    Some(Incoming::SeenUpTo { sender, read, at: time(&event[kind]["watermark"])? })
}

fn optin(event: &Value) -> Option<Incoming> {
    // consent to marketing is no consent to be written to otherwise, and its end no refusal
    let kind = event["optin"]["type"].as_str()?;
    Some(ignored(&format!("optin {kind}")))
}

fn ignored(what: &str) -> Incoming {
    Incoming::Ignored { what: what.to_owned() }
}
