//! Connections that speak something else than HTTP, behind the same guard.

use std::{sync::Arc, time::Instant};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::{
    Client,
    error::{OutboundError, Phase, Reason},
    request::Exchange,
    resolve::{self, ResolveError},
};

/// An open connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Where to connect to.
#[derive(Debug, Clone)]
pub struct Dial {
    /// For the record: `smpp`.
    pub scheme: &'static str,
    pub host: String,
    pub port: u16,
    /// TLS from the first octet on.
    pub tls: Option<Tls>,
}

/// Whom a server's certificate is believed.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Certificates in PEM that are trusted instead of the public ones.
    pub roots: Option<String>,
    /// The name in the server's certificate, where it is not the host.
    pub name: Option<String>,
}

impl Client {
    /// Opens a connection to a public address or one of the list, within the time for connecting.
    ///
    /// # Errors
    /// [`OutboundError`]; nothing was said to the peer.
    pub async fn dial(&self, to: &Dial) -> Result<Box<dyn Stream>, OutboundError> {
        let started = Instant::now();
        let limit = self.timeouts().connect;
        let (reason, detail) = match tokio::time::timeout(limit, self.connect(to)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(failed)) => failed,
            Err(_) => (Reason::Connect, format!("not connected within {} ms", limit.as_millis())),
        };
        let exchange = Box::new(Exchange {
            method: "CONNECT".to_owned(),
            url: format!("{}://{}:{}", to.scheme, to.host, to.port),
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..Exchange::default()
        });
        Err(OutboundError { phase: Phase::BeforeWrite, reason, detail, exchange })
    }

    /// Goes on with TLS on a connection that began without (STARTTLS), within the time for connecting.
    ///
    /// # Errors
    /// [`OutboundError`]; nothing was said to the peer since.
    pub async fn secure(
        &self,
        stream: Box<dyn Stream>,
        host: &str,
        tls: &Tls,
    ) -> Result<Box<dyn Stream>, OutboundError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let limit = self.timeouts().connect;
        let failed = |reason: Reason, detail: String| OutboundError {
            phase: Phase::BeforeWrite,
            reason,
            detail,
            exchange: Box::new(Exchange {
                method: "STARTTLS".to_owned(),
                url: host.to_owned(),
                ..Exchange::default()
            }),
        };
        let (connector, name) = connector(tls, host).map_err(|why| failed(Reason::Invalid, why))?;
        match tokio::time::timeout(limit, connector.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(failed(Reason::Connect, error.to_string())),
            Err(_) => Err(failed(Reason::Connect, format!("no TLS within {} ms", limit.as_millis()))),
        }
    }

    async fn connect(&self, to: &Dial) -> Result<Box<dyn Stream>, (Reason, String)> {
        let host = to.host.trim_start_matches('[').trim_end_matches(']');
        let found = resolve::guarded(self.allowed(), host, to.port).await;
        let addresses = found.map_err(|error| {
            let reason = match error {
                ResolveError::Refused => Reason::Refused,
                ResolveError::Failed(_) => Reason::Dns,
            };
            (reason, error.to_string())
        })?;
        let tls = to.tls.as_ref().map(|tls| connector(tls, host)).transpose();
        let tls = tls.map_err(|why| (Reason::Invalid, why))?;
        let broken = |error: std::io::Error| (Reason::Connect, error.to_string());
        let stream = TcpStream::connect(&addresses[..]).await.map_err(broken)?;
        stream.set_nodelay(true).map_err(broken)?;
        let Some((connector, name)) = tls else { return Ok(Box::new(stream)) };
        Ok(Box::new(connector.connect(name, stream).await.map_err(broken)?))
    }
}

fn connector(tls: &Tls, host: &str) -> Result<(TlsConnector, ServerName<'static>), String> {
    let name = tls.name.as_deref().unwrap_or(host);
    let name = ServerName::try_from(name.to_owned()).map_err(|_| format!("{name:?} is no server's name"))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = match &tls.roots {
        Some(pem) => config.with_root_certificates(roots(pem)?),
        None => {
            let verifier =
                rustls_platform_verifier::Verifier::new(provider).map_err(|error| error.to_string())?;
            config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    Ok((TlsConnector::from(Arc::new(config.with_no_client_auth())), name))
}

fn roots(pem: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate =
            certificate.map_err(|error| format!("a trusted certificate cannot be read: {error}"))?;
        roots.add(certificate).map_err(|error| format!("a certificate cannot be trusted: {error}"))?;
    }
    if roots.is_empty() { Err("there is no certificate in the text".to_owned()) } else { Ok(roots) }
}
