//! The key that seals secrets in the database (channel credentials, signing keys).
//!
//! With the private database it is made at the first start and kept beside it in the data directory. With a database
//! of the operator's own it must be given: a key that only one machine knows would make that database unreadable
//! from every other.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rand::RngCore as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::postgres::has_home;

/// The key's file in the data directory, 0600, 64 hex digits and a newline.
pub const FILE: &str = "secret.key";

/// Why there is no secret key.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    #[error("TURUMBA_SECRET_KEY must be 64 hex digits (32 bytes); make one with: openssl rand -hex 32")]
    NotHex,
    #[error(
        "TURUMBA_SECRET_KEY is required when DATABASE_URL is set: secrets in that database are sealed with it, and \
         every hub on it needs the same; make one with: openssl rand -hex 32"
    )]
    Required,
    #[error(
        "{path} does not hold 64 hex digits; put the key back from your backup, or give it as TURUMBA_SECRET_KEY"
    )]
    Damaged { path: PathBuf },
    #[error(
        "TURUMBA_SECRET_KEY differs from the key in {path}, with which this data directory's secrets are sealed"
    )]
    Differs { path: PathBuf },
    #[error(
        "{path} is missing, and the secrets of this data directory's database are sealed with it; put it back from \
         your backup, or give the key as TURUMBA_SECRET_KEY"
    )]
    Missing { path: PathBuf },
    #[error("the secret key {path} cannot be kept: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// 32 bytes that are never printed and are wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// Reads 64 hex digits.
    pub fn from_hex(text: &str) -> Result<Self, SecretKeyError> {
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), key.as_mut_slice()).map_err(|_| SecretKeyError::NotHex)?;
        Ok(Self(key))
    }

    /// A new one from the operating system's randomness.
    pub fn random() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rand::rng().fill_bytes(key.as_mut_slice());
        Self(key)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Whose database the secrets lie in.
#[derive(Debug, Clone, Copy)]
pub enum SealedIn<'a> {
    /// The private one of this (held) data directory.
    Private { data_dir: &'a Path },
    /// The operator's, by `DATABASE_URL`.
    Operators,
}

/// The key in force: the one given, else the one kept in the data directory, else, where there is no database yet, a
/// new one, which is on disk (and its directory flushed) before this returns.
pub fn secret_key(given: Option<&SecretKey>, sealed_in: SealedIn<'_>) -> Result<SecretKey, SecretKeyError> {
    match (sealed_in, given) {
        (SealedIn::Operators, None) => Err(SecretKeyError::Required),
        (SealedIn::Operators, Some(key)) => Ok(key.clone()),
        (SealedIn::Private { data_dir }, given) => match (kept(data_dir)?, given) {
            (Some(kept), Some(given)) if kept != *given => {
                Err(SecretKeyError::Differs { path: data_dir.join(FILE) })
            }
            (Some(kept), _) => Ok(kept),
            // whether it is the right one, the database will tell: then it is kept
            (None, Some(given)) if has_home(data_dir) => Ok(given.clone()),
            (None, None) if has_home(data_dir) => Err(SecretKeyError::Missing { path: data_dir.join(FILE) }),
            (None, given) => {
                let key = given.cloned().unwrap_or_else(SecretKey::random);
                keep(data_dir, &key)
                    .map_err(|source| SecretKeyError::Io { path: data_dir.join(FILE), source })?;
                Ok(key)
            }
        },
    }
}

/// Keeps a key that has opened the database, if the data directory has none.
pub fn keep_proven(data_dir: &Path, key: &SecretKey) -> Result<(), SecretKeyError> {
    let path = data_dir.join(FILE);
    if path.exists() {
        return Ok(());
    }
    keep(data_dir, key).map_err(|source| SecretKeyError::Io { path, source })
}

/// The file in which a data directory keeps its key, if it does.
pub fn kept_file(data_dir: &Path) -> Option<PathBuf> {
    Some(data_dir.join(FILE)).filter(|file| file.is_file())
}

fn kept(data_dir: &Path) -> Result<Option<SecretKey>, SecretKeyError> {
    let path = data_dir.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            SecretKey::from_hex(&text).map(Some).map_err(|_| SecretKeyError::Damaged { path })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SecretKeyError::Io { path, source }),
    }
}

/// Written whole beside its place and renamed, so that a crash leaves no half key.
fn keep(data_dir: &Path, key: &SecretKey) -> io::Result<()> {
    let beside = data_dir.join(format!("{FILE}.new"));
    match std::fs::remove_file(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let mut text = hex::encode(key.bytes());
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    text.zeroize();
    written?;
    std::fs::rename(&beside, data_dir.join(FILE))?;
    File::open(data_dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn made_once_and_kept_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let place = SealedIn::Private { data_dir: dir.path() };
        let first = secret_key(None, place).unwrap();
        assert_eq!(secret_key(None, place).unwrap(), first);
        let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!format!("{first:?}").contains(&hex::encode(first.bytes())[..8]));
    }

    #[test]
    fn a_given_key_is_kept_and_another_is_refused_later() {
        let dir = tempfile::tempdir().unwrap();
        let place = SealedIn::Private { data_dir: dir.path() };
        let given = SecretKey::random();
        assert_eq!(secret_key(Some(&given), place).unwrap(), given);
        assert_eq!(secret_key(None, place).unwrap(), given);
        let other = secret_key(Some(&SecretKey::random()), place).unwrap_err();
        assert!(matches!(other, SecretKeyError::Differs { .. }));
    }

    #[test]
    fn required_with_the_operators_database_and_never_guessed_from_damage() {
        let refused = secret_key(None, SealedIn::Operators).unwrap_err().to_string();
        assert!(refused.contains("TURUMBA_SECRET_KEY") && refused.contains("DATABASE_URL"), "{refused}");
        assert!(matches!(SecretKey::from_hex("abc"), Err(SecretKeyError::NotHex)));
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "").unwrap();
        let damaged = secret_key(None, SealedIn::Private { data_dir: dir.path() }).unwrap_err();
        assert!(matches!(damaged, SecretKeyError::Damaged { .. }));
    }
}
