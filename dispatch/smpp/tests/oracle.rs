//! Our codec beside another one, `rusmpp`: what we write it reads to the same meaning, and what it writes is what we
//! wrote. It is strict, so the messages here are as the specification wants them.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use rusmpp::{Command, Pdu as Theirs, tokio_codec::CommandCodec};
use smpp::{
    Address, Bind, BindKind, BindResponse, Body, MessageResponse, Pdu, ShortMessage, Status, Tlvs, tlv,
};
use tokio_util::codec::{Decoder, Encoder};

fn ours(pdu: &Pdu) -> Bytes {
    let mut out = BytesMut::new();
    pdu.encode(&mut out).unwrap();
    out.freeze()
}

fn theirs(octets: &Bytes) -> Command {
    let mut buffer = BytesMut::from(&octets[..]);
    let command = CommandCodec::new().decode(&mut buffer).expect("it can be read").expect("it is complete");
    assert!(buffer.is_empty());
    command
}

/// Through the other codec and back.
fn agree(pdu: &Pdu) -> Command {
    let octets = ours(pdu);
    let command = theirs(&octets);
    assert_eq!(command.sequence_number(), pdu.sequence);
    let mut back = BytesMut::new();
    CommandCodec::new().encode(&command, &mut back).expect("it can be written");
    assert_eq!(back.freeze(), octets, "{pdu:?}");
    assert_eq!(&Pdu::decode(&octets).unwrap(), pdu);
    command
}

fn address() -> impl Strategy<Value = Address> {
    let plan = prop::sample::select(vec![0u8, 1, 3, 4, 6, 8, 9, 10, 14, 18]);
    (0u8..=6, plan, "[A-Za-z0-9+ ]{0,20}").prop_map(|(ton, npi, text)| Address::new(ton, npi, text))
}

fn message() -> impl Strategy<Value = ShortMessage> {
    let coding = prop::sample::select(vec![0u8, 1, 3, 4, 6, 7, 8]);
    let validity = prop::sample::select(vec!["", "000001000000000R", "261231235900000+"]);
    (
        "[A-Z]{0,5}",
        address(),
        address(),
        prop::sample::select(vec![0u8, 0x40]),
        any::<u8>(),
        0u8..4,
        validity,
        0u8..2,
        coding,
        proptest::collection::vec(any::<u8>(), 0..=254),
        proptest::option::of((any::<u16>(), 1u8..=255, 1u8..=255)),
    )
        .prop_map(
            |(
                service_type,
                source,
                destination,
                class,
                protocol,
                priority,
                validity,
                receipt,
                coding,
                text,
                sar,
            )| {
                let mut tlvs = Tlvs::default();
                if let Some((reference, total, number)) = sar {
                    tlvs.push(tlv::SAR_MSG_REF_NUM, reference.to_be_bytes().to_vec());
                    tlvs.push(tlv::SAR_TOTAL_SEGMENTS, vec![total]);
                    tlvs.push(tlv::SAR_SEGMENT_SEQNUM, vec![number]);
                }
                ShortMessage {
                    service_type,
                    source,
                    destination,
                    esm_class: class,
                    protocol_id: protocol,
                    priority_flag: priority,
                    validity_period: validity.to_owned(),
                    registered_delivery: receipt,
                    data_coding: coding,
                    short_message: text.into(),
                    tlvs,
                    ..ShortMessage::default()
                }
            },
        )
}

proptest! {
    #[test]
    fn messages(message in message(), sequence in 1u32..0x8000_0000) {
        let submit = agree(&Pdu::ok(sequence, Body::SubmitSm(message.clone())));
        let Some(Theirs::SubmitSm(read)) = submit.pdu() else { panic!("{submit:?}") };
        prop_assert_eq!(AsRef::<[u8]>::as_ref(read.short_message()), &message.short_message[..]);
        prop_assert_eq!(u8::from(read.data_coding), message.data_coding);
        prop_assert_eq!(u8::from(read.dest_addr_ton), message.destination.ton);
        let deliver = agree(&Pdu::ok(sequence, Body::DeliverSm(message)));
        prop_assert!(matches!(deliver.pdu(), Some(Theirs::DeliverSm(_))));
    }

    #[test]
    fn binds_and_answers(id in "[a-z0-9]{0,15}", password in "[ -~]{0,8}", kind in 0usize..3, taken in "[0-9a-f]{0,64}",
                         status in prop::sample::select(vec![0u32, 0x0B, 0x14, 0x45, 0x58, 0x64])) {
        let kind = [BindKind::Receiver, BindKind::Transmitter, BindKind::Transceiver][kind];
        let bind = Bind {
            system_id: id.clone(), password, system_type: "VMA".into(), interface_version: 0x34, addr_ton: 1,
            addr_npi: 1, address_range: String::new(),
        };
        agree(&Pdu::ok(1, Body::Bind(kind, bind)));
        let mut tlvs = Tlvs::default();
        tlvs.push(tlv::SC_INTERFACE_VERSION, vec![0x34]);
        agree(&Pdu::ok(1, Body::BindResponse(kind, BindResponse { system_id: id, tlvs })));
        let answer = MessageResponse { message_id: taken, ..MessageResponse::default() };
        agree(&Pdu { status: Status(status), sequence: 3, body: Body::SubmitSmResponse(answer) });
    }
}

#[test]
fn bodies_without_fields() {
    for body in
        [Body::Unbind, Body::UnbindResponse, Body::EnquireLink, Body::EnquireLinkResponse, Body::GenericNack]
    {
        agree(&Pdu::ok(7, body));
    }
}
