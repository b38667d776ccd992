//! How a provider that is called over HTTP may fail without a word of its own, what class each failure has, and
//! that nothing is asked twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use model::{ChannelType, Clock as _, SystemClock};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{Sample, example_message, local_context};
use crate::{Adapter, SendErrorClass, SettingsProblem, ThrottleScope};

/// How long a send may take in these tests.
const PATIENCE: Duration = Duration::from_millis(600);

/// What the provider, or the proxy before it, does with every request.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// An answer of this status with this header line and body.
    Answers(u16, &'static str, &'static str),
    /// Reads the request and says nothing in time.
    Slow,
    /// Reads the request and closes.
    CutBefore,
    /// Says that it worked and closes in the middle of the body.
    CutMidAnswer,
    /// Nobody listens.
    Away,
}

const PAGE: &str = "<html><body>502 Bad Gateway</body></html>";

/// Makes the test of a provider that is called over HTTP.
///
/// `over_http!(name, adapter_expression, sample_expression)`, as in [`crate::conformance!`].
#[macro_export]
macro_rules! over_http {
    ($name:ident, $adapter:expr, $sample:expr) => {
        #[tokio::test]
        async fn $name() {
            $crate::conformance::faults::keep_their_class(&$adapter, &$sample).await;
        }
    };
}

/// Every fault with its class, and how many requests the provider saw.
///
/// # Panics
/// If one of them has another class, or a request was repeated.
pub async fn keep_their_class(adapter: &Arc<dyn Adapter>, sample: &Sample) {
    use SendErrorClass::{Settings, Throttled, Unavailable, Unknown};
    let throttled = |after: Option<u64>| Throttled {
        after: after.map(Duration::from_secs),
        scope: ThrottleScope::Channel,
    };
    let table = [
        (Fault::Slow, Unknown, 1),
        (Fault::CutBefore, Unknown, 1),
        (Fault::CutMidAnswer, Unknown, 1),
        (Fault::Away, Unavailable, 0),
        (Fault::Answers(200, "", PAGE), Unknown, 1),
        (Fault::Answers(401, "", ""), Settings(SettingsProblem::Auth), 1),
        (Fault::Answers(429, "retry-after: 7\r\n", ""), throttled(Some(7)), 1),
        (Fault::Answers(429, "", ""), throttled(None), 1),
        // a proxy's, whether or not the provider behind it took the message
        (Fault::Answers(500, "", ""), Unknown, 1),
        (Fault::Answers(500, "", PAGE), Unknown, 1),
        (Fault::Answers(500, "", "Internal Server Error"), Unknown, 1),
        (Fault::Answers(502, "", PAGE), Unknown, 1),
        (Fault::Answers(503, "", ""), Unavailable, 1),
        (Fault::Answers(504, "", ""), Unknown, 1),
    ];
    for (fault, class, requests) in table {
        let server = Server::start(fault).await;
        let mut channel = sample.channel.clone();
        channel.settings["api_base"] = format!("http://127.0.0.1:{}", server.port).into();
        let ctx = local_context(&**adapter, channel).within(PATIENCE);
        let mut message = example_message("hello");
        message.last_inbound_at = Some(SystemClock.now());
        if adapter.profile().channel_type == ChannelType::Email {
            "ada@customer.example".clone_into(&mut message.to);
        }
        let parts = adapter.parts(&ctx.channel, &message);
        let failed = adapter.send(&ctx, &message, &parts[0]).await;
        let Err(error) = failed else { panic!("{fault:?}: it counts as sent: {failed:?}") };
        assert_eq!(error.class, class, "{fault:?}: {error}");
        assert_eq!(server.requests.load(SeqCst), requests, "{fault:?}: requests that the provider saw");
        let exchange = error.exchange.as_ref().unwrap_or_else(|| panic!("{fault:?}: nothing was recorded"));
        let status = match fault {
            Fault::Answers(status, ..) => Some(status),
            Fault::CutMidAnswer => Some(200),
            _ => None,
        };
        assert_eq!(exchange.status, status, "{fault:?}");
    }
}

struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            if matches!(fault, Fault::Away) {
                return;
            }
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(misbehave(stream, fault, Arc::clone(&seen)));
            }
        });
        if matches!(fault, Fault::Away) {
            // the port is closed before anybody calls it
            while !task.is_finished() {
                tokio::task::yield_now().await;
            }
        }
        Self { port, requests, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn misbehave(mut stream: TcpStream, fault: Fault, seen: Arc<AtomicUsize>) {
    if !read_whole(&mut stream).await {
        return;
    }
    seen.fetch_add(1, SeqCst);
    let answer = match fault {
        Fault::Answers(status, header, body) => {
            let length = body.len();
            format!(
                "HTTP/1.1 {status} X\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
        }
        Fault::CutMidAnswer => {
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"id\": \"1"
                .to_owned()
        }
        Fault::Slow => {
            tokio::time::sleep(PATIENCE * 10).await;
            return;
        }
        Fault::CutBefore | Fault::Away => return,
    };
    // who asked may be gone
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// Reads one request to the end of its body; false if it never came.
async fn read_whole(stream: &mut TcpStream) -> bool {
    let (mut all, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let text = String::from_utf8_lossy(&all).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return true;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => all.extend_from_slice(&buffer[..read]),
            _ => return false,
        }
    }
}
