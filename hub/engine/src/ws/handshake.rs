//! What a request must have to become a WebSocket (RFC 6455 §4.2.1), and its answer.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use tungstenite::handshake::derive_accept_key;

/// Why a request is no handshake.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Something is missing or wrong: 400.
    Malformed,
    /// Another version than 13: 426, which names ours.
    Version,
}

/// The answer that turns the connection into a WebSocket.
pub(crate) fn accept(method: &Method, headers: &HeaderMap) -> Result<Response<Full<Bytes>>, Refused> {
    let has = |name, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    if method != Method::GET || !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        return Err(Refused::Malformed);
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Refused::Version);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).ok_or(Refused::Malformed)?.as_bytes();
    if STANDARD.decode(key).map_or(0, |nonce| nonce.len()) != 16 {
        return Err(Refused::Malformed);
    }
    let accepted = HeaderValue::try_from(derive_accept_key(key)).map_err(|_| Refused::Malformed)?;
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, header};

    use super::{Refused, accept};

    fn headers() -> HeaderMap {
        HeaderMap::from_iter([
            (header::CONNECTION, HeaderValue::from_static("keep-alive, Upgrade")),
            (header::UPGRADE, HeaderValue::from_static("WebSocket")),
            (header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
            (header::SEC_WEBSOCKET_KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==")),
        ])
    }

    fn refused(method: &Method, headers: &HeaderMap) -> Option<Refused> {
        accept(method, headers).err()
    }

    #[test]
    fn the_sample_of_the_rfc_is_answered_as_there() {
        let response = accept(&Method::GET, &headers()).unwrap();
        assert_eq!(response.headers()[header::SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn half_a_handshake_is_none() {
        assert_eq!(refused(&Method::POST, &headers()), Some(Refused::Malformed));
        for name in [header::CONNECTION, header::UPGRADE, header::SEC_WEBSOCKET_KEY] {
            let mut without = headers();
            without.remove(&name);
            assert_eq!(refused(&Method::GET, &without), Some(Refused::Malformed), "{name}");
        }
        for version in [Some("99"), Some("8"), None] {
            let mut other = headers();
            other.remove(header::SEC_WEBSOCKET_VERSION);
            if let Some(version) = version {
                other.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static(version));
            }
            assert_eq!(refused(&Method::GET, &other), Some(Refused::Version), "{version:?}");
        }
        let mut short = headers();
        short.insert(header::SEC_WEBSOCKET_KEY, HeaderValue::from_static("c2hvcnQ="));
        assert_eq!(refused(&Method::GET, &short), Some(Refused::Malformed));
    }
}
