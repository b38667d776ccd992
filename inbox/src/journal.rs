//! The journal of what arrives: a body is stored for good, together with the work that follows from it,
//! before its provider hears "accepted".
//!
//! Guarantee of [`Journal::accept`]: when it returns `Ok`, the bodies are committed in the store or
//! fsynced in the spool; they will be handled exactly once by their journal id, the items of one sender in
//! the order in which this node was handed them. Several nodes keep the order of reception, if their spools
//! are emptied within [`JournalOptions::settle`] of one another. When it returns an error, the provider must
//! try again.

mod base64;
mod carry;
mod drain;
pub mod parked;
mod spool;
mod write;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use bus::Fault;
use bytes::Bytes;
use futures::future::BoxFuture;
use model::{AccountId, ChannelId, ChannelType, Error, JournalId, Result, Time};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::spool::Spool;
pub(crate) use self::write::without_nul;
use crate::{Inbox, inbound::InboundItem, receipts::Receipt};

/// Most bodies that one transaction takes.
const BATCH: usize = 256;
/// A batch with so many bytes takes no further body: no statement grows beyond that and the largest of them.
const BATCH_BYTES: usize = 16 << 20;
/// Callers that may wait for the batcher; more are told to come back.
const WAITING: usize = 2048;
/// A transaction that takes longer counts as a store that is down; the journal id makes it harmless if it
/// did commit.
const TIME_LIMIT: Duration = Duration::from_secs(8);
/// A large body takes its time: a second more for so many bytes.
const BYTES_A_SECOND: usize = 4 << 20;
/// A store that lets one wait longer for a transaction counts as one that was away.
const LONG: Duration = Duration::from_millis(500);

/// Where a body came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Webhook,
    /// A session of ours: long polling.
    Poll,
    Sandbox,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Sandbox => "sandbox",
        }
    }
}

/// A verified body, read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Accepted {
    pub id: JournalId,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
    pub source: Source,
    pub received_at: Time,
    /// How it was asked: with GET, what it tells is in the query.
    #[serde(default = "post")]
    pub method: String,
    /// The query of its address, without the channel's secret.
    #[serde(default)]
    pub query: Option<String>,
    pub content_type: Option<String>,
    /// The headers worth keeping; never those that hold a secret.
    pub headers: Value,
    #[serde(with = "base64")]
    pub body: Bytes,
    pub reading: Reading,
}

fn post() -> String {
    "POST".to_owned()
}

/// A body that the journal keeps.
#[derive(Debug, Clone)]
pub struct Kept {
    pub content_type: Option<String>,
    pub body: Bytes,
}

/// What was made of a body.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Understood: these follow from it, in this order.
    Accepted { items: Vec<InboundItem>, receipts: Vec<Receipt> },
    /// Kept, without consequences: the channel is disabled.
    Ignored { reason: String },
    /// Genuine but not understood; it waits for a person.
    Parked { reason: String },
}

/// A webhook whose channel could not be read because the store is down. It is verified when the spool is
/// drained; a forgery is dropped then.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unverified {
    pub id: JournalId,
    pub channel_type: ChannelType,
    pub channel_id: ChannelId,
    pub received_at: Time,
    pub method: String,
    /// The public address that was called, with its query.
    pub url: String,
    pub headers: Vec<(String, String)>,
    #[serde(with = "base64")]
    pub body: Bytes,
}

/// What the second look at an [`Unverified`] webhook gave.
pub enum Verdict {
    Genuine(Box<Accepted>),
    /// Forged, or its channel does not exist: dropped.
    Dropped(String),
    /// It cannot be told, for a reason that does not pass by itself: kept in a file aside, so that nothing
    /// else waits for it, and looked at again every minute.
    Aside(String),
    /// The store is still down.
    Later,
}

/// Verifies webhooks that were spooled unseen; given by `webhooks`.
pub trait SecondLook: Send + Sync + 'static {
    fn look<'a>(&'a self, webhook: &'a Unverified) -> BoxFuture<'a, Verdict>;
}

/// How a body was made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    Stored,
    /// On this node's disk; it goes to the store when that is back.
    Spooled,
}

/// Where the journal keeps files, and how much.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    /// Folder for the spool.
    pub dir: PathBuf,
    /// Bytes that the spool may take; unverified bodies get a tenth of them.
    pub spool_max: u64,
    /// After a failure of the store, what is stored waits so long to be handled: for what other nodes have
    /// spooled and received before. Zero: there is no other node.
    pub settle: Duration,
}

/// Where the journal has a body from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Provider,
    Spool,
}

struct Waiting {
    bodies: Vec<Accepted>,
    answer: oneshot::Sender<Result<Durable>>,
}

struct Inner {
    inbox: Inbox,
    spool: Spool,
    /// The journal's folder.
    dir: PathBuf,
    queue: mpsc::Sender<Waiting>,
    /// Something was spooled.
    spooled: Notify,
    /// Receipts were noted.
    receipts: Notify,
    settle: Duration,
    /// When the store was away last, as far as this node has noticed.
    away_at: Mutex<Option<Instant>>,
}

/// The journal of one node. Cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

/// The other end of [`Journal`]: what its tasks work on.
pub struct JournalTasks {
    journal: Journal,
    queue: mpsc::Receiver<Waiting>,
}

impl Journal {
    /// Opens the journal's folder and counts what an earlier process left in the spool.
    pub async fn open(inbox: Inbox, options: JournalOptions) -> std::io::Result<(Self, JournalTasks)> {
        let spool = Spool::open(options.dir.join("spool"), options.spool_max).await?;
        let (queue, receiver) = mpsc::channel(WAITING);
        let journal = Self(Arc::new(Inner {
            inbox,
            spool,
            dir: options.dir,
            queue,
            spooled: Notify::new(),
            receipts: Notify::new(),
            settle: options.settle,
            away_at: Mutex::new(None),
        }));
        Ok((journal.clone(), JournalTasks { journal, queue: receiver }))
    }

    /// Stores bodies in the order given. All of one call become durable together or, on an error, none
    /// was acknowledged.
    pub async fn accept(&self, bodies: Vec<Accepted>) -> Result<Durable> {
        if bodies.is_empty() {
            return Ok(Durable::Stored);
        }
        let (answer, answered) = oneshot::channel();
        self.0.queue.try_send(Waiting { bodies, answer }).map_err(|_| {
            Error::unavailable("too much arrives at once; try again").with("retry_after_ms", 1000)
        })?;
        answered.await.unwrap_or_else(|_| Err(Error::unavailable("the hub is shutting down; try again")))
    }

    /// Keeps a webhook that cannot be verified now; 503 when the spool's tenth for such is full.
    pub async fn accept_unverified(&self, webhook: Unverified) -> Result<Durable> {
        let record = spool::Record::Unverified(webhook);
        self.0.spool.append(vec![record]).await.map_err(|error| {
            tracing::warn!(%error, "an unverified webhook was refused by the spool");
            Error::unavailable("the store cannot be reached at the moment; try again")
        })?;
        self.0.spooled.notify_one();
        Ok(Durable::Spooled)
    }

    /// A body as it was accepted, to be read again; `None` if it is gone.
    ///
    /// # Errors
    /// The store cannot be reached, or the body is not in it yet ([`whole`]).
    pub async fn kept(&self, account: AccountId, id: JournalId) -> Result<Option<Kept>> {
        let row = self
            .0
            .inbox
            .store()
            .read(account, |mut tx| async move {
                let row = sqlx::query!(
                    "SELECT content_type, body, body_file FROM webhook_journal WHERE id = $1 AND account_id = $2",
                    id.uuid(),
                    account.uuid(),
                );
                Ok(row.fetch_optional(&mut *tx).await?)
            })
            .await?;
        let Some(row) = row else { return Ok(None) };
        let body = whole(id, row.body, row.body_file)?;
        Ok(Some(Kept { content_type: row.content_type, body }))
    }

    /// Bodies that wait in the spool; for health and metrics.
    pub fn spooled(&self) -> usize {
        self.0.spool.waiting()
    }
}

impl JournalTasks {
    /// Runs the batcher, the drainer and the applier of receipts until `stop`; what was handed in before
    /// is answered first.
    pub async fn run(self, second_look: Arc<dyn SecondLook>, stop: CancellationToken) {
        let Self { journal, queue } = self;
        tokio::join!(
            batch(&journal, queue, stop.clone()),
            drain::run(&journal, second_look.as_ref(), stop.clone()),
            crate::receipts::run(&journal.0.inbox, &journal.0.receipts, stop.clone()),
            carry::run(&journal.0.inbox, &journal.0.dir, stop.clone()),
        );
    }
}

/// What the error says in its `reason` when a body lies with another hub.
pub const ELSEWHERE: &str = "body_elsewhere";

/// The body that a row holds.
///
/// # Errors
/// It still lies in a file, where an earlier version put it, and the node that has the file has not run since.
fn whole(id: JournalId, body: Option<Vec<u8>>, file: Option<String>) -> Result<Bytes> {
    if body.is_none() && file.is_some() {
        return Err(Error::unavailable(format!(
            "the body {id} lies in the data directory of the hub that took it in; it comes when that hub starts"
        ))
        .with("reason", ELSEWHERE));
    }
    Ok(Bytes::from(body.unwrap_or_default()))
}

/// While one transaction runs the next batch collects; an idle journal adds no delay.
async fn batch(journal: &Journal, mut queue: mpsc::Receiver<Waiting>, stop: CancellationToken) {
    loop {
        let first = tokio::select! {
            biased;
            first = queue.recv() => first,
            () = stop.cancelled(), if !queue.is_closed() => { queue.close(); continue }
        };
        let Some(first) = first else { return };
        let (mut size, mut bytes) = (first.bodies.len(), bytes_of(&first.bodies));
        let mut batch = vec![first];
        while size < BATCH && bytes < BATCH_BYTES {
            let Ok(next) = queue.try_recv() else { break };
            size += next.bodies.len();
            bytes += bytes_of(&next.bodies);
            batch.push(next);
        }
        journal.store(batch).await;
    }
}

fn bytes_of<'a>(bodies: impl IntoIterator<Item = &'a Accepted>) -> usize {
    bodies.into_iter().map(|body| body.body.len()).sum()
}

impl Journal {
    async fn store(&self, batch: Vec<Waiting>) {
        // what comes after a spooled body of the same channel must not overtake it
        let (behind, direct): (Vec<Waiting>, Vec<Waiting>) = batch
            .into_iter()
            .partition(|waiting| waiting.bodies.iter().any(|body| self.0.spool.holds(body.channel_id)));
        self.spool(behind).await;
        if direct.is_empty() {
            return;
        }
        let all: Vec<&Accepted> = direct.iter().flat_map(|waiting| &waiting.bodies).collect();
        match self.write(&all, Origin::Provider).await {
            Ok(()) => answer(direct, || Ok(Durable::Stored)),
            Err(fault) if !is_the_bodys_fault(&fault) => {
                tracing::warn!(error = %fault, bodies = all.len(), "the store is down: spooling");
                self.spool(direct).await;
            }
            Err(fault) => {
                tracing::warn!(error = %fault, bodies = all.len(), "a batch was refused: one by one");
                self.one_by_one(direct).await;
            }
        }
    }

    /// Keeps a body that the store refuses from taking others down with it.
    async fn one_by_one(&self, batch: Vec<Waiting>) {
        for mut waiting in batch {
            let mut outcome = self.write(&waiting.bodies.iter().collect::<Vec<_>>(), Origin::Provider).await;
            if let Err(fault) = &outcome
                && is_the_bodys_fault(fault)
            {
                tracing::error!(error = %fault, "a body was refused by the store; it is parked");
                for body in &mut waiting.bodies {
                    body.park(fault);
                }
                outcome = self.write(&waiting.bodies.iter().collect::<Vec<_>>(), Origin::Provider).await;
            }
            match outcome {
                Ok(()) => answer(vec![waiting], || Ok(Durable::Stored)),
                Err(fault) if !is_the_bodys_fault(&fault) => self.spool(vec![waiting]).await,
                Err(fault) => {
                    let text = fault.to_string();
                    answer(vec![waiting], || Err(Error::internal(text.clone())));
                }
            }
        }
    }

    async fn spool(&self, batch: Vec<Waiting>) {
        if batch.is_empty() {
            return;
        }
        let records = batch
            .iter()
            .flat_map(|waiting| waiting.bodies.iter().cloned().map(spool::Record::Verified))
            .collect();
        match self.0.spool.append(records).await {
            Ok(()) => {
                self.0.spooled.notify_one();
                answer(batch, || Ok(Durable::Spooled));
            }
            Err(error) => {
                tracing::error!(%error, "neither the store nor the spool takes what arrives");
                answer(batch, || {
                    Err(Error::unavailable("the store cannot be reached at the moment; try again"))
                });
            }
        }
    }

    /// Writes bodies and wakes who works on them.
    async fn write(&self, bodies: &[&Accepted], origin: Origin) -> Result<(), Fault> {
        let asked_at = Instant::now();
        let turn = || self.turn(origin, asked_at);
        let seconds = bytes_of(bodies.iter().copied()) / BYTES_A_SECOND;
        let limit = TIME_LIMIT + Duration::from_secs(seconds as u64);
        let written = tokio::time::timeout(limit, write::write(&self.0.inbox, bodies, &turn)).await;
        let noted = written
            .unwrap_or_else(|_| Err(Fault::Refused(Error::unavailable("the store did not answer in time"))));
        if let Err(fault) = &noted
            && !is_the_bodys_fault(fault)
        {
            *self.0.away_at.lock() = Some(Instant::now());
        }
        if noted? {
            self.0.receipts.notify_one();
        }
        Ok(())
    }

    /// After an outage the nodes come back one after the other. What one of them has spooled takes its place by
    /// the time of its reception; for as long as that may take, nobody handles what came later.
    ///
    /// Called within the transaction that was asked for at `asked_at`: one that was long in coming is how an outage
    /// shows that nothing failed by.
    fn turn(&self, origin: Origin, asked_at: Instant) -> write::Turn {
        let settle = self.0.settle;
        if settle.is_zero() {
            return write::Turn::default();
        }
        let by_reception = origin == Origin::Spool;
        let mut away_at = self.0.away_at.lock();
        if by_reception || asked_at.elapsed() > LONG {
            *away_at = Some(Instant::now());
        }
        let is_unsettled = away_at.is_some_and(|at| at.elapsed() < settle);
        let not_before = is_unsettled.then(|| self.0.inbox.now() + settle);
        write::Turn { by_reception, not_before }
    }
}

/// Whether the store would refuse it again: values that it cannot hold (classes 22, 23 and 54 of SQLSTATE).
/// Anything else is taken for a store that is not well: then nothing may be parked or refused for it.
fn is_the_bodys_fault(fault: &Fault) -> bool {
    match fault {
        Fault::Store(sqlx::Error::Database(error)) => {
            error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
        }
        Fault::Store(sqlx::Error::Encode(_)) => true,
        Fault::Refused(error) => error.code == model::ErrorCode::Internal,
        _ => false,
    }
}

fn answer(batch: Vec<Waiting>, with: impl Fn() -> Result<Durable>) {
    for waiting in batch {
        // a caller that has gone away will be called again by its provider
        let _ = waiting.answer.send(with());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Stage;

    /// An outage shows by an error, by a spool that is emptied, and by a store that lets one wait.
    #[tokio::test]
    async fn after_an_outage_what_is_stored_waits_for_what_others_have_spooled() {
        let (stage, dir) = (Stage::new().await, tempfile::tempdir().unwrap());
        let settle = Duration::from_millis(200);
        let options = |settle| JournalOptions { dir: dir.path().into(), spool_max: 1 << 20, settle };
        let (journal, _tasks) = Journal::open(stage.inbox.clone(), options(settle)).await.unwrap();
        let waits = |journal: &Journal, origin, waited| {
            let asked_at = Instant::now().checked_sub(waited).unwrap();
            journal.turn(origin, asked_at).not_before.is_some()
        };
        assert!(!waits(&journal, Origin::Provider, Duration::ZERO), "nothing was wrong");
        assert!(waits(&journal, Origin::Provider, LONG * 2), "the store let one wait");
        assert!(waits(&journal, Origin::Provider, Duration::ZERO), "and this comes right behind it");
        tokio::time::sleep(settle * 2).await;
        assert!(!waits(&journal, Origin::Provider, Duration::ZERO), "all have had their time");
        assert!(waits(&journal, Origin::Spool, Duration::ZERO));
        assert!(waits(&journal, Origin::Provider, Duration::ZERO), "another's spool may not be empty yet");
        let (alone, _tasks) = Journal::open(stage.inbox.clone(), options(Duration::ZERO)).await.unwrap();
        assert!(!waits(&alone, Origin::Spool, LONG * 2), "there is nobody to wait for");
        stage.end().await;
    }
}
