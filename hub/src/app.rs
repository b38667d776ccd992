//! Everything that the hub answers by HTTP, put together.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};

use crate::{
    metrics, pages, realtime,
    rest::{self, Beside, Rest, middleware},
    sandbox::{self, Desk},
};

/// REST, webhooks, pages and sockets behind the one edge. Serve it with [`crate::server::serve`].
pub fn app(rest: &Rest, sockets: &Arc<realtime::Hub>) -> Router {
    let tools = rest.tools();
    let desk = Desk::new(rest.inbox().clone(), tools.sandbox.clone(), tools.door.clone());
    let private = Router::from(sandbox::api::routes())
        .with_state(desk)
        .merge(Router::from(realtime::operator::routes()).with_state(Arc::clone(sockets)));
    let beside = Beside { private, public: Router::new() };
    let inside = rest::router(rest, beside)
        .merge(webhooks::router(tools.door.clone()))
        .merge(pages::router(rest))
        .merge(metrics::router(rest, sockets))
        .fallback(pages::fallback);
    // the edge must see a request before it is matched: it changes the path and answers preflights
    let edged =
        Router::new().fallback_service(inside).layer(from_fn_with_state(rest.clone(), middleware::edge));
    realtime::attach(edged, sockets)
}
