//! Labels.

use axum::extract::State;
use inbox::{
    labels::{self, LabelView, NewLabel, UpdateLabel},
    list::{Owned, owner},
};
use model::LabelId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

/// The labels of all accounts that one belongs to. Needs `conversations.view`.
#[utoipa::path(get, path = "/v1/labels", tag = "conversations", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<LabelView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<LabelView>> {
    Ok(labels::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a label. Needs `conversations.manage`.
#[utoipa::path(post, path = "/v1/labels", tag = "conversations", security(("bearer" = [])),
    request_body = NewLabel, responses((status = 201, body = One<LabelView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewLabel>,
) -> Answer<Created<LabelView>> {
    Ok(Created::new(labels::create(rest.inbox(), &member, &body).await?))
}

/// One label. Needs `conversations.view`.
#[utoipa::path(get, path = "/v1/labels/{id}", tag = "conversations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<LabelView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<LabelId>,
) -> Answer<One<LabelView>> {
    let member = owner(rest.inbox(), &context, Owned::Label, id.uuid()).await?;
    Ok(One::new(labels::get(rest.inbox(), member, id).await?))
}

/// Change a label; what is absent stays. Needs `conversations.manage`.
#[utoipa::path(method(patch, put), path = "/v1/labels/{id}", tag = "conversations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateLabel, responses((status = 200, body = One<LabelView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<LabelId>,
    Body(change): Body<UpdateLabel>,
) -> Answer<One<LabelView>> {
    let member = owner(rest.inbox(), &context, Owned::Label, id.uuid()).await?;
    Ok(One::new(labels::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a label. Needs `conversations.manage`.
#[utoipa::path(delete, path = "/v1/labels/{id}", tag = "conversations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<LabelId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Label, id.uuid()).await?;
    labels::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}
