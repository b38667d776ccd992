//! One WebSocket. Reads and batches go through buffers that all connections of a thread share; a
//! connection holds only what is incomplete: half a message read, half a batch written.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::Instant,
};

use super::{Broken, Decoder, Kind, Read, put};

/// Bytes read at once.
const READ: usize = 16 * 1024;
/// Bytes after which a batch is written before more is pulled.
pub(crate) const BATCH: usize = 16 * 1024;

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
    static BATCH_BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Frames that are written together.
pub(crate) struct Scratch<'b>(&'b mut Vec<u8>);

impl Scratch<'_> {
    pub fn put(&mut self, kind: Kind, parts: &[&[u8]]) {
        put(self.0, kind, parts);
    }

    pub fn is_full(&self) -> bool {
        self.0.len() >= BATCH
    }
}

/// Why a WebSocket is of no more use.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The other end closed it, or the connection broke.
    Gone,
    /// The kernel gave it up: what was written was not taken in time.
    TimedOut,
    Broken(Broken),
}

impl Ended {
    pub fn of(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut { Self::TimedOut } else { Self::Gone }
    }
}

pub(crate) struct Link {
    io: TokioIo<Upgraded>,
    decoder: Decoder,
    /// The rest of a batch that the socket did not take.
    unsent: Bytes,
    /// Since when the socket takes nothing.
    stalled: Option<Instant>,
}

impl Link {
    pub fn new(io: Upgraded, limit: usize) -> Self {
        Self { io: TokioIo::new(io), decoder: Decoder::new(limit), unsent: Bytes::new(), stalled: None }
    }

    /// Since when the client takes nothing of what waits for it.
    pub fn stalled(&self) -> Option<Instant> {
        self.stalled
    }

    /// A while has passed: see [`Decoder::calm`].
    pub fn calm(&mut self) {
        self.decoder.calm();
    }

    /// The next message.
    pub fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Read, Ended>> {
        loop {
            match self.decoder.read() {
                Ok(Some(read)) => return Poll::Ready(Ok(read)),
                Ok(None) => {}
                Err(broken) => return Poll::Ready(Err(Ended::Broken(broken))),
            }
            let (io, decoder) = (&mut self.io, &mut self.decoder);
            let count = READ_BUFFER.with_borrow_mut(|buffer| {
                let mut buffer = ReadBuf::new(buffer);
                ready!(Pin::new(io).poll_read(cx, &mut buffer)?);
                decoder.feed(buffer.filled());
                Poll::Ready(Ok::<_, io::Error>(buffer.filled().len()))
            });
            match ready!(count) {
                Ok(0) => return Poll::Ready(Err(Ended::Gone)),
                Err(error) => return Poll::Ready(Err(Ended::of(&error))),
                Ok(_) => {}
            }
        }
    }

    /// Writes what is left and then what `fill` gives, batch by batch, until `fill` leaves one that is not full.
    /// Pending: the socket takes no more for now.
    pub fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        mut fill: impl FnMut(&mut Context<'_>, &mut Scratch<'_>),
    ) -> Poll<io::Result<()>> {
        loop {
            while self.unsent.has_remaining() {
                let count = self.write(cx, &self.unsent.clone());
                self.unsent.advance(ready!(count)?);
            }
            // memory of a batch is not held between batches
            self.unsent = Bytes::new();
            let more = BATCH_BUFFER.with_borrow_mut(|batch| {
                batch.clear();
                fill(cx, &mut Scratch(batch));
                let more = Scratch(batch).is_full();
                if batch.is_empty() {
                    return Ok(more);
                }
                let count = match self.write(cx, batch) {
                    Poll::Ready(count) => count?,
                    Poll::Pending => 0,
                };
                if count < batch.len() {
                    self.unsent = Bytes::copy_from_slice(&batch[count..]);
                }
                if batch.capacity() > 4 * BATCH {
                    *batch = Vec::new();
                }
                Ok::<_, io::Error>(more)
            })?;
            if !more && self.unsent.is_empty() {
                return Pin::new(&mut self.io).poll_flush(cx);
            }
        }
    }

    fn write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.io).poll_write(cx, bytes) {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(count) => {
                self.stalled = None;
                Poll::Ready(count)
            }
            Poll::Pending => {
                self.stalled.get_or_insert_with(Instant::now);
                Poll::Pending
            }
        }
    }

    /// Says goodbye, if the client still takes it at once or soon, and closes the connection.
    pub async fn close(mut self, code: u16) {
        let mut said = false;
        let farewell = async {
            let write = poll_fn(|cx| {
                self.poll_write(cx, |_, scratch| {
                    if !std::mem::replace(&mut said, true) {
                        scratch.put(Kind::Close, &[&code.to_be_bytes()]);
                    }
                })
            });
            write.await?;
            self.io.shutdown().await
        };
        // whoever does not read it loses nothing
        let _in_time = tokio::time::timeout(std::time::Duration::from_secs(2), farewell).await;
    }
}
