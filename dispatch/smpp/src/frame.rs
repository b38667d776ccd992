//! Cutting a stream into PDUs.

use bytes::{Bytes, BytesMut};

/// The longest PDU that is read: a `message_payload` TLV alone may have 64 KiB.
pub const MAX_FRAME: usize = 80 * 1024;
/// Octets of the header.
pub(crate) const HEADER: usize = 16;

/// The stream cannot be read any further: where the next PDU begins is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PDU of {0} octets")]
pub struct FrameError(pub u32);

/// Takes the next complete PDU off a buffer; `None`: it has not arrived yet.
///
/// # Errors
/// [`FrameError`] for a length that no PDU has.
pub fn frame(buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
    let Some(length) = buffer.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length);
    let size = length as usize;
    if !(HEADER..=MAX_FRAME).contains(&size) {
        return Err(FrameError(length));
    }
    if buffer.len() < size {
        buffer.reserve(size - buffer.len());
        return Ok(None);
    }
    Ok(Some(buffer.split_to(size).freeze()))
}
