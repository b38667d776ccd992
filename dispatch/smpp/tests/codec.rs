//! The codec against bytes of the specification and of another implementation, and against what no specification has.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use smpp::{
    Address, Bind, BindKind, BindResponse, Body, DeliveryReport, MessageResponse, MessageState, Pdu,
    ShortMessage, Status, Tlv, Tlvs, coding::Alphabet, frame, tlv,
};

fn bytes(hex: &str) -> Bytes {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn encoded(pdu: &Pdu) -> Bytes {
    let mut out = BytesMut::new();
    pdu.encode(&mut out).unwrap();
    out.freeze()
}

fn hello() -> ShortMessage {
    ShortMessage {
        source: Address::automatic("BRAND"),
        destination: Address::automatic("+254700000001"),
        registered_delivery: 1,
        short_message: "hello".into(),
        ..ShortMessage::default()
    }
}

fn receipt() -> ShortMessage {
    let text = "id:169552957 sub:001 dlvrd:001 submit date:2601312004 done date:2601312005 stat:DELIVRD err:000 text:hello";
    let mut message = ShortMessage {
        source: Address::new(1, 1, "254700000001"),
        destination: Address::new(5, 0, "BRAND"),
        esm_class: 4,
        short_message: text.into(),
        ..ShortMessage::default()
    };
    message.tlvs.push(tlv::RECEIPTED_MESSAGE_ID, "0a1b2c3d\0");
    message.tlvs.push(tlv::MESSAGE_STATE, vec![2]);
    message
}

#[test]
fn golden_bytes() {
    let bind = Bind {
        system_id: "esme1".into(),
        password: "secret".into(),
        system_type: String::new(),
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: String::new(),
    };
    let mut version = Tlvs::default();
    version.push(tlv::SC_INTERFACE_VERSION, vec![0x34]);
    let bound = BindResponse { system_id: "SMSC".into(), tlvs: version };
    let taken = MessageResponse { message_id: "0a1b2c3d".into(), ..MessageResponse::default() };
    for (pdu, wanted) in [
        (
            Pdu::ok(1, Body::Bind(BindKind::Transceiver, bind)),
            "0000002200000009000000000000000165736d653100736563726574000034000000",
        ),
        (
            Pdu::ok(1, Body::BindResponse(BindKind::Transceiver, bound)),
            "0000001a800000090000000000000001534d5343000210000134",
        ),
        (
            Pdu::ok(2, Body::SubmitSm(hello())),
            "000000370000000400000000000000020005004252414e44000101323534373030303030303031000000000000010000000568656c6c6f",
        ),
        (Pdu::ok(2, Body::SubmitSmResponse(taken)), "00000019800000040000000000000002306131623263336400"),
        (
            Pdu::ok(77, Body::DeliverSm(receipt())),
            "000000ae00000005000000000000004d0001013235343730303030303030310005004252414e44000400000000000000006a69643a313639353532393537207375623a30303120646c7672643a303031207375626d697420646174653a3236303133313230303420646f6e6520646174653a3236303133313230303520737461743a44454c49565244206572723a30303020746578743a68656c6c6f001e00093061316232633364000427000102",
        ),
        (
            Pdu::ok(77, Body::DeliverSmResponse(MessageResponse::default())),
            "0000001180000005000000000000004d00",
        ),
        (Pdu::ok(9, Body::EnquireLink), "00000010000000150000000000000009"),
        (Pdu::ok(10, Body::Unbind), "0000001000000006000000000000000a"),
    ] {
        assert_eq!(encoded(&pdu), bytes(wanted), "{pdu:?}");
        assert_eq!(Pdu::decode(&bytes(wanted)).unwrap(), pdu);
    }
    let throttled = Pdu::decode(&bytes("00000010800000040000005800000002")).unwrap();
    assert_eq!(throttled.status, Status::THROTTLED);
    assert_eq!(throttled.body, Body::SubmitSmResponse(MessageResponse::default()));
}

/// A deliver_sm of a customer with this source address and these octets after its text.
fn odd(source: &[u8], schedule: &[u8], after: &[u8]) -> Bytes {
    let body = [
        b"\0\x01\x01".as_slice(),
        source,
        b"\0\x01\x01100\0",
        &[0, 0, 0],
        schedule,
        b"\0",
        b"\0",
        &[0, 0, 0, 0, 2],
        b"hi",
        after,
    ]
    .concat();
    let length = u32::try_from(16 + body.len()).unwrap();
    [&length.to_be_bytes(), [0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9].as_slice(), &body].concat().into()
}

#[test]
fn what_the_real_world_sends() {
    let delivered = |octets: &Bytes| match Pdu::decode(octets).unwrap().body {
        Body::DeliverSm(message) => message,
        other => panic!("{other:?}"),
    };
    // an id without its NUL, a state of four octets, a parameter that is cut off, an unknown one
    let state = delivered(&odd(b"254", b"", &[0, 0x1E, 0, 2, b'7', b'a', 0x04, 0x27, 0, 4, 0, 0, 0, 2]));
    let report = DeliveryReport::of(&state, Alphabet::Gsm7).unwrap();
    assert_eq!((report.tlv_id.as_deref(), report.state), (Some("7a"), MessageState::Delivered));
    let cut = delivered(&odd(b"254", b"", &[0x14, 0x00, 0, 1, 5, 0x04, 0x24, 0, 9, 1]));
    assert_eq!(cut.tlvs, Tlvs(vec![Tlv { tag: 0x1400, value: Bytes::from_static(&[5]) }]));
    assert_eq!(cut.short_message, "hi");
    // octets beyond ASCII, more of them than allowed, a date of ten digits
    let long = delivered(&odd(b"caf\xE9-caf\xE9-caf\xE9-caf\xE9-caf\xE9", b"2601312004", &[]));
    assert_eq!(long.source.address, "café-café-café-café-café");
    assert_eq!((long.schedule_delivery_time.as_str(), &long.short_message[..]), ("2601312004", &b"hi"[..]));
    // ids that are long, or end without a NUL
    let id = "x".repeat(90);
    let octets =
        [&(16 + 90u32).to_be_bytes(), [0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2].as_slice(), id.as_bytes()];
    let Body::SubmitSmResponse(answer) = Pdu::decode(&octets.concat().into()).unwrap().body else { panic!() };
    assert_eq!(answer.message_id, id);
    // an enquire_link with junk is one frame, and the next one begins after it
    let mut stream = BytesMut::from(&bytes("000000120000001500000000000000090000")[..]);
    stream.extend_from_slice(&bytes("0000001000000006000000000000000a"));
    let bodies: Vec<Body> = std::iter::from_fn(|| frame(&mut stream).unwrap())
        .map(|octets| Pdu::decode(&octets).unwrap().body)
        .collect();
    assert_eq!(bodies, [Body::EnquireLink, Body::Unbind]);
    // lengths that no PDU has
    for length in [0u32, 15, 1 << 20, u32::MAX] {
        assert!(frame(&mut BytesMut::from(&length.to_be_bytes()[..])).is_err());
    }
    assert_eq!(Pdu::decode(&odd(b"254", b"", &[]).slice(..20)).ok(), None);
}

fn texts(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(1u8..=255, 0..most).prop_map(|o| o.into_iter().map(char::from).collect())
}

fn tlvs() -> impl Strategy<Value = Tlvs> {
    proptest::collection::vec((any::<u16>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..4)
        .prop_map(|all| Tlvs(all.into_iter().map(|(tag, v)| Tlv { tag, value: v.into() }).collect()))
}

fn address() -> impl Strategy<Value = Address> {
    (any::<u8>(), any::<u8>(), texts(20)).prop_map(|(ton, npi, text)| Address::new(ton, npi, text))
}

fn message() -> impl Strategy<Value = ShortMessage> {
    let octets = proptest::collection::vec(any::<u8>(), 0..=255);
    (texts(5), address(), address(), any::<[u8; 7]>(), texts(16), texts(16), octets, tlvs()).prop_map(
        |(service_type, source, destination, b, schedule, validity, text, tlvs)| ShortMessage {
            service_type,
            source,
            destination,
            esm_class: b[0],
            protocol_id: b[1],
            priority_flag: b[2],
            schedule_delivery_time: schedule,
            validity_period: validity,
            registered_delivery: b[3],
            replace_if_present: b[4],
            data_coding: b[5],
            default_message_id: b[6],
            short_message: text.into(),
            tlvs,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(message in message(), sequence in 1u32..0x8000_0000, status in any::<u32>()) {
        for body in [Body::SubmitSm(message.clone()), Body::DeliverSm(message.clone())] {
            let pdu = Pdu { status: Status(status), sequence, body };
            prop_assert_eq!(Pdu::decode(&encoded(&pdu)).unwrap(), pdu);
        }
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..400), id in 0usize..20) {
        let ids = [1u32, 2, 3, 4, 5, 6, 9, 0xB, 0x15, 0x103, 0x102, 0x8000_0000, 0x8000_0001, 0x8000_0004,
                   0x8000_0005, 0x8000_0006, 0x8000_0009, 0x8000_0015, 0x8000_0103, 77];
        let mut framed = BytesMut::new();
        framed.extend_from_slice(&(16 + octets.len() as u32).to_be_bytes());
        framed.extend_from_slice(&ids[id].to_be_bytes());
        framed.extend_from_slice(&[0; 8]);
        framed.extend_from_slice(&octets);
        let whole = frame(&mut framed).unwrap().unwrap();
        if let Ok(pdu) = Pdu::decode(&whole) {
            if let Body::DeliverSm(message) | Body::DataSm(message) = &pdu.body {
                let _ = (message.user_data(), DeliveryReport::of(message, Alphabet::Gsm7Packed));
                let _ = smpp::Fragment::of(message);
            }
            // what was read can be written, unless a lenient field is too long for a strict one
            let mut out = BytesMut::new();
            if pdu.encode(&mut out).is_ok() {
                prop_assert_eq!(Pdu::decode(&out.freeze()).unwrap(), pdu);
            }
        }
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(message in message(), cut in any::<prop::sample::Index>()) {
        let one = encoded(&Pdu::ok(5, Body::DeliverSm(message)));
        let stream = [&one[..], &encoded(&Pdu::ok(6, Body::EnquireLink)), &one].concat();
        let at = cut.index(stream.len());
        let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
        for piece in [&stream[..at], &stream[at..]] {
            buffer.extend_from_slice(piece);
            while let Some(octets) = frame(&mut buffer).unwrap() {
                frames.push(octets);
            }
        }
        prop_assert_eq!(frames.len(), 3);
        prop_assert_eq!((&frames[0], &frames[2], buffer.len()), (&one, &one, 0));
    }
}
