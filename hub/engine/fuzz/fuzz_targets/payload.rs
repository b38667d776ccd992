//! The body of a polling request.
#![no_main]

use engine::eio::decode_payload;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(packets) = decode_payload(body.to_vec().into(), 64) {
        assert!(packets.len() <= 64);
    }
});
