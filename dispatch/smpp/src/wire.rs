//! Reading and writing the primitive fields. Texts on the wire are octets; they are held as Latin-1, which gives
//! every octet a character and gives it back unchanged.

use bytes::{BufMut, Bytes, BytesMut};

/// What is left of a body.
pub(crate) struct Fields {
    rest: Bytes,
}

impl Fields {
    pub(crate) fn new(body: Bytes) -> Self {
        Self { rest: body }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        let first = *self.rest.first()?;
        let _ = self.rest.split_to(1);
        Some(first)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        if self.rest.len() < 2 {
            return None;
        }
        let two = self.rest.split_to(2);
        Some(u16::from_be_bytes([two[0], two[1]]))
    }

    /// A C string; one whose NUL is missing reaches to the end.
    pub(crate) fn text(&mut self) -> String {
        let end = self.rest.iter().position(|octet| *octet == 0);
        let text = latin1(&self.rest[..end.unwrap_or(self.rest.len())]);
        let _ = self.rest.split_to(end.map_or(self.rest.len(), |end| end + 1));
        text
    }

    /// So many octets, or those that are left.
    pub(crate) fn up_to(&mut self, count: usize) -> Bytes {
        self.rest.split_to(count.min(self.rest.len()))
    }

    pub(crate) fn rest(self) -> Bytes {
        self.rest
    }
}

/// Octets as text.
pub(crate) fn latin1(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

/// Text as octets; what has none becomes a question mark.
pub(crate) fn octets(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
}

/// Writes a C string of at most `most` octets with its NUL. False: it is too long or holds a NUL.
pub(crate) fn put_text(out: &mut BytesMut, text: &str, most: usize) -> bool {
    if text.chars().count() >= most || text.contains('\0') {
        return false;
    }
    out.extend(octets(text));
    out.put_u8(0);
    true
}
