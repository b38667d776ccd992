//! Roles.

use axum::extract::State;
use inbox::identity::roles::{self, NewRole, RoleView, UpdateRole};
use model::{Permission, RoleId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(permissions))
}

/// The closed list of permissions.
#[utoipa::path(get, path = "/v1/permissions", tag = "roles", security(("bearer" = [])),
    responses((status = 200, body = Many<Permission>)))]
async fn permissions(_caller: Authed) -> Many<Permission> {
    Many::all(Permission::ALL.to_vec())
}

/// The roles of one's accounts. Needs `users.view`.
#[utoipa::path(get, path = "/v1/roles", tag = "roles", security(("bearer" = [])),
    params(("account_id" = Option<uuid::Uuid>, Query), ("filter" = Option<Vec<String>>, Query),
        ("sort" = Option<Vec<String>>, Query), ("skip" = Option<i64>, Query), ("limit" = Option<i64>, Query),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Many<RoleView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<RoleView>> {
    Ok(roles::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a role that holds no more than one's own. Needs `roles.manage`.
#[utoipa::path(post, path = "/v1/roles", tag = "roles", security(("bearer" = [])),
    params(("account_id" = Option<uuid::Uuid>, Query)), request_body = NewRole,
    responses((status = 201, body = One<RoleView>)))]
async fn create(State(rest): State<Rest>, new: Making<NewRole>) -> Answer<Created<RoleView>> {
    Ok(Created::new(roles::create(rest.inbox(), &new.member, &new.body).await?))
}

/// One role.
#[utoipa::path(get, path = "/v1/roles/{id}", tag = "roles", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<RoleView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<RoleId>,
) -> Answer<One<RoleView>> {
    Ok(One::new(roles::get(rest.inbox(), &context, id).await?))
}

/// Change a role that is not built in. Needs `roles.manage` and all that it holds.
#[utoipa::path(method(patch, put), path = "/v1/roles/{id}", tag = "roles", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateRole,
    responses((status = 200, body = One<RoleView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<RoleId>,
    Body(change): Body<UpdateRole>,
) -> Answer<One<RoleView>> {
    Ok(One::new(roles::update(rest.inbox(), &context, id, &change).await?))
}

/// Delete a role that is neither built in nor held by a member. Needs `roles.manage`.
#[utoipa::path(delete, path = "/v1/roles/{id}", tag = "roles", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<RoleId>,
) -> Answer<NoContent> {
    roles::delete(rest.inbox(), &context, id).await?;
    Ok(NoContent)
}
