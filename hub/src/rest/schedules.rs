//! Scheduled messages.

use axum::extract::State;
use inbox::{
    list::{Owned, owner},
    schedules::{self, NewSchedule, OccurrenceView, Runs, RunsRequest, ScheduleView, UpdateSchedule},
};
use model::ScheduleId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(runs))
        .routes(routes!(get, update, delete))
        .routes(routes!(occurrences))
}

/// The scheduled messages of all accounts that one belongs to. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/scheduled-messages", tag = "scheduled messages", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<ScheduleView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<ScheduleView>> {
    Ok(schedules::list(rest.inbox(), &context, &params).await?.into())
}

/// Schedule a message, once or again and again. Needs `schedules.manage`.
#[utoipa::path(post, path = "/v1/scheduled-messages", tag = "scheduled messages", security(("bearer" = [])),
    request_body = NewSchedule, responses((status = 201, body = One<ScheduleView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewSchedule>,
) -> Answer<Created<ScheduleView>> {
    Ok(Created::new(schedules::create(rest.inbox(), &member, &body).await?))
}

/// The next five times of a rule, before it is stored. Needs `messages.view`.
#[utoipa::path(post, path = "/v1/scheduled-messages/runs", tag = "scheduled messages", security(("bearer" = [])),
    request_body = RunsRequest, responses((status = 200, body = One<Runs>)))]
async fn runs(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<RunsRequest>,
) -> Answer<One<Runs>> {
    Ok(One::new(schedules::runs(rest.inbox(), &member, &body)?))
}

/// One scheduled message with its next five times. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/scheduled-messages/{id}", tag = "scheduled messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ScheduleView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ScheduleId>,
) -> Answer<One<ScheduleView>> {
    let member = owner(rest.inbox(), &context, Owned::Schedule, id.uuid()).await?;
    Ok(One::new(schedules::get(rest.inbox(), member, id).await?))
}

/// Change one that is pending or paused, or move it on with `status`: `paused`, `pending`, `cancelled`. Needs
/// `schedules.manage`.
#[utoipa::path(method(patch, put), path = "/v1/scheduled-messages/{id}", tag = "scheduled messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = UpdateSchedule,
    responses((status = 200, body = One<ScheduleView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ScheduleId>,
    Body(change): Body<UpdateSchedule>,
) -> Answer<One<ScheduleView>> {
    let member = owner(rest.inbox(), &context, Owned::Schedule, id.uuid()).await?;
    Ok(One::new(schedules::update(rest.inbox(), member, id, &change).await?))
}

/// Remove one that is over; what it sent stays. Needs `schedules.manage`.
#[utoipa::path(delete, path = "/v1/scheduled-messages/{id}", tag = "scheduled messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ScheduleId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Schedule, id.uuid()).await?;
    schedules::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// Its last hundred firings: fired, missed, failed. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/scheduled-messages/{id}/occurrences", tag = "scheduled messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Many<OccurrenceView>)))]
async fn occurrences(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ScheduleId>,
) -> Answer<Many<OccurrenceView>> {
    let member = owner(rest.inbox(), &context, Owned::Schedule, id.uuid()).await?;
    Ok(Many::all(schedules::occurrences(rest.inbox(), member, id).await?))
}
