//! From a message of ours to a mail, whatever carries it.

use bytes::Bytes;
use model::Time;
use serde_json::Value;

use super::{
    FILES_MAX,
    config::{Identity, ascii},
    html, one_line, secret_of, token,
};
use crate::{
    ChannelConfig, OutboundMessage, Part, RejectReason, SendError, SendErrorClass, plain::line_of, rich,
};

/// Ids that `References` carries at most; clients need the first and the last ones.
const MOST_REFERENCES: usize = 20;

/// A mail to one recipient, before it is written as MIME or as a provider's JSON.
#[derive(Debug, Clone)]
pub(super) struct Mail {
    pub from: String,
    pub from_name: Option<String>,
    pub to: String,
    pub reply_to: Option<String>,
    pub subject: String,
    /// Without brackets, like all ids here.
    pub message_id: String,
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    pub date: Time,
    pub text: String,
    pub html: String,
    pub files: Vec<File>,
    /// Headers that say what kind of mail it is; in the order in which they are written.
    pub headers: Vec<(&'static str, String)>,
    /// To many, who can unsubscribe.
    pub is_bulk: bool,
}

/// A file of a mail.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub name: String,
    pub mime_type: String,
    pub bytes: Bytes,
    /// The HTML shows it under this name.
    pub content_id: Option<String>,
}

impl Mail {
    pub(super) fn of(
        channel: &ChannelConfig,
        message: &OutboundMessage,
        part: &Part,
        now: Time,
    ) -> Result<Self, SendError> {
        let identity = Identity::of(channel)?;
        let to = ascii(&message.to).ok_or_else(|| {
            let class = SendErrorClass::Rejected(RejectReason::Recipient);
            SendError::new(class, "address", format!("{:?} is no e-mail address", message.to))
        })?;
        let secret = secret_of(channel);
        let id = message.message_id.uuid();
        let message_id = token::message_id(secret, id, part.index, &message.to, identity.domain());
        let (in_reply_to, references) = thread(message);
        let own_html = message.metadata["html_body"].as_str().filter(|_| part.index == 0);
        let own_html = own_html.map(html::for_customers);
        let (files, links) = files(message, part, own_html.as_deref());
        let lines = links.into_iter().map(Some).chain(part_lines(message, part)).flatten();
        let text = crate::plain::join(&part.text, lines, &rich::choices(&message.metadata));
        let html = own_html.unwrap_or_else(|| html::of_text(&text));
        let base = identity.reply_to.clone().unwrap_or_else(|| identity.from.clone());
        let token = secret.filter(|_| identity.plus_addressing);
        let answers_to = token.and_then(|secret| token::reply_address(secret, id, part.index, &base));
        Ok(Self {
            subject: subject(&identity, message),
            headers: headers(channel, &identity, message, secret),
            from: identity.from,
            from_name: identity.name,
            to,
            reply_to: answers_to.or(identity.reply_to),
            message_id,
            in_reply_to,
            references,
            date: now,
            text,
            html,
            files,
            is_bulk: message.is_bulk,
        })
    }

    /// What an exchange shows of it.
    pub(super) fn shown(&self) -> String {
        format!("From: {}\nTo: {}\nMessage-ID: <{}>\n\n{}", self.from, self.to, self.message_id, self.text)
    }
}

/// What is answered, and the thread up to there.
fn thread(message: &OutboundMessage) -> (Option<String>, Vec<String>) {
    let facts = message.answers.as_ref().map(|answers| &answers.metadata["email"]);
    let last = facts.and_then(|facts| facts["message_id"].as_str());
    let mut references: Vec<String> = facts
        .and_then(|facts| facts["references"].as_array())
        .map(|ids| ids.iter().filter_map(Value::as_str).filter(|id| is_id(id)).map(str::to_owned).collect())
        .unwrap_or_default();
    let asked = message.reply_to.as_deref().filter(|id| is_id(id));
    for id in [last.filter(|id| is_id(id)), asked].into_iter().flatten() {
        references.retain(|known| known != id);
        references.push(id.to_owned());
    }
    if references.len() > MOST_REFERENCES {
        let recent = references.split_off(references.len() - (MOST_REFERENCES - 1));
        references.truncate(1);
        references.extend(recent);
    }
    (references.last().cloned(), references)
}

/// Whether a text can stand between the brackets of a `Message-ID`.
fn is_id(text: &str) -> bool {
    text.contains('@') && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'))
}

fn subject(identity: &Identity, message: &OutboundMessage) -> String {
    let own = [&message.metadata["subject"], &message.metadata["email"]["subject"]];
    let own = own.into_iter().filter_map(Value::as_str).map(one_line).find(|text| !text.is_empty());
    if let Some(own) = own {
        return own;
    }
    let answered = message.answers.as_ref().and_then(|answers| answers.metadata["email"]["subject"].as_str());
    if let Some(answered) = answered.map(one_line).filter(|text| !text.is_empty()) {
        let lower = answered.to_lowercase();
        let has_prefix = ["re:", "aw:", "sv:", "rv:", "ynt:"].iter().any(|prefix| lower.starts_with(prefix));
        return if has_prefix { answered } else { format!("Re: {answered}") };
    }
    identity.default_subject.clone().unwrap_or_else(|| match &identity.name {
        Some(name) => format!("A message from {name}"),
        None => format!("A message from {}", identity.from),
    })
}

/// Headers that keep machines from answering, and let people leave.
fn headers(
    channel: &ChannelConfig,
    identity: &Identity,
    message: &OutboundMessage,
    secret: Option<&str>,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![("X-Turumba-Channel", channel.channel_id.to_string())];
    if message.is_bulk {
        headers.push(("Precedence", "bulk".to_owned()));
        if let Some(secret) = secret {
            let token = token::unsubscribe(secret, &message.to);
            let by_mail = format!("<mailto:{}?subject=unsubscribe%20{token}>", identity.from);
            match message.callback_url.as_deref().filter(|url| url.starts_with("http")) {
                Some(url) => {
                    headers.push(("List-Unsubscribe", format!("<{url}?unsubscribe={token}>, {by_mail}")));
                    headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
                }
                None => headers.push(("List-Unsubscribe", by_mail)),
            }
        }
    } else if !message.by_person {
        headers.push(("Auto-Submitted", "auto-replied".to_owned()));
    }
    if message.is_bulk || !message.by_person {
        headers.push(("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()));
    }
    headers
}

/// The files that go along, and links to those that would make the mail too large.
fn files(message: &OutboundMessage, part: &Part, html: Option<&str>) -> (Vec<File>, Vec<String>) {
    let (mut files, mut links, mut total) = (Vec::new(), Vec::new(), 0);
    for index in &part.attachments {
        let Some(outgoing) = message.attachments.get(*index) else { continue };
        let Some(bytes) = &outgoing.bytes else { continue };
        let attachment = &outgoing.attachment;
        if total + bytes.len() > FILES_MAX
            && let Some(url) = &attachment.url
        {
            links.push(url.clone());
            continue;
        }
        total += bytes.len();
        let name = attachment.filename.as_deref().map(one_line).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| format!("file-{}", index + 1));
        let names = [Some(name.clone()), attachment.upload_id.map(|id| id.to_string())];
        let content_id = names
            .into_iter()
            .flatten()
            .find(|name| html.is_some_and(|html| html.contains(&format!("cid:{name}\""))));
        let mime_type = attachment.mime_type.as_deref().map(one_line).filter(|mime| mime.contains('/'));
        let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        files.push(File { name, mime_type, bytes: bytes.clone(), content_id });
    }
    (files, links)
}

/// Lines for what is no file: places, and files that lie elsewhere.
fn part_lines<'a>(message: &'a OutboundMessage, part: &'a Part) -> impl Iterator<Item = Option<String>> + 'a {
    let attached = part.attachments.iter().filter_map(|index| message.attachments.get(*index));
    attached.filter(|outgoing| outgoing.bytes.is_none()).map(|outgoing| line_of(&outgoing.attachment))
}
