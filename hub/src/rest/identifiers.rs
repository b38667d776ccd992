//! Contact identifiers.

use axum::extract::State;
use inbox::{
    identifiers::{self, IdentifierView, NewIdentifier, UpdateIdentifier},
    list::{Owned, owner},
};
use model::IdentifierId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

/// The contact identifiers of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contact-identifiers", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<IdentifierView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<IdentifierView>> {
    Ok(identifiers::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a contact identifier. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contact-identifiers", tag = "contacts", security(("bearer" = [])),
    request_body = NewIdentifier, responses((status = 201, body = One<IdentifierView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewIdentifier>,
) -> Answer<Created<IdentifierView>> {
    Ok(Created::new(identifiers::create(rest.inbox(), &member, &body).await?))
}

/// One contact identifier. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contact-identifiers/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<IdentifierView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<IdentifierId>,
) -> Answer<One<IdentifierView>> {
    let member = owner(rest.inbox(), &context, Owned::Identifier, id.uuid()).await?;
    Ok(One::new(identifiers::get(rest.inbox(), member, id).await?))
}

/// Change a contact identifier; what is absent stays. Needs `contacts.manage`.
#[utoipa::path(method(patch, put), path = "/v1/contact-identifiers/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateIdentifier, responses((status = 200, body = One<IdentifierView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<IdentifierId>,
    Body(change): Body<UpdateIdentifier>,
) -> Answer<One<IdentifierView>> {
    let member = owner(rest.inbox(), &context, Owned::Identifier, id.uuid()).await?;
    Ok(One::new(identifiers::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a contact identifier. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/contact-identifiers/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<IdentifierId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Identifier, id.uuid()).await?;
    identifiers::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}
