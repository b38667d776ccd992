//! Templates.

use axum::extract::State;
use inbox::{
    channel_store,
    group_messages::{
        NewGroupMessage,
        estimate::{self, Estimate},
    },
    list::{Owned, owner},
    template_approval::{self, TemplatesSynced},
    template_store::{self, NewTemplate, Preview, PreviewRequest, TemplateView, UpdateTemplate},
};
use model::{ChannelId, TemplateId, template::FallbackStrategy};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};
use crate::channel_setup::ChannelSetup;

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(categories))
        .routes(routes!(get, update, delete))
        .routes(routes!(preview))
        .routes(routes!(preview_text))
        .routes(routes!(submit))
        .routes(routes!(sync))
        .routes(routes!(dry_run))
}

/// The templates of all accounts that one belongs to. Needs `templates.view`.
#[utoipa::path(get, path = "/v1/templates", tag = "templates", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<TemplateView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<TemplateView>> {
    Ok(template_store::list(rest.inbox(), &context, &params).await?.into())
}

/// Make a template; a mistake in its body is refused with its place. Needs `templates.manage`.
#[utoipa::path(post, path = "/v1/templates", tag = "templates", security(("bearer" = [])),
    request_body = NewTemplate, responses((status = 201, body = One<TemplateView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewTemplate>,
) -> Answer<Created<TemplateView>> {
    Ok(Created::new(template_store::create(rest.inbox(), &member, &body).await?))
}

/// One template. Needs `templates.view`.
#[utoipa::path(get, path = "/v1/templates/{id}", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<TemplateView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TemplateId>,
) -> Answer<One<TemplateView>> {
    let member = owner(rest.inbox(), &context, Owned::Template, id.uuid()).await?;
    Ok(One::new(template_store::get(rest.inbox(), member, id).await?))
}

/// Change a template; what is absent stays. Needs `templates.manage`.
#[utoipa::path(method(patch, put), path = "/v1/templates/{id}", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = UpdateTemplate, responses((status = 200, body = One<TemplateView>)))]
async fn update(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TemplateId>,
    Body(change): Body<UpdateTemplate>,
) -> Answer<One<TemplateView>> {
    let member = owner(rest.inbox(), &context, Owned::Template, id.uuid()).await?;
    Ok(One::new(template_store::update(rest.inbox(), member, id, &change).await?))
}

/// Remove a template; 409 while a bot rule answers with it. Needs `templates.manage`.
#[utoipa::path(delete, path = "/v1/templates/{id}", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
async fn delete(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TemplateId>,
) -> Answer<NoContent> {
    let member = owner(rest.inbox(), &context, Owned::Template, id.uuid()).await?;
    template_store::delete(rest.inbox(), member, id).await?;
    Ok(NoContent)
}

/// The categories in use. Needs `templates.view`.
#[utoipa::path(get, path = "/v1/templates/categories", tag = "templates", security(("bearer" = [])),
    responses((status = 200, body = Many<String>)))]
async fn categories(State(rest): State<Rest>, Authed(context): Authed) -> Answer<Many<String>> {
    Ok(Many::all(template_store::categories(rest.inbox(), &context).await?))
}

/// Look at a template, filled in for a contact or with made-up values. Needs `templates.view`.
#[utoipa::path(post, path = "/v1/templates/{id}/preview", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = PreviewRequest,
    responses((status = 200, body = One<Preview>)))]
async fn preview(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TemplateId>,
    Body(asked): Body<PreviewRequest>,
) -> Answer<One<Preview>> {
    let member = owner(rest.inbox(), &context, Owned::Template, id.uuid()).await?;
    Ok(One::new(template_store::preview(rest.inbox(), member, id, &asked).await?))
}

/// A text to look at before it is stored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TextToPreview {
    body: String,
    fallback_strategy: Option<FallbackStrategy>,
    #[serde(default)]
    default_values: Map<String, Value>,
    #[serde(flatten)]
    asked: PreviewRequest,
}

/// Look at a text as a template would fill it in, without storing it. Needs `templates.view`.
#[utoipa::path(post, path = "/v1/templates/preview", tag = "templates", security(("bearer" = [])),
    request_body = TextToPreview, responses((status = 200, body = One<Preview>)))]
async fn preview_text(
    State(rest): State<Rest>,
    Making { member, body: text, .. }: Making<TextToPreview>,
) -> Answer<One<Preview>> {
    let fallback = text.fallback_strategy.unwrap_or(FallbackStrategy::KeepPlaceholder);
    let how = (fallback, &text.default_values);
    Ok(One::new(template_store::preview_text(rest.inbox(), &member, &text.body, how, &text.asked).await?))
}

/// Where a template is to be approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Submission {
    channel_id: ChannelId,
}

/// Hand a template in at the provider of a channel, for its approval. Needs `templates.manage` and
/// `channels.manage`.
#[utoipa::path(post, path = "/v1/templates/{id}/submit", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = Submission,
    responses((status = 200, body = One<TemplateView>)))]
async fn submit(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TemplateId>,
    Body(submission): Body<Submission>,
) -> Answer<One<TemplateView>> {
    let inbox = rest.inbox();
    let member = owner(inbox, &context, Owned::Template, id.uuid()).await?;
    member.require(model::Permission::TemplatesManage)?;
    let template = template_store::get(inbox, member, id).await?;
    let handle = channel_store::handle(inbox, member, submission.channel_id).await?;
    let handed_in = ChannelSetup::of(&rest).hand_in(&handle, &template).await?;
    let news = (handed_in.external_id.as_str(), handed_in.status.as_str());
    Ok(One::new(template_approval::handed_in(inbox, member, id, news).await?))
}

/// Take over the templates that the provider keeps for a channel, with their approval. Needs
/// `templates.manage` and `channels.manage`.
#[utoipa::path(post, path = "/v1/channels/{id}/templates/sync", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<TemplatesSynced>)))]
async fn sync(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ChannelId>,
) -> Answer<One<TemplatesSynced>> {
    let inbox = rest.inbox();
    let member = owner(inbox, &context, Owned::Channel, id.uuid()).await?;
    member.require(model::Permission::TemplatesManage)?;
    let handle = channel_store::handle(inbox, member, id).await?;
    let found = ChannelSetup::of(&rest).templates(&handle).await?;
    Ok(One::new(template_approval::sync(inbox, member, handle.channel_type, &found).await?))
}

/// A template tried on an audience: how often each variable has a value, who would be skipped and why. Nothing is
/// sent. Needs `messages.view` and `contacts.view`.
#[utoipa::path(post, path = "/v1/templates/{id}/dry-run", tag = "templates", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = NewGroupMessage, responses((status = 200, body = One<Estimate>)))]
async fn dry_run(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<TemplateId>,
    Body(asked): Body<NewGroupMessage>,
) -> Answer<One<Estimate>> {
    let member = owner(rest.inbox(), &context, Owned::Template, id.uuid()).await?;
    let asked = NewGroupMessage { template_id: Some(id), ..asked };
    Ok(One::new(estimate::estimate(rest.inbox(), member, &asked).await?))
}
