//! Vonage's signature: an HMAC over all parameters in the order of their names.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

use crate::{VerifyError, credentials::same};

/// Accepts SHA-256 and SHA-512; the length tells which. MD5, plain or keyed, is refused.
pub(super) fn verify(secret: &str, fields: &BTreeMap<String, String>) -> Result<(), VerifyError> {
    let given = fields.get("sig").ok_or(VerifyError::Missing)?.to_ascii_lowercase();
    let ours = match given.len() {
        64 => sign::<Hmac<Sha256>>(secret, fields),
        128 => sign::<Hmac<Sha512>>(secret, fields),
        _ => return Err(VerifyError::Mismatch),
    };
    if same(given.as_bytes(), ours.as_bytes()) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

pub(super) fn sign<M: Mac + KeyInit>(secret: &str, fields: &BTreeMap<String, String>) -> String {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret.as_bytes()) else { return String::new() };
    for (name, value) in fields.iter().filter(|(name, _)| *name != "sig") {
        // the separators may not come out of a value
        let value = value.replace(['&', '='], "_");
        mac.update(format!("&{name}={value}").as_bytes());
    }
    hex::encode(mac.finalize().into_bytes())
}
