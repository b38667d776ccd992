//! Teams.

use axum::extract::State;
use inbox::{
    list::{Owned, owner},
    teams::{self, NewTeam, NewTeamMember, TeamMemberView, TeamView, UpdateTeam},
};
use model::{TeamId, UserId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(members, add_member))
        .routes(routes!(remove_member))
        .routes(routes!(of_user))
}

/// The teams of all accounts that one belongs to. Needs `teams.view`.
#[utoipa::path(get, path = "/v1/teams", tag = "teams", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<TeamView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<TeamView>> {
    Ok(teams::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a team. Needs `teams.manage`.
#[utoipa::path(post, path = "/v1/teams", tag = "teams", security(("bearer" = [])),
    request_body = NewTeam, responses((status = 201, body = One<TeamView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewTeam>,
) -> Answer<Created<TeamView>> {
    Ok(Created::new(teams::create(rest.inbox(), &member, &body).await?))
}

/// One team. Needs `teams.view`.
#[utoipa::path(get, path = "/v1/teams/{id}", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<TeamView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TeamId>,
) -> Answer<One<TeamView>> {
    let member = owner(rest.inbox(), &context, Owned::Team, id.uuid()).await?;
    Ok(One::new(teams::get(rest.inbox(), member, id).await?))
}

/// Change a team; what is absent stays. Needs `teams.manage`.
#[utoipa::path(method(patch, put), path = "/v1/teams/{id}", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateTeam, responses((status = 200, body = One<TeamView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TeamId>,
    Body(change): Body<UpdateTeam>,
) -> Answer<One<TeamView>> {
    let member = owner(rest.inbox(), &context, Owned::Team, id.uuid()).await?;
    Ok(One::new(teams::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a team; 409 while open conversations stand with it. Needs `teams.manage`.
#[utoipa::path(delete, path = "/v1/teams/{id}", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TeamId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Team, id.uuid()).await?;
    teams::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// Who is in a team. Needs `teams.view`.
#[utoipa::path(get, path = "/v1/teams/{id}/members", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ListQuery), responses((status = 200, body = Many<TeamMemberView>)))]
async fn members(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TeamId>,
    Asked(params): Asked,
) -> Answer<Many<TeamMemberView>> {
    let member = owner(rest.inbox(), &context, Owned::Team, id.uuid()).await?;
    Ok(teams::members(rest.inbox(), member, id, &params).await?.into())
}

/// Take a user of the account into a team, or give them another role in it. Needs `teams.manage`.
#[utoipa::path(post, path = "/v1/teams/{id}/members", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = NewTeamMember,
    responses((status = 201, body = One<TeamMemberView>)))]
async fn add_member(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TeamId>,
    Body(new): Body<NewTeamMember>,
) -> Answer<Created<TeamMemberView>> {
    let member = owner(rest.inbox(), &context, Owned::Team, id.uuid()).await?;
    Ok(Created::new(teams::add_member(rest.inbox(), member, id, &new).await?))
}

/// Take a user out of a team. Needs `teams.manage`.
#[utoipa::path(delete, path = "/v1/teams/{id}/members/{user_id}", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("user_id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn remove_member(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path((id, user)): Path<(TeamId, UserId)>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Team, id.uuid()).await?;
    teams::remove_member(rest.inbox(), member, id, user).await?;
    Ok(NoContent)
}

/// The teams of a user. Needs `teams.view`, except for one's own.
#[utoipa::path(get, path = "/v1/users/{id}/teams", tag = "teams", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ListQuery), responses((status = 200, body = Many<TeamView>)))]
async fn of_user(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<UserId>,
    Asked(params): Asked,
) -> Answer<Many<TeamView>> {
    Ok(teams::of_user(rest.inbox(), &context, id, &params).await?.into())
}
