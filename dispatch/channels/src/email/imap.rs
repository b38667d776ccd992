//! Receiving over IMAP: what is new is fetched, handed to the sink, and only then remembered, by the folder's
//! UIDVALIDITY and the mail's UID (RFC 3501 §2.3.1.1). Between times the server tells us of news by IDLE.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{self, Poll},
    time::Duration,
};

use async_imap::{
    Authenticator, Client, Session,
    error::Error,
    imap_proto::{Response, Status},
    types::Fetch,
};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::TryStreamExt;
use model::Time;
use outbound::Stream;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    mailbox::{Kind, Mailbox, Settings},
    oauth, read,
    smtp::{Pass, Security, Server},
};
use crate::{Context, Incoming, PolledBatch, SendError, SendErrorClass, SettingsProblem, Sink};

/// How long an answer may take; a large mail over a slow line is one.
const ANSWER_TIME: Duration = Duration::from_secs(120);
/// How long we are told nothing before we ask: routers forget connections that are silent for longer.
const IDLE_TIME: Duration = Duration::from_mins(9);
/// How often we ask a server that cannot tell.
const POLL: Duration = Duration::from_secs(60);
/// Bytes of the largest mail that is fetched whole.
const MAIL_MAX: u32 = 25 << 20;
/// Bytes of a larger one.
const BEGINNING: u32 = 256 << 10;
/// UIDs whose sizes are asked for at once.
const BATCH: u32 = 200;

/// How far a folder was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// Whose folder it is: in another one the same numbers mean other mails.
    #[serde(default)]
    of: String,
    validity: u32,
    /// The last one that is stored.
    uid: u32,
    /// When that was: after the server has numbered its mails anew, older ones are not looked at.
    at: Time,
}

/// Signs in, and looks for the folder.
pub(super) async fn check(ctx: &Context, settings: &Settings, mailbox: &Mailbox) -> Result<(), SendError> {
    let mut session = sign_in(ctx, settings, mailbox).await?;
    in_time(session.examine(folder(settings))).await.map_err(|error| no_folder(settings, error))?;
    let _ = tokio::time::timeout(Duration::from_secs(2), session.logout()).await;
    Ok(())
}

/// Receives until an error ends it.
pub(super) async fn run(
    ctx: &Context,
    settings: &Settings,
    mailbox: &Mailbox,
    sink: &dyn Sink,
) -> Result<(), SendError> {
    let known = sink.position().await.map_err(not_stored)?;
    let of = whose(&mailbox.server(&ctx.channel, settings, Kind::Imap)?, settings);
    let known: Option<Position> = known
        .and_then(|position| serde_json::from_value(position).ok())
        .filter(|known: &Position| known.of.is_empty() || known.of == of);
    let mut session = sign_in(ctx, settings, mailbox).await?;
    let can_idle = in_time(session.capabilities()).await?.has_str("IDLE");
    let selected = in_time(session.select(folder(settings))).await;
    let selected = selected.map_err(|error| no_folder(settings, error))?;
    let validity = selected.uid_validity.unwrap_or_default();
    let now = ctx.clock.now();
    let mut position = match known {
        Some(known) if known.validity == validity => Position { of, ..known },
        known => {
            let uid = match begin(settings, known.as_ref(), now) {
                Some(since) => before(&mut session, since, selected.uid_next).await?,
                None => newest(&mut session, selected.exists, selected.uid_next).await?,
            };
            let begun = Position { of, validity, uid, at: now };
            sink.remember(json!(begun)).await.map_err(not_stored)?;
            begun
        }
    };
    loop {
        while fetch(ctx, settings, sink, &mut session, &mut position).await? {}
        session = if can_idle {
            idle(session).await?
        } else {
            tokio::time::sleep(POLL).await;
            in_time(session.noop()).await?;
            session
        };
    }
}

fn whose(server: &Server, settings: &Settings) -> String {
    format!("{}@{}:{}/{}", server.user, server.host, server.port, folder(settings))
}

/// From when on older mails are taken in; `None`: none are. Two days more than needed, because servers count days in
/// their own time zone; what is known is recognised by its `Message-ID`.
fn begin(settings: &Settings, known: Option<&Position>, now: Time) -> Option<Time> {
    if let Some(known) = known {
        return Some(known.at - TimeDelta::days(2));
    }
    let days = settings.import_days.filter(|days| *days > 0)?;
    Some(now - TimeDelta::days(i64::from(days)))
}

/// The UID before the first mail since then.
async fn before(session: &mut Imap, since: Time, next: Option<u32>) -> Result<u32, SendError> {
    let found = in_time(session.uid_search(format!("SINCE {}", since.format("%d-%b-%Y")))).await?;
    match found.into_iter().min() {
        Some(first) => Ok(first.saturating_sub(1)),
        None => newest(session, 1, next).await,
    }
}

/// The newest UID; 0 in an empty folder.
async fn newest(session: &mut Imap, exists: u32, next: Option<u32>) -> Result<u32, SendError> {
    if let Some(next) = next {
        return Ok(next.saturating_sub(1));
    }
    if exists == 0 {
        return Ok(0);
    }
    let all: Vec<Fetch> = in_time(async { session.uid_fetch("*", "UID").await?.try_collect().await }).await?;
    Ok(all.iter().filter_map(|one| one.uid).max().unwrap_or(0))
}

/// Stores what is new, one mail after the other. Whether there may be more.
async fn fetch(
    ctx: &Context,
    settings: &Settings,
    sink: &dyn Sink,
    session: &mut Imap,
    position: &mut Position,
) -> Result<bool, SendError> {
    // the star: the server answers with its newest one, even where the range is empty
    let range = format!("{}:*", position.uid.saturating_add(1));
    let listed: Vec<Fetch> =
        in_time(async { session.uid_fetch(&range, "(UID RFC822.SIZE)").await?.try_collect().await }).await?;
    let mut new: Vec<(u32, u32)> = listed
        .iter()
        .filter_map(|one| Some((one.uid?, one.size.unwrap_or(0))))
        .filter(|(uid, _)| *uid > position.uid)
        .collect();
    new.sort_unstable();
    new.dedup_by_key(|(uid, _)| *uid);
    let is_more = new.len() > BATCH as usize;
    for (uid, size) in new.into_iter().take(BATCH as usize) {
        let what = if size > MAIL_MAX {
            format!("(UID INTERNALDATE BODY.PEEK[]<0.{BEGINNING}>)")
        } else {
            "(UID INTERNALDATE BODY.PEEK[])".to_owned()
        };
        let fetched: Vec<Fetch> =
            in_time(async { session.uid_fetch(uid.to_string(), what).await?.try_collect().await }).await?;
        // somebody may have deleted it meanwhile
        if let Some(raw) = fetched.iter().filter(|one| one.uid == Some(uid)).find_map(Fetch::body) {
            let incoming = understood(ctx, raw);
            let raw = Bytes::copy_from_slice(raw);
            sink.accept(PolledBatch { raw, incoming }).await.map_err(not_stored)?;
        }
        position.uid = uid;
        position.at = ctx.clock.now();
        sink.remember(json!(position)).await.map_err(not_stored)?;
        if settings.mark_seen {
            let flags = async {
                session
                    .uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)")
                    .await?
                    .try_collect::<Vec<_>>()
                    .await
            };
            in_time(flags).await?;
        }
    }
    Ok(is_more)
}

/// A mail that nothing can be made of must not come again for ever.
fn understood(ctx: &Context, raw: &[u8]) -> Vec<Incoming> {
    catch_unwind(AssertUnwindSafe(|| read::mail(&ctx.channel, raw, &[]))).unwrap_or_else(|_| {
        tracing::error!(channel_id = %ctx.channel.channel_id, bytes = raw.len(), "a mail could not be read");
        vec![Incoming::Ignored { what: "a mail that cannot be read".to_owned() }]
    })
}

/// Waits for news.
async fn idle(session: Imap) -> Result<Imap, SendError> {
    let mut handle = session.idle();
    in_time(handle.init()).await?;
    let (waiting, stop) = handle.wait_with_timeout(IDLE_TIME);
    let waited = waiting.await;
    drop(stop);
    waited.map_err(classify)?;
    in_time(handle.done()).await
}

/// Signs in; once more with a new access token where the one at hand has been taken back before its time.
async fn sign_in(ctx: &Context, settings: &Settings, mailbox: &Mailbox) -> Result<Imap, SendError> {
    let server = mailbox.server(&ctx.channel, settings, Kind::Imap)?;
    let pass = mailbox.pass(ctx, Kind::Imap).await?;
    match sign_in_with(ctx, &server, &pass).await {
        Err(error) if mailbox.is_old(ctx, &pass, &error).await => {
            sign_in_with(ctx, &server, &mailbox.pass(ctx, Kind::Imap).await?).await
        }
        done => done,
    }
}

async fn sign_in_with(ctx: &Context, server: &Server, pass: &Pass) -> Result<Imap, SendError> {
    let stream = ctx.http.dial(&server.dial("imap")).await?;
    let mut client = greeted(server, stream).await?;
    if server.security == Security::Starttls {
        in_time(client.run_command_and_check_ok("STARTTLS", None)).await.map_err(|error| {
            SendError::config(format!("{} does not start TLS: {}", server.address("imap"), error.message))
        })?;
        let Plain(stream) = client.into_inner();
        let stream = ctx.http.secure(stream, &server.host, &server.tls).await?;
        client = Client::new(Plain(stream));
    }
    let mut why = None;
    let signed_in = async {
        let done = match pass {
            Pass::Password(password) => client.login(&server.user, password).await,
            Pass::Token(token) => {
                let says = Says { first: Some(oauth::xoauth2(&server.user, token)), why: &mut why };
                client.authenticate("XOAUTH2", says).await
            }
        };
        done.map_err(|(error, _)| error)
    };
    let signed_in = in_time(signed_in).await;
    signed_in.map_err(|error| match error.class {
        SendErrorClass::Settings(_) if !error.message.contains("UNAVAILABLE") => SendError {
            class: SendErrorClass::Settings(SettingsProblem::Auth),
            code: "sign_in".to_owned(),
            message: why.map_or_else(|| error.message.clone(), |why| format!("{}; {why}", error.message)),
            ..error
        },
        SendErrorClass::Settings(_) => SendError { class: SendErrorClass::Unavailable, ..error },
        _ => error,
    })
}

/// Signs in by XOAUTH2. A token that is refused is answered by a challenge, which says why; the refusal itself comes
/// once it was answered by an empty line.
struct Says<'a> {
    first: Option<String>,
    why: &'a mut Option<String>,
}

impl Authenticator for Says<'_> {
    type Response = String;

    fn process(&mut self, challenge: &[u8]) -> String {
        self.first.take().unwrap_or_else(|| {
            *self.why = oauth::challenge(challenge);
            String::new()
        })
    }
}

async fn greeted(server: &Server, stream: Box<dyn Stream>) -> Result<Client<Plain>, SendError> {
    let mut client = Client::new(Plain(stream));
    let greeting = in_time(async { client.read_response().await.map_err(Error::from) }).await?;
    match greeting.as_ref().map(|greeting| greeting.parsed()) {
        Some(Response::Data { status: Status::Ok | Status::PreAuth, .. }) => Ok(client),
        Some(Response::Data { status: Status::Bye, outcome }) => {
            let why = outcome.information.as_deref().unwrap_or("no reason");
            Err(SendError::new(SendErrorClass::Unavailable, "bye", format!("the mail server is away: {why}")))
        }
        _ => Err(SendError::config(format!(
            "{} does not speak IMAP; is TLS as it should be?",
            server.address("imap")
        ))),
    }
}

fn folder(settings: &Settings) -> &str {
    settings.imap_folder.as_deref().filter(|name| !name.is_empty()).unwrap_or("INBOX")
}

fn no_folder(settings: &Settings, error: SendError) -> SendError {
    match error.class {
        SendErrorClass::Settings(_) => SendError::config(format!(
            "the folder {:?} cannot be opened: {}",
            folder(settings),
            error.message
        )),
        _ => error,
    }
}

fn not_stored(error: crate::SinkError) -> SendError {
    SendError::new(SendErrorClass::Unavailable, "not_stored", error.to_string())
}

async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, SendError> {
    match tokio::time::timeout(ANSWER_TIME, work).await {
        Ok(done) => done.map_err(classify),
        Err(_) => {
            let message = "the mail server did not answer in time";
            Err(SendError::new(SendErrorClass::Unavailable, "timeout", message))
        }
    }
}

fn classify(error: Error) -> SendError {
    match error {
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => SendError::config(error.to_string()),
        _ => SendError::new(SendErrorClass::Unavailable, "imap", error.to_string()),
    }
}

type Imap = Session<Plain>;

/// A guarded connection with the `Debug` that the IMAP library wants.
struct Plain(Box<dyn Stream>);

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl AsyncRead for Plain {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Plain {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
