//! The HTTP side of the door.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::post,
};
use bytes::{Bytes, BytesMut};
use channels::WebhookRequest;
use futures::StreamExt;
use model::{Error, ErrorCode};

use crate::door::{Answer, Door};

/// How long a provider may take to send its body.
const BODY_TIME: Duration = Duration::from_secs(30);

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
    let most = door.body_max(&channel_type, &channel_id).await;
    let body = match tokio::time::timeout(BODY_TIME, whole(body, most)).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) => return respond(Answer::error(&error)),
        Err(_) => {
            let error = Error::bad_request("the body did not arrive in time");
            return respond(Answer { status: StatusCode::REQUEST_TIMEOUT, ..Answer::error(&error) });
        }
    };
    // the target as the provider wrote it: signatures are over its exact characters
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = WebhookRequest { method, url: door.public_url(target), headers, body };
    respond(door.receive(&channel_type, &channel_id, request).await)
}

/// The body, if it is not longer than `most` bytes and came to its end.
async fn whole(body: Body, most: usize) -> model::Result<Bytes> {
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "a webhook's body was cut");
            Error::bad_request("the body was cut off")
        })?;
        if whole.len() + chunk.len() > most {
            return Err(Error::new(ErrorCode::TooLarge, "the body is too large"));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if answer.content_type.starts_with("text/html") {
        // a page for a customer (unsubscribing), which posts to its own address
        let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn chunks(parts: Vec<Result<&'static str, std::io::Error>>) -> Body {
        Body::from_stream(stream::iter(parts))
    }

    #[tokio::test]
    async fn only_a_body_that_is_too_long_is_called_so() {
        let body = whole(chunks(vec![Ok("abc"), Ok("de")]), 5).await.unwrap();
        assert_eq!(body, "abcde");
        let long = whole(chunks(vec![Ok("abc"), Ok("def")]), 5).await.unwrap_err();
        assert_eq!(long.code, ErrorCode::TooLarge);
        let cut = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let cut = whole(chunks(vec![Ok("abc"), Err(cut)]), 5).await.unwrap_err();
        assert_eq!(cut.code, ErrorCode::BadRequest);
    }
}
