//! The members of an account.

use axum::extract::State;
use inbox::identity::memberships::{self, MembershipView, NewMembership};
use model::{AccountId, RoleId, UserId};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Asked, Authed, Body, Created, Many, NoContent, One, Path, Rest};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, set_role, remove))
}

/// The members of an account. Needs `users.view`.
#[utoipa::path(get, path = "/v1/accounts/{id}/users", tag = "memberships", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("filter" = Option<Vec<String>>, Query),
        ("sort" = Option<Vec<String>>, Query), ("skip" = Option<i64>, Query), ("limit" = Option<i64>, Query),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Many<MembershipView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<AccountId>,
    Asked(params): Asked,
) -> Answer<Many<MembershipView>> {
    Ok(memberships::list(rest.inbox(), context.member(id)?, &params).await?.into())
}

/// Add a member of another account of one's own. Needs `users.manage`.
#[utoipa::path(post, path = "/v1/accounts/{id}/users", tag = "memberships", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = NewMembership,
    responses((status = 201, body = One<MembershipView>)))]
async fn add(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<AccountId>,
    Body(new): Body<NewMembership>,
) -> Answer<Created<MembershipView>> {
    Ok(Created::new(memberships::add(rest.inbox(), &context, id, &new).await?))
}

/// One member. Needs `users.view`.
#[utoipa::path(get, path = "/v1/accounts/{id}/users/{user_id}", tag = "memberships",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path), ("user_id" = uuid::Uuid, Path)),
    responses((status = 200, body = One<MembershipView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path((id, user)): Path<(AccountId, UserId)>,
) -> Answer<One<MembershipView>> {
    Ok(One::new(memberships::get(rest.inbox(), context.member(id)?, user).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetRole {
    #[schema(value_type = uuid::Uuid)]
    role_id: RoleId,
}

/// Give a member another role; neither may hold more than one's own. Needs `users.manage`.
#[utoipa::path(method(patch, put), path = "/v1/accounts/{id}/users/{user_id}", tag = "memberships",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path), ("user_id" = uuid::Uuid, Path)),
    request_body = SetRole, responses((status = 200, body = One<MembershipView>)))]
async fn set_role(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path((id, user)): Path<(AccountId, UserId)>,
    Body(change): Body<SetRole>,
) -> Answer<One<MembershipView>> {
    let member = context.member(id)?;
    Ok(One::new(memberships::set_role(rest.inbox(), member, user, change.role_id).await?))
}

/// Take a member out of the account. Needs `users.manage`; the last who may manage it stays.
#[utoipa::path(delete, path = "/v1/accounts/{id}/users/{user_id}", tag = "memberships",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path), ("user_id" = uuid::Uuid, Path)),
    responses((status = 204)))]
async fn remove(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path((id, user)): Path<(AccountId, UserId)>,
) -> Answer<NoContent> {
    memberships::remove(rest.inbox(), context.member(id)?, user).await?;
    Ok(NoContent)
}
