//! The hub's own small pages: where to begin, the sandbox, a web chat and an agent's desk for trying out. They
//! are part of the binary and load nothing from elsewhere.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use sha2::{Digest, Sha256};

use crate::sandbox;

/// Only what the hub itself serves is run, shown or called.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// `/`, `/sandbox`, `/demo`, `/agent` and what they load.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let landing = include_str!("landing.html").replace("{version}", env!("CARGO_PKG_VERSION"));
    Router::new()
        .route("/", page(HTML, landing))
        .route("/sandbox", page(HTML, sandbox::PAGE))
        .route("/sandbox/page.js", page(SCRIPT, sandbox::SCRIPT))
        .route("/demo", page(HTML, include_str!("demo.html")))
        .route("/agent", page(HTML, include_str!("agent.html")))
        .route("/pages/demo.js", page(SCRIPT, include_str!("demo.js")))
        .route("/pages/agent.js", page(SCRIPT, include_str!("agent.js")))
        .route("/pages/session.js", page(SCRIPT, include_str!("session.js")))
        .route("/pages/socket.js", page(SCRIPT, include_str!("socket.js")))
        .route("/pages/turumba.css", page(STYLE, include_str!("turumba.css")))
}

/// Something that never changes while this program runs.
fn page<S: Clone + Send + Sync + 'static>(
    kind: &'static str,
    body: impl Into<bytes::Bytes>,
) -> MethodRouter<S> {
    let body: bytes::Bytes = body.into();
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..12]));
    get(move |asked: HeaderMap| {
        let answer = answer(kind, &body, &tag, &asked);
        async move { answer }
    })
}

fn answer(kind: &'static str, body: &bytes::Bytes, tag: &str, asked: &HeaderMap) -> Response {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh =
        known.is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response =
        if fresh { StatusCode::NOT_MODIFIED.into_response() } else { body.clone().into_response() };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, tag: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        router::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn pages_are_fenced_and_cached_by_content() {
        for path in ["/", "/sandbox", "/demo", "/agent"] {
            let first = ask(path, None).await;
            assert_eq!(first.status(), StatusCode::OK, "{path}");
            assert!(
                first.headers()[header::CONTENT_SECURITY_POLICY]
                    .to_str()
                    .unwrap()
                    .contains("default-src 'none'")
            );
            let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
            assert_eq!(ask(path, Some(&tag)).await.status(), StatusCode::NOT_MODIFIED, "{path}");
        }
    }

    #[tokio::test]
    async fn pages_load_only_what_is_served() {
        let pages = [
            include_str!("landing.html"),
            include_str!("demo.html"),
            include_str!("agent.html"),
            sandbox::PAGE,
        ];
        for page in pages {
            assert!(!page.contains("style=\""), "the policy forbids inline styles");
            assert!(!page.contains("<script>"), "the policy forbids inline scripts");
            for tagged in page.split("src=\"").skip(1).chain(page.split("stylesheet\" href=\"").skip(1)) {
                let path = tagged.split('"').next().unwrap();
                assert_eq!(ask(path, None).await.status(), StatusCode::OK, "{path}");
            }
        }
        let scripts = [include_str!("demo.js"), include_str!("agent.js"), sandbox::SCRIPT];
        for path in scripts.iter().flat_map(|script| script.split("from \"").skip(1)) {
            let path = path.split('"').next().unwrap();
            assert_eq!(ask(path, None).await.status(), StatusCode::OK, "{path}");
        }
    }
}
