//! Marks in a data directory that keep a hub from starting on what is not whole, or not here any more.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use serde_json::Value;

/// A restore was begun and has not ended.
pub const RESTORING: Mark = Mark("restoring.json");
/// A move was begun, or has ended: see `moving`.
pub const MOVED: Mark = Mark("moved.json");

/// One kind of mark, by its file's name.
#[derive(Debug, Clone, Copy)]
pub struct Mark(&'static str);

impl Mark {
    pub fn is_set(self, data_dir: &Path) -> bool {
        data_dir.join(self.0).exists()
    }

    /// What was written into it; an unreadable one says nothing, and is a mark all the same.
    pub fn read(self, data_dir: &Path) -> Option<Value> {
        let text = std::fs::read_to_string(data_dir.join(self.0)).ok()?;
        Some(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Sets or replaces it; on the disk when this returns.
    pub fn set(self, data_dir: &Path, content: &Value) -> io::Result<()> {
        let beside = data_dir.join(format!("{}.new", self.0));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        writeln!(file, "{content:#}")?;
        file.sync_all()?;
        std::fs::rename(&beside, data_dir.join(self.0))?;
        File::open(data_dir)?.sync_all()
    }

    pub fn clear(self, data_dir: &Path) -> io::Result<()> {
        std::fs::remove_file(data_dir.join(self.0))?;
        File::open(data_dir)?.sync_all()
    }
}

/// Refuses to use the private database of a data directory that is marked.
pub fn refuse_marked(data_dir: &Path) -> anyhow::Result<()> {
    if RESTORING.is_set(data_dir) {
        anyhow::bail!(
            "a backup was being restored into {} and that was cut short; run the same turumba restore again",
            data_dir.display()
        );
    }
    let Some(moved) = MOVED.read(data_dir) else { return Ok(()) };
    let to = moved["to"].as_str().unwrap_or("another database");
    if moved["state"] == "moved" {
        anyhow::bail!(
            "the database of {} was moved to {to} and does not start here again; set DATABASE_URL to it, and \
             TURUMBA_SECRET_KEY to what is in {}",
            data_dir.display(),
            data_dir.join(super::secrets::FILE).display(),
        );
    }
    anyhow::bail!(
        "the database of {} is being moved to {to}; end it with turumba move --to, or call it off with turumba move \
         --give-up",
        data_dir.display()
    )
}
