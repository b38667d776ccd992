//! Users.

use axum::extract::State;
use inbox::identity::users::{self, Me, NewUser, Place, UpdateUser, UserView};
use model::{Error, RoleId, UserId, permission::BuiltInRole};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(me))
        .routes(routes!(get, update, delete))
}

/// A person to be made a user and a member.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMember {
    email: String,
    /// 8 to 256 characters.
    password: String,
    given_name: Option<String>,
    family_name: Option<String>,
    phone: Option<String>,
    #[schema(value_type = Option<uuid::Uuid>)]
    role_id: Option<RoleId>,
    /// A built-in role, instead of `role_id`.
    role: Option<BuiltInRole>,
}

/// The caller's own profile, accounts and permissions.
#[utoipa::path(get, path = "/v1/users/me", tag = "users", security(("bearer" = [])),
    responses((status = 200, body = One<Me>)))]
async fn me(State(rest): State<Rest>, Authed(context): Authed) -> Answer<One<Me>> {
    Ok(One::new(users::me(rest.inbox(), &context).await?))
}

/// The members of one's accounts. Needs `users.view`.
#[utoipa::path(get, path = "/v1/users", tag = "users", security(("bearer" = [])),
    params(("account_id" = Option<uuid::Uuid>, Query), ("filter" = Option<Vec<String>>, Query),
        ("sort" = Option<Vec<String>>, Query), ("skip" = Option<i64>, Query), ("limit" = Option<i64>, Query),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Many<UserView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<UserView>> {
    Ok(users::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a user who is a member of the account, in a role that holds no more than one's own. Needs
/// `users.manage`.
#[utoipa::path(post, path = "/v1/users", tag = "users", security(("bearer" = [])),
    params(("account_id" = Option<uuid::Uuid>, Query)), request_body = NewMember,
    responses((status = 201, body = One<UserView>)))]
async fn create(State(rest): State<Rest>, new: Making<NewMember>) -> Answer<Created<UserView>> {
    let Making { member, body, .. } = new;
    let place = match (body.role_id, body.role) {
        (Some(id), None) => Place::Role(id),
        (None, role) => Place::BuiltIn(role.unwrap_or(BuiltInRole::Agent)),
        (Some(_), Some(_)) => return Err(Error::invalid("role", "give role_id or role, not both").into()),
    };
    let person = NewUser {
        email: body.email,
        password: body.password,
        given_name: body.given_name,
        family_name: body.family_name,
        phone: body.phone,
    };
    Ok(Created::new(users::create(rest.inbox(), &member, &person, place).await?))
}

/// A user who shares an account with the caller.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<UserView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<UserId>,
) -> Answer<One<UserView>> {
    Ok(One::new(users::get(rest.inbox(), &context, id).await?))
}

/// Change one's own names and phone, or, managing every account of the user, all of them.
#[utoipa::path(method(patch, put), path = "/v1/users/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateUser,
    responses((status = 200, body = One<UserView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<UserId>,
    Body(change): Body<UpdateUser>,
) -> Answer<One<UserView>> {
    Ok(One::new(users::update(rest.inbox(), &context, id, &change).await?))
}

/// Take a user out of all accounts and deactivate them. Needs `users.manage` in every one of these.
#[utoipa::path(delete, path = "/v1/users/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<UserId>,
) -> Answer<NoContent> {
    users::delete(rest.inbox(), &context, id).await?;
    Ok(NoContent)
}
