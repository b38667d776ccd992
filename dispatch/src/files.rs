//! Files of ours on their way to a provider.

use channels::{OutboundAttachment, RejectReason, SendError, SendErrorClass};
use inbox::{Inbox, uploads};
use model::{
    AccountId, Attachment,
    profile::{MediaDelivery, Profile},
};

/// A message's attachments as its channel carries them.
#[derive(Default)]
pub(crate) struct Ready {
    pub attachments: Vec<OutboundAttachment>,
    /// For the text: links to files that the channel does not take, and places that it cannot show.
    pub lines: Vec<String>,
}

/// Makes attachments ready for the provider: with bytes or an absolute address, within its limits. What is of
/// no use to it becomes a line of text.
pub(crate) async fn ready(
    inbox: &Inbox,
    account: AccountId,
    profile: &Profile,
    attachments: Vec<Attachment>,
) -> Result<Ready, SendError> {
    let mut ready = Ready::default();
    for mut attachment in attachments {
        let rule = profile.media_rule(attachment.kind);
        let fits = |most: u64| most == 0 || attachment.file_size.is_none_or(|size| size as u64 <= most);
        if !rule.is_some_and(|rule| fits(rule.max_bytes)) {
            if let Some(upload) = attachment.upload_id {
                attachment.url = Some(uploads::address(inbox, upload, None));
            }
            let Some(line) = channels::line_of(&attachment) else {
                let message = format!("{} takes no {}", profile.display_name, attachment.kind);
                return Err(refused("kind_not_supported", message));
            };
            ready.lines.push(line);
            continue;
        }
        let mut bytes = None;
        if let Some(upload) = attachment.upload_id {
            match profile.media_delivery {
                MediaDelivery::Upload => {
                    let (found, read) = uploads::read(inbox, account, upload).await.map_err(missing)?;
                    attachment.filename.get_or_insert(found.filename);
                    attachment.mime_type.get_or_insert(found.mime_type);
                    // for what turns out too large together
                    attachment.url = Some(uploads::address(inbox, upload, None));
                    bytes = Some(read);
                }
                MediaDelivery::Url | MediaDelivery::None => {
                    // the same address at every attempt, so that a text with it can be recognised
                    attachment.url = Some(uploads::address(inbox, upload, None));
                }
            }
        }
        ready.attachments.push(OutboundAttachment { attachment, bytes });
    }
    Ok(ready)
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
