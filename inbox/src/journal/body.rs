//! Bodies as bytes: large ones in files, and in text as base64.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use model::JournalId;
use tokio::io::AsyncWriteExt;

use super::Accepted;

/// Larger bodies go to a file.
const INLINE_MAX: usize = 256 << 10;

/// The folder of large bodies.
pub(super) struct Bodies {
    dir: PathBuf,
}

impl Bodies {
    /// Where they lie in the journal's folder.
    pub(super) fn of(journal: &Path) -> Self {
        Self { dir: journal.join("bodies") }
    }

    pub(super) async fn open(journal: &Path) -> io::Result<Self> {
        let Self { dir } = Self::of(journal);
        tokio::fs::create_dir_all(&dir).await?;
        Ok(Self { dir })
    }

    /// Writes the large ones of `bodies` and returns the file name of each. Repeatable.
    pub(super) async fn keep_large(&self, bodies: &[&Accepted]) -> io::Result<HashMap<JournalId, String>> {
        let mut files = HashMap::new();
        for body in bodies.iter().filter(|body| body.body.len() > INLINE_MAX) {
            // by day, so that a folder stays small enough to list
            let day = body.received_at.format("%Y%m%d").to_string();
            let name = format!("{day}/{}", body.id);
            let folder = self.dir.join(&day);
            tokio::fs::create_dir_all(&folder).await?;
            files.insert(body.id, name.clone());
            if let Err(error) = write_durably(&folder, &self.dir.join(&name), &body.body).await {
                self.forget(&files).await;
                return Err(error);
            }
        }
        if !files.is_empty() {
            sync_folder(&self.dir).await?;
        }
        Ok(files)
    }

    /// The file's bytes; `None`: it is not on this node.
    async fn read(&self, name: &str) -> Option<Bytes> {
        tokio::fs::read(self.dir.join(name)).await.ok().map(Bytes::from)
    }

    /// The body that a row holds or names.
    pub(super) async fn of_row(&self, body: Option<Vec<u8>>, file: Option<String>) -> Option<Bytes> {
        match (body, file) {
            (Some(body), _) => Some(Bytes::from(body)),
            (None, Some(name)) => self.read(&name).await,
            (None, None) => None,
        }
    }

    /// Removes files that no row will name: on a full disk they would fill it further.
    pub(super) async fn forget(&self, files: &HashMap<JournalId, String>) {
        for name in files.values() {
            if let Err(error) = tokio::fs::remove_file(self.dir.join(name)).await
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, name, "a body's file cannot be removed");
            }
        }
    }
}

async fn write_durably(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // what customers write is nobody else's on this machine
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    sync_folder(folder).await
}

/// A new name in a folder is durable only when the folder is.
pub(super) async fn sync_folder(folder: &Path) -> io::Result<()> {
    tokio::fs::File::open(folder).await?.sync_all().await
}

/// Bytes as base64, for records that are JSON.
pub(super) mod base64 {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map(Bytes::from).map_err(D::Error::custom)
    }
}
