//! Reads PDUs by `smpp34`, in hexadecimal, one a line, and writes for each what it understood: a word for what it is,
//! the fields that matter, and the PDU that it makes of them.

use std::io::{BufRead as _, Write as _};

use smpp34::*;

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let pdu = octets(&line.expect("a line"));
        let answer = CommandHeader::decode(&pdu).and_then(|header| read(header, &pdu));
        let told = match answer {
            Ok((what, fields, again)) => format!("{what} {} {}", fields.join(","), hex(&again)),
            Err(error) => format!("refused {error:?} -"),
        };
        writeln!(out, "{told}").and_then(|()| out.flush()).expect("whoever asked listens");
    }
}

type Read = (&'static str, Vec<String>, Vec<u8>);

fn read(header: CommandHeader, pdu: &[u8]) -> Result<Read, SmppError> {
    let sequence = header.sequence_number;
    macro_rules! bind {
        ($kind:ident) => {{
            let read = $kind::decode(header, pdu)?;
            let fields = vec![text(&read.system_id), text(&read.password), text(&read.system_type)];
            Ok((stringify!($kind), fields, read.encode()))
        }};
    }
    macro_rules! bound {
        ($kind:ident) => {{
            let read = $kind::decode(header, pdu)?;
            let fields = vec![read.command_status().to_string(), text(read.system_id.as_deref().unwrap_or(""))];
            Ok((stringify!($kind), fields, read.encode()))
        }};
    }
    macro_rules! message {
        ($kind:ident) => {{
            let read = $kind::decode(header, pdu)?;
            let mut fields = vec![
                text(&read.service_type),
                format!("{}/{}/{}", read.source_addr_ton, read.source_addr_npi, text(&read.source_addr)),
                format!("{}/{}/{}", read.dest_addr_ton, read.dest_addr_npi, text(&read.destination_addr)),
                read.esm_class.to_string(),
                read.data_coding.to_string(),
                hex(&read.short_message),
            ];
            fields.extend(read.tlvs.iter().map(|tlv| format!("{:04x}={}", tlv.tag, hex(&tlv.value))));
            Ok((stringify!($kind), fields, read.encode()))
        }};
    }
    match header.command_id {
        0x0000_0001 => bind!(bind_receiver),
        0x0000_0002 => bind!(bind_transmitter),
        0x0000_0009 => bind!(bind_transceiver),
        0x8000_0001 => bound!(bind_receiver_resp),
        0x8000_0002 => bound!(bind_transmitter_resp),
        0x8000_0009 => bound!(bind_transceiver_resp),
        0x0000_0004 => message!(submit_sm),
        0x0000_0005 => message!(deliver_sm),
        0x8000_0004 => {
            let read = submit_sm_resp::decode(header, pdu)?;
            let id = text(read.message_id.as_deref().unwrap_or(""));
            Ok(("submit_sm_resp", vec![read.command_status().to_string(), id], read.encode()))
        }
        0x8000_0005 => {
            let read = deliver_sm_resp::decode(header, pdu)?;
            Ok(("deliver_sm_resp", vec![read.command_status().to_string()], read.encode()))
        }
        0x0000_0015 => {
            let read = enquire_link::decode(header, pdu)?;
            Ok(("enquire_link", vec![sequence.to_string()], read.encode()))
        }
        0x8000_0006 => {
            let read = unbind_resp::decode(header, pdu)?;
            Ok(("unbind_resp", vec![read.command_status().to_string()], read.encode()))
        }
        0x8000_0000 => {
            let read = generic_nack::decode(header, pdu)?;
            Ok(("generic_nack", vec![sequence.to_string()], read.encode()))
        }
        _ => Err(SmppError::ESME_RINVCMDID),
    }
}

/// In hexadecimal, as texts may hold anything.
fn text(text: &str) -> String {
    hex(text.as_bytes())
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn octets(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    digits.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}
