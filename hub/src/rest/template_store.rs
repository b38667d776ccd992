//! Templates.

use axum::extract::State;
use inbox::{
    list::{Owned, owner},
    template_store::{self, NewTemplate, Preview, PreviewRequest, TemplateView, UpdateTemplate},
};
use model::{AccountId, TemplateId, template::FallbackStrategy};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Body, Created, Making, Many, NoContent, One, Path, Rest, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(categories))
        .routes(routes!(get, update, delete))
        .routes(routes!(preview))
        .routes(routes!(preview_text))
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
struct TextToPreview {
    account_id: Option<AccountId>,
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
    Authed(context): Authed,
    Body(text): Body<TextToPreview>,
) -> Answer<One<Preview>> {
    let member = context.acting_in(text.account_id)?;
    let fallback = text.fallback_strategy.unwrap_or(FallbackStrategy::KeepPlaceholder);
    let how = (fallback, &text.default_values);
    Ok(One::new(template_store::preview_text(rest.inbox(), member, &text.body, how, &text.asked).await?))
}
