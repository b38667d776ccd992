//! SMS segments (3GPP TS 23.038): how a text is encoded and what it costs.

/// How the text of an SMS is encoded; one character outside GSM-7 makes the whole message UCS-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    Gsm7,
    Ucs2,
}

/// A text as the network will carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// Septets or UTF-16 units per segment, in order.
    pub units: Vec<u32>,
}

/// The basic set without letters, digits and ESC.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Characters that take an escape and so two septets.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Septets of a character in GSM-7; `None` if it has none.
fn septets(c: char) -> Option<u32> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) {
        Some(1)
    } else if EXTENDED.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// Divides a text into segments. An empty text is one empty segment.
#[must_use]
pub fn segments(text: &str) -> Segments {
    let gsm: Option<Vec<u32>> = text.chars().map(septets).collect();
    if let Some(sizes) = gsm {
        return Segments { encoding: Encoding::Gsm7, units: divide(&sizes, 160, 153) };
    }
    let sizes: Vec<u32> = text.chars().map(|c| c.len_utf16() as u32).collect();
    Segments { encoding: Encoding::Ucs2, units: divide(&sizes, 70, 67) }
}

/// How many segments a text takes.
#[must_use]
pub fn count(text: &str) -> u32 {
    segments(text).units.len() as u32
}

/// Greedy; an escape pair or a surrogate pair is never divided.
fn divide(sizes: &[u32], single: u32, part: u32) -> Vec<u32> {
    let total: u32 = sizes.iter().sum();
    if total <= single {
        return vec![total];
    }
    let mut parts = vec![0];
    for size in sizes {
        match parts.last_mut() {
            Some(last) if *last + size <= part => *last += size,
            _ => parts.push(*size),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        let cases: [(String, Encoding, &[u32]); 14] = [
            ("a".repeat(160), Encoding::Gsm7, &[160]),
            ("a".repeat(161), Encoding::Gsm7, &[153, 8]),
            ("a".repeat(307), Encoding::Gsm7, &[153, 153, 1]),
            ("€".repeat(80), Encoding::Gsm7, &[160]),
            ("€".repeat(81), Encoding::Gsm7, &[152, 10]),
            (format!("{}€{}", "a".repeat(152), "b".repeat(7)), Encoding::Gsm7, &[152, 9]),
            ("ж".repeat(70), Encoding::Ucs2, &[70]),
            ("ж".repeat(71), Encoding::Ucs2, &[67, 4]),
            ("ж".repeat(135), Encoding::Ucs2, &[67, 67, 1]),
            ("😀".repeat(35), Encoding::Ucs2, &[70]),
            ("😀".repeat(36), Encoding::Ucs2, &[66, 6]),
            (format!("{}😀{}", "ж".repeat(66), "ж".repeat(5)), Encoding::Ucs2, &[66, 7]),
            ("hello “x”".into(), Encoding::Ucs2, &[9]),
            ("a\tb".into(), Encoding::Ucs2, &[3]),
        ];
        for (text, encoding, units) in cases {
            let found = segments(&text);
            assert_eq!((found.encoding, found.units.as_slice()), (encoding, units), "{text}");
        }
    }

    #[test]
    fn letters_with_marks_are_not_all_alike() {
        for (text, encoding) in
            [("ç", Encoding::Ucs2), ("Ç", Encoding::Gsm7), ("á", Encoding::Ucs2), ("à", Encoding::Gsm7)]
        {
            assert_eq!(segments(text).encoding, encoding, "{text}");
        }
        assert_eq!(count(""), 1);
    }
}
