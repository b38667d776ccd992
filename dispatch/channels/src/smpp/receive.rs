//! What the message centre delivers: customers' messages and receipts.
//!
//! Each delivery is acknowledged once the sink has stored it. The parts of a long message are stored together, and
//! wait for each other unacknowledged; where they do not come while one of them waits (a message centre that
//! delivers one at a time), each is stored by itself and put together from memory.

use std::time::{Duration, Instant};

use ::smpp::{
    Assembled, Bytes, Class, Delivery, DeliveryReport, Down, Fragment, Inbound, LinkState, MessageState, Pdu,
    Reassembler, ShortMessage, canonical_id, coding,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    lines::Lines,
    of_down,
    settings::{Config, ReceiptIdFrom},
};
use crate::{
    Context, InboundMessage, Incoming, ParseError, PolledBatch, Receipt, ReceiptStatus, SendError,
    SendErrorClass, Sink,
};

/// Deliveries that are stored together.
const BATCH: usize = 100;
/// How long a part waits for the others without being acknowledged.
const HOLD: Duration = Duration::from_secs(3);
/// How long a long message may take to arrive; then what is there is shown.
const PATIENCE: Duration = Duration::from_mins(10);
/// Long messages that may be on their way at once.
const MOST_WAITING: usize = 1000;
const TICK: Duration = Duration::from_millis(250);

/// What the journal keeps of a batch: the PDUs as they came, and what they were taken for.
#[derive(Serialize, Deserialize)]
struct Kept {
    items: Vec<Item>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Item {
    /// Our name for a customer's message; empty for the rest.
    #[serde(default)]
    name: String,
    /// A part that is stored while the others are still missing.
    #[serde(default)]
    is_part: bool,
    /// Parts are missing and will not come.
    #[serde(default)]
    is_partial: bool,
    /// Whole PDUs in hex, in the order of the text.
    pdus: Vec<String>,
}

/// Reads a batch; the same one gives the same things.
pub(super) fn parse(config: &Config, raw: &[u8]) -> Result<Vec<Incoming>, ParseError> {
    let kept: Kept = serde_json::from_slice(raw).map_err(|error| ParseError(error.to_string()))?;
    Ok(kept.items.iter().map(|item| read(config, item)).collect())
}

fn read(config: &Config, item: &Item) -> Incoming {
    let ignored = |what: &str| Incoming::Ignored { what: what.to_owned() };
    let decoded =
        item.pdus.iter().map(|pdu| hex::decode(pdu).ok().and_then(|octets| message_of(&octets.into())));
    let Some(messages) = decoded.collect::<Option<Vec<ShortMessage>>>() else {
        return ignored("not readable");
    };
    let Some(first) = messages.first() else { return ignored("nothing") };
    if let Some(report) = DeliveryReport::of(first, config.alphabet) {
        return receipt(config, &report, &first.source.address);
    }
    if item.is_part {
        return ignored("a part of a longer message");
    }
    if first.user_data().0.is_some_and(|udh| udh.has_ports) {
        return ignored("a message for an application");
    }
    let text: String = messages.iter().map(|message| text_of(config, message)).collect();
    let sender = number(&first.source, config.country.as_deref());
    Incoming::Message(InboundMessage {
        external_id: item.name.clone(),
        thread_key: sender.clone(),
        sender,
        aliases: Vec::new(),
        display_name: None,
        text: text.replace('\0', ""),
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: None,
        metadata: json!({
            "to": first.destination.address, "data_coding": first.data_coding, "parts": messages.len(),
            "partial": item.is_partial,
        }),
        language_hint: None,
        references: Vec::new(),
    })
}

fn message_of(octets: &Bytes) -> Option<ShortMessage> {
    match Pdu::decode(octets).ok()?.body {
        ::smpp::Body::DeliverSm(message) | ::smpp::Body::DataSm(message) => Some(message),
        _ => None,
    }
}

fn text_of(config: &Config, message: &ShortMessage) -> String {
    let (udh, octets) = message.user_data();
    coding::decode(message.data_coding, &octets, config.alphabet, udh.map_or(0, |udh| udh.length))
}

/// An address as contacts have it: international numbers with their plus sign, short codes and names as they are.
fn number(address: &::smpp::Address, country: Option<&str>) -> String {
    let text = address.address.trim();
    let is_number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let country = country.map(|code| code.trim_start_matches('+')).filter(|code| !code.is_empty());
    match (address.ton, country) {
        _ if !is_number => text.to_owned(),
        (1, _) => format!("+{}", text.trim_start_matches("00")),
        // the type is often left out
        (_, Some(code)) if text.len() > 8 && text.starts_with(code) => format!("+{text}"),
        (_, Some(code)) if text.len() > 6 && (address.ton == 2 || text.starts_with('0')) => {
            format!("+{code}{}", text.trim_start_matches('0'))
        }
        (0, None) if text.len() > 9 && !text.starts_with('0') => format!("+{text}"),
        _ => text.to_owned(),
    }
}

fn receipt(config: &Config, report: &DeliveryReport, recipient: &str) -> Incoming {
    let status = match report.state {
        MessageState::Underway => ReceiptStatus::Sent,
        MessageState::Delivered => ReceiptStatus::Delivered,
        MessageState::Unknown => {
            return Incoming::Ignored { what: "a receipt that does not know either".to_owned() };
        }
        _ => ReceiptStatus::Failed,
    };
    let by_text = || report.text_id.as_deref().map(|id| canonical_id(id, config.receipt_id));
    // the parameter repeats the id as the answer had it
    let by_parameter = || report.tlv_id.as_deref().map(|id| canonical_id(id, config.response_id));
    let id = match config.receipt_id_from {
        ReceiptIdFrom::Parameter => by_parameter().or_else(by_text),
        ReceiptIdFrom::Text => by_text().or_else(by_parameter),
    };
    let Some(id) = id.filter(|id| !id.is_empty()) else {
        return Incoming::Ignored { what: "a receipt that names no message".to_owned() };
    };
    let failed = status == ReceiptStatus::Failed;
    Incoming::Receipt(Receipt {
        provider_message_id: config.scoped(id, recipient),
        correlation: None,
        status,
        // the message centre's own time, of an unknown zone
        at: None,
        error_code: failed.then(|| report.error.clone().unwrap_or_else(|| report.state.word().to_owned())),
        error_message: failed.then(|| match &report.error {
            Some(error) => format!("the operator could not deliver it: {} ({error})", report.state.word()),
            None => format!("the operator could not deliver it: {}", report.state.word()),
        }),
        facts: serde_json::Value::Null,
    })
}

/// A part that waits. Stored or not, it is in the memory of this session.
struct Waiting {
    raw: Bytes,
    name: String,
    /// Not acknowledged yet, since then.
    held: Option<(Delivery, Instant)>,
}

struct Desk<'a> {
    config: &'a Config,
    sink: &'a dyn Sink,
    waiting: Reassembler<Waiting>,
    /// Parts came together while one was held, so far.
    holds: bool,
    items: Vec<Item>,
    /// What is acknowledged once the items are stored.
    stored: Vec<Delivery>,
}

/// Receives until the message centre refuses the binds or the sink does not store.
pub(super) async fn run(
    lines: &Lines,
    ctx: &Context,
    config: &Config,
    sink: &dyn Sink,
) -> Result<(), SendError> {
    lines.rest(&ctx.channel).await;
    let (pool, mut inbound) = lines.for_receiving(ctx, config);
    let mut states = pool.watch();
    let names = lines.names(ctx.channel.channel_id);
    let mut desk = Desk {
        config,
        sink,
        waiting: Reassembler::new(PATIENCE, MOST_WAITING),
        holds: true,
        items: Vec::new(),
        stored: Vec::new(),
    };
    let mut tick = tokio::time::interval(TICK);
    let mut deliveries = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            delivery = inbound.recv() => match delivery {
                Some(delivery) => deliveries.push(delivery),
                None => return Err(ended()),
            },
            changed = states.changed() => {
                if changed.is_err() {
                    return Err(ended());
                }
                let now = states.borrow_and_update().clone();
                if notice(lines, ctx, config, &now)? {
                    desk.items.push(Item { name: String::new(), is_part: true, is_partial: false, pdus: Vec::new() });
                }
            }
            _ = tick.tick() => {}
        }
        more(&mut inbound, &mut deliveries);
        for delivery in deliveries.drain(..) {
            let named = names.lock().of(&delivery, ctx.clock.now());
            if let Some(named) = named {
                desk.take(delivery, named.name, named.is_again);
            }
        }
        desk.look();
        desk.store().await?;
    }
}

fn more(inbound: &mut Inbound, deliveries: &mut Vec<Delivery>) {
    while deliveries.len() < BATCH
        && let Some(delivery) = inbound.try_recv()
    {
        deliveries.push(delivery);
    }
}

fn ended() -> SendError {
    SendError::new(SendErrorClass::Unavailable, "session_ended", "the binds were ended")
}

/// What a change of the binds means; true if they work again after having been refused.
fn notice(lines: &Lines, ctx: &Context, config: &Config, states: &[LinkState]) -> Result<bool, SendError> {
    if states.iter().any(|state| matches!(state, LinkState::Bound(_))) {
        return Ok(lines.accepted(ctx.channel.channel_id));
    }
    let downs = states.iter().map(|state| match state {
        LinkState::Down(why) => Some(why),
        _ => None,
    });
    let Some(downs) = downs.collect::<Option<Vec<_>>>() else { return Ok(false) };
    let Some(last) = downs.last() else { return Ok(false) };
    let error = of_down(config, last);
    tracing::warn!(channel_id = %ctx.channel.channel_id, %error, "the message centre is not reached; it is tried again");
    if matches!(error.class, SendErrorClass::Settings(_)) {
        if matches!(&***last, Down::Bind(::smpp::BindError::Refused(status)) if status.class() == Class::Auth)
        {
            lines.refused(&ctx.channel);
        }
        return Err(error);
    }
    Ok(false)
}

impl Desk<'_> {
    fn take(&mut self, delivery: Delivery, name: String, is_again: bool) {
        let is_receipt = DeliveryReport::of(&delivery.message, self.config.alphabet).is_some();
        let fragment = Fragment::of(&delivery.message).filter(|_| !is_receipt);
        let Some(fragment) = fragment else {
            let name = if is_receipt { String::new() } else { name };
            self.items.push(Item {
                name,
                is_part: false,
                is_partial: false,
                pdus: vec![hex::encode(&delivery.raw)],
            });
            self.stored.push(delivery);
            return;
        };
        if is_again && !self.waiting.holds(&fragment) {
            // it came together before, and the acknowledgement was lost
            return self.part(delivery.raw.clone(), delivery);
        }
        let raw = delivery.raw.clone();
        let now = Instant::now();
        let part = Waiting { raw, name, held: Some((delivery, now)) };
        let (whole, replaced) = self.waiting.add(&fragment, part, now);
        // of the earlier copy nobody waits for an answer
        drop(replaced);
        if let Some(whole) = whole {
            self.put_together(whole);
        }
    }

    /// Keeps a part by itself.
    fn part(&mut self, raw: Bytes, delivery: Delivery) {
        self.items.push(Item {
            name: String::new(),
            is_part: true,
            is_partial: false,
            pdus: vec![hex::encode(&raw)],
        });
        self.stored.push(delivery);
    }

    fn put_together(&mut self, whole: Assembled<Waiting>) {
        let names: Vec<&str> = whole.parts.iter().map(|part| part.name.as_str()).collect();
        self.items.push(Item {
            name: joined(&names),
            is_part: false,
            is_partial: whole.partial,
            pdus: whole.parts.iter().map(|part| hex::encode(&part.raw)).collect(),
        });
        self.stored
            .extend(whole.parts.into_iter().filter_map(|part| part.held).map(|(delivery, _)| delivery));
    }

    /// Lets nobody wait for too long.
    fn look(&mut self) {
        let now = Instant::now();
        for late in self.waiting.give_up(now) {
            self.put_together(late);
        }
        let hold = if self.holds { HOLD } else { Duration::ZERO };
        let mut ripe = Vec::new();
        for part in self.waiting.parts_mut() {
            if part.held.as_ref().is_some_and(|(_, since)| now.duration_since(*since) >= hold) {
                ripe.extend(part.held.take().map(|(delivery, _)| (part.raw.clone(), delivery)));
            }
        }
        self.holds &= ripe.is_empty();
        for (raw, delivery) in ripe {
            self.part(raw, delivery);
        }
    }

    /// Stores what has come together, then acknowledges it.
    async fn store(&mut self) -> Result<(), SendError> {
        if self.items.is_empty() {
            return Ok(());
        }
        let kept = Kept { items: std::mem::take(&mut self.items) };
        let incoming = kept.items.iter().map(|item| read(self.config, item)).collect();
        let unstorable = |error: String| SendError::new(SendErrorClass::Unavailable, "not_stored", error);
        let raw = serde_json::to_vec(&kept).map_err(|error| unstorable(error.to_string()))?;
        let batch = PolledBatch { raw: raw.into(), incoming };
        self.sink.accept(batch).await.map_err(|error| unstorable(error.to_string()))?;
        for delivery in self.stored.drain(..) {
            delivery.accept();
        }
        Ok(())
    }
}

/// The name of a whole from those of its parts: the same parts, the same name.
fn joined(names: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(&Sha256::digest(names.join("+"))[..16])
}
