//! Names of our own that come back: the `Message-ID` of what we sent, the token in the address to which a customer
//! answers, and the one behind an unsubscribe link. Each carries a code that only the hub can make, so that nobody
//! speaks for somebody else's mail.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::normal;
use crate::credentials::same;

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters of a code: 80 bits.
const CODE: usize = 16;

/// The `Message-ID` of a part, without its brackets. The code binds it to the recipient: only who got the mail can
/// say that it bounced.
pub(super) fn message_id(secret: Option<&str>, message: Uuid, part: usize, to: &str, domain: &str) -> String {
    let name = format!("{}.{part}", message.simple());
    match secret {
        Some(secret) => format!("{name}.{}@{domain}", code(secret, "id", &[&name, &normal(to)])),
        None => format!("{name}@{domain}"),
    }
}

/// Whether we gave a mail to this recipient this id.
pub(super) fn is_ours(secret: Option<&str>, id: &str, to: &str) -> bool {
    let (Some(secret), Some((local, _))) = (secret, id.rsplit_once('@')) else { return false };
    let Some((name, given)) = local.rsplit_once('.') else { return false };
    same(given.as_bytes(), code(secret, "id", &[name, &normal(to)]).as_bytes())
}

/// The address to which a customer answers: the local part is at most 64 octets, and comes back in lower case.
pub(super) fn reply_address(secret: &str, message: Uuid, part: usize, base: &str) -> Option<String> {
    let (local, domain) = base.rsplit_once('@')?;
    let name = base32(message.as_bytes());
    let token = format!("{name}{part}-{}", code(secret, "reply", &[&format!("{name}{part}")]));
    let address = format!("{local}+{token}@{domain}");
    (local.len() + 1 + token.len() <= 64).then_some(address)
}

/// The message and part that an address of ours stands for, if the token is genuine.
pub(super) fn answered(secret: &str, address: &str) -> Option<(Uuid, usize)> {
    let (local, _) = address.rsplit_once('@')?;
    let token = local.split_once('+').map_or(local, |(_, token)| token).to_lowercase();
    let (name, given) = token.split_once('-')?;
    if !same(given.as_bytes(), code(secret, "reply", &[name]).as_bytes()) {
        return None;
    }
    let (id, part) = name.split_at_checked(26)?;
    Some((Uuid::from_bytes(unbase32(id)?), part.parse().ok()?))
}

/// What stands in an unsubscribe link: who, and that we wrote it.
pub(super) fn unsubscribe(secret: &str, address: &str) -> String {
    let address = normal(address);
    format!("{}.{}", hex::encode(&address), code(secret, "unsubscribe", &[&address]))
}

/// The address that a genuine unsubscribe token names.
pub(super) fn unsubscriber(secret: &str, token: &str) -> Option<String> {
    let (address, given) = token.split_once('.')?;
    let address = String::from_utf8(hex::decode(address).ok()?).ok()?;
    same(given.as_bytes(), code(secret, "unsubscribe", &[&address]).as_bytes()).then_some(address)
}

fn code(secret: &str, what: &str, parts: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("v1:{what}:{}", parts.join("|")).as_bytes());
    let mut code = base32(&mac.finalize().into_bytes());
    code.truncate(CODE);
    code
}

/// RFC 4648 in lower case, without padding.
fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[((held >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(LETTERS[((held << (5 - bits)) & 31) as usize]));
    }
    out
}

/// The first sixteen octets of 26 letters.
fn unbase32(text: &str) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    let (mut held, mut bits, mut at) = (0u32, 0u32, 0);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        held = (held << 5) | value as u32;
        bits += 5;
        if bits >= 8 && at < out.len() {
            bits -= 8;
            out[at] = (held >> bits) as u8;
            at += 1;
        }
    }
    (at == out.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_believed_of_their_recipient_only() {
        let message = Uuid::from_u128(7);
        let id = message_id(Some("s"), message, 0, "Ada@y.test", "shop.example");
        assert!(is_ours(Some("s"), &id, "ada@y.test"));
        assert!(!is_ours(Some("s"), &id, "eve@y.test") && !is_ours(Some("t"), &id, "ada@y.test"));
        assert!(!is_ours(None, &id, "ada@y.test") && !is_ours(Some("s"), "x@y", "ada@y.test"));
        let plain = message_id(None, message, 2, "ada@y.test", "shop.example");
        assert_eq!(plain, "00000000000000000000000000000007.2@shop.example");
    }

    #[test]
    fn an_answers_address_is_short_and_survives_lower_case() {
        let message = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001);
        let address = reply_address("s", message, 3, "support@shop.example").unwrap();
        assert!(address.starts_with("support+") && address.split('@').next().unwrap().len() <= 64);
        assert_eq!(answered("s", &address), Some((message, 3)));
        assert_eq!(answered("s", &address.to_uppercase()), Some((message, 3)));
        assert_eq!(answered("t", &address), None);
        assert_eq!(answered("s", &address.replacen("3-", "4-", 1)), None);
        for other in ["support@shop.example", "a+b-c@x", "a+-@x", "@", ""] {
            assert_eq!(answered("s", other), None, "{other}");
        }
        assert_eq!(reply_address("s", message, 0, "a-very-long-local-part-of-an-address@x.test"), None);
    }

    #[test]
    fn an_unsubscribe_link_is_for_one_address() {
        let token = unsubscribe("s", "Ada@Y.test");
        assert_eq!(unsubscriber("s", &token).as_deref(), Some("ada@y.test"));
        assert_eq!(unsubscriber("t", &token), None);
        let forged = format!("{}.{}", hex::encode("eve@y.test"), token.split_once('.').unwrap().1);
        assert_eq!(unsubscriber("s", &forged), None);
    }

    #[test]
    fn base32_is_the_standards() {
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
        assert_eq!(unbase32(&base32(&[7; 16])), Some([7; 16]));
        assert_eq!(unbase32("short"), None);
    }
}
