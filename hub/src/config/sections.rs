//! Every setting that belongs to a part of the hub, with its unit, default and range.
//!
//! A field here is all there is to do for a new setting: its key in the file, its variable, its check and its line in
//! `turumba config` follow.

use std::{path::PathBuf, time::Duration};

use super::{
    layers::Layers,
    value::{Bytes, LogFilter, LogFormat, MetricsToken},
};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

const fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

const fn hours(n: u64) -> Duration {
    Duration::from_hours(n)
}

const fn days(n: u64) -> Duration {
    Duration::from_hours(24 * n)
}

macro_rules! sections {
    ($(
        $(#[doc = $about:literal])+
        $section:ident $name:literal {
            $( $(#[doc = $docs:literal])+ $field:ident : $kind:ty = $default:expr $(, $range:expr)? ; )+
        }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $section {
            $( $(#[doc = $docs])+ pub $field: $kind, )+
        }

        impl $section {
            pub(super) fn read(layers: &mut Layers) -> Self {
                Self {
                    $( $field: take!(
                        layers, concat!($name, ".", stringify!($field)), concat!($($docs),+), $default $(, $range)?
                    ), )+
                }
            }
        }
    )+};
}

macro_rules! take {
    ($layers:ident, $key:expr, $docs:expr, $default:expr) => {
        $layers.take_any($key, $docs, $default)
    };
    ($layers:ident, $key:expr, $docs:expr, $default:expr, $range:expr) => {
        $layers.take($key, $docs, $default, Some($range))
    };
}

sections! {
    /// What is logged, to standard error.
    Log "log" {
        /// Which lines: a level, or levels by module.
        level: LogFilter = LogFilter("info,sqlx=warn".to_owned());
        /// For people or for machines.
        format: LogFormat = LogFormat::Text;
    }

    /// Connections to the database, per hub.
    Database "database" {
        /// Connections for requests and sockets.
        app_connections: u32 = 16, 2..=500;
        /// Connections for workers.
        system_connections: u32 = 10, 2..=500;
        /// How long a request waits for a free connection before it is answered 503.
        acquire_timeout: Duration = s(5), ms(100)..=s(120);
        /// The longest that one statement may take.
        statement_timeout: Duration = s(30), ms(100)..=s(3600);
        /// How old a list may be that is read from the replica.
        replica_max_lag: Duration = s(1), ms(100)..=s(60);
    }

    /// The REST API.
    Http "http" {
        /// The largest body of a request, uploads and webhooks apart.
        body_max: Bytes = Bytes::mib(1), Bytes::kib(16)..=Bytes::mib(64);
        /// How long a request may take.
        request_timeout: Duration = s(30), s(1)..=s(600);
        /// How long the answer to an Idempotency-Key is kept.
        idempotency_keys: Duration = hours(24), hours(1)..=days(30);
    }

    /// Requests from providers.
    Webhooks "webhooks" {
        /// The largest body that is accepted; mails may have 42 MiB.
        body_max: Bytes = Bytes::mib(5), Bytes::kib(64)..=Bytes::mib(64);
        /// Disk that bodies may take while the database is away; a tenth of it for those not yet verified.
        spool_max: Bytes = Bytes::mib(256), Bytes::mib(1)..=Bytes(1 << 40);
    }

    /// How often things may be asked.
    Limits "limits" {
        /// Attempts to log in, refresh or reset, per client address and minute.
        auth_per_minute: u32 = 30, 1..=1_000_000;
        /// Failed log-ins of one e-mail address per 15 minutes, after which it waits.
        login_failures: u32 = 10, 1..=1_000_000;
        /// Requests of the REST API per key or user and minute.
        api_per_minute: u32 = 6000, 1..=10_000_000;
        /// Requests to webhooks per channel and second.
        webhooks_per_second: u32 = 2000, 1..=1_000_000;
        /// Reads of a web chat's public settings per client address and minute; of one web chat in all, 100 times that.
        chat_config_per_minute: u32 = 60, 1..=1_000_000;
        /// New visitor sessions per client address and minute; of one web chat in all, 100 times that.
        visitor_sessions_per_minute: u32 = 600, 1..=1_000_000;
        /// MiB of files that visitors may announce per client address and hour; of one web chat in all, 100 times that.
        visitor_upload_mib_per_hour: u32 = 256, 1..=1_000_000;
        /// Requests for files that were sent as links, per client address and minute; for one link, of all addresses, 10 times that.
        file_links_per_minute: u32 = 120, 1..=1_000_000;
    }

    /// Tokens and passwords.
    Auth "auth" {
        /// Life of an access token.
        access_token: Duration = s(900), s(5)..=hours(24);
        /// Life of a refresh token; each use renews it.
        refresh_token: Duration = days(30), s(60)..=days(365);
        /// Life of a visitor's token.
        visitor_token: Duration = hours(1), s(5)..=days(30);
    }

    /// Sockets of agents and visitors.
    Sockets "sockets" {
        /// Whether the polling transport is offered beside websocket.
        polling: bool = true;
        /// The largest packet, on both transports.
        packet_max: Bytes = Bytes::kib(128), Bytes::kib(1)..=Bytes::mib(16);
        /// From the transport to the namespace.
        connect_timeout: Duration = s(10), ms(100)..=s(120);
        /// Between pings.
        ping_interval: Duration = s(25), ms(100)..=s(300);
        /// How long a ping may stay unanswered.
        ping_timeout: Duration = s(20), ms(100)..=s(300);
        /// Commands of one socket per second, typing apart.
        commands_per_second: u32 = 6, 1..=1_000_000;
        /// Commands of one socket at once.
        commands_burst: u32 = 30, 1..=1_000_000;
        /// Commands of one socket that wait; then its reading stops.
        commands_waiting: u32 = 64, 1..=10_000;
        /// How long a command may take.
        command_deadline: Duration = s(10), ms(100)..=s(120);
        /// Sockets per client address that have not authenticated.
        unauthenticated_per_address: u32 = 200, 1..=1_000_000;
        /// Sockets per user.
        per_user: u32 = 20, 1..=1_000_000;
        /// Sockets of this hub; above, connecting is answered 503.
        total: u32 = 100_000, 1..=10_000_000;
        /// Conversations that one socket has joined.
        joined: u32 = 50, 1..=10_000;
        /// A client that reads nothing for so long is cut.
        stalled: Duration = s(30), s(1)..=s(600);
        /// A client may resume within this time.
        replay_age: Duration = hours(24), s(60)..=days(30);
        /// A client may resume within this many entries that it may see.
        replay_entries: u32 = 100_000, 100..=10_000_000;
        /// At least so often a reader is told its position in the feed.
        position_every: Duration = s(5), ms(100)..=s(60);
    }

    /// Who is there.
    Presence "presence" {
        /// From an agent's last connection to being shown as gone.
        agent_grace: Duration = s(10), ms(0)..=s(600);
        /// An agent gone for so long gives back conversations whose last word is the customer's.
        offline_after: Duration = s(60), ms(100)..=hours(24);
    }

    /// Files that people send.
    Uploads "uploads" {
        /// The largest file.
        max: Bytes = Bytes::mib(10), Bytes::kib(1)..=Bytes(1 << 40);
        /// How long an upload may take from its request to its end.
        expires: Duration = hours(1), s(60)..=days(7);
        /// How long a link opens a file that its channel did not carry.
        link_life: Duration = days(30), hours(1)..=days(365);
    }

    /// Sending to providers.
    Dispatch "dispatch" {
        /// Requests to providers at the same time.
        concurrency: u32 = 64, 1..=10_000;
        /// How long a worker owns a send; its requests to the provider end 45 s before.
        lease: Duration = s(90), s(60)..=s(900);
        /// A reply that could not be sent for so long has failed.
        reply_max_age: Duration = s(900), s(1)..=days(7);
    }

    /// How long things are kept.
    Retention "retention" {
        /// Entries of the event log.
        events: Duration = days(90), days(1)..=days(3650);
        /// Bodies of webhooks.
        webhook_bodies: Duration = days(30), hours(1)..=days(3650);
        /// Providers' message ids, by which duplicates are known.
        provider_ids: Duration = days(90), days(1)..=days(3650);
        /// Records of attempts to send, with the redacted requests to providers.
        exchanges: Duration = days(7), hours(1)..=days(3650);
    }

    /// Copies of everything, made by the hub itself.
    Backup "backup" {
        /// How often one is made; 0s makes none.
        every: Duration = s(0), ms(0)..=days(365);
        /// The folder for them, instead of backups in the data directory.
        folder: Option<PathBuf> = None;
        /// How many are kept; older ones are removed.
        keep: u32 = 7, 1..=10_000;
    }

    /// What is measured.
    Metrics "metrics" {
        /// Whoever sends it as a bearer may read /metrics; without one, only this machine.
        token: Option<MetricsToken> = None;
    }

    /// Stopping.
    Drain "drain" {
        /// Connections are closed spread over this time.
        window: Duration = s(10), ms(0)..=s(600);
    }
}
