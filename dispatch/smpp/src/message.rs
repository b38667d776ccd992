//! The messages inside `submit_sm`, `deliver_sm` and `data_sm`.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{
    pdu::{DecodeError, EncodeError},
    tlv::{MESSAGE_PAYLOAD, Tlvs},
    udh::Udh,
    wire::{Fields, put_text},
};

/// Bits of `esm_class`.
pub mod esm {
    /// The kind of a message towards the client.
    pub const KIND: u8 = 0x3C;
    pub const DELIVERY_RECEIPT: u8 = 0x04;
    pub const INTERMEDIATE: u8 = 0x20;
    /// The text begins with a user data header.
    pub const UDHI: u8 = 0x40;
}

/// A number or a name with its type (TON) and plan (NPI).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub ton: u8,
    pub npi: u8,
    /// Octets as Latin-1.
    pub address: String,
}

impl Address {
    #[must_use]
    pub fn new(ton: u8, npi: u8, address: impl Into<String>) -> Self {
        Self { ton, npi, address: address.into() }
    }

    /// With the type that its look suggests: a name is alphanumeric, up to eight digits without a plus sign are a
    /// short code, other digits an international number, which is written without its plus sign.
    #[must_use]
    pub fn automatic(address: &str) -> Self {
        let digits = address.strip_prefix('+').unwrap_or(address);
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        match is_number {
            false => Self::new(5, 0, address),
            true if digits.len() <= 8 && digits.len() == address.len() => Self::new(3, 0, digits),
            true => Self::new(1, 1, digits),
        }
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { ton: fields.u8()?, npi: fields.u8()?, address: fields.text() })
    }

    /// `most` counts the NUL.
    fn write(&self, out: &mut BytesMut, most: usize, field: &'static str) -> Result<(), EncodeError> {
        out.put_u8(self.ton);
        out.put_u8(self.npi);
        text(out, &self.address, most, field)
    }
}

/// The body of `submit_sm` and `deliver_sm`, and of `data_sm`, which has fewer fields and its text in a TLV.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShortMessage {
    pub service_type: String,
    pub source: Address,
    pub destination: Address,
    pub esm_class: u8,
    pub protocol_id: u8,
    pub priority_flag: u8,
    /// `YYMMDDhhmmsstnnp`, absolute or relative; empty = at once.
    pub schedule_delivery_time: String,
    /// The same form; empty = the message centre's own.
    pub validity_period: String,
    pub registered_delivery: u8,
    pub replace_if_present: u8,
    pub data_coding: u8,
    pub default_message_id: u8,
    pub short_message: Bytes,
    pub tlvs: Tlvs,
}

impl ShortMessage {
    /// The octets of the text with its user data header, wherever they stand.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        match self.tlvs.get(MESSAGE_PAYLOAD) {
            Some(payload) if self.short_message.is_empty() => payload,
            _ => &self.short_message,
        }
    }

    /// The user data header, if there is one, and the octets of the text alone.
    #[must_use]
    pub fn user_data(&self) -> (Option<Udh>, Bytes) {
        let payload = self.payload();
        if self.esm_class & esm::UDHI == 0 {
            return (None, payload.clone());
        }
        match Udh::read(payload) {
            Some((udh, length)) => (Some(udh), payload.slice(length..)),
            None => (None, payload.clone()),
        }
    }

    pub(crate) fn read(mut fields: Fields) -> Result<Self, DecodeError> {
        Self::fixed(&mut fields).ok_or(DecodeError::CutOff).map(|mut message| {
            message.tlvs = Tlvs::read(fields);
            message
        })
    }

    fn fixed(fields: &mut Fields) -> Option<Self> {
        let mut message = Self {
            service_type: fields.text(),
            source: Address::read(fields)?,
            destination: Address::read(fields)?,
            esm_class: fields.u8()?,
            protocol_id: fields.u8()?,
            priority_flag: fields.u8()?,
            schedule_delivery_time: fields.text(),
            validity_period: fields.text(),
            registered_delivery: fields.u8()?,
            replace_if_present: fields.u8()?,
            data_coding: fields.u8()?,
            default_message_id: fields.u8()?,
            ..Self::default()
        };
        let length = fields.u8()?;
        message.short_message = fields.up_to(length.into());
        Some(message)
    }

    pub(crate) fn write(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        text(out, &self.service_type, 6, "service_type")?;
        self.source.write(out, 21, "source_addr")?;
        self.destination.write(out, 21, "destination_addr")?;
        out.put_u8(self.esm_class);
        out.put_u8(self.protocol_id);
        out.put_u8(self.priority_flag);
        text(out, &self.schedule_delivery_time, 17, "schedule_delivery_time")?;
        text(out, &self.validity_period, 17, "validity_period")?;
        out.put_u8(self.registered_delivery);
        out.put_u8(self.replace_if_present);
        out.put_u8(self.data_coding);
        out.put_u8(self.default_message_id);
        let length = self.short_message.len();
        out.put_u8(u8::try_from(length).map_err(|_| EncodeError("short_message"))?);
        out.put_slice(&self.short_message);
        tlvs(out, &self.tlvs)
    }

    pub(crate) fn read_data(mut fields: Fields) -> Result<Self, DecodeError> {
        let mut fixed = || {
            Some(Self {
                service_type: fields.text(),
                source: Address::read(&mut fields)?,
                destination: Address::read(&mut fields)?,
                esm_class: fields.u8()?,
                registered_delivery: fields.u8()?,
                data_coding: fields.u8()?,
                ..Self::default()
            })
        };
        let message = fixed().ok_or(DecodeError::CutOff)?;
        Ok(Self { tlvs: Tlvs::read(fields), ..message })
    }

    pub(crate) fn write_data(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        text(out, &self.service_type, 6, "service_type")?;
        self.source.write(out, 65, "source_addr")?;
        self.destination.write(out, 65, "destination_addr")?;
        out.put_u8(self.esm_class);
        out.put_u8(self.registered_delivery);
        out.put_u8(self.data_coding);
        tlvs(out, &self.tlvs)
    }
}

/// The body of the answers to the three; errors often come without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageResponse {
    /// Octets as Latin-1, of any length; empty where none was given.
    pub message_id: String,
    pub tlvs: Tlvs,
}

impl MessageResponse {
    pub(crate) fn read(mut fields: Fields) -> Self {
        Self { message_id: fields.text(), tlvs: Tlvs::read(fields) }
    }

    pub(crate) fn write(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        text(out, &self.message_id, 65, "message_id")?;
        tlvs(out, &self.tlvs)
    }
}

pub(crate) fn text(
    out: &mut BytesMut,
    value: &str,
    most: usize,
    field: &'static str,
) -> Result<(), EncodeError> {
    if put_text(out, value, most) { Ok(()) } else { Err(EncodeError(field)) }
}

pub(crate) fn tlvs(out: &mut BytesMut, tlvs: &Tlvs) -> Result<(), EncodeError> {
    if tlvs.write(out) { Ok(()) } else { Err(EncodeError("tlvs")) }
}
