//! Signing in and out, and who one is.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use inbox::identity::{self, Device, Tokens, sessions::SessionView, users};
use model::{RoleId, SessionId};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, ApiError, Authed, Body, Many, NoContent, One, Path, Rest,
    limits::{Rate, Who},
    middleware::ClientAddr,
};

pub(super) fn public() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(refresh)).routes(routes!(jwks))
}

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(logout))
        .routes(routes!(change_password))
        .routes(routes!(sessions))
        .routes(routes!(end_session))
        .routes(routes!(context))
        .routes(routes!(context_basic))
        .routes(routes!(context_basic_alias))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    password: String,
}

/// Sign in with e-mail and password.
#[utoipa::path(post, path = "/v1/auth/login", tag = "auth", request_body = Login,
    responses((status = 200, body = One<Tokens>)))]
async fn login(
    State(rest): State<Rest>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Answer<One<Tokens>> {
    let rate = Rate { count: rest.options().login_failures, period: std::time::Duration::from_mins(15) };
    let who = || Who::Named(login.email.trim().to_lowercase());
    rest.limiter().peek("login", who(), rate).await.check()?;
    crate::demo::refuse_password(rest.options().listen, &login.password)?;
    let device = Device {
        user_agent: headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok()).map(str::to_owned),
        ip: Some(address.to_string()),
    };
    let tokens = identity::login(rest.inbox(), &login.email, &login.password, &device).await;
    if tokens.as_ref().is_err_and(|error| error.code == model::ErrorCode::Unauthorized) {
        rest.limiter().take("login", who(), rate).await;
    }
    Ok(One::new(tokens?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

/// Exchange a refresh token for new tokens. It is good for one use; within 30 seconds it may be shown once more, if
/// the answer was lost. A used one that comes back otherwise ends its session.
#[utoipa::path(post, path = "/v1/auth/refresh", tag = "auth", request_body = Refresh,
    responses((status = 200, body = One<Tokens>)))]
async fn refresh(State(rest): State<Rest>, Body(shown): Body<Refresh>) -> Answer<One<Tokens>> {
    Ok(One::new(identity::refresh(rest.inbox(), &shown.refresh_token).await?))
}

/// The public keys that access tokens are signed with, as a JWK set.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", responses((status = 200)))]
async fn jwks(State(rest): State<Rest>) -> Result<impl IntoResponse, ApiError> {
    let keys = identity::keys::jwks(rest.inbox()).await?;
    // short, because a rotated key signs at once
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(keys)))
}

/// End this sign-in.
#[utoipa::path(post, path = "/v1/auth/logout", tag = "auth", security(("bearer" = [])),
    responses((status = 204)))]
async fn logout(State(rest): State<Rest>, Authed(context): Authed) -> Answer<NoContent> {
    identity::logout(rest.inbox(), &context).await?;
    Ok(NoContent)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    current_password: String,
    new_password: String,
}

/// Change one's own password; other sign-ins end.
#[utoipa::path(post, path = "/v1/auth/password", tag = "auth", security(("bearer" = [])),
    request_body = ChangePassword, responses((status = 204)))]
async fn change_password(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Body(change): Body<ChangePassword>,
) -> Answer<NoContent> {
    let (old, new) = (&change.current_password, &change.new_password);
    users::change_password(rest.inbox(), &context, old, new).await?;
    Ok(NoContent)
}

/// One's own sign-ins.
#[utoipa::path(get, path = "/v1/auth/sessions", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = Many<SessionView>)))]
async fn sessions(State(rest): State<Rest>, Authed(context): Authed) -> Answer<Many<SessionView>> {
    Ok(Many::all(identity::sessions::list(rest.inbox(), &context).await?))
}

/// End one of one's own sign-ins.
#[utoipa::path(delete, path = "/v1/auth/sessions/{id}", tag = "auth", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn end_session(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SessionId>,
) -> Answer<NoContent> {
    identity::sessions::revoke(rest.inbox(), &context, id, "ended from the list").await?;
    Ok(NoContent)
}

/// Who the caller is, as services behind the old gateway expected it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ContextView {
    message: &'static str,
    /// Comma-separated.
    account_ids: String,
    /// Comma-separated.
    role_ids: String,
    user_id: String,
}

fn context_view(context: &inbox::Context) -> ContextView {
    let joined = |ids: Vec<String>| ids.join(",");
    let roles = context.members().iter().map(inbox::Member::role_id).map(|id: RoleId| id.to_string());
    ContextView {
        message: "ok",
        account_ids: joined(context.account_ids().iter().map(ToString::to_string).collect()),
        role_ids: joined(roles.collect()),
        user_id: context.user_id().to_string(),
    }
}

/// The caller's accounts and roles.
#[utoipa::path(get, path = "/v1/context", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = ContextView)))]
async fn context(Authed(context): Authed) -> Json<ContextView> {
    Json(context_view(&context))
}

/// The caller's accounts and roles.
#[utoipa::path(get, path = "/v1/context/basic", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = ContextView)))]
async fn context_basic(Authed(context): Authed) -> Json<ContextView> {
    Json(context_view(&context))
}

/// The caller's accounts and roles.
#[utoipa::path(get, path = "/context/basic", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = ContextView)))]
async fn context_basic_alias(Authed(context): Authed) -> Json<ContextView> {
    Json(context_view(&context))
}
