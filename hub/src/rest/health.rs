//! Probes: whether the process lives, and whether it can do its work.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use bus::Hearing;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Rest;

/// What is found in time.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(alive_alias))
        .routes(routes!(ready))
        .routes(routes!(ready_alias))
}

/// The process answers.
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, description = "It lives")))]
async fn alive() -> impl IntoResponse {
    Json(json!({ "status": "healthy" }))
}

/// The process answers.
#[utoipa::path(get, path = "/health", tag = "operation", responses((status = 200, description = "It lives")))]
async fn alive_alias() -> impl IntoResponse {
    alive().await
}

/// The store answers and the hub is not stopping.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, description = "Ready"), (status = 503, description = "Not now; says what is missing")))]
async fn ready(State(rest): State<Rest>) -> impl IntoResponse {
    let store = tokio::time::timeout(PATIENCE, rest.inbox().store().ping()).await;
    let store = matches!(store, Ok(Ok(())));
    let relay = match tokio::time::timeout(PATIENCE, bus::relay::lag(rest.inbox().store())).await {
        Ok(Ok(lag)) => {
            let age = lag.oldest.map(|oldest| (rest.inbox().now() - oldest).num_milliseconds().max(0));
            json!({ "waiting": lag.waiting, "oldest_ms": age })
        }
        _ => json!("unknown"),
    };
    let draining = rest.is_draining();
    // without the others a node serves its own clients well: it stays in service
    let live = match rest.nodes().hearing() {
        None => json!("alone"),
        Some(Hearing::Whole) => json!("ok"),
        Some(Hearing::Degraded(why)) => json!(why),
    };
    let ready = store && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let report = json!({
        "status": if ready { "ready" } else if draining { "draining" } else { "not_ready" },
        "degraded": rest.nodes().is_degraded(),
        "checks": {
            "live": live,
            "files": if rest.inbox().files().is_ok() { "ok" } else { "files_not_shared" },
            "store": if store { "ok" } else { "unreachable" },
            "relay": relay,
            // webhooks on this node's disk that the store has not got yet
            "spooled": rest.tools().door.spooled(),
        },
    });
    (status, Json(report))
}

/// The store answers and the hub is not stopping.
#[utoipa::path(get, path = "/health/ready", tag = "operation",
    responses((status = 200, description = "Ready"), (status = 503, description = "Not now; says what is missing")))]
async fn ready_alias(state: State<Rest>) -> impl IntoResponse {
    ready(state).await
}
