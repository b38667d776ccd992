//! A message centre for tests and benches: it takes what it is sent, writes down what it took, and behaves badly
//! when told to.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot, watch},
};

use crate::{
    Address, BindKind, BindResponse, Body, MessageResponse, Pdu, ShortMessage, Status, esm, frame, pdu, tlv,
};

/// When receipts of what was taken are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Receipts {
    #[default]
    None,
    /// After the answer.
    After,
    /// They overtake the answer.
    Before,
}

/// How the message centre behaves.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Binds with another password are refused.
    pub password: String,
    /// Every so many submits are refused with `ESME_RTHROTTLED`; 0 = none.
    pub throttle_every: usize,
    /// Refuses every submit with this.
    pub refuse: Option<Status>,
    /// The connection is cut after so many submits on it; the last is taken and not answered. 0 = never.
    pub cut_after: usize,
    /// Submits are taken and not answered.
    pub is_mute: bool,
    /// Before each answer.
    pub delay: Duration,
    pub receipts: Receipts,
    /// The answer names the message in hex, the receipt in decimal.
    pub ids_in_hex: bool,
    /// Ids begin after this one.
    pub last_id: usize,
    /// Nothing is written down; answers come as fast as possible.
    pub is_sink: bool,
    /// Binds at once; 0 = any number. More are refused as already bound.
    pub most_binds: usize,
}

/// What was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// As the answer named it.
    pub id: String,
    pub message: ShortMessage,
}

/// The message centre.
pub struct FakeSmsc {
    address: SocketAddr,
    inner: Arc<Inner>,
    listener: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Inner {
    manner: Mutex<Manner>,
    taken: Mutex<Vec<Taken>>,
    count: AtomicUsize,
    most_unanswered: AtomicUsize,
    connections: Mutex<HashMap<u32, Connection>>,
    next: AtomicU32,
    binds: AtomicUsize,
    enquiries: AtomicUsize,
    unbinds: AtomicUsize,
    cut: watch::Sender<u32>,
}

struct Connection {
    out: mpsc::UnboundedSender<Bytes>,
    kind: Option<BindKind>,
    waiting: HashMap<u32, oneshot::Sender<Status>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeSmsc {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn start(manner: Manner) -> std::io::Result<Self> {
        Self::start_on(0, manner).await
    }

    /// Listens on this port.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn start_on(port: u16, manner: Manner) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let inner = Arc::new(Inner { manner: Mutex::new(manner), ..Inner::default() });
        let serving = Arc::clone(&inner);
        let listener = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(Arc::clone(&serving), stream));
            }
        });
        Ok(Self { address, inner, listener })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn behave(&self, manner: Manner) {
        *lock(&self.inner.manner) = manner;
    }

    /// What was taken, in its order, whether or not it was answered.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.inner.taken).clone()
    }

    /// How many were taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.count.load(SeqCst)
    }

    /// The most submits of one connection that waited for their answers at once.
    #[must_use]
    pub fn most_unanswered(&self) -> usize {
        self.inner.most_unanswered.load(SeqCst)
    }

    /// Connections that are bound now.
    #[must_use]
    pub fn bound(&self) -> Vec<BindKind> {
        lock(&self.inner.connections).values().filter_map(|connection| connection.kind).collect()
    }

    /// Binds that were asked for since the start.
    #[must_use]
    pub fn binds(&self) -> usize {
        self.inner.binds.load(SeqCst)
    }

    /// `enquire_link`s that came.
    #[must_use]
    pub fn enquiries(&self) -> usize {
        self.inner.enquiries.load(SeqCst)
    }

    /// `unbind`s that came.
    #[must_use]
    pub fn unbinds(&self) -> usize {
        self.inner.unbinds.load(SeqCst)
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        self.inner.cut.send_modify(|cuts| *cuts += 1);
    }

    /// Sends a request to every connection that receives, without waiting for what they say.
    pub fn ask(&self, body: &Body) {
        for connection in lock(&self.inner.connections).values() {
            if connection.kind.is_some() {
                let sequence = self.inner.next.fetch_add(1, SeqCst) + 1;
                connection.put(Pdu::ok(sequence, body.clone()));
            }
        }
    }

    /// Sends octets as they are to every connection.
    pub fn say(&self, octets: &'static [u8]) {
        for connection in lock(&self.inner.connections).values() {
            let _ = connection.out.send(Bytes::from_static(octets));
        }
    }

    /// Delivers a message over a connection that receives; what it is answered, `None` if nobody did.
    pub async fn deliver(&self, message: ShortMessage) -> Option<Status> {
        let answered = self.inner.deliver(message)?;
        tokio::time::timeout(Duration::from_secs(10), answered).await.ok()?.ok()
    }

    /// A customer's text.
    pub async fn write(&self, from: &str, to: &str, text: &str) -> Option<Status> {
        let message = ShortMessage {
            source: Address::new(1, 1, from),
            destination: Address::automatic(to),
            data_coding: 8,
            short_message: text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ..ShortMessage::default()
        };
        self.deliver(message).await
    }
}

impl Drop for FakeSmsc {
    fn drop(&mut self) {
        self.listener.abort();
        self.cut();
    }
}

impl Connection {
    fn put(&self, pdu: Pdu) {
        let mut octets = BytesMut::new();
        if pdu.encode(&mut octets).is_ok() {
            let _ = self.out.send(octets.freeze());
        }
    }
}

impl Inner {
    fn deliver(&self, message: ShortMessage) -> Option<oneshot::Receiver<Status>> {
        let sequence = self.next.fetch_add(1, SeqCst) + 1;
        let mut connections = lock(&self.connections);
        let connection = connections
            .values_mut()
            .find(|one| matches!(one.kind, Some(BindKind::Receiver | BindKind::Transceiver)))?;
        let (answer, answered) = oneshot::channel();
        connection.waiting.insert(sequence, answer);
        connection.put(Pdu::ok(sequence, Body::DeliverSm(message)));
        Some(answered)
    }
}

async fn serve(inner: Arc<Inner>, stream: TcpStream) {
    let number = inner.next.fetch_add(1, SeqCst) + 1;
    let (mut reader, mut writer) = stream.into_split();
    let (out, mut outgoing) = mpsc::unbounded_channel::<Bytes>();
    let connection = Connection { out: out.clone(), kind: None, waiting: HashMap::new() };
    lock(&inner.connections).insert(number, connection);
    let mut cut = inner.cut.subscribe();
    let writing = tokio::spawn(async move {
        while let Some(octets) = outgoing.recv().await {
            if writer.write_all(&octets).await.is_err() {
                break;
            }
        }
    });
    let mut centre =
        Centre { inner: Arc::clone(&inner), number, out, submits: 0, unanswered: Arc::default() };
    let mut buffer = BytesMut::with_capacity(64 << 10);
    let work = async {
        loop {
            let mut answers = BytesMut::new();
            while let Ok(Some(octets)) = frame(&mut buffer) {
                if !centre.take(&octets, &mut answers) {
                    return;
                }
            }
            if !answers.is_empty() {
                let _ = centre.out.send(answers.freeze());
            }
            if !matches!(reader.read_buf(&mut buffer).await, Ok(1..)) {
                return;
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = cut.changed() => {}
    }
    lock(&inner.connections).remove(&number);
    // what was said before an orderly end is still written
    let _ = tokio::time::timeout(Duration::from_millis(20), tokio::task::yield_now()).await;
    writing.abort();
}

struct Centre {
    inner: Arc<Inner>,
    number: u32,
    out: mpsc::UnboundedSender<Bytes>,
    submits: usize,
    unanswered: Arc<AtomicUsize>,
}

impl Centre {
    /// False: the connection ends.
    fn take(&mut self, octets: &Bytes, answers: &mut BytesMut) -> bool {
        let Some((command, status, sequence)) = pdu::header(octets) else { return false };
        if command == pdu::command::SUBMIT_SM {
            return self.submit(octets, sequence, answers);
        }
        let Ok(pdu) = Pdu::decode(octets) else { return false };
        let mut say = |body: Body, status: Status| {
            let _ = Pdu { status, sequence, body }.encode(answers);
        };
        match pdu.body {
            Body::Bind(kind, bind) => {
                self.inner.binds.fetch_add(1, SeqCst);
                let manner = lock(&self.inner.manner).clone();
                let mut connections = lock(&self.inner.connections);
                let bound = connections.values().filter(|one| one.kind.is_some()).count();
                let status = match () {
                    () if bind.password != manner.password => Status::INVALID_PASSWORD,
                    () if manner.most_binds > 0 && bound >= manner.most_binds => Status::ALREADY_BOUND,
                    () => Status::OK,
                };
                if status == Status::OK
                    && let Some(connection) = connections.get_mut(&self.number)
                {
                    connection.kind = Some(kind);
                }
                let mut answer = BindResponse { system_id: "fake".to_owned(), ..BindResponse::default() };
                answer.tlvs.push(tlv::SC_INTERFACE_VERSION, vec![0x34]);
                say(Body::BindResponse(kind, answer), status);
            }
            Body::EnquireLink => {
                self.inner.enquiries.fetch_add(1, SeqCst);
                if !lock(&self.inner.manner).is_mute {
                    say(Body::EnquireLinkResponse, Status::OK);
                }
            }
            Body::Unbind => {
                self.inner.unbinds.fetch_add(1, SeqCst);
                if let Some(connection) = lock(&self.inner.connections).get_mut(&self.number) {
                    connection.kind = None;
                }
                say(Body::UnbindResponse, Status::OK);
            }
            Body::DeliverSmResponse(_) => {
                let mut connections = lock(&self.inner.connections);
                let waiting = connections.get_mut(&self.number).and_then(|one| one.waiting.remove(&sequence));
                if let Some(waiting) = waiting {
                    let _ = waiting.send(status);
                }
            }
            _ => {}
        }
        true
    }

    fn submit(&mut self, octets: &Bytes, sequence: u32, answers: &mut BytesMut) -> bool {
        self.submits += 1;
        let manner = lock(&self.inner.manner).clone();
        let refused = manner.refuse.or_else(|| {
            (manner.throttle_every > 0 && self.submits.is_multiple_of(manner.throttle_every))
                .then_some(Status::THROTTLED)
        });
        if let Some(status) = refused {
            let body = Body::SubmitSmResponse(MessageResponse::default());
            let _ = Pdu { status, sequence, body }.encode(answers);
            return true;
        }
        let number = manner.last_id + self.inner.count.fetch_add(1, SeqCst) + 1;
        let id = if manner.ids_in_hex { format!("{number:08X}") } else { format!("{number}") };
        let receipt = if manner.is_sink {
            None
        } else {
            let Ok(Pdu { body: Body::SubmitSm(message), .. }) = Pdu::decode(octets) else { return false };
            let receipt = (message.registered_delivery & 1 == 1).then(|| receipt_of(&message, number));
            lock(&self.inner.taken).push(Taken { id: id.clone(), message });
            receipt
        };
        if manner.cut_after > 0 && self.submits >= manner.cut_after {
            return false;
        }
        if let Some(receipt) = receipt.clone().filter(|_| manner.receipts == Receipts::Before) {
            drop(self.inner.deliver(receipt));
        }
        if manner.is_mute {
            return true;
        }
        let answer = MessageResponse { message_id: id, ..MessageResponse::default() };
        let answer = Pdu::ok(sequence, Body::SubmitSmResponse(answer));
        if manner.delay.is_zero() && manner.receipts != Receipts::After {
            let _ = answer.encode(answers);
            return true;
        }
        let waiting = self.unanswered.fetch_add(1, SeqCst) + 1;
        self.inner.most_unanswered.fetch_max(waiting, SeqCst);
        let (out, inner, unanswered) =
            (self.out.clone(), Arc::clone(&self.inner), Arc::clone(&self.unanswered));
        tokio::spawn(async move {
            tokio::time::sleep(manner.delay).await;
            unanswered.fetch_sub(1, SeqCst);
            let mut octets = BytesMut::new();
            if answer.encode(&mut octets).is_ok() {
                let _ = out.send(octets.freeze());
            }
            if let Some(receipt) = receipt.filter(|_| manner.receipts == Receipts::After) {
                drop(inner.deliver(receipt));
            }
        });
        true
    }
}

/// What tells the sender that its message has arrived; always in decimal.
fn receipt_of(message: &ShortMessage, number: usize) -> ShortMessage {
    let text = format!(
        "id:{number} sub:001 dlvrd:001 submit date:2601312004 done date:2601312005 stat:DELIVRD err:000 text:"
    );
    ShortMessage {
        source: message.destination.clone(),
        destination: message.source.clone(),
        esm_class: esm::DELIVERY_RECEIPT,
        short_message: text.into(),
        ..ShortMessage::default()
    }
}
