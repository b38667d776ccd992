//! Where files lie: in a folder, or in a bucket of an S3-compatible service, both behind one trait.

use std::{path::Path as FolderPath, sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use model::{Error, ErrorCode, Result, Time, UploadId};
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path, prefix::PrefixStore,
};

use crate::Inbox;

/// How long a bucket may be silent.
const SILENCE: Duration = Duration::from_secs(10);
/// What was refused or cut is asked again this often, for this long.
const TRIES: usize = 3;
const TRYING: Duration = Duration::from_secs(12);

/// A bucket of an S3-compatible service.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    /// What every name in it begins with; may be empty.
    pub prefix: String,
    /// `None`: Amazon's own.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// The id of an access key and its secret. `None`: those of the environment (`AWS_ACCESS_KEY_ID` and its
    /// companions), else the machine's role.
    pub key: Option<(String, String)>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({} at {})", self.name, self.endpoint.as_deref().unwrap_or("Amazon"))
    }
}

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

    /// A bucket, which must be there. Nothing is asked of it yet.
    pub fn bucket(bucket: &Bucket) -> std::io::Result<Self> {
        let is_plain = bucket.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http:"));
        let client = ClientOptions::new()
            .with_connect_timeout(SILENCE / 2)
            // for a whole answer; one that is read for long is asked for again from where it was
            .with_timeout_disabled()
            .with_read_timeout(SILENCE)
            .with_allow_http(is_plain);
        let retry = RetryConfig {
            backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
            max_retries: TRIES,
            retry_timeout: TRYING,
        };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&bucket.name)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &bucket.endpoint {
            // a name of a host for every bucket is Amazon's way
            builder = builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
        }
        if let Some(region) = &bucket.region {
            builder = builder.with_region(region);
        }
        if let Some((id, secret)) = &bucket.key {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        let store = builder.build().map_err(std::io::Error::other)?;
        Ok(Self(if bucket.prefix.is_empty() {
            Arc::new(store)
        } else {
            Arc::new(PrefixStore::new(store, bucket.prefix.as_str()))
        }))
    }

    /// Writes, reads and removes a small file.
    pub async fn probe(&self) -> Result<()> {
        let path = Path::from(format!("probe-{}", uuid::Uuid::now_v7()));
        self.put(&path, Bytes::from_static(b"probe")).await?;
        self.get(&path).await?;
        self.remove(&path).await
    }

    /// Everything that lies in it, by name, each with its bytes; what goes away meanwhile is left out. For copies.
    pub fn contents(&self) -> BoxStream<'_, Result<(String, Bytes)>> {
        let named = self.0.list(None).map_err(failed);
        let read = named.and_then(async |object| match self.0.get(&object.location).await {
            Ok(found) => {
                let bytes = found.bytes().await.map_err(failed)?;
                Ok(Some((object.location.to_string(), bytes)))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        });
        read.try_filter_map(async |found| Ok(found)).boxed()
    }

    /// Whether nothing lies in it.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.0.list(None).try_next().await.map_err(failed)?.is_none())
    }

    /// Puts everything of `other` into it, under the same names; returns how many files that were.
    pub async fn take_all(&self, other: &Self) -> Result<u64> {
        let mut contents = other.contents();
        let mut count = 0;
        while let Some((name, bytes)) = contents.try_next().await? {
            self.put(&Path::from(name), bytes).await?;
            count += 1;
        }
        Ok(count)
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        &*self.0
    }

    pub(super) async fn put(&self, path: &Path, bytes: Bytes) -> Result<()> {
        self.0.put(path, PutPayload::from_bytes(bytes)).await.map(drop).map_err(failed)
    }

    pub(super) async fn get(&self, path: &Path) -> Result<Bytes> {
        let found = self.0.get(path).await.map_err(failed)?;
        found.bytes().await.map_err(failed)
    }

    /// Removing what is not there is no error.
    pub(super) async fn remove(&self, path: &Path) -> Result<()> {
        match self.0.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// What is said of a file store that fails. It is asked again later: no file's sender can do anything about it.
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
    tracing::error!(error = &error as &dyn std::error::Error, "the file store fails");
    Error::unavailable("the file store cannot be used at the moment; try again later")
}

/// The finished file. The first folder spreads files by the random end of their id.
pub(super) fn place(id: UploadId) -> Path {
    let text = id.to_string();
    let (_, tail) = text.split_at(text.len() - 2);
    Path::from(format!("files/{tail}/{text}"))
}

/// A piece, by the name that the upload's row has for it.
pub(super) fn piece(id: UploadId, name: &str) -> Path {
    Path::from(format!("parts/{id}/{name}"))
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
    /// Saving a file that went to a customer as a link.
    Link,
}

impl Grant {
    const fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Link => "link",
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

/// Bytes of a link's tag: it cannot be guessed, and each one of an SMS is paid for.
const TAG: usize = 16;

/// The address of a file for a customer whose channel does not carry it: short, for it goes with the text, and good
/// until `until`. The same file and time give the same address.
#[must_use]
pub fn link(inbox: &Inbox, id: UploadId, until: Time) -> String {
    let until = u32::try_from(until.timestamp()).unwrap_or(u32::MAX);
    let tag = hmac::sign(&key(inbox), text(Grant::Link, id, until.into()).as_bytes());
    let mut token = id.uuid().as_bytes().to_vec();
    token.extend(until.to_be_bytes());
    token.extend(&tag.as_ref()[..TAG]);
    format!("{}/f/{}", inbox.settings().public_url, URL_SAFE_NO_PAD.encode(token))
}

/// The file that the end of a [`link`] names; 404 for what is no link of ours, 403 when its time is over.
pub fn linked(inbox: &Inbox, token: &str) -> Result<UploadId> {
    let wrong = || Error::not_found("file");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| wrong())?;
    let (id, rest) = bytes.split_first_chunk::<16>().ok_or_else(wrong)?;
    let (until, tag) = rest.split_first_chunk::<4>().ok_or_else(wrong)?;
    let (id, until) = (UploadId(uuid::Uuid::from_bytes(*id)), u32::from_be_bytes(*until));
    let wanted = hmac::sign(&key(inbox), text(Grant::Link, id, until.into()).as_bytes());
    aws_lc_rs::constant_time::verify_slices_are_equal(&wanted.as_ref()[..TAG], tag).map_err(|_| wrong())?;
    if i64::from(until) < inbox.now().timestamp() {
        return Err(Error::forbidden("this link is no longer valid; ask for the file again")
            .with("reason", "link_expired"));
    }
    Ok(id)
}
