//! Our codec beside a second one, `smpp34`, which has nothing in common with the first (`oracle.rs`): what we write it
//! reads to the same meaning, and what it writes we read as what we wrote.
//!
//! It runs as a program of its own (`smpp34/`), built apart: it asks rustls for `ring`, and in one workspace the
//! product would be built with it too.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use bytes::{Bytes, BytesMut};
use proptest::{prelude::*, test_runner::TestRunner};
use smpp::{
    Address, Bind, BindKind, BindResponse, Body, MessageResponse, Pdu, ShortMessage, Status, Tlvs, tlv,
};

struct Oracle {
    process: Child,
    asks: ChildStdin,
    tells: BufReader<ChildStdout>,
}

/// What it read, and what it wrote.
struct Told {
    what: String,
    fields: Vec<String>,
    again: Bytes,
}

impl Oracle {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("smpp34");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smpp34");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--locked", "--manifest-path"]).arg(folder.join("Cargo.toml"));
        let built = cargo.arg("--target-dir").arg(&target).status().expect("cargo runs");
        assert!(built.success(), "it is built");
        let mut program = Command::new(target.join("debug/smpp34-oracle"));
        let mut process =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
        let asks = process.stdin.take().expect("its input");
        let tells = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, asks, tells }
    }

    fn read(&mut self, octets: &[u8]) -> Told {
        writeln!(self.asks, "{}", hex(octets)).expect("it listens");
        let mut line = String::new();
        self.tells.read_line(&mut line).expect("it answers");
        let mut words = line.trim_end_matches('\n').split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (what, fields, again) = (word(), word(), word());
        assert_ne!(what, "refused", "{fields}: {}", hex(octets));
        Told { what, fields: fields.split(',').map(str::to_owned).collect(), again: octets_of(&again) }
    }

    /// Through it and back.
    fn agree(&mut self, pdu: &Pdu) -> Told {
        let mut ours = BytesMut::new();
        pdu.encode(&mut ours).expect("it can be written");
        let told = self.read(&ours);
        assert_eq!(&Pdu::decode(&told.again).expect("it can be read"), pdu);
        assert_eq!(told.again, ours.freeze(), "{pdu:?}");
        told
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _over = self.process.kill();
        let _gone = self.process.wait();
    }
}

fn hex(octets: impl AsRef<[u8]>) -> String {
    octets.as_ref().iter().fold(String::new(), |mut text, octet| {
        let _fits = write!(text, "{octet:02x}");
        text
    })
}

fn octets_of(hex: &str) -> Bytes {
    (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn address() -> impl Strategy<Value = Address> {
    (0u8..=6, 0u8..=18, "[A-Za-z0-9+ ]{0,20}").prop_map(|(ton, npi, text)| Address::new(ton, npi, text))
}

fn message() -> impl Strategy<Value = ShortMessage> {
    let validity = prop::sample::select(vec!["", "000001000000000R", "261231235900000+"]);
    let payload = proptest::option::of(proptest::collection::vec(any::<u8>(), 1..1000));
    (
        ("[A-Z]{0,5}", address(), address(), any::<u8>(), any::<u8>(), 0u8..4, validity, any::<u8>()),
        any::<u8>(),
        proptest::collection::vec(any::<u8>(), 0..=254),
        proptest::option::of((any::<u16>(), 1u8..=255, 1u8..=255)),
        payload,
    )
        .prop_map(|(head, coding, text, sar, payload)| {
            let (service_type, source, destination, class, protocol, priority, validity, receipt) = head;
            let mut tlvs = Tlvs::default();
            if let Some((reference, total, number)) = sar {
                tlvs.push(tlv::SAR_MSG_REF_NUM, reference.to_be_bytes().to_vec());
                tlvs.push(tlv::SAR_TOTAL_SEGMENTS, vec![total]);
                tlvs.push(tlv::SAR_SEGMENT_SEQNUM, vec![number]);
            }
            let short_message = if payload.is_some() { Bytes::new() } else { text.into() };
            if let Some(payload) = payload {
                tlvs.push(tlv::MESSAGE_PAYLOAD, payload);
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
                short_message,
                tlvs,
                ..ShortMessage::default()
            }
        })
}

/// The fields of a message as the other codec names them.
fn fields(message: &ShortMessage) -> Vec<String> {
    let address = |of: &Address| format!("{}/{}/{}", of.ton, of.npi, hex(&of.address));
    let mut fields = vec![
        hex(&message.service_type),
        address(&message.source),
        address(&message.destination),
        message.esm_class.to_string(),
        message.data_coding.to_string(),
        hex(&message.short_message),
    ];
    fields.extend(message.tlvs.0.iter().map(|tlv| format!("{:04x}={}", tlv.tag, hex(&tlv.value))));
    fields
}

#[test]
fn it_reads_what_we_write_and_we_read_what_it_writes() {
    let oracle = std::cell::RefCell::new(Oracle::start());
    let agree = |pdu: &Pdu| oracle.borrow_mut().agree(pdu);

    let mut runner = TestRunner::default();
    let messages = (message(), 1u32..0x8000_0000);
    let checked = runner.run(&messages, |(message, sequence)| {
        let submit = agree(&Pdu::ok(sequence, Body::SubmitSm(message.clone())));
        prop_assert_eq!((submit.what.as_str(), submit.fields), ("submit_sm", fields(&message)));
        let deliver = agree(&Pdu::ok(sequence, Body::DeliverSm(message.clone())));
        prop_assert_eq!((deliver.what.as_str(), deliver.fields), ("deliver_sm", fields(&message)));
        Ok(())
    });
    checked.unwrap();

    let kinds = [
        (BindKind::Receiver, "bind_receiver"),
        (BindKind::Transmitter, "bind_transmitter"),
        (BindKind::Transceiver, "bind_transceiver"),
    ];
    let binds = ("[a-z0-9]{1,15}", "[ -~]{0,8}", prop::sample::select(kinds.to_vec()));
    let checked = runner.run(&binds, |(id, password, (kind, name))| {
        let bind = Bind {
            system_id: id.clone(),
            password: password.clone(),
            system_type: "VMA".into(),
            interface_version: 0x34,
            addr_ton: 1,
            addr_npi: 1,
            address_range: "^2547".into(),
        };
        let told = agree(&Pdu::ok(1, Body::Bind(kind, bind)));
        prop_assert_eq!((told.what.as_str(), told.fields), (name, vec![hex(&id), hex(password), hex("VMA")]));
        let mut tlvs = Tlvs::default();
        tlvs.push(tlv::SC_INTERFACE_VERSION, vec![0x34]);
        let told = agree(&Pdu::ok(1, Body::BindResponse(kind, BindResponse { system_id: id.clone(), tlvs })));
        prop_assert_eq!(told.fields, vec!["0".to_owned(), hex(id)]);
        Ok(())
    });
    checked.unwrap();

    let checked = runner.run(&"[0-9a-f]{1,64}", |id| {
        let answer = MessageResponse { message_id: id.clone(), ..MessageResponse::default() };
        let told = agree(&Pdu::ok(3, Body::SubmitSmResponse(answer)));
        prop_assert_eq!(told.fields, vec!["0".to_owned(), hex(id)]);
        Ok(())
    });
    checked.unwrap();

    for (body, name) in [
        (Body::UnbindResponse, "unbind_resp"),
        (Body::EnquireLink, "enquire_link"),
        (Body::GenericNack, "generic_nack"),
    ] {
        assert_eq!(agree(&Pdu { status: Status::OK, sequence: 7, body }).what, name);
    }
    // an answer that refuses: the other codec writes no id, as 4.4.2 of the specification has it
    for status in [0x0B, 0x14, 0x45, 0x58] {
        let answer = Pdu {
            status: Status(status),
            sequence: 9,
            body: Body::SubmitSmResponse(MessageResponse::default()),
        };
        let mut ours = BytesMut::new();
        answer.encode(&mut ours).unwrap();
        let told = oracle.borrow_mut().read(&ours);
        assert_eq!(told.fields[0], status.to_string());
        assert_eq!(Pdu::decode(&told.again).unwrap(), answer);
    }
}
