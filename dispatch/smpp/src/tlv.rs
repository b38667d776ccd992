//! Optional parameters: tag, length, value.

use bytes::{BufMut, Bytes, BytesMut};

use crate::wire::{Fields, latin1};

pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
pub const SAR_MSG_REF_NUM: u16 = 0x020C;
pub const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
pub const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
pub const SC_INTERFACE_VERSION: u16 = 0x0210;
pub const NETWORK_ERROR_CODE: u16 = 0x0423;
pub const MESSAGE_PAYLOAD: u16 = 0x0424;
pub const MESSAGE_STATE: u16 = 0x0427;
pub const CONGESTION_STATE: u16 = 0x0428;
pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;

/// One optional parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tlv {
    pub tag: u16,
    pub value: Bytes,
}

/// The optional parameters of a PDU, in their order. Unknown ones are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tlvs(pub Vec<Tlv>);

impl Tlvs {
    /// The first of a tag.
    #[must_use]
    pub fn get(&self, tag: u16) -> Option<&Bytes> {
        self.0.iter().find(|tlv| tlv.tag == tag).map(|tlv| &tlv.value)
    }

    pub fn push(&mut self, tag: u16, value: impl Into<Bytes>) {
        self.0.push(Tlv { tag, value: value.into() });
    }

    /// A text, up to its NUL if it has one; `None` if it is missing or empty.
    #[must_use]
    pub fn text(&self, tag: u16) -> Option<String> {
        let value = self.get(tag)?;
        let text = latin1(value.split(|octet| *octet == 0).next().unwrap_or_default());
        (!text.is_empty()).then_some(text)
    }

    /// A number of up to four octets, of whatever length the peer found right.
    #[must_use]
    pub fn number(&self, tag: u16) -> Option<u32> {
        let value = self.get(tag)?;
        if value.is_empty() || value.len() > 4 {
            return None;
        }
        Some(value.iter().fold(0, |number, octet| number << 8 | u32::from(*octet)))
    }

    /// A last one that is cut off is dropped.
    pub(crate) fn read(mut fields: Fields) -> Self {
        let mut tlvs = Vec::new();
        while let (Some(tag), Some(length)) = (fields.u16(), fields.u16()) {
            let value = fields.up_to(length.into());
            if value.len() < length.into() {
                break;
            }
            tlvs.push(Tlv { tag, value });
        }
        Self(tlvs)
    }

    /// False: a value is longer than a length can say.
    pub(crate) fn write(&self, out: &mut BytesMut) -> bool {
        for Tlv { tag, value } in &self.0 {
            let Ok(length) = u16::try_from(value.len()) else { return false };
            out.put_u16(*tag);
            out.put_u16(length);
            out.put_slice(value);
        }
        true
    }
}
