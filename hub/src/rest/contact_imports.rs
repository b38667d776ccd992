//! Imports of contacts.

use axum::{extract::State, response::Response};
use inbox::{
    contact_imports::{self, ImportPreview, ImportPreviewRequest, ImportView, NewImport},
    list::{Owned, owner},
};
use model::ImportId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Asked, Authed, Created, Making, Many, One, Path, Rest, group_messages::csv_file, lists::ListQuery,
};

pub(super) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(get))
        .routes(routes!(cancel))
        .routes(routes!(errors))
}

/// The imports of all accounts that one belongs to. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contact-imports", tag = "contacts", security(("bearer" = [])),
    params(ListQuery), responses((status = 200, body = Many<ImportView>)))]
async fn list(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Asked(params): Asked,
) -> Answer<Many<ImportView>> {
    Ok(contact_imports::list(rest.inbox(), &context, &params).await?.into())
}

/// Import contacts from an uploaded CSV file; it goes on in the background. `dry_run` looks at every row and writes
/// none. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contact-imports", tag = "contacts", security(("bearer" = [])),
    request_body = NewImport, responses((status = 201, body = One<ImportView>)))]
async fn create(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<NewImport>,
) -> Answer<Created<ImportView>> {
    Ok(Created::new(contact_imports::create(rest.inbox(), &member, &body).await?))
}

/// The columns of an uploaded file, what they most likely mean, and its first rows. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contact-imports/preview", tag = "contacts", security(("bearer" = [])),
    request_body = ImportPreviewRequest, responses((status = 200, body = One<ImportPreview>)))]
async fn preview(
    State(rest): State<Rest>,
    Making { member, body, .. }: Making<ImportPreviewRequest>,
) -> Answer<One<ImportPreview>> {
    Ok(One::new(contact_imports::preview(rest.inbox(), &member, body.upload_id).await?))
}

/// One import with its progress. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contact-imports/{id}", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ImportView>)))]
async fn get(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ImportId>,
) -> Answer<One<ImportView>> {
    let member = owner(rest.inbox(), &context, Owned::Import, id.uuid()).await?;
    Ok(One::new(contact_imports::get(rest.inbox(), member, id).await?))
}

/// Stop an import; what it has made stays. Needs `contacts.manage`.
#[utoipa::path(post, path = "/v1/contact-imports/{id}/cancel", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = One<ImportView>)))]
async fn cancel(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ImportId>,
) -> Answer<One<ImportView>> {
    let member = owner(rest.inbox(), &context, Owned::Import, id.uuid()).await?;
    Ok(One::new(contact_imports::cancel(rest.inbox(), member, id).await?))
}

/// The rows that were refused, with the reasons, as a CSV file; at most 10,000. Needs `contacts.view`.
#[utoipa::path(get, path = "/v1/contact-imports/{id}/errors.csv", tag = "contacts", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "one line for each row", content_type = "text/csv", body = String)))]
async fn errors(
    State(rest): State<Rest>,
    Authed(context): Authed,
    Path(id): Path<ImportId>,
) -> Answer<Response> {
    let member = owner(rest.inbox(), &context, Owned::Import, id.uuid()).await?;
    let _ = contact_imports::get(rest.inbox(), member, id).await?;
    let (inbox, account) = (rest.inbox().clone(), member.account_id());
    let lines = futures::stream::try_unfold(Some(0), move |after| {
        let inbox = inbox.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let (text, next) = contact_imports::errors_csv(&inbox, account, id, after).await?;
            Ok::<_, model::Error>(Some((text, next)))
        }
    });
    Ok(csv_file("errors", contact_imports::HEADER, lines))
}
