//! From bytes to messages.

use std::io::Cursor;

use bytes::{Buf, Bytes, BytesMut};
use tungstenite::{
    Utf8Bytes,
    protocol::frame::{
        FrameHeader,
        coding::{Control, Data, OpCode},
    },
};

/// Frames that one message may be cut into.
const FRAGMENTS: u32 = 1024;
/// Frames without content that may come before [`Decoder::calm`].
const STRAYS: u32 = 100;

/// Something that a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    Text(Utf8Bytes),
    Binary(Bytes),
    Ping(Bytes),
    Pong,
    Close,
}

/// Why a connection cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Against RFC 6455: the close code is 1002.
    Protocol,
    /// Text that is not UTF-8: 1007.
    NotText,
    /// Frames without content, or too many pieces: 1008.
    Flood,
    /// Beyond the limit: 1009.
    TooLarge,
}

impl Broken {
    /// The code of the close frame.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::NotText => 1007,
            Self::Flood => 1008,
            Self::TooLarge => 1009,
        }
    }
}

/// Takes bytes as they come and gives messages. Holds memory only while a message is incomplete.
#[derive(Debug)]
pub struct Decoder {
    bytes: BytesMut,
    /// A message whose last frame has not come.
    begun: Option<Box<Begun>>,
    strays: u32,
    limit: usize,
}

#[derive(Debug)]
struct Begun {
    is_text: bool,
    bytes: BytesMut,
    frames: u32,
}

impl Decoder {
    /// `limit`: bytes of the largest message.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { bytes: BytesMut::new(), begun: None, strays: 0, limit }
    }

    /// Adds what was read.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A while has passed: frames without content are counted anew.
    pub fn calm(&mut self) {
        self.strays = 0;
    }

    /// The next message; `None`: more bytes are needed.
    pub fn read(&mut self) -> Result<Option<Read>, Broken> {
        loop {
            let Some((header, payload)) = self.frame()? else {
                if self.bytes.is_empty() {
                    self.bytes = BytesMut::new();
                }
                return Ok(None);
            };
            let read = match header.opcode {
                OpCode::Control(control) => {
                    self.stray()?;
                    Some(match control {
                        Control::Ping => Read::Ping(payload.freeze()),
                        Control::Pong => Read::Pong,
                        Control::Close => Read::Close,
                        Control::Reserved(_) => return Err(Broken::Protocol),
                    })
                }
                OpCode::Data(data) => self.data(data, header.is_final, payload)?,
            };
            if let Some(read) = read {
                if self.bytes.is_empty() {
                    self.bytes = BytesMut::new();
                }
                return Ok(Some(read));
            }
        }
    }

    /// The next whole frame, unmasked.
    fn frame(&mut self) -> Result<Option<(FrameHeader, BytesMut)>, Broken> {
        let mut cursor = Cursor::new(&self.bytes);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Broken::Protocol)?;
        let Some((header, length)) = parsed else { return Ok(None) };
        let head = cursor.position() as usize;
        let is_control = matches!(header.opcode, OpCode::Control(_));
        if header.rsv1 || header.rsv2 || header.rsv3 || (is_control && (length > 125 || !header.is_final)) {
            return Err(Broken::Protocol);
        }
        // a client that does not mask is none, RFC 6455 §5.1
        let Some(mask) = header.mask else { return Err(Broken::Protocol) };
        let before = self.begun.as_ref().map_or(0, |begun| begun.bytes.len());
        if !is_control && length > (self.limit - before) as u64 {
            return Err(Broken::TooLarge);
        }
        let length = length as usize;
        if self.bytes.len() < head + length {
            return Ok(None);
        }
        self.bytes.advance(head);
        let mut payload = self.bytes.split_to(length);
        for (at, byte) in payload.iter_mut().enumerate() {
            *byte ^= mask[at & 3];
        }
        Ok(Some((header, payload)))
    }

    fn data(&mut self, data: Data, is_final: bool, payload: BytesMut) -> Result<Option<Read>, Broken> {
        let is_empty_piece = payload.is_empty() && !(is_final && data != Data::Continue);
        if is_empty_piece {
            self.stray()?;
        }
        let is_text = match (data, &mut self.begun) {
            (Data::Text, None) => true,
            (Data::Binary, None) => false,
            (Data::Continue, Some(begun)) => {
                begun.frames += 1;
                if begun.frames > FRAGMENTS {
                    return Err(Broken::Flood);
                }
                begun.bytes.unsplit(payload);
                if !is_final {
                    return Ok(None);
                }
                let Some(begun) = self.begun.take() else { return Err(Broken::Protocol) };
                return message(begun.is_text, begun.bytes).map(Some);
            }
            _ => return Err(Broken::Protocol),
        };
        if is_final {
            return message(is_text, payload).map(Some);
        }
        // a copy of its own, so that small pieces do not keep large reads alive
        self.begun = Some(Box::new(Begun { is_text, bytes: BytesMut::from(&payload[..]), frames: 1 }));
        Ok(None)
    }

    fn stray(&mut self) -> Result<(), Broken> {
        self.strays += 1;
        if self.strays > STRAYS { Err(Broken::Flood) } else { Ok(()) }
    }
}

fn message(is_text: bool, bytes: BytesMut) -> Result<Read, Broken> {
    let bytes = bytes.freeze();
    if is_text {
        Utf8Bytes::try_from(bytes).map(Read::Text).map_err(|_| Broken::NotText)
    } else {
        Ok(Read::Binary(bytes))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use tungstenite::protocol::frame::{
        Frame, FrameHeader,
        coding::{Control, Data, OpCode},
    };

    use super::{Broken, Decoder, Read};

    fn frame(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
        let header = FrameHeader { is_final, opcode, mask: Some([1, 2, 3, 4]), ..FrameHeader::default() };
        let mut bytes = Vec::new();
        Frame::from_payload(header, Bytes::copy_from_slice(payload)).format(&mut bytes).unwrap();
        bytes
    }

    fn text(payload: &str) -> Vec<u8> {
        frame(OpCode::Data(Data::Text), true, payload.as_bytes())
    }

    fn all(decoder: &mut Decoder, bytes: &[u8]) -> Result<Vec<Read>, Broken> {
        decoder.feed(bytes);
        let mut read = Vec::new();
        while let Some(next) = decoder.read()? {
            read.push(next);
        }
        Ok(read)
    }

    #[test]
    fn messages_come_whole_however_they_are_cut() {
        let mut bytes = text("4hello");
        bytes.extend(frame(OpCode::Data(Data::Text), false, "gr".as_bytes()));
        bytes.extend(frame(OpCode::Control(Control::Ping), true, b"?"));
        bytes.extend(frame(OpCode::Data(Data::Continue), false, &"ü".as_bytes()[..1]));
        bytes.extend(frame(OpCode::Data(Data::Continue), true, &"ü".as_bytes()[1..]));
        bytes.extend(frame(OpCode::Data(Data::Binary), true, &vec![0; 70_000]));
        bytes.extend(frame(OpCode::Control(Control::Close), true, b""));
        let expected = vec![
            Read::Text("4hello".into()),
            Read::Ping(Bytes::from_static(b"?")),
            Read::Text("grü".into()),
            Read::Binary(vec![0; 70_000].into()),
            Read::Close,
        ];
        for piece in [1, 2, 3, 7, 1000, bytes.len()] {
            let mut decoder = Decoder::new(100_000);
            let read: Vec<Read> =
                bytes.chunks(piece).flat_map(|piece| all(&mut decoder, piece).unwrap()).collect();
            assert_eq!(read, expected, "in pieces of {piece}");
            assert_eq!(decoder.bytes.capacity(), 0, "nothing is held");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_read() {
        let mut decoder = Decoder::new(1000);
        assert_eq!(all(&mut decoder, &text(&"x".repeat(1000))).unwrap().len(), 1);
        let head = &text(&"x".repeat(1001))[..8];
        assert_eq!(all(&mut decoder, head), Err(Broken::TooLarge));
        let mut decoder = Decoder::new(1000);
        let piece = |first| {
            let opcode = if first { Data::Text } else { Data::Continue };
            frame(OpCode::Data(opcode), false, &[b'x'; 400])
        };
        assert!(all(&mut decoder, &piece(true)).unwrap().is_empty());
        assert!(all(&mut decoder, &piece(false)).unwrap().is_empty());
        assert_eq!(all(&mut decoder, &piece(false)), Err(Broken::TooLarge), "pieces are added up");
        let huge = [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4];
        assert_eq!(all(&mut Decoder::new(1000), &huge), Err(Broken::TooLarge));
    }

    #[test]
    fn what_breaks_the_protocol_is_refused() {
        let unmasked = [0x81, 1, b'x'];
        let reserved = [0xc1, 0x81, 0, 0, 0, 0, b'x'];
        let opcode = [0x83, 0x80, 0, 0, 0, 0];
        let long_ping = frame(OpCode::Control(Control::Ping), true, &[0; 126]);
        let cut_ping = frame(OpCode::Control(Control::Ping), false, b"");
        let stray = frame(OpCode::Data(Data::Continue), true, b"x");
        let begun = frame(OpCode::Data(Data::Text), false, b"x");
        let twice = [begun.clone(), text("y")].concat();
        for bytes in [&unmasked[..], &reserved, &opcode, &long_ping, &cut_ping, &stray, &twice] {
            assert_eq!(all(&mut Decoder::new(1000), bytes), Err(Broken::Protocol), "{bytes:?}");
        }
        let not_text = frame(OpCode::Data(Data::Text), true, &[0xff, 0xfe]);
        assert_eq!(all(&mut Decoder::new(1000), &not_text), Err(Broken::NotText));
    }

    #[test]
    fn frames_that_bring_nothing_are_a_flood() {
        let begun = frame(OpCode::Data(Data::Text), false, b"x");
        let empty = frame(OpCode::Data(Data::Continue), false, b"");
        let ping = frame(OpCode::Control(Control::Ping), true, b"");
        let tiny = frame(OpCode::Data(Data::Continue), false, b"x");
        for (many, most) in [(&empty, 101), (&ping, 101), (&tiny, 1025)] {
            let mut decoder = Decoder::new(100_000);
            all(&mut decoder, &begun).unwrap();
            let refused = (1..=10_000).find(|_| all(&mut decoder, many).is_err());
            assert!(refused.is_some_and(|count| count <= most), "{refused:?} of {many:?}");
        }
        let mut decoder = Decoder::new(100_000);
        for _ in 0..100 {
            all(&mut decoder, &ping.repeat(50)).unwrap();
            decoder.calm();
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), piece in 1usize..50) {
            let mut decoder = Decoder::new(256);
            for piece in bytes.chunks(piece) {
                if all(&mut decoder, piece).is_err() {
                    break;
                }
            }
        }

        #[test]
        fn what_is_framed_comes_back(messages in prop::collection::vec(any::<String>(), 0..20), piece in 1usize..50) {
            let bytes: Vec<u8> = messages.iter().flat_map(|message| text(message)).collect();
            let mut decoder = Decoder::new(100_000);
            let mut read = Vec::new();
            for piece in bytes.chunks(piece) {
                read.extend(all(&mut decoder, piece).unwrap());
            }
            let expected: Vec<Read> = messages.into_iter().map(|message| Read::Text(message.into())).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
