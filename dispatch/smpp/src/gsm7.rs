//! The GSM 7-bit default alphabet (3GPP TS 23.038), in septets and packed.

/// By septet; U+001B stands for the escape.
const BASIC: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à', //
];

/// After an escape.
const EXTENDED: [(u8, char); 10] = [
    (0x0A, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

const ESCAPE: u8 = 0x1B;

/// Writes the septets of a character; false if it has none.
pub(crate) fn put(c: char, out: &mut Vec<u8>) -> bool {
    if c.is_ascii_alphanumeric() {
        out.push(c as u8);
        return true;
    }
    if c == '\u{1b}' {
        return false;
    }
    if let Some(septet) = BASIC.iter().position(|known| *known == c) {
        out.push(septet as u8);
        return true;
    }
    match EXTENDED.iter().find(|(_, known)| *known == c) {
        Some((septet, _)) => {
            out.extend([ESCAPE, *septet]);
            true
        }
        None => false,
    }
}

/// Reads septets, one an octet. An escape without a known character after it is a space.
pub(crate) fn read(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut rest = septets.iter().map(|octet| octet & 0x7F);
    while let Some(septet) = rest.next() {
        if septet != ESCAPE {
            text.push(BASIC[usize::from(septet)]);
            continue;
        }
        let Some(second) = rest.next() else { break };
        match EXTENDED.iter().find(|(known, _)| *known == second) {
            Some((_, c)) => text.push(*c),
            None if second == ESCAPE => text.push(' '),
            None => text.extend([' ', BASIC[usize::from(second)]]),
        }
    }
    text
}

/// Packs septets eight into seven octets, after so many bits of filling.
pub(crate) fn pack(septets: &[u8], fill: u32) -> Vec<u8> {
    let mut packed = Vec::with_capacity(septets.len() * 7 / 8 + 2);
    let (mut bits, mut count) = (0u32, fill);
    for septet in septets {
        bits |= u32::from(septet & 0x7F) << count;
        count += 7;
        while count >= 8 {
            packed.push((bits & 0xFF) as u8);
            bits >>= 8;
            count -= 8;
        }
    }
    if count > 0 && !(septets.is_empty()) {
        packed.push((bits & 0xFF) as u8);
    }
    packed
}

/// Unpacks octets. Seven spare bits at the end look like an `@`, which is dropped: messages hardly end with one,
/// and senders fill up with zeros.
pub(crate) fn unpack(packed: &[u8], fill: u32) -> Vec<u8> {
    let mut septets = Vec::with_capacity(packed.len() * 8 / 7 + 1);
    let (mut bits, mut count, mut skip) = (0u32, 0u32, fill.min(7));
    for octet in packed {
        bits |= u32::from(*octet) << count;
        count += 8;
        if skip > 0 {
            bits >>= skip;
            count -= skip;
            skip = 0;
        }
        while count >= 7 {
            septets.push((bits & 0x7F) as u8);
            bits >>= 7;
            count -= 7;
        }
    }
    let spare = (packed.len() as u32 * 8).saturating_sub(fill).is_multiple_of(7);
    if spare && septets.last() == Some(&0) {
        septets.pop();
    }
    septets
}
