//! [`Buckets`] in Redis: one script, one round trip, Redis' own clock.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fred::interfaces::LuaInterface as _;
use futures::future::BoxFuture;
use model::NodeId;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::link::{Link, Server};
use crate::rates::{Ask, Buckets, LocalBuckets, Rate, Standing};

/// A caller does not wait for longer: then it counts alone.
const PATIENCE: Duration = Duration::from_millis(150);
/// After a failure nobody asks for so long.
const REST: Duration = Duration::from_secs(1);

/// What a bucket is, in microseconds, as `rates` has it. Keys: the bucket. Arguments: step, count, wanted, and 1 when
/// a part of it will do. A negative `wanted` puts back.
const SCRIPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local step, count, wanted, partly = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local full = step * count
local used = math.max(0, (tonumber(redis.call('GET', KEYS[1])) or 0) - now)
local left = math.max(0, math.floor((full - used) / step))
local granted, wanting = 0, 0
if wanted < 0 then
    used = math.max(0, used + step * wanted)
elseif partly then
    granted = math.min(wanted, left)
    if wanted > left then wanting = 1 end
elseif math.max(1, wanted) <= left then
    granted = wanted
else
    wanting = math.max(1, wanted)
end
used = used + step * granted
if granted > 0 or wanted < 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', math.ceil(used / 1000) + 1)
end
local wait = -1
if wanting > 0 then wait = math.max(0, used + step * wanting - full) end
return {granted, math.floor(used), math.floor(wait)}
";

/// [`Buckets`] that all nodes share.
pub struct RedisBuckets {
    server: Server,
    prefix: String,
    node: NodeId,
    link: Mutex<Option<Arc<Link>>>,
    /// Nobody asks before.
    rests_until: Mutex<Option<Instant>>,
    /// Counted by this node alone while Redis is away.
    alone: LocalBuckets,
    /// Nodes that live.
    nodes: Mutex<u32>,
}

impl RedisBuckets {
    #[must_use]
    pub fn new(server: Server, installation: Uuid, node: NodeId) -> Arc<Self> {
        Arc::new(Self {
            server,
            prefix: format!("turumba:{}:rate:", installation.simple()),
            node,
            link: Mutex::default(),
            rests_until: Mutex::default(),
            alone: LocalBuckets::default(),
            nodes: Mutex::new(1),
        })
    }

    /// Keeps connected until stopped.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if !self.link.lock().as_ref().is_some_and(|link| link.is_up()) {
                // dropped outside of the lock
                let old = self.link.lock().take();
                drop(old);
                match self.server.connect(1).await {
                    Ok(link) => {
                        *self.link.lock() = Some(Arc::new(link));
                        *self.rests_until.lock() = None;
                    }
                    Err(error) => tracing::debug!(%error, "no connection to Redis for rates"),
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
        }
    }

    /// The nodes that live, as the store knows them: among how many rates are divided while Redis is away.
    pub fn expect(&self, nodes: &[NodeId]) {
        let others = nodes.iter().filter(|node| **node != self.node).count();
        *self.nodes.lock() = u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1);
    }

    async fn ask(&self, key: &str, rate: Rate, wanted: i64, partly: bool) -> Option<Standing> {
        if self.rests_until.lock().is_some_and(|until| until > Instant::now()) {
            return None;
        }
        let link = self.link.lock().clone()?;
        let step = rate.step().as_micros().max(1).to_string();
        let arguments =
            [step, rate.count.max(1).to_string(), wanted.to_string(), u8::from(partly).to_string()];
        let asking = link.client.eval::<Vec<i64>, _, _, _>(
            SCRIPT,
            vec![format!("{}{key}", self.prefix)],
            arguments.to_vec(),
        );
        let failure = match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok(told)) => match told[..] {
                [granted, used, wait] => {
                    return Some(Standing {
                        granted: u32::try_from(granted).unwrap_or(0),
                        used: Duration::from_micros(u64::try_from(used).unwrap_or(0)),
                        wait: u64::try_from(wait).ok().map(Duration::from_micros),
                    });
                }
                _ => "an answer of another form".to_owned(),
            },
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(failure, "Redis cannot count rates; this node takes its share");
        metrics::counter!("turumba_rates_alone_total").increment(1);
        *self.rests_until.lock() = Some(Instant::now() + REST);
        // a new connection is made: this one may never answer again
        let lost = self.link.lock().take();
        drop(lost);
        None
    }
}

impl Buckets for RedisBuckets {
    fn take<'a>(&'a self, key: &'a str, rate: Rate, ask: Ask) -> BoxFuture<'a, Standing> {
        Box::pin(async move {
            let (wanted, partly) = match ask {
                Ask::All(wanted) => (wanted, false),
                Ask::UpTo(wanted) => (wanted, true),
            };
            match self.ask(key, rate, wanted.into(), partly).await {
                Some(standing) => standing,
                None => {
                    let share = rate.shared_by(*self.nodes.lock());
                    self.alone.take_now(key, share, ask, Instant::now())
                }
            }
        })
    }

    fn give_back<'a>(&'a self, key: &'a str, rate: Rate, count: u32) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if self.ask(key, rate, -i64::from(count), false).await.is_none() {
                let share = rate.shared_by(*self.nodes.lock());
                self.alone.give_back_now(key, share, count, Instant::now());
            }
        })
    }
}
