//! The server: its sessions, and the answers to requests for them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use dashmap::DashMap;
use http::{Request, Response};
use http_body_util::Full;
use tokio::sync::mpsc;

use super::{Protocol, http::respond, polling::Ask};
use crate::{config::Config, wheel::Wheel};

/// An Engine.IO server. Cheap to clone; all clones are one server.
pub struct Server<P: Protocol>(Arc<Shared<P>>);

impl<P: Protocol> Clone for Server<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What all sessions share.
pub(super) struct Shared<P> {
    pub protocol: P,
    pub common: Arc<Common>,
}

/// What does not depend on the protocol above.
pub(super) struct Common {
    pub config: Config,
    pub wheel: Arc<Wheel>,
    /// Sessions that may be asked by HTTP: those that poll.
    pub polling: DashMap<Box<str>, mpsc::Sender<Ask>>,
    pub sessions: AtomicUsize,
}

impl<P: Protocol> Server<P> {
    /// A server that waits for requests. Must be called within a tokio runtime.
    pub fn new(config: Config, protocol: P) -> Self {
        let wheel = Wheel::new(config.granularity());
        wheel.turn();
        let common = Common { config, wheel, polling: DashMap::new(), sessions: AtomicUsize::new(0) };
        Self(Arc::new(Shared { protocol, common: Arc::new(common) }))
    }

    /// Answers a request, whatever its path is. Upgrades are done by hyper, so the connection has to be
    /// served with them (`with_upgrades`).
    pub async fn respond<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: http_body::Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        respond(&self.0, request).await
    }

    /// Sessions that are open, on either transport.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.0.common.sessions.load(Ordering::Relaxed)
    }

    /// Sessions that are polling at present.
    #[must_use]
    pub fn polling_sessions(&self) -> usize {
        self.0.common.polling.len()
    }
}
