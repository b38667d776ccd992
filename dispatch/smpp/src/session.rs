//! One bind over one stream.

mod pending;
mod tasks;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch},
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Bind, BindKind, BindResponse, Body, MessageResponse, Pdu, ShortMessage, Status,
    frame::frame,
    pace::Pace,
    pdu::EncodeError,
    session::pending::{Entry, Pending, Withdrawn},
    status::Class,
};

/// How a session binds and behaves.
#[derive(Clone)]
pub struct SessionOptions {
    pub kind: BindKind,
    pub system_id: String,
    pub password: String,
    pub system_type: String,
    pub interface_version: u8,
    pub addr_ton: u8,
    pub addr_npi: u8,
    /// Which addresses a receiver wants messages for; usually empty.
    pub address_range: String,
    /// Submits that may be unanswered at once.
    pub window: usize,
    /// Submits a second; `None` = no limit but the window.
    pub rate: Option<f64>,
    /// How long the answer to the bind may take.
    pub bind_time: Duration,
    /// How long the answer to a submit may take before its outcome counts as unknown. Three in a row end the session.
    pub response_time: Duration,
    /// After so long without a word from the peer it is asked whether it is there.
    pub enquire_after: Duration,
    /// How long the peer may take to say so. Two answers missed end the session.
    pub enquire_time: Duration,
    /// How long a session that ends waits for the answer to its `unbind`.
    pub unbind_time: Duration,
    /// Deliveries that may be unanswered at once; beyond it the stream is not read.
    pub inbound: usize,
    /// The first sequence number.
    pub first_sequence: u32,
}

impl SessionOptions {
    /// A transceiver with a window of ten and the times of the field.
    #[must_use]
    pub fn new(system_id: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            kind: BindKind::Transceiver,
            system_id: system_id.into(),
            password: password.into(),
            system_type: String::new(),
            interface_version: 0x34,
            addr_ton: 0,
            addr_npi: 0,
            address_range: String::new(),
            window: 10,
            rate: None,
            bind_time: Duration::from_secs(10),
            response_time: Duration::from_secs(30),
            enquire_after: Duration::from_secs(30),
            enquire_time: Duration::from_secs(10),
            unbind_time: Duration::from_secs(5),
            inbound: 100,
            first_sequence: 1,
        }
    }
}

/// Shows no password.
impl std::fmt::Debug for SessionOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionOptions")
            .field("kind", &self.kind)
            .field("system_id", &self.system_id)
            .field("window", &self.window)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error("the message centre refused the bind: {0}")]
    Refused(Status),
    #[error("the message centre did not answer the bind in time")]
    Timeout,
    #[error("the connection ended before the bind was answered: {0}")]
    Connection(std::io::Error),
    #[error("the message centre answered something else: {0}")]
    Protocol(String),
    #[error("the bind cannot be written: {0}")]
    Invalid(#[from] EncodeError),
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    #[error("it was unbound")]
    Unbound,
    #[error("the message centre unbound it")]
    UnboundByPeer,
    #[error("the message centre closed the connection")]
    Ended,
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the message centre was silent")]
    Silent,
    #[error("the message centre left submits unanswered")]
    Unanswered,
    #[error("what came is no SMPP: {0}")]
    Framing(String),
    #[error("the message centre does not count it as bound any more")]
    NotBound,
    #[error("its owner let it go")]
    Dropped,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error("the session ended: {0}")]
    Closed(Closed),
    #[error("the session is ending")]
    Draining,
    #[error("the window or the rate left no room in time")]
    Busy,
    #[error("the message cannot be written: {0}")]
    Invalid(#[from] EncodeError),
    #[error("a receiver does not send")]
    Receiver,
}

/// What became of a submit that was not taken for certain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The message centre did not take it.
    #[error("refused with {0}")]
    Refused(Status),
    /// Not an octet of it left.
    #[error("not sent: {0}")]
    NotSent(Lost),
    /// It may have been taken.
    #[error("it may have been taken: {0}")]
    Unknown(String),
}

enum Outgoing {
    Request { sequence: u32, octets: Bytes },
    Answer(Bytes),
}

struct Shared {
    pending: Pending,
    window: Arc<Semaphore>,
    pace: Pace,
    out: mpsc::Sender<Outgoing>,
    closed: watch::Sender<Option<Closed>>,
    response_time: Duration,
    unbind_time: Duration,
    peer: String,
    number: u64,
    is_receiver: bool,
}

/// Sessions of this process so far.
static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// A bound session. Cheap to clone; when the last clone is gone, the connection is closed without ceremony.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    _owner: Arc<Owner>,
}

/// Ends the session with its last handle.
struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close(Closed::Dropped);
    }
}

/// What the message centre delivers over a session.
pub struct Inbound(mpsc::Receiver<Delivery>);

impl Inbound {
    /// The next delivery; `None` when the session has ended.
    pub async fn recv(&mut self) -> Option<Delivery> {
        self.0.recv().await
    }

    /// The next one if it is there already.
    pub fn try_recv(&mut self) -> Option<Delivery> {
        self.0.try_recv().ok()
    }

    pub(crate) fn channel(size: usize) -> (mpsc::Sender<Delivery>, Self) {
        let (sender, receiver) = mpsc::channel(size);
        (sender, Self(receiver))
    }
}

/// A message from the message centre, a customer's or a receipt, that waits for our answer. One that is dropped
/// without an answer is refused for now, so that it comes again.
#[must_use = "a delivery that is dropped is refused"]
pub struct Delivery {
    pub message: ShortMessage,
    /// The whole PDU, as it came.
    pub raw: Bytes,
    answer: Option<Reply>,
}

/// The session that a delivery came over.
#[derive(Clone)]
pub struct Origin {
    number: u64,
    out: mpsc::WeakSender<Outgoing>,
}

impl Origin {
    #[must_use]
    pub const fn is_same(&self, other: &Self) -> bool {
        self.number == other.number
    }

    /// False once the session has ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.out.upgrade().is_some_and(|out| !out.is_closed())
    }
}

struct Reply {
    out: mpsc::Sender<Outgoing>,
    /// Of the session, unique in this process.
    session: u64,
    sequence: u32,
    is_data: bool,
}

impl Delivery {
    /// Where it came from; `None` once it is answered.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.answer.as_ref().map(|reply| Origin { number: reply.session, out: reply.out.downgrade() })
    }

    /// Tells the message centre that the message is ours now.
    pub fn accept(mut self) {
        self.reply(Status::OK);
    }

    /// Tells it that we did not take it; [`Status::TEMPORARY_APP_ERROR`] and [`Status::QUEUE_FULL`] let it come again.
    pub fn refuse(mut self, status: Status) {
        self.reply(status);
    }

    fn reply(&mut self, status: Status) {
        let Some(Reply { out, sequence, is_data, .. }) = self.answer.take() else { return };
        let answer = MessageResponse::default();
        let body = if is_data { Body::DataSmResponse(answer) } else { Body::DeliverSmResponse(answer) };
        if let Some(octets) = encoded(&Pdu { status, sequence, body }) {
            // a message centre that does not read its answers asks again
            let _ = out.try_send(Outgoing::Answer(octets));
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.reply(Status::TEMPORARY_APP_ERROR);
    }
}

fn encoded(pdu: &Pdu) -> Option<Bytes> {
    let mut octets = BytesMut::with_capacity(64);
    pdu.encode(&mut octets).ok()?;
    Some(octets.freeze())
}

impl Session {
    /// Binds over a stream that is connected (and, for TLS, has its handshake behind it).
    ///
    /// # Errors
    /// [`BindError`].
    pub async fn bind<S>(stream: S, options: SessionOptions) -> Result<(Self, Inbound), BindError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (deliveries, inbound) = Inbound::channel(options.inbound.max(1));
        Ok((Self::bind_into(stream, options, deliveries).await?, inbound))
    }

    /// As [`Session::bind`], with deliveries put where those of other sessions are.
    pub(crate) async fn bind_into<S>(
        stream: S,
        options: SessionOptions,
        deliveries: mpsc::Sender<Delivery>,
    ) -> Result<Self, BindError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut buffer = BytesMut::with_capacity(16 << 10);
        let sequence = options.first_sequence.clamp(1, pending::LAST_SEQUENCE);
        let bound =
            timeout(options.bind_time, handshake(&mut reader, &mut writer, &mut buffer, &options, sequence));
        let answer = bound.await.map_err(|_| BindError::Timeout)??;

        let (out, outgoing) = mpsc::channel(options.window.max(1) + 4 * options.inbound.max(1) + 256);
        let shared = Arc::new(Shared {
            pending: Pending::after(sequence),
            window: Arc::new(Semaphore::new(options.window.max(1))),
            pace: Pace::new(options.rate),
            out,
            closed: watch::Sender::new(None),
            response_time: options.response_time,
            unbind_time: options.unbind_time,
            peer: answer.system_id,
            number: SESSIONS.fetch_add(1, Ordering::Relaxed),
            is_receiver: options.kind == BindKind::Receiver,
        });
        let session = Self { _owner: Arc::new(Owner(Arc::clone(&shared))), shared: Arc::clone(&shared) };
        let heard = tasks::Heard::default();
        tokio::spawn(tasks::write(Arc::clone(&shared), writer, outgoing));
        tokio::spawn(tasks::read(Arc::clone(&shared), reader, buffer, deliveries, heard.clone()));
        tokio::spawn(tasks::watch(shared, options, heard));
        Ok(session)
    }

    /// Sends a message and waits for the answer, at most until `until`: for room in the rate and the window, and
    /// then for the message centre. A caller that goes away takes back what was not yet written.
    ///
    /// # Errors
    /// [`SubmitError`], which says what is certain.
    pub async fn submit(
        &self,
        message: ShortMessage,
        until: Instant,
    ) -> Result<MessageResponse, SubmitError> {
        let shared = &self.shared;
        if shared.is_receiver {
            return Err(SubmitError::NotSent(Lost::Receiver));
        }
        if !shared.pace.turn(until).await {
            return Err(SubmitError::NotSent(shared.reason_or(Lost::Busy)));
        }
        let permit = match timeout_at(until, Arc::clone(&shared.window).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(SubmitError::NotSent(shared.reason_or(Lost::Draining))),
            Err(_) => return Err(SubmitError::NotSent(shared.reason_or(Lost::Busy))),
        };
        let answer = shared.request(Body::SubmitSm(message), Some(permit), until).await?;
        match (answer.status, answer.body) {
            (Status::OK, Body::SubmitSmResponse(taken)) => Ok(taken),
            (Status::OK, _) => {
                Err(SubmitError::Unknown("it was answered with another kind of PDU".to_owned()))
            }
            (status, _) => {
                self.heed(status);
                Err(SubmitError::Refused(status))
            }
        }
    }

    /// What a refusal means for those that come after it.
    fn heed(&self, status: Status) {
        let spread = rand::random_range(0.8..1.2);
        match status {
            Status::QUEUE_FULL => self.shared.pace.throttled(Duration::from_secs_f64(5.0 * spread)),
            _ if status.class() == Class::Throttled => {
                self.shared.pace.throttled(Duration::from_secs_f64(spread));
            }
            Status::INVALID_BIND_STATUS => self.shared.close(Closed::NotBound),
            _ => {}
        }
    }

    /// Ends the session in good order: takes no more submits, waits for the answers to those that are out (at most
    /// the response time), unbinds, and closes.
    pub async fn unbind(&self) {
        self.shared.window.close();
        let deadline = Instant::now() + self.shared.response_time;
        self.shared.pending.until_empty(deadline).await;
        let until = Instant::now() + self.shared.unbind_time;
        let _ = self.shared.request(Body::Unbind, None, until).await;
        self.shared.close(Closed::Unbound);
    }

    /// Returns when the session has ended, and why.
    pub async fn ended(&self) -> Closed {
        let mut closed = self.shared.closed.subscribe();
        let reason = closed.wait_for(Option::is_some).await;
        reason.ok().and_then(|reason| reason.clone()).unwrap_or(Closed::Dropped)
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.window.is_closed()
    }

    /// Room in the window.
    #[must_use]
    pub fn room(&self) -> usize {
        if self.is_closed() { 0 } else { self.shared.window.available_permits() }
    }

    /// Requests that wait for their answer.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.shared.pending.len()
    }

    /// How the message centre calls itself.
    #[must_use]
    pub fn peer(&self) -> &str {
        &self.shared.peer
    }
}

impl Shared {
    /// Writes a request and waits for its answer. What the window gave is held until the answer is there or given
    /// up, also when nobody waits for it any more.
    async fn request(
        &self,
        body: Body,
        permit: Option<OwnedSemaphorePermit>,
        until: Instant,
    ) -> Result<Pdu, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let entry = Entry {
            answer,
            _permit: permit,
            deadline: Instant::now() + self.response_time,
            is_written: false,
        };
        let sequence =
            self.pending.add(entry).map_err(|closed| SubmitError::NotSent(Lost::Closed(closed)))?;
        let mut octets = BytesMut::with_capacity(256);
        if let Err(error) = Pdu::ok(sequence, body).encode(&mut octets) {
            self.pending.withdraw(sequence);
            return Err(SubmitError::NotSent(Lost::Invalid(error)));
        }
        // withdrawn with this future, unless it is written by then
        let guard = Withdraw { pending: &self.pending, sequence };
        let request = Outgoing::Request { sequence, octets: octets.freeze() };
        let waited = timeout_at(until, async {
            let _ = self.out.send(request).await;
            answered.await
        })
        .await;
        match waited {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(SubmitError::Unknown("the session ended".to_owned())),
            Err(_) => match guard.pending.withdraw(sequence) {
                Withdrawn::Unwritten => Err(SubmitError::NotSent(Lost::Busy)),
                Withdrawn::Written | Withdrawn::Gone => {
                    Err(SubmitError::Unknown("no answer came in time".to_owned()))
                }
            },
        }
    }

    /// Ends the session once; later reasons do not count.
    fn close(&self, reason: Closed) {
        self.window.close();
        self.pending.close(&reason);
        self.closed.send_if_modified(|closed| {
            let is_first = closed.is_none();
            closed.get_or_insert(reason);
            is_first
        });
    }

    fn reason_or(&self, lost: Lost) -> Lost {
        self.closed.borrow().clone().map_or(lost, Lost::Closed)
    }
}

struct Withdraw<'a> {
    pending: &'a Pending,
    sequence: u32,
}

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        self.pending.withdraw(self.sequence);
    }
}

async fn handshake<R, W>(
    reader: &mut R,
    writer: &mut W,
    buffer: &mut BytesMut,
    options: &SessionOptions,
    sequence: u32,
) -> Result<BindResponse, BindError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let bind = Bind {
        system_id: options.system_id.clone(),
        password: options.password.clone(),
        system_type: options.system_type.clone(),
        interface_version: options.interface_version,
        addr_ton: options.addr_ton,
        addr_npi: options.addr_npi,
        address_range: options.address_range.clone(),
    };
    let mut request = BytesMut::new();
    Pdu::ok(sequence, Body::Bind(options.kind, bind)).encode(&mut request)?;
    writer.write_all(&request).await.map_err(BindError::Connection)?;
    writer.flush().await.map_err(BindError::Connection)?;
    loop {
        while let Some(octets) = frame(buffer).map_err(|error| BindError::Protocol(error.to_string()))? {
            let Ok(pdu) = Pdu::decode(&octets) else { continue };
            match pdu.body {
                Body::BindResponse(_, answer) if pdu.status == Status::OK => return Ok(answer),
                Body::BindResponse(..) | Body::GenericNack => return Err(BindError::Refused(pdu.status)),
                Body::EnquireLink => {
                    if let Some(octets) = encoded(&Pdu::ok(pdu.sequence, Body::EnquireLinkResponse)) {
                        writer.write_all(&octets).await.map_err(BindError::Connection)?;
                        writer.flush().await.map_err(BindError::Connection)?;
                    }
                }
                // a message centre that is too quick: what is not answered comes again
                _ => {}
            }
        }
        if reader.read_buf(buffer).await.map_err(BindError::Connection)? == 0 {
            return Err(BindError::Connection(std::io::ErrorKind::UnexpectedEof.into()));
        }
    }
}
