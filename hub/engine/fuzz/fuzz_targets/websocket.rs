//! Bytes of a WebSocket client, in pieces whose length the first byte says.
#![no_main]

use engine::ws::Decoder;
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 4096;

fuzz_target!(|bytes: &[u8]| {
    let Some((piece, rest)) = bytes.split_first() else { return };
    let mut whole = Decoder::new(LIMIT);
    whole.feed(rest);
    let mut cut = Decoder::new(LIMIT);
    for piece in rest.chunks(usize::from(*piece).max(1)) {
        cut.feed(piece);
        loop {
            // however it is cut, the same comes out of it
            match cut.read() {
                Ok(Some(read)) => assert_eq!(whole.read(), Ok(Some(read))),
                Ok(None) => break,
                Err(broken) => {
                    assert_eq!(whole.read(), Err(broken));
                    return;
                }
            }
        }
    }
    assert_eq!(whole.read(), Ok(None));
});
