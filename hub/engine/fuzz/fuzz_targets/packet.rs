//! The text of a Socket.IO packet.
#![no_main]

use engine::sio::Packet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(packet) = Packet::decode(text) {
        assert!(packet.namespace.starts_with('/'));
    }
});
