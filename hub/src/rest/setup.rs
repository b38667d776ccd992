//! The first run.

use axum::extract::State;
use inbox::identity::setup::{self, Setup};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Body, Created, One, Rest};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(finish))
}

/// What the first run made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SetUp {
    #[schema(value_type = uuid::Uuid)]
    account_id: model::AccountId,
    #[schema(value_type = uuid::Uuid)]
    user_id: model::UserId,
}

/// Make the first account and its owner, with the one-time token that an empty hub prints.
#[utoipa::path(post, path = "/v1/setup", tag = "auth", request_body = Setup,
    responses((status = 201, body = One<SetUp>)))]
async fn finish(State(rest): State<Rest>, Body(setup): Body<Setup>) -> Answer<Created<SetUp>> {
    let made = setup::finish(rest.inbox(), &setup).await?;
    Ok(Created::new(SetUp { account_id: made.account_id, user_id: made.user_id }))
}
