//! Who people are: accounts, users, roles, memberships, sign-ins, tokens and API keys.
//!
//! [`authenticate`] turns a credential into a [`Context`]; nothing else but [`operator`] can make one.
//! What it finds is kept for 30 seconds and dropped at once when a [`Revocation`] says so.

pub mod accounts;
pub mod api_keys;
pub mod authenticate;
pub(crate) mod avatars;
pub mod keys;
pub mod memberships;
mod passwords;
pub mod revocations;
pub mod roles;
pub mod sessions;
pub mod setup;
#[cfg(test)]
mod tests;
mod tokens;
pub mod users;

use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;

pub use authenticate::{authenticate, operator, renew};
pub use revocations::{Revocation, RevocationKind, Revocations};
pub use sessions::{Device, login, logout, refresh};
pub use tokens::Tokens;

use crate::Context;

/// How long a caller is remembered without asking the store.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(30);
/// How many callers are remembered.
const MOST: u64 = 20_000;

/// What one process keeps of identity: callers it knows, signing keys, revocations.
pub(crate) struct Keeper {
    /// By the hash of the credential.
    callers: Cache<[u8; 32], Context>,
    /// Rises with every revocation: what was read before one is not remembered after it.
    generation: AtomicU64,
    keys: keys::Keys,
    hasher: passwords::Hasher,
    revocations: Revocations,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            callers: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build(),
            generation: AtomicU64::new(0),
            keys: keys::Keys::default(),
            hasher: passwords::Hasher::default(),
            revocations: Revocations::default(),
        }
    }
}

impl Keeper {
    pub(crate) fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Remembers a caller that was read when the generation was `read_in`.
    fn remember(&self, credential: [u8; 32], caller: &Context, read_in: u64) {
        self.callers.insert(credential, caller.clone());
        if self.generation() != read_in {
            self.callers.invalidate(&credential);
        }
    }

    fn forget(&self, revocation: &Revocation) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        for (credential, caller) in &self.callers {
            if revocation.concerns(&caller) {
                self.callers.invalidate(credential.as_ref());
            }
        }
    }
}
