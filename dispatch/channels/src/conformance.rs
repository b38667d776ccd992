//! What every provider must do, as tests: `channels::conformance!` makes them for an adapter and a
//! [`Sample`] of its traffic. A provider without them is not finished.

pub mod faults;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use model::{AccountId, ChannelId, MessageId, SystemClock};
use outbound::{AllowList, Client, Timeouts};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{Adapter, ChannelConfig, Context, OutboundMessage, SandboxSwitch, Secrets, WebhookRequest, sms};

/// Makes the conformance tests of a provider, in a module of the given name.
///
/// `conformance!(telegram, adapter_expression, sample_expression)`; the expressions give an `Arc<dyn Adapter>` and a
/// [`Sample`].
#[macro_export]
macro_rules! conformance {
    ($name:ident, $adapter:expr, $sample:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn the_profile_fits_its_own_schema() {
                $crate::conformance::profile_is_sound(&*$adapter);
            }

            #[test]
            fn genuine_webhooks_are_believed_and_others_are_not() {
                $crate::conformance::only_genuine_is_believed(&*$adapter, &$sample);
            }

            #[test]
            fn arbitrary_bytes_never_panic() {
                $crate::conformance::arbitrary_bytes(&*$adapter, &$sample);
            }

            #[test]
            fn the_same_body_gives_the_same_keys() {
                $crate::conformance::same_body_same_keys(&*$adapter, &$sample);
            }

            #[test]
            fn long_texts_are_split_within_the_limit() {
                $crate::conformance::splitting(&*$adapter, &$sample);
            }

            #[test]
            fn secrets_are_never_shown() {
                $crate::conformance::secrets_stay_secret(&$adapter, &$sample);
            }
        }
    };
}

/// A channel of the provider and traffic as the provider itself would send it.
#[derive(Debug, Clone)]
pub struct Sample {
    pub channel: ChannelConfig,
    /// Webhooks with a signature that fits the channel; empty for a provider that takes none.
    pub genuine: Vec<WebhookRequest>,
}

/// A channel with the profile's example credentials and no settings.
#[must_use]
pub fn example_channel(adapter: &dyn Adapter) -> ChannelConfig {
    let profile = adapter.profile();
    ChannelConfig {
        channel_id: ChannelId::new(),
        account_id: AccountId::new(),
        channel_type: profile.channel_type,
        provider: profile.provider.clone(),
        credentials: Secrets::new(profile.example_credentials.clone()),
        settings: json!({}),
        sender_name: None,
        default_country_code: None,
    }
}

/// A context that may call this machine.
#[must_use]
pub fn local_context(adapter: &dyn Adapter, channel: ChannelConfig) -> Context {
    let allow = AllowList::parse("127.0.0.1,localhost").unwrap_or_default();
    let http = Client::new(allow, Timeouts::default()).expect("a client");
    let clock = Arc::new(SystemClock);
    let sandbox = SandboxSwitch::new(Arc::clone(&clock) as Arc<dyn model::Clock>);
    Context::new(http, Arc::new(channel), adapter.profile(), clock, sandbox)
}

/// A text message of ours.
#[must_use]
pub fn example_message(text: &str) -> OutboundMessage {
    let message_id = MessageId::new();
    OutboundMessage {
        message_id,
        idempotency_key: message_id.to_string(),
        to: "+254700000001".to_owned(),
        thread_key: None,
        text: text.to_owned(),
        attachments: Vec::new(),
        reply_to: None,
        callback_url: None,
        metadata: json!({}),
        last_inbound_at: None,
        answers: None,
        is_bulk: false,
        by_person: true,
    }
}

pub fn profile_is_sound(adapter: &dyn Adapter) {
    let profile = adapter.profile();
    let errors = profile.validate(&profile.example_credentials, &json!({}));
    assert!(errors.is_empty(), "the example credentials are refused: {errors:?}");
    for (name, schema) in
        [("credentials", &profile.credentials_schema), ("settings", &profile.settings_schema)]
    {
        assert_eq!(schema["type"], "object", "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name} takes unknown fields");
        assert!(!schema.to_string().contains("$ref"), "{name} is not self-contained");
    }
    assert!(!profile.help.is_empty() && profile.text.max > 0);
    let refused = profile.validate(&json!({"no_such_credential": 1}), &json!({"no_such_setting": 1}));
    assert!(refused.iter().any(|error| error.field == "settings.no_such_setting"), "{refused:?}");
    // masked credentials that come back from a form change nothing
    let shown = profile.mask(&profile.example_credentials);
    assert_eq!(profile.merge_credentials(&profile.example_credentials, &shown), profile.example_credentials);
    for secret in profile.secrets(&profile.example_credentials) {
        assert!(!shown.to_string().contains(&secret), "masking shows a secret");
    }
}

pub fn only_genuine_is_believed(adapter: &dyn Adapter, sample: &Sample) {
    let bare = WebhookRequest::from_body(Bytes::from_static(b"{}"));
    assert!(adapter.verify(&sample.channel, &bare).is_err(), "an unsigned request is believed");
    let without = ChannelConfig { credentials: Secrets::default(), ..sample.channel.clone() };
    for request in &sample.genuine {
        assert_eq!(adapter.verify(&sample.channel, request), Ok(()), "{}", request.url);
        assert!(adapter.verify(&without, request).is_err(), "believed without a secret to check with");
        // some providers sign nothing: their secret stands in the address
        let bare = request.url.split('?').next().unwrap_or_default().to_owned();
        let unsigned = WebhookRequest { headers: http::HeaderMap::new(), url: bare, ..request.clone() };
        assert!(adapter.verify(&sample.channel, &unsigned).is_err(), "believed without its signature");
        for name in request.headers.keys() {
            for value in ["", "x", "0000000000000000000000000000000000000000000000000000000000000000"] {
                let mut forged = request.clone();
                forged.headers.insert(name, http::HeaderValue::from_static(value));
                let changed = forged.headers.get(name) != request.headers.get(name);
                let is_signature = name != http::header::CONTENT_TYPE;
                assert!(
                    !(changed && is_signature) || adapter.verify(&sample.channel, &forged).is_err(),
                    "believed with {name}: {value:?}"
                );
            }
        }
    }
}

pub fn arbitrary_bytes(adapter: &dyn Adapter, sample: &Sample) {
    let bodies: Vec<Bytes> = sample.genuine.iter().map(|request| request.body.clone()).collect();
    let base = sample.genuine.first().cloned().unwrap_or_else(|| WebhookRequest::from_body(Bytes::new()));
    let try_it = |body: Vec<u8>| {
        let request = WebhookRequest { body: body.into(), ..base.clone() };
        let _ = adapter.verify(&sample.channel, &request);
        let _ = adapter.parse(&sample.channel, &request);
        let _ = adapter.challenge(&sample.channel, &request);
        let _ = adapter.webhook_answer(&sample.channel, &request);
    };
    let mut runner = TestRunner::default();
    runner
        .run(&proptest::collection::vec(any::<u8>(), 0..512), |body| {
            try_it(body);
            Ok(())
        })
        .expect("arbitrary bytes");
    for body in bodies {
        let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..8);
        runner
            .run(&edits, |edits| {
                let mut damaged = body.to_vec();
                for (at, byte, how) in edits {
                    if damaged.is_empty() {
                        break;
                    }
                    let at = at.index(damaged.len());
                    match how {
                        0 => damaged[at] = byte,
                        1 => drop(damaged.remove(at)),
                        _ => damaged.truncate(at),
                    }
                }
                try_it(damaged);
                Ok(())
            })
            .expect("damaged bodies");
        for changed in changed_values(&body) {
            try_it(changed);
        }
    }
}

/// Every value of a JSON body in turn replaced by values of other types.
fn changed_values(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let mut paths = Vec::new();
    collect_paths(&value, String::new(), &mut paths);
    let others =
        [json!(null), json!(-1), json!(1e300), json!(u64::MAX), json!(""), json!([]), json!({}), json!(true)];
    let mut all = Vec::new();
    for path in &paths {
        for other in &others {
            let mut changed = value.clone();
            if let Some(place) = changed.pointer_mut(path) {
                *place = other.clone();
            }
            all.push(changed.to_string().into_bytes());
        }
    }
    all
}

fn collect_paths(value: &Value, at: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                collect_paths(inner, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), paths);
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                collect_paths(inner, format!("{at}/{number}"), paths);
            }
        }
        _ => {}
    }
    paths.push(at);
}

pub fn same_body_same_keys(adapter: &dyn Adapter, sample: &Sample) {
    for request in &sample.genuine {
        let first = adapter.parse(&sample.channel, request).expect("a genuine webhook is read");
        let again = adapter.parse(&sample.channel, request).expect("a genuine webhook is read");
        assert_eq!(first, again);
        assert!(!first.is_empty(), "nothing came out of {}", String::from_utf8_lossy(&request.body));
        let keys: Vec<String> = first.iter().filter_map(crate::Incoming::dedup_key).collect();
        let unique: std::collections::HashSet<&String> = keys.iter().collect();
        assert_eq!(keys.len(), unique.len(), "two things of one body have the same key");
        assert!(keys.iter().all(|key| !key.is_empty()));
    }
}

pub fn splitting(adapter: &dyn Adapter, sample: &Sample) {
    let limit = adapter.profile().text;
    let seed = "(\\PC|[a-z]{1,12}|\n|\n\n| |👨‍👩‍👧‍👦|é|€){0,60}";
    let mut runner = TestRunner::new(ProptestConfig { cases: 48, ..ProptestConfig::default() });
    runner
        .run(&(seed, 1usize..120), |(part, times)| {
            let text = part.repeat(times);
            let pieces = adapter.split(&text);
            for piece in &pieces {
                prop_assert!(!piece.is_empty());
                prop_assert!(limit.measure(piece) <= limit.max as usize);
                prop_assert!(limit.max_segments.is_none_or(|most| sms::count(piece) <= most));
            }
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&pieces.concat()), bare(&text));
            let message = example_message(&text);
            let parts = adapter.parts(&sample.channel, &message);
            prop_assert_eq!(&parts, &adapter.parts(&sample.channel, &message));
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.index, index);
            }
            Ok(())
        })
        .expect("split texts");
}

/// Calls a server that echoes everything it gets as an error, and looks for the secrets in whatever could be
/// written down: errors, records of calls, `Debug` texts and logs of every level.
pub fn secrets_stay_secret(adapter: &Arc<dyn Adapter>, sample: &Sample) {
    let logs = Logs::default();
    let writer = logs.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let shown = tracing::subscriber::with_default(subscriber, || runtime.block_on(provoke(adapter, sample)));
    let secrets = adapter.profile().secrets(sample.channel.credentials.expose());
    assert!(!secrets.is_empty(), "the sample has no secrets to hide");
    let logs = String::from_utf8_lossy(&logs.0.lock().expect("not poisoned")).into_owned();
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
        for line in logs.lines() {
            assert!(!line.contains(&secret), "{secret} in the log: {line}");
        }
    }
}

async fn provoke(adapter: &Arc<dyn Adapter>, sample: &Sample) -> String {
    use std::fmt::Write as _;

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let echo = tokio::spawn(echo(listener));
    let mut shown = String::new();
    for base in
        [format!("http://127.0.0.1:{port}"), "http://127.0.0.1:1".to_owned(), "http://10.0.0.1".to_owned()]
    {
        let mut channel = sample.channel.clone();
        if let Value::Object(settings) = &mut channel.settings {
            settings.insert("api_base".to_owned(), base.clone().into());
        }
        let ctx = local_context(&**adapter, channel);
        let message = example_message("hello");
        for part in adapter.parts(&ctx.channel, &message) {
            let _ = write!(shown, "{:?}", adapter.send(&ctx, &message, &part).await);
        }
        let _ = write!(shown, "{:?}", adapter.verify_credentials(&ctx).await);
        let _ = write!(shown, "{:?}", adapter.check_health(&ctx).await);
        let _ = write!(shown, "{:?}", adapter.register_webhook(&ctx, "https://hub.example/hook").await.err());
        let _ = write!(shown, "{:?}", adapter.fetch_media(&ctx, &format!("{base}/file"), 1000).await);
        let _ = write!(shown, "{ctx:?} {:?}", ctx.channel);
    }
    for request in &sample.genuine {
        let _ = write!(shown, "{request:?} {:?}", adapter.parse(&sample.channel, request));
    }
    echo.abort();
    shown
}

async fn echo(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut buffer = vec![0; 64 << 10];
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
        let body = json!({
            "ok": false, "error_code": 400, "description": request, "code": 1, "message": request,
            "error": {"message": request, "code": 1},
        })
        .to_string();
        let answer = format!(
            "HTTP/1.1 400 No\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
