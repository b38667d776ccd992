//! Messages a second through one session against a message centre in this process, on one and the same two cores:
//! `cargo bench -p smpp`. The first figures are the session layer alone, with a peer that answers from a template.

use std::{sync::Arc, time::Duration};

use smpp::{
    Address, Session, SessionOptions, ShortMessage,
    fake::{FakeSmsc, Manner},
};
use tokio::{net::TcpStream, time::Instant};

const TIME: Duration = Duration::from_secs(4);

fn message() -> ShortMessage {
    ShortMessage {
        source: Address::automatic("BRAND"),
        destination: Address::automatic("+254700000001"),
        registered_delivery: 1,
        short_message: "Your order has been sent and will be with you by tomorrow.".into(),
        ..ShortMessage::default()
    }
}

/// As many callers as the window has places, each with the next message as soon as the last is answered.
async fn run(window: usize, delay: Duration) -> (usize, usize) {
    let smsc = FakeSmsc::start(Manner { is_sink: true, delay, ..Manner::default() }).await.expect("a port");
    let stream = TcpStream::connect(smsc.address()).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let options = SessionOptions { window, ..SessionOptions::new("esme", "") };
    let (session, _inbound) = Session::bind(stream, options).await.expect("a bind");
    let until = Instant::now() + TIME;
    let callers: Vec<_> = (0..window)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move {
                let mut count = 0;
                while Instant::now() < until {
                    session.submit(message(), until + TIME).await.expect("it is taken");
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut sent = 0;
    for caller in callers {
        sent += caller.await.expect("a caller");
    }
    assert_eq!(sent, smsc.count(), "the message centre counts as we do");
    (sent, smsc.most_unanswered())
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map(Arc::new)
        .expect("a runtime");
    for (window, delay) in [(1, 0), (10, 0), (50, 0), (10, 20), (50, 20)] {
        let (sent, most) = runtime.block_on(run(window, Duration::from_millis(delay)));
        let rate = sent as f64 / TIME.as_secs_f64();
        println!(
            "window {window:>2}, answers after {delay:>2} ms: {rate:>9.0} messages a second (most unanswered: {most})"
        );
    }
}
