//! What a channel says about its message centre.

use std::{collections::BTreeMap, time::Duration};

use ::smpp::{BindKind, IdForm, SessionOptions, coding::Alphabet, split::LongMessages};
use outbound::{Dial, Tls};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{ChannelConfig, RejectReason, SendError, SendErrorClass, SettingsProblem, ThrottleScope};

const PORT: u16 = 2775;

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Credentials {
    /// The message centre's name or address.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[A-Za-z0-9._\-\[\]:]+$"))]
    host: String,
    /// Usually 2775; with TLS often 3550.
    #[schemars(range(min = 1, max = 65535))]
    port: Option<u16>,
    /// The account's name at the operator.
    #[schemars(length(min = 1, max = 15))]
    system_id: String,
    #[schemars(length(min = 1, max = 64), extend("x-secret" = true))]
    password: String,
    /// Only if the operator names one.
    #[schemars(length(max = 12))]
    system_type: Option<String>,
    /// The number or name that messages come from.
    #[schemars(length(max = 20))]
    source_addr: Option<String>,
    /// Type of number; found by its look if not set.
    #[schemars(range(max = 255))]
    source_addr_ton: Option<u8>,
    /// Numbering plan; found by its look if not set.
    #[schemars(range(max = 255))]
    source_addr_npi: Option<u8>,
    provider: Option<String>,
}

/// How binds are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BindMode {
    /// One kind of bind sends and receives.
    #[default]
    Transceiver,
    /// Transmitters send, receivers receive.
    Separate,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DefaultAlphabet {
    #[default]
    Gsm7,
    Gsm7Packed,
    Latin1,
    Ascii,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Long {
    #[default]
    Udh,
    Udh16,
    Sar,
    Payload,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Form {
    #[default]
    Text,
    Hex,
    Decimal,
}

/// Where a receipt names its message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReceiptIdFrom {
    /// The parameter `receipted_message_id`, or the text where there is none.
    #[default]
    Parameter,
    /// The text (`id:…`) even if there is a parameter.
    Text,
}

/// What a vendor's code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Meaning {
    Recipient,
    Content,
    OptOut,
    Policy,
    Throttled,
    Temporary,
    Auth,
    Funds,
    Config,
}

/// What only few message centres need is marked as rare; forms fold it away.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(super) struct Settings {
    /// Transceiver unless the operator gave separate transmitters and receivers.
    bind_mode: Option<BindMode>,
    /// Connections held at once; no more than the operator allows.
    #[schemars(range(min = 1, max = 10), extend("x-rare" = true))]
    binds: Option<usize>,
    /// Messages that may wait for their answer on one connection; the operator says how many.
    #[schemars(range(min = 1, max = 1000))]
    window: Option<usize>,
    /// Messages a second on one connection.
    #[schemars(range(min = 1, max = 10000))]
    rate_per_second: Option<u32>,
    /// Encrypt the connection from its first byte.
    tls: Option<bool>,
    /// Certificate of the operator's own authority, in PEM.
    #[schemars(length(max = 65536), extend("x-rare" = true))]
    tls_ca: Option<String>,
    /// Name in the message centre's certificate, if it is not the host.
    #[schemars(length(max = 253), extend("x-rare" = true))]
    tls_server_name: Option<String>,
    /// The number or name that messages come from.
    #[schemars(length(max = 20))]
    source_addr: Option<String>,
    #[schemars(range(max = 255), extend("x-rare" = true))]
    source_addr_ton: Option<u8>,
    #[schemars(range(max = 255), extend("x-rare" = true))]
    source_addr_npi: Option<u8>,
    #[schemars(range(max = 255), extend("x-rare" = true))]
    dest_addr_ton: Option<u8>,
    #[schemars(range(max = 255), extend("x-rare" = true))]
    dest_addr_npi: Option<u8>,
    /// Only if the operator names one.
    #[schemars(length(max = 5), extend("x-rare" = true))]
    service_type: Option<String>,
    /// What the message centre means by its default alphabet.
    default_alphabet: Option<DefaultAlphabet>,
    /// How the parts of a long text are joined: a header of 8 or 16 bits, sar parameters, or whole as a payload.
    long_messages: Option<Long>,
    /// Ask for delivery receipts.
    #[schemars(extend("x-rare" = true))]
    receipts: Option<bool>,
    /// How the message centre writes ids when it takes a message.
    response_id: Option<Form>,
    /// How it writes them in the text of receipts.
    receipt_id: Option<Form>,
    /// Where receipts name their message.
    #[schemars(extend("x-rare" = true))]
    receipt_id_from: Option<ReceiptIdFrom>,
    /// The message centre uses ids again; tell messages apart by their recipient as well.
    #[schemars(extend("x-rare" = true))]
    ids_repeat: Option<bool>,
    /// Minutes after which the message centre gives up delivering.
    #[schemars(range(min = 1, max = 10080), extend("x-rare" = true))]
    validity_minutes: Option<u32>,
    /// Seconds of silence after which the message centre is asked whether it is there.
    #[schemars(range(min = 5, max = 600), extend("x-rare" = true))]
    enquire_link_seconds: Option<u32>,
    /// Seconds that the answer to a message may take.
    #[schemars(range(min = 1, max = 60), extend("x-rare" = true))]
    response_seconds: Option<u32>,
    /// What the operator's own error codes mean, like {"0x411": "recipient"}.
    #[schemars(extend("x-rare" = true))]
    error_classes: Option<BTreeMap<String, Meaning>>,
    /// Parameters that the operator wants with every message, like {"0x1400": "1101234567"}.
    #[schemars(extend("x-rare" = true))]
    extra_parameters: Option<BTreeMap<String, String>>,
}

/// A channel's settings, ready for use.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) dial: Dial,
    /// Without the kind of its bind.
    pub(super) session: SessionOptions,
    pub(super) bind_mode: BindMode,
    pub(super) binds: usize,
    pub(super) source: Option<String>,
    pub(super) source_type: (Option<u8>, Option<u8>),
    pub(super) destination_type: (Option<u8>, Option<u8>),
    pub(super) service_type: String,
    pub(super) alphabet: Alphabet,
    pub(super) long_messages: LongMessages,
    pub(super) wants_receipts: bool,
    pub(super) response_id: IdForm,
    pub(super) receipt_id: IdForm,
    pub(super) receipt_id_from: ReceiptIdFrom,
    ids_repeat: bool,
    /// `000001000000000R`
    pub(super) validity: String,
    pub(super) error_classes: BTreeMap<u32, SendErrorClass>,
    pub(super) extra: Vec<(u16, String)>,
    /// `+251`
    pub(super) country: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dial: Dial { scheme: "smpp", host: String::new(), port: PORT, tls: None },
            session: SessionOptions::new("", ""),
            bind_mode: BindMode::default(),
            binds: 1,
            source: None,
            source_type: (None, None),
            destination_type: (None, None),
            service_type: String::new(),
            alphabet: Alphabet::default(),
            long_messages: LongMessages::default(),
            wants_receipts: true,
            response_id: IdForm::default(),
            receipt_id: IdForm::default(),
            receipt_id_from: ReceiptIdFrom::default(),
            ids_repeat: false,
            validity: String::new(),
            error_classes: BTreeMap::new(),
            extra: Vec::new(),
            country: None,
        }
    }
}

impl Config {
    pub(super) fn of(channel: &ChannelConfig) -> Result<Self, SendError> {
        let settings: Settings = channel.typed_settings()?;
        let credential = |field: &str| channel.credentials.expose().get(field).and_then(Value::as_u64);
        let octet = |field: &str| credential(field).and_then(|number| u8::try_from(number).ok());
        let tls = settings.tls.unwrap_or(settings.tls_ca.is_some()).then(|| Tls {
            roots: settings.tls_ca.clone().filter(|pem| !pem.trim().is_empty()),
            name: settings.tls_server_name.clone().filter(|name| !name.is_empty()),
        });
        let mut session = SessionOptions::new(channel.required("system_id")?, channel.required("password")?);
        if let Some(system_type) = channel.credentials.get("system_type") {
            system_type.clone_into(&mut session.system_type);
        }
        session.window = settings.window.unwrap_or(session.window);
        session.rate = settings.rate_per_second.map(f64::from);
        if let Some(seconds) = settings.response_seconds {
            session.response_time = Duration::from_secs(seconds.into());
        }
        if let Some(seconds) = settings.enquire_link_seconds {
            session.enquire_after = Duration::from_secs(seconds.into());
        }
        let port = credential("port").map_or(Ok(PORT), u16::try_from);
        Ok(Self {
            dial: Dial {
                scheme: "smpp",
                host: channel.required("host")?.to_owned(),
                port: port.map_err(|_| SendError::config("the port is no port"))?,
                tls,
            },
            session,
            bind_mode: settings.bind_mode.unwrap_or_default(),
            binds: settings.binds.unwrap_or(1),
            source: channel.field("source_addr").or(channel.sender_name.as_deref()).map(str::to_owned),
            source_type: (
                settings.source_addr_ton.or(octet("source_addr_ton")),
                settings.source_addr_npi.or(octet("source_addr_npi")),
            ),
            destination_type: (settings.dest_addr_ton, settings.dest_addr_npi),
            service_type: settings.service_type.unwrap_or_default(),
            alphabet: match settings.default_alphabet.unwrap_or_default() {
                DefaultAlphabet::Gsm7 => Alphabet::Gsm7,
                DefaultAlphabet::Gsm7Packed => Alphabet::Gsm7Packed,
                DefaultAlphabet::Latin1 => Alphabet::Latin1,
                DefaultAlphabet::Ascii => Alphabet::Ascii,
            },
            long_messages: match settings.long_messages.unwrap_or_default() {
                Long::Udh => LongMessages::Udh,
                Long::Udh16 => LongMessages::UdhWide,
                Long::Sar => LongMessages::Sar,
                Long::Payload => LongMessages::Payload,
            },
            wants_receipts: settings.receipts.unwrap_or(true),
            response_id: settings.response_id.unwrap_or_default().into(),
            receipt_id: settings.receipt_id.unwrap_or_default().into(),
            receipt_id_from: settings.receipt_id_from.unwrap_or_default(),
            ids_repeat: settings.ids_repeat.unwrap_or(false),
            validity: settings.validity_minutes.map(relative).unwrap_or_default(),
            error_classes: numbered("error_classes", settings.error_classes)?
                .into_iter()
                .map(|(code, meaning)| (code, meaning.into()))
                .collect(),
            extra: numbered("extra_parameters", settings.extra_parameters)?
                .into_iter()
                .map(|(tag, value)| {
                    let tag = u16::try_from(tag);
                    let tag = tag.map_err(|_| SendError::config("a tag has at most four hex digits"))?;
                    Ok((tag, value))
                })
                .collect::<Result<_, SendError>>()?,
            country: channel.default_country_code.clone(),
        })
    }

    /// The kind of bind that receives, or does both.
    pub(super) const fn first_kind(&self) -> BindKind {
        match self.bind_mode {
            BindMode::Transceiver => BindKind::Transceiver,
            BindMode::Separate => BindKind::Transmitter,
        }
    }

    /// An id as it is stored. The last digits of the recipient, where they are part of it, are the same however the
    /// number is written.
    pub(super) fn scoped(&self, id: String, recipient: &str) -> String {
        if !self.ids_repeat || id.is_empty() {
            return id;
        }
        let tail = recipient.len().saturating_sub(8);
        format!("{id}/{}", recipient.get(tail..).unwrap_or(recipient))
    }

    pub(super) fn address(&self) -> String {
        format!("smpp://{}:{}", self.dial.host, self.dial.port)
    }
}

/// `YYMMDDhhmmsstnnR`: from now on.
fn relative(minutes: u32) -> String {
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    format!("0000{days:02}{hours:02}{minutes:02}00000R")
}

/// Keys like `0x411` or `1041`.
fn numbered<T>(field: &str, map: Option<BTreeMap<String, T>>) -> Result<Vec<(u32, T)>, SendError> {
    let number = |key: &str| match key.strip_prefix("0x").or_else(|| key.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => key.parse().ok(),
    };
    map.unwrap_or_default()
        .into_iter()
        .map(|(key, value)| {
            let number = number(&key);
            let number = number.ok_or_else(|| SendError::config(format!("{field}: {key:?} is no number")))?;
            Ok((number, value))
        })
        .collect()
}

impl From<Form> for IdForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Hex => Self::Hex,
            Form::Decimal => Self::Decimal,
        }
    }
}

impl From<Meaning> for SendErrorClass {
    fn from(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Recipient => Self::Rejected(RejectReason::Recipient),
            Meaning::Content => Self::Rejected(RejectReason::Content),
            Meaning::OptOut => Self::Rejected(RejectReason::OptOut),
            Meaning::Policy => Self::Rejected(RejectReason::Policy),
            Meaning::Throttled => Self::Throttled { after: None, scope: ThrottleScope::Channel },
            Meaning::Temporary => Self::Unavailable,
            Meaning::Auth => Self::Settings(SettingsProblem::Auth),
            Meaning::Funds => Self::Settings(SettingsProblem::Funds),
            Meaning::Config => Self::Settings(SettingsProblem::Config),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative() {
        assert_eq!(relative(1440), "000001000000000R");
        assert_eq!(relative(90), "000000013000000R");
        assert_eq!(relative(10080).len(), 16);
    }
}
