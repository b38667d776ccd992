//! Contacts.

use axum::{extract::State, response::Response};
use inbox::{
    contacts::{
        self, Bulk, BulkDone, ContactView, Export, NewContact, TimelineItem, UpdateContact,
        merge::{self, MergePreview, MergeRequest, MergeView},
    },
    list::{Owned, owner},
};
use model::{ContactId, MergeId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, extract::Here,
    group_messages::csv_file, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(bulk))
        .routes(routes!(export))
        .routes(routes!(get, update, delete))
        .routes(routes!(timeline))
        .routes(routes!(merge_preview))
        .routes(routes!(merge_into))
        .routes(routes!(merges_of))
        .routes(routes!(merges))
        .routes(routes!(undo))
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

/// Make, change and remove many; each item succeeds or fails by itself. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contacts/bulk", tag = "contacts", security(("bearer" = [])),
    request_body = Bulk, responses((status = 200, body = One<BulkDone>)))]
async fn bulk(State(rest): State<Rest>, Making { member, body, .. }: Making<Bulk>) -> Answer<One<BulkDone>> {
    Ok(One::new(contacts::bulk(rest.inbox(), &member, body).await?))
}

/// Contacts as a CSV file, with the filters of the list. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contacts/export.csv", tag = "contacts", security(("bearer" = [])),
    params(ListQuery),
    responses((status = 200, description = "one line for each contact", content_type = "text/csv", body = String)))]
async fn export(State(rest): State<Rest>, Here(member): Here, Asked(params): Asked) -> Answer<Response> {
    let mut export = Export::new(&params);
    // what is wrong with the question is said before the file begins
    let first = export.next(rest.inbox(), &member).await?.unwrap_or_default();
    let inbox = rest.inbox().clone();
    let rest = futures::stream::try_unfold((export, member), move |(mut export, member)| {
        let inbox = inbox.clone();
        async move {
            let piece = export.next(&inbox, &member).await?;
            Ok::<_, model::Error>(piece.map(|piece| (piece, (export, member))))
        }
    });
    Ok(csv_file("contacts", &first, rest))
}

/// What happened with a contact, newest first; `before` and `limit` turn the pages. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contacts/{id}/timeline", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("before" = Option<String>, Query), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Many<TimelineItem>)))]
async fn timeline(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
    Asked(params): Asked,
) -> Answer<Many<TimelineItem>> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    Ok(Many::all(contacts::timeline(rest.inbox(), member, id, &params).await?))
}

/// What merging another contact into this one would do. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contacts/{id}/merge/preview", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = MergeRequest,
    responses((status = 200, body = One<MergePreview>)))]
async fn merge_preview(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
    Body(asked): Body<MergeRequest>,
) -> Answer<One<MergePreview>> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    Ok(One::new(merge::preview(rest.inbox(), member, id, asked).await?))
}

/// Merge another contact into this one, which survives; 30 days long it can be undone. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contacts/{id}/merge", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = MergeRequest, responses((status = 200, body = One<MergeView>)))]
async fn merge_into(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
    Body(asked): Body<MergeRequest>,
) -> Answer<One<MergeView>> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    Ok(One::new(merge::merge(rest.inbox(), member, id, asked).await?))
}

/// The merges into a contact. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contacts/{id}/merges", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ListQuery), responses((status = 200, body = Many<MergeView>)))]
async fn merges_of(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ContactId>,
    Asked(params): Asked,
) -> Answer<Many<MergeView>> {
    let member = owner(rest.inbox(), &context, Owned::Contact, id.uuid()).await?;
    Ok(merge::of_contact(rest.inbox(), member, id, &params).await?.into())
}

/// The merges of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contact-merges", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<MergeView>)))]
async fn merges(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<MergeView>> {
    Ok(merge::list_all(rest.inbox(), &context, &params).await?.into())
}

/// Take a merge back; the merged contact is there again. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contact-merges/{id}/undo", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ContactView>)))]
async fn undo(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<MergeId>,
) -> Answer<One<ContactView>> {
    let member = owner(rest.inbox(), &context, Owned::Merge, id.uuid()).await?;
    Ok(One::new(merge::undo(rest.inbox(), member, id).await?))
}
