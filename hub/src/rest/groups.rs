//! Groups.

use axum::extract::State;
use inbox::{
    audience::{
        groups::{self, GroupView, NewGroup, UpdateGroup},
        members::{self, Contacts, Moved, Persons},
        persons::PersonView,
    },
    contacts::ContactView,
    list::{Owned, owner},
};
use model::{ContactId, Error, GroupId, PersonId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(contacts, add_contacts))
        .routes(routes!(remove_contacts))
        .routes(routes!(remove_contact))
        .routes(routes!(persons, add_persons))
        .routes(routes!(remove_persons))
        .routes(routes!(remove_person))
}

/// The groups of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/groups", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<GroupView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<GroupView>> {
    Ok(groups::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a group. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/groups", tag = "contacts", security(("bearer" = [])),
    request_body = NewGroup, responses((status = 201, body = One<GroupView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewGroup>,
) -> Answer<Created<GroupView>> {
    Ok(Created::new(groups::create(rest.inbox(), &member, &body).await?))
}

/// One group. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/groups/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<GroupView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
) -> Answer<One<GroupView>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(One::new(groups::get(rest.inbox(), member, id).await?))
}

/// Change a group; what is absent stays. Needs `contacts.manage`.
#[utoipa::path(method(patch, put), path = "/v1/groups/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateGroup, responses((status = 200, body = One<GroupView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Body(change): Body<UpdateGroup>,
) -> Answer<One<GroupView>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(One::new(groups::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a group. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/groups/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    groups::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// The contacts in a group, with the filters of contacts. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/groups/{id}/contacts", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ListQuery), responses((status = 200, body = Many<ContactView>)))]
async fn contacts(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Asked(params): Asked,
) -> Answer<Many<ContactView>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(members::contacts(rest.inbox(), member, id, &params).await?.into())
}

/// Put contacts into a group. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/groups/{id}/contacts", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = Contacts, responses((status = 200, body = One<Moved>)))]
async fn add_contacts(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Body(new): Body<Contacts>,
) -> Answer<One<Moved>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(One::new(members::add_contacts(rest.inbox(), member, id, &new).await?))
}

/// Take contacts out of a group; they stay where they are otherwise. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/groups/{id}/contacts/remove", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = Contacts, responses((status = 200, body = One<Moved>)))]
async fn remove_contacts(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Body(old): Body<Contacts>,
) -> Answer<One<Moved>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(One::new(members::remove_contacts(rest.inbox(), member, id, &old).await?))
}

/// The persons in a group, with the filters of persons. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/groups/{id}/persons", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ListQuery), responses((status = 200, body = Many<PersonView>)))]
async fn persons(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Asked(params): Asked,
) -> Answer<Many<PersonView>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(members::persons(rest.inbox(), member, id, &params).await?.into())
}

/// Put persons into a group. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/groups/{id}/persons", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = Persons, responses((status = 200, body = One<Moved>)))]
async fn add_persons(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Body(new): Body<Persons>,
) -> Answer<One<Moved>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(One::new(members::add_persons(rest.inbox(), member, id, &new).await?))
}

/// Take persons out of a group; they stay where they are otherwise. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/groups/{id}/persons/remove", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = Persons, responses((status = 200, body = One<Moved>)))]
async fn remove_persons(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupId>,
    Body(old): Body<Persons>,
) -> Answer<One<Moved>> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    Ok(One::new(members::remove_persons(rest.inbox(), member, id, &old).await?))
}

/// Take one contact out of a group. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/groups/{id}/contacts/{contact_id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("contact_id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn remove_contact(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path((id, one)): Path<(GroupId, ContactId)>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    let moved =
        members::remove_contacts(rest.inbox(), member, id, &Contacts { contact_ids: vec![one] }).await?;
    if moved.changed == 0 {
        return Err(Error::not_found("contact in this group").into());
    }
    Ok(NoContent)
}

/// Take one person out of a group. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/groups/{id}/persons/{person_id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("person_id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn remove_person(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path((id, one)): Path<(GroupId, PersonId)>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Group, id.uuid()).await?;
    let moved = members::remove_persons(rest.inbox(), member, id, &Persons { person_ids: vec![one] }).await?;
    if moved.changed == 0 {
        return Err(Error::not_found("person in this group").into());
    }
    Ok(NoContent)
}
