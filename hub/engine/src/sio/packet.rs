//! Packets of Socket.IO 5: `<type>[<attachments>-][<namespace>,][<id>][<json>]`.
//!
//! A decoder of its own, because little is needed: the packet is cut, its JSON is checked to be of the
//! right form, and the arguments stay text until somebody wants them.

use serde_json::value::RawValue;

use crate::eio::Malformed;

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
}

/// A packet from a client, without its attachments.
#[derive(Debug)]
pub struct Packet<'p> {
    pub kind: Kind,
    /// Binary parts that follow; `None` in a packet that has none by its type.
    pub attachments: Option<usize>,
    /// With its slash; `/` when none is named. A query is left out.
    pub namespace: &'p str,
    pub id: Option<u64>,
    pub data: Option<Data<'p>>,
}

/// What a packet carries.
#[derive(Debug)]
pub enum Data<'p> {
    /// Of a CONNECT.
    Object(&'p RawValue),
    /// Of an EVENT, its name first, or an ACK.
    Array(Vec<&'p RawValue>),
}

/// Longest name of a namespace: a refusal repeats it.
const NAME: usize = 128;

impl<'p> Packet<'p> {
    /// Reads a packet's text, as it is after Engine.IO's `4`.
    pub fn decode(text: &'p str) -> Result<Self, Malformed> {
        let (kind, rest) = text.split_at_checked(1).ok_or(Malformed)?;
        let (kind, is_binary) = match kind {
            "0" => (Kind::Connect, false),
            "1" => (Kind::Disconnect, false),
            "2" => (Kind::Event, false),
            "3" => (Kind::Ack, false),
            "5" => (Kind::Event, true),
            "6" => (Kind::Ack, true),
            _ => return Err(Malformed),
        };
        let (attachments, rest) = if is_binary {
            let (count, rest) = rest.split_once('-').ok_or(Malformed)?;
            (Some(number(count)? as usize), rest)
        } else {
            (None, rest)
        };
        let (namespace, rest) =
            if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
        let namespace = namespace.split_once('?').map_or(namespace, |(name, _)| name);
        if namespace.len() > NAME {
            return Err(Malformed);
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (id, json) = rest.split_at(digits);
        let id = if id.is_empty() { None } else { Some(number(id)?) };
        let data = match kind {
            Kind::Connect if json.is_empty() => None,
            Kind::Connect => {
                let object: &RawValue = serde_json::from_str(json).map_err(|_| Malformed)?;
                Some(Data::Object(if object.get().starts_with('{') {
                    object
                } else {
                    return Err(Malformed);
                }))
            }
            Kind::Disconnect if json.is_empty() => None,
            Kind::Disconnect => return Err(Malformed),
            Kind::Event | Kind::Ack => Some(Data::Array(serde_json::from_str(json).map_err(|_| Malformed)?)),
        };
        let is_whole = match (kind, &data) {
            (Kind::Connect | Kind::Disconnect, _) => id.is_none(),
            (Kind::Event, Some(Data::Array(args))) => {
                args.first().is_some_and(|name| name.get().starts_with('"'))
            }
            (Kind::Ack, _) => id.is_some(),
            _ => false,
        };
        if is_whole { Ok(Self { kind, attachments, namespace, id, data }) } else { Err(Malformed) }
    }
}

/// Digits, at most twenty, without a sign.
fn number(digits: &str) -> Result<u64, Malformed> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().map_err(|_| Malformed) } else { Err(Malformed) }
}

/// Whether each of `count` attachments has exactly one placeholder among the arguments.
pub(super) fn places_fit(args: &[&RawValue], count: usize) -> bool {
    fn look(value: &serde_json::Value, seen: &mut [bool]) -> bool {
        match value {
            serde_json::Value::Array(values) => values.iter().all(|value| look(value, seen)),
            serde_json::Value::Object(fields) => {
                if fields.get("_placeholder") == Some(&serde_json::Value::Bool(true)) {
                    let place = fields.get("num").and_then(serde_json::Value::as_u64);
                    let place = place.and_then(|at| seen.get_mut(usize::try_from(at).ok()?));
                    return place.is_some_and(|place| !std::mem::replace(place, true));
                }
                fields.values().all(|value| look(value, seen))
            }
            _ => true,
        }
    }
    let mut seen = vec![false; count];
    let all_known = args.iter().all(|arg| {
        // too deep to be read is too deep to be sent
        serde_json::from_str(arg.get()).is_ok_and(|value| look(&value, &mut seen))
    });
    all_known && seen.iter().all(|seen| *seen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::{Data, Kind, Packet, places_fit};

    fn args(packet: &Packet<'_>) -> Vec<String> {
        match &packet.data {
            Some(Data::Array(args)) => args.iter().map(|arg| arg.get().to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn packets_are_cut_at_the_right_places() {
        let packet = Packet::decode(r#"2/agents,17["message:send",{"a":[1,2]},"x"]"#).unwrap();
        assert_eq!((packet.kind, packet.namespace, packet.id), (Kind::Event, "/agents", Some(17)));
        assert_eq!(args(&packet), [r#""message:send""#, r#"{"a":[1,2]}"#, r#""x""#]);
        let packet = Packet::decode(r#"52-/a,["e",{"_placeholder":true,"num":0}]"#).unwrap();
        assert_eq!((packet.kind, packet.attachments, packet.id), (Kind::Event, Some(2), None));
        let packet = Packet::decode("61-789[]").unwrap();
        assert_eq!((packet.kind, packet.attachments, packet.namespace), (Kind::Ack, Some(1), "/"));
        for text in ["0", "0/agents", "0/agents,", "0/agents?token=x,", r#"0/agents,{"token":"t"}"#, "0{}"] {
            let packet = Packet::decode(text).unwrap();
            assert_eq!(packet.kind, Kind::Connect);
            assert_eq!(packet.namespace, if text.contains("agents") { "/agents" } else { "/" }, "{text}");
        }
        assert_eq!(Packet::decode("1/agents,").unwrap().kind, Kind::Disconnect);
        assert_eq!(Packet::decode("3/agents,12[]").unwrap().id, Some(12));
    }

    #[test]
    fn packets_that_cannot_be_are_refused() {
        let long = format!("0/{},", "n".repeat(900_000));
        let digits = format!("2{}", "9".repeat(900_000));
        for text in [
            "",
            "abc",
            "4",
            "4{}",
            "7[]",
            "9",
            "é",
            "2",
            "2{}",
            "2[]",
            "2[1]",
            "2[null]",
            "2abc[\"e\"]",
            "2[{\"toString\":\"foo\"}]",
            "2[\"e\"",
            "2[\"e\"]x",
            "2-1[\"e\"]",
            "5[\"e\"]",
            "5-[\"e\"]",
            "5x-[\"e\"]",
            "5-1-[\"e\"]",
            "599999999999999999999999-[\"e\"]",
            "3[]",
            "3",
            "0[]",
            "0\"x\"",
            "0null",
            "01{}",
            "1{}",
            "12",
            "299999999999999999999999[\"e\"]",
            "5+1-[\"e\"]",
            &long,
            &digits,
        ] {
            assert!(Packet::decode(text).is_err(), "{}", text.chars().take(60).collect::<String>());
        }
    }

    #[test]
    fn json_of_any_depth_is_carried_and_not_followed() {
        let deep = format!("2[\"e\",{}{}]", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(args(&Packet::decode(&deep).unwrap()).len(), 2);
        assert!(Packet::decode(&format!("2[\"e\",{}", "[".repeat(50_000))).is_err());
    }

    #[test]
    fn each_attachment_has_one_place() {
        let fit = |json: &str, count| {
            let args: Vec<&RawValue> = serde_json::from_str(json).unwrap();
            places_fit(&args, count)
        };
        assert!(fit(r#"["e",{"_placeholder":true,"num":1},[{"a":{"_placeholder":true,"num":0}}]]"#, 2));
        assert!(fit(r#"["e"]"#, 0));
        for (json, count) in [
            (r#"["e",{"_placeholder":true,"num":"splice"}]"#, 1),
            (r#"["e",{"_placeholder":true,"num":99999}]"#, 1),
            (r#"["e",{"_placeholder":true,"num":-1}]"#, 1),
            (r#"["e",{"_placeholder":true}]"#, 1),
            (r#"["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#, 1),
            (r#"["e",{"_placeholder":true,"num":0}]"#, 2),
            (r#"["e"]"#, 1),
        ] {
            assert!(!fit(json, count), "{json}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _read_or_refused = Packet::decode(&text);
        }

        #[test]
        fn what_looks_like_a_packet_never_panics(text in "[0-9]{1,3}-?(/[a-z]{0,5},)?[0-9]{0,22}[\\[\\]{}\",:a-z0-9]{0,40}") {
            if let Ok(Packet { data: Some(Data::Array(args)), attachments: Some(count), .. }) = Packet::decode(&text) {
                places_fit(&args, count.min(10));
            }
        }
    }
}
