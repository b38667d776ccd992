//! Access tokens: how they are got, kept and given up.

use std::{pin::Pin, time::Duration};

use model::{AccountId, Eventually, Lent, NodeId, TestClock, Turn};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::{
    super::{oauth, smtp::Pass},
    *,
};
use crate::{
    Context, SendError, SendErrorClass, SettingsProblem,
    email::mailbox::Kind,
    testing::{Answer, FakeApi},
};

fn token(name: &str, more: &str) -> Answer {
    Answer::json(
        200,
        &format!(r#"{{"access_token":"{name}","expires_in":3600,"token_type":"Bearer"{more}}}"#),
    )
}

fn context(adapter: &Mailbox, api: &FakeApi) -> Context {
    let settings = json!({"token_url": format!("{}/token", api.base()), "smtp_security": "none", "imap_security": "none"});
    local_context(adapter, channel(adapter, settings)).within(Duration::from_secs(10))
}

async fn pass(adapter: &Mailbox, ctx: &Context) -> Result<String, SendError> {
    match adapter.pass(ctx, Kind::Smtp).await? {
        Pass::Token(token) => Ok(token),
        Pass::Password(_) => panic!("a password"),
    }
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end() {
    let api = FakeApi::start(vec![
        token("one", ""),
        token("two", r#","refresh_token":"renewed""#),
        token("three", ""),
    ])
    .await;
    let (adapter, clock) = (Mailbox::google(), TestClock::default());
    let mut ctx = context(&adapter, &api);
    ctx.clock = Arc::new(clock.clone());
    let many = futures::future::join_all((0..16).map(|_| pass(&adapter, &ctx))).await;
    assert!(many.into_iter().all(|got| got.unwrap() == "one"), "all wait for the one that asks");
    clock.advance(chrono::TimeDelta::minutes(54));
    assert_eq!(pass(&adapter, &ctx).await.unwrap(), "one");
    assert_eq!(api.requests().len(), 1);
    clock.advance(chrono::TimeDelta::minutes(2));
    assert_eq!(pass(&adapter, &ctx).await.unwrap(), "two");
    // the provider has given another refresh token, which counts from then on
    clock.advance(chrono::TimeDelta::minutes(56));
    assert_eq!(pass(&adapter, &ctx).await.unwrap(), "three");
    let seen = api.requests();
    assert!(seen[0].line.starts_with("POST /token "));
    assert_eq!(
        seen[0].body,
        "grant_type=refresh_token&client_id=example-client-0001&refresh_token=example-refresh-token-0001&client_secret=example-client-secret-0001"
    );
    assert!(seen[1].body.contains("refresh_token=example-refresh-token-0001"));
    assert!(seen[2].body.contains("refresh_token=renewed"), "{}", seen[2].body);
}

#[tokio::test]
async fn a_refused_token_is_got_anew_once() {
    let api = FakeApi::start(vec![token("one", ""), token("two", "")]).await;
    let adapter = Mailbox::microsoft();
    let ctx = context(&adapter, &api);
    let old = adapter.pass(&ctx, Kind::Smtp).await.unwrap();
    let refused = SendError::new(SendErrorClass::Settings(SettingsProblem::Auth), "535 5.7.8", "no");
    let away = SendError::new(SendErrorClass::Unavailable, "421", "later");
    assert!(!adapter.is_old(&ctx, &old, &away).await, "that is not the token's fault");
    assert!(adapter.is_old(&ctx, &old, &refused).await);
    assert!(!adapter.is_old(&ctx, &old, &refused).await, "somebody else is at it already");
    assert_eq!(pass(&adapter, &ctx).await.unwrap(), "two");
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn refusals_say_what_is_to_be_done() {
    use SendErrorClass::*;
    let grant = r#"{"error":"invalid_grant","error_description":"AADSTS70008: expired example-refresh-token-0001\r\nTrace ID: 1"}"#;
    let table = [
        (
            400,
            grant,
            Settings(SettingsProblem::Auth),
            "refresh token no more (invalid_grant: AADSTS70008: expired [redacted])",
        ),
        (
            401,
            r#"{"error":"invalid_client"}"#,
            Settings(SettingsProblem::Auth),
            "client_id and client_secret (invalid_client)",
        ),
        (400, r#"{"error":"invalid_request"}"#, Settings(SettingsProblem::Config), "invalid_request"),
        (404, "not found", Settings(SettingsProblem::Config), "token_url answered 404"),
        (429, r#"{"error":"slow_down"}"#, Unavailable, "at the moment"),
        (503, "", Unavailable, "at the moment"),
        (400, r#"{"error":"temporarily_unavailable"}"#, Unavailable, "at the moment"),
        (200, r#"{"token_type":"Bearer"}"#, Unavailable, "without an access token"),
        (200, r#"{"access_token":"a\r\nMAIL FROM:<x>"}"#, Unavailable, "without an access token"),
    ];
    for (status, body, class, said) in table {
        let api = FakeApi::start(vec![Answer::json(status, body)]).await;
        let adapter = Mailbox::microsoft();
        let error = pass(&adapter, &context(&adapter, &api)).await.unwrap_err();
        assert_eq!(error.class, class, "{status} {body}");
        assert!(error.message.contains(said) && !error.message.contains("Trace"), "{}", error.message);
    }
    // a cut after the request: nothing was sent to anybody, so it is no outcome that nobody knows
    let api = FakeApi::start(vec![Answer::Cut]).await;
    let adapter = Mailbox::google();
    assert_eq!(pass(&adapter, &context(&adapter, &api)).await.unwrap_err().class, Unavailable);
}

/// The store of an installation, with one turn.
#[derive(Default)]
struct Kept {
    lent: Mutex<Option<Value>>,
    turn: Mutex<bool>,
}

impl Lent for Kept {
    fn lent(&self, _: AccountId, _: ChannelId) -> Eventually<'_, Option<Value>> {
        Box::pin(async { Ok(self.lent.lock().clone()) })
    }

    fn lend(&self, _: AccountId, _: ChannelId, lent: Value) -> Eventually<'_, ()> {
        *self.lent.lock() = Some(lent);
        Box::pin(async { Ok(()) })
    }

    fn begin(&self, _: ChannelId, _: Duration) -> Eventually<'_, Option<Turn>> {
        let taken = std::mem::replace(&mut *self.turn.lock(), true);
        Box::pin(async move { Ok((!taken).then(|| Turn { holder: NodeId::new(), token: 1 })) })
    }

    fn end(&self, _: ChannelId, _: Turn) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        *self.turn.lock() = false;
        Box::pin(async {})
    }
}

#[tokio::test]
async fn hubs_ask_one_at_a_time_and_share_what_they_get() {
    let api = FakeApi::start(vec![token("one", ""), token("two", "")]).await;
    let hubs = [Mailbox::google(), Mailbox::google(), Mailbox::google()];
    let kept = Arc::new(Kept::default());
    let ctx = context(&hubs[0], &api).lending(Arc::clone(&kept) as Arc<dyn Lent>);
    let all = hubs.iter().flat_map(|hub| [pass(hub, &ctx), pass(hub, &ctx)]);
    let got = futures::future::join_all(all).await;
    assert!(got.into_iter().all(|got| got.unwrap() == "one"));
    assert_eq!(api.requests().len(), 1);
    // one finds it refused: the others take the new one as soon as they find that, too
    let refused = SendError::new(SendErrorClass::Settings(SettingsProblem::Auth), "535 5.7.8", "no");
    for hub in &hubs {
        assert!(hub.is_old(&ctx, &Pass::Token("one".into()), &refused).await);
        assert_eq!(pass(hub, &ctx).await.unwrap(), "two");
    }
    assert_eq!(api.requests().len(), 2);
    // another refresh token makes what was kept worthless
    let mut other = (*ctx.channel).clone();
    let mut credentials = other.credentials.expose().clone();
    credentials["refresh_token"] = "another-refresh-token".into();
    other.credentials = crate::Secrets::new(credentials);
    let api = FakeApi::start(vec![token("three", "")]).await;
    other.settings["token_url"] = format!("{}/token", api.base()).into();
    let mut ctx = ctx.clone();
    ctx.channel = Arc::new(other);
    assert_eq!(pass(&hubs[1], &ctx).await.unwrap(), "three");
}

#[test]
fn what_is_said_is_what_the_providers_describe() {
    let said = oauth::xoauth2("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
    let expected = "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==";
    assert_eq!(STANDARD.encode(said), expected);
    assert_eq!(
        oauth::challenge(br#"{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}"#)
            .as_deref(),
        Some("the server answered the access token with status 401")
    );
    assert_eq!(oauth::challenge(b"no JSON"), None);
}

/// A server that says no to every token, as Google's do.
async fn refusing(greeting: &'static str) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let why = STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#);
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        // the second time with a new token
        for _ in 0..2 {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
            let (mut tag, mut said) = (String::new(), false);
            while let Ok(Some(line)) = lines.next_line().await {
                heard.push(line.clone());
                let answer = if line.starts_with("EHLO") {
                    "250-x\r\n250 AUTH LOGIN XOAUTH2 PLAIN".to_owned()
                } else if line.starts_with("AUTH XOAUTH2 ") {
                    format!("334 {why}")
                } else if let Some((own, "AUTHENTICATE XOAUTH2")) = line.split_once(' ') {
                    own.clone_into(&mut tag);
                    "+ ".to_owned()
                } else if line.is_empty() && tag.is_empty() {
                    "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 See the help".to_owned()
                } else if line.is_empty() {
                    format!("{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)")
                } else if !said {
                    said = true;
                    format!("+ {why}")
                } else {
                    break;
                };
                if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        }
        heard
    });
    (port, heard)
}

#[tokio::test]
async fn a_challenge_that_says_no_is_answered_by_an_empty_line() {
    for (greeting, field) in [("220 mx", "smtp_port"), ("* OK ready", "imap_port")] {
        let api = FakeApi::start(vec![token("one", ""), token("two", "")]).await;
        let (port, heard) = refusing(greeting).await;
        let adapter = Mailbox::google();
        let mut ctx = context(&adapter, &api);
        let mut channel = (*ctx.channel).clone();
        let mut credentials = channel.credentials.expose().clone();
        for server in ["smtp", "imap"] {
            credentials[format!("{server}_host")] = "127.0.0.1".into();
        }
        credentials[field] = port.into();
        channel.credentials = crate::Secrets::new(credentials);
        ctx.channel = Arc::new(channel);
        let error = if field == "smtp_port" {
            adapter.verify_credentials(&ctx).await.unwrap_err()
        } else {
            adapter.run(&ctx, &Nowhere).await.unwrap_err()
        };
        assert_eq!(error.class, SendErrorClass::Settings(SettingsProblem::Auth), "{error}");
        assert!(error.message.contains("status 400"), "{}", error.message);
        let heard = heard.await.unwrap();
        assert_eq!(heard.iter().filter(|line| line.is_empty()).count(), 2, "{heard:?}");
        for name in ["one", "two"] {
            let said = STANDARD.encode(oauth::xoauth2("support@example.com", name));
            assert!(heard.iter().any(|line| line.contains(&said)), "{name}: {heard:?}");
        }
    }
}

struct Nowhere;

#[async_trait::async_trait]
impl crate::Sink for Nowhere {
    async fn accept(&self, _: crate::PolledBatch) -> Result<(), crate::SinkError> {
        Err(crate::SinkError("nowhere".into()))
    }
}
