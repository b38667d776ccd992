//! `turumba serve`: the hub, as a list of steps.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use bus::{DbQueue, Live, LocalLive, LocalPresence, Presence, Queue, queue::Workers, relay::Relay};
use channels::SandboxSwitch;
use dispatch::{Dispatch, DispatchOptions, MediaFetcher};
use inbox::{
    Inbox,
    identity::{revocations, setup},
    inbound,
    journal::{Journal, JournalOptions},
    timers::{self, MessageDue, OnTimer},
    uploads::Files,
};
use model::NodeId;
use outbound::{Client, Timeouts};
use router::{assigner, bot::Bot, rulebook::Rulebook};
use tokio::{net::TcpListener, signal::unix::SignalKind, task::JoinSet};
use tokio_util::sync::CancellationToken;
use webhooks::{Door, DoorOptions, sessions::Sessions};

use crate::{
    app::app,
    cli::args::ServeArgs,
    config::Config,
    demo,
    house::House,
    maintenance::{self, Kept},
    realtime::{self, guard::GuardedListener},
    rest::{self, Rest, Tools},
    server,
};

/// How long workers may take to end what they are at.
const PATIENCE: Duration = Duration::from_secs(45);

/// Runs the hub until it is told to stop.
pub async fn run(config: Config, args: &ServeArgs) -> anyhow::Result<()> {
    if args.demo {
        demo::only_on_loopback(config.listen)?;
    }
    let listener = listen(config.listen).await?;
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
    let inbox = &house.inbox;
    let node = NodeId::new();
    let stop = CancellationToken::new();
    let mut tasks = Tasks::default();

    // what talks to the world
    inbox.attach_files(files(config, house)?);
    let http = Client::new(config.outbound_allow.list(), Timeouts::default()).map_err(anyhow::Error::msg)?;
    let sandbox = SandboxSwitch::new(Arc::clone(inbox.clock()));
    let live: Arc<dyn Live> = Arc::new(LocalLive::default());
    let presence: Arc<dyn Presence> = Arc::new(LocalPresence::default());
    let table = DbQueue::new(inbox.store().clone());
    if house.is_private() {
        table.free_leases().await.map_err(model::Error::from)?;
    }
    let queue: Arc<dyn Queue> = Arc::new(table);

    // the doors: webhooks, sockets, REST
    let (journal, journal_tasks) = Journal::open(inbox.clone(), journal_options(config, house)).await?;
    let door = Door::new(inbox.clone(), journal, door_options(config));
    door.serve_sandbox(&sandbox);
    let sockets = realtime::Hub::open(
        inbox.clone(),
        Arc::clone(&live),
        presence,
        sockets_config(config),
        node,
        house.data_dir.display().to_string(),
    )
    .await?;
    let tools = Tools { http: http.clone(), sandbox: sandbox.clone(), door: door.clone() };
    let rest = Rest::new(inbox.clone(), rest::Options::from(config), tools, told.clone());

    // the way of a message, from arrival to delivery
    tasks.spawn("journal", journal_tasks.run(Arc::new(door.clone()), stop.clone()));
    tasks.spawn("inbound", inbound::run(inbox.clone(), stop.clone()));
    let relay = Relay::new(inbox.store().clone(), Arc::clone(&queue), Arc::clone(&live));
    let relay_stop = stop.clone();
    tasks.spawn("relay", async move { relay.run(relay_stop).await });
    let bot = Bot::new(inbox.clone(), Rulebook::new(inbox.store().clone()));
    let workers = |at_once, time_limit| Workers {
        store: inbox.store().clone(),
        queue: Arc::clone(&queue),
        at_once,
        time_limit,
        most_attempts: 20,
    };
    let (bots, bots_stop) = (workers(16, Duration::from_secs(30)), stop.clone());
    tasks.spawn("bot", async move { bots.run(Arc::new(bot), bots_stop).await });
    let media = MediaFetcher::new(inbox.clone(), http.clone(), sandbox.clone());
    // each holds a file in memory while it is fetched
    let (fetchers, fetchers_stop) = (workers(4, MediaFetcher::TIME_LIMIT), stop.clone());
    tasks.spawn("media", async move { fetchers.run(Arc::new(media), fetchers_stop).await });
    tasks.spawn("assigner", assigner::run(inbox.clone(), stop.clone()));
    let engine = Dispatch::new(inbox.clone(), http.clone(), sandbox.clone(), dispatch_options(config, house));
    tasks.spawn("dispatch", engine.run(stop.clone()));
    let sessions = Sessions { door, http, sandbox, node };
    tasks.spawn("sessions", sessions.run(stop.clone()));

    // what the clock and other nodes bring
    tasks.spawn("timers", timers::run(inbox.clone(), on_timer(inbox), stop.clone()));
    tasks.spawn("revocations", revocations::run(inbox.clone(), stop.clone()));
    tasks.spawn("maintenance", maintenance::run(inbox.clone(), Kept::from(config), node, stop.clone()));
    let (running, sockets_stop) = (Arc::clone(&sockets), stop.clone());
    tasks.spawn("sockets", async move { Box::pin(running.run(sockets_stop)).await });

    // open for business
    let address = listener.local_addr().unwrap_or(config.listen);
    tracing::info!(%address, public_url = config.public_url.as_str(), %node, "ready");
    Box::pin(greet(config, args, inbox)).await?;
    let listener = GuardedListener::new(listener, config.sockets.stalled);
    let mut server = tokio::spawn(server::serve(listener, app(&rest, &sockets), told.clone()));
    let broke = tokio::select! {
        // told to stop, the listener ends too: that is no failure
        biased;
        () = told.cancelled() => None,
        name = tasks.broken() => Some(name),
        ended = &mut server => Some(format!("the listener ({ended:?})")),
    };

    // stop: no new requests, sockets told to come back, then the workers
    told.cancel();
    tracing::info!("stopping");
    sockets.drain();
    let window = config.drain.window;
    let window = if sockets.sockets() == 0 { window.min(Duration::from_secs(2)) } else { window };
    let ended = async {
        if !server.is_finished() {
            // why it ended does not matter any more
            let _ended = (&mut server).await;
        }
        sockets.emptied().await;
    };
    if tokio::time::timeout(window, ended).await.is_err() {
        server.abort();
    }
    stop.cancel();
    tasks.end(PATIENCE).await;
    match broke {
        Some(name) => bail!("{name} ended by itself; the log says why"),
        None => Ok(()),
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
async fn greet(config: &Config, args: &ServeArgs, inbox: &Inbox) -> anyhow::Result<()> {
    let base = &inbox.settings().public_url;
    if args.demo {
        if let Some(demo) = demo::seed(inbox).await? {
            eprintln!("{}", demo.guide(base));
        } else {
            tracing::info!("the store holds accounts; no demo was made");
        }
    } else if let Some(token) = setup::begin(inbox).await? {
        eprintln!("\n  This hub has no account yet. Make the first one at\n\n    {base}/setup#{token}\n");
        eprintln!(
            "  or with: turumba account create --data-dir {} --name NAME --email EMAIL --password-stdin\n",
            config.data_dir.display()
        );
    }
    Ok(())
}

fn on_timer(inbox: &Inbox) -> Vec<Arc<dyn OnTimer>> {
    vec![
        Arc::new(MessageDue(inbox.clone())),
        Arc::new(assigner::AssignDue(inbox.clone())),
        Arc::new(assigner::AgentOffline(inbox.clone())),
    ]
}

fn files(config: &Config, house: &House) -> anyhow::Result<Files> {
    let folder = match &config.files_url {
        Some(url) => url.0.clone(),
        None => house.data_dir.join("files"),
    };
    Files::folder(&folder).with_context(|| format!("the folder of files {} cannot be used", folder.display()))
}

fn journal_options(config: &Config, house: &House) -> JournalOptions {
    JournalOptions { dir: house.data_dir.join("journal"), spool_max: config.webhooks.spool_max.0 }
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
        drain: config.drain.window,
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
