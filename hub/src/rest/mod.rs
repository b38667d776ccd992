//! The REST API: one envelope, one edge, and a file for every kind of thing.
//!
//! A handler takes who asks ([`extract::Authed`], [`extract::Here`] or [`extract::Making`]), runs one
//! command of `inbox` and returns an [`envelope`]. Its `#[utoipa::path]` is its place in the OpenAPI
//! document; a route without one does not exist.

pub mod accounts;
pub mod api_keys;
pub mod auth;
pub mod bot_rules;
pub mod canned;
pub mod channel_store;
pub mod contact_imports;
pub mod contacts;
pub mod conversations;
pub mod docs_page;
pub mod envelope;
pub mod extract;
pub mod group_messages;
pub mod groups;
pub mod health;
pub mod idempotency;
pub mod identifiers;
pub mod labels;
pub mod limits;
pub mod lists;
pub mod memberships;
pub mod messages;
pub mod middleware;
pub mod openapi;
pub mod persons;
pub mod preferences;
pub mod roles;
pub mod schedules;
pub mod segments;
pub mod sending_limits;
pub mod setup;
pub mod suppressions;
pub mod teams;
pub mod template_store;
pub mod uploads;
pub mod users;
pub mod webchat_public;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn, middleware::from_fn_with_state};
use inbox::Inbox;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

pub use envelope::{Answer, ApiError, Created, Many, NoContent, One};
pub use extract::{Asked, Authed, Body, Here, Making, Path};
use limits::Limiter;

use crate::{
    config::{MetricsToken, Networks},
    demo::Demo,
    nodes::Nodes,
};

/// Settings of the REST API.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the hub listens: a demo's password opens nothing on an address that others can reach.
    pub listen: std::net::SocketAddr,
    /// Largest body of a request, in bytes; uploads and webhooks have their own.
    pub body_max: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long first answers to an `Idempotency-Key` are kept.
    pub idempotency_keys: Duration,
    /// Attempts to sign in or refresh, per client address and minute.
    pub auth_per_minute: u32,
    /// Failed sign-ins of one e-mail address per 15 minutes.
    pub login_failures: u32,
    /// Requests per credential and minute.
    pub api_per_minute: u32,
    /// Reads of a web chat's settings, per client address and minute.
    pub chat_config_per_minute: u32,
    /// New visitor sessions, per client address and minute.
    pub visitor_sessions_per_minute: u32,
    /// MiB of files that visitors may announce, per client address and hour.
    pub visitor_upload_mib_per_hour: u32,
    /// Requests for files that were sent as links, per client address and minute.
    pub file_links_per_minute: u32,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Networks,
    /// Opens `/metrics` to other machines.
    pub metrics_token: Option<MetricsToken>,
}

impl From<&crate::config::Config> for Options {
    fn from(config: &crate::config::Config) -> Self {
        Self {
            listen: config.listen,
            body_max: usize::try_from(config.http.body_max.0).unwrap_or(usize::MAX),
            request_timeout: config.http.request_timeout,
            idempotency_keys: config.http.idempotency_keys,
            auth_per_minute: config.limits.auth_per_minute,
            login_failures: config.limits.login_failures,
            api_per_minute: config.limits.api_per_minute,
            chat_config_per_minute: config.limits.chat_config_per_minute,
            visitor_sessions_per_minute: config.limits.visitor_sessions_per_minute,
            visitor_upload_mib_per_hour: config.limits.visitor_upload_mib_per_hour,
            file_links_per_minute: config.limits.file_links_per_minute,
            trusted_proxies: config.trusted_proxies.clone(),
            metrics_token: config.metrics.token.clone(),
        }
    }
}

/// What reaches out of the hub on behalf of a request: verifying a channel, telling a provider its address.
#[derive(Clone)]
pub struct Tools {
    pub http: outbound::Client,
    pub sandbox: channels::SandboxSwitch,
    pub door: webhooks::Door,
}

struct Inner {
    inbox: Inbox,
    options: Options,
    tools: Tools,
    /// Set once, when a demo was made or found.
    demo: OnceLock<Demo>,
    nodes: Nodes,
    limiter: Limiter,
    draining: CancellationToken,
}

/// What handlers stand on. Cheap to clone.
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

impl Rest {
    /// `draining`: cancelled when the hub has begun to stop.
    pub fn new(
        inbox: Inbox,
        options: Options,
        tools: Tools,
        nodes: Nodes,
        draining: CancellationToken,
    ) -> Self {
        let (demo, limiter) = (OnceLock::new(), Limiter::new(Arc::clone(&nodes.buckets)));
        Self(Arc::new(Inner { inbox, options, tools, demo, nodes, limiter, draining }))
    }

    pub fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }

    pub fn options(&self) -> &Options {
        &self.0.options
    }

    pub fn tools(&self) -> &Tools {
        &self.0.tools
    }

    /// The demo that this hub shows to whoever opens its pages.
    pub fn demo(&self) -> Option<&Demo> {
        self.0.demo.get()
    }

    /// Shows the demo from now on.
    pub fn show_demo(&self, demo: Demo) {
        // there is one demo in a store: a second call says the same
        let _ = self.0.demo.set(demo);
    }

    /// What joins this hub with others.
    pub fn nodes(&self) -> &Nodes {
        &self.0.nodes
    }

    pub fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }
}

/// Operations that need nobody to be signed in.
fn public() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .merge(auth::public())
        .merge(setup::routes())
        .merge(health::routes())
        .merge(uploads::public())
        .merge(webchat_public::public())
}

/// Operations of signed-in people and API keys.
fn private() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(accounts::routes())
        .merge(users::routes())
        .merge(roles::routes())
        .merge(memberships::routes())
        .merge(api_keys::routes())
        .merge(bot_rules::routes())
        .merge(canned::routes())
        .merge(channel_store::routes())
        .merge(contact_imports::routes())
        .merge(contacts::routes())
        .merge(conversations::routes())
        .merge(group_messages::routes())
        .merge(groups::routes())
        .merge(identifiers::routes())
        .merge(labels::routes())
        .merge(messages::routes())
        .merge(persons::routes())
        .merge(preferences::routes())
        .merge(schedules::routes())
        .merge(segments::routes())
        .merge(sending_limits::routes())
        .merge(suppressions::routes())
        .merge(teams::routes())
        .merge(template_store::routes())
        .merge(uploads::routes())
}

/// Further operations that stand on something of their own; the edge's rules hold for them too.
#[derive(Default)]
pub struct Beside {
    /// For signed-in people and API keys.
    pub private: Router,
    pub public: Router,
}

/// The OpenAPI document of all operations.
pub fn document() -> serde_json::Value {
    let (_, mut document) = openapi::base().merge(public()).merge(private()).split_for_parts();
    document.merge(crate::sandbox::api::routes().split_for_parts().1);
    document.merge(crate::realtime::operator::routes().split_for_parts().1);
    openapi::finished(document)
}

/// Whether the hub lives and can work, and nothing else.
pub fn probes(rest: &Rest) -> Router {
    Router::from(health::routes()).with_state(rest.clone())
}

/// All operations, the document and its reading page. The edge ([`middleware::edge`]) goes around it.
pub fn router(rest: &Rest, beside: Beside) -> Router {
    let private: Router = Router::from(private()).with_state(rest.clone()).merge(beside.private);
    let private = private
        .route_layer(from_fn_with_state(rest.clone(), idempotency::once))
        .route_layer(from_fn(middleware::require_caller));
    let public: Router =
        Router::from(public()).merge(docs_page::routes()).with_state(rest.clone()).merge(beside.public);
    public.merge(private).layer(DefaultBodyLimit::max(rest.options().body_max))
}
