//! What an account may send, and when it leaves its customers in peace.

use axum::extract::State;
use inbox::sending_limits::{self, SendingLimits, UpdateSendingLimits};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Making, One, Rest, extract::Here};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new().routes(routes!(get, update))
}

/// Quotas with what was used of them, quiet hours, and the cap for each contact. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/sending-limits", tag = "group messages", security(("bearer" = [])),
    responses((status = 200, body = One<SendingLimits>)))]
async fn get(State(rest): State<Rest>, Here(member): Here) -> Answer<One<SendingLimits>> {
    Ok(One::new(sending_limits::get(rest.inbox(), &member).await?))
}

/// Set quiet hours and the cap for each contact; what is absent is no longer. Quotas are the operator's. Needs
/// `account.manage`.
#[utoipa::path(put, path = "/v1/sending-limits", tag = "group messages", security(("bearer" = [])),
    request_body = UpdateSendingLimits, responses((status = 200, body = One<SendingLimits>)))]
async fn update(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<UpdateSendingLimits>,
) -> Answer<One<SendingLimits>> {
    Ok(One::new(sending_limits::update(rest.inbox(), &member, &body).await?))
}
