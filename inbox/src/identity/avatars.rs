//! Pictures of people: an upload of theirs that is kept, and read at a signed address.

use bus::{Outcome, Tx};
use model::{Error, UploadId};
use uuid::Uuid;

use crate::{Context, Inbox, uploads};

/// What every browser shows as a picture.
const TAKEN: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/gif"];
/// Bytes. It is drawn small and fetched often.
const MAX: i64 = 1_048_576;

/// Keeps the caller's finished upload as a picture; returns where it is read. The picture before it
/// stays too: messages were recorded with it.
pub(super) async fn keep(tx: &mut Tx, inbox: &Inbox, context: &Context, upload: UploadId) -> Outcome<String> {
    let accounts: Vec<Uuid> = context.account_ids().iter().map(|id| id.uuid()).collect();
    let file = sqlx::query!(
        "UPDATE uploads SET expires_at = '9999-12-31T00:00:00Z'
         WHERE id = $1 AND owner_type = 'user' AND owner_id = $2 AND account_id = ANY ($3) AND is_complete
           AND message_id IS NULL
         RETURNING mime_type, size",
        upload.uuid(),
        context.user_id().uuid(),
        &accounts,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::absent("avatar_upload_id", "no finished, unused upload of yours has this id"))?;
    if !TAKEN.contains(&file.mime_type.as_str()) {
        return Err(Error::invalid("avatar_upload_id", "must be a PNG, JPEG, WebP or GIF picture").into());
    }
    if file.size > MAX {
        return Err(Error::invalid("avatar_upload_id", "may have 1 MB").into());
    }
    Ok(uploads::address(inbox, upload, None))
}
