//! The data directory and who may use it.
//!
//! One hub, or one command, holds a data directory at a time (`hub.lock`). Commands that find a running database
//! use it, and hold `users.lock` shared while they do, so that a command that started the database does not stop
//! it under them. Both are locks of the operating system: they end with the process, however it ends.

use std::{
    fs::{File, OpenOptions, Permissions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Between two tries for a lock that another process holds.
const TRY_EVERY: Duration = Duration::from_millis(50);
/// How long a starting hub waits for a command to finish with the data directory.
const COMMAND_PATIENCE: Duration = Duration::from_secs(30);

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(
        "the data directory {path} is in use by another hub (process {pid}); stop it, or choose another with --data-dir"
    )]
    InUse { path: PathBuf, pid: u32 },
    #[error("the data directory {path} is held by a command (process {pid}) that does not end; try again")]
    HeldByCommand { path: PathBuf, pid: u32 },
    #[error("the data directory {path} cannot be used: {source} (choose another with --data-dir)")]
    Io { path: PathBuf, source: io::Error },
}

/// Who holds a data directory; written into the lock file so that others know whether waiting is worth it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A hub, which keeps it until it is told to stop.
    Hub,
    /// A command, which ends soon.
    Command,
}

impl Holder {
    const fn word(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Command => "command",
        }
    }
}

/// A data directory held exclusively by this process until dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    made: bool,
    _lock: File,
    users: File,
}

impl DataDir {
    /// Makes the directory (0700) if it is missing and takes its lock. A hub waits up to 30 s for a command to end
    /// and is refused at once when another hub holds the directory; so is a command.
    pub async fn hold(path: &Path, holder: Holder) -> Result<Self, DataDirError> {
        let started = Instant::now();
        loop {
            match Self::try_hold(path, holder)? {
                Ok(held) => return Ok(held),
                Err((Holder::Hub, pid)) => {
                    return Err(DataDirError::InUse { path: path.to_owned(), pid });
                }
                Err((Holder::Command, pid)) if started.elapsed() > COMMAND_PATIENCE => {
                    return Err(DataDirError::HeldByCommand { path: path.to_owned(), pid });
                }
                Err((Holder::Command, _)) => tokio::time::sleep(TRY_EVERY).await,
            }
        }
    }

    /// One try; the inner error says who holds it.
    pub(super) fn try_hold(path: &Path, holder: Holder) -> Result<Result<Self, (Holder, u32)>, DataDirError> {
        let failed = |source| DataDirError::Io { path: path.to_owned(), source };
        let made = make_private_dir(path).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let failed = |source| DataDirError::Io { path: path.clone(), source };
        let mut lock = open_lock(&path.join("hub.lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Err(read_holder(&mut lock).map_err(failed)?)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        write_holder(&mut lock, holder).map_err(failed)?;
        let users = open_lock(&path.join("users.lock")).map_err(failed)?;
        Ok(Ok(Self { path, made, _lock: lock, users }))
    }

    /// The absolute path, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this process made the directory.
    pub(super) fn was_made(&self) -> bool {
        self.made
    }

    /// Waits until nobody else uses the database of this directory, at most `patience`. While the returned file
    /// lives nobody can begin to.
    pub(super) async fn wait_for_users(&self, patience: Duration) -> io::Result<File> {
        let users = self.users.try_clone()?;
        let started = Instant::now();
        loop {
            match users.try_lock() {
                Ok(()) => return Ok(users),
                Err(TryLockError::WouldBlock) if started.elapsed() >= patience => return Ok(users),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(TRY_EVERY).await,
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// Joins those who use the running database of a data directory; `None` while its holder is about to stop it.
pub(super) fn join_users(path: &Path) -> io::Result<Option<File>> {
    let users = open_lock(&path.join("users.lock"))?;
    match users.try_lock_shared() {
        Ok(()) => Ok(Some(users)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Makes a directory that only its owner may enter, with its parents; says whether it was made. One that is there
/// already keeps its permissions: they are its owner's choice.
pub fn make_private_dir(path: &Path) -> io::Result<bool> {
    if path.is_dir() {
        return Ok(false);
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(false),
        Err(error) => return Err(error),
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    Ok(true)
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn write_holder(lock: &mut File, holder: Holder) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    write!(lock, "{} {}", holder.word(), std::process::id())
}

/// Who wrote the lock file. It is empty for the instant between taking and writing: then waiting is worth it.
fn read_holder(lock: &mut File) -> io::Result<(Holder, u32)> {
    let mut text = String::new();
    lock.rewind()?;
    lock.read_to_string(&mut text)?;
    let mut words = text.split_whitespace();
    let holder = if words.next() == Some("hub") { Holder::Hub } else { Holder::Command };
    Ok((holder, words.next().and_then(|pid| pid.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_hub_is_refused_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let held = DataDir::hold(&data, Holder::Hub).await.unwrap();
        assert!(held.was_made());
        let refused = DataDir::hold(&data, Holder::Hub).await.unwrap_err();
        assert!(matches!(refused, DataDirError::InUse { pid, .. } if pid == std::process::id()), "{refused}");
        assert!(refused.to_string().contains("--data-dir"));
        drop(held);
        assert!(!DataDir::hold(&data, Holder::Hub).await.unwrap().was_made());
    }

    #[tokio::test]
    async fn a_hub_waits_for_a_command() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataDir::hold(dir.path(), Holder::Command).await.unwrap();
        let path = dir.path().to_owned();
        let hub = tokio::spawn(async move { DataDir::hold(&path, Holder::Hub).await });
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(!hub.is_finished());
        drop(held);
        hub.await.unwrap().unwrap();
    }
}
