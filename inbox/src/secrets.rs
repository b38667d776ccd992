//! Sealing what must not be readable in the database: credentials of channels, signing keys.
//!
//! AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the text. The place that a
//! secret belongs to is bound in as associated data: a sealed value that was copied to another row
//! does not open there.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::fill,
};
use model::Error;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The installation's secret key, ready for use. It never prints itself.
pub struct SecretBox {
    key: LessSafeKey,
    bytes: Zeroizing<[u8; 32]>,
}

impl SecretBox {
    pub fn new(key: [u8; 32]) -> Result<Self, Error> {
        let unbound = UnboundKey::new(&AES_256_GCM, &key)
            .map_err(|_| Error::internal("the secret key was refused by the cipher"))?;
        Ok(Self { key: LessSafeKey::new(unbound), bytes: Zeroizing::new(key) })
    }

    /// Seals `plain` for `place`, for example `channel:ID`.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0u8; NONCE_LEN];
        fill(&mut nonce).map_err(|_| Error::internal("no randomness"))?;
        let mut sealed = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        Ok(out)
    }

    /// Opens what was sealed for the same `place` with the same key.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let wrong = || {
            Error::internal(format!(
                "the secret of {place} cannot be opened: it was sealed with another TURUMBA_SECRET_KEY"
            ))
        };
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut text = text.to_vec();
        let length =
            self.key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut text).map_err(|_| wrong())?.len();
        text.truncate(length);
        Ok(Zeroizing::new(text))
    }

    /// A key for another purpose, derived by name; knowing it tells nothing of this one.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(b"turumba derive 1\0");
        hash.update(self.bytes.as_slice());
        hash.update(purpose.as_bytes());
        Zeroizing::new(hash.finalize().into())
    }
}

impl std::fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBox(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretBox;

    #[test]
    fn a_secret_opens_only_in_its_place_and_with_its_key() {
        let one = SecretBox::new([7; 32]).unwrap();
        let other = SecretBox::new([8; 32]).unwrap();
        let sealed = one.seal("channel:1", b"token").unwrap();
        assert_eq!(one.open("channel:1", &sealed).unwrap().as_slice(), b"token");
        assert!(one.open("channel:2", &sealed).is_err());
        assert!(other.open("channel:1", &sealed).is_err());
        assert!(one.open("channel:1", &sealed[..5]).is_err());
        assert_ne!(one.seal("channel:1", b"token").unwrap(), sealed, "the nonce is fresh");
        assert_eq!(format!("{one:?}"), "SecretBox(…)");
    }
}
