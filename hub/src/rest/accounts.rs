//! Accounts.

use axum::extract::State;
use inbox::identity::accounts::{self, AccountView, NewAccount, UpdateAccount};
use model::AccountId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Asked, Authed, Body, Created, Many, NoContent, One, Path, Rest};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, suspend))
}

/// The accounts that one belongs to.
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts", security(("bearer" = [])),
    params(("filter" = Option<Vec<String>>, Query), ("sort" = Option<Vec<String>>, Query),
        ("skip" = Option<i64>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Many<AccountView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<AccountView>> {
    Ok(accounts::list(rest.inbox(), &context, &params).await?.into())
}

/// Make an account and own it. Needs `account.manage` in an account.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", security(("bearer" = [])),
    request_body = NewAccount, responses((status = 201, body = One<AccountView>)))]
async fn create(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Body(new): Body<NewAccount>,
) -> Answer<Created<AccountView>> {
    Ok(Created::new(accounts::create(rest.inbox(), &context, &new).await?))
}

/// One account.
#[utoipa::path(get, path = "/v1/accounts/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<AccountView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<AccountId>,
) -> Answer<One<AccountView>> {
    Ok(One::new(accounts::get(rest.inbox(), &context, id).await?))
}

/// Change an account; what is absent stays. Needs `account.manage`.
#[utoipa::path(method(patch, put), path = "/v1/accounts/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateAccount,
    responses((status = 200, body = One<AccountView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<AccountId>,
    Body(change): Body<UpdateAccount>,
) -> Answer<One<AccountView>> {
    Ok(One::new(accounts::update(rest.inbox(), context.member(id)?, &change).await?))
}

/// Suspend an account: nobody can act in it any more, its data stays, the operator can undo it. Needs
/// `account.manage`.
#[utoipa::path(delete, path = "/v1/accounts/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn suspend(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<AccountId>,
) -> Answer<NoContent> {
    accounts::suspend(rest.inbox(), context.member(id)?).await?;
    Ok(NoContent)
}
