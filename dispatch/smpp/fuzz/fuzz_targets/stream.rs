//! A stream of octets: frames, and what each of them says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smpp::{Body, BytesMut, Pdu, frame};

fuzz_target!(|octets: &[u8]| {
    let mut stream = BytesMut::from(octets);
    while let Ok(Some(one)) = frame(&mut stream) {
        let Ok(pdu) = Pdu::decode(&one) else { continue };
        let mut out = BytesMut::new();
        if pdu.encode(&mut out).is_ok() && !matches!(pdu.body, Body::Other { .. }) {
            assert_eq!(Pdu::decode(&out.freeze()).as_ref(), Ok(&pdu));
        }
    }
});
