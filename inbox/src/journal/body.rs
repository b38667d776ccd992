//! Bodies as bytes: large ones in files, and in text as base64.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

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
    pub(super) async fn open(dir: PathBuf) -> io::Result<Self> {
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
            write_durably(&folder, &self.dir.join(&name), &body.body).await?;
            files.insert(body.id, name);
        }
        if !files.is_empty() {
            sync_folder(&self.dir).await?;
        }
        Ok(files)
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
