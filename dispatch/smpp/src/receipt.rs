//! Delivery receipts: what became of a message, in a text that every message centre words differently.

use crate::{ShortMessage, coding, esm, tlv};

/// The state that a receipt reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// Scheduled, on its way or accepted; more will follow.
    Underway,
    Delivered,
    Expired,
    Deleted,
    Undeliverable,
    Rejected,
    Skipped,
    /// The message centre does not know, or uses a word of its own.
    Unknown,
}

impl MessageState {
    fn of_number(number: u32) -> Self {
        match number {
            0 | 1 | 6 => Self::Underway,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Undeliverable,
            8 => Self::Rejected,
            9 => Self::Skipped,
            _ => Self::Unknown,
        }
    }

    /// Words are shortened here and there, so their beginning decides.
    fn of_word(word: &str) -> Self {
        let word = word.to_ascii_uppercase();
        let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| word.starts_with(beginning));
        match () {
            () if begins(&["DELIV", "DLVRD"]) => Self::Delivered,
            () if begins(&["EXPIR"]) => Self::Expired,
            () if begins(&["DELET"]) => Self::Deleted,
            () if begins(&["UNDEL", "FAIL"]) => Self::Undeliverable,
            () if begins(&["REJECT"]) => Self::Rejected,
            () if begins(&["SKIP"]) => Self::Skipped,
            () if begins(&["ENROUT", "ACCEP", "BUFFER", "SCHED"]) => Self::Underway,
            () => Self::Unknown,
        }
    }

    /// The word of the specification.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Underway => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Rejected => "REJECTD",
            Self::Skipped => "SKIPPED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// As the message centre wrote it in the text; see [`canonical_id`].
    pub text_id: Option<String>,
    /// The same from `receipted_message_id`, which may be written in another way.
    pub tlv_id: Option<String>,
    pub state: MessageState,
    /// `err` of the text, or the network's code; the operator's own.
    pub error: Option<String>,
    /// As written: `2601312059`, in the message centre's time.
    pub done: Option<String>,
}

impl DeliveryReport {
    /// Reads a message as a receipt; `None` if it is a customer's. `default` is the message centre's alphabet.
    #[must_use]
    pub fn of(message: &ShortMessage, default: coding::Alphabet) -> Option<Self> {
        let kind = message.esm_class & esm::KIND;
        let tlv_id = message.tlvs.text(tlv::RECEIPTED_MESSAGE_ID);
        let tlv_state = message.tlvs.number(tlv::MESSAGE_STATE);
        let (udh, octets) = message.user_data();
        let header = udh.map_or(0, |udh| udh.length);
        let text = coding::decode(message.data_coding, &octets, default, header);
        let marked = kind == esm::DELIVERY_RECEIPT || kind == esm::INTERMEDIATE;
        // sloppy peers leave the class at 0
        let meant =
            marked || kind == 0 && (tlv_id.is_some() && tlv_state.is_some() || looks_like_a_receipt(&text));
        if !meant {
            return None;
        }
        let fields = fields(&text);
        let field = |name: &str| {
            let value = fields.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let state = tlv_state
            .map(MessageState::of_number)
            .filter(|state| *state != MessageState::Unknown)
            .or_else(|| field("stat").map(|word| MessageState::of_word(&word)))
            .unwrap_or(MessageState::Unknown);
        let network = || {
            let code = message.tlvs.get(tlv::NETWORK_ERROR_CODE)?;
            let [_, high, low] = code.first_chunk::<3>()?;
            Some(u16::from_be_bytes([*high, *low])).filter(|code| *code != 0).map(|code| code.to_string())
        };
        let is_none = |error: &String| error.chars().all(|c| c == '0');
        let error = field("err").filter(|error| !is_none(error)).or_else(network);
        Some(Self { text_id: field("id"), tlv_id, state, error, done: field("done date") })
    }
}

/// Begins as receipts do and has what customers do not write.
fn looks_like_a_receipt(text: &str) -> bool {
    let fields = fields(text);
    let has = |name: &str| fields.iter().any(|(key, value)| key == name && !value.is_empty());
    text.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("id:"))
        && has("id")
        && has("stat")
        && ["err", "sub", "dlvrd", "done date", "submit date"].into_iter().any(has)
}

const KEYS: [&str; 8] = ["submit date", "done date", "sub", "dlvrd", "stat", "err", "id", "text"];

/// Keys in lower case with their values, up to `text:`, behind which stand the customer's own words.
fn fields(text: &str) -> Vec<(String, &str)> {
    let lower = text.to_ascii_lowercase();
    // where each key begins, and where its value does
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    let mut at = 0;
    while at < lower.len() {
        let starts_word =
            at == 0 || matches!(lower.as_bytes()[at - 1], b' ' | b'\n' | b'\r' | b'\t' | b',' | b';');
        let key = KEYS.iter().find(|key| {
            starts_word
                && lower.as_bytes()[at..]
                    .strip_prefix(key.as_bytes())
                    .is_some_and(|rest| rest.first() == Some(&b':'))
        });
        match key {
            Some(key) => {
                let value = at + key.len() + 1;
                found.push((at, value, key));
                if *key == "text" {
                    break;
                }
                at = value;
            }
            None => at += 1,
        }
    }
    let ends = found.iter().skip(1).map(|next| next.0).chain([text.len()]);
    found
        .iter()
        .zip(ends)
        .filter(|((_, _, key), _)| *key != "text")
        .map(|((_, value, key), end)| {
            let value = text.get(*value..end).unwrap_or_default();
            ((*key).to_owned(), value.trim().trim_end_matches([',', ';']).trim_end())
        })
        .collect()
}

/// How a message centre writes its ids in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdForm {
    /// As text; case and leading zeros mean nothing.
    #[default]
    Text,
    Hex,
    Decimal,
}

/// The form in which ids are compared: one number is one id, whether it came in hex or in decimal. What is no number
/// of the form is compared as text.
#[must_use]
pub fn canonical_id(id: &str, form: IdForm) -> String {
    let id = id.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let number = match form {
        IdForm::Text => None,
        IdForm::Hex => {
            let digits = id.strip_prefix("0x").or_else(|| id.strip_prefix("0X")).unwrap_or(id);
            u128::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
        }
        IdForm::Decimal => id.parse::<u128>().ok().filter(|_| !id.starts_with('+')),
    };
    if let Some(number) = number {
        return number.to_string();
    }
    let lower = id.to_lowercase();
    match lower.trim_start_matches(|c: char| c == '0' || c == '\0' || c.is_whitespace()) {
        "" if !lower.is_empty() => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::coding::Alphabet;

    fn receipt(text: &str) -> DeliveryReport {
        let message = ShortMessage {
            esm_class: 4,
            short_message: Bytes::copy_from_slice(text.as_bytes()),
            ..ShortMessage::default()
        };
        DeliveryReport::of(&message, Alphabet::Ascii).unwrap()
    }

    #[test]
    fn texts_as_they_come() {
        for (text, id, state, error) in [
            (
                "id:169552957 sub:001 dlvrd:001 submit date:2601312004 done date:2601312005 stat:DELIVRD err:000 text:hello",
                Some("169552957"),
                MessageState::Delivered,
                None,
            ),
            ("ID:0A1B STAT:UNDELIV ERR:00B", Some("0A1B"), MessageState::Undeliverable, Some("00B")),
            ("stat:EXPIRED id:7 err:-1 Text:stat:DELIVRD id:9", Some("7"), MessageState::Expired, Some("-1")),
            ("id:7 text:id:9 stat:DELIVRD", Some("7"), MessageState::Unknown, None),
            ("id: stat:ACCEPTD", None, MessageState::Underway, None),
            ("id:a-b-c, stat:REJECT, err:11", Some("a-b-c"), MessageState::Rejected, Some("11")),
            ("id:5 stat:SOMETHING", Some("5"), MessageState::Unknown, None),
            ("", None, MessageState::Unknown, None),
        ] {
            let found = receipt(text);
            assert_eq!(
                (found.text_id.as_deref(), found.state, found.error.as_deref()),
                (id, state, error),
                "{text}"
            );
        }
    }

    #[test]
    fn parameters_win_and_customers_words_are_no_receipt() {
        let mut message = ShortMessage {
            esm_class: 4,
            short_message: "id:1 stat:UNDELIV err:000".into(),
            ..ShortMessage::default()
        };
        message.tlvs.push(tlv::RECEIPTED_MESSAGE_ID, "0a\0");
        message.tlvs.push(tlv::MESSAGE_STATE, vec![0, 0, 0, 2]);
        message.tlvs.push(tlv::NETWORK_ERROR_CODE, vec![3, 0, 6]);
        let found = DeliveryReport::of(&message, Alphabet::Gsm7).unwrap();
        assert_eq!(
            (found.tlv_id.as_deref(), found.text_id.as_deref(), found.state, found.error.as_deref()),
            (Some("0a"), Some("1"), MessageState::Delivered, Some("6"))
        );
        message.esm_class = 0;
        assert!(DeliveryReport::of(&message, Alphabet::Gsm7).is_some());
        for (text, is_receipt) in [
            ("hello", false),
            ("my id: 7 and stat:DELIVRD", false),
            ("id:7 please", false),
            ("id:7 stat:DELIVRD err:000", true),
        ] {
            let plain = ShortMessage { short_message: text.into(), ..ShortMessage::default() };
            assert_eq!(DeliveryReport::of(&plain, Alphabet::Gsm7).is_some(), is_receipt, "{text}");
        }
    }

    #[test]
    fn one_id_in_many_forms() {
        let hex = canonical_id("0a1b2c3d", IdForm::Hex);
        assert_eq!(hex, canonical_id("169552957", IdForm::Decimal));
        assert_eq!(canonical_id("0A1B2C3D", IdForm::Text), canonical_id("a1b2c3d", IdForm::Text));
        assert_eq!(canonical_id("0007", IdForm::Decimal), "7");
        assert_eq!(canonical_id("000", IdForm::Text), "0");
        assert_eq!(canonical_id("", IdForm::Hex), "");
        // beyond 64 bits, and what is no number at all
        assert_eq!(canonical_id("FFFFFFFFFFFFFFFFFF", IdForm::Hex), "4722366482869645213695");
        assert_eq!(canonical_id("X-1", IdForm::Decimal), "x-1");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|id:|stat:|text:|done date:|é|\n){0,40}", class in any::<u8>()) {
            let message = ShortMessage {
                esm_class: class,
                data_coding: 8,
                short_message: text.encode_utf16().flat_map(u16::to_be_bytes).take(250).collect(),
                ..ShortMessage::default()
            };
            let _ = DeliveryReport::of(&message, Alphabet::Gsm7);
            let _ = canonical_id(&text, IdForm::Hex);
        }
    }
}
