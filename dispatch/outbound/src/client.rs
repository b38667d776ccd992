//! Sending a request, redirects by hand, and telling how far it came.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header};
use url::{Host, Url};

use crate::{
    allow::AllowList,
    error::{OutboundError, Phase, Reason},
    gate::{Gate, GatedBody},
    request::{EXCERPT, Exchange, Request, Response},
    resolve::{GuardedResolver, RefusedName},
};

const MAX_REDIRECTS: usize = 3;

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// The whole call, where the request sets no deadline.
    pub total: Duration,
    /// How long an unused connection is kept. Short, because a kept connection that the peer is just
    /// closing costs an unknown outcome.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            idle: Duration::from_secs(15),
        }
    }
}

/// The HTTP client. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    allow: Arc<AllowList>,
    timeouts: Timeouts,
}

impl Client {
    /// A client that calls public addresses and those of the list.
    ///
    /// # Errors
    /// A text if the TLS library has no usable root certificates.
    pub fn new(allow: AllowList, timeouts: Timeouts) -> Result<Self, String> {
        let allow = Arc::new(allow);
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .dns_resolver(GuardedResolver { allow: Arc::clone(&allow) })
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(timeouts.idle)
            .user_agent("turumba")
            .build()
            .map_err(|error| format!("the http client cannot be built: {}", chain(&error)))?;
        Ok(Self { http, allow, timeouts })
    }

    pub(crate) fn allowed(&self) -> &AllowList {
        &self.allow
    }

    pub(crate) const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Sends the request and reads the answer, of whatever status.
    ///
    /// Redirects are followed for GET and HEAD (and, to the same origin, 307 and 308 for the others), at most
    /// three, each checked like the first; credentials are not carried to another origin. Any other
    /// redirect is returned as the answer it is.
    ///
    /// # Errors
    /// [`OutboundError`]; its phase says whether the peer may have received the request.
    pub async fn send(&self, mut request: Request) -> Result<Response, OutboundError> {
        request.redactor = request.redactor.with_authorization(&request.headers);
        let started = Instant::now();
        let mut gate = Gate::default();
        let deadline = request.deadline.unwrap_or(self.timeouts.total);
        let outcome = tokio::time::timeout(deadline, self.follow(&request, &mut gate)).await;
        let exchange = |status: Option<StatusCode>, body: &[u8]| {
            Box::new(Exchange {
                method: request.method.to_string(),
                url: request.redactor.url(&request.url),
                status: status.map(|status| status.as_u16()),
                took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                request_excerpt: request.redactor.excerpt(&request.body, EXCERPT),
                response_excerpt: request.redactor.excerpt(body, EXCERPT),
            })
        };
        let failed = match outcome {
            Ok(Ok((status, headers, body))) => {
                let exchange = exchange(Some(status), &body);
                tracing::debug!(method = %exchange.method, url = %exchange.url, status = status.as_u16(),
                    took_ms = exchange.took_ms, "outbound call");
                return Ok(Response { status, headers, body, exchange, redactor: request.redactor });
            }
            Ok(Err(failed)) => failed,
            Err(_) => Failed {
                phase: phase_of(&request, &gate),
                reason: Reason::Timeout,
                detail: format!("no complete answer within {} ms", deadline.as_millis()),
                status: None,
            },
        };
        let exchange = exchange(failed.status, b"");
        let detail = request.redactor.text(&failed.detail);
        tracing::debug!(method = %exchange.method, url = %exchange.url, phase = ?failed.phase, %detail,
            took_ms = exchange.took_ms, "outbound call failed");
        Err(OutboundError { phase: failed.phase, reason: failed.reason, detail, exchange })
    }

    async fn follow(
        &self,
        request: &Request,
        gate: &mut Gate,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Failed> {
        let mut url = Url::parse(&request.url)
            .map_err(|error| Failed::before(Reason::Invalid, format!("the address is not valid: {error}")))?;
        let mut headers = request.headers.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.guard(&url)?;
            let (status, answer_headers, body) = self.hop(request, &url, &headers, gate).await?;
            let Some(next) = next_hop(&request.method, &url, status, &answer_headers) else {
                return Ok((status, answer_headers, body));
            };
            if next.origin() != url.origin() {
                for name in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
                    headers.remove(name);
                }
            }
            // the peer answered that it did not act: the next hop starts unwritten
            *gate = Gate::default();
            url = next;
        }
        Err(Failed::before(Reason::Redirects, format!("more than {MAX_REDIRECTS} redirects")))
    }

    /// Refuses what can be refused without resolving a name; names are checked by the resolver.
    fn guard(&self, url: &Url) -> Result<(), Failed> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failed::before(
                Reason::Invalid,
                format!("{}: only http and https are called", url.scheme()),
            ));
        }
        let address = match url.host() {
            None => return Err(Failed::before(Reason::Invalid, "the address has no host".into())),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
        };
        if self.allow.allows_address(address) {
            return Ok(());
        }
        Err(Failed::before(
            Reason::Refused,
            format!("{address} is a private address and not on the allow-list"),
        ))
    }

    async fn hop(
        &self,
        request: &Request,
        url: &Url,
        headers: &HeaderMap,
        gate: &Gate,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Failed> {
        let mut call = self.http.request(request.method.clone(), url.clone()).headers(headers.clone());
        if !request.body.is_empty() {
            call = call.body(reqwest::Body::wrap(GatedBody::new(request.body.clone(), gate.clone())));
        }
        let mut answer = call.send().await.map_err(|error| classify(request, gate, &error))?;
        let status = answer.status();
        let too_large = || Failed {
            phase: Phase::AfterWrite,
            reason: Reason::TooLarge,
            detail: format!("more than {} bytes", request.max_response),
            status: Some(status),
        };
        if answer.content_length().is_some_and(|length| length > request.max_response as u64) {
            return Err(too_large());
        }
        let answer_headers = answer.headers().clone();
        let mut body = BytesMut::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > request.max_response => return Err(too_large()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok((status, answer_headers, body.freeze())),
                Err(error) => {
                    return Err(Failed {
                        phase: Phase::AfterWrite,
                        reason: Reason::Cut,
                        detail: chain(&error.without_url()),
                        status: Some(status),
                    });
                }
            }
        }
    }
}

/// Where a redirect leads, if it is one that may be followed.
fn next_hop(method: &Method, from: &Url, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    let safe = matches!(*method, Method::GET | Method::HEAD);
    let kept = matches!(status.as_u16(), 307 | 308);
    if !(kept || safe && matches!(status.as_u16(), 301..=303)) {
        return None;
    }
    let next = from.join(headers.get(header::LOCATION)?.to_str().ok()?).ok()?;
    let downgrade = from.scheme() == "https" && next.scheme() != "https";
    (!downgrade && (safe || next.origin() == from.origin())).then_some(next)
}

struct Failed {
    phase: Phase,
    reason: Reason,
    detail: String,
    status: Option<StatusCode>,
}

impl Failed {
    fn before(reason: Reason, detail: String) -> Self {
        Self { phase: Phase::BeforeWrite, reason, detail, status: None }
    }
}

fn classify(request: &Request, gate: &Gate, error: &reqwest::Error) -> Failed {
    let detail = chain(error);
    if find::<RefusedName>(error) {
        return Failed::before(Reason::Refused, RefusedName.to_string());
    }
    if error.is_builder() {
        return Failed::before(Reason::Invalid, detail);
    }
    if error.is_dns() {
        return Failed::before(Reason::Dns, detail);
    }
    if error.is_connect() {
        return Failed::before(Reason::Connect, detail);
    }
    let reason = if error.is_timeout() { Reason::Timeout } else { Reason::Cut };
    Failed { phase: phase_of(request, gate), reason, detail, status: None }
}

/// Without a body there is no proof that a request was not sent.
fn phase_of(request: &Request, gate: &Gate) -> Phase {
    if !request.body.is_empty() && gate.shut() { Phase::BeforeWrite } else { Phase::AfterWrite }
}

/// The error with its causes, without the address (which may hold a token).
fn chain(error: &dyn std::error::Error) -> String {
    let mut texts = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        // the outermost text of reqwest is "error sending request for url (…)"
        let text = error.to_string();
        let text = text.split(" for url (").next().unwrap_or_default().to_owned();
        if !texts.contains(&text) {
            texts.push(text);
        }
        at = error.source();
    }
    texts.join(": ")
}

fn find<E: std::error::Error + 'static>(error: &reqwest::Error) -> bool {
    let mut at: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = at {
        if error.is::<E>() {
            return true;
        }
        at = error.source();
    }
    false
}
