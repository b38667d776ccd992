//! Persons.

use axum::extract::State;
use inbox::{
    audience::persons::{self, NewPerson, PersonView, UpdatePerson},
    list::{Owned, owner},
};
use model::PersonId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

/// The persons of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/persons", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<PersonView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<PersonView>> {
    Ok(persons::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a person. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/persons", tag = "contacts", security(("bearer" = [])),
    request_body = NewPerson, responses((status = 201, body = One<PersonView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewPerson>,
) -> Answer<Created<PersonView>> {
    Ok(Created::new(persons::create(rest.inbox(), &member, &body).await?))
}

/// One person. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/persons/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<PersonView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<PersonId>,
) -> Answer<One<PersonView>> {
    let member = owner(rest.inbox(), &context, Owned::Person, id.uuid()).await?;
    Ok(One::new(persons::get(rest.inbox(), member, id).await?))
}

/// Change a person; what is absent stays. Needs `contacts.manage`.
#[utoipa::path(method(patch, put), path = "/v1/persons/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdatePerson, responses((status = 200, body = One<PersonView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<PersonId>,
    Body(change): Body<UpdatePerson>,
) -> Answer<One<PersonView>> {
    let member = owner(rest.inbox(), &context, Owned::Person, id.uuid()).await?;
    Ok(One::new(persons::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a person. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/persons/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<PersonId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Person, id.uuid()).await?;
    persons::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}
