//! MessageBird's signature: a JWT (RFC 7519) with hashes of the address and of the body.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::{VerifyError, WebhookRequest, credentials::same};

const HEADER: &str = "messagebird-signature-jwt";

/// Its times are not looked at: a webhook may wait for our store, and one that comes again changes nothing.
pub(super) fn verify(key: &str, request: &WebhookRequest) -> Result<(), VerifyError> {
    let token = request.header(HEADER).ok_or(VerifyError::Missing)?;
    genuine(key, token, request).filter(|genuine| *genuine).map(|_| ()).ok_or(VerifyError::Mismatch)
}

fn genuine(key: &str, token: &str, request: &WebhookRequest) -> Option<bool> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, claims) = signed.split_once('.')?;
    let head = json(head)?;
    // what the token says of itself may choose among these three, and nothing else
    let ours = match head["alg"].as_str()? {
        "HS256" => sign::<Hmac<Sha256>>(key, signed)?,
        "HS384" => sign::<Hmac<Sha384>>(key, signed)?,
        "HS512" => sign::<Hmac<Sha512>>(key, signed)?,
        _ => return None,
    };
    let given = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !same(&given, &ours) {
        return None;
    }
    let claims = json(claims)?;
    let hashed = |bytes: &[u8], claim: &Value| {
        let ours = hex::encode(Sha256::digest(bytes));
        claim.as_str().is_some_and(|given| same(given.as_bytes(), ours.as_bytes()))
    };
    let body = if request.body.is_empty() {
        claims["payload_hash"].is_null()
    } else {
        hashed(&request.body, &claims["payload_hash"])
    };
    Some(claims["iss"] == "MessageBird" && hashed(request.url.as_bytes(), &claims["url_hash"]) && body)
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

pub(super) fn sign<M: Mac + KeyInit>(key: &str, signed: &str) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}
