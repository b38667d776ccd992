//! The three tasks of a session: one writes, one reads, one watches the clock. A writer that is held up never keeps
//! the reader from reading.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{
        mpsc::{self, error::SendTimeoutError},
        watch,
    },
    time::Instant,
};

use super::{Closed, Delivery, Outgoing, Reply, SessionOptions, Shared, encoded};
use crate::{Body, Pdu, ShortMessage, Status, frame::frame, pdu};

/// PDUs that one write takes along.
const BATCH: usize = 256;
/// How long the peer may refuse to read.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// How long a full queue of deliveries holds up the reading of everything else.
const QUEUE_TIME: Duration = Duration::from_secs(5);
/// What is still answered after the peer has unbound.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// Unanswered submits in a row that end a session.
const UNANSWERED: usize = 3;
/// Enquiries that may be missed.
const MISSED: u32 = 2;

/// When the peer was last heard, and how many of our submits it left unanswered since.
#[derive(Clone)]
pub(super) struct Heard(Arc<Mutex<(Instant, usize)>>);

impl Default for Heard {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), 0))))
    }
}

impl Heard {
    fn lock(&self) -> std::sync::MutexGuard<'_, (Instant, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn is_closed(closed: &mut watch::Receiver<Option<Closed>>) {
    let _ = closed.wait_for(Option::is_some).await;
}

/// Writes what waits, as much of it as there is in one go.
pub(super) async fn write<W: AsyncWrite + Unpin>(
    shared: Arc<Shared>,
    mut stream: W,
    mut outgoing: mpsc::Receiver<Outgoing>,
) {
    let mut closed = shared.closed.subscribe();
    let (mut batch, mut buffer) = (Vec::with_capacity(BATCH), BytesMut::with_capacity(32 << 10));
    loop {
        tokio::select! {
            biased;
            count = outgoing.recv_many(&mut batch, BATCH) => if count == 0 { break },
            () = is_closed(&mut closed) => break,
        }
        let requests = batch.iter().filter_map(|one| match one {
            Outgoing::Request { sequence, .. } => Some(*sequence),
            Outgoing::Answer(_) => None,
        });
        let mut wanted = shared.pending.write(requests).into_iter();
        buffer.clear();
        for one in batch.drain(..) {
            match one {
                Outgoing::Request { octets, .. } if wanted.next() == Some(true) => {
                    buffer.extend_from_slice(&octets);
                }
                Outgoing::Request { .. } => {}
                Outgoing::Answer(octets) => buffer.extend_from_slice(&octets),
            }
        }
        let written = tokio::time::timeout(WRITE_TIME, async {
            stream.write_all(&buffer).await?;
            stream.flush().await
        });
        let written = tokio::select! {
            written = written => written,
            () = is_closed(&mut closed) => break,
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => shared.close(Closed::Broken(error.to_string())),
            Err(_) => shared.close(Closed::Broken("it takes nothing".to_owned())),
        }
    }
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.shutdown()).await;
}

/// Reads until the stream ends or the session does.
pub(super) async fn read<R: AsyncRead + Unpin>(
    shared: Arc<Shared>,
    mut stream: R,
    mut buffer: BytesMut,
    deliveries: mpsc::Sender<Delivery>,
    heard: Heard,
) {
    let mut closed = shared.closed.subscribe();
    let work = async {
        loop {
            loop {
                match frame(&mut buffer) {
                    Ok(Some(octets)) => take(&shared, &octets, &deliveries, &heard).await,
                    Ok(None) => break,
                    Err(error) => return Closed::Framing(error.to_string()),
                }
            }
            match stream.read_buf(&mut buffer).await {
                Ok(0) => return Closed::Ended,
                Ok(_) => heard.lock().0 = Instant::now(),
                Err(error) => return Closed::Broken(error.to_string()),
            }
        }
    };
    tokio::select! {
        reason = work => shared.close(reason),
        () = is_closed(&mut closed) => {}
    }
}

/// Does what one PDU asks for.
async fn take(shared: &Arc<Shared>, octets: &Bytes, deliveries: &mpsc::Sender<Delivery>, heard: &Heard) {
    let Ok(pdu) = Pdu::decode(octets) else {
        // it costs this one message, not the session
        return nack(shared, octets, Status::INVALID_COMMAND_LENGTH).await;
    };
    let sequence = pdu.sequence;
    match pdu.body {
        Body::DeliverSm(message) => deliver(shared, deliveries, message, octets, (sequence, false)).await,
        Body::DataSm(message) => deliver(shared, deliveries, message, octets, (sequence, true)).await,
        Body::EnquireLink => send(shared, Pdu::ok(sequence, Body::EnquireLinkResponse)).await,
        Body::EnquireLinkResponse => {}
        Body::Unbind => {
            send(shared, Pdu::ok(sequence, Body::UnbindResponse)).await;
            shared.window.close();
            let shared = Arc::clone(shared);
            tokio::spawn(async move {
                // answers to what is out may still come
                shared.pending.until_empty(Instant::now() + LAST_ANSWERS).await;
                shared.close(Closed::UnboundByPeer);
            });
        }
        Body::GenericNack => {
            if !shared.pending.answer(pdu) {
                // the peer could not read something of ours: it may not know where our PDUs begin
                shared.close(Closed::Framing("a generic_nack for nothing that is known".to_owned()));
            }
        }
        Body::SubmitSmResponse(_) | Body::UnbindResponse => {
            heard.lock().1 = 0;
            // one that was given up has nobody waiting
            let _ = shared.pending.answer(pdu);
        }
        Body::Other { command: pdu::command::ALERT_NOTIFICATION | pdu::command::OUTBIND, .. } => {}
        Body::Other { command, .. } if command & pdu::command::RESPONSE != 0 => {
            let _ = shared.pending.answer(pdu);
        }
        Body::BindResponse(..) | Body::DataSmResponse(_) | Body::DeliverSmResponse(_) => {}
        Body::Bind(..) | Body::SubmitSm(_) | Body::Other { .. } => {
            nack(shared, octets, Status::INVALID_COMMAND_ID).await;
        }
    }
}

async fn deliver(
    shared: &Shared,
    deliveries: &mpsc::Sender<Delivery>,
    message: ShortMessage,
    octets: &Bytes,
    (sequence, is_data): (u32, bool),
) {
    let answer = Some(Reply { out: shared.out.clone(), session: shared.number, sequence, is_data });
    let delivery = Delivery { message, raw: octets.clone(), answer };
    match deliveries.send_timeout(delivery, QUEUE_TIME).await {
        Ok(()) => {}
        Err(SendTimeoutError::Timeout(delivery)) => delivery.refuse(Status::QUEUE_FULL),
        // nobody receives here: dropped, it is refused for now
        Err(SendTimeoutError::Closed(delivery)) => drop(delivery),
    }
}

async fn nack(shared: &Shared, octets: &[u8], status: Status) {
    if let Some((_, _, sequence)) = pdu::header(octets) {
        send(shared, Pdu { status, sequence, body: Body::GenericNack }).await;
    }
}

async fn send(shared: &Shared, pdu: Pdu) {
    if let Some(octets) = encoded(&pdu) {
        let _ = shared.out.send(Outgoing::Answer(octets)).await;
    }
}

/// Gives up what is late, asks a silent peer whether it is there, and ends the session with one that is not.
pub(super) async fn watch(shared: Arc<Shared>, options: SessionOptions, heard: Heard) {
    let mut closed = shared.closed.subscribe();
    let shortest = options.response_time.min(options.enquire_after).min(options.enquire_time);
    let mut tick =
        tokio::time::interval((shortest / 8).clamp(Duration::from_millis(5), Duration::from_millis(250)));
    let mut asked = 0;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = is_closed(&mut closed) => return,
        }
        let now = Instant::now();
        let late = shared.pending.expire(now);
        let (last, unanswered) = {
            let mut heard = heard.lock();
            heard.1 += late;
            *heard
        };
        if unanswered >= UNANSWERED {
            return shared.close(Closed::Unanswered);
        }
        let silent = now.saturating_duration_since(last);
        if silent < options.enquire_after {
            asked = 0;
        } else if silent >= options.enquire_after + options.enquire_time * asked {
            if asked >= MISSED {
                return shared.close(Closed::Silent);
            }
            asked += 1;
            if let Some(octets) = encoded(&Pdu::ok(shared.pending.number(), Body::EnquireLink)) {
                // a queue that is full says that the peer takes nothing; the silence counts all the same
                let _ = shared.out.try_send(Outgoing::Answer(octets));
            }
        }
    }
}
