//! Messages: single sends, lists, details, and a look at a text before it is sent.

use axum::{Extension, extract::State};
use inbox::{
    list::{Owned, owner, threads},
    messages::{self, AttemptView, NewSingle},
    template_store::{self, Preview, PreviewRequest},
};
use model::{ContactId, Error, MessageId, TemplateId, template::FallbackStrategy, view::MessageView};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Created, Making, Many, One, Path, Rest, idempotency::Repeated, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(render))
        .routes(routes!(get))
        .routes(routes!(attempts))
        .routes(routes!(retry))
        .routes(routes!(cancel))
}

/// The messages that one may see, newest first; notes only with `notes.view`. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/messages", tag = "messages", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<MessageView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<MessageView>> {
    Ok(threads::messages(rest.inbox(), &context, &params).await?.into())
}

/// Send one message to one address, from a text or a template; rendered now, sent soon. Needs
/// `messages.send`.
#[utoipa::path(post, path = "/v1/messages", tag = "messages", security(("bearer" = [])),
    request_body = NewSingle, responses((status = 201, body = One<MessageView>)))]
async fn create(
    State(rest): State<Rest>,
    repeated: Option<Extension<Repeated>>,
    Making { member, mut body, .. }: Making<NewSingle>,
) -> Answer<Created<MessageView>> {
    body.client_message_id = body.client_message_id.or(repeated.map(|Extension(Repeated(id))| id));
    Ok(Created::new(messages::create_single(rest.inbox(), &member, body).await?))
}

/// A text or a template to fill in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenderRequest {
    /// Either this or `template_id`.
    #[serde(alias = "content", alias = "body")]
    message_body: Option<String>,
    template_id: Option<TemplateId>,
    /// Made-up values without one.
    contact_id: Option<ContactId>,
    #[serde(default)]
    #[schema(value_type = Object)]
    custom_values: Map<String, Value>,
    /// For a `message_body`; `keep_placeholder` unless given.
    fallback_strategy: Option<FallbackStrategy>,
    #[serde(default)]
    #[schema(value_type = Object)]
    default_values: Map<String, Value>,
}

/// Fill in a text without sending it. Needs `templates.view`.
#[utoipa::path(post, path = "/v1/messages/render", tag = "messages", security(("bearer" = [])),
    request_body = RenderRequest, responses((status = 200, body = One<Preview>)))]
async fn render(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<RenderRequest>,
) -> Answer<One<Preview>> {
    let inbox = rest.inbox();
    let asked = PreviewRequest { contact_id: body.contact_id, custom_values: body.custom_values };
    let shown = match (body.message_body, body.template_id) {
        (None, Some(id)) => template_store::preview(inbox, &member, id, &asked).await?,
        (Some(text), None) => {
            let fallback = body.fallback_strategy.unwrap_or(FallbackStrategy::KeepPlaceholder);
            let how = (fallback, &body.default_values);
            template_store::preview_text(inbox, &member, &text, how, &asked).await?
        }
        _ => {
            return Err(Error::invalid("message_body", "give either message_body or template_id").into());
        }
    };
    Ok(One::new(shown))
}

/// One message. Needs `messages.view`.
#[utoipa::path(get, path = "/v1/messages/{id}", tag = "messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<MessageView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<MessageId>,
) -> Answer<One<MessageView>> {
    let member = owner(rest.inbox(), &context, Owned::Message, id.uuid()).await?;
    Ok(One::new(messages::get(rest.inbox(), member, id).await?))
}

/// What was told to the provider and what it answered, for each attempt to deliver the message, newest first; secrets
/// are masked, bodies cut to two kilobytes. Kept for `retention.exchanges` (seven days). Needs `channels.manage` and
/// `messages.view`.
#[utoipa::path(get, path = "/v1/messages/{id}/attempts", tag = "messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Many<AttemptView>)))]
async fn attempts(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<MessageId>,
) -> Answer<Many<AttemptView>> {
    let member = owner(rest.inbox(), &context, Owned::Message, id.uuid()).await?;
    Ok(Many::all(messages::attempts(rest.inbox(), member, id).await?))
}

/// Try a failed message again, or one of which nobody knows whether it was sent. Needs
/// `conversations.reply`.
#[utoipa::path(post, path = "/v1/messages/{id}/retry", tag = "messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<MessageView>)))]
async fn retry(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<MessageId>,
) -> Answer<One<MessageView>> {
    let member = owner(rest.inbox(), &context, Owned::Message, id.uuid()).await?;
    Ok(One::new(messages::retry(rest.inbox(), member, id).await?))
}

/// Take back a message that waits for its time. Needs `conversations.reply`.
#[utoipa::path(post, path = "/v1/messages/{id}/cancel", tag = "messages", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<MessageView>)))]
async fn cancel(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<MessageId>,
) -> Answer<One<MessageView>> {
    let member = owner(rest.inbox(), &context, Owned::Message, id.uuid()).await?;
    Ok(One::new(messages::cancel(rest.inbox(), member, id).await?))
}
