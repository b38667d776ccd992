//! What the handshake's HTTP needs beside the protocol: cross-origin headers for polling, a cap on
//! sockets, and knowledge of which TCP connection belongs to which session.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use dashmap::DashMap;
use parking_lot::Mutex;

use super::{
    guard::{Control, Peer},
    hub::Hub,
};
use crate::rest::middleware::client_address;

/// Where the protocol lives.
pub const PATH: &str = "/socket.io/";
/// How long the sending of packets by polling may take.
const POST_TIME: Duration = Duration::from_secs(30);

/// Which accepted connection carries which session's WebSocket. Sessions that began with polling have
/// another connection by then than the one of their handshake.
#[derive(Clone, Default)]
pub struct Peers(Arc<DashMap<String, Weak<Control>>>);

impl Peers {
    /// The connection that carries the session, if it is known and alive.
    #[must_use]
    pub fn find(&self, session: &str) -> Option<Peer> {
        self.0.get(session).and_then(|control| Peer::from_weak(&control))
    }

    pub fn forget(&self, session: &str) {
        self.0.remove(session);
    }
}

/// How many sockets of each client address have not authenticated.
#[derive(Debug, Default)]
pub struct Handshakes(DashMap<IpAddr, usize>);

impl Handshakes {
    /// How many there are, of all addresses.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().map(|count| *count).sum()
    }

    /// Counts one more; `None` when the address has `most` already.
    #[must_use]
    pub fn begin(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Handshake> {
        let mut count = self.0.entry(address).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(count);
        Some(Handshake(Arc::new(Mutex::new(Some(Counted { all: Arc::clone(self), address })))))
    }
}

/// One socket that counts as not authenticated, until it is or is gone. It is kept with the request that
/// the engine keeps as long as the socket.
#[derive(Clone)]
pub struct Handshake(Arc<Mutex<Option<Counted>>>);

impl Handshake {
    /// The socket has authenticated.
    pub fn succeed(&self) {
        let counted = self.0.lock().take();
        drop(counted);
    }
}

struct Counted {
    all: Arc<Handshakes>,
    address: IpAddr,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.all.0.remove_if_mut(&self.address, |_, count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
    }
}

#[derive(Clone)]
struct Edge {
    hub: Arc<Hub>,
    peers: Peers,
}

/// Puts the edge around the protocol's layer.
pub fn attach(router: Router, hub: &Arc<Hub>, peers: Peers) -> Router {
    router.layer(middleware::from_fn_with_state(Edge { hub: Arc::clone(hub), peers }, edge))
}

async fn edge(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(PATH) {
        return next.run(request).await;
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return with_origin(StatusCode::NO_CONTENT.into_response(), origin);
    }
    let query = request.uri().query().unwrap_or_default();
    let session = query_value(query, "sid").map(str::to_owned);
    if session.is_none() {
        let full = edge.hub.sockets() >= edge.hub.config.sockets;
        if full || edge.hub.is_draining() {
            let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            return with_origin(response, origin);
        }
        // what RFC 6455 §4.2.1 asks of a handshake and the engine does not look at
        let upgrade = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
        let version = request.headers().get(header::SEC_WEBSOCKET_VERSION);
        if upgrade && version.is_none_or(|version| version != "13") {
            let mut response = StatusCode::UPGRADE_REQUIRED.into_response();
            response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            return response;
        }
        let address = client_address(&edge.hub.config.trusted_proxies, &request);
        let most = edge.hub.config.unauthenticated_per_address;
        let Some(handshake) = edge.hub.handshakes.begin(address, most) else {
            let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            return with_origin(response, origin);
        };
        request.extensions_mut().insert(handshake);
    }
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer.clone());
    let response = if request.method() == Method::POST {
        match tokio::time::timeout(POST_TIME, next.run(request)).await {
            Ok(response) => response,
            Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
        }
    } else {
        next.run(request).await
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let (Some(session), Some(peer)) = (session, peer)
    {
        // only a session that the engine knows gets here
        edge.peers.0.insert(session, peer.weak());
    }
    with_origin(response, origin)
}

/// Reflects the origin without credentials: which origins may do something is judged at the CONNECT of
/// a namespace, where the channel is known.
fn with_origin(mut response: Response, origin: Option<HeaderValue>) -> Response {
    let Some(origin) = origin else { return response };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type, authorization"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

fn query_value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_counts_until_it_has_authenticated_or_is_gone() {
        let all = Arc::new(Handshakes::default());
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let (first, second) = (all.begin(one, 2).unwrap(), all.begin(one, 2).unwrap());
        assert!(all.begin(one, 2).is_none());
        assert!(all.begin(other, 2).is_some(), "another address");
        first.succeed();
        first.succeed();
        let third = all.begin(one, 2).unwrap();
        assert!(all.begin(one, 2).is_none());
        drop((first, second, third));
        assert!(all.0.is_empty(), "nothing is kept of those who are gone");
    }
}
