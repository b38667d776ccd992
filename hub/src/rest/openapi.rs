//! The OpenAPI 3.1 document, made of the handlers' own annotations.

use std::collections::HashSet;

use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::{
        self, Components, ContentBuilder, Info, Ref, RefOr, ResponseBuilder,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use super::{Rest, envelope::Failure};
use crate::shapes;

#[derive(OpenApi)]
#[openapi(components(schemas(Failure)))]
struct Base;

/// A router whose document has what belongs to all operations.
pub(super) fn base() -> OpenApiRouter<Rest> {
    OpenApiRouter::with_openapi(Base::openapi())
}

/// Adds what every operation has: who may call it, and how it fails.
pub(super) fn finished(mut document: openapi::OpenApi) -> Value {
    let mut info = Info::new("Turumba", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Conversations with customers over any channel. Every answer has one envelope; lists take \
         filter=field:op:value, sort=field:order, skip, limit and cursor; POSTs take an Idempotency-Key."
            .to_owned(),
    );
    document.info = info;
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let failed = ResponseBuilder::new()
        .description("Refused or failed; `error` says why")
        .content(
            "application/json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Failure"))).build(),
        )
        .build();
    let mut ids = HashSet::new();
    for item in document.paths.paths.values_mut() {
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("put", &mut item.put),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            operation.responses.responses.insert("default".to_owned(), RefOr::T(failed.clone()));
            // handlers are named by what they do; the document needs names that are unique
            let tag = operation.tags.iter().flatten().next().map(|tag| tag.replace(' ', "_"));
            let name = operation.operation_id.take().unwrap_or_default();
            let mut id = match tag {
                Some(tag) if !name.starts_with(&tag) => format!("{tag}_{name}"),
                _ => name,
            };
            while !ids.insert(id.clone()) {
                id = format!("{id}_{method}");
            }
            operation.operation_id = Some(id);
        }
    }
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let requests: Vec<Value> = document["paths"]
        .as_object()
        .into_iter()
        .flat_map(|paths| paths.values().filter_map(Value::as_object))
        .flat_map(|item| {
            item.values().flat_map(|operation| [&operation["requestBody"], &operation["parameters"]])
        })
        .cloned()
        .collect();
    shapes::complete(&mut document, &requests);
    document
}
