//! From messages to bytes.

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

/// What a frame holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Binary,
    Pong,
    Close,
}

/// Appends one frame whose payload is the parts one after the other.
pub(crate) fn put(out: &mut Vec<u8>, kind: Kind, parts: &[&[u8]]) {
    let opcode = match kind {
        Kind::Text => OpCode::Data(Data::Text),
        Kind::Binary => OpCode::Data(Data::Binary),
        Kind::Pong => OpCode::Control(Control::Pong),
        Kind::Close => OpCode::Control(Control::Close),
    };
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let header = FrameHeader { opcode, ..FrameHeader::default() };
    out.reserve(header.len(length as u64) + length);
    if let Err(error) = header.format(length as u64, out) {
        // a vector takes what it is given
        tracing::error!(%error, "a frame header could not be written");
    }
    for part in parts {
        out.extend_from_slice(part);
    }
}
