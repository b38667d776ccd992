//! E-mail: a mailbox of our own over SMTP and IMAP, or the HTTP interfaces of SendGrid, Mailgun and Postmark.
//!
//! Whatever carries it, a mail is written by [`compose`] and read by [`read`], and its `Message-ID` is ours: it is the
//! name by which receipts, bounces and answers find it. `docs/decisions/0014-email.md` says why threads are found
//! where they are.

mod automatic;
mod bounce;
mod codes;
mod compose;
mod config;
mod dkim;
mod form;
mod html;
mod imap;
mod mailbox;
mod mailgun;
mod mime;
mod oauth;
mod postmark;
mod quotes;
mod read;
mod rebuild;
mod sendgrid;
mod smtp;
mod token;
mod unsubscribe;

use model::{
    AttachmentKind, ChannelType,
    profile::{
        IdentifierKind, MediaDelivery, MediaRule, Profile, Receipts, SessionNeed, TextLimit, TextUnit,
    },
};
use serde_json::Value;

pub(crate) use self::{mailbox::Mailbox, mailgun::Mailgun, postmark::Postmark, sendgrid::SendGrid};
use crate::{ChannelConfig, OutboundMessage, Part};

/// Bytes of one file; base64 makes a third more of them, and many servers take 25 MB in all.
const FILE_MAX: u64 = 10 << 20;
/// Bytes of all files of a mail; what is beyond goes as a link.
const FILES_MAX: usize = 17 << 20;
const TEXT_MAX: u32 = 1 << 20;

/// What a provider of e-mail differs in.
struct Own {
    provider: &'static str,
    display_name: &'static str,
    help: &'static str,
    receipts: Receipts,
    session: SessionNeed,
    settings_schema: Value,
    credentials_schema: Value,
    example_credentials: Value,
}

fn profile(own: Own) -> Profile {
    let media = [
        AttachmentKind::Image,
        AttachmentKind::Video,
        AttachmentKind::Audio,
        AttachmentKind::Document,
        AttachmentKind::ContactCard,
    ];
    Profile {
        channel_type: ChannelType::Email,
        provider: own.provider.into(),
        display_name: own.display_name.into(),
        help: own.help.into(),
        identifier: IdentifierKind::Email,
        text: TextLimit::new(TEXT_MAX, TextUnit::Bytes),
        caption_limit: None,
        max_attachments: 10,
        media: media.map(|kind| MediaRule { kind, max_bytes: FILE_MAX, mime_types: Vec::new() }).into(),
        media_delivery: MediaDelivery::Upload,
        receipts: own.receipts,
        reply_window_hours: None,
        default_rate_per_minute: None,
        session: own.session,
        registers_webhook: false,
        dispatched: true,
        provider_handles_opt_out: false,
        settings_schema: own.settings_schema,
        credentials_schema: own.credentials_schema,
        example_credentials: own.example_credentials,
    }
}

/// A mail carries everything; only a text of more than a megabyte needs a second one.
fn parts(mut pieces: Vec<String>, message: &OutboundMessage) -> Vec<Part> {
    let says_more = !message.attachments.is_empty() || message.metadata["html_body"].is_string();
    if pieces.is_empty() && says_more {
        pieces.push(String::new());
    }
    let all: Vec<usize> = (0..message.attachments.len()).collect();
    pieces
        .into_iter()
        .enumerate()
        .map(|(index, text)| Part {
            index,
            text,
            attachments: if index == 0 { all.clone() } else { Vec::new() },
        })
        .collect()
}

/// An address in the form in which contacts have it.
fn normal(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The part behind the `@`.
fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// A text as a header's value: a line end would begin a header of somebody else's choice.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// A `Message-ID` as a key of ours; one that is too long is told by its hash.
fn short_id(id: &str) -> String {
    use sha2::{Digest, Sha256};
    if id.len() <= 200 { id.to_owned() } else { format!("sha256:{}", hex::encode(Sha256::digest(id))) }
}

/// What signs the names of ours that come back; made when the channel is connected.
fn secret_of(channel: &ChannelConfig) -> Option<&str> {
    channel.credentials.get("webhook_token")
}

#[cfg(test)]
mod tests;
