//! Contacts.

use axum::extract::State;
use inbox::{
    contacts::{self, ContactView, NewContact, UpdateContact},
    list::{Owned, owner},
};
use model::ContactId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

/// The contacts of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contacts", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<ContactView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<ContactView>> {
    Ok(contacts::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a contact; 409 when another one has the phone number or the e-mail address. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contacts", tag = "contacts", security(("bearer" = [])),
    request_body = NewContact, responses((status = 201, body = One<ContactView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewContact>,
) -> Answer<Created<ContactView>> {
    Ok(Created::new(contacts::create(rest.inbox(), &member, body).await?))
}

/// One contact. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contacts/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ContactView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
) -> Answer<One<ContactView>> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    Ok(One::new(contacts::get(rest.inbox(), member, id).await?))
}

/// Change a contact; what is absent stays. Needs `contacts.manage`.
#[utoipa::path(method(patch, put), path = "/v1/contacts/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateContact, responses((status = 200, body = One<ContactView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
    Body(change): Body<UpdateContact>,
) -> Answer<One<ContactView>> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    Ok(One::new(contacts::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a contact; 409 while it has conversations. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/contacts/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    contacts::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}
