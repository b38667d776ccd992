//! Segments.

use axum::extract::State;
use inbox::{
    audience::segments::{self, NewSegment, SegmentView, UpdateSegment},
    contacts::ContactView,
    list::{Owned, owner},
};
use model::SegmentId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(contacts))
}

/// The segments of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/segments", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<SegmentView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<SegmentView>> {
    Ok(segments::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a segment. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/segments", tag = "contacts", security(("bearer" = [])),
    request_body = NewSegment, responses((status = 201, body = One<SegmentView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewSegment>,
) -> Answer<Created<SegmentView>> {
    Ok(Created::new(segments::create(rest.inbox(), &member, &body).await?))
}

/// One segment. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/segments/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<SegmentView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SegmentId>,
) -> Answer<One<SegmentView>> {
    let member = owner(rest.inbox(), &context, Owned::Segment, id.uuid()).await?;
    Ok(One::new(segments::get(rest.inbox(), member, id).await?))
}

/// Change a segment; what is absent stays. Needs `contacts.manage`.
#[utoipa::path(method(patch, put), path = "/v1/segments/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateSegment, responses((status = 200, body = One<SegmentView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SegmentId>,
    Body(change): Body<UpdateSegment>,
) -> Answer<One<SegmentView>> {
    let member = owner(rest.inbox(), &context, Owned::Segment, id.uuid()).await?;
    Ok(One::new(segments::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a segment. Needs `contacts.manage`.
#[utoipa::path(delete, path = "/v1/segments/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SegmentId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Segment, id.uuid()).await?;
    segments::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// The contacts that are in it now; filters narrow them. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/segments/{id}/contacts", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ListQuery), responses((status = 200, body = Many<ContactView>)))]
async fn contacts(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<SegmentId>,
    Asked(params): Asked,
) -> Answer<Many<ContactView>> {
    let member = owner(rest.inbox(), &context, Owned::Segment, id.uuid()).await?;
    Ok(segments::contacts(rest.inbox(), member, id, &params).await?.into())
}
