//! A guarded listener: every accepted connection cuts itself when its peer sends nothing at all, does not end the head of
//! a request, or takes nothing for too long. HTTP has no such limits of its own.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::serve::Listener;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::Sleep,
};

/// How long a new connection may stay silent.
const FIRST_BYTE: Duration = Duration::from_secs(15);

/// How long the head of a request may take from its first byte on.
const HEAD: Duration = Duration::from_secs(20);

/// Bytes of the kernel's send buffer, which would otherwise grow to megabytes for a peer that takes nothing. It
/// is not small, because files go over these connections too.
const SEND_BUFFER: usize = 256 * 1024;

/// The other end of an accepted connection; a proxy when there is one. Extracted as `ConnectInfo<Peer>`.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// At which part of an exchange a connection is, for whoever answers its requests to say.
#[derive(Debug, Clone, Default)]
pub struct Exchange(Arc<AtomicU8>);

impl Exchange {
    /// A request is waited for, or its head is coming.
    const WAITED_FOR: u8 = 0;
    const ANSWERED: u8 = 1;
    const OVER: u8 = 2;

    /// A request has come.
    pub fn begin(&self) {
        self.0.store(Self::ANSWERED, Relaxed);
    }

    /// It is answered.
    pub fn end(&self) {
        self.0.store(Self::WAITED_FOR, Relaxed);
    }

    /// It is answered, and no further one will come: the connection carries something else now.
    pub fn upgrade(&self) {
        self.0.store(Self::OVER, Relaxed);
    }

    fn is_waited_for(&self) -> bool {
        self.0.load(Relaxed) == Self::WAITED_FOR
    }
}

/// Accepts TCP connections under guard.
#[derive(Debug)]
pub struct GuardedListener {
    listener: TcpListener,
    stall: Duration,
    first_byte: Duration,
    head: Duration,
}

impl GuardedListener {
    /// `stall`: how long a write may make no progress.
    #[must_use]
    pub fn new(listener: TcpListener, stall: Duration) -> Self {
        Self { listener, stall, first_byte: FIRST_BYTE, head: HEAD }
    }
}

impl Listener for GuardedListener {
    type Io = GuardedIo;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (GuardedIo, SocketAddr) {
        let (stream, address) = loop {
            match self.listener.accept().await {
                Ok(accepted) => break accepted,
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    // out of file descriptors or memory: connections that end make room
                    tracing::error!(%error, "connections cannot be accepted");
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        if let Err(error) = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER) {
            tracing::debug!(%error, "SO_SNDBUF");
        }
        // a peer that takes nothing is seen here only when that buffer is full; the kernel sees it before
        #[cfg(target_os = "linux")]
        if let Err(error) = SockRef::from(&stream).set_tcp_user_timeout(Some(self.stall)) {
            tracing::debug!(%error, "TCP_USER_TIMEOUT");
        }
        let io = GuardedIo {
            stream,
            peer: Peer(address),
            stall: self.stall,
            head: self.head,
            exchange: Exchange::default(),
            stalled: None,
            owed: Some(Box::pin(tokio::time::sleep(self.first_byte))),
            has_begun: false,
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
    head: Duration,
    exchange: Exchange,
    /// Runs while the peer takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Runs until the peer has sent something, and then until the head of its request has come.
    owed: Option<Pin<Box<Sleep>>>,
    /// Something of that head is there.
    has_begun: bool,
}

/// The connection ended before it was accepted.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
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

    /// Where its exchanges are told of.
    #[must_use]
    pub fn exchange(&self) -> Exchange {
        self.exchange.clone()
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
        if !self.exchange.is_waited_for() {
            (self.owed, self.has_begun) = (None, false);
        } else if outcome.is_ready() && !self.has_begun {
            (self.owed, self.has_begun) = (Some(Box::pin(tokio::time::sleep(self.head))), true);
        }
        if outcome.is_pending()
            && let Some(owed) = &mut self.owed
        {
            ready!(owed.as_mut().poll(cx));
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
    async fn a_peer_that_reads_nothing_holds_so_much_and_no_more() {
        let (mut io, client) = pair(Duration::from_millis(300)).await;
        socket2::SockRef::from(&client).set_recv_buffer_size(4096).unwrap();
        let mut taken = 0;
        let much = vec![0u8; 65536];
        while let Ok(count) = io.write(&much).await {
            taken += count;
        }
        // the kernel counts its own bookkeeping in: it doubles what was asked for
        assert!(taken <= 3 * super::SEND_BUFFER, "{taken}");
    }

    /// Less than fills the kernel's buffer.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_peer_that_does_not_read_the_little_there_is_is_cut() {
        let (mut io, client) = pair(Duration::from_secs(1)).await;
        socket2::SockRef::from(&client).set_recv_buffer_size(4096).unwrap();
        let started = tokio::time::Instant::now();
        io.write_all(&vec![0u8; 65536]).await.unwrap();
        let read = tokio::time::timeout(Duration::from_secs(10), io.read(&mut [0u8; 8])).await.unwrap();
        assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
        assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
        drop(client);
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

    #[tokio::test]
    async fn a_head_ends_in_time_and_what_follows_may_take_longer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut guarded = GuardedListener::new(listener, Duration::from_secs(30));
        guarded.head = Duration::from_millis(300);
        let (accepted, client) = tokio::join!(guarded.accept(), TcpStream::connect(address));
        let (mut io, mut client) = (accepted.0, client.unwrap());
        let exchange = io.exchange();
        let mut byte = [0u8; 1];
        let mut next = async |io: &mut super::GuardedIo| {
            client.write_all(b"x").await.unwrap();
            io.read(&mut byte).await
        };
        let long = Duration::from_millis(400);
        for _ in 0..2 {
            next(&mut io).await.unwrap();
            exchange.begin();
            let body = tokio::time::timeout(long, io.read(&mut [0u8; 1])).await;
            assert!(body.is_err(), "the body of a request has its own limits");
            next(&mut io).await.unwrap();
            exchange.end();
            assert!(tokio::time::timeout(long, io.read(&mut [0u8; 1])).await.is_err(), "between requests");
        }
        next(&mut io).await.unwrap();
        let begun = tokio::time::Instant::now();
        next(&mut io).await.unwrap();
        let late = tokio::time::timeout(Duration::from_secs(10), io.read(&mut [0u8; 1])).await.unwrap();
        assert_eq!(late.unwrap_err().kind(), std::io::ErrorKind::ConnectionAborted);
        assert!(begun.elapsed() < Duration::from_secs(5), "more bytes do not buy more time");
    }

    #[tokio::test]
    async fn what_was_upgraded_is_left_alone() {
        let (mut io, mut client) = pair(Duration::from_secs(30)).await;
        io.head = Duration::from_millis(100);
        io.exchange().begin();
        io.exchange().upgrade();
        client.write_all(b"x").await.unwrap();
        assert_eq!(io.read(&mut [0u8; 8]).await.unwrap(), 1);
        let idle = tokio::time::timeout(Duration::from_millis(400), io.read(&mut [0u8; 8])).await;
        assert!(idle.is_err());
    }
}
