//! Files of ours on their way to a provider.

use channels::{OutboundAttachment, RejectReason, SendError, SendErrorClass};
use inbox::{Inbox, uploads};
use model::{
    AccountId, Attachment,
    profile::{MediaDelivery, Profile},
};

/// Makes attachments ready for the provider: with bytes or an absolute address, within its limits.
pub(crate) async fn ready(
    inbox: &Inbox,
    account: AccountId,
    profile: &Profile,
    attachments: Vec<Attachment>,
) -> Result<Vec<OutboundAttachment>, SendError> {
    let mut ready = Vec::with_capacity(attachments.len());
    for mut attachment in attachments {
        let Some(rule) = profile.media_rule(attachment.kind) else {
            let message = format!("{} takes no {}", profile.display_name, attachment.kind);
            return Err(refused("kind_not_supported", message));
        };
        let too_large =
            attachment.file_size.is_some_and(|size| rule.max_bytes > 0 && size as u64 > rule.max_bytes);
        if too_large {
            let message = format!("{} takes files of at most {} bytes", profile.display_name, rule.max_bytes);
            return Err(refused("file_too_large", message));
        }
        let mut bytes = None;
        if let Some(upload) = attachment.upload_id {
            match profile.media_delivery {
                MediaDelivery::Upload => {
                    let (found, read) = uploads::read(inbox, account, upload).await.map_err(missing)?;
                    attachment.filename.get_or_insert(found.filename);
                    attachment.mime_type.get_or_insert(found.mime_type);
                    bytes = Some(read);
                }
                MediaDelivery::Url | MediaDelivery::None => {
                    // the same address at every attempt, so that a text with it can be recognised
                    attachment.url = Some(uploads::address(inbox, upload, None));
                }
            }
        }
        ready.push(OutboundAttachment { attachment, bytes });
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
