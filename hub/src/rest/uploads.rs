//! Files: tickets for sending them, the bytes themselves, and reading them.

use axum::{
    Extension,
    body::Body as HttpBody,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use inbox::{
    list::{Owned, Params, owner},
    uploads::{self, ContentRange, Grant, NewUpload, Received, Served, UploadTicket, UploadView},
};
use model::{Error, UploadId};
use object_store::GetRange;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Created, Making, One, Path, Rest,
    envelope::ApiError,
    limits::{Rate, Who},
    middleware::ClientAddr,
};

/// Operations of signed-in people.
pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(request)).routes(routes!(get))
}

/// Operations that a signed address or a token in the request allows.
pub(super) fn public() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(put)).routes(routes!(file)).routes(routes!(linked))
}

/// Announce a file; then `PUT` its bytes to `put_url`, and name its `upload_id` in a message.
#[utoipa::path(post, path = "/v1/uploads", tag = "files", security(("bearer" = [])),
    request_body = NewUpload, responses((status = 201, body = One<UploadTicket>)))]
async fn request(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewUpload>,
) -> Answer<Created<UploadTicket>> {
    Ok(Created::new(uploads::request(rest.inbox(), &member, &body).await?))
}

/// How far an upload is.
#[utoipa::path(get, path = "/v1/uploads/{id}", tag = "files", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<UploadView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<UploadId>,
) -> Answer<One<UploadView>> {
    let member = owner(rest.inbox(), &context, Owned::Upload, id.uuid()).await?;
    Ok(One::new(uploads::get(rest.inbox(), member, id).await?))
}

/// Send the bytes, whole or a part by `Content-Range`. 200 when the file is complete; 308 with `Range` when
/// more is missing, also for `Content-Range: bytes */SIZE`, which asks how far it is.
#[utoipa::path(put, path = "/v1/uploads/{id}", tag = "files",
    params(("id" = uuid::Uuid, Path), ("expires" = i64, Query), ("signature" = String, Query),
        ("Content-Range" = Option<String>, Header)),
    request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "complete"), (status = 308, description = "more is missing")))]
async fn put(
    State(rest): State<Rest>,
    Path(id): Path<UploadId>,
    Asked(params): Asked,
    request: Request,
) -> Answer<Response> {
    uploads::check_signature(rest.inbox(), Grant::Put, id, signature(&params)?)?;
    let range = content_range(request.headers())?;
    let mut receiving = uploads::begin(rest.inbox(), id, range).await?;
    let mut body = request.into_body().into_data_stream();
    while let Some(bytes) = body.next().await {
        // a cut connection: what came is kept below
        let Ok(bytes) = bytes else { break };
        receiving.take(bytes).await?;
    }
    Ok(progress(receiving.end().await?))
}

/// Read a file: by the signed address of a message, or as a member who may see conversations. Takes one
/// `Range`.
#[utoipa::path(get, path = "/v1/files/{id}", tag = "files", security(("bearer" = []), ()),
    params(("id" = uuid::Uuid, Path), ("expires" = Option<i64>, Query), ("signature" = Option<String>, Query)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn file(
    State(rest): State<Rest>,
    caller: Option<axum::Extension<inbox::Context>>,
    Path(id): Path<UploadId>,
    Asked(params): Asked,
    headers: HeaderMap,
) -> Answer<Response> {
    let wanted = byte_range(&headers);
    let is_part = wanted.is_some();
    let served = match (params.get("signature"), caller) {
        (Some(_), _) => {
            uploads::check_signature(rest.inbox(), Grant::Get, id, signature(&params)?)?;
            uploads::open(rest.inbox(), id, wanted).await?
        }
        (None, Some(axum::Extension(context))) => {
            let member = owner(rest.inbox(), &context, Owned::Upload, id.uuid()).await?;
            uploads::open_for(rest.inbox(), member, id, wanted).await?
        }
        (None, None) => return Err(Error::unauthorized("sign in, or use the signed address").into()),
    };
    Ok(give(served, is_part, false))
}

/// A link may be opened so many times as often as one client address may ask.
const ADDRESSES: u32 = 10;

/// Save a file that a customer's channel did not carry, by the link that went with the text. Takes one `Range`.
#[utoipa::path(get, path = "/f/{token}", tag = "files", params(("token" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn linked(
    State(rest): State<Rest>,
    Path(token): Path<String>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    headers: HeaderMap,
) -> Answer<Response> {
    let rate = Rate::per_minute(rest.options().file_links_per_minute);
    rest.limiter().take("file_link_by_address", Who::Address(address), rate).await.check()?;
    let id = uploads::linked(rest.inbox(), &token)?;
    let of_link = Rate { count: rate.count.saturating_mul(ADDRESSES), ..rate };
    rest.limiter().take("file_link", Who::Named(token), of_link).await.check()?;
    let wanted = byte_range(&headers);
    let is_part = wanted.is_some();
    Ok(give(uploads::open(rest.inbox(), id, wanted).await?, is_part, true))
}

fn signature(params: &Params) -> Result<(i64, &str), ApiError> {
    let expires = params.get("expires").and_then(|text| text.parse().ok());
    let both = expires.zip(params.get("signature"));
    both.ok_or_else(|| Error::forbidden("this address has no signature of ours").into())
}

fn content_range(headers: &HeaderMap) -> Result<Option<ContentRange>, ApiError> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Error::bad_request("Content-Range cannot be read"))?;
    Ok(Some(text.parse()?))
}

fn progress(received: Received) -> Response {
    let body = serde_json::json!({"success": true, "data": {
        "received": received.received, "size": received.size, "is_complete": received.is_complete,
    }, "message": null});
    if received.is_complete {
        return axum::Json(body).into_response();
    }
    let mut response = (StatusCode::PERMANENT_REDIRECT, axum::Json(body)).into_response();
    if received.received > 0
        && let Ok(range) = HeaderValue::from_str(&format!("bytes=0-{}", received.received - 1))
    {
        response.headers_mut().insert(header::RANGE, range);
    }
    response
}

/// One range of bytes; anything else (several, nonsense) means the whole file, as RFC 9110 allows.
fn byte_range(headers: &HeaderMap) -> Option<GetRange> {
    let text = headers.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = text.split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", last) => last.parse().ok().filter(|n: &u64| *n > 0).map(GetRange::Suffix),
        (first, "") => first.parse().ok().map(GetRange::Offset),
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last && last < u64::MAX).then(|| GetRange::Bounded(first..last + 1))
        }
    }
}

/// A file on its way out: never sniffed, never scripted, shown only if its type is harmless, and not by a link, which
/// leads strangers here.
fn give(served: Served, is_part: bool, is_link: bool) -> Response {
    let (kind, is_shown) = served.file.shown_as();
    let how = if is_shown && !is_link { "inline" } else { "attachment" };
    let disposition = format!("{how}; filename*=UTF-8''{}", percent(&served.file.filename));
    let (first, end) = served.span;
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, kind);
    set(header::CONTENT_DISPOSITION, &disposition);
    set(header::CONTENT_LENGTH, &(end - first).to_string());
    set(header::ACCEPT_RANGES, "bytes");
    // what a link gives ends with it
    set(
        header::CACHE_CONTROL,
        if is_link { "private, no-store" } else { "private, max-age=86400, immutable" },
    );
    if is_link {
        set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    }
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    if is_part {
        set(header::CONTENT_RANGE, &format!("bytes {first}-{}/{}", end.saturating_sub(1), served.file.size));
    }
    let status = if is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    (status, headers, HttpBody::from_stream(served.body)).into_response()
}

/// RFC 8187: everything but letters, digits and a few signs in percent notation.
fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_nonsense_means_everything() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, text.parse().unwrap());
            byte_range(&headers).map(|range| range.to_string())
        };
        assert_eq!(read("bytes=0-9").as_deref(), Some("bytes=0-9"));
        assert!(read("bytes=5-").is_some() && read("bytes=-5").is_some());
        assert!(
            read("bytes=9-5").is_none() && read("bytes=0-1,5-6").is_none() && read("lines=1-2").is_none()
        );
        assert_eq!(percent("a b\"é.pdf"), "a%20b%22%C3%A9.pdf");
    }
}
