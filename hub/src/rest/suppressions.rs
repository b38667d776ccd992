//! Suppressions: addresses that get no bulk messages.

use axum::extract::State;
use inbox::{
    list::{Owned, owner},
    suppressions::{self, NewSuppression, SuppressionView},
};
use model::SuppressionId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Asked, Authed, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, delete))
}

/// Addresses that get no bulk messages: who said STOP, bounced or was entered. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/suppressions", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<SuppressionView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<SuppressionView>> {
    Ok(suppressions::list(rest.inbox(), &context, &params).await?.into())
}

/// Enter an address; 409 when it is suppressed already. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/suppressions", tag = "contacts", security(("bearer" = [])),
    request_body = NewSuppression, responses((status = 201, body = One<SuppressionView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewSuppression>,
) -> Answer<Created<SuppressionView>> {
    Ok(Created::new(suppressions::create(rest.inbox(), &member, &body).await?))
}

/// One suppression. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/suppressions/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<SuppressionView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SuppressionId>,
) -> Answer<One<SuppressionView>> {
    let member = owner(rest.inbox(), &context, Owned::Suppression, id.uuid()).await?;
    Ok(One::new(suppressions::get(rest.inbox(), member, id).await?))
}

/// Let messages reach the address again. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/suppressions/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SuppressionId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Suppression, id.uuid()).await?;
    suppressions::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}
