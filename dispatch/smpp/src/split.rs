//! Long texts into parts, each a message of its own that the phone puts together again.

use bytes::Bytes;

use crate::{
    coding::{self, Alphabet},
    message::{ShortMessage, esm},
    tlv,
    udh::Concat,
};

/// How the parts of a long text are told to belong together. A message centre wants one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LongMessages {
    /// A header in the text, with a reference of eight bits: what nearly all take.
    #[default]
    Udh,
    /// The same with sixteen bits.
    UdhWide,
    /// `sar_*` parameters beside the text.
    Sar,
    /// Not at all: the whole text goes as `message_payload` and the message centre divides it.
    Payload,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    pub alphabet: Alphabet,
    pub data_coding: u8,
}

/// Room of a message and of a part with a header, in the alphabet's units.
const fn room(alphabet: Alphabet, how: LongMessages) -> (usize, usize) {
    let wide = matches!(how, LongMessages::UdhWide);
    match alphabet {
        Alphabet::Gsm7 | Alphabet::Gsm7Packed => (160, if wide { 152 } else { 153 }),
        Alphabet::Latin1 | Alphabet::Ascii => (140, if wide { 133 } else { 134 }),
        Alphabet::Ucs2 => (70, if wide { 66 } else { 67 }),
    }
}

impl Writing {
    /// The message centre's default alphabet if it can write the whole text, and UCS-2 otherwise.
    #[must_use]
    pub fn of(text: &str, default: Alphabet) -> Self {
        if text.chars().all(|c| default.units(c).is_some()) {
            Self { alphabet: default, data_coding: coding::DEFAULT }
        } else {
            Self { alphabet: Alphabet::Ucs2, data_coding: coding::UCS2 }
        }
    }

    /// Where a text is divided. A pair of surrogates or of an escape and its character stays whole. One piece if
    /// the text fits, or if the message centre divides by itself.
    ///
    /// # Panics
    /// Never for a text that the alphabet can write; a character that it cannot is counted as one unit.
    #[must_use]
    pub fn pieces(self, text: &str, how: LongMessages) -> Vec<&str> {
        let units = |c: char| self.alphabet.units(c).unwrap_or(1);
        let (single, part) = room(self.alphabet, how);
        if how == LongMessages::Payload || text.chars().map(units).sum::<usize>() <= single {
            return vec![text];
        }
        let (mut pieces, mut start, mut used) = (Vec::new(), 0, 0);
        for (at, c) in text.char_indices() {
            if used + units(c) > part {
                pieces.push(&text[start..at]);
                (start, used) = (at, 0);
            }
            used += units(c);
        }
        pieces.push(&text[start..]);
        pieces
    }

    /// Puts a piece into a message; `concat` says which part it is, `None` that it is the only one. False: the
    /// alphabet cannot write it.
    #[must_use]
    pub fn fill(
        self,
        message: &mut ShortMessage,
        piece: &str,
        how: LongMessages,
        concat: Option<Concat>,
    ) -> bool {
        message.data_coding = self.data_coding;
        let header = match (concat, how) {
            (Some(concat), LongMessages::Udh | LongMessages::UdhWide) => {
                message.esm_class |= esm::UDHI;
                concat.header()
            }
            (Some(concat), LongMessages::Sar) => {
                message.tlvs.push(tlv::SAR_MSG_REF_NUM, concat.reference.to_be_bytes().to_vec());
                message.tlvs.push(tlv::SAR_TOTAL_SEGMENTS, vec![concat.total]);
                message.tlvs.push(tlv::SAR_SEGMENT_SEQNUM, vec![concat.number]);
                Vec::new()
            }
            (_, LongMessages::Payload) | (None, _) => Vec::new(),
        };
        let Some(octets) = self.alphabet.encode(piece, header.len()) else { return false };
        let whole: Bytes = [header, octets].concat().into();
        let (single, _) = room(self.alphabet, how);
        let is_long = piece.chars().filter_map(|c| self.alphabet.units(c)).sum::<usize>() > single;
        if how == LongMessages::Payload && is_long {
            message.tlvs.push(tlv::MESSAGE_PAYLOAD, whole);
        } else {
            message.short_message = whole;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lengths(text: &str) -> Vec<usize> {
        let writing = Writing::of(text, Alphabet::Gsm7);
        let pieces = writing.pieces(text, LongMessages::Udh);
        pieces.iter().map(|piece| piece.chars().filter_map(|c| writing.alphabet.units(c)).sum()).collect()
    }

    #[test]
    fn vectors() {
        let cases: [(String, &[usize]); 12] = [
            ("a".repeat(160), &[160]),
            ("a".repeat(161), &[153, 8]),
            ("a".repeat(307), &[153, 153, 1]),
            ("€".repeat(80), &[160]),
            ("€".repeat(81), &[152, 10]),
            (format!("{}€{}", "a".repeat(152), "b".repeat(7)), &[152, 9]),
            ("ж".repeat(70), &[70]),
            ("ж".repeat(71), &[67, 4]),
            ("ж".repeat(135), &[67, 67, 1]),
            ("😀".repeat(36), &[66, 6]),
            (format!("{}😀{}", "ж".repeat(66), "ж".repeat(5)), &[66, 7]),
            (String::new(), &[0]),
        ];
        for (text, wanted) in cases {
            assert_eq!(lengths(&text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parts_fit_and_lose_nothing(text in "[a-zñç€{ж😀 \n]{0,900}") {
            for how in [LongMessages::Udh, LongMessages::UdhWide, LongMessages::Sar, LongMessages::Payload] {
                for default in [Alphabet::Gsm7, Alphabet::Gsm7Packed, Alphabet::Latin1, Alphabet::Ascii] {
                    let writing = Writing::of(&text, default);
                    let pieces = writing.pieces(&text, how);
                    prop_assert_eq!(pieces.concat(), text.clone());
                    let total = u8::try_from(pieces.len()).unwrap();
                    for (at, piece) in pieces.iter().enumerate() {
                        let concat = Concat::new(7, total, at as u8 + 1, how == LongMessages::UdhWide);
                        let mut message = ShortMessage::default();
                        prop_assert!(writing.fill(&mut message, piece, how, concat.filter(|c| c.total > 1)));
                        let most = match writing.alphabet {
                            Alphabet::Gsm7 => 160,
                            _ => 140,
                        };
                        prop_assert!(message.short_message.len() <= most);
                    }
                }
            }
        }
    }
}
