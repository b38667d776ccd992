//! Serving HTTP on guarded connections, with an end to every wait for a request.

use std::time::Duration;

use axum::{Router, body::Body, extract::ConnectInfo, serve::Listener as _};
use hyper::{Request, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use crate::realtime::guard::GuardedListener;

/// From the end of one request to the end of the head of the next, which itself has less time: see the guard. Longer than
/// proxies commonly keep an idle connection, so that it is they who close it.
const HEAD: Duration = Duration::from_secs(75);

/// Answers requests until `told`, then ends every connection after the request that it is at. Handlers
/// find the connection as `ConnectInfo<Peer>`.
pub async fn serve(listener: GuardedListener, app: Router, told: CancellationToken) {
    serve_with(listener, app, told, HEAD).await;
}

async fn serve_with(mut listener: GuardedListener, app: Router, told: CancellationToken, head: Duration) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let open = TaskTracker::new();
    loop {
        let (io, address) = tokio::select! {
            biased;
            () = told.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (peer, exchange, app) = (io.peer(), io.exchange(), app.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            exchange.begin();
            request.extensions_mut().insert(ConnectInfo(peer));
            let (exchange, answered) = (exchange.clone(), app.clone().oneshot(request.map(Body::new)));
            async move {
                let answer = answered.await;
                match &answer {
                    Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                        exchange.upgrade();
                    }
                    _ => exchange.end(),
                }
                answer
            }
        });
        let connection = http.serve_connection(TokioIo::new(io), service).with_upgrades();
        let told = told.clone();
        open.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = told.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%address, %error, "a connection broke");
            }
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        time::{Instant, timeout},
    };

    use super::*;
    use crate::realtime::guard::Peer;

    const SOON: Duration = Duration::from_secs(10);

    async fn served(head: Duration) -> (std::net::SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = |ConnectInfo(peer): ConnectInfo<Peer>| async move { peer.0.to_string() };
        let app = Router::new().route("/", get(peer));
        let told = CancellationToken::new();
        let listener = GuardedListener::new(listener, Duration::from_secs(30));
        tokio::spawn(serve_with(listener, app, told.clone(), head));
        (address, told)
    }

    async fn ask(client: &mut TcpStream) -> String {
        client.write_all(b"GET / HTTP/1.1\r\nhost: hub\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 4096];
        let length = timeout(SOON, client.read(&mut answer)).await.unwrap().unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_and_an_idle_connection_are_cut() {
        let (address, _told) = served(Duration::from_millis(300)).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        let answer = ask(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(&client.local_addr().unwrap().to_string()), "{answer}");
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        let mut rest = Vec::new();
        // an error is an end, too
        let _cut = timeout(SOON, client.read_to_end(&mut rest)).await.unwrap();
        let _cut = timeout(SOON, slow.read_to_end(&mut rest)).await.unwrap();
    }

    #[tokio::test]
    async fn being_told_to_stop_ends_idle_connections_at_once() {
        let (address, told) = served(Duration::from_secs(60)).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut client).await.starts_with("HTTP/1.1 200"));
        let began = Instant::now();
        told.cancel();
        let mut rest = Vec::new();
        let _cut = timeout(SOON, client.read_to_end(&mut rest)).await.unwrap();
        assert!(began.elapsed() < SOON);
    }
}
