//! The public address, as browsers and providers come in: it answers, and lets websockets through.

use std::{net::IpAddr, time::Duration};

use outbound::{AllowList, Client, Dial, Timeouts, Tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::Check;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);
/// No head of an answer of ours is longer.
const LONGEST: usize = 64 << 10;

pub(super) async fn checks(config: &Config) -> Vec<Check> {
    const ADDRESS: &str = "public address";
    const SOCKETS: &str = "websockets";
    let base = config.public_url.as_str();
    let Ok(url) = Url::parse(base) else {
        return vec![Check::failed(ADDRESS, base, "TURUMBA_PUBLIC_URL must be an http or https address")];
    };
    let mut checks = vec![secure(&url)];
    match ask(&url, "/livez", "").await {
        Ok((200, answer)) if answer.contains("healthy") => {
            checks.push(Check::ok(ADDRESS, format!("{base} answers")));
        }
        Ok((status, _)) => checks.push(Check::failed(
            ADDRESS,
            format!("{base}/livez answers {status}, and not as a hub does"),
            "let the proxy there pass every path on to this hub, or correct TURUMBA_PUBLIC_URL",
        )),
        Err(error) => {
            checks.push(Check::warning(
                ADDRESS,
                format!("{base}: {error}"),
                "start the hub, and check DNS, certificate and proxy if it runs",
            ));
            checks.push(Check::skipped(SOCKETS, "nothing answers"));
            return checks;
        }
    }
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dHVydW1iYSBkb2N0b3IgIQ==\r\n";
    checks.push(match ask(&url, "/socket.io/?EIO=4&transport=websocket", upgrade).await {
        Ok((101, _)) => Check::ok(SOCKETS, "the way is open"),
        Ok((status, _)) => Check::failed(
            SOCKETS,
            format!("asked for a websocket, {base}/socket.io/ answers {status}"),
            "let the proxy pass Upgrade and Connection on for /socket.io/ (docs/deploy.md); until then agents and \
             customers are on long polling",
        ),
        Err(error) => Check::failed(SOCKETS, error, "let the proxy pass websockets on for /socket.io/"),
    });
    checks
}

/// Providers call only what is encrypted, and browsers keep microphones, notifications and more from the rest.
fn secure(url: &Url) -> Check {
    const NAME: &str = "public url";
    let is_local = url.host_str().is_some_and(|host| {
        let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        host == "localhost" || address.is_some_and(|address| address.is_loopback())
    });
    if url.scheme() == "https" {
        Check::ok(NAME, url.as_str())
    } else if is_local {
        Check::warning(
            NAME,
            url.as_str(),
            "for providers to reach this hub set TURUMBA_PUBLIC_URL to an https address",
        )
    } else {
        let advice =
            "put a proxy with a certificate in front, and set TURUMBA_PUBLIC_URL to its https address";
        Check::warning(NAME, format!("{url} is not encrypted"), advice)
    }
}

/// A request by hand: the client for HTTP would not show how an upgrade is answered.
async fn ask(base: &Url, path: &str, headers: &str) -> Result<(u16, String), String> {
    let host = base.host_str().ok_or("it has no host")?;
    let port = base.port_or_known_default().ok_or("it has no port")?;
    // the operator's own address, wherever it leads
    let anywhere = AllowList::parse("0.0.0.0/0, ::/0")?;
    let client = Client::new(anywhere, Timeouts::default())?;
    let tls = (base.scheme() == "https").then(Tls::default);
    let to = Dial { scheme: "http", host: host.to_owned(), port, tls };
    let talk = async {
        let mut stream = client.dial(&to).await.map_err(|error| error.detail.clone())?;
        let authority = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let prefix = base.path().trim_end_matches('/');
        let end = if headers.is_empty() { "Connection: close\r\n" } else { headers };
        let request = format!("GET {prefix}{path} HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\n{end}\r\n");
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let read = stream.read(&mut piece).await.map_err(|error| error.to_string())?;
            answer.extend_from_slice(&piece[..read]);
            // of an upgrade the head says everything, and the connection stays open
            let has_head = answer.windows(4).any(|end| end == b"\r\n\r\n");
            if read == 0 || answer.len() > LONGEST || (has_head && !headers.is_empty()) {
                break;
            }
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        status.map(|status| (status, text)).ok_or_else(|| "what answers speaks no HTTP".to_owned())
    };
    tokio::time::timeout(PATIENCE, talk).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}
