//! Connections to Redis. Each is used until anything goes wrong with it and then thrown away for a new one: one way
//! back from every kind of failure, a killed server, a frozen one, a cut line.

use std::time::Duration;

use fred::{
    clients::Client,
    error::{Error, ErrorKind},
    interfaces::ClientLike,
    types::{
        Builder, ConnectHandle,
        config::{Config, TcpConfig},
    },
};

/// To connect, to say hello, to have a command answered.
const PATIENCE: Duration = Duration::from_secs(1);

/// A server, several behind sentinels, or a cluster; the second of each by TLS.
const SCHEMES: [&str; 6] =
    ["redis", "rediss", "redis-sentinel", "rediss-sentinel", "redis-cluster", "rediss-cluster"];

/// A Redis by its URL.
#[derive(Clone)]
pub struct Server(Config);

/// The URL names no Redis. The reason does not repeat it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("it must be redis://[user:password@]host[:port][/database], or rediss:// for TLS ({0})")]
pub struct BadUrl(String);

impl Server {
    pub fn from_url(url: &str) -> Result<Self, BadUrl> {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if !SCHEMES.contains(&scheme) {
            return Err(BadUrl("another scheme".to_owned()));
        }
        let mut config = Config::from_url(url).map_err(|error| BadUrl(error.details().to_owned()))?;
        // what is not connected fails at once: it is not to be done later
        config.fail_fast = true;
        Ok(Self(config))
    }

    /// A new connection that works, with room for so many pushed messages.
    pub(super) async fn connect(&self, room: usize) -> Result<Link, Error> {
        let client = Builder::from_config(self.0.clone())
            .with_connection_config(|config| {
                config.connection_timeout = PATIENCE;
                config.internal_command_timeout = PATIENCE;
                config.max_command_attempts = 1;
                config.tcp = TcpConfig { nodelay: Some(true), ..TcpConfig::default() };
            })
            .with_performance_config(|config| {
                config.default_command_timeout = PATIENCE;
                config.broadcast_channel_capacity = room;
            })
            .build()?;
        // what takes longer ends by itself, with its own time limits
        let task = tokio::time::timeout(PATIENCE * 2, client.init())
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "connecting took too long"))??;
        Ok(Link { client, task })
    }
}

/// One connection; closed when it is dropped.
pub(super) struct Link {
    pub(super) client: Client,
    task: ConnectHandle,
}

impl Link {
    /// The connection is still kept up.
    pub(super) fn is_up(&self) -> bool {
        !self.task.is_finished() && self.client.is_connected()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // the task has the connection: it is closed with it, without a goodbye that may not be answered
        self.task.abort();
    }
}
