//! Agent preferences. `/me` comes before `/{id}`, which takes a preference's id or a user's.

use axum::extract::State;
use inbox::{
    Member,
    preferences::{self, NewPreference, PreferenceChange, PreferenceView},
};
use model::Error;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Answer, Asked, Authed, Body, Created, Here, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(mine, update_mine))
        .routes(routes!(get, update, delete))
}

/// The preferences of all agents; without `preferences.manage`, one's own.
#[utoipa::path(get, path = "/v1/agent-preferences", tag = "agent preferences", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<PreferenceView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<PreferenceView>> {
    Ok(preferences::list(rest.inbox(), &context, &params).await?.into())
}

/// Make preferences, one's own or, with `preferences.manage`, another's; 409 when there are some.
#[utoipa::path(post, path = "/v1/agent-preferences", tag = "agent preferences", security(("bearer" = [])),
    request_body = NewPreference, responses((status = 201, body = One<PreferenceView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewPreference>,
) -> Answer<Created<PreferenceView>> {
    Ok(Created::new(preferences::create(rest.inbox(), &member, &body).await?))
}

/// One's own preferences.
#[utoipa::path(get, path = "/v1/agent-preferences/me", tag = "agent preferences", security(("bearer" = [])),
    params(("account_id" = Option<Uuid>, Query)), responses((status = 200, body = One<PreferenceView>)))]
async fn mine(State(rest): State<Rest>, Here(member): Here) -> Answer<One<PreferenceView>> {
    Ok(One::new(preferences::mine(rest.inbox(), &member).await?))
}

/// Change one's own preferences; makes them when there are none.
#[utoipa::path(method(patch, put), path = "/v1/agent-preferences/me", tag = "agent preferences",
    security(("bearer" = [])), params(("account_id" = Option<Uuid>, Query)), request_body = PreferenceChange,
    responses((status = 200, body = One<PreferenceView>)))]
async fn update_mine(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<PreferenceChange>,
) -> Answer<One<PreferenceView>> {
    Ok(One::new(preferences::update_mine(rest.inbox(), &member, &body).await?))
}

/// Preferences by their id or their user's. Others' need `preferences.manage`.
#[utoipa::path(get, path = "/v1/agent-preferences/{id}", tag = "agent preferences", security(("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 200, body = One<PreferenceView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<Uuid>,
) -> Answer<One<PreferenceView>> {
    let (view, _) = find(&rest, context.members(), id).await?;
    Ok(One::new(view))
}

/// Change preferences by their id or their user's. Others' need `preferences.manage`.
#[utoipa::path(method(patch, put), path = "/v1/agent-preferences/{id}", tag = "agent preferences",
    security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = PreferenceChange,
    responses((status = 200, body = One<PreferenceView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<Uuid>,
    Body(change): Body<PreferenceChange>,
) -> Answer<One<PreferenceView>> {
    let (view, member) = find(&rest, context.members(), id).await?;
    Ok(One::new(preferences::update(rest.inbox(), member, view.id.uuid(), &change).await?))
}

/// Back to the defaults. Others' need `preferences.manage`.
#[utoipa::path(delete, path = "/v1/agent-preferences/{id}", tag = "agent preferences",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<Uuid>,
) -> Answer<NoContent> {
    let (view, member) = find(&rest, context.members(), id).await?;
    preferences::delete(rest.inbox(), member, view.id.uuid()).await?;
    Ok(NoContent)
}

/// A user may have preferences in several of the caller's accounts; the first account that has them counts.
async fn find<'m>(rest: &Rest, members: &'m [Member], id: Uuid) -> Answer<(PreferenceView, &'m Member)> {
    for member in members {
        match preferences::get(rest.inbox(), member, id).await {
            Ok(view) => return Ok((view, member)),
            Err(error) if error.code == model::ErrorCode::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::not_found("agent preference").into())
}
