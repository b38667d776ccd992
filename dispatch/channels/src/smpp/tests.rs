use std::sync::Arc;

use ::smpp::{
    Address, BindKind, BytesMut, ShortMessage,
    fake::{FakeSmsc, Manner, Receipts as FakeReceipts},
};
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;

use super::*;
use crate::{
    InboundMessage, PolledBatch, ReceiptStatus, Secrets, SinkError,
    conformance::{Sample, example_channel, example_message, local_context},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Smpp::new())
}

/// Nothing comes in by HTTP.
fn sample() -> Sample {
    Sample { channel: example_channel(&Smpp::new()), genuine: Vec::new() }
}

crate::conformance!(conforms, adapter(), sample());

fn manner() -> Manner {
    Manner { password: "secret".into(), ..Manner::default() }
}

fn channel(smsc: &FakeSmsc, settings: Value) -> ChannelConfig {
    let credentials = json!({
        "host": "127.0.0.1", "port": smsc.address().port(), "system_id": "acme", "password": "secret",
        "source_addr": "BRAND",
    });
    ChannelConfig {
        credentials: Secrets::new(credentials),
        settings,
        default_country_code: Some("+254".into()),
        ..example_channel(&Smpp::new())
    }
}

async fn centre(manner: Manner, settings: Value) -> (FakeSmsc, Smpp, Context) {
    let smsc = FakeSmsc::start(manner).await.unwrap();
    let smpp = Smpp::new();
    let ctx = local_context(&smpp, channel(&smsc, settings));
    (smsc, smpp, ctx)
}

async fn send(smpp: &Smpp, ctx: &Context, text: &str) -> Result<Vec<Sent>, SendError> {
    let message = example_message(text);
    let mut all = Vec::new();
    for part in smpp.parts(&ctx.channel, &message) {
        all.push(smpp.send(ctx, &message, &part).await?);
    }
    Ok(all)
}

/// Stores batches, or refuses to.
#[derive(Default)]
struct Store {
    batches: Mutex<Vec<PolledBatch>>,
    is_away: Mutex<bool>,
}

#[async_trait]
impl Sink for Store {
    async fn accept(&self, batch: PolledBatch) -> Result<(), SinkError> {
        if *self.is_away.lock() {
            return Err(SinkError("the store is away".to_owned()));
        }
        self.batches.lock().push(batch);
        Ok(())
    }
}

impl Store {
    fn incoming(&self) -> Vec<Incoming> {
        self.batches.lock().iter().flat_map(|batch| batch.incoming.clone()).collect()
    }

    fn messages(&self) -> Vec<InboundMessage> {
        let messages = self.incoming().into_iter().filter_map(|one| match one {
            Incoming::Message(message) => Some(message),
            _ => None,
        });
        messages.collect()
    }

    /// As the inbox sees them: each name once.
    fn texts(&self) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let new = self.messages().into_iter().filter(|message| seen.insert(message.external_id.clone()));
        new.map(|message| message.text).collect()
    }
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn running(smpp: &Arc<Smpp>, ctx: &Context, store: &Arc<Store>) -> tokio::task::JoinHandle<SendError> {
    let (smpp, ctx, store) = (Arc::clone(smpp), ctx.clone(), Arc::clone(store));
    tokio::spawn(async move { smpp.run(&ctx, &*store).await.unwrap_err() })
}

#[tokio::test]
async fn texts_are_sent_whole_or_in_parts_that_belong_together() {
    let (smsc, smpp, ctx) = centre(manner(), json!({})).await;
    let sent = send(&smpp, &ctx, "hello {€}").await.unwrap();
    assert_eq!((sent.len(), sent[0].provider_message_id.as_str(), sent[0].segments), (1, "1", 1));
    let first = &smsc.taken()[0].message;
    assert_eq!(
        (&first.source, &first.destination),
        (&Address::new(5, 0, "BRAND"), &Address::new(1, 1, "254700000001"))
    );
    assert_eq!((first.data_coding, first.esm_class, first.registered_delivery), (0, 0, 1));
    assert_eq!(&first.short_message[..], b"hello \x1b\x28\x1b\x65\x1b\x29");

    let long = "Привет, мир! ".repeat(12);
    let sent = send(&smpp, &ctx, &long).await.unwrap();
    assert_eq!(sent.len(), 3);
    let parts: Vec<ShortMessage> = smsc.taken()[1..].iter().map(|taken| taken.message.clone()).collect();
    let concats: Vec<_> = parts.iter().map(|part| part.user_data().0.unwrap().concat.unwrap()).collect();
    assert!(concats.iter().all(|concat| concat.reference == concats[0].reference && concat.total == 3));
    assert_eq!(concats.iter().map(|concat| concat.number).collect::<Vec<_>>(), [1, 2, 3]);
    let text: String = parts
        .iter()
        .map(|part| ::smpp::coding::decode(8, &part.user_data().1, ::smpp::coding::Alphabet::Gsm7, 6))
        .collect();
    assert_eq!(text, long);
    assert!(sent[0].exchange.as_ref().unwrap().request_excerpt.contains("1 of 3"));
    // transmitters of this node's own, since no session runs here
    assert_eq!(smsc.bound(), [BindKind::Transmitter]);
}

#[tokio::test]
async fn settings_reach_the_wire() {
    let settings = json!({
        "long_messages": "payload", "default_alphabet": "latin1", "validity_minutes": 60, "service_type": "CMT",
        "source_addr_ton": 2, "source_addr_npi": 8, "dest_addr_ton": 0, "extra_parameters": {"0x1400": "1101"},
        "receipts": false, "response_id": "hex", "ids_repeat": true,
    });
    let (smsc, smpp, ctx) = centre(Manner { ids_in_hex: true, ..manner() }, settings).await;
    for _ in 0..10 {
        send(&smpp, &ctx, "é").await.unwrap();
    }
    let sent = send(&smpp, &ctx, &"é".repeat(500)).await.unwrap();
    assert_eq!((sent.len(), sent[0].provider_message_id.as_str()), (1, "11/00000001"), "0000000B in decimal");
    let message = &smsc.taken()[10].message;
    assert_eq!((message.source.ton, message.source.npi, message.destination.ton), (2, 8, 0));
    assert_eq!(
        (message.service_type.as_str(), message.validity_period.as_str()),
        ("CMT", "000000010000000R")
    );
    assert_eq!(
        (message.registered_delivery, message.short_message.len(), message.payload().len()),
        (0, 0, 500)
    );
    assert_eq!(message.tlvs.text(0x1400).as_deref(), Some("1101"));
}

#[tokio::test]
async fn each_refusal_has_its_class() {
    let settings = json!({"error_classes": {"0x411": "opt_out", "1042": "funds"}});
    let (smsc, smpp, ctx) = centre(manner(), settings).await;
    for (status, class) in [
        (0x0B, SendErrorClass::Rejected(RejectReason::Recipient)),
        (0x01, SendErrorClass::Rejected(RejectReason::Content)),
        (0x0A, SendErrorClass::Settings(SettingsProblem::Config)),
        (0x08, SendErrorClass::Unavailable),
        (0x411, SendErrorClass::Rejected(RejectReason::OptOut)),
        (1042, SendErrorClass::Settings(SettingsProblem::Funds)),
        (0x499, SendErrorClass::Unavailable),
        (
            0x58,
            SendErrorClass::Throttled { after: Some(Duration::from_secs(1)), scope: ThrottleScope::Channel },
        ),
    ] {
        smsc.behave(Manner { refuse: Some(Status(status)), ..manner() });
        let error = send(&smpp, &ctx, "hello").await.unwrap_err();
        assert_eq!(error.class, class, "{status:#x}: {error}");
        assert!(error.exchange.is_some());
    }
    let mut message = example_message("hello");
    message.to = "not a number".into();
    let part = smpp.parts(&ctx.channel, &message).remove(0);
    let error = smpp.send(&ctx, &message, &part).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Rejected(RejectReason::Recipient));
}

#[tokio::test]
async fn what_was_written_is_unknown_and_what_was_not_is_unavailable() {
    let (smsc, smpp, ctx) = centre(Manner { cut_after: 1, ..manner() }, json!({})).await;
    let error = send(&smpp, &ctx, "hello").await.unwrap_err();
    assert_eq!((error.class, smsc.count()), (SendErrorClass::Unknown, 1), "{error}");
    drop(smsc);
    let error = send(&smpp, &ctx, "hello").await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Unavailable, "{error}");

    // an answer that takes longer than the time of the send
    let (smsc, smpp, ctx) = centre(Manner { is_mute: true, ..manner() }, json!({})).await;
    let ctx = ctx.within(Duration::from_millis(1500));
    let error = send(&smpp, &ctx, "hello").await.unwrap_err();
    assert_eq!((error.class, smsc.count()), (SendErrorClass::Unknown, 1), "{error}");

    // private addresses are not called unless the operator lists them
    let hidden = ChannelConfig {
        credentials: Secrets::new(json!({"host": "10.0.0.1", "system_id": "acme", "password": "secret"})),
        ..example_channel(&smpp)
    };
    let error = send(&smpp, &local_context(&smpp, hidden), "hello").await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_str()),
        (SendErrorClass::Settings(SettingsProblem::Config), "address_refused")
    );
}

#[tokio::test]
async fn credentials_are_verified_by_a_bind() {
    let (smsc, smpp, ctx) = centre(manner(), json!({})).await;
    assert_eq!(smpp.verify_credentials(&ctx).await.unwrap().display, "acme at fake (127.0.0.1)");
    eventually("it was unbound", || smsc.bound().is_empty() && smsc.unbinds() == 1).await;
    assert_eq!(smpp.check_health(&ctx).await.unwrap().status, HealthStatus::Ok);
    send(&smpp, &ctx, "hello").await.unwrap();
    let binds = smsc.binds();
    assert!(smpp.verify_credentials(&ctx).await.is_ok());
    let health = smpp.check_health(&ctx).await.unwrap();
    assert_eq!((smsc.binds(), &health.facts["bound"]), (binds, &json!(1)), "a bind that is up proves it");

    smsc.behave(Manner { password: "another".into(), ..manner() });
    let other = local_context(&smpp, channel(&smsc, json!({"window": 3})));
    let error = smpp.verify_credentials(&other).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Auth));
    assert!(error.message.contains("ESME_RINVPASWD"), "{error}");
}

#[tokio::test]
async fn a_session_receives_and_sends_over_the_same_bind() {
    let (smsc, smpp, ctx) =
        centre(Manner { receipts: FakeReceipts::Before, most_binds: 1, ..manner() }, json!({})).await;
    let (smpp, store) = (Arc::new(smpp), Arc::new(Store::default()));
    // a transmitter of its own gives way: the message centre allows one bind
    send(&smpp, &ctx, "first").await.unwrap();
    let session = running(&smpp, &ctx, &store);
    eventually("the session is bound", || smsc.bound() == [BindKind::Transceiver]).await;
    let sent = send(&smpp, &ctx, "second").await.unwrap();
    assert_eq!((smsc.bound(), sent[0].provider_message_id.as_str()), (vec![BindKind::Transceiver], "2"));
    eventually("the receipt is stored", || {
        store.incoming().iter().any(|one| {
            matches!(one, Incoming::Receipt(receipt)
                if receipt.provider_message_id == "2" && receipt.status == ReceiptStatus::Delivered)
        })
    })
    .await;
    assert_eq!(smsc.write("254700000009", "100", "Jambo 😀").await, Some(Status::OK));
    let message = store.messages().remove(0);
    assert_eq!((message.sender.as_str(), message.text.as_str()), ("+254700000009", "Jambo 😀"));
    // what was stored is read again to the same
    for batch in store.batches.lock().iter() {
        let request = WebhookRequest::from_body(batch.raw.clone());
        assert_eq!(smpp.parse(&ctx.channel, &request).unwrap(), batch.incoming);
    }
    session.abort();
    let _ = session.await;
    eventually("it is unbound in good order", || smsc.bound().is_empty() && smsc.unbinds() >= 2).await;
}

#[tokio::test]
async fn what_is_not_stored_is_not_acknowledged_and_comes_again_once() {
    let (smsc, smpp, ctx) = centre(Manner { most_binds: 1, ..manner() }, json!({})).await;
    let (smpp, store) = (Arc::new(smpp), Arc::new(Store::default()));
    *store.is_away.lock() = true;
    let session = running(&smpp, &ctx, &store);
    eventually("bound", || !smsc.bound().is_empty()).await;
    let refused = smsc.write("254700000009", "100", "ok").await;
    assert_eq!(refused, Some(Status::TEMPORARY_APP_ERROR));
    assert_eq!(session.await.unwrap().code, "not_stored");
    *store.is_away.lock() = false;
    // the old bind ends before the new one begins: the message centre allows one
    let session = running(&smpp, &ctx, &store);
    eventually("bound again", || !smsc.bound().is_empty() && smsc.binds() == 2 && smsc.unbinds() == 1).await;
    // the same words twice over one session are two messages
    for _ in 0..2 {
        assert_eq!(smsc.write("254700000009", "100", "ok").await, Some(Status::OK));
    }
    assert_eq!(store.texts(), ["ok", "ok"]);
    // acknowledged, but the session was cut: the message centre may deliver again
    smsc.cut();
    eventually("bound after the cut", || !smsc.bound().is_empty() && smsc.binds() >= 3).await;
    assert_eq!(smsc.write("254700000009", "100", "ok").await, Some(Status::OK));
    assert_eq!((store.texts().len(), store.messages().len()), (2, 3), "the same name again");
    session.abort();
}

/// A part of a text, with a header or with parameters.
fn part(how: ::smpp::split::LongMessages, number: u8, text: &str) -> ShortMessage {
    let writing = ::smpp::split::Writing::of(text, ::smpp::coding::Alphabet::Gsm7);
    let mut message = ShortMessage {
        source: Address::new(1, 1, "254700000009"),
        destination: Address::automatic("100"),
        ..ShortMessage::default()
    };
    let concat = ::smpp::udh::Concat::new(77, 2, number, false);
    assert!(writing.fill(&mut message, text, how, concat));
    message
}

#[tokio::test]
async fn parts_come_together_whether_or_not_one_waits_for_its_answer() {
    use ::smpp::split::LongMessages::{Sar, Udh};
    let (smsc, smpp, ctx) = centre(manner(), json!({})).await;
    let (smpp, store) = (Arc::new(smpp), Arc::new(Store::default()));
    let session = running(&smpp, &ctx, &store);
    eventually("bound", || !smsc.bound().is_empty()).await;
    // both at once, the second first
    let (second, first) =
        tokio::join!(smsc.deliver(part(Udh, 2, "world")), smsc.deliver(part(Udh, 1, "hello ")));
    assert_eq!((first, second), (Some(Status::OK), Some(Status::OK)));
    assert_eq!(store.texts(), ["hello world"]);
    assert_eq!(store.messages()[0].metadata["parts"], 2);
    // one after the other: the first is acknowledged by itself after a while
    let began = Instant::now();
    assert_eq!(smsc.deliver(part(Sar, 1, "good ")).await, Some(Status::OK));
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(store.texts().len(), 1);
    assert_eq!(smsc.deliver(part(Sar, 2, "morning")).await, Some(Status::OK));
    assert_eq!(store.texts(), ["hello world", "good morning"]);
    session.abort();
}

#[tokio::test]
async fn refused_credentials_end_the_session_and_are_not_tried_at_once() {
    let (smsc, smpp, ctx) = centre(Manner { password: "another".into(), ..manner() }, json!({})).await;
    let (smpp, store) = (Arc::new(smpp), Arc::new(Store::default()));
    let error = running(&smpp, &ctx, &store).await.unwrap();
    assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Auth));
    let again = running(&smpp, &ctx, &store);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(smsc.binds(), 1);
    // a person who tries it and sees it work ends the waiting
    smsc.behave(manner());
    smpp.verify_credentials(&ctx).await.unwrap();
    eventually("bound", || smsc.bound() == [BindKind::Transceiver]).await;
    eventually("it is told that the channel works", || !store.incoming().is_empty()).await;
    again.abort();
    // other settings are another matter
    let changed =
        ChannelConfig { channel_id: ctx.channel.channel_id, ..channel(&smsc, json!({"window": 5})) };
    let changed = local_context(&*smpp, changed);
    let session = running(&smpp, &changed, &store);
    eventually("bound", || !smsc.bound().is_empty()).await;
    session.abort();
}

fn receipt_of(settings: Value, message: &ShortMessage) -> Incoming {
    let smpp = Smpp::new();
    let mut octets = BytesMut::new();
    ::smpp::Pdu::ok(1, ::smpp::Body::DeliverSm(message.clone())).encode(&mut octets).unwrap();
    let raw = json!({"items": [{"pdus": [hex::encode(&octets)]}]}).to_string();
    let channel = ChannelConfig { settings, ..example_channel(&smpp) };
    let request = WebhookRequest::from_body(Bytes::from(raw));
    smpp.parse(&channel, &request).unwrap().remove(0)
}

#[test]
fn receipts_find_their_message_in_every_form_of_id() {
    let mut message = ShortMessage {
        esm_class: 4,
        short_message: "id:169552957 stat:DELIVRD err:000".into(),
        ..ShortMessage::default()
    };
    let id = |settings: Value, message: &ShortMessage| match receipt_of(settings, message) {
        Incoming::Receipt(receipt) => receipt.provider_message_id,
        other => panic!("{other:?}"),
    };
    let stored = |form| canonical_id("0A1B2C3D", form);
    let forms = json!({"response_id": "hex", "receipt_id": "decimal"});
    assert_eq!(id(forms.clone(), &message), stored(::smpp::IdForm::Hex));
    message.tlvs.push(::smpp::tlv::RECEIPTED_MESSAGE_ID, "a1b2c3d\0");
    assert_eq!(id(forms, &message), stored(::smpp::IdForm::Hex));
    assert_eq!(id(json!({}), &message), stored(::smpp::IdForm::Text));
    assert_eq!(id(json!({"receipt_id_from": "text"}), &message), "169552957");
    message.source.address = "00254700000001".into();
    assert_eq!(id(json!({"ids_repeat": true}), &message), "a1b2c3d/00000001");
    message.short_message = "id:1 stat:UNDELIV err:011".into();
    let Incoming::Receipt(failed) = receipt_of(json!({}), &message) else { panic!("a receipt") };
    assert_eq!((failed.status, failed.error_code.as_deref()), (ReceiptStatus::Failed, Some("011")));
    message.short_message = "id:1 stat:WHATEVER err:0".into();
    assert!(matches!(receipt_of(json!({}), &message), Incoming::Ignored { .. }));
}
