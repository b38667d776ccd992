//! Group messages: making, steering, looking at results.

use axum::{
    body::Body as HttpBody,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use inbox::{
    Inbox,
    group_messages::{
        self, GroupMessageView, NewGroupMessage, Retried, TestSend, UpdateGroupMessage,
        estimate::{self, Estimate},
        results::{self, RecipientView},
    },
    list::{Owned, owner},
};
use model::{AccountId, GroupMessageId, view::MessageView};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(estimate_new))
        .routes(routes!(get, update, delete))
        .routes(routes!(estimate_stored))
        .routes(routes!(recipients))
        .routes(routes!(recipients_csv))
        .routes(routes!(retry))
        .routes(routes!(test))
}

/// The group messages of all accounts that one belongs to. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/group-messages", tag = "group messages", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<GroupMessageView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<GroupMessageView>> {
    Ok(group_messages::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a group message, as a draft or, with `status: "queued"`, to be sent: now or at `scheduled_at`. A
/// `message_body` becomes a template. Needs `group_messages.send`.
#[utoipa::path(post, path = "/v1/group-messages", tag = "group messages", security(("bearer" = [])),
    request_body = NewGroupMessage, responses((status = 201, body = One<GroupMessageView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewGroupMessage>,
) -> Answer<Created<GroupMessageView>> {
    Ok(Created::new(group_messages::create(rest.inbox(), &member, &body).await?))
}

/// What a group message would come to: size, segments, cost class, end, missing values. Needs `messages.view`
/// and `contacts.view`.
#[utoipa::path(post, path = "/v1/group-messages/estimate", tag = "group messages", security(("bearer" = [])),
    request_body = NewGroupMessage, responses((status = 200, body = One<Estimate>)))]
async fn estimate_new(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewGroupMessage>,
) -> Answer<One<Estimate>> {
    Ok(One::new(estimate::estimate(rest.inbox(), &member, &body).await?))
}

/// One group message with its counts. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/group-messages/{id}", tag = "group messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<GroupMessageView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
) -> Answer<One<GroupMessageView>> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    Ok(One::new(group_messages::get(rest.inbox(), member, id).await?))
}

/// Change a group message that has not begun, change the rate of one that runs, or move it on with `status`:
/// `queued` (send, or resume), `paused`, `cancelled`. Needs `group_messages.send`.
#[utoipa::path(method(patch, put), path = "/v1/group-messages/{id}", tag = "group messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = UpdateGroupMessage,
    responses((status = 200, body = One<GroupMessageView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
    Body(change): Body<UpdateGroupMessage>,
) -> Answer<One<GroupMessageView>> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    Ok(One::new(group_messages::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a group message that is a draft or over; its messages stay. Needs `group_messages.send`.
#[utoipa::path(delete, path = "/v1/group-messages/{id}", tag = "group messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    group_messages::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// What a stored group message would come to. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/group-messages/{id}/estimate", tag = "group messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<Estimate>)))]
async fn estimate_stored(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
) -> Answer<One<Estimate>> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    Ok(One::new(estimate::of_stored(rest.inbox(), member, id).await?))
}

/// What became of each recipient. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/group-messages/{id}/recipients", tag = "group messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path), ListQuery),
    responses((status = 200, body = Many<RecipientView>)))]
async fn recipients(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
    Asked(params): Asked,
) -> Answer<Many<RecipientView>> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    Ok(results::list(rest.inbox(), member, id, &params).await?.into())
}

/// All recipients as a CSV file. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/group-messages/{id}/recipients.csv", tag = "group messages",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "one line for each recipient", content_type = "text/csv", body = String)))]
async fn recipients_csv(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
) -> Answer<Response> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    let _ = group_messages::get(rest.inbox(), member, id).await?;
    let lines = lines(rest.inbox().clone(), member.account_id(), id);
    Ok(csv_file("recipients", results::HEADER, lines))
}

fn lines(
    inbox: Inbox,
    account: AccountId,
    id: GroupMessageId,
) -> impl futures::Stream<Item = Result<String, model::Error>> + Send {
    futures::stream::try_unfold(Some(0), move |after| {
        let inbox = inbox.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let (text, next) = results::csv(&inbox, account, id, after).await?;
            Ok(Some((text, next)))
        }
    })
}

/// A file that is written while it is read.
pub(super) fn csv_file(
    name: &str,
    head: &str,
    lines: impl futures::Stream<Item = Result<String, model::Error>> + Send + 'static,
) -> Response {
    use futures::StreamExt;

    let head = futures::stream::iter([Ok::<_, model::Error>(head.to_owned())]);
    let body = head.chain(lines).map(|piece| piece.map_err(|error| std::io::Error::other(error.message)));
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, HttpBody::from_stream(body)).into_response()
}

/// Try those again that failed. Needs `group_messages.send`.
#[utoipa::path(post, path = "/v1/group-messages/{id}/retry", tag = "group messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<Retried>)))]
async fn retry(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
) -> Answer<One<Retried>> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    Ok(One::new(group_messages::retry(rest.inbox(), member, id).await?))
}

/// Send one message as a recipient would get it, to oneself; it is counted nowhere. Needs
/// `group_messages.send` and `messages.send`.
#[utoipa::path(post, path = "/v1/group-messages/{id}/test", tag = "group messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = TestSend, responses((status = 201, body = One<MessageView>)))]
async fn test(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<GroupMessageId>,
    Body(to): Body<TestSend>,
) -> Answer<Created<MessageView>> {
    let member = owner(rest.inbox(), &context, Owned::GroupMessage, id.uuid()).await?;
    Ok(Created::new(group_messages::test_send(rest.inbox(), member, id, &to).await?))
}
