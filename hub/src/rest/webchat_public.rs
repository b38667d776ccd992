//! What a web chat's page may ask before anybody is connected. Whoever knows the public key may.

use std::net::IpAddr;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
};
use inbox::{
    uploads::{self, NewUpload, UploadTicket},
    webchat::{self, ChatChannel, ChatConfig, NewSession, Session},
};
use model::Error;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Body, Created, One, Path, Rest,
    limits::{Rate, Who},
    middleware::ClientAddr,
};
use crate::realtime::origin::Origins;

/// A web chat may be asked so many times as often as one client address may ask.
const ADDRESSES: u32 = 100;

pub(super) fn public() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(config)).routes(routes!(session)).routes(routes!(upload))
}

/// What the widget shows; 404 for an unknown or switched-off chat, 403 with the reason `origin_not_allowed` to
/// pages of other origins than the channel's.
#[utoipa::path(get, path = "/v1/public/chat/{public_key}", tag = "web chat",
    params(("public_key" = String, Path)), responses((status = 200, body = One<ChatConfig>)))]
async fn config(
    State(rest): State<Rest>,
    Path(key): Path<String>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    headers: HeaderMap,
) -> Answer<One<ChatConfig>> {
    may_ask(&rest, address, &key).await?;
    let channel = webchat::by_public_key(rest.inbox(), &key).await?;
    from_allowed_page(&rest, &headers, &channel)?;
    Ok(One::new(webchat::config(rest.inbox(), &channel).await?))
}

/// Start or resume a visitor's session. The token opens the `/customers` socket; a new visitor's secret is
/// shown once.
#[utoipa::path(post, path = "/v1/public/chat/{public_key}/session", tag = "web chat",
    params(("public_key" = String, Path)), request_body = NewSession,
    responses((status = 201, body = One<Session>)))]
async fn session(
    State(rest): State<Rest>,
    Path(key): Path<String>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    headers: HeaderMap,
    Body(new): Body<NewSession>,
) -> Answer<Created<Session>> {
    let per_minute = rest.options().visitor_sessions_per_minute;
    limit(&rest, ["chat_session_by_address", "chat_session"], per_minute, address, &key).await?;
    let channel = webchat::by_public_key(rest.inbox(), &key).await?;
    from_allowed_page(&rest, &headers, &channel)?;
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Ok(Created::new(webchat::session(rest.inbox(), &channel, new, agent).await?))
}

/// Whether a web chat's settings may be looked at once more.
pub(crate) async fn may_ask(rest: &Rest, address: IpAddr, key: &str) -> Result<(), Error> {
    let per_minute = rest.options().chat_config_per_minute;
    limit(rest, ["chat_config_by_address", "chat_config"], per_minute, address, key).await
}

/// A page that asks must be one of the channel's allowed origins, as for the socket.
fn from_allowed_page(rest: &Rest, headers: &HeaderMap, channel: &ChatChannel) -> Result<(), Error> {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("null"));
    let origins = Origins {
        host: text(header::HOST),
        public_url: &rest.inbox().settings().public_url,
        listed: &channel.allowed_origins,
        any_if_unlisted: true,
    };
    if origins.accept(text(header::ORIGIN)) {
        return Ok(());
    }
    Err(Error::forbidden("this web chat is not for pages of this origin")
        .with("reason", "origin_not_allowed"))
}

/// Takes from the buckets of the address and, where that is not empty, of the web chat.
async fn limit(
    rest: &Rest,
    kinds: [&'static str; 2],
    per_minute: u32,
    address: IpAddr,
    key: &str,
) -> Result<(), Error> {
    take(rest, kinds, (Rate::per_minute(per_minute), 1), address, key).await
}

async fn take(
    rest: &Rest,
    [by_address, by_key]: [&'static str; 2],
    (rate, cost): (Rate, u32),
    address: IpAddr,
    key: &str,
) -> Result<(), Error> {
    rest.limiter().take_many(by_address, Who::Address(address), rate, cost).await.check()?;
    let of_key = Rate { count: rate.count.saturating_mul(ADDRESSES), ..rate };
    rest.limiter().take_many(by_key, Who::Named(key.to_owned()), of_key, cost).await.check()
}

/// A stranger's files fill a disk: their sizes are counted before any byte is taken.
async fn may_upload(rest: &Rest, address: IpAddr, key: &str, bytes: i64) -> Result<(), Error> {
    const MIB: u64 = 1024 * 1024;
    let largest = rest.inbox().settings().upload_max;
    // what is too large is refused for that, by the command
    let mib = |bytes: u64| u32::try_from(bytes.min(largest).div_ceil(MIB)).unwrap_or(u32::MAX).max(1);
    let rate = Rate::per_hour(rest.options().visitor_upload_mib_per_hour.max(mib(largest)));
    let cost = mib(u64::try_from(bytes).unwrap_or(0));
    take(rest, ["chat_upload_by_address", "chat_upload"], (rate, cost), address, key).await
}

/// Announce a visitor's file. The session's token goes as `Authorization: Bearer`.
#[utoipa::path(post, path = "/v1/public/chat/{public_key}/uploads", tag = "web chat",
    params(("public_key" = String, Path)), request_body = NewUpload,
    responses((status = 201, body = One<UploadTicket>)))]
async fn upload(
    State(rest): State<Rest>,
    Path(key): Path<String>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    headers: HeaderMap,
    Body(new): Body<NewUpload>,
) -> Answer<Created<UploadTicket>> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| Error::unauthorized("send the session's token as a bearer"))?;
    let visitor = webchat::authenticate(rest.inbox(), token.trim()).await?;
    let channel = webchat::by_public_key(rest.inbox(), &key).await?;
    if channel.id != visitor.channel_id() {
        return Err(Error::not_found("web chat").into());
    }
    from_allowed_page(&rest, &headers, &channel)?;
    may_upload(&rest, address, &key, new.size).await?;
    Ok(Created::new(uploads::request_as_visitor(rest.inbox(), &visitor, &new).await?))
}
