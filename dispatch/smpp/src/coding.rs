//! Texts and `data_coding`.

use crate::gsm7;

pub const DEFAULT: u8 = 0x00;
pub const ASCII: u8 = 0x01;
pub const BINARY_ALIAS: u8 = 0x02;
pub const LATIN1: u8 = 0x03;
pub const BINARY: u8 = 0x04;
pub const CYRILLIC: u8 = 0x06;
pub const HEBREW: u8 = 0x07;
pub const UCS2: u8 = 0x08;

/// How the octets of a text are made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// GSM 03.38, a septet an octet: what nearly every message centre means by its default.
    #[default]
    Gsm7,
    /// GSM 03.38, eight septets in seven octets.
    Gsm7Packed,
    Latin1,
    Ascii,
    /// UTF-16, big end first.
    Ucs2,
}

impl Alphabet {
    /// The octets of a text; `None` if a character of it cannot be written. `header` is the length of the user
    /// data header before it, which packed septets must be aligned to.
    #[must_use]
    pub fn encode(self, text: &str, header: usize) -> Option<Vec<u8>> {
        match self {
            Self::Gsm7 => septets(text),
            Self::Gsm7Packed => Some(gsm7::pack(&septets(text)?, fill_bits(header))),
            Self::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
            Self::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Ucs2 => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        }
    }

    /// The text of octets; whatever they are, there is one.
    #[must_use]
    pub fn decode(self, octets: &[u8], header: usize) -> String {
        match self {
            Self::Gsm7 => gsm7::read(octets),
            Self::Gsm7Packed => gsm7::read(&gsm7::unpack(octets, fill_bits(header))),
            Self::Latin1 => crate::wire::latin1(octets),
            Self::Ascii => {
                octets.iter().map(|o| if o.is_ascii() { char::from(*o) } else { '\u{fffd}' }).collect()
            }
            Self::Ucs2 => {
                let units = octets.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
                char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
            }
        }
    }

    /// What a character takes of a part's room: septets, octets or UTF-16 units; `None` if it cannot be written.
    #[must_use]
    pub fn units(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7 | Self::Gsm7Packed => {
                let mut septets = Vec::with_capacity(2);
                gsm7::put(c, &mut septets).then_some(septets.len())
            }
            Self::Latin1 => (u32::from(c) <= 0xFF).then_some(1),
            Self::Ascii => c.is_ascii().then_some(1),
            Self::Ucs2 => Some(c.len_utf16()),
        }
    }
}

/// The text of a message by its `data_coding`; `default` is what the message centre means by its default alphabet.
/// Binary data and codings that are not known are shown as Latin-1, so that nothing is lost.
#[must_use]
pub fn decode(data_coding: u8, octets: &[u8], default: Alphabet, header: usize) -> String {
    match data_coding {
        DEFAULT => default.decode(octets, header),
        ASCII => Alphabet::Ascii.decode(octets, header),
        UCS2 => Alphabet::Ucs2.decode(octets, header),
        CYRILLIC => octets.iter().map(|octet| cyrillic(*octet)).collect(),
        HEBREW => octets.iter().map(|octet| hebrew(*octet)).collect(),
        // groups of GSM 03.38: bits 2 and 3 name the alphabet
        0x10..=0x3F | 0xC0..=0xEF if data_coding & 0x0C == 0x08 || data_coding & 0xF0 == 0xE0 => {
            Alphabet::Ucs2.decode(octets, header)
        }
        0x10..=0x3F if data_coding & 0x0C == 0 => default.decode(octets, header),
        0xC0..=0xDF => default.decode(octets, header),
        0xF0..=0xFF if data_coding & 0x04 == 0 => default.decode(octets, header),
        _ => Alphabet::Latin1.decode(octets, header),
    }
}

/// ISO 8859-5.
fn cyrillic(octet: u8) -> char {
    match octet {
        0xA0 | 0xAD | ..=0x9F => char::from(octet),
        0xF0 => '№',
        0xFD => '§',
        _ => char::from_u32(0x0400 + u32::from(octet) - 0xA0).unwrap_or('\u{fffd}'),
    }
}

/// ISO 8859-8.
fn hebrew(octet: u8) -> char {
    match octet {
        0xE0..=0xFA => char::from_u32(0x05D0 + u32::from(octet) - 0xE0).unwrap_or('\u{fffd}'),
        0xAA => '×',
        0xBA => '÷',
        0xDF => '‗',
        0xFD => '\u{200e}',
        0xFE => '\u{200f}',
        0xA1 | 0xBF..=0xDE | 0xFB..=0xFC | 0xFF => '\u{fffd}',
        _ => char::from(octet),
    }
}

fn septets(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    text.chars().all(|c| gsm7::put(c, &mut septets)).then_some(septets)
}

/// Packed septets begin at a multiple of seven bits.
fn fill_bits(header: usize) -> u32 {
    (7 - (header * 8 % 7) as u32) % 7
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors() {
        assert_eq!(Alphabet::Gsm7.encode("a@b€{", 0).unwrap(), [0x61, 0x00, 0x62, 0x1B, 0x65, 0x1B, 0x28]);
        assert_eq!(Alphabet::Gsm7Packed.encode("hello", 0).unwrap(), [0xE8, 0x32, 0x9B, 0xFD, 0x06]);
        assert_eq!(Alphabet::Gsm7Packed.encode("hello", 6).unwrap(), [0xD0, 0x65, 0x36, 0xFB, 0x0D]);
        assert_eq!(
            Alphabet::Ucs2.encode("Жa😀", 0).unwrap(),
            [0x04, 0x16, 0x00, 0x61, 0xD8, 0x3D, 0xDE, 0x00]
        );
        assert_eq!(Alphabet::Gsm7.encode("ç", 0), None);
        assert_eq!(Alphabet::Latin1.encode("ç", 0).unwrap(), [0xE7]);
    }

    #[test]
    fn what_arrives_damaged_is_still_text() {
        // an odd octet, half a pair, an escape at the end, one before a letter
        assert_eq!(decode(UCS2, &[0x04, 0x16, 0xD8, 0x3D, 0x00], Alphabet::Gsm7, 0), "Ж\u{fffd}");
        assert_eq!(decode(DEFAULT, &[0x61, 0x1B], Alphabet::Gsm7, 0), "a");
        assert_eq!(decode(DEFAULT, &[0x1B, 0x61], Alphabet::Gsm7, 0), " a");
        assert_eq!(decode(0xF0, &[0x00], Alphabet::Gsm7, 0), "@");
        assert_eq!(decode(0x18, &[0x04, 0x16], Alphabet::Gsm7, 0), "Ж");
        assert_eq!(decode(CYRILLIC, &[0xB6, 0xF0], Alphabet::Gsm7, 0), "Ж№");
        assert_eq!(decode(HEBREW, &[0xE0], Alphabet::Gsm7, 0), "א");
        assert_eq!(decode(BINARY, &[0xFF], Alphabet::Gsm7, 0), "ÿ");
    }

    proptest! {
        #[test]
        fn what_can_be_written_is_read_again(text in "[a-zA-Z0-9 @£$¥èé{}€~|Жñ😀\n]{0,200}", header in 0usize..12) {
            for alphabet in [Alphabet::Gsm7, Alphabet::Latin1, Alphabet::Ascii, Alphabet::Ucs2] {
                if let Some(octets) = alphabet.encode(&text, header) {
                    prop_assert_eq!(alphabet.decode(&octets, header), text.clone());
                }
            }
            // an @ at the very end may be filling
            let text = format!("{text}.");
            if let Some(octets) = Alphabet::Gsm7Packed.encode(&text, header) {
                prop_assert_eq!(Alphabet::Gsm7Packed.decode(&octets, header), text);
            }
        }

        #[test]
        fn any_octets_have_a_text(octets in proptest::collection::vec(any::<u8>(), 0..200), dcs in any::<u8>(),
                                  header in 0usize..300) {
            for alphabet in [Alphabet::Gsm7, Alphabet::Gsm7Packed, Alphabet::Latin1, Alphabet::Ascii] {
                let _ = decode(dcs, &octets, alphabet, header);
            }
        }
    }
}
