//! Packets of Engine.IO 4.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tungstenite::Utf8Bytes;

use super::{Message, Outgoing};

/// Between the packets of a polling body.
const SEPARATOR: char = '\x1e';

/// The client sent what cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// A packet from a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    Message(Message),
    Pong,
    Close,
}

/// Reads a text packet.
pub(super) fn decode(text: &Utf8Bytes) -> Result<Incoming, Malformed> {
    let bytes = Bytes::from(text.clone());
    match bytes.first() {
        Some(b'4') => {
            // what follows one ASCII byte of valid text is valid text
            let rest = Utf8Bytes::try_from(bytes.slice(1..)).map_err(|_| Malformed)?;
            Ok(Incoming::Message(Message::Text(rest)))
        }
        Some(b'3') => Ok(Incoming::Pong),
        Some(b'1') if bytes.len() == 1 => Ok(Incoming::Close),
        _ => Err(Malformed),
    }
}

/// Reads the body of a polling request: at most `most` packets.
pub fn decode_payload(body: Bytes, most: usize) -> Result<Vec<Incoming>, Malformed> {
    let body = Utf8Bytes::try_from(body).map_err(|_| Malformed)?;
    let mut packets = Vec::new();
    for packet in body.as_str().split(SEPARATOR) {
        if packets.len() == most {
            return Err(Malformed);
        }
        packets.push(match packet.strip_prefix('b') {
            Some(encoded) => {
                let bytes = STANDARD.decode(encoded).map_err(|_| Malformed)?;
                Incoming::Message(Message::Binary(bytes.into()))
            }
            None => decode(&Utf8Bytes::from(packet))?,
        });
    }
    Ok(packets)
}

/// Appends a packet to the body of a polling answer.
pub(super) fn encode(body: &mut Vec<u8>, packet: &Outgoing) {
    let between = |body: &mut Vec<u8>| {
        if !body.is_empty() {
            body.push(SEPARATOR as u8);
        }
    };
    match packet {
        Outgoing::Text(text, tail) => {
            between(body);
            for part in tail.of(text) {
                body.extend_from_slice(part);
            }
        }
        Outgoing::Binary(bytes) => {
            between(body);
            body.push(b'b');
            body.extend_from_slice(STANDARD.encode(bytes).as_bytes());
        }
        Outgoing::Close => {
            between(body);
            body.push(b'1');
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Incoming, Malformed, decode_payload, encode};
    use crate::eio::{Message, Outgoing, Tail};

    #[test]
    fn a_body_holds_packets_of_both_kinds() {
        let body = Bytes::from_static(b"4hello\x1ebAQIDBA==\x1e3\x1e1");
        let expected = vec![
            Incoming::Message(Message::Text("hello".into())),
            Incoming::Message(Message::Binary(Bytes::from_static(&[1, 2, 3, 4]))),
            Incoming::Pong,
            Incoming::Close,
        ];
        assert_eq!(decode_payload(body, 4), Ok(expected));
    }

    #[test]
    fn bodies_that_cannot_be_are_refused() {
        for body in ["", "abc", "0", "2", "5", "6", "4a\x1e", "\x1e4a", "b!", "12", "é"] {
            assert_eq!(
                decode_payload(Bytes::copy_from_slice(body.as_bytes()), 10),
                Err(Malformed),
                "{body:?}"
            );
        }
        assert_eq!(decode_payload(Bytes::from_static(&[b'4', 0xff]), 10), Err(Malformed));
        assert_eq!(decode_payload(Bytes::from_static(b"4a\x1e4b\x1e4c"), 2), Err(Malformed), "too many");
        assert_eq!(decode_payload(vec![0x1e; 99_000].into(), 1024), Err(Malformed));
    }

    #[test]
    fn answers_are_bodies_too() {
        let mut body = Vec::new();
        encode(&mut body, &Outgoing::Text(Bytes::from_static(b"42[\"a\"]"), Tail::default()));
        encode(&mut body, &Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
        encode(&mut body, &Outgoing::Text(Bytes::from_static(b"42[\"b\"]"), Tail::counted(u64::MAX)));
        let expected = "42[\"a\"]\x1ebAQIDBA==\x1e42[\"b\",\"18446744073709551615\"]";
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn arbitrary_bodies_never_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _read_or_refused = decode_payload(body.into(), 16);
        }
    }
}
