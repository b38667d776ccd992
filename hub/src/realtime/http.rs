//! What the handshake's HTTP needs beside the protocol: cross-origin headers for polling, and caps on
//! sockets.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use dashmap::DashMap;
use engine::{App, eio::Server, sio::SocketIo};
use parking_lot::Mutex;

use super::{config::Config, hub::Hub};
use crate::rest::middleware::client_address;

/// Where the protocol lives.
pub const PATH: &str = "/socket.io/";

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

/// One socket that counts as not authenticated, until it is or is gone. It is kept as long as the socket.
#[derive(Debug, Clone)]
pub struct Handshake(Arc<Mutex<Option<Counted>>>);

impl Handshake {
    /// The socket has authenticated.
    pub fn succeed(&self) {
        let counted = self.0.lock().take();
        drop(counted);
    }
}

#[derive(Debug)]
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

/// Who may shake hands.
#[derive(Clone)]
pub struct Edge {
    config: Arc<Config>,
    handshakes: Arc<Handshakes>,
    /// Whether no more sockets are taken.
    is_closed: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Edge {
    /// That of a hub.
    #[must_use]
    pub fn of(hub: &Arc<Hub>) -> Self {
        let (config, handshakes) = (Arc::clone(&hub.config), Arc::clone(&hub.handshakes));
        let hub = Arc::clone(hub);
        let is_closed = move || hub.is_draining() || hub.sockets() >= hub.config.sockets;
        Self { config, handshakes, is_closed: Arc::new(is_closed) }
    }

    /// One that is always open.
    #[must_use]
    pub fn open(config: Config) -> Self {
        Self { config: Arc::new(config), handshakes: Arc::default(), is_closed: Arc::new(|| false) }
    }
}

/// Puts a server behind an edge, in front of the router.
pub fn attach<A: App>(router: Router, edge: Edge, server: Server<SocketIo<A>>) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (edge, server) = (edge.clone(), server.clone());
        async move {
            if request.uri().path() == PATH {
                answer(&edge, &server, request).await
            } else {
                next.run(request).await
            }
        }
    }))
}

async fn answer<A: App>(edge: &Edge, server: &Server<SocketIo<A>>, mut request: Request) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return with_origin(StatusCode::NO_CONTENT.into_response(), origin);
    }
    let is_new = query_value(request.uri().query().unwrap_or_default(), "sid").is_none();
    if is_new {
        if (edge.is_closed)() {
            return with_origin(later(StatusCode::SERVICE_UNAVAILABLE), origin);
        }
        let address = client_address(&edge.config.trusted_proxies, &request);
        let Some(handshake) = edge.handshakes.begin(address, edge.config.unauthenticated_per_address) else {
            return with_origin(later(StatusCode::TOO_MANY_REQUESTS), origin);
        };
        request.extensions_mut().insert(handshake);
    }
    with_origin(server.respond(request).await.map(Body::new), origin)
}

fn later(status: StatusCode) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
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
