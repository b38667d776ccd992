//! Uploads: files that people send. First a request with name, type and size, then the bytes by `PUT`, in
//! one piece or resumed by `Content-Range`; a message names the finished upload. Files of providers are
//! stored by [`store`].

mod files;
mod receive;
mod serve;
pub mod sharing;
#[cfg(test)]
mod tests;

use bus::{Outcome, Scope, Tx, store::Task};
use chrono::{DateTime, TimeDelta, Utc};
use model::{AccountId, Error, Permission, Result, Time, UploadId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Inbox, Member, Visitor, check::Checks};

pub use files::{Bucket, Files, Grant, address, check_signature, link, linked, signed_query};
pub use receive::{ContentRange, PIECE, Received, Receiving, begin};
pub use serve::{Found, Served, open, open_for, read, read_range};

/// How long a finished upload waits for its message.
const TO_USE: TimeDelta = TimeDelta::hours(24);
/// Types that a browser or a desktop would run.
const REFUSED: &[&str] = &[
    "text/html",
    "text/javascript",
    "application/javascript",
    "application/xhtml+xml",
    "application/x-msdownload",
    "application/x-msdos-program",
    "application/x-executable",
    "application/vnd.microsoft.portable-executable",
    "application/x-sh",
    "application/x-bat",
    "application/hta",
    "application/java-archive",
];

/// What is going to be sent.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    pub account_id: Option<AccountId>,
    #[schema(example = "invoice.pdf")]
    pub filename: String,
    #[schema(example = "application/pdf")]
    pub mime_type: String,
    /// Bytes.
    pub size: i64,
}

/// Where to send it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct UploadTicket {
    pub upload_id: UploadId,
    /// `PUT` the bytes here; needs no other credential.
    pub put_url: String,
    pub expires_at: DateTime<Utc>,
}

/// An upload as its sender sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct UploadView {
    pub upload_id: UploadId,
    pub filename: String,
    pub mime_type: String,
    /// Bytes.
    pub size: i64,
    /// Bytes that have arrived; a resumed `PUT` begins here.
    pub received: i64,
    pub is_complete: bool,
    /// Where it can be read, once it is complete.
    pub url: Option<String>,
    pub expires_at: DateTime<Utc>,
}

/// Whose an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    User(Uuid),
    Visitor(Uuid),
    /// Fetched from a provider.
    Provider,
}

impl Owner {
    fn columns(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::User(id) => ("user", Some(id)),
            Self::Visitor(id) => ("visitor", Some(id)),
            Self::Provider => ("provider", None),
        }
    }
}

/// A member is going to send a file.
pub async fn request(inbox: &Inbox, member: &Member, new: &NewUpload) -> Result<UploadTicket> {
    if !member.can(Permission::ConversationsReply) && !member.can(Permission::TemplatesManage) {
        member.require(Permission::MessagesSend)?;
    }
    ticket(inbox, member.account_id(), Owner::User(member.user_id().uuid()), new).await
}

/// A visitor is going to send a file.
pub async fn request_as_visitor(inbox: &Inbox, visitor: &Visitor, new: &NewUpload) -> Result<UploadTicket> {
    ticket(inbox, visitor.account_id(), Owner::Visitor(visitor.visitor_id().uuid()), new).await
}

async fn ticket(inbox: &Inbox, account: AccountId, owner: Owner, new: &NewUpload) -> Result<UploadTicket> {
    inbox.files()?;
    let filename = plain_name(&new.filename);
    let mime_type = new.mime_type.trim().to_ascii_lowercase();
    if new.size > inbox.settings().upload_max as i64 {
        let message = format!("a file may have {} bytes", inbox.settings().upload_max);
        return Err(Error::new(model::ErrorCode::TooLarge, message)
            .with("field", "size")
            .with("max", inbox.settings().upload_max));
    }
    let mut checks = Checks::new();
    checks.text("filename", &filename, 255);
    checks.that(new.size > 0, "size", "must be at least 1");
    checks.that(is_mime(&mime_type), "mime_type", "must be like image/png");
    let base = mime_type.split(';').next().unwrap_or_default().trim_end();
    checks.that(!REFUSED.contains(&base), "mime_type", "files of this type are not taken");
    checks.finish()?;
    let (id, expires_at) = (UploadId::new(), inbox.now() + inbox.settings().upload_expires);
    let (filename, mime_type) = (&filename, &mime_type);
    inbox
        .store()
        .write(account, |mut tx| async move {
            insert(&mut tx, inbox, (id, account, owner), (filename, mime_type, new.size), expires_at).await
        })
        .await?;
    let query = signed_query(inbox, Grant::Put, id, Some(expires_at));
    let put_url = format!("{}/v1/uploads/{id}?{query}", inbox.settings().public_url);
    Ok(UploadTicket { upload_id: id, put_url, expires_at })
}

async fn insert(
    tx: &mut Tx,
    inbox: &Inbox,
    (id, account, owner): (UploadId, AccountId, Owner),
    (filename, mime_type, size): (&str, &str, i64),
    expires_at: Time,
) -> Outcome<()> {
    let (owner_type, owner_id) = owner.columns();
    sqlx::query!(
        "INSERT INTO uploads (id, account_id, owner_type, owner_id, filename, mime_type, size, expires_at,
             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.uuid(),
        account.uuid(),
        owner_type,
        owner_id,
        filename,
        mime_type,
        size,
        expires_at,
        inbox.now(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How far an upload of the member's account is.
pub async fn get(inbox: &Inbox, member: &Member, id: UploadId) -> Result<UploadView> {
    let account = member.account_id();
    let row = inbox
        .store()
        .read(account, |mut tx| async move {
            let row = sqlx::query!(
                "SELECT filename, mime_type, size, received, is_complete, expires_at, owner_id
                 FROM uploads WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
            )
            .fetch_optional(&mut *tx)
            .await?;
            Ok(row)
        })
        .await?;
    let me = member.user_id().uuid();
    let row = row
        .filter(|row| row.owner_id == Some(me) || member.can(Permission::ConversationsView))
        .ok_or_else(|| Error::not_found("upload"))?;
    Ok(UploadView {
        upload_id: id,
        filename: row.filename,
        mime_type: row.mime_type,
        size: row.size,
        received: row.received,
        is_complete: row.is_complete,
        url: row.is_complete.then(|| address(inbox, id, None)),
        expires_at: row.expires_at,
    })
}

/// Stores a file that came with a message: one that was fetched from a provider.
pub async fn store(
    inbox: &Inbox,
    account: AccountId,
    owner: Owner,
    (filename, mime_type): (&str, &str),
    bytes: bytes::Bytes,
) -> Result<UploadId> {
    use sha2::{Digest, Sha256};
    let id = UploadId::new();
    let (filename, size) = (&plain_name(filename), bytes.len() as i64);
    let mime_type = if is_mime(mime_type) { mime_type } else { "application/octet-stream" };
    let sha256 = &Sha256::digest(&bytes).to_vec();
    inbox.files()?.put(&files::place(id), bytes).await?;
    let expires_at = inbox.now() + TO_USE;
    inbox
        .store()
        .write(account, |mut tx| async move {
            insert(&mut tx, inbox, (id, account, owner), (filename, mime_type, size), expires_at).await?;
            sqlx::query!(
                "UPDATE uploads SET received = size, is_complete = true, sha256 = $3
                 WHERE id = $1 AND account_id = $2",
                id.uuid(),
                account.uuid(),
                sha256,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await?;
    Ok(id)
}

/// Keeps uploads that something other than a message uses (a template): they no longer expire.
pub async fn keep(tx: &mut Tx, account: AccountId, ids: &[Uuid]) -> Outcome<()> {
    let kept = sqlx::query!(
        "UPDATE uploads SET expires_at = '9999-12-31T00:00:00Z'
         WHERE account_id = $1 AND id = ANY ($2) AND is_complete AND owner_type = 'user'",
        account.uuid(),
        ids,
    )
    .execute(&mut **tx)
    .await?;
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    if kept.rows_affected() != distinct.len() as u64 {
        return Err(Error::invalid("attachments", "names an upload that is not there or not finished").into());
    }
    Ok(())
}

/// Removes uploads that nobody used in time, with their files; returns how many. To be called now and
/// then by one node; at most 500 a call.
pub async fn expire(inbox: &Inbox) -> Result<usize> {
    let now = inbox.now();
    let old = inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            // from here on no message can take it; the row goes last, so that a file store that fails is asked again
            let ids = sqlx::query_scalar!(
                "UPDATE uploads SET is_complete = false WHERE id IN
                     (SELECT id FROM uploads WHERE message_id IS NULL AND expires_at < $1
                      ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED)
                 RETURNING id",
                now,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(ids)
        })
        .await?;
    let gone = &mut Vec::new();
    let removed = async {
        for id in old.into_iter().map(UploadId) {
            receive::forget(inbox.files()?, id).await?;
            inbox.files()?.remove(&files::place(id)).await?;
            gone.push(id.uuid());
        }
        Ok(())
    }
    .await;
    let gone = &*gone;
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            sqlx::query!("DELETE FROM uploads WHERE id = ANY ($1) AND message_id IS NULL", gone)
                .execute(&mut *tx)
                .await?;
            Ok(())
        })
        .await?;
    removed.map(|()| gone.len())
}

/// The last part of a path, without control characters; never empty.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(255).collect();
    let name = name.trim().trim_start_matches('.').to_owned();
    if name.is_empty() { "file".to_owned() } else { name }
}

fn is_mime(text: &str) -> bool {
    let base = text.split(';').next().unwrap_or_default().trim_end();
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    text.len() <= 200
        && text.is_ascii()
        && !text.chars().any(|c| c.is_ascii_control())
        && base.split_once('/').is_some_and(|(kind, subtype)| part(kind) && part(subtype))
}
