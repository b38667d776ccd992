//! Files of ours on their way to a provider.

use channels::{ChannelConfig, OutboundAttachment, RejectReason, SendError, SendErrorClass};
use inbox::{Inbox, uploads};
use model::{
    Attachment, Time,
    profile::{Carriage, MediaDelivery, Profile},
};

/// A message's attachments as its channel carries them.
#[derive(Default)]
pub(crate) struct Ready {
    pub attachments: Vec<OutboundAttachment>,
    /// For the text: links to files that the channel does not carry, and places that it cannot show.
    pub lines: Vec<String>,
}

/// Makes attachments ready for the provider: with bytes or an absolute address, within its limits. What is of
/// no use to it becomes a line of text. `from`: when links begin; the same at every attempt, so that a text with
/// them can be recognised.
pub(crate) async fn ready(
    inbox: &Inbox,
    channel: &ChannelConfig,
    profile: &Profile,
    (to, from): (&str, Time),
    attachments: Vec<Attachment>,
) -> Result<Ready, SendError> {
    let mut ready = Ready::default();
    let life = inbox.settings().link_life;
    for mut attachment in attachments {
        // what was decided when it was written holds, and its time, unless that is over
        let told = attachment.as_link.take().filter(|told| told.until.is_none_or(|until| until > from));
        let carriage = match &told {
            Some(told) => Carriage::Link(told.reason),
            None => {
                profile.carriage(&attachment, to, &channel.settings, channel.default_country_code.as_deref())
            }
        };
        let until = told.and_then(|told| told.until).unwrap_or(from + life);
        let is_shown = attachment.is_file() || profile.media_rule(attachment.kind).is_some();
        match carriage {
            Carriage::As(kind) if is_shown => attachment.kind = kind,
            Carriage::As(_) | Carriage::Link(_) => {
                ready.lines.push(line(inbox, profile, attachment, until)?);
                continue;
            }
        }
        let mut bytes = None;
        if let Some(upload) = attachment.upload_id {
            if profile.media_delivery == MediaDelivery::Upload {
                let (found, read) =
                    uploads::read(inbox, channel.account_id, upload).await.map_err(missing)?;
                attachment.filename.get_or_insert(found.filename);
                attachment.mime_type.get_or_insert(found.mime_type);
                // for what turns out too large together
                attachment.url = Some(uploads::link(inbox, upload, until));
                bytes = Some(read);
            } else {
                attachment.url = Some(uploads::address(inbox, upload, Some(until)));
            }
        }
        ready.attachments.push(OutboundAttachment { attachment, bytes });
    }
    Ok(ready)
}

/// What stands in the text for an attachment.
fn line(
    inbox: &Inbox,
    profile: &Profile,
    mut attachment: Attachment,
    until: Time,
) -> Result<String, SendError> {
    if let Some(upload) = attachment.upload_id {
        // the settings were others when it was written
        if !inbox.settings().is_public() {
            let message = format!(
                "{} does not carry this file, and the hub has no public address for a link to it",
                profile.display_name
            );
            return Err(refused("no_public_url", message));
        }
        attachment.url = Some(uploads::link(inbox, upload, until));
    }
    let Some(line) = channels::line_of(&attachment) else {
        let message = format!("{} takes no {}", profile.display_name, attachment.kind);
        return Err(refused("kind_not_supported", message));
    };
    let caption = attachment.caption.as_deref().map(str::trim).filter(|text| !text.is_empty());
    Ok(caption.map_or_else(|| line.clone(), |caption| format!("{caption}: {line}")))
}

fn refused(code: &str, message: String) -> SendError {
    SendError::new(SendErrorClass::Rejected(RejectReason::Content), code, message)
}

/// A file store that is away is no fault of the message.
fn missing(error: model::Error) -> SendError {
    if matches!(error.code, model::ErrorCode::NotFound | model::ErrorCode::TooLarge) {
        return refused("file_missing", error.message);
    }
    SendError::new(SendErrorClass::Unavailable, "file_store", error.message)
}
