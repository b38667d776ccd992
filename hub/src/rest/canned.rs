//! Canned responses.

use axum::extract::State;
use inbox::{
    canned::{self, CannedHit, CannedResponseView, NewCannedResponse, UpdateCannedResponse},
    list::{Owned, owner},
};
use model::{CannedResponseId, ConversationId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(search))
        .routes(routes!(get, update, delete))
}

/// The canned responses of all accounts that one belongs to. Needs `canned_responses.view`.
#[utoipa::path(get, path = "/v1/canned-responses", tag = "canned responses", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<CannedResponseView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<CannedResponseView>> {
    Ok(canned::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a canned response. Needs `canned_responses.manage`.
#[utoipa::path(post, path = "/v1/canned-responses", tag = "canned responses", security(("bearer" = [])),
    request_body = NewCannedResponse, responses((status = 201, body = One<CannedResponseView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewCannedResponse>,
) -> Answer<Created<CannedResponseView>> {
    Ok(Created::new(canned::create(rest.inbox(), &member, &body).await?))
}

/// One canned response. Needs `canned_responses.view`.
#[utoipa::path(get, path = "/v1/canned-responses/{id}", tag = "canned responses", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<CannedResponseView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<CannedResponseId>,
) -> Answer<One<CannedResponseView>> {
    let member = owner(rest.inbox(), &context, Owned::CannedResponse, id.uuid()).await?;
    Ok(One::new(canned::get(rest.inbox(), member, id).await?))
}

/// Change a canned response; what is absent stays. Needs `canned_responses.manage`.
#[utoipa::path(method(patch, put), path = "/v1/canned-responses/{id}", tag = "canned responses", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateCannedResponse, responses((status = 200, body = One<CannedResponseView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<CannedResponseId>,
    Body(change): Body<UpdateCannedResponse>,
) -> Answer<One<CannedResponseView>> {
    let member = owner(rest.inbox(), &context, Owned::CannedResponse, id.uuid()).await?;
    Ok(One::new(canned::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a canned response. Needs `canned_responses.manage`.
#[utoipa::path(delete, path = "/v1/canned-responses/{id}", tag = "canned responses", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<CannedResponseId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::CannedResponse, id.uuid()).await?;
    canned::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// Suggestions for what an agent typed, best first, with the variables filled in for the conversation's
/// contact. Needs `canned_responses.view`.
#[utoipa::path(get, path = "/v1/canned-responses/search", tag = "canned responses", security(("bearer" = [])),
    params(("q" = Option<String>, Query), ("conversation_id" = Option<uuid::Uuid>, Query),
        ("account_id" = Option<uuid::Uuid>, Query)),
    responses((status = 200, body = Many<CannedHit>)))]
async fn search(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<CannedHit>> {
    let inbox = rest.inbox();
    let conversation: Option<ConversationId> = super::lists::id_in(&params, "conversation_id")?;
    let member = match conversation {
        Some(id) => owner(inbox, &context, Owned::Conversation, id.uuid()).await?,
        None => context.acting_in(super::lists::id_in(&params, "account_id")?)?,
    };
    let hits = canned::search(inbox, member, params.get("q").unwrap_or_default(), conversation).await?;
    Ok(Many::all(hits))
}
