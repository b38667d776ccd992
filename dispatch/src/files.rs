//! Files of ours on their way to a provider.

use bytes::Bytes;
use channels::{OutboundAttachment, SendError};
use futures::future::BoxFuture;
use model::{
    AccountId, Attachment, UploadId,
    profile::{MediaDelivery, Profile},
};

use channels::{RejectReason, SendErrorClass};

/// Where uploaded files are: read for providers that take the bytes, addressed for those that fetch them.
pub trait FileSource: Send + Sync + 'static {
    /// The file's bytes, at most `max` of them.
    fn read(&self, account: AccountId, upload: UploadId, max: u64) -> BoxFuture<'_, model::Result<Bytes>>;

    /// An absolute address under which anyone who knows it may fetch the file for some hours.
    fn address(&self, account: AccountId, upload: UploadId) -> BoxFuture<'_, model::Result<String>>;
}

/// No files: attachments by address only.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl FileSource for NoFiles {
    fn read(&self, _: AccountId, _: UploadId, _: u64) -> BoxFuture<'_, model::Result<Bytes>> {
        Box::pin(async { Err(model::Error::not_found("file")) })
    }

    fn address(&self, _: AccountId, _: UploadId) -> BoxFuture<'_, model::Result<String>> {
        Box::pin(async { Err(model::Error::not_found("file")) })
    }
}

/// Makes attachments ready for the provider: with bytes or an absolute address, within its limits.
pub(crate) async fn ready(
    files: &dyn FileSource,
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
                    bytes = Some(files.read(account, upload, rule.max_bytes).await.map_err(missing)?);
                }
                MediaDelivery::Url | MediaDelivery::None => {
                    attachment.url = Some(files.address(account, upload).await.map_err(missing)?);
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
