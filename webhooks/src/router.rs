//! The HTTP side of the door.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::post,
};
use channels::WebhookRequest;
use model::{Error, ErrorCode};

use crate::door::{Answer, Door};

/// `POST` (and `GET`, for providers that ask whether the address is ours)
/// `/v1/webhooks/{channel_type}/{channel_id}`, also without `/v1`.
pub fn router(door: Door) -> Router {
    Router::new()
        .route("/v1/webhooks/{channel_type}/{channel_id}", post(take).get(take))
        .route("/webhooks/{channel_type}/{channel_id}", post(take).get(take))
        .with_state(door)
}

async fn take(
    State(door): State<Door>,
    Path((channel_type, channel_id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(body) = to_bytes(body, door.body_max()).await else {
        return respond(Answer::error(&Error::new(ErrorCode::TooLarge, "the body is too large")));
    };
    // the target as the provider wrote it: signatures are over its exact characters
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = WebhookRequest { method, url: door.public_url(target), headers, body };
    respond(door.receive(&channel_type, &channel_id, request).await)
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
