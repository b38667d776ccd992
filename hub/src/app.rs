//! Everything that the hub answers by HTTP, put together.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
use model::Error;

use crate::{
    config::Roles,
    metrics, pages, realtime,
    rest::{self, ApiError, Beside, Rest, middleware},
    sandbox::{self, Desk},
};

/// What is asked of a hub that plays another role.
async fn nowhere() -> ApiError {
    ApiError(Error::not_found("address"))
}

/// What the roles answer, behind the one edge. Probes and metrics are always answered. Serve it with
/// [`crate::server::serve`].
pub fn app(rest: &Rest, sockets: &Arc<realtime::Hub>, roles: &Roles) -> Router {
    let tools = rest.tools();
    let desk = Desk::new(rest.inbox().clone(), tools.sandbox.clone(), tools.door.clone());
    let private = Router::from(sandbox::api::routes())
        .with_state(desk)
        .merge(Router::from(realtime::operator::routes()).with_state(Arc::clone(sockets)));
    let beside = Beside { private, public: Router::new() };
    let mut inside =
        if roles.api { rest::router(rest, beside).merge(pages::router(rest)) } else { rest::probes(rest) };
    if roles.webhooks {
        inside = inside.merge(webhooks::router(tools.door.clone()));
    }
    let inside = inside.merge(metrics::router(rest, sockets));
    let inside = if roles.api { inside.fallback(pages::fallback) } else { inside.fallback(nowhere) };
    // the edge must see a request before it is matched: it changes the path and answers preflights
    let edged =
        Router::new().fallback_service(inside).layer(from_fn_with_state(rest.clone(), middleware::edge));
    if roles.realtime { realtime::attach(edged, sockets) } else { edged }
}
