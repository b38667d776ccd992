//! What handlers take: the caller, the account acted in, ids, lists and bodies. Each refuses with the
//! one envelope.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path as AxumPath, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use inbox::{Context, Member, list::Params};
use model::{AccountId, Error, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::envelope::ApiError;
use crate::{fields, nul};

/// The authenticated caller, as the edge found them.
#[derive(Debug, Clone)]
pub struct Authed(pub Context);

impl<S: Send + Sync> FromRequestParts<S> for Authed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Context>().cloned().map(Self).ok_or_else(|| {
            ApiError(Error::unauthorized("sign in, or send an API key, as Authorization: Bearer …"))
        })
    }
}

/// The caller in the account that `account_id` of the query names, or in their only one.
#[derive(Debug, Clone)]
pub struct Here(pub Member);

impl<S: Send + Sync> FromRequestParts<S> for Here {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Authed(context) = Authed::from_request_parts(parts, state).await?;
        let named = account_in_query(parts)?;
        Ok(Self(context.acting_in(named)?.clone()))
    }
}

fn account_in_query(parts: &Parts) -> Result<Option<AccountId>, ApiError> {
    let query = Params::from_query(parts.uri.query().unwrap_or_default());
    query.get("account_id").map(account_id).transpose()
}

fn account_id(text: &str) -> Result<AccountId, ApiError> {
    text.parse().map_err(|_| ApiError(Error::bad_request("account_id must be a UUID")))
}

/// The query of a list.
#[derive(Debug, Clone)]
pub struct Asked(pub Params);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(Params::from_query(parts.uri.query().unwrap_or_default())))
    }
}

/// Ids of the path; one that cannot be an id names nothing, so it is a 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError(Error::not_found("thing"))),
        }
    }
}

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (_, value) = json_of(request, state).await?;
        fields::read(value, "body").map(Self).map_err(|error| ApiError(error).into_response())
    }
}

/// A JSON body that makes something, and the caller in the account where it is to be made: named by
/// `account_id` in the query or in the body, or the caller's only one.
#[derive(Debug, Clone)]
pub struct Making<T> {
    pub member: Member,
    pub context: Context,
    pub body: T,
}

impl<S, T> FromRequest<S> for Making<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, mut value) = json_of(request, state).await?;
        let refused = IntoResponse::into_response;
        let Authed(context) = Authed::from_request_parts(&mut parts, state).await.map_err(refused)?;
        let asked = account_in_query(&parts).map_err(refused)?;
        let told = match value.as_object_mut().and_then(|body| body.remove("account_id")) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(account_id(&text).map_err(refused)?),
            Some(_) => return Err(ApiError(Error::invalid("account_id", "must be a UUID")).into_response()),
        };
        if asked.is_some() && told.is_some() && asked != told {
            let error = Error::bad_request("account_id differs between the query and the body");
            return Err(ApiError(error).into_response());
        }
        let member = context.acting_in(asked.or(told)).map_err(|e| ApiError(e).into_response())?.clone();
        let body = fields::read(value, "body").map_err(|error| ApiError(error).into_response())?;
        Ok(Self { member, context, body })
    }
}

async fn json_of<S: Send + Sync>(request: Request, state: &S) -> Result<(Parts, Value), Response> {
    let (parts, body) = request.into_parts();
    let is_json = has_json(&parts.headers);
    let rest = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(rest, state).await.map_err(|rejection| body_refused(&rejection))?;
    if bytes.is_empty() {
        // an action without a body: as if it had sent {}
        return Ok((parts, Value::Object(serde_json::Map::new())));
    }
    if !is_json {
        let error = Error::bad_request("the body must be JSON, with content-type application/json");
        return Err(with_status(error, StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(value) => match unfit(&bytes, &value) {
            Some(error) => Err(ApiError(error).into_response()),
            None => Ok((parts, value)),
        },
        Err(error) => {
            let told = format!("the body is not JSON: {error}");
            Err(ApiError(Error::bad_request(told)).into_response())
        }
    }
}

/// What no command takes: anything but an object, and the character that PostgreSQL's texts cannot hold.
fn unfit(bytes: &[u8], value: &Value) -> Option<Error> {
    if !value.is_object() {
        return Some(Error::bad_request("the body must be a JSON object"));
    }
    nul::refused(bytes, || value.clone(), "body")
}

fn has_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn body_refused(rejection: &BytesRejection) -> Response {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError(Error::new(ErrorCode::TooLarge, "the body is too large")).into_response();
    }
    ApiError(Error::bad_request("the body could not be read")).into_response()
}

/// An error whose status is finer than its code.
fn with_status(error: Error, status: StatusCode) -> Response {
    let mut response = ApiError(error).into_response();
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_type() {
        let with = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            has_json(&headers)
        };
        assert!(with("application/json; charset=utf-8") && with("application/merge-patch+json"));
        assert!(!with("text/json") && !with("application/x-www-form-urlencoded"));
        assert!(!has_json(&HeaderMap::new()));
    }
}
