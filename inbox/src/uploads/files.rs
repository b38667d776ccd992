//! Where files lie: behind an object store, so that a folder can be exchanged for a service.

use std::{path::Path as FolderPath, sync::Arc};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use model::{Error, ErrorCode, Result, Time, UploadId};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path};

use crate::Inbox;

/// The file store of an installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// A folder, made if it is not there. What is written is on the disk before it counts.
    pub fn folder(path: impl AsRef<FolderPath>) -> std::io::Result<Self> {
        std::fs::create_dir_all(path.as_ref())?;
        let store = LocalFileSystem::new_with_prefix(path)
            .map_err(std::io::Error::other)?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        Ok(Self(Arc::new(store)))
    }

    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self(store)
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        &*self.0
    }

    pub(super) async fn put(&self, path: &Path, bytes: Bytes) -> Result<()> {
        self.0.put(path, PutPayload::from_bytes(bytes)).await.map(drop).map_err(failed)
    }

    pub(super) async fn get(&self, path: &Path) -> Result<Bytes> {
        let found = self.0.get(path).await.map_err(Error::internal)?;
        found.bytes().await.map_err(Error::internal)
    }

    /// Removing what is not there is no error.
    pub(super) async fn remove(&self, path: &Path) -> Result<()> {
        match self.0.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::internal(error)),
        }
    }
}

/// Why a file could not be written.
pub(super) fn failed(error: object_store::Error) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(this) = cause {
        let kind = this.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(kind, Some(std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)) {
            tracing::error!(%error, "there is no room for files");
            return Error::unavailable("there is no room for files at the moment; try again later");
        }
        cause = this.source();
    }
    Error::internal(error)
}

/// The finished file. The first folder spreads files by the random end of their id.
pub(super) fn place(id: UploadId) -> Path {
    let text = id.to_string();
    let (_, tail) = text.split_at(text.len() - 2);
    Path::from(format!("files/{tail}/{text}"))
}

/// A piece that begins at `offset`.
pub(super) fn piece(id: UploadId, offset: i64) -> Path {
    Path::from(format!("parts/{id}/{offset:020}"))
}

pub(super) fn pieces(id: UploadId) -> Path {
    Path::from(format!("parts/{id}"))
}

impl Inbox {
    /// The file store; 503 `files_not_shared` where this node has none.
    pub fn files(&self) -> Result<&Files> {
        self.attached_files().ok_or_else(|| {
            Error::new(ErrorCode::Unavailable, "this node cannot reach the shared files")
                .with("reason", "files_not_shared")
        })
    }
}

/// What a signature allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Sending the bytes of an upload.
    Put,
    /// Reading a file.
    Get,
}

impl Grant {
    const fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
        }
    }
}

fn key(inbox: &Inbox) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &*inbox.secrets().derive("file urls"))
}

fn text(grant: Grant, id: UploadId, expires: i64) -> String {
    format!("{} {id} {expires}", grant.word())
}

/// The query that grants `grant` on a file; `until`: `None` = for as long as the file exists.
#[must_use]
pub fn signed_query(inbox: &Inbox, grant: Grant, id: UploadId, until: Option<Time>) -> String {
    let expires = until.map_or(0, |until| until.timestamp());
    let tag = hmac::sign(&key(inbox), text(grant, id, expires).as_bytes());
    format!("expires={expires}&signature={}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// Checks a query made by [`signed_query`]; 403 when it is wrong or its time is over.
pub fn check_signature(
    inbox: &Inbox,
    grant: Grant,
    id: UploadId,
    (expires, signature): (i64, &str),
) -> Result<()> {
    let wrong = || Error::forbidden("this address was not made by us, or is no longer valid");
    let tag = URL_SAFE_NO_PAD.decode(signature).map_err(|_| wrong())?;
    hmac::verify(&key(inbox), text(grant, id, expires).as_bytes(), &tag).map_err(|_| wrong())?;
    if expires != 0 && expires < inbox.now().timestamp() {
        return Err(wrong());
    }
    Ok(())
}

/// The absolute address at which anyone who knows it can read the file: for messages, whose readers
/// fetch it without a header, and for providers, which fetch it from outside.
#[must_use]
pub fn address(inbox: &Inbox, id: UploadId, until: Option<Time>) -> String {
    format!("{}/v1/files/{id}?{}", inbox.settings().public_url, signed_query(inbox, Grant::Get, id, until))
}
