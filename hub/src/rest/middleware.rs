//! The edge: what every request passes before anything looks at it. Headers that only the hub itself
//! may trust are taken off, the credential becomes the one typed [`Context`], limits are kept, and every
//! answer gets its request id, its safety headers and, where it failed, the envelope.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Instant,
};

use axum::{
    Json,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use inbox::{Context, Proof, identity};
use model::Error;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    Rest,
    envelope::{ApiError, Pending, failure, of_status},
    limits::{Rate, Standing, Who},
};
use crate::{config::Networks, realtime::guard::Peer};

/// Headers by which services behind the edge once trusted each other; nobody outside may send them.
const SPOOFABLE: [&str; 7] = [
    "x-account-ids",
    "x-role-ids",
    "x-user-id",
    "x-advanced-context",
    "x-internal-service",
    "x-service-token",
    "x-trace-id",
];
/// Bytes of an address, with its query; common proxies pass no more.
pub(super) const LONGEST: usize = 8192;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the caller's own if it is sane, else a new one. It is in every answer.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Where the request comes from, looking behind trusted proxies only.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddr(pub IpAddr);

/// How the credential's bucket stands, for the headers of the answer.
#[derive(Clone, Copy)]
struct Stands(Standing);

/// Goes around everything that the hub serves, sockets and webhooks included.
pub async fn edge(State(rest): State<Rest>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers());
    let address = client_address(&rest.options().trusted_proxies, &request);
    for name in SPOOFABLE {
        request.headers_mut().remove(name);
    }
    request.extensions_mut().remove::<Context>();
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(ClientAddr(address));
    drop_trailing_slash(request.uri_mut());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let span = tracing::info_span!("request", %method, path, id);
    let answered = AssertUnwindSafe(answer(&rest, request, next, address)).catch_unwind();
    let mut response = match answered.instrument(span.clone()).await {
        Ok(response) => response,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(ToString::to_string)
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            ApiError(Error::internal(format!("a handler panicked: {text}"))).into_response()
        }
    };
    let _entered = span.enter();
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    let mut response = enveloped(response, &id);
    dress(&rest, &mut response, &path, &id, origin.as_ref());
    let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis() as u64);
    tracing::debug!(status, ms, "answered");
    response
}

async fn answer(rest: &Rest, mut request: Request, next: Next, address: IpAddr) -> Response {
    let path = request.uri().path();
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > LONGEST) {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        return preflight(path);
    }
    if !is_api(path) {
        return timed(rest, request, next).await;
    }
    let anonymous = takes_no_credential(path);
    if anonymous && path.starts_with("/v1/auth") || path == "/v1/setup" {
        let rate = Rate::per_minute(rest.options().auth_per_minute);
        let standing = rest.limiter().take("auth", Who::Address(address), rate).await;
        if let Err(error) = standing.check() {
            return with(standing, ApiError(error).into_response());
        }
        return with(standing, timed(rest, request, next).await);
    }
    let Some(bearer) = bearer(request.headers()).filter(|_| !anonymous) else {
        return timed(rest, request, next).await;
    };
    let context = match identity::authenticate(rest.inbox(), &bearer).await {
        Ok(context) => context,
        Err(error) => {
            // guessing is limited like signing in; a good credential is not held up by others' guesses
            let rate = Rate::per_minute(rest.options().auth_per_minute.saturating_mul(4));
            let standing = rest.limiter().take("refused", Who::Address(address), rate).await;
            let error = standing.check().err().unwrap_or(error);
            return ApiError(error).into_response();
        }
    };
    let rate = Rate::per_minute(rest.options().api_per_minute);
    let standing = rest.limiter().take("api", Who::Credential(caller_id(&context)), rate).await;
    if let Err(error) = standing.check() {
        return with(standing, ApiError(error).into_response());
    }
    // whatever came of it: a part may have been written
    let writer = (!request.method().is_safe()).then(|| context.user_id().uuid());
    request.extensions_mut().insert(context);
    let response = timed(rest, request, next).await;
    if let Some(writer) = writer {
        rest.inbox().store().wrote(writer);
    }
    with(standing, response)
}

/// Whose answers and whose limits these are: the user's, or the API key's.
pub(super) fn caller_id(context: &Context) -> Uuid {
    match context.proof() {
        Proof::ApiKey(key) => key.uuid(),
        Proof::Session(_) | Proof::Operator => context.user_id().uuid(),
    }
}

async fn timed(rest: &Rest, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if request.method() == Method::PUT && path.contains("/uploads/") {
        // as long as the sender goes on sending
        return next.run(request).await;
    }
    match tokio::time::timeout(rest.options().request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError(Error::unavailable("this took too long and was given up")).into_response(),
    }
}

fn with(standing: Standing, mut response: Response) -> Response {
    response.extensions_mut().insert(Stands(standing));
    response
}

/// What the edge authenticates. Providers, sockets, pages and probes prove themselves otherwise, or
/// need not.
fn is_api(path: &str) -> bool {
    let webhook = path.starts_with("/v1/webhooks/");
    (path.starts_with("/v1/") && !webhook) || path == "/context/basic"
}

/// Operations that look at no credential, so that an old one in a browser does no harm.
fn takes_no_credential(path: &str) -> bool {
    matches!(path, "/v1/auth/login" | "/v1/auth/refresh" | "/v1/setup")
        || path.starts_with("/v1/public/")
        || path.starts_with("/v1/docs")
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

/// In front of every operation that is not public: without a caller nothing runs, whatever a handler
/// forgets to ask for.
pub async fn require_caller(request: Request, next: Next) -> Response {
    let asks_what_is_allowed = request.method() == Method::OPTIONS;
    if request.extensions().get::<Context>().is_none() && !asks_what_is_allowed {
        let told = "sign in, or send an API key, as Authorization: Bearer …";
        return ApiError(Error::unauthorized(told)).into_response();
    }
    next.run(request).await
}

fn request_id(headers: &HeaderMap) -> String {
    let sane = |text: &&str| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    match headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(sane) {
        Some(given) => given.to_owned(),
        None => Uuid::now_v7().simple().to_string(),
    }
}

/// The peer, or, while that is a trusted proxy, the address that it says it forwards for.
pub fn client_address(trusted: &Networks, request: &Request) -> IpAddr {
    let guarded = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0.0);
    let plain = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let peer = guarded.or_else(plain).map(|peer| peer.ip());
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    behind_proxies(peer, &forwarded, |address| trusted.contains(address))
}

fn behind_proxies(peer: Option<IpAddr>, forwarded: &[&str], trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut address = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    for hop in forwarded.iter().rev() {
        if !trusted(address) {
            break;
        }
        match hop.parse::<IpAddr>() {
            Ok(next) => address = next.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

/// `/v1/teams/` is `/v1/teams`. The sockets' own path keeps its slash.
fn drop_trailing_slash(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') || path.starts_with("/socket.io") {
        return;
    }
    let path = path.trim_end_matches('/');
    let path = if path.is_empty() { "/" } else { path };
    let text = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let Ok(path_and_query) = text.parse::<PathAndQuery>() else { return };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    if let Ok(changed) = Uri::from_parts(parts) {
        *uri = changed;
    }
}

/// Gives a failed answer its envelope; logs what must not be shown.
fn enveloped(mut response: Response, id: &str) -> Response {
    let status = response.status();
    let pending = response.extensions_mut().remove::<Pending>();
    if let Some(Pending(error)) = pending {
        if status.is_server_error() {
            let cause = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
            tracing::error!(code = %error.code, message = error.message, cause, "request failed");
        }
        return rewritten(response, &error, id);
    }
    let is_bare = (status.is_client_error() || status.is_server_error())
        && !response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_bare {
        let error = of_status(status);
        return rewritten(response, &error, id);
    }
    response
}

fn rewritten(response: Response, error: &Error, id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let (shape, body) = Json(failure(error, id)).into_response().into_parts();
    parts.headers.extend(shape.headers);
    Response::from_parts(parts, body)
}

/// Headers of every answer.
fn dress(rest: &Rest, response: &mut Response, path: &str, id: &str, origin: Option<&HeaderValue>) {
    let standing = response.extensions().get::<Stands>().copied();
    let headers = response.headers_mut();
    if let Some(Stands(standing)) = standing {
        standing.write(headers);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::REFERRER_POLICY, "no-referrer");
    // the widget is the one page that others may put into a frame
    if !path.starts_with("/widget") {
        default(header::X_FRAME_OPTIONS, "DENY");
        default(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        );
    }
    if is_api(path) {
        default(header::CACHE_CONTROL, "no-store");
    }
    if rest.inbox().settings().public_url.starts_with("https://") {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    cross_origin(rest, headers, path, origin);
}

/// What every site may read: a web chat's public side, keys and the API's description.
fn is_for_every_origin(path: &str) -> bool {
    path.starts_with("/v1/public/")
        || path.starts_with("/widget")
        || path == "/openapi.json"
        || path == "/.well-known/jwks.json"
}

/// Pages of the hub's own origin may use the API; no cookie is ever involved, so no credentials.
fn cross_origin(rest: &Rest, headers: &mut HeaderMap, path: &str, origin: Option<&HeaderValue>) {
    let Some(origin) = origin else { return };
    if path.starts_with("/socket.io") || headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    let own =
        url::Url::parse(&rest.inbox().settings().public_url).map(|url| url.origin().ascii_serialization());
    let is_own = own.is_ok_and(|own| own.as_bytes() == origin.as_bytes());
    if is_for_every_origin(path) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else if is_own {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset",
        ),
    );
}

fn preflight(path: &str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE");
    set(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, content-range, idempotency-key, x-request-id",
    );
    set(header::ACCESS_CONTROL_MAX_AGE, "3600");
    if !is_for_every_origin(path) {
        set(header::VARY, "origin");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_behind_trusted_proxies_only() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let trusted = |address: IpAddr| address == ip("10.0.0.1") || address == ip("10.0.0.2");
        let of = |peer: &str, hops: &[&str]| behind_proxies(Some(ip(peer)), hops, trusted);
        assert_eq!(of("203.0.113.9", &["1.2.3.4"]), ip("203.0.113.9"), "a stranger's header");
        assert_eq!(of("10.0.0.1", &["9.9.9.9", "1.2.3.4", "10.0.0.2"]), ip("1.2.3.4"));
        assert_eq!(of("::ffff:10.0.0.1", &["1.2.3.4"]), ip("1.2.3.4"));
        assert_eq!(of("10.0.0.1", &["garbage"]), ip("10.0.0.1"));
    }

    #[test]
    fn slashes_at_the_end_are_dropped() {
        let of = |text: &str| {
            let mut uri: Uri = text.parse().unwrap();
            drop_trailing_slash(&mut uri);
            uri.to_string()
        };
        assert_eq!(of("/v1/teams/?sort=name:asc"), "/v1/teams?sort=name:asc");
        assert_eq!(of("/v1/teams"), "/v1/teams");
        assert_eq!(of("/"), "/");
        assert_eq!(of("//"), "/");
        assert_eq!(of("/socket.io/?EIO=4"), "/socket.io/?EIO=4");
    }

    #[test]
    fn a_request_id_is_kept_if_it_is_sane() {
        let with = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_static(text));
            request_id(&headers)
        };
        assert_eq!(with("trace-1.a_b:c"), "trace-1.a_b:c");
        assert_ne!(with("a b"), "a b");
        assert_ne!(with(""), "");
    }
}
