//! [`Live`] between nodes, by Redis' publish and subscribe.
//!
//! Redis delivers at most once and says nothing of what it lost. So each node numbers what it publishes, by
//! partition, and beats several times a second with the numbers that it has reached: a gap, or a number beyond what
//! was heard, sends readers to the store. A node listens to its own beats as well. When they do not come back, or a
//! node that should live is not heard, everything counts as missed once in a while until all is well again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fred::{
    interfaces::{EventInterface as _, PubsubInterface as _},
    prelude::{Error, ErrorKind},
};
use model::NodeId;
use parking_lot::Mutex;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    frame::{Beat, Body, Frame},
    link::{Link, Server},
    peers::{Peers, SILENCE},
};
use crate::{
    Live, LocalLive,
    live::{Hearing, PARTITIONS, Pushed, Reach},
};

/// Between two beats.
const BEAT: Duration = Duration::from_millis(300);
/// How often readers look into the store while pushes of others may not arrive. With [`SILENCE`] it makes less than
/// the two seconds that are promised.
const POLL: Duration = Duration::from_millis(600);
/// A connection on which our own beats have not come back for so long is given up.
const DEAF: Duration = Duration::from_secs(3);
/// Between two attempts to connect: jittered, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(800));
/// Pushes that wait to be sent; beyond it they are lost, and the numbers say so.
const QUEUE: usize = 8192;
/// Pushes sent by one write.
const BATCH: usize = 64;
/// Losses in more partitions than this are one look at everything.
const MANY: usize = 4;
/// Messages of others that wait to be read.
const ROOM: usize = 16_384;

/// [`Live`] over Redis.
pub struct RedisLive {
    server: Server,
    /// Channels begin with it: nodes of one database hear each other and no others.
    prefix: String,
    node: NodeId,
    local: LocalLive,
    out: Mutex<Out>,
    state: Mutex<State>,
    /// The other end of what is published, until [`RedisLive::run`] takes it.
    queue: Mutex<Option<mpsc::Receiver<Frame>>>,
}

/// What was numbered. Numbers are given and queued under one lock, so that their order is the queue's.
struct Out {
    heads: Box<[u64]>,
    queue: mpsc::Sender<Frame>,
}

struct State {
    peers: Peers,
    /// When our own beat last came back; nothing while there is no connection.
    echoed: Option<Instant>,
    /// Why there is none.
    broken: String,
    was_whole: bool,
}

impl RedisLive {
    /// `installation` names the database that the nodes share: its epoch.
    #[must_use]
    pub fn new(server: Server, installation: Uuid, node: NodeId) -> Arc<Self> {
        let (queue, taken) = mpsc::channel(QUEUE);
        Arc::new(Self {
            server,
            prefix: format!("turumba:{}:", installation.simple()),
            node,
            local: LocalLive::default(),
            out: Mutex::new(Out { heads: vec![0; PARTITIONS].into(), queue }),
            state: Mutex::new(State {
                peers: Peers::default(),
                echoed: None,
                broken: "not connected yet".to_owned(),
                was_whole: false,
            }),
            queue: Mutex::new(Some(taken)),
        })
    }

    /// Keeps connected until stopped. A second call does nothing.
    pub async fn run(&self, stop: CancellationToken) {
        let Some(mut queue) = self.queue.lock().take() else { return };
        tokio::join!(self.keep_connected(&mut queue, &stop), self.look_after(&stop));
    }

    async fn keep_connected(&self, queue: &mut mpsc::Receiver<Frame>, stop: &CancellationToken) {
        let mut pause = PAUSE.0;
        while !stop.is_cancelled() {
            let began = Instant::now();
            let ended = self.session(queue, stop).await;
            self.state.lock().echoed = None;
            let Err(error) = ended else { return };
            if began.elapsed() > DEAF {
                pause = PAUSE.0;
            }
            // it may repeat what the URL says, but no password
            error.details().clone_into(&mut self.state.lock().broken);
            tracing::debug!(%error, "no connection to Redis; trying again");
            metrics::counter!("turumba_live_connections_lost_total").increment(1);
            let jitter = rand::random::<f64>().mul_add(0.5, 0.75);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause.mul_f64(jitter)) => {}
            }
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// Two connections, used until one fails or until stopped: Redis takes no other command where one listens.
    async fn session(
        &self,
        queue: &mut mpsc::Receiver<Frame>,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        let (listens, speaks) = tokio::try_join!(self.server.connect(ROOM), self.server.connect(1))?;
        let messages = listens.client.message_rx();
        let channels: Vec<String> =
            (0..PARTITIONS).map(|partition| self.channel(partition)).chain([self.beats()]).collect();
        listens.client.subscribe(channels).await?;
        tokio::select! {
            heard = self.listen(&listens, messages) => heard,
            spoken = self.speak(&speaks, queue, stop) => spoken,
            deaf = self.until_deaf(&listens) => deaf,
        }
    }

    fn channel(&self, partition: usize) -> String {
        format!("{}live:{partition}", self.prefix)
    }

    fn beats(&self) -> String {
        format!("{}beats", self.prefix)
    }

    /// Publishes what is queued, and beats. Ends with `Ok` when stopped, after a last word.
    async fn speak(
        &self,
        link: &Link,
        queue: &mut mpsc::Receiver<Frame>,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        // what was queued while nobody took it is lost: the first beat says so
        let mut sent = {
            let out = self.out.lock();
            while queue.try_recv().is_ok() {}
            out.heads.to_vec()
        };
        let mut tick = tokio::time::interval(BEAT);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    return self.beat(link, &sent, true).await;
                }
                _ = tick.tick() => {
                    {
                        let out = self.out.lock();
                        if queue.is_empty() {
                            // with those that found no room in the queue
                            sent.copy_from_slice(&out.heads);
                        }
                    }
                    self.beat(link, &sent, false).await?;
                }
                count = queue.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return Ok(());
                    }
                    let pipeline = link.client.pipeline();
                    for frame in batch.drain(..) {
                        sent[frame.partition] = frame.n;
                        if let Some(text) = self.text(&frame) {
                            let _: () = pipeline.publish(self.channel(frame.partition), text).await?;
                        }
                    }
                    let _: Vec<i64> = pipeline.all().await?;
                }
            }
        }
    }

    async fn beat(&self, link: &Link, heads: &[u64], leaves: bool) -> Result<(), Error> {
        let beat = Beat { node: self.node, heads: heads.to_vec(), leaves };
        let Some(text) = self.text(&beat) else { return Ok(()) };
        let _: i64 = link.client.publish(self.beats(), text).await?;
        Ok(())
    }

    /// Begins with the node, so that its own messages need not be read.
    fn text(&self, said: &impl serde::Serialize) -> Option<String> {
        match serde_json::to_string(said) {
            Ok(text) => Some(format!("{}{text}", self.node.uuid().simple())),
            Err(error) => {
                tracing::error!(%error, "a push cannot be encoded");
                None
            }
        }
    }

    async fn listen(
        &self,
        link: &Link,
        mut messages: broadcast::Receiver<fred::types::Message>,
    ) -> Result<(), Error> {
        let (own, beats) = (self.node.uuid().simple().to_string(), self.beats());
        loop {
            let message = match messages.recv().await {
                Ok(message) => message,
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "more came from other nodes than could be read");
                    self.missed(Reach::Everything, "lagged");
                    continue;
                }
                Err(broadcast::error::RecvError::Closed) => return Err(closed()),
            };
            let Some(text) = message.value.as_str() else { continue };
            let is_beat = *message.channel == *beats;
            match text.split_at_checked(own.len()) {
                Some((node, _)) if node == own && is_beat && link.is_up() => self.echoed(),
                Some((node, _)) if node == own => {}
                Some((_, said)) if is_beat => self.heard_beat(said),
                Some((_, said)) => self.heard(said),
                None => {}
            }
        }
    }

    fn echoed(&self) {
        let first = self.state.lock().echoed.replace(Instant::now()).is_none();
        if first {
            // from here on everything is heard; what was said before may have been missed
            self.missed(Reach::Everything, "connected");
        }
    }

    fn heard_beat(&self, said: &str) {
        let beat = match serde_json::from_str::<Beat>(said) {
            Ok(beat) if beat.is_whole() => beat,
            other => {
                tracing::warn!(?other, "a beat cannot be read");
                return;
            }
        };
        if beat.leaves {
            if self.state.lock().peers.leave(beat.node) {
                self.local.publish(Pushed::Gone(beat.node));
                // its last words may have been lost
                self.missed(Reach::Everything, "left");
            }
            return;
        }
        let behind = self.state.lock().peers.beat(&beat, Instant::now());
        if behind.len() > MANY {
            self.missed(Reach::Everything, "behind");
            return;
        }
        for partition in behind {
            self.missed(Reach::Partition(partition), "behind");
        }
    }

    fn heard(&self, said: &str) {
        let frame = match serde_json::from_str::<Frame>(said) {
            Ok(frame) => frame,
            Err(error) => {
                // of another version: its number will be missed
                tracing::warn!(%error, "what another node pushed cannot be read");
                return;
            }
        };
        let lost = self.state.lock().peers.note(frame.node, frame.partition, frame.n, Instant::now());
        if lost {
            self.missed(Reach::Partition(frame.partition), "gap");
        }
        metrics::counter!("turumba_live_received_total").increment(1);
        self.local.publish(frame.body.arrived());
    }

    async fn until_deaf(&self, link: &Link) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            tokio::time::sleep(BEAT).await;
            if !link.is_up() {
                return Err(closed());
            }
            let last = self.state.lock().echoed.unwrap_or(began);
            if last.elapsed() > DEAF {
                return Err(Error::new(ErrorKind::Timeout, "what was published does not come back"));
            }
        }
    }

    /// While others may not be heard everything counts as missed, again and again.
    async fn look_after(&self, stop: &CancellationToken) {
        let mut tick = tokio::time::interval(POLL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            let hearing = self.hearing();
            let is_whole = hearing == Hearing::Whole;
            let was_whole = std::mem::replace(&mut self.state.lock().was_whole, is_whole);
            metrics::gauge!("turumba_live_up").set(if is_whole { 1.0 } else { 0.0 });
            match hearing {
                Hearing::Whole if !was_whole => tracing::info!("other nodes are heard"),
                Hearing::Degraded(why) if was_whole => {
                    tracing::warn!(
                        why,
                        "other nodes may not be heard; what they write is read from the store"
                    );
                }
                _ => {}
            }
            if !is_whole || !was_whole {
                self.missed(Reach::Everything, "degraded");
            }
        }
    }

    /// Other nodes are to look into the store as well: they find a number missing.
    fn lose(&self, reach: Reach) {
        let mut out = self.out.lock();
        for (partition, head) in out.heads.iter_mut().enumerate() {
            if reach == Reach::Everything || reach == Reach::Partition(partition) {
                *head += 1;
            }
        }
    }

    fn missed(&self, reach: Reach, why: &'static str) {
        metrics::counter!("turumba_live_missed_total", "why" => why).increment(1);
        self.local.publish(Pushed::Missed(reach));
    }
}

impl Live for RedisLive {
    fn publish(&self, pushed: Pushed) {
        let told = Body::of(&pushed);
        if let Pushed::Missed(reach) = pushed {
            self.lose(reach);
        }
        self.local.publish(pushed);
        if told.is_empty() {
            return;
        }
        let is_connected = self.state.lock().echoed.is_some();
        let mut out = self.out.lock();
        for (partition, body) in told {
            out.heads[partition] += 1;
            let n = out.heads[partition];
            // without a connection, or without room, it is lost; its number is not
            if is_connected && out.queue.try_send(Frame { node: self.node, partition, n, body }).is_err() {
                metrics::counter!("turumba_live_dropped_total").increment(1);
            }
        }
    }

    fn subscribe(&self) -> broadcast::Receiver<Pushed> {
        self.local.subscribe()
    }

    fn expect(&self, nodes: &[NodeId]) {
        let others: Vec<NodeId> = nodes.iter().filter(|node| **node != self.node).copied().collect();
        let gone = self.state.lock().peers.expect(&others, Instant::now());
        for node in gone {
            self.local.publish(Pushed::Gone(node));
        }
    }

    fn hearing(&self) -> Hearing {
        let (state, now) = (self.state.lock(), Instant::now());
        match state.echoed {
            None => Hearing::Degraded(format!("no connection to Redis: {}", state.broken)),
            Some(echoed) if now.duration_since(echoed) >= SILENCE => {
                Hearing::Degraded("Redis does not answer".to_owned())
            }
            Some(_) => match state.peers.silent(now) {
                Some(node) => Hearing::Degraded(format!("node {node} is not heard")),
                None => Hearing::Whole,
            },
        }
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::IO, "the connection to Redis was closed")
}
