//! From a mail as it arrived to what it tells us.

use mail_parser::{Address, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use model::{Attachment, Time};
use serde_json::{Value, json};

use super::{
    automatic, bounce,
    config::{self, is_own},
    html, normal, quotes, secret_of, short_id, token,
};
use crate::{ChannelConfig, InboundMessage, Incoming, Media, plain::kind_of};

/// Files that a message may have.
const MOST_FILES: usize = 10;
/// Bytes of text that a message shows; the rest is in the mail itself, which then goes along as a file.
const TEXT_MAX: usize = 64 << 10;
/// Bytes of HTML that go along with a message: every agent's window gets them.
const HTML_MAX: usize = 48 << 10;
const MOST_REFERENCES: usize = 30;
/// The mail itself, as a file of its message.
const ORIGINAL: &str = "original";

/// What a mail tells. `envelope`: to whom it was handed over, where the headers do not say.
pub(super) fn mail(channel: &ChannelConfig, raw: &[u8], envelope: &[String]) -> Vec<Incoming> {
    let ignored = |what: &str| vec![Incoming::Ignored { what: what.to_owned() }];
    let Some(mail) = MessageParser::default().parse(raw) else { return ignored("an empty mail") };
    if let Some(told) = bounce::read(channel, &mail) {
        return told;
    }
    let own = config::own_addresses(channel);
    if header(&mail, "X-Turumba-Channel").is_some_and(|id| id.trim() == channel.channel_id.to_string()) {
        return ignored("a mail of this channel that came back");
    }
    let Some((sender, name)) = sender(&mail, &own) else { return ignored("a mail that nobody else wrote") };
    let recipients = recipients(&mail, envelope);
    if let Some(asks) = asks_to_leave(channel, &mail, &sender) {
        return vec![asks];
    }
    vec![Incoming::Message(message(channel, &mail, raw, (sender, name), &recipients))]
}

fn message(
    channel: &ChannelConfig,
    mail: &Message<'_>,
    raw: &[u8],
    (sender, name): (String, Option<String>),
    recipients: &[String],
) -> InboundMessage {
    let own_id = mail.message_id().filter(|id| !id.is_empty()).map(str::to_owned);
    let external_id = own_id.as_deref().map_or_else(|| hash_of(raw), short_id);
    let answers = ids(mail.in_reply_to());
    let listed = ids(mail.references());
    let named = named_by_address(channel, recipients);
    let nearest = named.iter().chain(&answers).chain(listed.iter().rev());
    let mut references: Vec<String> = Vec::new();
    for id in nearest.map(|id| short_id(id)) {
        if !references.contains(&id) && id != external_id && references.len() < MOST_REFERENCES {
            references.push(id);
        }
    }
    let root = listed.first().or(answers.first()).map(|id| short_id(id));
    let whole = text_of(mail);
    let strips = channel.settings["strip_quotes"] != false;
    let stripped = if strips { quotes::strip(&whole) } else { None };
    let (text, is_cut) = cut(stripped.as_deref().unwrap_or(&whole), TEXT_MAX);
    let shown_html = html_of(mail).map(|html| html::for_agents(&html));
    let html_fits = shown_html.as_ref().is_none_or(|html| html.len() <= HTML_MAX);
    let (full_text, full_is_cut) = match &stripped {
        Some(_) => cut(&whole, TEXT_MAX),
        None => (String::new(), false),
    };
    let (mut attachments, left_out) = files(mail);
    if is_cut || full_is_cut || !html_fits || left_out > 0 {
        attachments.truncate(MOST_FILES - 1);
        let mut original = Attachment::new(model::AttachmentKind::Document);
        original.provider_file = Some(ORIGINAL.to_owned());
        original.mime_type = Some("message/rfc822".to_owned());
        original.filename = Some("original.eml".to_owned());
        original.file_size = i64::try_from(raw.len()).ok();
        attachments.push(original);
    }
    let facts = json!({
        "message_id": own_id,
        "subject": mail.subject().map(super::one_line),
        "to": people(mail.to()), "cc": people(mail.cc()), "reply_to": people(mail.reply_to()),
        // as the answer will repeat them
        "references": listed.iter().chain(answers.iter().filter(|id| !listed.contains(id))).take(MOST_REFERENCES)
            .collect::<Vec<_>>(),
        "automatic": automatic::reason(mail, &sender),
        "full_text": Some(full_text).filter(|text| !text.is_empty()),
        "html": shown_html.filter(|html| html_fits && !html.trim().is_empty()),
    });
    let facts: serde_json::Map<String, Value> = match facts {
        Value::Object(all) => all.into_iter().filter(|(_, value)| !is_nothing(value)).collect(),
        _ => serde_json::Map::new(),
    };
    let at = mail.date().and_then(|date| Time::from_timestamp(date.to_timestamp(), 0));
    InboundMessage {
        thread_key: root.unwrap_or_else(|| external_id.clone()),
        reply_to_external_id: answers.last().map(|id| short_id(id)),
        external_id,
        sender,
        aliases: Vec::new(),
        display_name: name,
        text,
        attachments,
        references,
        at,
        metadata: json!({"email": facts}),
        language_hint: None,
    }
}

/// The file that an attachment's reference names.
pub(super) fn file(raw: &[u8], reference: &str) -> Option<Media> {
    if reference == ORIGINAL {
        return Some(Media {
            bytes: bytes::Bytes::copy_from_slice(raw),
            mime_type: Some("message/rfc822".to_owned()),
            filename: Some("original.eml".to_owned()),
        });
    }
    let number: usize = reference.strip_prefix("part:")?.parse().ok()?;
    let mail = MessageParser::default().parse(raw)?;
    let part = attached(&mail).nth(number)?;
    let mime_type = mime_of(part);
    Some(Media {
        bytes: bytes::Bytes::copy_from_slice(part.contents()),
        filename: Some(name_of(part, number, &mime_type)),
        mime_type: Some(mime_type),
    })
}

/// The parts that are files: everything but the texts.
fn attached<'a>(mail: &'a Message<'a>) -> impl Iterator<Item = &'a MessagePart<'a>> {
    mail.attachments()
}

/// The files of a mail, at most so many that the mail itself can stand beside them, and how many there are more.
fn files(mail: &Message<'_>) -> (Vec<Attachment>, usize) {
    let all = attached(mail).count();
    let files = attached(mail).take(MOST_FILES).enumerate().map(|(number, part)| {
        let mime_type = mime_of(part);
        let mut attachment = Attachment::new(kind_of(&mime_type));
        attachment.provider_file = Some(format!("part:{number}"));
        attachment.file_size = i64::try_from(part.contents().len()).ok();
        attachment.filename = Some(name_of(part, number, &mime_type));
        attachment.mime_type = Some(mime_type);
        attachment
    });
    (files.collect(), all.saturating_sub(MOST_FILES))
}

fn mime_of(part: &MessagePart<'_>) -> String {
    match (part.content_type(), &part.body) {
        (Some(kind), _) => match kind.subtype() {
            Some(sub) => format!("{}/{sub}", kind.ctype()).to_lowercase(),
            None => "application/octet-stream".to_owned(),
        },
        (None, PartType::Message(_)) => "message/rfc822".to_owned(),
        (None, PartType::Text(_)) => "text/plain".to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

/// The name that the sender gave a file, without a path and without what hides its end.
fn name_of(part: &MessagePart<'_>, number: usize, mime_type: &str) -> String {
    let given = part.attachment_name().unwrap_or_default();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden =
        |c: &char| !(c.is_control() || matches!(*c, '\u{200e}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    let clean: String = last.chars().filter(hidden).take(200).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if !clean.is_empty() {
        return clean;
    }
    let extension = match mime_type {
        "message/rfc822" => ".eml",
        "text/calendar" => ".ics",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        _ => "",
    };
    format!("file-{}{extension}", number + 1)
}

/// The words of a mail: its plain text, or its HTML without the tags.
fn text_of(mail: &Message<'_>) -> String {
    let texts: Vec<String> = (0..mail.text_body_count())
        .filter_map(|n| mail.body_text(n))
        .map(|text| text.replace("\r\n", "\n").trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    texts.join("\n\n").replace('\0', "")
}

fn html_of(mail: &Message<'_>) -> Option<String> {
    let parts: Vec<&str> = mail
        .html_bodies()
        .filter_map(|part| match &part.body {
            PartType::Html(html) => Some(html.as_ref()),
            _ => None,
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// Who wrote. `Reply-To` counts where it is of the same domain, or where the mail comes from the channel's own address (a
/// form on a web site): otherwise anybody could put words into another one's mouth.
fn sender(mail: &Message<'_>, own: &[String]) -> Option<(String, Option<String>)> {
    let first = |list: Option<&Address<'_>>| {
        let one = list?.iter().find(|one| one.address.as_deref().is_some_and(|text| text.contains('@')))?;
        let name = one.name.as_deref().map(super::one_line).filter(|name| !name.is_empty());
        Some((normal(one.address.as_deref()?), name))
    };
    let from = first(mail.from()).or_else(|| first(mail.sender()));
    let reply_to = first(mail.reply_to()).filter(|(address, _)| !is_own(own, address));
    match (from, reply_to) {
        (Some((from, _)), Some(reply_to)) if is_own(own, &from) => Some(reply_to),
        (Some((from, _)), None) if is_own(own, &from) => None,
        (Some((from, name)), Some((other, other_name)))
            if super::domain_of(&from) == super::domain_of(&other) =>
        {
            Some((other, other_name.or(name)))
        }
        (Some(from), _) => Some(from),
        (None, reply_to) => reply_to,
    }
}

/// Every address that the mail was sent to, as far as it can be seen.
fn recipients(mail: &Message<'_>, envelope: &[String]) -> Vec<String> {
    let lists = [mail.to(), mail.cc()];
    let named =
        lists.into_iter().flatten().flat_map(|list| list.iter().filter_map(|one| one.address.as_deref()));
    let delivered = ["Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To"];
    let delivered = delivered
        .iter()
        .filter_map(|name| header(mail, name))
        .map(|value| value.trim().trim_start_matches('<').trim_end_matches('>').to_owned());
    envelope.iter().cloned().chain(delivered).chain(named.map(str::to_owned)).collect()
}

/// The mail of ours that is answered, told by the address to which the answer was sent.
fn named_by_address(channel: &ChannelConfig, recipients: &[String]) -> Vec<String> {
    let Some(secret) = secret_of(channel) else { return Vec::new() };
    recipients
        .iter()
        .filter_map(|address| token::answered(secret, address))
        .map(|(message, _)| format!("message:{message}"))
        .collect()
}

/// Leaving by mail: the subject carries the token of our `List-Unsubscribe`.
fn asks_to_leave(channel: &ChannelConfig, mail: &Message<'_>, sender: &str) -> Option<Incoming> {
    let subject = mail.subject()?.trim();
    let given = subject.strip_prefix("unsubscribe ")?.trim();
    let who = token::unsubscriber(secret_of(channel)?, given)?;
    (who == sender).then_some(Incoming::OptedOut { sender: who, at: None })
}

/// A header's text as it stands, without the blanks around it.
pub(super) fn header<'a>(mail: &'a Message<'_>, name: &'static str) -> Option<&'a str> {
    mail.header_raw(name).map(str::trim)
}

/// The ids of a header, in its order.
pub(super) fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let clean = |id: &str| id.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
    let all: Vec<String> = match value {
        HeaderValue::Text(one) => vec![clean(one)],
        HeaderValue::TextList(many) => many.iter().map(|id| clean(id)).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|id| id.contains('@')).collect()
}

fn people(list: Option<&Address<'_>>) -> Vec<String> {
    let Some(list) = list else { return Vec::new() };
    list.iter().filter_map(|one| one.address.as_deref()).map(normal).take(50).collect()
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn hash_of(raw: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    format!("sha256:{}", hex::encode(Sha256::digest(raw)))
}

/// The beginning of a text, and whether there is more.
fn cut(text: &str, most: usize) -> (String, bool) {
    if text.len() <= most {
        return (text.to_owned(), false);
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (format!("{}…", &text[..end]), true)
}
