//! Calls against a server of our own that answers byte by byte what a test says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use outbound::{AllowList, Client, Phase, Reason, Redactor, Request, Timeouts};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// What the server does with a connection.
#[derive(Clone)]
enum Script {
    Answer(String),
    /// Closes without a word, once the request is complete.
    Cut,
    /// Closes in the middle of the answer.
    CutInAnswer,
    /// Reads the request and keeps silent.
    Silent,
}

struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    last: Arc<tokio::sync::Mutex<String>>,
}

async fn server(script: Script) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(AtomicUsize::new(0));
    let last = Arc::new(tokio::sync::Mutex::new(String::new()));
    let server = Server { port, requests: Arc::clone(&requests), last: Arc::clone(&last) };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (script, requests, last) = (script.clone(), Arc::clone(&requests), Arc::clone(&last));
            tokio::spawn(async move {
                let request = read_request(&stream).await;
                requests.fetch_add(1, Ordering::SeqCst);
                *last.lock().await = request;
                act(stream, script).await;
            });
        }
    });
    server
}

async fn act(mut stream: TcpStream, script: Script) {
    match script {
        Script::Answer(answer) => {
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Script::Cut => {}
        Script::CutInAnswer => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
        }
        Script::Silent => tokio::time::sleep(Duration::from_secs(30)).await,
    }
}

async fn read_request(stream: &TcpStream) -> String {
    let mut all = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        stream.readable().await.unwrap();
        match stream.try_read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => all.extend_from_slice(&buffer[..n]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => break,
        }
        let text = String::from_utf8_lossy(&all).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            if body.len() >= length.and_then(|n| n.parse().ok()).unwrap_or(0) {
                break;
            }
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn ok(body: &str) -> Script {
    Script::Answer(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn redirect(status: u16, to: &str) -> Script {
    Script::Answer(format!(
        "HTTP/1.1 {status} R\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ))
}

fn client(allow: &str) -> Client {
    Client::new(AllowList::parse(allow).unwrap(), Timeouts::default()).unwrap()
}

#[tokio::test]
async fn an_answer_and_its_record_without_secrets() {
    let server = server(ok(r#"{"echo":"sekret-token"}"#)).await;
    let request = Request::post(format!("http://me:pw@127.0.0.1:{}/bot123:abc-DEF/x", server.port))
        .json(&serde_json::json!({"token": "sekret-token", "text": "hi"}))
        .redact(&Redactor::new(["sekret-token"]));
    assert!(!format!("{request:?}").contains("abc-DEF"));
    let response = client("127.0.0.1").send(request).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.json().unwrap()["echo"], "sekret-token");
    let record = serde_json::to_string(&response.exchange).unwrap();
    for secret in ["sekret-token", "abc-DEF", "me:pw", "pw@"] {
        assert!(!record.contains(secret), "{secret} in {record}");
    }
    assert!(record.contains(r#"\"text\":\"hi\""#) && record.contains("\"status\":200"), "{record}");
    let sent = server.last.lock().await.to_lowercase();
    assert!(sent.contains("content-length:") && !sent.contains("transfer-encoding"), "{sent}");
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let server = server(ok("x")).await;
    let port = server.port;
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"] {
        let failed = client("").send(Request::post(format!("http://{host}:{port}/"))).await.unwrap_err();
        assert_eq!((failed.phase, failed.reason), (Phase::BeforeWrite, Reason::Refused), "{host}: {failed}");
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
    // by name, by address of the name, by network
    for allow in ["localhost", "127.0.0.1", "127.0.0.0/8"] {
        assert!(
            client(allow).send(Request::get(format!("http://localhost:{port}/"))).await.is_ok(),
            "{allow}"
        );
    }
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let open = server(redirect(302, "http://169.254.169.254/latest")).await;
    let request = || Request::get(format!("http://127.0.0.1:{}/", open.port));
    let failed = client("127.0.0.1").send(request()).await.unwrap_err();
    assert_eq!(failed.reason, Reason::Refused, "{failed}");
    assert_eq!(open.requests.load(Ordering::SeqCst), 1);

    // by a name that leads to one
    let hidden = server(ok("hidden")).await;
    let open = server(redirect(302, &format!("http://localhost:{}/", hidden.port))).await;
    let request = Request::get(format!("http://localhost:{}/", open.port));
    let failed = client("127.0.0.3").send(request).await.unwrap_err();
    assert_eq!(failed.reason, Reason::Refused, "{failed}");
    assert_eq!(hidden.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn redirects_are_followed_three_times_without_credentials_for_strangers() {
    let end = server(ok("end")).await;
    let start = server(redirect(301, &format!("http://127.0.0.1:{}/", end.port))).await;
    let request = Request::get(format!("http://127.0.0.1:{}/", start.port)).bearer("sekret");
    let response = client("127.0.0.1").send(request).await.unwrap();
    assert_eq!(response.body, "end");
    assert!(start.last.lock().await.contains("sekret"));
    assert!(!end.last.lock().await.contains("sekret"));

    let round = server(redirect(302, "/again")).await;
    let failed = client("127.0.0.1")
        .send(Request::get(format!("http://127.0.0.1:{}/", round.port)))
        .await
        .unwrap_err();
    assert_eq!(failed.reason, Reason::Redirects);
    assert_eq!(round.requests.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_post_is_not_repeated_at_another_place() {
    let end = server(ok("end")).await;
    for status in [301, 302, 303, 307, 308] {
        let start = server(redirect(status, &format!("http://127.0.0.1:{}/", end.port))).await;
        let request = Request::post(format!("http://127.0.0.1:{}/", start.port)).form([("a", "b")]);
        assert_eq!(client("127.0.0.1").send(request).await.unwrap().status.as_u16(), status);
    }
    assert_eq!(end.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn nothing_was_sent_when_nobody_listens_or_the_name_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let request = Request::post(format!("http://127.0.0.1:{port}/")).form([("a", "b")]);
    let failed = client("127.0.0.1").send(request).await.unwrap_err();
    assert_eq!((failed.phase, failed.reason), (Phase::BeforeWrite, Reason::Connect), "{failed}");

    let request = Request::post("http://does-not-exist.invalid/").form([("a", "b")]);
    let failed = client("").send(request).await.unwrap_err();
    assert_eq!((failed.phase, failed.reason), (Phase::BeforeWrite, Reason::Dns), "{failed}");

    let failed = client("").send(Request::post("ftp://example.com/")).await.unwrap_err();
    assert_eq!((failed.phase, failed.reason), (Phase::BeforeWrite, Reason::Invalid));
}

#[tokio::test]
async fn a_cut_after_the_request_leaves_the_outcome_unknown() {
    for script in [Script::Cut, Script::CutInAnswer] {
        let server = server(script).await;
        let request = Request::post(format!("http://127.0.0.1:{}/", server.port)).form([("a", "b")]);
        let failed = client("127.0.0.1").send(request).await.unwrap_err();
        assert_eq!((failed.phase, failed.reason), (Phase::AfterWrite, Reason::Cut), "{failed}");
        assert!(failed.outcome_unknown());
        // and it was tried once
        assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn silence_ends_at_the_deadline_with_the_outcome_unknown() {
    let server = server(Script::Silent).await;
    let request = Request::post(format!("http://127.0.0.1:{}/", server.port))
        .form([("a", "b")])
        .deadline(Duration::from_millis(200));
    let failed = client("127.0.0.1").send(request).await.unwrap_err();
    assert_eq!((failed.phase, failed.reason), (Phase::AfterWrite, Reason::Timeout), "{failed}");
    assert!((150..5000).contains(&failed.exchange.took_ms));
}

#[tokio::test]
async fn a_deadline_before_the_connection_stands_is_before_the_write() {
    // a TLS handshake with a server that says nothing never gets as far as the request
    let server = server(Script::Silent).await;
    let request = Request::post(format!("https://127.0.0.1:{}/", server.port))
        .form([("a", "b")])
        .deadline(Duration::from_millis(200));
    let failed = client("127.0.0.1").send(request).await.unwrap_err();
    assert_eq!((failed.phase, failed.reason), (Phase::BeforeWrite, Reason::Timeout), "{failed}");
}

#[tokio::test]
async fn a_large_answer_is_not_read_to_its_end() {
    let big = "x".repeat(5000);
    let chunked = Script::Answer(format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1388\r\n{big}\r\n0\r\n\r\n"
    ));
    for script in [ok(&big), chunked] {
        let server = server(script).await;
        let request = Request::get(format!("http://127.0.0.1:{}/", server.port)).max_response(1000);
        let failed = client("127.0.0.1").send(request).await.unwrap_err();
        assert_eq!((failed.phase, failed.reason), (Phase::AfterWrite, Reason::TooLarge), "{failed}");
        assert_eq!(failed.exchange.status, Some(200));
    }
}

#[tokio::test]
async fn files_travel_in_a_form() {
    let server = server(ok("{}")).await;
    let file = outbound::FilePart {
        field: "photo".into(),
        filename: "a\"\r\nb.png".into(),
        mime_type: "image/png".into(),
        bytes: "PNG".into(),
    };
    let request =
        Request::post(format!("http://127.0.0.1:{}/", server.port)).multipart([("chat_id", "42")], &[file]);
    client("127.0.0.1").send(request).await.unwrap();
    let sent = server.last.lock().await.clone();
    assert!(sent.contains("name=\"chat_id\"\r\n\r\n42\r\n"), "{sent}");
    assert!(sent.contains("filename=\"a%22b.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n"), "{sent}");
}
