//! What is measured, for Prometheus: counted where it happens through the `metrics` crate, shown at
//! `/metrics`. Gauges are looked up when they are asked for.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use model::Error;
use subtle::ConstantTimeEq;

use crate::{
    config::MetricsToken,
    realtime,
    rest::{ApiError, Rest, middleware::ClientAddr},
};

/// Seconds: a command that answers from memory to one that is given up.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// How long the store may take to tell its queues.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process's recorder; where another is installed already nothing is counted.
static HANDLE: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder);
    match builder {
        Ok(handle) => {
            describe();
            Some(handle)
        }
        Err(error) => {
            tracing::error!(%error, "nothing can be measured");
            None
        }
    }
});

/// Begins to count. What is counted before is lost.
pub fn start() {
    LazyLock::force(&HANDLE);
}

/// Keeps what was recorded small while nobody asks for it; called every few seconds.
pub fn tidy() {
    if let Some(handle) = &*HANDLE {
        handle.run_upkeep();
    }
}

fn describe() {
    describe_counter!("turumba_socket_connects_total", "CONNECTs of a namespace, by what became of them");
    describe_histogram!("turumba_command_duration_seconds", "From a command's turn to its answer");
    describe_counter!("turumba_commands_total", "Commands answered; code is ok or the error's code");
    describe_counter!("turumba_commands_refused_total", "Commands not taken: too many, or no room");
    describe_counter!("turumba_events_delivered_total", "Events written to transports");
    describe_counter!("turumba_frames_dropped_total", "Volatile events that found no room");
    describe_histogram!("turumba_relay_lag_seconds", "From a transaction to its entry at this node");
    describe_histogram!("turumba_delivery_lag_seconds", "From an entry at this node to a transport");
    describe_counter!("turumba_resumes_total", "Readers of logs, by where they went on");
    describe_counter!("turumba_transport_kills_total", "Transports cut by the hub");
    describe_counter!("turumba_presence_edges_total", "Agents who came and went");
    describe_counter!("turumba_auth_refreshes_total", "Tokens renewed on live sockets");
    describe_counter!("turumba_dispatch_outcomes_total", "Attempts to deliver, by what became of them");
    describe_gauge!("turumba_sockets", "Live sockets by namespace and transport");
    describe_gauge!("turumba_socket_users", "Agents with a live socket at this node");
    describe_gauge!("turumba_socket_threads", "Threads that live sockets read, counted once for each");
    describe_gauge!("turumba_logs_open", "Logs kept in memory");
    describe_gauge!("turumba_sockets_unauthenticated", "Transports that have not authenticated");
    describe_gauge!("turumba_relay_waiting", "Events that the relay has not handed on, counted to 10,000");
    describe_gauge!("turumba_relay_oldest_seconds", "Age of the oldest of them");
    describe_gauge!("turumba_queue_waiting", "Work in queues and mailboxes");
    describe_gauge!("turumba_queue_parked", "Work that was given up on");
    describe_gauge!("turumba_webhooks_spooled", "Webhooks on this node's disk that the store has not got");
    describe_gauge!("turumba_live_up", "1 while other nodes are heard; absent without REDIS_URL");
    describe_counter!("turumba_live_received_total", "Pushes of other nodes");
    describe_counter!(
        "turumba_live_missed_total",
        "Looks into the store for pushes of others that may be lost"
    );
    describe_counter!("turumba_live_dropped_total", "Pushes to others that found no room");
    describe_counter!("turumba_live_connections_lost_total", "Connections to Redis that failed");
    describe_counter!("turumba_rates_alone_total", "Times that Redis could not count a rate in time");
    describe_gauge!("turumba_build_info", "1, with the version");
}

/// Who may look, and at what.
#[derive(Clone)]
struct Shown {
    rest: Rest,
    sockets: Arc<realtime::Hub>,
    token: Option<MetricsToken>,
}

/// `/metrics`.
pub fn router(rest: &Rest, sockets: &Arc<realtime::Hub>) -> Router {
    let token = rest.options().metrics_token.clone();
    Router::new().route("/metrics", get(show)).with_state(Shown {
        rest: rest.clone(),
        sockets: Arc::clone(sockets),
        token,
    })
}

async fn show(
    State(shown): State<Shown>,
    Extension(ClientAddr(address)): Extension<ClientAddr>,
    headers: HeaderMap,
) -> Response {
    if !may_look(shown.token.as_ref(), address, &headers) {
        let told = "send the token of metrics.token as Authorization: Bearer; without one only this machine may look";
        return ApiError(Error::forbidden(told)).into_response();
    }
    let Some(handle) = &*HANDLE else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    look(&shown).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

/// With a token whoever has it; without one this machine alone, and nothing that a proxy on it passes on.
fn may_look(token: Option<&MetricsToken>, address: IpAddr, headers: &HeaderMap) -> bool {
    match token {
        Some(token) => headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .is_some_and(|given| given.as_bytes().ct_eq(token.as_bytes()).into()),
        None => {
            let passed_on = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
            address.is_loopback() && !passed_on.iter().any(|name| headers.contains_key(*name))
        }
    }
}

/// Reads the gauges.
async fn look(shown: &Shown) {
    gauge!("turumba_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    shown.sockets.gauge();
    gauge!("turumba_webhooks_spooled").set(shown.rest.tools().door.spooled() as f64);
    let store = shown.rest.inbox().store();
    let asked = async { tokio::try_join!(bus::relay::lag(store), bus::queue::depths(store)) };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok((lag, depths))) => {
            let age = lag.oldest.map_or(0, |oldest| (shown.rest.inbox().now() - oldest).num_milliseconds());
            gauge!("turumba_relay_waiting").set(lag.waiting as f64);
            gauge!("turumba_relay_oldest_seconds").set(age.max(0) as f64 / 1000.0);
            for depth in depths {
                gauge!("turumba_queue_waiting", "queue" => depth.queue.clone()).set(depth.waiting as f64);
                gauge!("turumba_queue_parked", "queue" => depth.queue).set(depth.parked as f64);
            }
        }
        Ok(Err(fault)) => tracing::warn!(%fault, "the queues cannot be counted"),
        Err(_) => tracing::warn!("the queues could not be counted in time"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::Setting as _;

    #[test]
    fn this_machine_or_whoever_has_the_token_may_look() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        let none = HeaderMap::new();
        assert!(may_look(None, here, &none));
        assert!(!may_look(None, there, &none));
        let proxied = HeaderMap::from_iter([(
            "x-forwarded-for".parse().unwrap(),
            HeaderValue::from_static("127.0.0.1"),
        )]);
        assert!(!may_look(None, here, &proxied), "a proxy on this machine passed it on");
        let token = MetricsToken::from_text("0123456789abcdef").unwrap();
        let with = |text: &'static str| {
            HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(text))])
        };
        assert!(may_look(Some(&token), there, &with("Bearer 0123456789abcdef")));
        assert!(!may_look(Some(&token), here, &none));
        assert!(!may_look(Some(&token), here, &with("Bearer 0123456789abcdee")));
    }
}
