//! SMS segments (3GPP TS 23.038): how a text is encoded, what it costs, and how it can be made cheaper.

/// The text in GSM-7, where that only takes replacing typographic characters and marks on letters; otherwise
/// the text as it is, since half of it would gain nothing.
#[must_use]
pub fn transliterate(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match replacement(c) {
            Some(other) => plain.push_str(other),
            None if septets(c).is_some() => plain.push(c),
            None => return text.to_owned(),
        }
    }
    plain
}

/// What stands for a character that GSM-7 does not have.
fn replacement(c: char) -> Option<&'static str> {
    let other = match c {
        '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => "-",
        '…' => "...",
        '•' | '·' => "*",
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\t' => " ",
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => "",
        'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => "a",
        'Á' | 'À' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'ç' | 'ć' | 'č' => "c",
        'Ć' | 'Č' => "C",
        'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'È' | 'Ê' | 'Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'Í' | 'Ì' | 'Î' | 'Ï' | 'Ī' | 'İ' => "I",
        'ó' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
        'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ō' | 'Ő' => "O",
        'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'Ú' | 'Ù' | 'Û' | 'Ū' | 'Ů' | 'Ű' => "U",
        'ł' => "l",
        'Ł' => "L",
        'ń' | 'ň' => "n",
        'Ń' | 'Ň' => "N",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'ť' | 'ț' => "t",
        'Ť' | 'Ț' => "T",
        'ý' | 'ÿ' => "y",
        'Ý' => "Y",
        'ź' | 'ż' | 'ž' => "z",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ğ' => "g",
        'Ğ' => "G",
        'ř' => "r",
        'Ř' => "R",
        'đ' | 'ď' => "d",
        'Đ' | 'Ď' => "D",
        _ => return None,
    };
    Some(other)
}

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

/// A number with a plus and its country. What is no national number is left as it is.
#[must_use]
pub fn international(number: &str, country: Option<&str>) -> String {
    let bare: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    if bare.starts_with('+') {
        return bare;
    }
    if let Some(rest) = bare.strip_prefix("00") {
        return format!("+{rest}");
    }
    match country.map(|code| code.trim_start_matches('+')).filter(|code| !code.is_empty()) {
        // short codes stay short
        Some(code) if bare.len() > 6 && bare.chars().all(|c| c.is_ascii_digit()) => {
            format!("+{code}{}", bare.trim_start_matches('0'))
        }
        _ => bare,
    }
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
    fn transliteration_is_all_or_nothing() {
        assert_eq!(transliterate("“Será” – mañana…\u{a0}ok"), "\"Sera\" - mañana... ok");
        assert_eq!(segments(&transliterate("hello “x”")).encoding, Encoding::Gsm7);
        // what GSM-7 has stays as it is
        assert_eq!(transliterate("Ça va à Köln? €"), "Ça va à Köln? €");
        assert_eq!(transliterate("“ሰላም”"), "“ሰላም”");
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
