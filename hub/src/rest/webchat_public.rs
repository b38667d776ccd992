//! What a web chat's page may ask before anybody is connected. Whoever knows the public key may.

use axum::{
    extract::State,
    http::{HeaderMap, header},
};
use inbox::{
    uploads::{self, NewUpload, UploadTicket},
    webchat::{self, ChatConfig, NewSession, Session},
};
use model::Error;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Body, Created, One, Path, Rest};

pub(super) fn public() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(config)).routes(routes!(session)).routes(routes!(upload))
}

/// What the widget shows; 404 for an unknown or switched-off chat.
#[utoipa::path(get, path = "/v1/public/chat/{public_key}", tag = "web chat",
    params(("public_key" = String, Path)), responses((status = 200, body = One<ChatConfig>)))]
async fn config(State(rest): State<Rest>, Path(key): Path<String>) -> Answer<One<ChatConfig>> {
    let channel = webchat::by_public_key(rest.inbox(), &key).await?;
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
    headers: HeaderMap,
    Body(new): Body<NewSession>,
) -> Answer<Created<Session>> {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Ok(Created::new(webchat::session(rest.inbox(), &key, new, agent).await?))
}

/// Announce a visitor's file. The session's token goes as `Authorization: Bearer`.
#[utoipa::path(post, path = "/v1/public/chat/{public_key}/uploads", tag = "web chat",
    params(("public_key" = String, Path)), request_body = NewUpload,
    responses((status = 201, body = One<UploadTicket>)))]
async fn upload(
    State(rest): State<Rest>,
    Path(key): Path<String>,
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
    Ok(Created::new(uploads::request_as_visitor(rest.inbox(), &visitor, &new).await?))
}
