use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::Attachment;
use parking_lot::Mutex;

use super::*;
use crate::{
    Receipt, ReceiptStatus, RejectReason,
    conformance::{Sample, example_channel, example_message, local_context},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Sandbox::new(ChannelType::Telegram))
}

fn as_request(signed: &SignedBody) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    for (name, value) in &signed.headers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    WebhookRequest {
        method: Method::POST,
        url: "http://127.0.0.1:8080/v1/webhooks/telegram/x".into(),
        headers,
        body: signed.body.clone(),
    }
}

fn draft(text: &str) -> InboundDraft {
    InboundDraft { from: "ada".into(), text: text.into(), ..InboundDraft::default() }
}

fn sample() -> Sample {
    let channel = example_channel(&Sandbox::new(ChannelType::Telegram));
    let receipt = Receipt {
        provider_message_id: "sbx-1".into(),
        correlation: Some("key".into()),
        status: ReceiptStatus::Read,
        at: None,
        error_code: None,
        error_message: None,
        facts: serde_json::Value::Null,
    };
    let genuine = vec![
        as_request(&compose_inbound(&channel, &draft("hi")).unwrap()),
        as_request(&compose_receipt(&channel, &receipt).unwrap()),
    ];
    Sample { channel, genuine }
}

crate::conformance!(conforms, adapter(), sample());

mod sms_text {
    use super::*;

    #[test]
    fn keeps_to_segments() {
        let adapter: Arc<dyn Adapter> = Arc::new(Sandbox::new(ChannelType::Sms));
        let channel = example_channel(&*adapter);
        crate::conformance::splitting(&*adapter, &Sample { channel, genuine: Vec::new() });
    }
}

/// A context whose channel behaves like this.
fn context(behaviour: &Behaviour) -> Context {
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = serde_json::to_value(behaviour).unwrap();
    assert_eq!(adapter.profile().validate(channel.credentials.expose(), &channel.settings), []);
    local_context(&*adapter, channel)
}

async fn send(ctx: &Context, message: &OutboundMessage) -> Result<Sent, SendError> {
    let adapter = adapter();
    let parts = adapter.parts(&ctx.channel, message);
    assert_eq!(parts.len(), 1);
    adapter.send(ctx, message, &parts[0]).await
}

#[tokio::test]
async fn what_is_sent_is_kept_and_receipts_come_signed() {
    let behaviour = Behaviour {
        receipts: vec![ReceiptStatus::Delivered, ReceiptStatus::Read],
        duplicate_receipts: 1,
        receipt_delay_ms: 5,
        ..Behaviour::default()
    };
    let ctx = context(&behaviour);
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let door = Arc::clone(&arrived);
    let shut = Arc::new(Mutex::new(3));
    ctx.sandbox.deliver_with(move |delivery: ReceiptDelivery| {
        let (door, shut) = (Arc::clone(&door), Arc::clone(&shut));
        Box::pin(async move {
            let mut tries = shut.lock();
            if *tries > 0 {
                *tries -= 1;
                return Err("shut".to_owned());
            }
            door.lock().push(delivery);
            Ok(())
        })
    });
    let mut message = example_message("hello");
    message.attachments =
        vec![crate::OutboundAttachment { attachment: Attachment::new(AttachmentKind::Image), bytes: None }];
    let sent = send(&ctx, &message).await.unwrap();
    let kept = ctx.sandbox.sent(ctx.channel.channel_id, 0, 10);
    assert_eq!((kept.len(), kept[0].text.as_str(), kept[0].attachments.len()), (1, "hello", 1));
    assert_eq!(kept[0].provider_message_id, sent.provider_message_id);
    assert!(ctx.sandbox.sent(ctx.channel.channel_id, 1, 10).is_empty());

    for _ in 0..500 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if arrived.lock().len() == 4 {
            break;
        }
    }
    let adapter = adapter();
    let statuses: Vec<ReceiptStatus> = arrived
        .lock()
        .iter()
        .map(|delivery| {
            let request = as_request(&delivery.body);
            adapter.verify(&ctx.channel, &request).unwrap();
            match adapter.parse(&ctx.channel, &request).unwrap().remove(0) {
                Incoming::Receipt(receipt) => {
                    assert_eq!(receipt.correlation.as_deref(), Some(message.idempotency_key.as_str()));
                    receipt.status
                }
                other => panic!("{other:?}"),
            }
        })
        .collect();
    use ReceiptStatus::*;
    assert_eq!(statuses, [Delivered, Delivered, Read, Read]);
}

#[tokio::test]
async fn told_to_fail_in_every_way() {
    let ctx = context(&Behaviour::default());
    let channel = ctx.channel.channel_id;
    let message = example_message("x");
    let tell = |behaviour: Behaviour| ctx.sandbox.tell(channel, Some(behaviour));
    let attempted_at = ctx.clock.now();

    tell(Behaviour { fail_before_write: 1.0, ..Behaviour::default() });
    assert_eq!(send(&ctx, &message).await.unwrap_err().class, SendErrorClass::Unavailable);

    tell(Behaviour { fail_status: 1.0, fail_status_code: 451, ..Behaviour::default() });
    assert_eq!(send(&ctx, &message).await.unwrap_err().class, SendErrorClass::Rejected(RejectReason::OptOut));

    tell(Behaviour { throttle: 1.0, ..Behaviour::default() });
    let class = send(&ctx, &message).await.unwrap_err().class;
    assert!(
        matches!(class, SendErrorClass::Throttled { after: Some(after), .. } if after.as_millis() == 1000)
    );

    tell(Behaviour { cut_after_write: 1.0, keep_cut: 0.0, ..Behaviour::default() });
    assert_eq!(send(&ctx, &message).await.unwrap_err().class, SendErrorClass::Unknown);
    assert_eq!(ctx.sandbox.taken(channel), 0);
    let adapter = adapter();
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    assert_eq!(adapter.look_up(&ctx, &message, &part, attempted_at).await.unwrap(), Lookup::NotTaken);

    tell(Behaviour { cut_after_write: 1.0, keep_cut: 1.0, ..Behaviour::default() });
    assert_eq!(send(&ctx, &message).await.unwrap_err().class, SendErrorClass::Unknown);
    let kept = ctx.sandbox.sent(channel, 0, 10);
    assert_eq!((kept.len(), kept[0].outcome), (1, SentOutcome::Cut));
    let found = adapter.look_up(&ctx, &message, &part, attempted_at).await.unwrap();
    assert!(
        matches!(found, Lookup::Found { provider_message_id, .. } if provider_message_id == kept[0].provider_message_id)
    );

    // what came before the process cannot be known
    let other = example_message("y");
    let before = ctx.clock.now() - chrono::Duration::hours(1);
    assert_eq!(adapter.look_up(&ctx, &other, &part, before).await.unwrap(), Lookup::CannotTell);

    ctx.sandbox.tell(channel, None);
    assert!(send(&ctx, &message).await.is_ok());
}

#[tokio::test]
async fn customers_write_with_files() {
    let ctx = context(&Behaviour::default());
    let adapter = adapter();
    let mut wanted = draft("look");
    let mut attachment = Attachment::new(AttachmentKind::Image);
    attachment.provider_file = Some("data:image/png;base64,UE5H".into());
    wanted.attachments = vec![attachment];
    let request = as_request(&compose_inbound(&ctx.channel, &wanted).unwrap());
    let Incoming::Message(message) = adapter.parse(&ctx.channel, &request).unwrap().remove(0) else {
        panic!()
    };
    assert_eq!(
        (message.sender.as_str(), message.thread_key.as_str(), message.text.as_str()),
        ("ada", "ada", "look")
    );
    assert!(message.external_id.starts_with("sbx-in-"));
    let file = message.attachments[0].provider_file.clone().unwrap();
    let media = adapter.fetch_media(&ctx, &file, 10).await.unwrap();
    assert_eq!((media.bytes.as_ref(), media.mime_type.as_deref()), (b"PNG".as_ref(), Some("image/png")));
    assert!(adapter.fetch_media(&ctx, &file, 2).await.is_err());
}
