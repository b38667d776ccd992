//! Leaving bulk mails by a link (RFC 8058): the mail program, or the page behind the link, posts to the channel's own
//! webhook address. Opening the link alone changes nothing, because scanners open every link.

use super::{secret_of, token};
use crate::{ChannelConfig, Incoming, VerifyError, WebhookAnswer, WebhookRequest};

/// The parameter of the address.
const NAME: &str = "unsubscribe";

/// Whether the request comes from such a link.
pub(super) fn is_one(request: &WebhookRequest) -> bool {
    request.query(NAME).is_some()
}

/// The address that asks, if we wrote the link.
fn asks(channel: &ChannelConfig, request: &WebhookRequest) -> Result<String, VerifyError> {
    let given = request.query(NAME).ok_or(VerifyError::Missing)?;
    let secret = secret_of(channel).ok_or(VerifyError::NotConfigured)?;
    token::unsubscriber(secret, &given).ok_or(VerifyError::Mismatch)
}

pub(super) fn verify(channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
    if secret_of(channel).is_none() {
        return Err(VerifyError::NotConfigured);
    }
    asks(channel, request).map(drop)
}

pub(super) fn parse(channel: &ChannelConfig, request: &WebhookRequest) -> Vec<Incoming> {
    match asks(channel, request) {
        Ok(sender) => vec![Incoming::OptedOut { sender, at: None }],
        Err(_) => vec![Incoming::Ignored { what: "an unsubscribe link that is not ours".to_owned() }],
    }
}

/// The page behind the link, which asks before it does anything.
pub(super) fn page(
    channel: &ChannelConfig,
    request: &WebhookRequest,
) -> Option<Result<WebhookAnswer, VerifyError>> {
    if !is_one(request) {
        return None;
    }
    let page = asks(channel, request).map(|address| {
        let address = ammonia::clean_text(&address);
        html(&format!(
            "<p>No more newsletters to <b>{address}</b>?</p>\
             <form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\
             <button>Unsubscribe</button></form>"
        ))
    });
    Some(page)
}

/// What the mail program or the page hears.
pub(super) fn answer(request: &WebhookRequest) -> WebhookAnswer {
    if is_one(request) { html("<p>You are unsubscribed.</p>") } else { WebhookAnswer::EMPTY }
}

fn html(inner: &str) -> WebhookAnswer {
    WebhookAnswer {
        content_type: "text/html; charset=utf-8",
        body: format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
             <title>Unsubscribe</title></head>\
             <body style=\"font-family: sans-serif; max-width: 32em; margin: 4em auto; padding: 0 1em\">{inner}</body></html>\n"
        ),
    }
}
