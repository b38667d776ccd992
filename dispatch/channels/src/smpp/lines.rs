//! The connections of this node, by channel.
//!
//! Whoever holds a channel's lease keeps up the binds that receive; transceivers among them also send whatever this
//! node sends. A node that must send and holds no transceivers opens transmitters of its own, and lets them go when
//! they are not used for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use ::smpp::{Backoff, BindKind, Connect, Inbound, LinkState, Pool, PoolOptions, SessionOptions, Stream};
use model::ChannelId;
use outbound::{Client, Dial};
use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};

use super::{names::Names, settings::Config};
use crate::{ChannelConfig, Context};

/// How long transmitters are kept that nobody sends over.
const QUIET: Duration = Duration::from_mins(5);
/// How soon a session notices that it may try again.
const GLANCE: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_secs(30);
/// How long the binds of an earlier session may take to end.
const LONGEST_END: Duration = Duration::from_secs(40);
/// Binds that are refused are tried again later and later: some message centres shut out who does not wait.
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_mins(10);

/// All of them. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<HashMap<ChannelId, Line>>>);

#[derive(Default)]
struct Line {
    /// The binds of the session that runs here.
    session: Option<Held>,
    own: Option<Own>,
    refused: Option<Refused>,
    names: Arc<Mutex<Names>>,
}

struct Held {
    settings: u64,
    kind: BindKind,
    pool: Weak<Pool>,
    /// Open until the last of the binds is unbound, also when nobody holds the pool any more.
    ending: Ending,
}

type Ending = watch::Receiver<Vec<LinkState>>;

struct Own {
    settings: u64,
    pool: Arc<Pool>,
    used: Instant,
}

#[derive(Clone, Copy)]
struct Refused {
    settings: u64,
    times: u32,
    until: Instant,
}

impl Lines {
    /// The binds to send over.
    pub(super) fn for_sending(&self, ctx: &Context, config: &Config) -> Arc<Pool> {
        let settings = fingerprint(&ctx.channel);
        let mut lines = self.0.lock();
        let line = lines.entry(ctx.channel.channel_id).or_default();
        if let Some(pool) = line.transceivers(settings) {
            return pool;
        }
        if let Some(own) = line.own.as_mut().filter(|own| own.settings == settings) {
            own.used = Instant::now();
            return Arc::clone(&own.pool);
        }
        // those with other settings are unbound once their last message is through
        let (pool, inbound) = start(ctx, config, BindKind::Transmitter, Before::default());
        // transmitters receive nothing
        drop(inbound);
        let pool = Arc::new(pool);
        line.own = Some(Own { settings, pool: Arc::clone(&pool), used: Instant::now() });
        tokio::spawn(retire(Arc::downgrade(&self.0), ctx.channel.channel_id, Arc::downgrade(&pool)));
        pool
    }

    /// Opens the binds of the session that receives. A message centre may allow no more binds than one, so those of an
    /// earlier session end first; and transceivers take over from this node's own transmitters.
    pub(super) fn for_receiving(&self, ctx: &Context, config: &Config) -> (Arc<Pool>, Inbound) {
        let kind = match config.bind_mode {
            super::BindMode::Transceiver => BindKind::Transceiver,
            super::BindMode::Separate => BindKind::Receiver,
        };
        let mut lines = self.0.lock();
        let line = lines.entry(ctx.channel.channel_id).or_default();
        let own = if kind == BindKind::Transceiver { line.own.take() } else { None };
        let before = Before {
            own: own.map(|own| own.pool),
            session: line.session.take().map(|session| session.ending),
        };
        let (pool, inbound) = start(ctx, config, kind, before);
        let pool = Arc::new(pool);
        line.session = Some(Held {
            settings: fingerprint(&ctx.channel),
            kind,
            pool: Arc::downgrade(&pool),
            ending: pool.watch(),
        });
        (pool, inbound)
    }

    /// How the binds with these settings stand; empty if there are none.
    pub(super) fn up(&self, ctx: &Context) -> Vec<LinkState> {
        let settings = fingerprint(&ctx.channel);
        let lines = self.0.lock();
        let Some(line) = lines.get(&ctx.channel.channel_id) else { return Vec::new() };
        let session = line.session.as_ref().filter(|held| held.settings == settings);
        let own = line.own.as_ref().filter(|own| own.settings == settings);
        let pools = session.and_then(|held| held.pool.upgrade()).into_iter();
        pools.chain(own.map(|own| Arc::clone(&own.pool))).flat_map(|pool| pool.states()).collect()
    }

    /// What this node remembers of what was delivered; it outlives sessions.
    pub(super) fn names(&self, channel: ChannelId) -> Arc<Mutex<Names>> {
        Arc::clone(&self.0.lock().entry(channel).or_default().names)
    }

    /// The message centre refused these settings.
    pub(super) fn refused(&self, channel: &ChannelConfig) {
        let settings = fingerprint(channel);
        let mut lines = self.0.lock();
        let line = lines.entry(channel.channel_id).or_default();
        let times =
            line.refused.filter(|refused| refused.settings == settings).map_or(0, |before| before.times);
        let rest = FIRST_REST.saturating_mul(1 << times.min(8)).min(LONGEST_REST);
        line.refused = Some(Refused { settings, times: times + 1, until: Instant::now() + rest });
    }

    /// Waits until a bind with these settings may be tried again.
    pub(super) async fn rest(&self, channel: &ChannelConfig) {
        let settings = fingerprint(channel);
        let rests = || {
            let refused = self.0.lock().get(&channel.channel_id)?.refused?;
            (refused.settings == settings && refused.until > Instant::now()).then_some(())
        };
        while rests().is_some() {
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// A person has seen them work: nothing need be waited for.
    pub(super) fn try_now(&self, channel: &ChannelConfig) {
        if let Some(refused) =
            self.0.lock().get_mut(&channel.channel_id).and_then(|line| line.refused.as_mut())
        {
            refused.until = Instant::now();
        }
    }

    /// They work; true if they were refused before.
    pub(super) fn accepted(&self, channel: ChannelId) -> bool {
        self.0.lock().entry(channel).or_default().refused.take().is_some()
    }
}

impl Line {
    fn transceivers(&self, settings: u64) -> Option<Arc<Pool>> {
        let held = self.session.as_ref()?;
        let can_send = held.settings == settings && held.kind == BindKind::Transceiver;
        can_send.then(|| held.pool.upgrade()).flatten()
    }
}

/// What has to be unbound before the first bind.
#[derive(Default)]
struct Before {
    own: Option<Arc<Pool>>,
    session: Option<Ending>,
}

impl Before {
    async fn end(&mut self) {
        if let Some(pool) = &self.own {
            pool.unbind().await;
        }
        self.own = None;
        if let Some(ending) = &mut self.session {
            let ended = async { while ending.changed().await.is_ok() {} };
            let _ = tokio::time::timeout(LONGEST_END, ended).await;
        }
        self.session = None;
    }
}

fn start(ctx: &Context, config: &Config, kind: BindKind, before: Before) -> (Pool, Inbound) {
    let session = SessionOptions { kind, ..config.session.clone() };
    let options = PoolOptions { session, binds: config.binds, backoff: Backoff::default() };
    Pool::start(options, connector(ctx.http.clone(), config.dial.clone(), before))
}

fn connector(http: Client, dial: Dial, before: Before) -> Connect {
    let before = Arc::new(tokio::sync::Mutex::new(before));
    Arc::new(move || {
        let (http, dial, before) = (http.clone(), dial.clone(), Arc::clone(&before));
        Box::pin(async move {
            before.lock().await.end().await;
            match http.dial(&dial).await {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Stream>),
                Err(error) => Err(Arc::new(error) as Arc<dyn std::error::Error + Send + Sync>),
            }
        })
    })
}

/// Lets transmitters go that nobody uses.
async fn retire(lines: Weak<Mutex<HashMap<ChannelId, Line>>>, channel: ChannelId, pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let (Some(lines), Some(pool)) = (lines.upgrade(), pool.upgrade()) else { return };
        let mut lines = lines.lock();
        let Some(line) = lines.get_mut(&channel) else { return };
        match &line.own {
            Some(own) if Arc::ptr_eq(&own.pool, &pool) && own.used.elapsed() < QUIET => {}
            Some(own) if Arc::ptr_eq(&own.pool, &pool) => {
                line.own = None;
                return;
            }
            _ => return,
        }
    }
}

/// What connections depend on.
fn fingerprint(channel: &ChannelConfig) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    channel.credentials.expose().to_string().hash(&mut hasher);
    channel.settings.to_string().hash(&mut hasher);
    hasher.finish()
}
