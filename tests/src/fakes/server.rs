//! An HTTP server that fails as it is told: connections closed unread, cut after the request, error statuses, delays.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use super::Fate;

/// Shares between 0 and 1 of requests to send that fail, and how. Together at most 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// New connections that are closed before anything is read from them.
    pub unread: f64,
    /// Read, then cut without an answer; half of them are taken all the same.
    pub cut: f64,
    /// Answered 503.
    pub unavailable: f64,
    /// Answered 429 with one second to wait.
    pub throttled: f64,
    /// Up to so many milliseconds before the answer.
    pub delay_ms: u64,
}

impl Faults {
    /// Every call fails half the time, in every way.
    #[must_use]
    pub const fn half() -> Self {
        Self { unread: 0.1, cut: 0.15, unavailable: 0.25, throttled: 0.05, delay_ms: 15 }
    }
}

/// What the server did besides answering.
#[derive(Debug, Default)]
pub struct Counts {
    /// Connections closed before anything was read from them.
    pub unread: AtomicU64,
    /// Requests of every kind that were read.
    pub requests: AtomicU64,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub authorization: Option<String>,
    pub body: Bytes,
}

impl Call {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A field of a form.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(&self.body);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Status and JSON body.
pub type Answer = (u16, Value);

/// A provider's API.
pub trait Api: Send + Sync + 'static {
    /// Whether it asks to send something to a customer: such requests fail as told.
    fn is_send(&self, call: &Call) -> bool;
    /// Writes a send into the journal; for one that is taken, returns the provider's answer.
    fn send(&self, call: &Call, fate: Fate) -> Answer;
    /// Anything else.
    fn other(&self, call: Call) -> impl Future<Output = Answer> + Send;
}

struct Shared<A> {
    api: A,
    faults: Mutex<Faults>,
    dice: Mutex<StdRng>,
    counts: Counts,
}

/// A running fake. It goes away when dropped.
pub struct Provider<A> {
    pub address: SocketAddr,
    shared: Arc<Shared<A>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl<A> Provider<A> {
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How it fails from now on.
    pub fn fail(&self, faults: Faults) {
        *self.shared.faults.lock() = faults;
    }

    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    pub(super) fn api(&self) -> &A {
        &self.shared.api
    }

    /// Refuses connections until [`Provider::up`]. To be called while nothing is being sent.
    pub fn down(&self) {
        if let Some(task) = self.task.lock().take() {
            task.abort();
        }
    }
}

impl<A: Api> Provider<A> {
    pub(super) async fn start(api: A, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            api,
            faults: Mutex::default(),
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            counts: Counts::default(),
        });
        let task = Mutex::new(Some(tokio::spawn(serve(listener, Arc::clone(&shared)))));
        Self { address, shared, task }
    }

    /// Takes connections again.
    pub async fn up(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        *self.task.lock() = Some(tokio::spawn(serve(listener, Arc::clone(&self.shared))));
    }
}

impl<A> Drop for Provider<A> {
    fn drop(&mut self) {
        self.down();
    }
}

/// Its connections end with it.
async fn serve<A: Api>(listener: TcpListener, shared: Arc<Shared<A>>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let faults = *shared.faults.lock();
        if faults.unread > 0.0 && shared.dice.lock().random_bool(faults.unread) {
            shared.counts.unread.fetch_add(1, SeqCst);
            continue;
        }
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&shared), request));
            // an error here is a cut that was asked for, or a client that went away
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The connection is cut instead of being answered.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut as told")
    }
}

impl std::error::Error for Cut {}

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

async fn answer<A: Api>(
    shared: Arc<Shared<A>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Err(Cut) };
    shared.counts.requests.fetch_add(1, SeqCst);
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let call = Call {
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: text(http::header::AUTHORIZATION),
        body: body.to_bytes(),
    };
    if !shared.api.is_send(&call) {
        let (status, body) = shared.api.other(call).await;
        return Ok(respond(status, &body));
    }
    let faults = *shared.faults.lock();
    let (roll, kept, delay) = {
        let mut dice = shared.dice.lock();
        (dice.random::<f64>(), dice.random::<bool>(), dice.random_range(0..=faults.delay_ms))
    };
    tokio::time::sleep(Duration::from_millis(delay)).await;
    let fate = if roll < faults.cut {
        if kept { Fate::TakenThenCut } else { Fate::CutUntaken }
    } else if roll < faults.cut + faults.unavailable {
        Fate::Refused(503)
    } else if roll < faults.cut + faults.unavailable + faults.throttled {
        Fate::Refused(429)
    } else {
        Fate::Taken
    };
    let (status, body) = shared.api.send(&call, fate);
    if matches!(fate, Fate::TakenThenCut | Fate::CutUntaken) {
        return Err(Cut);
    }
    Ok(respond(status, &body))
}

fn respond(status: u16, body: &Value) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(body.to_string().into()))
        .unwrap()
}
