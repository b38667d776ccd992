//! The sandbox's operations of the REST API.

use axum::extract::State;
use inbox::list::{Owned, owner};
use model::ChannelId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::desk::{Desk, NewInbound, SentPage, Standing, Taken};
use crate::rest::{Answer, Asked, Authed, Body, Created, One, Path};

/// Its operations.
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(sent)).routes(routes!(write)).routes(routes!(standing, tell))
}

/// What was sent on a sandbox channel.
///
/// The messages that the sandbox took after number `after`, oldest first, with how each stands now. The sandbox
/// remembers the last ten thousand of each channel until the hub stops.
#[utoipa::path(
    get, path = "/v1/channels/{id}/sandbox/messages", tag = "sandbox", operation_id = "sandbox_messages",
    security(("bearer" = [])),
    params(
        ("id" = ChannelId, Path, description = "A channel of the provider sandbox"),
        ("after" = Option<u64>, Query, description = "Only messages with a greater `seq`"),
        ("limit" = Option<u32>, Query, description = "At most so many, 1 to 500; 100 unless given"),
    ),
    responses((status = 200, body = One<SentPage>))
)]
async fn sent(
    State(desk): State<Desk>,
    Authed(caller): Authed,
    Path(id): Path<ChannelId>,
    Asked(query): Asked,
) -> Answer<One<SentPage>> {
    let member = owner(desk.inbox(), &caller, Owned::Channel, id.uuid()).await?;
    let number = |name: &str| query.get(name).map(str::parse::<u64>).transpose();
    let wrong = |_| model::Error::bad_request("after and limit are whole numbers");
    let after = number("after").map_err(wrong)?.unwrap_or(0);
    let limit = number("limit").map_err(wrong)?.unwrap_or(100);
    Ok(One::new(desk.sent(member, id, after, usize::try_from(limit).unwrap_or(usize::MAX)).await?))
}

/// Write as a customer of a sandbox channel.
///
/// Makes the signed webhook that a provider would send and passes it through the webhook door; answered once it is
/// stored for good. `copies` delivers the same webhook several times.
#[utoipa::path(
    post, path = "/v1/channels/{id}/sandbox/inbound", tag = "sandbox", operation_id = "sandbox_write",
    security(("bearer" = [])),
    params(("id" = ChannelId, Path, description = "A channel of the provider sandbox")),
    request_body = NewInbound,
    responses((status = 201, body = One<Taken>))
)]
async fn write(
    State(desk): State<Desk>,
    Authed(caller): Authed,
    Path(id): Path<ChannelId>,
    Body(new): Body<NewInbound>,
) -> Answer<Created<Taken>> {
    let member = owner(desk.inbox(), &caller, Owned::Channel, id.uuid()).await?;
    Ok(Created::new(desk.write(member, id, new).await?))
}

/// How a sandbox channel was told to behave; null: as its settings say.
#[utoipa::path(
    get, path = "/v1/channels/{id}/sandbox/behaviour", tag = "sandbox", operation_id = "sandbox_behaviour",
    security(("bearer" = [])),
    params(("id" = ChannelId, Path, description = "A channel of the provider sandbox")),
    responses((status = 200, body = One<Standing>))
)]
async fn standing(
    State(desk): State<Desk>,
    Authed(caller): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<Standing>> {
    let member = owner(desk.inbox(), &caller, Owned::Channel, id.uuid()).await?;
    Ok(One::new(desk.standing(member, id).await?))
}

/// Tell a sandbox channel how to behave: to delay, duplicate, reorder, throttle or fail.
///
/// `{"behaviour": null}` goes back to the channel's own settings.
#[utoipa::path(
    put, path = "/v1/channels/{id}/sandbox/behaviour", tag = "sandbox", operation_id = "sandbox_tell",
    security(("bearer" = [])),
    params(("id" = ChannelId, Path, description = "A channel of the provider sandbox")),
    request_body = Standing,
    responses((status = 200, body = One<Standing>))
)]
async fn tell(
    State(desk): State<Desk>,
    Authed(caller): Authed,
    Path(id): Path<ChannelId>,
    Body(wish): Body<Standing>,
) -> Answer<One<Standing>> {
    let member = owner(desk.inbox(), &caller, Owned::Channel, id.uuid()).await?;
    Ok(One::new(desk.tell(member, id, wish).await?))
}
