//! Connections that are no HTTP: the guard, and TLS with certificates of our own making.

use std::sync::Arc;

use outbound::{AllowList, Client, Dial, Phase, Reason, Timeouts, Tls};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

fn client(allow: &str) -> Client {
    Client::new(AllowList::parse(allow).unwrap(), Timeouts::default()).unwrap()
}

fn dial(host: &str, port: u16, tls: Option<Tls>) -> Dial {
    Dial { scheme: "smpp", host: host.to_owned(), port, tls }
}

/// Answers each connection with the first five octets that it brings; its certificate is for `smsc.example`.
async fn echo(with_tls: bool) -> (u16, String) {
    let made = rcgen::generate_simple_self_signed(vec!["smsc.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut octets = [0; 5];
            if with_tls {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                stream.read_exact(&mut octets).await.unwrap();
                stream.write_all(&octets).await.unwrap();
                stream.flush().await.unwrap();
            } else {
                stream.read_exact(&mut octets).await.unwrap();
                stream.write_all(&octets).await.unwrap();
            }
        }
    });
    (port, made.cert.pem())
}

async fn says_hello(client: &Client, to: &Dial) -> bool {
    let mut stream = client.dial(to).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.flush().await.unwrap();
    let mut octets = [0; 5];
    stream.read_exact(&mut octets).await.unwrap();
    &octets == b"hello"
}

#[tokio::test]
async fn private_addresses_are_refused_unless_listed() {
    let (port, _) = echo(false).await;
    for (allow, host) in
        [("", "127.0.0.1"), ("10.0.0.0/8", "localhost"), ("", "[::1]"), ("", "169.254.169.254")]
    {
        let error = client(allow).dial(&dial(host, port, None)).await.err().expect("it is refused");
        assert_eq!((error.phase, error.reason), (Phase::BeforeWrite, Reason::Refused), "{host}: {error}");
        assert!(error.exchange.url.starts_with("smpp://"));
    }
    for (allow, host) in [("127.0.0.0/8", "127.0.0.1"), ("localhost", "localhost")] {
        assert!(says_hello(&client(allow), &dial(host, port, None)).await, "{host}");
    }
}

#[tokio::test]
async fn certificates_are_believed_by_name_and_by_root() {
    let (port, pem) = echo(true).await;
    let client = client("127.0.0.1");
    let good = Tls { roots: Some(pem.clone()), name: Some("smsc.example".to_owned()) };
    assert!(says_hello(&client, &dial("127.0.0.1", port, Some(good.clone()))).await);
    let (_, other) = echo(true).await;
    for (tls, reason) in [
        (Tls::default(), Reason::Connect),
        (Tls { name: Some("other.example".to_owned()), ..good.clone() }, Reason::Connect),
        (Tls { roots: Some(other), ..good.clone() }, Reason::Connect),
        (Tls { roots: Some("no certificate".to_owned()), ..good.clone() }, Reason::Invalid),
        (Tls { name: Some("not a name".to_owned()), ..good }, Reason::Invalid),
    ] {
        let error = client.dial(&dial("127.0.0.1", port, Some(tls))).await.err().expect("it is refused");
        assert_eq!((error.phase, error.reason), (Phase::BeforeWrite, reason), "{error}");
    }
}

#[tokio::test]
async fn nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error =
        client("127.0.0.1").dial(&dial("127.0.0.1", free, None)).await.err().expect("nobody is there");
    assert_eq!((error.phase, error.reason), (Phase::BeforeWrite, Reason::Connect));
}
