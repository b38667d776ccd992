//! Channels: connections to providers.

use axum::{Extension, extract::State};
use inbox::{
    channel_store::{self, ChannelView, NewChannel, Unheard, UpdateChannel},
    list::{Owned, owner},
};
use model::{ChannelId, MessageId, profile::Profile};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest,
    idempotency::Repeated,
    limits::{Rate, Who},
    lists::ListQuery,
};
use crate::channel_setup::{Alarms, ChannelHealth, ChannelSetup, TestMessage, TestOutcome, WebhookState};

/// Test messages of a channel: enough to try things out, too few to send anything to anybody.
const TESTS: Rate = Rate::per_minute(6);

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(verify))
        .routes(routes!(health))
        .routes(routes!(unheard))
        .routes(routes!(webhook))
        .routes(routes!(test_message))
        .routes(routes!(providers))
}

/// The channels of all accounts that one belongs to. Needs `channels.view`.
#[utoipa::path(get, path = "/v1/channels", tag = "channels", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<ChannelView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<ChannelView>> {
    Ok(channel_store::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a channel; its credentials are tried at once, and it stands at `connected` or `error`. The answer
/// has the `webhook_url` and, for web chat, `settings.public_key`. Needs `channels.manage`.
#[utoipa::path(post, path = "/v1/channels", tag = "channels", security(("bearer" = [])),
    request_body = NewChannel, responses((status = 201, body = One<ChannelView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, mut body, .. }: Making<NewChannel>,
) -> Answer<Created<ChannelView>> {
    let inbox = rest.inbox();
    let slug = ChannelSetup::provider(body.channel_type, body.provider.as_deref(), &mut body.credentials)?;
    body.provider = Some(slug);
    let made = channel_store::create(inbox, &member, &body).await?;
    ChannelSetup::of(&rest).connect(&channel_store::handle(inbox, &member, made.id).await?).await?;
    Ok(Created::new(channel_store::get(inbox, &member, made.id).await?))
}

/// One channel. Needs `channels.view`.
#[utoipa::path(get, path = "/v1/channels/{id}", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ChannelView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<ChannelView>> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    Ok(One::new(channel_store::get(rest.inbox(), member, id).await?))
}

/// Change a channel; new credentials or settings are tried at once. Needs `channels.manage`.
#[utoipa::path(method(patch, put), path = "/v1/channels/{id}", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateChannel,
    responses((status = 200, body = One<ChannelView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
    Body(change): Body<UpdateChannel>,
) -> Answer<One<ChannelView>> {
    let inbox = rest.inbox();
    let member = owner(inbox, &context, Owned::Channel, id.uuid()).await?;
    let (view, touched) = channel_store::update(inbox, member, id, &change).await?;
    if !touched.connection && !touched.switched_off {
        return Ok(One::new(view));
    }
    let handle = channel_store::handle(inbox, member, id).await?;
    let setup = ChannelSetup::of(&rest);
    if touched.switched_off {
        setup.disconnect(&handle).await;
    } else {
        setup.connect(&handle).await?;
    }
    Ok(One::new(channel_store::get(inbox, member, id).await?))
}

/// Remove a channel for good; its conversations stay. Needs `channels.manage`.
#[utoipa::path(delete, path = "/v1/channels/{id}", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    let handle = channel_store::handle(rest.inbox(), member, id).await?;
    channel_store::delete(rest.inbox(), member, id).await?;
    ChannelSetup::of(&rest).disconnect(&handle).await;
    Ok(NoContent)
}

/// Try the credentials again; answers the channel with its new status. Needs `channels.manage`.
#[utoipa::path(post, path = "/v1/channels/{id}/verify", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ChannelView>)))]
async fn verify(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<ChannelView>> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    ChannelSetup::of(&rest).connect(&channel_store::handle(rest.inbox(), member, id).await?).await?;
    Ok(One::new(channel_store::get(rest.inbox(), member, id).await?))
}

/// Ask the provider how the channel stands. Needs `channels.manage`.
#[utoipa::path(get, path = "/v1/channels/{id}/health", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ChannelHealth>)))]
async fn health(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<ChannelHealth>> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    let handle = channel_store::handle(rest.inbox(), member, id).await?;
    let channel = channel_store::get(rest.inbox(), member, id).await?;
    let alarms =
        Alarms { silent_since: channel.silent_since, receipts_missing_since: channel.receipts_missing_since };
    Ok(One::new(ChannelSetup::of(&rest).health(&handle, alarms).await))
}

/// What came to the channel and is in no conversation: while it was switched off, or unreadable. Needs
/// `channels.view`.
#[utoipa::path(get, path = "/v1/channels/{id}/unheard", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<Unheard>)))]
async fn unheard(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<Unheard>> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    Ok(One::new(channel_store::unheard(rest.inbox(), member, id).await?))
}

/// Tell the provider again where its webhooks go. Needs `channels.manage`.
#[utoipa::path(post, path = "/v1/channels/{id}/webhook", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<WebhookState>)))]
async fn webhook(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<WebhookState>> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    let handle = channel_store::handle(rest.inbox(), member, id).await?;
    Ok(One::new(ChannelSetup::of(&rest).register(&handle).await?))
}

/// Send one message through the channel, once, and answer what the provider made of it: also a refusal is a 200, with
/// `outcome` and `error`. It is in no conversation. Six a minute and channel. Needs `channels.manage`.
#[utoipa::path(post, path = "/v1/channels/{id}/test-message", tag = "channels", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = TestMessage, responses((status = 200, body = One<TestOutcome>)))]
async fn test_message(
    State(rest): State<Rest>,
    Authed(context): Authed,
    repeated: Option<Extension<Repeated>>,
    Path(id): Path<ChannelId>,
    Body(message): Body<TestMessage>,
) -> Answer<One<TestOutcome>> {
    let member = owner(rest.inbox(), &context, Owned::Channel, id.uuid()).await?;
    let handle = channel_store::handle(rest.inbox(), member, id).await?;
    rest.limiter().take("test_message", Who::Named(id.to_string()), TESTS).await.check()?;
    let message_id = repeated.map_or_else(MessageId::new, |Extension(Repeated(id))| MessageId(id));
    Ok(One::new(ChannelSetup::of(&rest).test(member, &handle, &message, message_id).await?))
}

/// The providers of this build: limits, abilities, and the JSON Schemas of their forms.
#[utoipa::path(get, path = "/v1/channel-providers", tag = "channels", security(("bearer" = [])),
    responses((status = 200, body = Many<Profile>)))]
async fn providers(_caller: Authed) -> Answer<Many<Profile>> {
    Ok(Many::all(channels::registry().profiles().cloned().collect()))
}
