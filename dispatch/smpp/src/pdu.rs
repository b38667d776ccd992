//! PDUs: a header of sixteen octets and a body.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::{
    frame::HEADER,
    message::{MessageResponse, ShortMessage, text, tlvs},
    status::Status,
    tlv::Tlvs,
    wire::Fields,
};

/// Command ids. An answer has the top bit of its request set.
pub mod command {
    pub const RESPONSE: u32 = 0x8000_0000;
    pub const BIND_RECEIVER: u32 = 0x01;
    pub const BIND_TRANSMITTER: u32 = 0x02;
    pub const SUBMIT_SM: u32 = 0x04;
    pub const DELIVER_SM: u32 = 0x05;
    pub const UNBIND: u32 = 0x06;
    pub const BIND_TRANSCEIVER: u32 = 0x09;
    pub const OUTBIND: u32 = 0x0B;
    pub const ENQUIRE_LINK: u32 = 0x15;
    pub const ALERT_NOTIFICATION: u32 = 0x102;
    pub const DATA_SM: u32 = 0x103;
    pub const GENERIC_NACK: u32 = 0x8000_0000;
}

/// The body of a PDU cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("fewer octets than a header has")]
    NoHeader,
    #[error("the body ends before its last field")]
    CutOff,
}

/// A field holds what it cannot carry: too long, or a NUL inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is too long or holds a NUL")]
pub struct EncodeError(pub &'static str);

/// What a bind is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BindKind {
    Receiver,
    Transmitter,
    #[default]
    Transceiver,
}

impl BindKind {
    pub(crate) const fn command(self) -> u32 {
        match self {
            Self::Receiver => command::BIND_RECEIVER,
            Self::Transmitter => command::BIND_TRANSMITTER,
            Self::Transceiver => command::BIND_TRANSCEIVER,
        }
    }

    const fn of(request: u32) -> Option<Self> {
        match request {
            command::BIND_RECEIVER => Some(Self::Receiver),
            command::BIND_TRANSMITTER => Some(Self::Transmitter),
            command::BIND_TRANSCEIVER => Some(Self::Transceiver),
            _ => None,
        }
    }
}

/// The body of a bind. `Debug` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    pub system_id: String,
    pub password: String,
    pub system_type: String,
    /// `0x34` for 3.4.
    pub interface_version: u8,
    pub addr_ton: u8,
    pub addr_npi: u8,
    pub address_range: String,
}

impl std::fmt::Debug for Bind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bind")
            .field("system_id", &self.system_id)
            .field("system_type", &self.system_type)
            .field("interface_version", &self.interface_version)
            .finish_non_exhaustive()
    }
}

/// The body of an answer to a bind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BindResponse {
    pub system_id: String,
    pub tlvs: Tlvs,
}

/// What a PDU says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Bind(BindKind, Bind),
    BindResponse(BindKind, BindResponse),
    Unbind,
    UnbindResponse,
    SubmitSm(ShortMessage),
    SubmitSmResponse(MessageResponse),
    DeliverSm(ShortMessage),
    DeliverSmResponse(MessageResponse),
    DataSm(ShortMessage),
    DataSmResponse(MessageResponse),
    EnquireLink,
    EnquireLinkResponse,
    GenericNack,
    /// Anything else, unread.
    Other {
        command: u32,
        body: Bytes,
    },
}

/// A PDU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    pub status: Status,
    /// From 1 to `0x7FFF_FFFF`; an answer carries that of its request.
    pub sequence: u32,
    pub body: Body,
}

/// Command, status and sequence number of a frame.
pub(crate) fn header(frame: &[u8]) -> Option<(u32, Status, u32)> {
    let mut header = frame.get(..HEADER)?;
    let _length = header.get_u32();
    Some((header.get_u32(), Status(header.get_u32()), header.get_u32()))
}

impl Pdu {
    #[must_use]
    pub const fn ok(sequence: u32, body: Body) -> Self {
        Self { status: Status::OK, sequence, body }
    }

    /// Reads one frame, as [`crate::frame`] gave it.
    ///
    /// # Errors
    /// [`DecodeError`] for a message whose fixed fields are not complete. Answers are always read.
    pub fn decode(frame: &Bytes) -> Result<Self, DecodeError> {
        let (command, status, sequence) = header(frame).ok_or(DecodeError::NoHeader)?;
        let body = Body::read(command, frame.slice(HEADER..))?;
        Ok(Self { status, sequence, body })
    }

    /// Appends the PDU.
    ///
    /// # Errors
    /// [`EncodeError`], and nothing is appended.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let start = out.len();
        out.put_u32(0);
        out.put_u32(self.body.command());
        out.put_u32(self.status.0);
        out.put_u32(self.sequence);
        if let Err(error) = self.body.write(out) {
            out.truncate(start);
            return Err(error);
        }
        let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

impl Body {
    /// The command id.
    #[must_use]
    pub const fn command(&self) -> u32 {
        use command::*;
        match self {
            Self::Bind(kind, _) => kind.command(),
            Self::BindResponse(kind, _) => kind.command() | RESPONSE,
            Self::Unbind => UNBIND,
            Self::UnbindResponse => UNBIND | RESPONSE,
            Self::SubmitSm(_) => SUBMIT_SM,
            Self::SubmitSmResponse(_) => SUBMIT_SM | RESPONSE,
            Self::DeliverSm(_) => DELIVER_SM,
            Self::DeliverSmResponse(_) => DELIVER_SM | RESPONSE,
            Self::DataSm(_) => DATA_SM,
            Self::DataSmResponse(_) => DATA_SM | RESPONSE,
            Self::EnquireLink => ENQUIRE_LINK,
            Self::EnquireLinkResponse => ENQUIRE_LINK | RESPONSE,
            Self::GenericNack => GENERIC_NACK,
            Self::Other { command, .. } => *command,
        }
    }

    fn read(command: u32, body: Bytes) -> Result<Self, DecodeError> {
        use command::*;
        const SUBMITTED: u32 = SUBMIT_SM | RESPONSE;
        const DELIVERED: u32 = DELIVER_SM | RESPONSE;
        const DATA_TAKEN: u32 = DATA_SM | RESPONSE;
        const UNBOUND: u32 = UNBIND | RESPONSE;
        const ALIVE: u32 = ENQUIRE_LINK | RESPONSE;
        let mut fields = Fields::new(body);
        Ok(match command {
            SUBMIT_SM => Self::SubmitSm(ShortMessage::read(fields)?),
            DELIVER_SM => Self::DeliverSm(ShortMessage::read(fields)?),
            DATA_SM => Self::DataSm(ShortMessage::read_data(fields)?),
            SUBMITTED => Self::SubmitSmResponse(MessageResponse::read(fields)),
            DELIVERED => Self::DeliverSmResponse(MessageResponse::read(fields)),
            DATA_TAKEN => Self::DataSmResponse(MessageResponse::read(fields)),
            UNBIND => Self::Unbind,
            UNBOUND => Self::UnbindResponse,
            // some append octets that mean nothing
            ENQUIRE_LINK => Self::EnquireLink,
            ALIVE => Self::EnquireLinkResponse,
            GENERIC_NACK => Self::GenericNack,
            _ => match (BindKind::of(command), BindKind::of(command & !RESPONSE)) {
                (Some(kind), _) => Self::Bind(kind, Bind::read(fields).ok_or(DecodeError::CutOff)?),
                (None, Some(kind)) => {
                    let system_id = fields.text();
                    Self::BindResponse(kind, BindResponse { system_id, tlvs: Tlvs::read(fields) })
                }
                (None, None) => Self::Other { command, body: fields.rest() },
            },
        })
    }

    fn write(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        match self {
            Self::Bind(_, bind) => bind.write(out),
            Self::BindResponse(_, answer) => {
                text(out, &answer.system_id, 16, "system_id")?;
                tlvs(out, &answer.tlvs)
            }
            Self::SubmitSm(message) | Self::DeliverSm(message) => message.write(out),
            Self::DataSm(message) => message.write_data(out),
            Self::SubmitSmResponse(answer)
            | Self::DeliverSmResponse(answer)
            | Self::DataSmResponse(answer) => answer.write(out),
            Self::Other { body, .. } => {
                out.put_slice(body);
                Ok(())
            }
            Self::Unbind
            | Self::UnbindResponse
            | Self::EnquireLink
            | Self::EnquireLinkResponse
            | Self::GenericNack => Ok(()),
        }
    }
}

impl Bind {
    fn read(mut fields: Fields) -> Option<Self> {
        if fields.is_empty() {
            return None;
        }
        Some(Self {
            system_id: fields.text(),
            password: fields.text(),
            system_type: fields.text(),
            interface_version: fields.u8()?,
            addr_ton: fields.u8()?,
            addr_npi: fields.u8()?,
            address_range: fields.text(),
        })
    }

    fn write(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        text(out, &self.system_id, 16, "system_id")?;
        // 3.4 says nine octets; many message centres give out longer ones
        text(out, &self.password, 65, "password")?;
        text(out, &self.system_type, 13, "system_type")?;
        out.put_u8(self.interface_version);
        out.put_u8(self.addr_ton);
        out.put_u8(self.addr_npi);
        text(out, &self.address_range, 41, "address_range")
    }
}
