//! From a message of ours to what `submit_sm` carries.

use ::smpp::{
    Address, ShortMessage,
    coding::Alphabet,
    split::{LongMessages, Writing},
    udh::Concat,
};
use model::profile::TextLimit;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{settings::Config, text};
use crate::{ChannelConfig, OutboundMessage, RejectReason, SendError, SendErrorClass, plain, sms};

/// One `submit_sm`'s worth of text.
pub(super) struct Segment {
    pub(super) text: String,
    writing: Writing,
    /// `None`: it is whole.
    concat: Option<Concat>,
}

/// Divides a message. The same message gives the same segments with the same references, so that after a restart
/// those that are left still belong to those that were sent.
pub(super) fn segments(
    limit: &TextLimit,
    config: &Config,
    channel: &ChannelConfig,
    message: &OutboundMessage,
) -> Vec<Segment> {
    let whole = sms::written(channel, &plain::text_of(message));
    let mut segments = Vec::new();
    for (number, block) in text::split(&whole, limit).into_iter().enumerate() {
        let writing = Writing::of(&block, config.alphabet);
        let pieces = writing.pieces(&block, config.long_messages);
        let is_wide = config.long_messages != LongMessages::Udh;
        let reference = reference(&message.idempotency_key, number, is_wide);
        let total = u8::try_from(pieces.len()).unwrap_or(u8::MAX);
        for (at, piece) in pieces.iter().enumerate() {
            let number = u8::try_from(at + 1).unwrap_or(u8::MAX);
            let concat = (total > 1).then(|| Concat::new(reference, total, number, is_wide)).flatten();
            segments.push(Segment { text: (*piece).to_owned(), writing, concat });
        }
    }
    segments
}

fn reference(key: &str, block: usize, is_wide: bool) -> u16 {
    let hash = Sha256::digest(format!("{key}:{block}"));
    let wide = u16::from_be_bytes([hash[0], hash[1]]);
    if is_wide { wide } else { wide & 0xFF }
}

/// The message as it goes on the wire.
pub(super) fn submit(
    config: &Config,
    channel: &ChannelConfig,
    message: &OutboundMessage,
    segment: &Segment,
) -> Result<ShortMessage, SendError> {
    let mut submit = ShortMessage {
        service_type: config.service_type.clone(),
        source: config.source.as_deref().map(source).unwrap_or_default(),
        destination: destination(&message.to, channel.default_country_code.as_deref())?,
        validity_period: config.validity.clone(),
        registered_delivery: u8::from(config.wants_receipts),
        ..ShortMessage::default()
    };
    retype(&mut submit.source, config.source_type);
    retype(&mut submit.destination, config.destination_type);
    for (tag, value) in &config.extra {
        submit.tlvs.push(*tag, value.clone().into_bytes());
    }
    if !segment.writing.fill(&mut submit, &segment.text, config.long_messages, segment.concat) {
        return Err(rejected(
            RejectReason::Content,
            "alphabet",
            "the text cannot be written in the alphabet",
        ));
    }
    Ok(submit)
}

/// Names are written in the default alphabet, whose letters and digits are those of ASCII.
fn source(address: &str) -> Address {
    let is_number = address.strip_prefix('+').unwrap_or(address).chars().all(|c| c.is_ascii_digit());
    if is_number {
        return Address::automatic(address);
    }
    // what the alphabet cannot say would be another name
    let name: String =
        address.chars().filter(|c| Alphabet::Gsm7.units(*c).is_some() && c.is_ascii()).collect();
    Address::automatic(&name)
}

fn retype(address: &mut Address, (ton, npi): (Option<u8>, Option<u8>)) {
    address.ton = ton.unwrap_or(address.ton);
    address.npi = npi.unwrap_or(address.npi);
}

/// Digits of an international number; one written without its country gets the channel's. Short ones stay short.
fn destination(to: &str, country: Option<&str>) -> Result<Address, SendError> {
    let bare: String = to.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).unwrap_or(&bare);
    if digits.is_empty() || digits.len() > 20 || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(rejected(RejectReason::Recipient, "no_number", format!("{to:?} is no phone number")));
    }
    if digits.len() != bare.len() {
        return Ok(Address::new(1, 1, digits));
    }
    match country.map(|code| code.trim_start_matches('+')).filter(|code| !code.is_empty()) {
        Some(code) if bare.len() > 6 => {
            Ok(Address::new(1, 1, format!("{code}{}", bare.trim_start_matches('0'))))
        }
        _ => Ok(Address::automatic(&bare)),
    }
}

fn rejected(reason: RejectReason, code: &str, message: impl Into<String>) -> SendError {
    SendError::new(SendErrorClass::Rejected(reason), code, message)
}

/// For the record of the call.
pub(super) fn shown(submit: &ShortMessage, segment: &Segment) -> String {
    let part = segment.concat.map(|concat| format!("{} of {}", concat.number, concat.total));
    json!({
        "source": submit.source.address, "destination": submit.destination.address,
        "data_coding": submit.data_coding, "part": part, "text": segment.text,
    })
    .to_string()
}
