//! API keys.

use axum::extract::State;
use inbox::identity::api_keys::{self, ApiKeyView, NewApiKey, NewApiKeyView};
use model::ApiKeyId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Asked, Authed, Created, Making, Many, NoContent, One, Path, Rest};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, revoke))
}

/// The keys of one's accounts. Needs `api_keys.manage`.
#[utoipa::path(get, path = "/v1/api-keys", tag = "api keys", security(("bearer" = [])),
    params(("account_id" = Option<uuid::Uuid>, Query), ("filter" = Option<Vec<String>>, Query),
        ("sort" = Option<Vec<String>>, Query), ("skip" = Option<i64>, Query), ("limit" = Option<i64>, Query),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Many<ApiKeyView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<ApiKeyView>> {
    Ok(api_keys::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a key that holds no more than one's own role; its secret is shown now and never again. Needs
/// `api_keys.manage`.
#[utoipa::path(post, path = "/v1/api-keys", tag = "api keys", security(("bearer" = [])),
    params(("account_id" = Option<uuid::Uuid>, Query)), request_body = NewApiKey,
    responses((status = 201, body = One<NewApiKeyView>)))]
async fn create(State(rest): State<Rest>, new: Making<NewApiKey>) -> Answer<Created<NewApiKeyView>> {
    Ok(Created::new(api_keys::create(rest.inbox(), &new.member, &new.body).await?))
}

/// One key. Needs `api_keys.manage`.
#[utoipa::path(get, path = "/v1/api-keys/{id}", tag = "api keys", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ApiKeyView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ApiKeyId>,
) -> Answer<One<ApiKeyView>> {
    Ok(One::new(api_keys::get(rest.inbox(), &context, id).await?))
}

/// End a key at once. Needs `api_keys.manage`.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "api keys", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn revoke(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ApiKeyId>,
) -> Answer<NoContent> {
    api_keys::revoke(rest.inbox(), &context, id).await?;
    Ok(NoContent)
}
