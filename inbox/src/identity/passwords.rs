//! Passwords: argon2id (RFC 9106), hashed off the async threads, a few at a time.

use std::{sync::LazyLock, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use model::{Error, Result};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Shortest and longest password, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;
/// Each hashing takes 19 MiB and tens of milliseconds of one core: two at once, the others queue.
const AT_ONCE: usize = 2;
const PATIENCE: Duration = Duration::from_secs(10);

/// What is compared against when there is no such user, so that the answer takes as long as for one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(b"nobody has this password").unwrap_or_default());

/// Bounds how much hashing goes on at once.
pub(super) struct Hasher(Semaphore);

impl Default for Hasher {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Hasher {
    /// Hashes a new password, after checking it. `field` is named in a refusal.
    pub(super) async fn hash(&self, field: &str, password: &str) -> Result<String> {
        check(field, password)?;
        let password = Zeroizing::new(password.as_bytes().to_vec());
        self.work(move || hash_now(&password)).await?
    }

    /// Whether `password` is the one behind `stored`; without `stored`, `false` after the same work.
    pub(super) async fn verify(&self, stored: Option<String>, password: &str) -> Result<bool> {
        let password = Zeroizing::new(password.as_bytes().to_vec());
        self.work(move || {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| NOBODY.clone());
            let matches = PasswordHash::new(&stored)
                .is_ok_and(|hash| Argon2::default().verify_password(&password, &hash).is_ok());
            known && matches
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.0.acquire());
        let Ok(Ok(_turn)) = turn.await else {
            return Err(Error::unavailable("too many people are signing in at the moment; try again"));
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Refuses what is too short, too long or nothing but one character.
pub(super) fn check(field: &str, password: &str) -> Result<()> {
    let length = password.chars().count();
    if !LENGTH.contains(&length) {
        return Err(Error::invalid(
            field,
            format!("must have {} to {} characters", LENGTH.start(), LENGTH.end()),
        ));
    }
    let first = password.chars().next();
    if password.chars().all(|letter| Some(letter) == first) {
        return Err(Error::invalid(field, "must not be one character over and over"));
    }
    Ok(())
}

fn hash_now(password: &[u8]) -> Result<String> {
    Argon2::default()
        .hash_password(password)
        .map(|hash| hash.to_string())
        .map_err(|error| Error::internal(format!("argon2: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = Hasher::default();
        let hash = hasher.hash("password", "correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        assert!(hasher.verify(Some(hash.clone()), "correct horse").await.unwrap());
        assert!(!hasher.verify(Some(hash), "correct horsf").await.unwrap());
        assert!(!hasher.verify(None, "nobody has this password").await.unwrap(), "there is no such user");
    }

    #[test]
    fn weak_passwords_are_refused_by_field() {
        assert!(check("password", "short").is_err());
        assert!(check("password", "aaaaaaaaaaaa").is_err());
        assert!(check("password", &"ab".repeat(200)).is_err());
        assert!(check("password", "pässwörd").is_ok());
    }
}
