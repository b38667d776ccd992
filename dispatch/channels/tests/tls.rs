//! SMPP over TLS, to a message centre with a certificate of our own making.

use std::{sync::Arc, time::Duration};

use channels::{Adapter, ChannelConfig, Context, OutboundMessage, SandboxSwitch, Secrets, SendErrorClass};
use model::{AccountId, ChannelId, ChannelType, Clock, MessageId, SystemClock};
use outbound::{AllowList, Client, Timeouts};
use serde_json::{Value, json};
use smpp::fake::{FakeSmsc, Manner};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// Speaks TLS for a server that does not; its port, and its certificate for `smsc.example`.
async fn in_front_of(server: u16) -> (u16, String) {
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
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            tokio::spawn(async move {
                let mut behind = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    (port, made.cert.pem())
}

fn adapter() -> &'static Arc<dyn Adapter> {
    channels::registry().get(ChannelType::Smpp, "smpp").unwrap()
}

fn context(port: u16, settings: Value) -> Context {
    let channel = ChannelConfig {
        channel_id: ChannelId::new(),
        account_id: AccountId::new(),
        channel_type: ChannelType::Smpp,
        provider: "smpp".into(),
        credentials: Secrets::new(json!({
            "host": "127.0.0.1", "port": port, "system_id": "acme", "password": "secret", "source_addr": "BRAND",
        })),
        settings,
        sender_name: None,
        default_country_code: None,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let http = Client::new(AllowList::parse("127.0.0.1").unwrap(), Timeouts::default()).unwrap();
    let sandbox = SandboxSwitch::new(Arc::clone(&clock));
    Context::new(http, Arc::new(channel), adapter().profile(), clock, sandbox).within(Duration::from_secs(15))
}

fn message() -> OutboundMessage {
    let message_id = MessageId::new();
    OutboundMessage {
        message_id,
        idempotency_key: message_id.to_string(),
        to: "+254700000001".into(),
        thread_key: None,
        text: "hello".into(),
        attachments: Vec::new(),
        reply_to: None,
        callback_url: None,
        metadata: json!({}),
        last_inbound_at: None,
        answers: None,
        is_bulk: false,
        by_person: true,
    }
}

#[tokio::test]
async fn a_message_centre_is_believed_by_its_certificate() {
    let manner = Manner { password: "secret".into(), ..Manner::default() };
    let smsc = FakeSmsc::start(manner.clone()).await.unwrap();
    let (port, certificate) = in_front_of(smsc.address().port()).await;
    let settings = |ca: &str, name: &str| json!({"tls": true, "tls_ca": ca, "tls_server_name": name});

    let ctx = context(port, settings(&certificate, "smsc.example"));
    let verified = adapter().verify_credentials(&ctx).await.unwrap();
    assert!(verified.display.contains("acme"), "{}", verified.display);
    let message = message();
    let part = adapter().parts(&ctx.channel, &message).remove(0);
    adapter().send(&ctx, &message, &part).await.unwrap();
    assert_eq!(&smsc.taken()[0].message.short_message[..], b"hello");

    let stranger = FakeSmsc::start(manner).await.unwrap();
    let (port, of_stranger) = in_front_of(stranger.address().port()).await;
    for wrong in [
        settings(&certificate, "smsc.example"),
        settings(&of_stranger, "other.example"),
        json!({"tls": true}),
    ] {
        let error = adapter().verify_credentials(&context(port, wrong.clone())).await.unwrap_err();
        assert_eq!(error.class, SendErrorClass::Unavailable, "{wrong}: {error}");
    }
    assert_eq!(stranger.binds(), 0, "the password was told to a stranger");
}
