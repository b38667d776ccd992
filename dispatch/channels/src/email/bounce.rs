//! Mails that speak of other mails: delivery reports (RFC 3464) and complaints (RFC 5965).
//!
//! Anybody can write one. It is believed of a mail of ours whose id is bound to the very recipient it names, so nobody
//! can silence an address that is not theirs.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{codes, normal, read, secret_of, short_id, token};
use crate::{ChannelConfig, Incoming, Receipt, ReceiptStatus};

/// What a report tells; `None`: the mail is none.
pub(super) fn read(channel: &ChannelConfig, mail: &Message<'_>) -> Option<Vec<Incoming>> {
    let kind = mail.content_type()?;
    if kind.ctype() != "multipart" || kind.subtype() != Some("report") {
        return None;
    }
    let told = match kind.attribute("report-type")?.to_lowercase().as_str() {
        "delivery-status" => delivery(channel, mail),
        "feedback-report" => complaint(channel, mail),
        // a confirmation of reading is a machine's word and nothing that agents want to read
        "disposition-notification" => Vec::new(),
        _ => return None,
    };
    Some(if told.is_empty() {
        vec![Incoming::Ignored { what: "a report about a mail that is not ours".to_owned() }]
    } else {
        told
    })
}

fn delivery(channel: &ChannelConfig, mail: &Message<'_>) -> Vec<Incoming> {
    let Some(report) = part(mail, "delivery-status") else { return Vec::new() };
    let Some(id) = original(mail) else { return Vec::new() };
    let mut told = Vec::new();
    for block in blocks(report) {
        let field =
            |name: &str| block.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let Some(action) = field("action").map(|action| action.trim().to_lowercase()) else { continue };
        // the server may have sent it on to another address: the first one is the one we know
        let named = [field("original-recipient"), field("final-recipient")];
        let named: Vec<String> = named.into_iter().flatten().map(address).collect();
        let secret = secret_of(channel);
        let Some(recipient) = named.into_iter().find(|who| token::is_ours(secret, &id, who)) else {
            continue;
        };
        let status = field("status").and_then(|text| text.split_whitespace().next()).unwrap_or_default();
        let why =
            field("diagnostic-code").map(|text| text.split_once(';').map_or(text, |(_, rest)| rest).trim());
        match action.as_str() {
            "failed" => {
                told.push(receipt(
                    &id,
                    ReceiptStatus::Failed,
                    Some((status, why.unwrap_or("the mail came back"))),
                ));
                let is_hard = codes::is_hard(status)
                    || why.and_then(|why| why.split_once(' ')).is_some_and(|(_, rest)| codes::is_hard(rest));
                if is_hard {
                    let note = Some(format!("{status} {}", why.unwrap_or_default()).trim().to_owned());
                    told.push(Incoming::Undeliverable { sender: recipient, note, at: None });
                }
            }
            "delivered" => told.push(receipt(&id, ReceiptStatus::Delivered, None)),
            // delayed, relayed, expanded: it is still on its way
            _ => told.push(Incoming::Ignored { what: format!("a delivery report: {action}") }),
        }
    }
    told
}

fn complaint(channel: &ChannelConfig, mail: &Message<'_>) -> Vec<Incoming> {
    let (Some(report), Some(id)) = (part(mail, "feedback-report"), original(mail)) else { return Vec::new() };
    let named = blocks(report).into_iter().flatten().filter(|(name, _)| name == "original-rcpt-to");
    let mut named: Vec<String> = named.map(|(_, value)| address(&value)).collect();
    // many leave the recipient out of the report, and in the mail
    named.extend(returned(mail).and_then(|mail| Some(normal(mail.to()?.first()?.address.as_deref()?))));
    let secret = secret_of(channel);
    let found = named.into_iter().find(|who| token::is_ours(secret, &id, who));
    found.map(|sender| Incoming::Complained { sender, note: None, at: None }).into_iter().collect()
}

/// `rfc822; nobody@y.test` as an address.
fn address(field: &str) -> String {
    let text = field.split_once(';').map_or(field, |(_, rest)| rest);
    normal(text.trim().trim_start_matches('<').trim_end_matches('>'))
}

fn receipt(id: &str, status: ReceiptStatus, error: Option<(&str, &str)>) -> Incoming {
    Incoming::Receipt(Receipt {
        provider_message_id: id.to_owned(),
        correlation: None,
        status,
        at: None,
        error_code: error.map(|(code, _)| code.to_owned()),
        error_message: error.map(|(_, message)| message.chars().take(500).collect()),
        facts: serde_json::Value::Null,
    })
}

fn part<'a>(mail: &'a Message<'a>, subtype: &str) -> Option<&'a MessagePart<'a>> {
    mail.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            let found = kind.subtype().unwrap_or_default();
            kind.ctype() == "message" && (found == subtype || found == format!("global-{subtype}"))
        })
    })
}

/// The id of the mail that a report is about.
fn original(mail: &Message<'_>) -> Option<String> {
    let returned = returned(mail).and_then(|mail| mail.message_id().map(short_id));
    returned.or_else(|| read::ids(mail.in_reply_to()).last().map(|id| short_id(id)))
}

/// The mail that came back, or its headers.
fn returned<'a>(mail: &'a Message<'a>) -> Option<Message<'a>> {
    mail.parts.iter().find_map(|part| {
        if let PartType::Message(inner) = &part.body {
            return Some(inner.clone());
        }
        let kind = part.content_type()?;
        (kind.subtype() == Some("rfc822-headers")).then(|| MessageParser::default().parse(part.contents()))?
    })
}

/// A report's fields, in blocks that are separated by empty lines, with their names in lower case.
fn blocks(part: &MessagePart<'_>) -> Vec<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(part.contents()).into_owned();
    let mut blocks: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines() {
        let Some(block) = blocks.last_mut() else { break };
        if line.trim().is_empty() {
            blocks.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            block.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    blocks
}
