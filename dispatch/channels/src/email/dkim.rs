//! Signing mails for a domain (RFC 6376, RFC 8463), relaxed in headers and body. The signature is the last thing that
//! is done to a mail.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{Ed25519KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::SendError;

/// Headers that are signed where the mail has them. `From` twice: a second one that is added later breaks the
/// signature.
const SIGNED: [&str; 14] = [
    "from",
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "mime-version",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

enum Key {
    Rsa(KeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A domain's key.
pub(super) struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

impl Signer {
    /// Reads a private key in PEM (RSA as PKCS #1 or #8, Ed25519 as PKCS #8).
    pub(super) fn new(domain: &str, selector: &str, pem: &str) -> Result<Self, SendError> {
        let unreadable = |why: &str| SendError::config(format!("dkim_private_key: {why}"));
        // a form may have made one line of it
        let encoded = pem.split("-----").find(|piece| piece.trim().len() > 64).unwrap_or(pem);
        let encoded: String = encoded.split_whitespace().collect();
        let der = STANDARD.decode(encoded).map_err(|_| unreadable("the text is not PEM"))?;
        let key = match KeyPair::from_der(&der).or_else(|_| KeyPair::from_pkcs8(&der)) {
            Ok(key) => Key::Rsa(key),
            Err(_) => Key::Ed25519(
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
                    .map_err(|_| unreadable("neither an RSA key of 2048 bits or more nor an Ed25519 key"))?,
            ),
        };
        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), key })
    }

    /// The mail with its signature before everything else.
    pub(super) fn sign(&self, mail: &[u8], now: i64) -> Result<Vec<u8>, SendError> {
        let (head, body) = divide(mail);
        let headers = headers(head);
        let mut names = Vec::new();
        let mut signed = Vec::new();
        let mut used = vec![false; headers.len()];
        for wanted in SIGNED {
            // from the last one up, as verifiers take them
            let found = headers.iter().enumerate().rev().find(|(n, (name, _))| !used[*n] && name == wanted);
            if let Some((n, (name, value))) = found {
                used[n] = true;
                signed.extend_from_slice(relaxed(name, value).as_bytes());
                signed.extend_from_slice(b"\r\n");
            } else if wanted != "from" {
                continue;
            }
            names.push(wanted);
        }
        let algorithm = match &self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let hash = STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let value = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};\r\n\tt={now}; h={};\r\n\tbh={hash};\r\n\tb=",
            self.domain,
            self.selector,
            names.join(":\r\n\t "),
        );
        signed.extend_from_slice(relaxed("dkim-signature", value.as_bytes()).as_bytes());
        let signature = STANDARD.encode(self.seal(&signed)?);
        let folded =
            signature.as_bytes().chunks(70).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n\t ");
        let mut out = format!("DKIM-Signature: {value}{folded}\r\n").into_bytes();
        out.extend_from_slice(mail);
        Ok(out)
    }

    fn seal(&self, signed: &[u8]) -> Result<Vec<u8>, SendError> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature)
                    .map_err(|_| SendError::config("dkim_private_key: the key cannot sign"))?;
                Ok(signature)
            }
            // RFC 8463: the hash is what is signed
            Key::Ed25519(key) => Ok(key.sign(&Sha256::digest(signed)).as_ref().to_vec()),
        }
    }
}

/// Head and body of a mail, without the empty line between them.
fn divide(mail: &[u8]) -> (&[u8], &[u8]) {
    match mail.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&mail[..at + 2], &mail[at + 4..]),
        None => (mail, b""),
    }
}

/// Header names in lower case with their values as they stand.
fn headers(head: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        match (line.first(), all.last_mut()) {
            (Some(b' ' | b'\t'), Some((_, value))) => value.extend_from_slice(line),
            _ => {
                let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
                let name = String::from_utf8_lossy(&line[..colon]).trim().to_lowercase();
                all.push((name, line[colon + 1..].to_vec()));
            }
        }
    }
    all
}

/// A header as RFC 6376 §3.4.2 has it: unfolded, white space of one blank, none around the colon.
fn relaxed(name: &str, value: &[u8]) -> String {
    let value = String::from_utf8_lossy(value);
    format!("{name}:{}", value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

/// A body as RFC 6376 §3.4.4 has it.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut kept = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut blank = false;
        let begin = out.len();
        for byte in line {
            if matches!(byte, b' ' | b'\t') {
                blank = true;
                continue;
            }
            if blank {
                out.push(b' ');
                blank = false;
            }
            out.push(*byte);
        }
        let is_empty = out.len() == begin;
        out.extend_from_slice(b"\r\n");
        if !is_empty {
            kept = out.len();
        }
    }
    out.truncate(kept);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_examples() {
        // RFC 6376 §3.4.5
        assert_eq!(relaxed("a", b" X\r\n"), "a:X");
        assert_eq!(relaxed("b", b" Y\t\r\n\tZ  \r\n"), "b:Y Z");
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
        // the hash of an empty body
        assert_eq!(
            STANDARD.encode(Sha256::digest(relaxed_body(b""))),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        for bad in ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
            assert!(Signer::new("x.test", "s1", bad).is_err());
        }
    }
}
