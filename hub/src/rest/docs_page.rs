//! Self-contained pages: the reading page of REST and of the sockets, which shows `/openapi.json` or
//! `/asyncapi.json`, and the set-up page.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::Rest;
use crate::{
    pages::{Asset, JSON, Lasting},
    realtime::asyncapi,
};

static PAGE: &str = include_str!("docs_page.html");
static SETUP: &str = include_str!("setup_page.html");

/// The documents, written once: they do not change while the hub runs.
static DOCUMENT: LazyLock<Asset> = LazyLock::new(|| Asset::new(JSON, super::document().to_string()));

static SOCKETS: LazyLock<Asset> = LazyLock::new(|| Asset::new(JSON, asyncapi::document().to_string()));

static POLICY: LazyLock<String> = LazyLock::new(|| policy(PAGE));
static SETUP_POLICY: LazyLock<String> = LazyLock::new(|| policy(SETUP));

/// Only the page's own style and script may run, known by their hashes.
fn policy(page: &str) -> String {
    let hash = |tag: &str| {
        let text = between(page, &format!("<{tag}>"), &format!("</{tag}>"));
        STANDARD.encode(Sha256::digest(text.as_bytes()))
    };
    format!(
        "default-src 'none'; connect-src 'self'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        hash("style"),
        hash("script"),
    )
}

pub(super) fn routes() -> Router<Rest> {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/sockets", get(page))
        .route("/v1/docs", get(page))
        .route("/v1/docs/{part}", get(page))
        .route(
            "/openapi.json",
            get(|asked: HeaderMap| async move { DOCUMENT.answer(&asked, Lasting::Asked).await }),
        )
        .route(
            "/asyncapi.json",
            get(|asked: HeaderMap| async move { SOCKETS.answer(&asked, Lasting::Asked).await }),
        )
        .route("/setup", get(setup_page))
}

async fn page() -> Response {
    html(PAGE, &POLICY)
}

/// Where the first account is made; the token is behind the #, which browsers never send.
async fn setup_page() -> Response {
    html(SETUP, &SETUP_POLICY)
}

fn html(page: &'static str, policy: &str) -> Response {
    let mut response = Html(page).into_response();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).map_or(text.len(), |at| at + start.len());
    let rest = &text[from..];
    &rest[..rest.find(end).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        for page in [PAGE, SETUP] {
            assert!(!page.contains("http://") && !page.contains("https://"), "no other host is asked");
            assert!(!between(page, "<script>", "</script>").is_empty());
            assert!(!page.contains(" style=") && !page.contains(" onclick="), "the policy would refuse it");
        }
        assert!(POLICY.contains("script-src 'sha256-"));
    }

    #[test]
    fn the_document_describes_every_operation() {
        let document: serde_json::Value = serde_json::from_slice(DOCUMENT.body()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        assert!(document["paths"]["/v1/auth/login"]["post"].is_object());
        assert!(document["paths"]["/v1/accounts/{id}/users"]["get"]["responses"]["default"].is_object());
        let text = std::str::from_utf8(DOCUMENT.body()).unwrap();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
        }
    }
}
