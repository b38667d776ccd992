//! What the socket layer counts. Names and labels are bounded: no id, no name that a client makes up.

use std::{sync::LazyLock, time::Duration};

use metrics::{Counter, counter, histogram};

use super::{entry::LogKey, refusal::Refusal};

/// A client asked for a namespace.
pub fn connected(namespace: &'static str, refused: Option<Refusal>) {
    let result = refused.map_or_else(|| "accepted".to_owned(), |refusal| refusal.to_string());
    counter!("turumba_socket_connects_total", "namespace" => namespace, "result" => result).increment(1);
}

/// A command was answered. `name`: one of ours, or `unknown`.
pub fn command(namespace: &'static str, name: &'static str, code: &'static str, took: Duration) {
    let labels = [("namespace", namespace), ("command", name)];
    histogram!("turumba_command_duration_seconds", &labels).record(took);
    let labels = [("namespace", namespace), ("command", name), ("code", code)];
    counter!("turumba_commands_total", &labels).increment(1);
}

/// A command was not taken, for `rate`. A full inbox refuses none: its client is not read meanwhile.
pub fn refused(reason: &'static str) {
    counter!("turumba_commands_refused_total", "reason" => reason).increment(1);
}

/// What is written most is looked up once.
struct Delivered {
    feed: Counter,
    thread: Counter,
    volatile: Counter,
}

static DELIVERED: LazyLock<Delivered> = LazyLock::new(|| {
    let kind = |kind| counter!("turumba_events_delivered_total", "kind" => kind);
    Delivered { feed: kind("feed"), thread: kind("thread"), volatile: kind("volatile") }
});

/// Entries of a log went into transports.
pub fn delivered(key: LogKey, count: u64) {
    match key {
        LogKey::Feed(_) => DELIVERED.feed.increment(count),
        LogKey::Thread(_) => DELIVERED.thread.increment(count),
    }
}

/// Something volatile went into a transport.
pub fn told() {
    DELIVERED.volatile.increment(1);
}

/// Something volatile found no room and was dropped.
pub fn dropped() {
    counter!("turumba_frames_dropped_total").increment(1);
}

/// From an entry's transaction to its arrival at this node.
pub fn relayed(lag: Duration) {
    histogram!("turumba_relay_lag_seconds").record(lag);
}

/// From an entry's arrival at this node to a transport, of a sample of batches.
pub fn delivery_lag(lag: Duration) {
    static LAG: LazyLock<metrics::Histogram> = LazyLock::new(|| histogram!("turumba_delivery_lag_seconds"));
    LAG.record(lag);
}

/// Where a reader went on: `fresh`, `ring`, `store` or `reset`.
pub fn resumed(key: LogKey, source: &'static str) {
    let log = match key {
        LogKey::Feed(_) => "feed",
        LogKey::Thread(_) => "thread",
    };
    counter!("turumba_resumes_total", "log" => log, "source" => source).increment(1);
}

/// A transport was cut: `stall`, `flood` or `drain`.
pub fn killed(reason: &'static str) {
    counter!("turumba_transport_kills_total", "reason" => reason).increment(1);
}

/// An agent's first socket, or the end of the last one.
pub fn presence_edge(up: bool) {
    let edge = if up { "up" } else { "down" };
    counter!("turumba_presence_edges_total", "edge" => edge).increment(1);
}

/// A socket took a newer token.
pub fn refreshed(namespace: &'static str) {
    counter!("turumba_auth_refreshes_total", "namespace" => namespace).increment(1);
}
