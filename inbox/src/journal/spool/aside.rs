//! Webhooks that cannot be looked at for a reason that does not pass by itself: each in a file of its own, so
//! that nothing waits behind it. They are looked at again while the drain is idle.

use std::{
    ffi::OsStr,
    io::{self, Write},
    path::PathBuf,
};

use super::{Spool, blocking, private};
use crate::journal::Unverified;

const ENDING: &str = "aside";

impl Spool {
    /// Keeps a webhook; fsynced when it returns.
    pub(in crate::journal) async fn put_aside(&self, webhook: &Unverified) -> io::Result<()> {
        let path = self.aside_path(webhook);
        let json = serde_json::to_vec(webhook)?;
        blocking(move || {
            let mut file = private().create(true).truncate(true).write(true).open(path)?;
            file.write_all(&json)?;
            file.sync_all()
        })
        .await
    }

    /// What was put aside, oldest first. A file that cannot be read is left for a person.
    pub(in crate::journal) async fn aside(&self) -> io::Result<Vec<Unverified>> {
        let dir = self.dir.clone();
        blocking(move || {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(&dir)? {
                let path = entry?.path();
                if path.extension() != Some(OsStr::new(ENDING)) {
                    continue;
                }
                match serde_json::from_slice::<Unverified>(&std::fs::read(&path)?) {
                    Ok(webhook) => found.push(webhook),
                    Err(error) => {
                        tracing::debug!(file = %path.display(), %error, "a file put aside cannot be read");
                    }
                }
            }
            found.sort_by_key(|webhook| webhook.id);
            Ok(found)
        })
        .await
    }

    /// Forgets one that is in the store, or is nothing to keep.
    pub(in crate::journal) async fn drop_aside(&self, webhook: &Unverified) -> io::Result<()> {
        let path = self.aside_path(webhook);
        blocking(move || std::fs::remove_file(path)).await
    }

    fn aside_path(&self, webhook: &Unverified) -> PathBuf {
        self.dir.join(format!("{}.{ENDING}", webhook.id))
    }
}
