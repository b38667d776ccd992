//! Under the seam: the protocol engine calls this for each client, and this calls the namespaces.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use engine::{
    Accepted, App, Connect, Event, Namespace, Next, Reason, Socket, Transport, eio::Server, sio::SocketIo,
};
use futures::future::BoxFuture;
use http::{HeaderName, header, request::Parts};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{
    AGENTS, CUSTOMERS,
    agents::{self, AgentSession},
    config::Config,
    connection::Connection,
    customers::{self, CustomerSession},
    entry::raw,
    http::Handshake,
    hub::Hub,
    metrics,
    origin::Origins,
    refusal::{Refusal, read_auth},
    source::Source,
    turns,
    waiting::{Arrived, Command, Waiting},
};

/// Both namespaces, with the binary parts that a packet may carry there.
const NAMESPACES: [Namespace; 2] =
    [Namespace { name: AGENTS, attachments: 4 }, Namespace { name: CUSTOMERS, attachments: 0 }];

/// The server of both namespaces.
pub fn server(hub: &Arc<Hub>) -> Server<SocketIo<Gate>> {
    engine::server(limits(&hub.config), Gate { hub: Arc::clone(hub) }, &NAMESPACES)
}

/// The engine's part of the settings.
pub fn limits(config: &Config) -> engine::Config {
    engine::Config {
        ping_interval: config.ping_interval,
        ping_timeout: config.ping_timeout,
        connect_timeout: config.connect_timeout,
        stall: config.stall,
        max_packet: config.max_packet,
        polling: config.polling,
        ..engine::Config::default()
    }
}

/// What is kept of a handshake's request.
#[derive(Debug)]
pub struct Kept {
    host: Option<Box<str>>,
    /// `Some(None)`: one that cannot be read.
    origin: Option<Option<Box<str>>>,
    bearer: Option<Box<str>>,
    handshake: Option<Handshake>,
}

impl Kept {
    /// The address and the host of a request decide whether its page may connect.
    fn judge(&self, public_url: &str, listed: &[String], any_if_unlisted: bool) -> Result<(), Refusal> {
        let origins = Origins { host: self.host.as_deref(), public_url, listed, any_if_unlisted };
        let accepted = match &self.origin {
            None => origins.accept(None),
            Some(Some(origin)) => origins.accept(Some(origin)),
            Some(None) => false,
        };
        if accepted { Ok(()) } else { Err(Refusal::OriginNotAllowed) }
    }
}

/// Lets clients in.
pub struct Gate {
    hub: Arc<Hub>,
}

impl App for Gate {
    type Kept = Kept;

    fn keep(&self, request: &Parts) -> Kept {
        let text = |name: HeaderName| request.headers.get(name)?.to_str().ok();
        Kept {
            host: text(header::HOST).map(Into::into),
            origin: request.headers.get(header::ORIGIN).map(|origin| origin.to_str().ok().map(Into::into)),
            bearer: text(header::AUTHORIZATION).and_then(|it| it.strip_prefix("Bearer ")).map(Into::into),
            handshake: request.extensions.get::<Handshake>().cloned(),
        }
    }

    fn connect(&self, connect: Connect<Kept>) -> BoxFuture<'static, Result<Accepted, engine::Refusal>> {
        let hub = Arc::clone(&self.hub);
        Box::pin(async move {
            let admitted = match connect.namespace {
                AGENTS => admit_agent(&hub, &connect).await,
                _ => admit_customer(&hub, &connect).await,
            };
            match admitted {
                Ok(port) => {
                    if let Some(handshake) = &connect.kept.handshake {
                        handshake.succeed();
                    }
                    let (id, pid) = (port.connection.id.to_string(), port.connection.pid.to_string());
                    hub.recoveries.begin(&port.connection);
                    Ok(Accepted { socket: Box::new(port), id: Some(id), pid: Some(pid) })
                }
                Err(refusal) => Err(refusal),
            }
        })
    }
}

async fn admit_agent(hub: &Arc<Hub>, connect: &Connect<Kept>) -> Result<Port, engine::Refusal> {
    let kept = &connect.kept;
    let auth: agents::Auth = read_auth(&connect.auth)?;
    kept.judge(&hub.config.public_url, &hub.config.allowed_origins, false)?;
    let admitted = AgentSession::admit(hub, &auth, kept.bearer.as_deref()).await?;
    hub.floods.passed(admitted.0.user_id().uuid()).await;
    let (session, recovered) = AgentSession::new(hub, admitted, connect.recovery.as_ref());
    let connection = Arc::clone(&session.connection);
    Ok(Port::new(hub, connection, |hub, waiting| {
        Box::pin(async move { session.run(&hub, auth, recovered, &waiting).await })
    }))
}

async fn admit_customer(hub: &Arc<Hub>, connect: &Connect<Kept>) -> Result<Port, engine::Refusal> {
    let kept = &connect.kept;
    let auth: customers::Auth = read_auth(&connect.auth)?;
    let admitted = CustomerSession::admit(hub, &auth, kept.bearer.as_deref()).await?;
    kept.judge(&hub.config.public_url, &admitted.1.allowed_origins, true)?;
    hub.floods.passed(admitted.0.visitor_id().uuid()).await;
    let (session, recovered) = CustomerSession::new(hub, admitted, connect.recovery.as_ref());
    let connection = Arc::clone(&session.connection);
    Ok(Port::new(hub, connection, |hub, waiting| {
        Box::pin(async move { session.run(&hub, auth, recovered, &waiting).await })
    }))
}

/// The engine's side of one connection.
struct Port {
    hub: Arc<Hub>,
    connection: Arc<Connection>,
    waiting: Arc<Waiting>,
    source: Source,
    /// Greets the client and does its commands; nothing when it is done with.
    run: Option<BoxFuture<'static, ()>>,
}

impl Port {
    fn new(
        hub: &Arc<Hub>,
        connection: Arc<Connection>,
        run: impl FnOnce(Arc<Hub>, Arc<Waiting>) -> BoxFuture<'static, ()>,
    ) -> Self {
        let waiting = Arc::new(Waiting::new(&hub.config));
        let source = Source::new(Arc::clone(&connection), Arc::clone(&hub.logs), Arc::clone(&hub.config));
        let run = Some(run(Arc::clone(hub), Arc::clone(&waiting)));
        Self { hub: Arc::clone(hub), connection, waiting, source, run }
    }

    fn refuse(&self, ack: Option<u64>, error: &model::Error) {
        if let Some(id) = ack {
            self.connection.refuse(id, &raw(&turns::refused(error)));
        }
    }
}

impl Socket for Port {
    fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.connection.register(cx.waker());
        if let Some(run) = &mut self.run
            && self.connection.take_run()
        {
            let waker = Waker::from(Arc::clone(&self.connection));
            if Pin::new(run).poll(&mut Context::from_waker(&waker)).is_ready() {
                self.run = None;
            }
        }
        if self.connection.is_killed() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        // whatever makes room wakes the task: a command that is done, an answer that is written
        let has_room = self.waiting.has_room() && self.connection.has_room();
        if has_room { Poll::Ready(()) } else { Poll::Pending }
    }

    fn event(&mut self, event: Event) {
        let payload = event.args.json.into_iter().next().unwrap_or_else(|| RawValue::NULL.to_owned());
        let command = Command { name: event.name, payload, ack: event.ack };
        match self.waiting.push(command, Instant::now()) {
            Arrived::Waits => {}
            Arrived::Refused(error) => self.refuse(event.ack, &error),
            Arrived::Flood => {
                tracing::info!(connection = %self.connection.id, "a client floods; its transport is cut");
                self.hub.floods.note(self.connection.person());
                self.connection.kill();
            }
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        self.source.poll_next(cx)
    }

    fn carried(&mut self, by: Transport) {
        self.connection.carried_by(by);
    }

    fn closed(&mut self, reason: Reason) {
        let (connection, reason_word) = (self.connection.id, reason.as_str());
        if reason == Reason::Stalled {
            metrics::killed("stall");
            tracing::info!(%connection, "a client reads nothing; its transport is cut");
        } else {
            tracing::debug!(%connection, reason = reason_word, "a socket is closed");
        }
        let at_fault = matches!(reason, Reason::Malformed | Reason::Flood);
        if at_fault {
            self.hub.floods.note(self.connection.person());
        }
        let for_good = at_fault || matches!(reason, Reason::ClientLeft | Reason::ServerLeft);
        self.hub.recoveries.end(&self.connection, for_good);
        self.connection.hang_up();
        // what was begun is done, and then the rest is tidied up
        if let Some(run) = self.run.take() {
            tokio::spawn(run);
        }
    }
}
