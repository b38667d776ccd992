//! A mail as MIME (RFC 5322, RFC 2045).

use base64::{Engine, engine::general_purpose::STANDARD};
use mail_builder::{
    MessageBuilder,
    headers::{HeaderType, address::Address, message_id::MessageId, raw::Raw, text::Text},
    mime::MimePart,
};

use super::compose::{File, Mail};

/// The mail in octets, with lines that every server takes.
pub(super) fn write(mail: &Mail) -> Vec<u8> {
    let name = mail.from_name.as_deref().map(str::to_owned);
    let mut builder = MessageBuilder::new()
        .from(Address::new_address(name, mail.from.as_str()))
        .to(Address::new_address(None::<String>, mail.to.as_str()))
        .header("Subject", Text::new(mail.subject.as_str()))
        .header("Message-ID", MessageId::new(mail.message_id.as_str()))
        .date(mail.date.timestamp());
    if let Some(address) = &mail.reply_to {
        builder = builder.reply_to(Address::new_address(None::<String>, address.as_str()));
    }
    if let Some(id) = &mail.in_reply_to {
        builder = builder.header("In-Reply-To", MessageId::new(id.as_str()));
    }
    if !mail.references.is_empty() {
        builder =
            builder.header("References", MessageId::new_list(mail.references.iter().map(String::as_str)));
    }
    for (header, value) in &mail.headers {
        builder = builder.header(*header, HeaderType::Raw(Raw::new(value.as_str())));
    }
    let (inline, attached): (Vec<&File>, Vec<&File>) =
        mail.files.iter().partition(|file| file.content_id.is_some());
    let mut html = MimePart::new("text/html", mail.html.as_str());
    if !inline.is_empty() {
        let mut related = vec![html];
        related.extend(inline.into_iter().map(part));
        html = MimePart::new("multipart/related", related);
    }
    let text = MimePart::new("text/plain", mail.text.as_str());
    let mut body = MimePart::new("multipart/alternative", vec![text, html]);
    if !attached.is_empty() {
        let mut mixed = vec![body];
        mixed.extend(attached.into_iter().map(part));
        body = MimePart::new("multipart/mixed", mixed);
    }
    builder.body(body).write_to_vec().unwrap_or_default()
}

fn part(file: &File) -> MimePart<'_> {
    let encoded = STANDARD.encode(&file.bytes);
    let lines: Vec<u8> = encoded.as_bytes().chunks(76).flat_map(|line| [line, b"\r\n"].concat()).collect();
    let place = if file.content_id.is_some() { "inline" } else { "attachment" };
    let part = MimePart::new(file.mime_type.as_str(), lines)
        .transfer_encoding("base64")
        .header("Content-Disposition", Raw::new(disposition(place, &file.name)));
    match &file.content_id {
        Some(id) => part.cid(id.as_str()),
        None => part,
    }
}

/// A file's name for every client: plain, and in its own letters (RFC 2231).
fn disposition(place: &str, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\') || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    if ascii == name {
        return format!("{place}; filename=\"{ascii}\"");
    }
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("{place}; filename=\"{ascii}\"; filename*=utf-8''{encoded}")
}
