//! The inbox application at `/`: one page whose script knows all addresses that the hub does not.

use axum::{
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
};
use model::Error;

use super::{
    asset::{Lasting, set},
    built, landing,
};
use crate::rest::ApiError;

/// Nothing is loaded from elsewhere but pictures, which customers send from anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      connect-src 'self' ws: wss:; img-src 'self' data: blob: https:; \
                      media-src 'self' blob:; font-src 'self'; worker-src 'self'; manifest-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'";

/// Addresses that are the hub's own, under which no page of the application can be.
const TAKEN: [&str; 7] = ["/v1", "/socket.io", "/assets", "/widget", "/demo", "/pages", "/.well-known"];

/// Whatever no route has: a file of the application, one of its pages, or nothing.
pub async fn fallback(method: Method, uri: Uri, asked: HeaderMap) -> Response {
    let nothing = || ApiError(Error::not_found("address")).into_response();
    if method != Method::GET && method != Method::HEAD {
        return nothing();
    }
    let path = uri.path();
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file {
        // browsers ask for it on pages that name no icon
        let path = if path == "/favicon.ico" { "/icon.svg" } else { path };
        return match built::inbox(path.trim_start_matches('/')) {
            Some(file) => {
                let lasting = if path.starts_with("/assets/") { Lasting::Forever } else { Lasting::Asked };
                file.answer(&asked, lasting).await
            }
            None => nothing(),
        };
    }
    let is_taken = TAKEN
        .iter()
        .any(|taken| path.strip_prefix(taken).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if is_taken {
        return nothing();
    }
    page(&asked).await.unwrap_or_else(nothing)
}

/// `/`: the application, or how to build it.
pub async fn root(asked: HeaderMap) -> Response {
    match page(&asked).await {
        Some(page) => page,
        None => landing(&asked).await,
    }
}

async fn page(asked: &HeaderMap) -> Option<Response> {
    let index = built::inbox("index.html")?;
    let mut response = index.answer(asked, Lasting::Asked).await;
    // with a 304, too: a browser takes its headers for those of the page that it kept
    set(&mut response, header::CONTENT_SECURITY_POLICY, POLICY);
    set(&mut response, header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    Some(response)
}
