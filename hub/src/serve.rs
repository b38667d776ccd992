//! `turumba serve`: the hub, as a list of steps.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use bus::{
    DbQueue, Queue,
    queue::{RabbitQueue, Workers},
    relay::Relay,
};
use channels::SandboxSwitch;
use dispatch::{Dispatch, DispatchOptions, MediaFetcher};
use inbox::{
    Inbox,
    channel_store::silence,
    contact_imports, group_messages,
    identity::{revocations, setup},
    inbound,
    journal::{Journal, JournalOptions},
    schedules,
    timers::{self, MessageDue, OnTimer},
    uploads::sharing,
};
use model::NodeId;
use outbound::{Client, Timeouts};
use router::{assigner, bot::Bot, rulebook::Rulebook};
use tokio::{net::TcpListener, signal::unix::SignalKind, task::JoinSet};
use tokio_util::sync::CancellationToken;
use webhooks::{Door, DoorOptions, sessions::Sessions};

use crate::{
    app::app,
    backup::{Source, schedule},
    channel_signals::{self, ChannelSignals},
    cli::args::ServeArgs,
    config::{Config, Worker},
    demo,
    house::{House, files_place, open_files},
    maintenance::{self, Kept},
    metrics,
    nodes::{Nodes, place},
    realtime::{self, guard::GuardedListener},
    rest::{self, Rest, Tools},
    server,
};

/// How long workers may take to end what they are at.
const PATIENCE: Duration = Duration::from_secs(45);

/// How long the last requests may take once the sockets are gone.
const LAST_REQUESTS: Duration = Duration::from_secs(2);

/// Within this the hubs have emptied their spools once the database is back, unless there is much in them.
const SPOOLS_SETTLE: Duration = Duration::from_millis(1500);

/// Runs the hub until it is told to stop.
pub async fn run(mut config: Config, args: &ServeArgs) -> anyhow::Result<()> {
    if args.demo {
        demo::only_on_loopback(config.listen)?;
    }
    metrics::start();
    let listener = listen(config.listen).await?;
    // port 0 asks for any that is free
    config.listens_on(listener.local_addr()?);
    let told = signals()?;
    let house = House::of_hub(&config).await?;
    let served = serve(&config, args, &house, listener, told).await;
    house.close().await;
    tracing::info!("stopped");
    served
}

async fn serve(
    config: &Config,
    args: &ServeArgs,
    house: &House,
    listener: TcpListener,
    told: CancellationToken,
) -> anyhow::Result<()> {
    raise_file_limit();
    let inbox = &house.inbox;
    let node = NodeId::new();
    let stop = CancellationToken::new();
    let mut tasks = Tasks::default();
    tasks.spawn("clock", Arc::clone(&house.clock).run(stop.clone()));

    // what talks to the world
    let place = place(&house.data_dir)?;
    let files = open_files(&files_place(config, &house.data_dir))?;
    if sharing::is_shared(inbox, &files, &place).await? {
        inbox.attach_files(files);
    } else {
        tracing::error!(
            "the files of other hubs are not in this one's file store: it takes and shows no files; give all of them \
             the same FILES_URL"
        );
    }
    let http = Client::new(config.outbound_allow.list(), Timeouts::default()).map_err(anyhow::Error::msg)?;
    let sandbox = SandboxSwitch::new(Arc::clone(inbox.clock()));
    let epoch = inbox::agents::epoch(inbox).await.map_err(model::Error::from)?;
    let nodes = Nodes::new(config.redis_url.as_ref(), epoch, node)?;
    let table = DbQueue::new(inbox.store().clone());
    if house.is_private() {
        table.free_leases().await.map_err(model::Error::from)?;
    }
    let queue: Arc<dyn Queue> = match &config.amqp_url {
        Some(url) => {
            let queue = RabbitQueue::new(table, url.reveal(), &format!("turumba {node}"));
            Arc::new(queue.map_err(anyhow::Error::msg).context("AMQP_URL cannot be used")?)
        }
        None => Arc::new(table),
    };

    if config.database_replica_url.is_some() {
        tasks.spawn("replica", inbox.store().clone().follow_replica(stop.clone()));
    }

    // the doors: webhooks, sockets, REST
    let (journal, journal_tasks) = Journal::open(inbox.clone(), journal_options(config, house)).await?;
    let door = Door::new(inbox.clone(), journal.clone(), door_options(config));
    door.serve_sandbox(&sandbox);
    let (signals, signalled) = channel_signals::signals();
    let sockets =
        realtime::Hub::open(inbox.clone(), nodes.clone(), sockets_config(config), node, place, signals)
            .await?;
    let tools = Tools { http: http.clone(), sandbox: sandbox.clone(), door: door.clone() };
    let rest = Rest::new(inbox.clone(), rest::Options::from(config), tools, nodes.clone(), told.clone());

    // the way of a message, from arrival to delivery
    let roles = &config.roles;
    if roles.webhooks {
        let sessions = Sessions { door: door.clone(), http: http.clone(), sandbox: sandbox.clone(), node };
        tasks.spawn("sessions", sessions.run(stop.clone()));
    }
    // what other roles of this node have spooled follows, too
    tasks.spawn("journal", journal_tasks.run(Arc::new(door), stop.clone()));
    if roles.works(Worker::Inbound) {
        tasks.spawn("inbound", inbound::run(inbox.clone(), stop.clone()));
    }
    if roles.relay {
        let relay = Relay::new(inbox.store().clone(), Arc::clone(&queue), Arc::clone(&nodes.live));
        let relay_stop = stop.clone();
        tasks.spawn("relay", async move { relay.run(relay_stop).await });
    }
    let workers = |at_once, time_limit| Workers {
        store: inbox.store().clone(),
        queue: Arc::clone(&queue),
        at_once,
        time_limit,
        most_attempts: 20,
    };
    if roles.works(Worker::Bot) {
        let bot = Bot::new(inbox.clone(), Rulebook::new(inbox.store().clone()));
        let (bots, bots_stop) = (workers(16, Duration::from_secs(30)), stop.clone());
        tasks.spawn("bot", async move { bots.run(Arc::new(bot), bots_stop).await });
    }
    if roles.works(Worker::Media) {
        let media = MediaFetcher::new(inbox.clone(), journal, http.clone(), sandbox.clone());
        // each holds a file in memory while it is fetched
        let (fetchers, fetchers_stop) = (workers(4, MediaFetcher::TIME_LIMIT), stop.clone());
        tasks.spawn("media", async move { fetchers.run(Arc::new(media), fetchers_stop).await });
    }
    if roles.works(Worker::Assigner) {
        tasks.spawn("assigner", assigner::run(inbox.clone(), stop.clone()));
    }
    if roles.works(Worker::Dispatch) || roles.works(Worker::Bulk) {
        let engine = Dispatch::new(
            inbox.clone(),
            http.clone(),
            sandbox.clone(),
            nodes.shared_buckets(),
            dispatch_options(config, house),
        );
        tasks.spawn("dispatch", engine.run(stop.clone()));
    }
    if roles.works(Worker::GroupMessages) {
        tasks.spawn("group messages", group_messages::work::run(inbox.clone(), stop.clone()));
    }
    if roles.realtime {
        let signals = ChannelSignals::new(inbox.clone(), http, sandbox);
        tasks.spawn("signals", signals.run(signalled, stop.clone()));
    }

    // what the clock and other nodes bring
    let apart = CancellationToken::new();
    let mut joined = tokio::spawn(nodes.clone().run(inbox.clone(), apart.clone()));
    if roles.works(Worker::Imports) {
        tasks.spawn("imports", contact_imports::work::run(inbox.clone(), stop.clone()));
    }
    if roles.works(Worker::Schedules) {
        tasks.spawn("schedules", schedules::fire::run(inbox.clone(), stop.clone()));
    }
    if roles.works(Worker::Timers) {
        tasks.spawn("timers", timers::run(inbox.clone(), on_timer(inbox), stop.clone()));
    }
    if roles.works(Worker::Maintenance) {
        tasks.spawn("maintenance", maintenance::run(inbox.clone(), Kept::from(config), node, stop.clone()));
        tasks.spawn("silence", silence::run(inbox.clone(), node, stop.clone()));
        tasks.spawn("backups", schedule::run(Source::of(house, config), node, stop.clone()));
    }
    tasks.spawn("revocations", revocations::run(inbox.clone(), stop.clone()));
    let (running, sockets_stop) = (Arc::clone(&sockets), stop.clone());
    tasks.spawn("sockets", async move { Box::pin(running.run(sockets_stop)).await });

    // open for business
    tracing::info!(address = %config.listen, public_url = config.public_url.as_str(), %node, "ready");
    Box::pin(greet(config, args, &rest)).await?;
    let listener = GuardedListener::new(listener, config.sockets.stalled);
    let mut server = tokio::spawn(server::serve(listener, app(&rest, &sockets, roles), told.clone()));
    let broke = tokio::select! {
        // told to stop, the listener ends too: that is no failure
        biased;
        () = told.cancelled() => None,
        name = tasks.broken() => Some(name),
        ended = &mut server => Some(format!("the listener ({ended:?})")),
        ended = &mut joined => Some(format!("what joins the hubs ({ended:?})")),
    };

    // stop: no new requests, sockets told to come back, then the workers
    told.cancel();
    tracing::info!("stopping");
    sockets.drain(config.drain.window).await;
    if !server.is_finished() && tokio::time::timeout(LAST_REQUESTS, &mut server).await.is_err() {
        server.abort();
    }
    stop.cancel();
    tasks.end(PATIENCE).await;
    // last of all: what the others had to say until now is heard by the other hubs
    apart.cancel();
    if !joined.is_finished() && tokio::time::timeout(LAST_REQUESTS, &mut joined).await.is_err() {
        joined.abort();
    }
    match broke {
        Some(name) => bail!("{name} ended by itself; the log says why"),
        None => Ok(()),
    }
}

/// As many open files as the machine allows: each connection is one, and the usual soft limit is 1,024.
fn raise_file_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is taken by another program; choose another with --listen {}:{} (or TURUMBA_LISTEN)",
            address.ip(),
            address.port().wrapping_add(1).max(1024),
        ),
        _ => {
            anyhow::anyhow!("listening on {address} failed: {error}; choose another with --listen ADDR:PORT")
        }
    })
}

/// Cancelled by the first SIGTERM or SIGINT; a second one ends the process at once.
fn signals() -> anyhow::Result<CancellationToken> {
    let told = CancellationToken::new();
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    // a limit on the size of files is an error of the write that meets it, not the end of the hub: once somebody has
    // listened to the signal it ends nothing
    drop(tokio::signal::unix::signal(SignalKind::from_raw(nix::sys::signal::Signal::SIGXFSZ as i32))?);
    let tell = told.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if tell.is_cancelled() {
                tracing::warn!("told twice: stopping without waiting");
                std::process::exit(130);
            }
            tell.cancel();
        }
    });
    Ok(told)
}

/// Says where to go: the demo, or how to make the first account.
async fn greet(config: &Config, args: &ServeArgs, rest: &Rest) -> anyhow::Result<()> {
    let inbox = rest.inbox();
    let base = &inbox.settings().public_url;
    if args.demo {
        if let Some(demo) = demo::seed(inbox).await? {
            eprintln!("{}", demo.guide(base));
            rest.show_demo(demo);
        } else {
            tracing::info!("the store holds accounts; no demo was made");
        }
    } else if let Some(token) = setup::begin(inbox).await? {
        eprintln!("\n  This hub has no account yet. Make the first one at\n\n    {base}/setup#{token}\n");
        eprintln!(
            "  or with: turumba account create --data-dir {} --name NAME --email EMAIL --password-stdin\n",
            quoted(&config.data_dir.display().to_string())
        );
    }
    Ok(())
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn on_timer(inbox: &Inbox) -> Vec<Arc<dyn OnTimer>> {
    vec![
        Arc::new(MessageDue(inbox.clone())),
        Arc::new(assigner::AssignDue(inbox.clone())),
        Arc::new(assigner::AgentOffline(inbox.clone())),
    ]
}

fn journal_options(config: &Config, house: &House) -> JournalOptions {
    JournalOptions {
        dir: house.journal_dir(),
        spool_max: config.webhooks.spool_max.0,
        // a hub without Redis is the only one
        settle: if config.redis_url.is_some() { SPOOLS_SETTLE } else { Duration::ZERO },
    }
}

fn door_options(config: &Config) -> DoorOptions {
    DoorOptions {
        body_max: usize::try_from(config.webhooks.body_max.0).unwrap_or(usize::MAX),
        per_channel_per_second: config.limits.webhooks_per_second,
        ..DoorOptions::default()
    }
}

fn dispatch_options(config: &Config, house: &House) -> DispatchOptions {
    DispatchOptions {
        in_flight: config.dispatch.concurrency as usize,
        lease: config.dispatch.lease,
        types: config.roles.dispatched(),
        bulk: config.roles.works(Worker::Bulk),
        is_only_node: house.is_private(),
        ..DispatchOptions::default()
    }
}

fn sockets_config(config: &Config) -> realtime::Config {
    let sockets = &config.sockets;
    realtime::Config {
        public_url: config.public_url.as_str().to_owned(),
        polling: sockets.polling,
        max_packet: usize::try_from(sockets.packet_max.0).unwrap_or(usize::MAX),
        connect_timeout: sockets.connect_timeout,
        ping_interval: sockets.ping_interval,
        ping_timeout: sockets.ping_timeout,
        command_rate: f64::from(sockets.commands_per_second),
        command_burst: f64::from(sockets.commands_burst),
        inbox: sockets.commands_waiting as usize,
        command_deadline: sockets.command_deadline,
        sockets_per_user: sockets.per_user as usize,
        unauthenticated_per_address: sockets.unauthenticated_per_address as usize,
        trusted_proxies: config.trusted_proxies.clone(),
        agent_grace: config.presence.agent_grace,
        sockets: sockets.total as usize,
        threads_per_socket: sockets.joined as usize,
        replay_entries: sockets.replay_entries.into(),
        replay_age: sockets.replay_age,
        stall: sockets.stalled,
        position_every: sockets.position_every,
        ..realtime::Config::default()
    }
}

/// The hub's background work. None of it ends before it is told to.
#[derive(Default)]
struct Tasks(JoinSet<&'static str>);

impl Tasks {
    fn spawn(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(async move {
            work.await;
            name
        });
    }

    /// Returns when one has ended by itself.
    async fn broken(&mut self) -> String {
        match self.0.join_next().await {
            Some(Ok(name)) => name.to_owned(),
            Some(Err(error)) => error.to_string(),
            None => std::future::pending().await,
        }
    }

    /// Waits for all to end.
    async fn end(mut self, patience: Duration) {
        let all = async {
            while let Some(ended) = self.0.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a task broke while stopping");
                }
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!(left = self.0.len(), "some work did not end in time and is cut");
            self.0.shutdown().await;
        }
    }
}
