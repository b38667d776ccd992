//! Receiving the bytes of an upload. They are stored in pieces as they come, each before it counts, so a
//! cut connection resumes at the last whole piece; the last one puts the file together.
//!
//! No transaction is open while a file store is asked: one that hangs would hold the database's connections. So a piece
//! is stored under a name of its own first, and counts when the row has taken that name up; of two senders at one place
//! the row takes one.

use bus::{Scope, store::Task};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use model::{AccountId, Error, ErrorCode, Result, UploadId};
use object_store::{ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Files, TO_USE,
    files::{failed, piece, pieces, place},
};
use crate::Inbox;

/// Bytes of one piece.
pub const PIECE: usize = 1 << 20;

/// `Content-Range: bytes first-last/total` (RFC 9110 §14.4); `bytes */total` asks how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    /// The first byte and the one after the last.
    pub span: Option<(i64, i64)>,
    pub total: Option<i64>,
}

impl std::str::FromStr for ContentRange {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::bad_request("Content-Range must be like bytes 0-1023/4096 or bytes */4096");
        let rest = text.trim().strip_prefix("bytes ").ok_or_else(wrong)?;
        let (span, total) = rest.split_once('/').ok_or_else(wrong)?;
        let number =
            |text: &str| text.trim().parse::<i64>().ok().filter(|number| (0..i64::MAX).contains(number));
        let total = if total.trim() == "*" { None } else { Some(number(total).ok_or_else(wrong)?) };
        if span.trim() == "*" {
            return Ok(Self { span: None, total });
        }
        let (first, last) = span.split_once('-').ok_or_else(wrong)?;
        let (first, last) = (number(first).ok_or_else(wrong)?, number(last).ok_or_else(wrong)?);
        if last < first || total.is_some_and(|total| last >= total) {
            return Err(wrong());
        }
        Ok(Self { span: Some((first, last + 1)), total })
    }
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub received: i64,
    pub size: i64,
    pub is_complete: bool,
}

/// An upload whose bytes are coming in. Hand it what arrives with [`Receiving::take`], then
/// [`Receiving::end`] it, also when the connection was cut.
pub struct Receiving<'i> {
    inbox: &'i Inbox,
    files: &'i Files,
    id: UploadId,
    account: AccountId,
    /// Where the next piece begins.
    offset: i64,
    /// Where this request's bytes end.
    until: i64,
    size: i64,
    is_complete: bool,
    buffer: BytesMut,
}

/// Begins to receive; the caller has checked the address's signature. Bytes that begin anywhere but at
/// `received` are refused with a 409 that says where to go on.
pub async fn begin(inbox: &Inbox, id: UploadId, range: Option<ContentRange>) -> Result<Receiving<'_>> {
    let files = inbox.files()?;
    let row = inbox
        .store()
        .read(Scope::System(Task::Door), |mut tx| async move {
            let row = sqlx::query!(
                "SELECT account_id, size, received, is_complete, expires_at FROM uploads WHERE id = $1",
                id.uuid()
            )
            .fetch_optional(&mut *tx)
            .await?;
            Ok(row)
        })
        .await?
        .ok_or_else(|| Error::not_found("upload"))?;
    if !row.is_complete && row.expires_at < inbox.now() {
        return Err(Error::not_found("upload"));
    }
    if let Some(total) = range.and_then(|range| range.total).filter(|total| *total != row.size) {
        return Err(Error::bad_request(format!("this upload has {} bytes, not {total}", row.size)));
    }
    let (first, until) = match range.map(|range| range.span) {
        Some(Some((first, until))) => (first, until.min(row.size)),
        Some(None) => (row.received, row.received),
        // without a range the whole file comes, from its beginning
        None => (0, row.size),
    };
    let mut receiving = Receiving {
        inbox,
        files,
        id,
        account: AccountId(row.account_id),
        offset: row.received,
        until,
        size: row.size,
        is_complete: row.is_complete,
        buffer: BytesMut::new(),
    };
    if row.is_complete {
        receiving.until = receiving.offset;
        return Ok(receiving);
    }
    if first == 0 && row.received > 0 {
        receiving.restart().await?;
    } else if first != row.received {
        return Err(out_of_step(row.received));
    }
    Ok(receiving)
}

fn out_of_step(received: i64) -> Error {
    Error::conflict(format!("go on at byte {received}")).with("received", received)
}

impl Receiving<'_> {
    /// The account that the upload belongs to.
    pub fn account_id(&self) -> AccountId {
        self.account
    }

    /// Takes what arrived. More than was announced is a 413.
    pub async fn take(&mut self, bytes: Bytes) -> Result<()> {
        let room = self.until - self.offset - self.buffer.len() as i64;
        if self.is_complete {
            return Ok(());
        }
        if bytes.len() as i64 > room {
            return Err(Error::new(ErrorCode::TooLarge, "more bytes came than were announced"));
        }
        self.buffer.extend_from_slice(&bytes);
        while self.buffer.len() >= PIECE {
            let piece = self.buffer.split_to(PIECE).freeze();
            self.store(piece).await?;
        }
        Ok(())
    }

    /// Stores what is left and, when everything is there, puts the file together.
    pub async fn end(mut self) -> Result<Received> {
        if !self.buffer.is_empty() {
            let rest = self.buffer.split().freeze();
            self.store(rest).await?;
        }
        if self.offset == self.size && !self.is_complete {
            self.complete().await?;
        }
        Ok(Received { received: self.offset, size: self.size, is_complete: self.is_complete })
    }

    async fn store(&mut self, bytes: Bytes) -> Result<()> {
        let (id, account, offset) = (self.id, self.account, self.offset);
        let next = offset + bytes.len() as i64;
        let name = &format!("{offset:020}-{}", Uuid::now_v7());
        self.files.put(&piece(id, name), bytes).await?;
        let counted = self
            .inbox
            .store()
            .write(account, |mut tx| async move {
                let counts = sqlx::query!(
                    "UPDATE uploads SET received = $4, pieces = pieces || $5::text
                     WHERE id = $1 AND account_id = $2 AND received = $3 AND NOT is_complete",
                    id.uuid(),
                    account.uuid(),
                    offset,
                    next,
                    name,
                )
                .execute(&mut *tx)
                .await?;
                if counts.rows_affected() == 0 {
                    let received = sqlx::query_scalar!(
                        "SELECT received FROM uploads WHERE id = $1 AND account_id = $2 AND NOT is_complete",
                        id.uuid(),
                        account.uuid(),
                    )
                    .fetch_optional(&mut *tx)
                    .await?;
                    let refused =
                        received.map_or_else(|| Error::conflict("this upload is finished"), out_of_step);
                    return Err(refused.into());
                }
                Ok(())
            })
            .await
            .map_err(Error::from);
        if let Err(error) = &counted
            && error.code == ErrorCode::Conflict
        {
            self.files.remove(&piece(id, name)).await?;
        }
        counted?;
        self.offset = next;
        Ok(())
    }

    async fn restart(&mut self) -> Result<()> {
        let (id, account) = (self.id, self.account);
        let dropped = self
            .inbox
            .store()
            .write(account, |mut tx| async move {
                let dropped = sqlx::query_scalar!(
                    "SELECT pieces FROM uploads WHERE id = $1 AND account_id = $2 AND NOT is_complete FOR UPDATE",
                    id.uuid(),
                    account.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?
                .ok_or_else(|| Error::conflict("this upload is finished"))?;
                sqlx::query!(
                    "UPDATE uploads SET received = 0, pieces = '{}' WHERE id = $1 AND account_id = $2",
                    id.uuid(),
                    account.uuid(),
                )
                .execute(&mut *tx)
                .await?;
                Ok(dropped)
            })
            .await?;
        for name in dropped {
            self.files.remove(&piece(id, &name)).await?;
        }
        self.offset = 0;
        Ok(())
    }

    async fn complete(&mut self) -> Result<()> {
        let (id, account, size) = (self.id, self.account, self.size);
        let names = self
            .inbox
            .store()
            .read(account, |mut tx| async move {
                let names = sqlx::query_scalar!(
                    "SELECT pieces FROM uploads WHERE id = $1 AND account_id = $2",
                    id.uuid(),
                    account.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?;
                Ok(names)
            })
            .await?
            .ok_or_else(|| Error::not_found("upload"))?;
        let sha256 = &assemble(self.files, id, &names).await?;
        let expires_at = self.inbox.now() + TO_USE;
        self.inbox
            .store()
            .write(account, |mut tx| async move {
                sqlx::query!(
                    "UPDATE uploads SET is_complete = true, sha256 = $3, expires_at = $4
                     WHERE id = $1 AND account_id = $2 AND received = $5",
                    id.uuid(),
                    account.uuid(),
                    sha256,
                    expires_at,
                    size,
                )
                .execute(&mut *tx)
                .await?;
                Ok(())
            })
            .await?;
        self.is_complete = true;
        forget(self.files, id).await
    }
}

/// Puts the pieces together in their order; returns the SHA-256 of the whole.
async fn assemble(files: &Files, id: UploadId, names: &[String]) -> Result<Vec<u8>> {
    let upload = files.store().put_multipart(&place(id)).await.map_err(failed)?;
    let mut whole = WriteMultipart::new(upload);
    let mut hash = Sha256::new();
    for name in names {
        let bytes = files.get(&piece(id, name)).await?;
        hash.update(&bytes);
        whole.wait_for_capacity(4).await.map_err(failed)?;
        whole.put(bytes);
    }
    whole.finish().await.map_err(failed)?;
    Ok(hash.finalize().to_vec())
}

/// Removes the pieces of an upload, those that never counted among them.
pub(super) async fn forget(files: &Files, id: UploadId) -> Result<()> {
    let found: Vec<_> = files.store().list(Some(&pieces(id))).try_collect().await.map_err(failed)?;
    for part in found {
        files.remove(&part.location).await?;
    }
    Ok(())
}
