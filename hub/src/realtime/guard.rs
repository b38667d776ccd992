//! A guarded listener: every accepted connection cuts itself when its peer sends nothing at all, or takes
//! nothing for too long. HTTP has no such limits of its own.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::Sleep,
};

/// How long a new connection may stay silent.
const FIRST_BYTE: Duration = Duration::from_secs(15);

/// The other end of an accepted connection; a proxy when there is one. Extracted as `ConnectInfo<Peer>`.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Accepts TCP connections under guard.
#[derive(Debug)]
pub struct GuardedListener {
    listener: TcpListener,
    stall: Duration,
    first_byte: Duration,
}

impl GuardedListener {
    /// `stall`: how long a write may make no progress.
    #[must_use]
    pub fn new(listener: TcpListener, stall: Duration) -> Self {
        Self { listener, stall, first_byte: FIRST_BYTE }
    }
}

impl Listener for GuardedListener {
    type Io = GuardedIo;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (GuardedIo, SocketAddr) {
        // retries and logs on the errors of accept(2)
        let (stream, address) = Listener::accept(&mut self.listener).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let io = GuardedIo {
            stream,
            peer: Peer(address),
            stall: self.stall,
            stalled: None,
            silent: Some(Box::pin(tokio::time::sleep(self.first_byte))),
        };
        (io, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A TCP stream under guard.
#[derive(Debug)]
pub struct GuardedIo {
    stream: TcpStream,
    peer: Peer,
    stall: Duration,
    /// Runs while the peer takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Runs until the peer has sent something.
    silent: Option<Pin<Box<Sleep>>>,
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the hub")
}

impl GuardedIo {
    /// The other end.
    #[must_use]
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Puts the stall timer around the outcome of a write.
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let stall = self.stall;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(cut()))
    }
}

impl AsyncRead for GuardedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        if outcome.is_ready() {
            self.silent = None;
        } else if let Some(silent) = &mut self.silent {
            ready!(silent.as_mut().poll(cx));
            return Poll::Ready(Err(cut()));
        }
        outcome
    }
}

impl AsyncWrite for GuardedIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::serve::Listener;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::GuardedListener;

    async fn pair(stall: Duration) -> (super::GuardedIo, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut guarded = GuardedListener::new(listener, stall);
        let (accepted, client) = tokio::join!(guarded.accept(), TcpStream::connect(address));
        (accepted.0, client.unwrap())
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_cut() {
        let (mut io, _client) = pair(Duration::from_millis(200)).await;
        let block = vec![0u8; 1 << 20];
        let started = tokio::time::Instant::now();
        let error = loop {
            if let Err(error) = io.write_all(&block).await {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionAborted);
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test]
    async fn a_peer_that_sends_nothing_is_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut guarded = GuardedListener::new(listener, Duration::from_secs(30));
        guarded.first_byte = Duration::from_millis(200);
        let (accepted, client) = tokio::join!(guarded.accept(), TcpStream::connect(address));
        let (mut io, _client) = (accepted.0, client.unwrap());
        let read = tokio::time::timeout(Duration::from_secs(10), io.read(&mut [0u8; 8])).await.unwrap();
        assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::ConnectionAborted);
        let (accepted, client) = tokio::join!(guarded.accept(), TcpStream::connect(address));
        let (mut io, mut client) = (accepted.0, client.unwrap());
        client.write_all(b"x").await.unwrap();
        assert_eq!(io.read(&mut [0u8; 8]).await.unwrap(), 1);
        let idle = tokio::time::timeout(Duration::from_millis(500), io.read(&mut [0u8; 8])).await;
        assert!(idle.is_err(), "afterwards it may be silent");
    }
}
