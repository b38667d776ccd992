//! A provider's API for tests: it answers what the test says, one answer per connection.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub(crate) enum Answer {
    Full {
        status: u16,
        body: String,
    },
    /// Closes the connection once the request is complete.
    Cut,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Full { status, body: body.to_owned() }
    }
}

#[derive(Clone)]
pub(crate) struct Seen {
    /// `POST /path HTTP/1.1`
    pub(crate) line: String,
    /// Header lines in lower case.
    pub(crate) headers: String,
    pub(crate) body: String,
}

pub(crate) struct FakeApi {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FakeApi {
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                log.lock().push(request);
                if let Answer::Full { status, body } = answer {
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                }
            }
        });
        Self { port, seen }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Seen {
    let mut all = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            if body.len() >= length.and_then(|n| n.parse().ok()).unwrap_or(0) {
                let line = head.lines().next().unwrap_or_default().to_owned();
                return Seen { line, headers: lower, body: body.to_owned() };
            }
        }
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => all.extend_from_slice(&buffer[..n]),
            _ => return Seen { line: String::new(), headers: String::new(), body: text },
        }
    }
}
