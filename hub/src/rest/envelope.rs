//! The one shape of every answer: `{success, data, message, meta}`, or `{success: false, error, message,
//! details, request_id}`.

use std::sync::Arc;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use inbox::list::{Listing, Meta};
use model::{Error, ErrorCode};
use serde::Serialize;
use serde_json::Value;

use super::middleware::LONGEST;

/// What a handler returns.
pub type Answer<T> = Result<T, ApiError>;

/// One entity, status 200.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct One<T> {
    #[schema(example = true)]
    success: bool,
    data: T,
    #[schema(required)]
    message: Option<String>,
}

/// A page of a list, status 200.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Many<T> {
    #[schema(example = true)]
    success: bool,
    data: Vec<T>,
    meta: Meta,
}

/// An entity that was made, status 201.
#[derive(Debug)]
pub struct Created<T>(pub One<T>);

/// Done, and nothing to say: status 204.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

/// What a refused or failed request is answered with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Failure {
    #[schema(example = false)]
    pub success: bool,
    #[schema(value_type = ErrorCode)]
    pub error: ErrorCode,
    /// For people.
    pub message: String,
    /// For programs: `errors` with refused fields, and so on.
    #[schema(value_type = Object)]
    pub details: Value,
    /// To be named when asking for help.
    pub request_id: String,
}

impl<T> One<T> {
    pub fn new(data: T) -> Self {
        Self { success: true, data, message: None }
    }
}

impl<T> Many<T> {
    pub fn new(data: Vec<T>, meta: Meta) -> Self {
        Self { success: true, data, meta }
    }

    /// A list that is always whole.
    pub fn all(data: Vec<T>) -> Self {
        let total = data.len() as i64;
        let meta = Meta { total, total_is_minimum: false, skip: 0, limit: total.max(1), next_cursor: None };
        Self::new(data, meta)
    }
}

impl<T> From<Listing<T>> for Many<T> {
    fn from(listing: Listing<T>) -> Self {
        Self::new(listing.items, listing.meta)
    }
}

impl<T> Created<T> {
    pub fn new(data: T) -> Self {
        Self(One::new(data))
    }
}

impl<T: Serialize> IntoResponse for One<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: Serialize> IntoResponse for Many<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// An error on its way to the caller. The edge adds the request's id and writes the body; the cause of
/// an internal error goes to the log and nowhere else.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Carried by a response until the edge writes it.
#[derive(Clone)]
pub(super) struct Pending(pub(super) Arc<Error>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let headers = response.headers_mut();
        if self.0.code == ErrorCode::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = retry_after(&self.0) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        response.extensions_mut().insert(Pending(Arc::new(self.0)));
        response
    }
}

/// Whole seconds until it makes sense to try again.
fn retry_after(error: &Error) -> Option<u64> {
    let told = error.details.get("retry_after_ms").and_then(Value::as_u64).map(|ms| ms.div_ceil(1000).max(1));
    told.or_else(|| (error.code == ErrorCode::Unavailable).then_some(2))
}

/// The body of an error.
pub(super) fn failure(error: &Error, request_id: &str) -> Failure {
    Failure {
        success: false,
        error: error.code,
        message: error.message.clone(),
        details: error.details.clone(),
        request_id: request_id.to_owned(),
    }
}

/// The error that goes with a bare status, as frameworks answer it.
pub(super) fn of_status(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::not_found("address"),
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::new(ErrorCode::BadRequest, "this address does not take that method; see the Allow header")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(ErrorCode::TooLarge, "the body is too large"),
        StatusCode::URI_TOO_LONG => Error::bad_request(format!("the address is longer than {LONGEST} bytes")),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Error::bad_request("the body must be JSON, with content-type application/json")
        }
        StatusCode::UNAUTHORIZED => Error::unauthorized("the credential is missing or wrong"),
        StatusCode::FORBIDDEN => Error::forbidden("this is not allowed"),
        StatusCode::CONFLICT => Error::conflict("this contradicts what is stored"),
        StatusCode::UNPROCESSABLE_ENTITY => Error::new(ErrorCode::Validation, "the body was refused"),
        StatusCode::TOO_MANY_REQUESTS => Error::new(ErrorCode::RateLimited, "too many requests"),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::BAD_GATEWAY => {
            Error::unavailable("this cannot be done at the moment; try again")
        }
        status if status.is_server_error() => Error::internal(format!("answered {status}")),
        _ => Error::bad_request("the request cannot be understood"),
    }
}
