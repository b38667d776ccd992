//! Giving files out.

use bus::{Scope, store::Task};
use bytes::Bytes;
use futures::stream::BoxStream;
use model::{AccountId, ConversationId, Error, ErrorCode, Permission, Result, UploadId};
use object_store::{GetOptions, GetRange};

use super::files::{failed, place};
use crate::{Inbox, Member};

/// Types that a browser may show inside a page; everything else is offered for saving. SVG is not among
/// them: it can hold scripts.
const SHOWN: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/aac",
    "audio/wav",
    "audio/webm",
    "audio/amr",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "video/3gpp",
];

/// Types that a browser is told of and made to save: providers that fetch a file go by them.
const SAVED: &[&str] = &[
    "application/pdf",
    "application/rtf",
    "application/zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/calendar",
    "text/csv",
    "text/plain",
    "text/rtf",
    "text/vcard",
    "text/x-vcard",
];

/// A finished file.
#[derive(Debug, Clone)]
pub struct Found {
    pub id: UploadId,
    pub account_id: AccountId,
    pub filename: String,
    /// As its sender named it.
    pub mime_type: String,
    pub size: i64,
}

impl Found {
    /// The type under which it is given out, and whether a browser may show it.
    pub fn shown_as(&self) -> (&str, bool) {
        let base = self.mime_type.split(';').next().unwrap_or_default().trim();
        if SHOWN.contains(&base) {
            return (base, true);
        }
        (if SAVED.contains(&base) { base } else { "application/octet-stream" }, false)
    }
}

/// A file, or a part of it, on its way out.
pub struct Served {
    pub file: Found,
    /// The bytes that come: from, to (exclusive).
    pub span: (u64, u64),
    pub body: BoxStream<'static, object_store::Result<Bytes>>,
}

/// A file for whoever holds a signed address or a link; the caller has checked it.
pub async fn open(inbox: &Inbox, id: UploadId, wanted: Option<GetRange>) -> Result<Served> {
    let file = find(inbox, Scope::System(Task::Door), id).await?;
    serve(inbox, file, wanted).await
}

/// A file of the member's account: their own upload, or one that conversations may show them.
pub async fn open_for(
    inbox: &Inbox,
    member: &Member,
    id: UploadId,
    wanted: Option<GetRange>,
) -> Result<Served> {
    member.require(Permission::ConversationsView)?;
    let file = find(inbox, Scope::from(member.account_id()), id).await?;
    require_sight(inbox, member, id).await?;
    serve(inbox, file, wanted).await
}

/// Whoever may not see the message does not see its files; a file without a message is its sender's.
async fn require_sight(inbox: &Inbox, member: &Member, id: UploadId) -> Result<()> {
    let account = member.account_id();
    let row = inbox
        .store()
        .read(account, |mut tx| async move {
            let row = sqlx::query!(
                r#"SELECT u.owner_id, u.message_id, m.conversation_id AS "conversation_id?",
                          m.is_private AS "is_private?"
                   FROM uploads u LEFT JOIN messages m ON m.id = u.message_id AND m.account_id = u.account_id
                   WHERE u.id = $1 AND u.account_id = $2"#,
                id.uuid(),
                account.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            let Some(row) = row else { return Err(Error::not_found("file").into()) };
            if let Some(conversation) = row.conversation_id {
                crate::conversations::require_visible(&mut tx, member, ConversationId(conversation)).await?;
            }
            Ok(row)
        })
        .await
        .map_err(Error::from)?;
    let is_mine = row.owner_id == Some(member.user_id().uuid());
    let is_note = row.is_private == Some(true);
    // templates' files and those of other agents' drafts: whoever may write templates
    let is_loose = row.message_id.is_none() && !is_mine && !member.can(Permission::TemplatesView);
    if is_loose || (is_note && !member.can(Permission::NotesView)) {
        return Err(Error::not_found("file"));
    }
    Ok(())
}

/// A file of an account, whole: for sending it to a provider. At most the upload limit is in memory.
pub async fn read(inbox: &Inbox, account: AccountId, id: UploadId) -> Result<(Found, Bytes)> {
    let file = find(inbox, Scope::from(account), id).await?;
    let bytes = inbox.files()?.get(&place(id)).await?;
    Ok((file, bytes))
}

async fn find(inbox: &Inbox, scope: Scope, id: UploadId) -> Result<Found> {
    let row = inbox
        .store()
        .read(scope, |mut tx| async move {
            let row = sqlx::query!(
                "SELECT account_id, filename, mime_type, size FROM uploads WHERE id = $1 AND is_complete",
                id.uuid()
            )
            .fetch_optional(&mut *tx)
            .await?;
            Ok(row)
        })
        .await?
        .ok_or_else(|| Error::not_found("file"))?;
    Ok(Found {
        id,
        account_id: AccountId(row.account_id),
        filename: row.filename,
        mime_type: row.mime_type,
        size: row.size,
    })
}

async fn serve(inbox: &Inbox, file: Found, range: Option<GetRange>) -> Result<Served> {
    let size = u64::try_from(file.size).unwrap_or(0);
    let is_beyond = match &range {
        Some(GetRange::Offset(first)) => *first >= size,
        Some(GetRange::Bounded(span)) => span.start >= size,
        Some(GetRange::Suffix(_)) | None => false,
    };
    if is_beyond {
        return Err(Error::new(ErrorCode::BadRange, "the range begins behind the end").with("size", size));
    }
    let options = GetOptions { range, ..GetOptions::default() };
    let found = match inbox.files()?.store().get_opts(&place(file.id), options).await {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Err(Error::not_found("file")),
        Err(error) => return Err(failed(error)),
    };
    let span = (found.range.start, found.range.end);
    Ok(Served { file, span, body: found.into_stream() })
}

/// A piece of a finished file: at most `length` bytes from `from` on; empty behind its end.
pub async fn read_range(
    inbox: &Inbox,
    account: AccountId,
    id: UploadId,
    from: u64,
    length: u64,
) -> Result<(Found, Bytes)> {
    let file = find(inbox, Scope::from(account), id).await?;
    let end = from.saturating_add(length).min(file.size as u64);
    if from >= end {
        return Ok((file, Bytes::new()));
    }
    let range = Some(GetRange::Bounded(from..end));
    let found = serve(inbox, file.clone(), range).await?;
    let mut bytes = Vec::with_capacity((end - from) as usize);
    let mut body = found.body;
    while let Some(piece) = futures::StreamExt::next(&mut body).await {
        bytes.extend_from_slice(&piece.map_err(failed)?);
    }
    Ok((file, bytes.into()))
}
