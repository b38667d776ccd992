//! Requests: handshakes, polls, posts and upgrades.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::upgrade::OnUpgrade;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::{
    Protocol,
    packet::decode_payload,
    polling::{Answer, Ask, Polling},
    server::Shared,
    session::{Carrier, Session},
};
use crate::{
    random_id,
    ws::{Link, Refused, accept},
};

type Answered = Response<Full<Bytes>>;

/// How long a connection may take to become a WebSocket after it was told to.
const UPGRADE: Duration = Duration::from_secs(10);

/// Why a request is refused, with the code and the words that clients of the protocol know.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    UnknownTransport,
    UnknownSession,
    BadMethod,
    BadRequest,
    UnknownVersion,
}

impl Refusal {
    fn answer(self) -> Answered {
        let (code, message) = match self {
            Self::UnknownTransport => (0, "Transport unknown"),
            Self::UnknownSession => (1, "Session ID unknown"),
            Self::BadMethod => (2, "Bad handshake method"),
            Self::BadRequest => (3, "Bad request"),
            Self::UnknownVersion => (5, "Unsupported protocol version"),
        };
        let body = json!({"code": code, "message": message}).to_string();
        answer(StatusCode::BAD_REQUEST, "application/json", body.into())
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: Bytes) -> Answered {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn text(body: Bytes) -> Answered {
    answer(StatusCode::OK, "text/plain; charset=UTF-8", body)
}

/// The value of a query's key. Values of this protocol need no decoding.
fn value<'q>(query: &'q str, key: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

pub(super) async fn respond<P, B>(server: &Arc<Shared<P>>, request: Request<B>) -> Answered
where
    P: Protocol,
    B: http_body::Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    if value(query, "EIO") != Some("4") {
        return Refusal::UnknownVersion.answer();
    }
    let is_websocket = match value(query, "transport") {
        Some("websocket") => true,
        Some("polling") if server.common.config.polling => false,
        _ => return Refusal::UnknownTransport.answer(),
    };
    let Some(sid) = value(query, "sid") else {
        if parts.method != Method::GET {
            return Refusal::BadMethod.answer();
        }
        return if is_websocket { open_websocket(server, parts) } else { open_polling(server, &parts) };
    };
    let Some(asks) = server.common.polling.get(sid).map(|asks| asks.clone()) else {
        return Refusal::UnknownSession.answer();
    };
    if is_websocket {
        return upgrade(server, &asks, &mut parts);
    }
    match parts.method {
        Method::GET => {
            let (tell, told) = oneshot::channel();
            ask(&asks, Ask::Get(tell), told).await
        }
        Method::POST => post(server, &asks, &parts.headers, body).await,
        _ => Refusal::BadRequest.answer(),
    }
}

/// Hands a request to its session and waits for what the session says.
async fn ask(asks: &mpsc::Sender<Ask>, ask: Ask, told: oneshot::Receiver<Answer>) -> Answered {
    // more requests at once than the protocol has use for
    if asks.try_send(ask).is_err() {
        return Refusal::BadRequest.answer();
    }
    match told.await {
        Ok(Answer::Payload(body)) => text(body),
        Ok(Answer::Refused) => Refusal::BadRequest.answer(),
        Err(_) => Refusal::UnknownSession.answer(),
    }
}

async fn post<P, B>(server: &Shared<P>, asks: &mpsc::Sender<Ask>, headers: &HeaderMap, body: B) -> Answered
where
    P: Protocol,
    B: http_body::Body + Send,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let config = &server.common.config;
    let too_large = || answer(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", Bytes::new());
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > config.max_packet) {
        return too_large();
    }
    let body = std::pin::pin!(body);
    let collected = Limited::new(body, config.max_packet).collect();
    let body = match tokio::time::timeout(config.body_timeout, collected).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => return too_large(),
        Ok(Err(_)) => return Refusal::BadRequest.answer(),
        Err(_) => return answer(StatusCode::REQUEST_TIMEOUT, "text/plain", Bytes::new()),
    };
    let (tell, told) = oneshot::channel();
    ask(asks, Ask::Post(decode_payload(body, config.max_packets), tell), told).await
}

/// The first packet of a session.
fn handshake<P>(server: &Shared<P>, sid: &str, upgrades: &[&str]) -> String {
    let config = &server.common.config;
    let open = json!({
        "sid": sid,
        "upgrades": upgrades,
        "pingInterval": config.ping_interval.as_millis() as u64,
        "pingTimeout": config.ping_timeout.as_millis() as u64,
        "maxPayload": config.max_packet,
    });
    format!("0{open}")
}

fn open_polling<P: Protocol>(server: &Arc<Shared<P>>, parts: &Parts) -> Answered {
    let sid = random_id();
    let (asks, asked) = mpsc::channel(4);
    let peer = server.protocol.open(parts);
    let carrier = Carrier::Polling(Box::new(Polling::new(sid.clone(), asked)));
    server.common.polling.insert(sid.clone().into(), asks);
    tokio::spawn(Session::new(&server.common, peer, carrier).run());
    text(handshake(server, &sid, &["websocket"]).into())
}

fn open_websocket<P: Protocol>(server: &Arc<Shared<P>>, mut parts: Parts) -> Answered {
    let response = match accept(&parts.method, &parts.headers) {
        Ok(response) => response,
        Err(refused) => return no_websocket(&refused),
    };
    let peer = server.protocol.open(&parts);
    let open = handshake(server, &random_id(), &[]);
    let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() else {
        return Refusal::BadRequest.answer();
    };
    // nothing of the request is kept: its headers pin the buffer that they were read into
    drop(parts);
    let common = Arc::clone(&server.common);
    tokio::spawn(async move {
        let Ok(Ok(io)) = tokio::time::timeout(UPGRADE, upgrade).await else { return };
        let link = Link::new(io, common.config.max_packet);
        let mut session = Session::new(&common, peer, Carrier::WebSocket(link));
        session.say(open);
        // a future of its own, so that what was needed for the upgrade is let go
        tokio::spawn(session.run());
    });
    response
}

fn upgrade<P: Protocol>(server: &Arc<Shared<P>>, asks: &mpsc::Sender<Ask>, parts: &mut Parts) -> Answered {
    let response = match accept(&parts.method, &parts.headers) {
        Ok(response) => response,
        Err(refused) => return no_websocket(&refused),
    };
    let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() else {
        return Refusal::BadRequest.answer();
    };
    let limit = server.common.config.max_packet;
    let (give, coming) = oneshot::channel();
    // announced before it is granted, so that no request that follows it comes before it
    if asks.try_send(Ask::Upgrade(coming)).is_err() {
        return Refusal::BadRequest.answer();
    }
    tokio::spawn(async move {
        if let Ok(Ok(io)) = tokio::time::timeout(UPGRADE, upgrade).await {
            // a session that is over needs no second transport
            let _over = give.send(Link::new(io, limit));
        }
    });
    response
}

fn no_websocket(refused: &Refused) -> Answered {
    match refused {
        Refused::Malformed => Refusal::BadRequest.answer(),
        Refused::Version => {
            let mut response = answer(StatusCode::UPGRADE_REQUIRED, "text/plain", Bytes::new());
            response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            response
        }
    }
}
