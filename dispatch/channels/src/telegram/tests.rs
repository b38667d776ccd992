use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use model::Attachment;
use serde_json::json;

use super::*;
use crate::{
    InboundMessage, OutboundAttachment, RejectReason, SendErrorClass, SettingsProblem, ThrottleScope,
    conformance::{Sample, example_channel, example_message, local_context},
    testing::{Answer, FakeApi},
};

fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Telegram::new())
}

fn webhook(body: &Value) -> WebhookRequest {
    let mut headers = HeaderMap::new();
    headers.insert(SECRET_HEADER, HeaderValue::from_static("q997S5pusERAkFCRQspgkfcuZQ7Ox8lCNvuxv2o_ZR8"));
    WebhookRequest {
        method: Method::POST,
        url: "https://hub.example/v1/webhooks/telegram/x".into(),
        headers,
        body: body.to_string().into(),
    }
}

fn ada() -> (Value, Value) {
    (
        json!({"id": 42, "type": "private", "first_name": "Ada"}),
        json!({"id": 42, "is_bot": false, "first_name": "Ada", "last_name": "L", "language_code": "en"}),
    )
}

/// A message of Ada's with these fields added.
fn update(fields: Value) -> Value {
    let (chat, from) = ada();
    let mut message = json!({"message_id": 11, "date": 1_780_000_000, "chat": chat, "from": from});
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    json!({"update_id": 9001, "message": message})
}

fn updates() -> Vec<Value> {
    let (chat, from) = ada();
    vec![
        update(
            json!({"text": "hi", "reply_to_message": {"message_id": 10, "date": 1, "chat": chat, "text": "hello"}}),
        ),
        update(json!({"caption": "see", "media_group_id": "777", "photo": [
            {"file_id": "S1", "file_unique_id": "u1", "width": 90, "height": 60, "file_size": 1200},
            {"file_id": "L1", "file_unique_id": "u2", "width": 1280, "height": 853, "file_size": 150_000}]})),
        json!({"update_id": 9003, "edited_message": {"message_id": 11, "date": 1, "edit_date": 1_780_000_050,
            "chat": chat, "from": from, "text": "hi!"}}),
        json!({"update_id": 9004, "callback_query": {"id": "5551", "from": from, "chat_instance": "1", "data": "opt:1",
            "message": {"message_id": 10, "date": 1, "chat": chat, "text": "hello"}}}),
        json!({"update_id": 9006, "my_chat_member": {"chat": chat, "from": from, "date": 1_780_000_070,
            "old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}}),
        json!({"update_id": 9007, "message": {"message_id": 13, "date": 1, "chat": {"id": -55, "type": "group"},
            "migrate_to_chat_id": -100_555}}),
        json!({"update_id": 9008, "something_new": {"a": 1}}),
    ]
}

fn sample() -> Sample {
    Sample { channel: example_channel(&Telegram::new()), genuine: updates().iter().map(webhook).collect() }
}

crate::conformance!(conforms, adapter(), sample());
crate::over_http!(faults_keep_their_class, adapter(), sample());

fn read_one(update: &Value) -> Incoming {
    let telegram = Telegram::new();
    let mut all = telegram.parse(&example_channel(&telegram), &webhook(update)).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn read_message(update: &Value) -> InboundMessage {
    match read_one(update) {
        Incoming::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_with_everything_around_it() {
    let message = read_message(&updates()[0]);
    assert_eq!(message.external_id, "42:11");
    assert_eq!((message.sender.as_str(), message.thread_key.as_str()), ("42", "42"));
    assert_eq!(message.display_name.as_deref(), Some("Ada L"));
    assert_eq!(message.text, "hi");
    assert_eq!(message.reply_to_external_id.as_deref(), Some("42:10"));
    assert_eq!(message.at.unwrap().timestamp(), 1_780_000_000);
    assert_eq!(message.language_hint.as_deref(), Some("en"));
}

#[test]
fn media_of_each_kind() {
    let photo = read_message(&updates()[1]);
    assert_eq!(photo.attachments[0].provider_file.as_deref(), Some("L1"));
    assert_eq!((photo.text.as_str(), photo.attachments[0].width), ("see", Some(1280)));
    let file = |name: &str| json!({name: {"file_id": "F", "duration": 3}});
    for (fields, kind, mime) in [
        (file("voice"), AttachmentKind::Audio, "audio/ogg"),
        (file("video_note"), AttachmentKind::Video, "video/mp4"),
        (
            json!({"animation": {"file_id": "A"}, "document": {"file_id": "D"}}),
            AttachmentKind::Video,
            "video/mp4",
        ),
        (
            json!({"document": {"file_id": "D", "file_name": "a.pdf", "mime_type": "application/pdf"}}),
            AttachmentKind::Document,
            "application/pdf",
        ),
        (json!({"sticker": {"file_id": "S", "is_video": true}}), AttachmentKind::Sticker, "video/webm"),
    ] {
        let attachment = read_message(&update(fields.clone())).attachments.remove(0);
        assert_eq!((attachment.kind, attachment.mime_type.as_deref()), (kind, Some(mime)), "{fields}");
    }
    let place = json!({"location": {"latitude": 1.5, "longitude": 2.5},
        "venue": {"title": "Cafe", "address": "Road 1", "location": {"latitude": 1.5, "longitude": 2.5}}});
    let attachment = read_message(&update(place)).attachments.remove(0);
    assert_eq!((attachment.latitude, attachment.name.as_deref()), (Some(1.5), Some("Cafe")));
    let contact = json!({"contact": {"phone_number": "+254700000001", "first_name": "Ada"}});
    assert_eq!(read_message(&update(contact)).attachments[0].url.as_deref(), Some("tel:+254700000001"));
}

#[test]
fn what_is_not_a_plain_message() {
    let all = updates();
    assert!(
        matches!(read_one(&all[2]), Incoming::Edit(edit) if edit.external_id == "42:11" && edit.text == "hi!")
    );
    assert_eq!(read_message(&all[3]).text, "opt:1");
    assert!(matches!(read_one(&all[4]), Incoming::OptedOut { sender, .. } if sender == "42"));
    assert!(
        matches!(read_one(&all[5]), Incoming::Moved { from, to, .. } if from == "-55" && to == "-100555")
    );
    assert!(matches!(read_one(&all[6]), Incoming::Ignored { what } if what == "something_new"));
    assert_eq!(read_message(&update(json!({"poll": {"question": "Tea?"}}))).text, "[poll] Tea?");
    assert!(matches!(read_one(&update(json!({"new_chat_title": "x"}))), Incoming::Ignored { .. }));
    let bot = json!({"text": "x", "from": {"id": 1, "is_bot": true}});
    assert!(matches!(read_one(&update(bot)), Incoming::Ignored { .. }));
    let topic = json!({"text": "x", "chat": {"id": -100, "type": "supergroup"}, "message_thread_id": 7, "is_topic_message": true});
    let topic = read_message(&update(topic));
    assert_eq!((topic.sender.as_str(), topic.thread_key.as_str()), ("42", "-100/7"));
}

#[test]
fn every_error_has_a_class() {
    use RejectReason::*;
    let none = json!({});
    for (code, text, class) in [
        (400, "Bad Request: chat not found", SendErrorClass::Rejected(Recipient)),
        (400, "Bad Request: message is too long", SendErrorClass::Rejected(Content)),
        (400, "Bad Request: not enough rights to send", SendErrorClass::Rejected(Policy)),
        (401, "Unauthorized", SendErrorClass::Settings(SettingsProblem::Auth)),
        (403, "Forbidden: bot was blocked by the user", SendErrorClass::Rejected(OptOut)),
        (403, "Forbidden: user is deactivated", SendErrorClass::Rejected(Recipient)),
        (403, "Forbidden: bot can't initiate conversation with a user", SendErrorClass::Rejected(Window)),
        (403, "Forbidden: bot was kicked from the group chat", SendErrorClass::Gone),
        (404, "Not Found", SendErrorClass::Settings(SettingsProblem::Auth)),
        (409, "Conflict", SendErrorClass::Settings(SettingsProblem::Config)),
        (502, "Bad Gateway", SendErrorClass::Unavailable),
    ] {
        assert_eq!(api::classify(code, text, &none), class, "{code} {text}");
    }
    let SendErrorClass::Throttled { after, scope } = api::classify(429, "", &json!({"retry_after": 12}))
    else {
        panic!("429 is not throttled");
    };
    assert_eq!((after, scope), (Some(Duration::from_secs(12)), ThrottleScope::Recipient));
}

const SENT: &str = r#"{"ok":true,"result":{"message_id":14,"date":1,"chat":{"id":42}}}"#;

async fn send(fake: &FakeApi, message: &OutboundMessage) -> Vec<Result<Sent, SendError>> {
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let mut all = Vec::new();
    for part in adapter.parts(&ctx.channel, message) {
        all.push(adapter.send(&ctx, message, &part).await);
    }
    all
}

#[tokio::test]
async fn a_text_is_sent_as_an_answer() {
    let fake = FakeApi::start(vec![Answer::json(200, SENT)]).await;
    let mut message = example_message("hello");
    message.to = "42".into();
    message.reply_to = Some("42:11".into());
    let sent = send(&fake, &message).await.remove(0).unwrap();
    assert_eq!(sent.provider_message_id, "42:14");
    let request = fake.requests().remove(0);
    assert!(request.line.starts_with("POST /bot777000111:AAexample-token_0123456789abcdefghi/sendMessage"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!((body["chat_id"].as_i64(), body["text"].as_str()), (Some(42), Some("hello")));
    assert_eq!(body["reply_parameters"]["message_id"], 11);
    assert!(!serde_json::to_string(&sent.exchange).unwrap().contains("AAexample"));
}

#[tokio::test]
async fn a_picture_is_uploaded_with_its_caption_and_sent_as_a_file_if_refused() {
    let refused = r#"{"ok":false,"error_code":400,"description":"Bad Request: PHOTO_INVALID_DIMENSIONS"}"#;
    let fake = FakeApi::start(vec![Answer::json(400, refused), Answer::json(200, SENT)]).await;
    let mut message = example_message("see");
    let mut attachment = Attachment::new(AttachmentKind::Image);
    attachment.mime_type = Some("image/png".into());
    attachment.filename = Some("a.png".into());
    message.attachments = vec![OutboundAttachment { attachment, bytes: Some("PNG".into()) }];
    let results = send(&fake, &message).await;
    assert_eq!(results.len(), 1);
    assert!(results[0].is_ok());
    let requests = fake.requests();
    assert!(
        requests[0].line.contains("/sendPhoto") && requests[0].body.contains("name=\"caption\"\r\n\r\nsee")
    );
    assert!(
        requests[1].line.contains("/sendDocument")
            && requests[1].body.contains("name=\"document\"; filename=\"a.png\"")
    );
}

#[tokio::test]
async fn a_group_that_moved_and_a_markup_that_is_broken_are_put_right_once() {
    let moved = r#"{"ok":false,"error_code":400,"description":"group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-100555}}"#;
    let fake = FakeApi::start(vec![Answer::json(400, moved), Answer::json(200, SENT)]).await;
    assert!(send(&fake, &example_message("x")).await[0].is_ok());
    assert!(fake.requests()[1].body.contains("-100555"));

    let markup = r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"}"#;
    let fake = FakeApi::start(vec![Answer::json(400, markup), Answer::json(200, SENT)]).await;
    let mut message = example_message("<b>x");
    message.metadata = json!({"parse_mode": "HTML"});
    assert!(send(&fake, &message).await[0].is_ok());
    assert!(!fake.requests()[1].body.contains("parse_mode"));
}

#[tokio::test]
async fn a_cut_connection_is_unknown_and_not_repeated() {
    for answer in
        [Answer::Cut, Answer::json(200, r#"{"ok":true,"result":true}"#), Answer::json(502, "<html>")]
    {
        let fake = FakeApi::start(vec![answer]).await;
        let error = send(&fake, &example_message("x")).await.remove(0).unwrap_err();
        assert_eq!(error.class, SendErrorClass::Unknown, "{error}");
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn long_polling_confirms_only_what_was_stored() {
    struct Store {
        kept: parking_lot::Mutex<Vec<PolledBatch>>,
        full_after: usize,
    }
    #[async_trait]
    impl Sink for Store {
        async fn accept(&self, batch: PolledBatch) -> Result<(), crate::SinkError> {
            let mut kept = self.kept.lock();
            if kept.len() == self.full_after {
                return Err(crate::SinkError("full".into()));
            }
            kept.push(batch);
            Ok(())
        }
    }
    let batch = |updates: Vec<Value>| Answer::json(200, &json!({"ok": true, "result": updates}).to_string());
    let mut second = update(json!({"text": "second"}));
    second["update_id"] = 9002.into();
    let fake = FakeApi::start(vec![
        batch(vec![]),
        batch(vec![update(json!({"text": "first"}))]),
        batch(vec![second]),
    ])
    .await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let store = Store { kept: parking_lot::Mutex::new(Vec::new()), full_after: 1 };
    let error = adapter.run(&ctx, &store).await.unwrap_err();
    assert_eq!(error.code, "not_stored");
    let requests = fake.requests();
    assert_eq!(requests.len(), 3);
    assert!(!requests[1].body.contains("offset") && requests[2].body.contains("\"offset\":9002"));
    let kept = store.kept.lock().remove(0);
    // the journal's copy reads the same
    let again = adapter.parse(&ctx.channel, &WebhookRequest::from_body(kept.raw)).unwrap();
    assert_eq!(again, kept.incoming);
}

#[tokio::test]
async fn registration_by_the_kind_of_address() {
    let done = || Answer::json(200, r#"{"ok":true,"result":true}"#);
    let fake = FakeApi::start(vec![done(), done()]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.credentials = crate::Secrets::new(json!({"bot_token": "1:AAx"}));
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let registered = adapter.register_webhook(&ctx, "https://hub.example/hook").await.unwrap();
    assert_eq!(registered.receiving, Receiving::Webhook);
    let secret = registered.credentials["webhook_secret"].as_str().unwrap();
    assert!(secret.len() == 64 && fake.requests()[0].body.contains(secret));
    let registered = adapter.register_webhook(&ctx, "http://127.0.0.1:8080/hook").await.unwrap();
    assert_eq!(registered.receiving, Receiving::Session);
    assert!(fake.requests()[1].line.contains("/deleteWebhook"));
}

#[tokio::test]
async fn files_are_fetched_and_credentials_verified() {
    let fake = FakeApi::start(vec![
        Answer::json(
            200,
            r#"{"ok":true,"result":{"file_id":"L1","file_size":3,"file_path":"photos/file_7.jpg"}}"#,
        ),
        Answer::json(200, "JPG"),
        Answer::json(200, r#"{"ok":true,"result":{"id":777,"username":"shop_bot"}}"#),
        Answer::json(401, r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#),
    ])
    .await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let media = adapter.fetch_media(&ctx, "L1", 1000).await.unwrap();
    assert_eq!((media.bytes.as_ref(), media.filename.as_deref()), (b"JPG".as_ref(), Some("file_7.jpg")));
    assert!(fake.requests()[1].line.starts_with("GET /file/bot777000111:"));
    assert_eq!(adapter.verify_credentials(&ctx).await.unwrap().display, "@shop_bot");
    let error = adapter.verify_credentials(&ctx).await.unwrap_err();
    assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Auth));
}

fn files(kinds: &[(AttachmentKind, &str)]) -> Vec<OutboundAttachment> {
    let one = |(kind, mime): &(AttachmentKind, &str)| {
        let mut attachment = model::Attachment::new(*kind);
        attachment.mime_type = Some((*mime).to_owned());
        attachment.filename = Some("file".to_owned());
        OutboundAttachment { attachment, bytes: Some("bytes".into()) }
    };
    kinds.iter().map(one).collect()
}

fn calls(message: &OutboundMessage) -> Vec<outgoing::Call> {
    let telegram = Telegram::new();
    let parts = telegram.parts(&example_channel(&telegram), message);
    let last = parts.len();
    parts.iter().map(|part| outgoing::call(message, part, part.index + 1 == last).unwrap()).collect()
}

#[test]
fn files_that_fit_together_are_one_album() {
    use AttachmentKind::{Audio, Document, Image, Video};
    let mut message = example_message("look");
    message.attachments = files(&[
        (Image, "image/png"),
        (Video, "video/mp4"),
        (Document, "application/pdf"),
        (Image, "image/gif"),
        (Audio, "audio/ogg"),
    ]);
    let all = calls(&message);
    let methods: Vec<_> = all.iter().map(|call| call.method).collect();
    assert_eq!(methods, ["sendMediaGroup", "sendDocument", "sendAnimation", "sendVoice"]);
    let media = &all[0].body["media"];
    assert_eq!(media[0], json!({"type": "photo", "media": "attach://file0", "caption": "look"}));
    assert_eq!(media[1], json!({"type": "video", "media": "attach://file1"}));
    let fields: Vec<_> = all[0].files.iter().map(|file| file.field.as_str()).collect();
    assert_eq!(fields, ["file0", "file1"]);
    message.attachments = files(&[(Image, "image/png"); 12]);
    let sizes: Vec<_> = calls(&message).iter().map(|call| call.files.len()).collect();
    assert_eq!(sizes, [10, 2]);
}

#[tokio::test]
async fn an_album_is_known_by_its_first_message() {
    let answer =
        r#"{"ok":true,"result":[{"message_id":7,"chat":{"id":42}},{"message_id":8,"chat":{"id":42}}]}"#;
    let fake = FakeApi::start(vec![Answer::json(200, answer)]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    let ctx = local_context(&*adapter, channel);
    let mut message = example_message("");
    message.attachments = files(&[(AttachmentKind::Image, "image/png"); 2]);
    let part = adapter.parts(&ctx.channel, &message).remove(0);
    assert_eq!(adapter.send(&ctx, &message, &part).await.unwrap().provider_message_id, "42:7");
    let body = &fake.requests()[0].body;
    assert!(body.contains("name=\"file0\"") && body.contains("attach://file1"), "{body}");
}

#[test]
fn choices_are_buttons_on_the_last_part() {
    let mut message = example_message("Pick one");
    message.metadata =
        json!({"choices": [{"id": "y", "title": "Yes"}, {"title": "Shop", "url": "https://x.test"}]});
    let keyboard = calls(&message).remove(0).body.remove("reply_markup").unwrap();
    assert_eq!(
        keyboard,
        json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}], [{"text": "Shop", "url": "https://x.test"}]]})
    );
    message.attachments = files(&[(AttachmentKind::Image, "image/png"); 2]);
    let all = calls(&message);
    assert_eq!((all[0].method, all[1].method), ("sendMediaGroup", "sendMessage"));
    assert!(!all[0].body.contains_key("reply_markup") && all[1].body.contains_key("reply_markup"));
    message.metadata = json!({"choices": ["Yes", "No"], "keyboard": "reply"});
    let keyboard = calls(&message).remove(1).body.remove("reply_markup").unwrap();
    assert_eq!(keyboard["keyboard"], json!([[{"text": "Yes"}], [{"text": "No"}]]));
    // what a button sends back has a limit; a keyboard has none
    message.metadata = json!({"choices": [{"id": "x".repeat(65), "title": "Long"}]});
    assert!(calls(&message).remove(1).body["reply_markup"]["keyboard"].is_array());
}

#[test]
fn a_pressed_button_is_answered_and_says_its_label() {
    let pressed = json!({"update_id": 1, "callback_query": {"id": "5551", "from": {"id": 42, "first_name": "Ada"}, "data": "y",
        "message": {"message_id": 10, "date": 1, "chat": {"id": 42, "type": "private"},
            "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}}}});
    let message = read_message(&pressed);
    assert_eq!(message.text, "Yes");
    assert_eq!(message.metadata["choice"], json!({"id": "y", "title": "Yes", "source": "callback"}));
    let telegram = Telegram::new();
    let answer = telegram.webhook_answer(&example_channel(&telegram), &webhook(&pressed));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body, json!({"method": "answerCallbackQuery", "callback_query_id": "5551"}));
    assert_eq!(
        telegram.webhook_answer(&example_channel(&telegram), &webhook(&updates()[0])),
        WebhookAnswer::EMPTY
    );
}

#[test]
fn reactions_both_ways() {
    let change = |reactions: Value| {
        json!({"update_id": 1, "message_reaction": {"chat": {"id": -100_123, "type": "supergroup"}, "message_id": 10,
            "user": {"id": 42}, "date": 1_780_000_060, "old_reaction": [], "new_reaction": reactions}})
    };
    let Incoming::Reaction { external_id, sender, emoji, .. } =
        read_one(&change(json!([{"type": "emoji", "emoji": "👍"}])))
    else {
        panic!()
    };
    assert_eq!((external_id.as_str(), sender.as_str(), emoji.as_deref()), ("-100123:10", "42", Some("👍")));
    assert!(matches!(read_one(&change(json!([]))), Incoming::Reaction { emoji: None, .. }));
    let mut message = example_message("👍");
    message.metadata = json!({"reaction": true});
    message.reply_to = Some("42:10".into());
    let call = calls(&message).remove(0);
    assert_eq!(call.method, "setMessageReaction");
    assert_eq!(
        Value::Object(call.body),
        json!({"chat_id": 42, "message_id": 10, "reaction": [{"type": "emoji", "emoji": "👍"}]})
    );
}

#[test]
fn groups_can_be_left_out() {
    let telegram = Telegram::new();
    let mut channel = example_channel(&telegram);
    let in_group = json!({"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": -100_123, "type": "supergroup"},
        "from": {"id": 42, "first_name": "Ada"}, "text": "hi"}});
    let read = |channel: &ChannelConfig| telegram.parse(channel, &webhook(&in_group)).unwrap().remove(0);
    assert!(matches!(read(&channel), Incoming::Message(_)));
    channel.settings = json!({"groups": false});
    assert!(matches!(read(&channel), Incoming::Ignored { .. }));
    assert!(matches!(telegram.parse(&channel, &webhook(&updates()[0])).unwrap()[0], Incoming::Message(_)));
}

#[tokio::test]
async fn typing_is_shown_in_the_topic() {
    let fake = FakeApi::start(vec![Answer::json(200, r#"{"ok":true,"result":true}"#)]).await;
    let adapter = adapter();
    let mut channel = example_channel(&*adapter);
    channel.settings = json!({"api_base": fake.base()});
    assert!(!adapter.shows(&channel).read);
    let at = SignalTo { to: "42", thread_key: "-100/7", message: None };
    adapter.signal(&local_context(&*adapter, channel), Signal::Typing, &at).await.unwrap();
    let body: Value = serde_json::from_str(&fake.requests()[0].body).unwrap();
    assert_eq!(body, json!({"chat_id": -100, "message_thread_id": 7, "action": "typing"}));
}
