//! Pages: the inbox application, the widget and the demo's shop as they were built ([`built`]), and small
//! pages of the hub's own that need no building. All of it is part of the binary and loads nothing from
//! elsewhere.

mod asset;
mod built;
mod inbox;
mod widget;

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::{MethodRouter, get},
};

pub use asset::{Asset, JSON, Lasting};
use asset::{HTML, SCRIPT, STYLE, set};
pub use inbox::fallback;

use crate::{rest::Rest, sandbox};

/// Only what the hub itself serves is run, shown or called.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The operator's page of live connections.
const CONNECTIONS: &str = include_str!("connections.html");
const CONNECTIONS_SCRIPT: &str = include_str!("connections.js");

/// What `/` says while the web apps are not built.
static LANDING: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(HTML, include_str!("landing.html").replace("{version}", env!("CARGO_PKG_VERSION")))
});

/// All pages and what they load, but [`fallback`].
pub fn router(rest: &Rest) -> Router {
    let own: Router = Router::new()
        .route("/sandbox", page(HTML, sandbox::PAGE))
        .route("/sandbox/page.js", page(SCRIPT, sandbox::SCRIPT))
        .route("/connections", page(HTML, CONNECTIONS))
        .route("/connections/page.js", page(SCRIPT, CONNECTIONS_SCRIPT))
        .route("/pages/session.js", page(SCRIPT, include_str!("session.js")))
        .route("/pages/turumba.css", page(STYLE, include_str!("turumba.css")));
    Router::new()
        .route("/", get(inbox::root))
        .route("/widget.js", get(widget::loader))
        .route("/widget", get(widget::frame))
        .route("/widget/assets/{*path}", get(widget::frame_asset))
        .route("/demo", get(widget::shop))
        .route("/demo/guide", get(widget::guide))
        .route("/demo/assets/{*path}", get(widget::shop_asset))
        .with_state(rest.clone())
        .merge(own)
}

/// A page that never changes while this program runs.
fn page(kind: &'static str, body: &'static str) -> MethodRouter {
    let asset = Asset::new(kind, body);
    get(move |asked: HeaderMap| async move { fenced(&asset, &asked).await })
}

async fn fenced(asset: &Asset, asked: &HeaderMap) -> Response {
    let mut response = asset.answer(asked, Lasting::Asked).await;
    set(&mut response, header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

async fn landing(asked: &HeaderMap) -> Response {
    fenced(&LANDING, asked).await
}

/// In place of something that was not built.
async fn unbuilt(asked: &HeaderMap) -> Response {
    let mut response = fenced(&LANDING, asked).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pages_load_only_what_is_served() {
        let served = ["/sandbox/page.js", "/connections/page.js", "/pages/session.js", "/pages/turumba.css"];
        for page in [include_str!("landing.html"), sandbox::PAGE, CONNECTIONS] {
            assert!(!page.contains("style=\""), "the policy forbids inline styles");
            assert!(!page.contains("<script>"), "the policy forbids inline scripts");
            for tagged in page.split("src=\"").skip(1).chain(page.split("stylesheet\" href=\"").skip(1)) {
                let path = tagged.split('"').next().unwrap();
                assert!(served.contains(&path), "{path}");
            }
        }
        let scripts = [sandbox::SCRIPT, CONNECTIONS_SCRIPT];
        for path in scripts.iter().flat_map(|script| script.split("from \"").skip(1)) {
            let path = path.split('"').next().unwrap();
            assert!(served.contains(&path), "{path}");
        }
    }
}
