//! Redis and RabbitMQ, where they are set.

use std::{fmt::Write as _, time::Duration};

use outbound::{AllowList, Client, Dial, Timeouts, Tls};
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::Check;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn redis(config: &Config) -> Check {
    const NAME: &str = "redis";
    let Some(url) = &config.redis_url else { return Check::skipped(NAME, "REDIS_URL is not set") };
    match tokio::time::timeout(PATIENCE, ping(url.reveal())).await {
        Ok(Ok(found)) => Check::ok(NAME, found),
        Ok(Err(error)) => {
            Check::failed(NAME, error, "check REDIS_URL, and that the server runs and lets us in")
        }
        Err(_) => Check::failed(NAME, "no answer in time", "check the network between here and Redis"),
    }
}

/// Signs in as the address says and asks for the version.
async fn ping(url: &str) -> Result<String, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let host = url.host_str().ok_or("it has no host")?.to_owned();
    let tls = (url.scheme() == "rediss").then(Tls::default);
    let to = Dial { scheme: "redis", host, port: url.port().unwrap_or(6379), tls };
    let client = Client::new(AllowList::parse("0.0.0.0/0, ::/0")?, Timeouts::default())?;
    let mut stream = client.dial(&to).await.map_err(|error| error.detail.clone())?;
    let mut said = String::new();
    if let Some(password) = url.password() {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (user, password) = (decode(url.username()), decode(password));
        let words = if user.is_empty() { vec!["AUTH", &password] } else { vec!["AUTH", &user, &password] };
        said.push_str(&command(&words));
    }
    said.push_str(&command(&["INFO", "server"]));
    said.push_str(&command(&["QUIT"]));
    stream.write_all(said.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    (&mut stream).take(64 << 10).read_to_end(&mut answer).await.map_err(|error| error.to_string())?;
    let answer = String::from_utf8_lossy(&answer);
    let version = answer.lines().find_map(|line| line.strip_prefix("redis_version:"));
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    match (version, major) {
        (Some(version), Some(6..)) => Ok(format!("version {version}")),
        (Some(version), _) => Err(format!("version {version}; 6 is the oldest that works")),
        (None, _) => {
            let refused = answer.lines().find(|line| line.starts_with('-'));
            Err(refused.map_or_else(|| "what answers is no Redis".to_owned(), |line| line[1..].to_owned()))
        }
    }
}

/// A command as the protocol has it: words with their lengths.
fn command(words: &[&str]) -> String {
    let mut text = format!("*{}\r\n", words.len());
    for word in words {
        let _ = write!(text, "${}\r\n{word}\r\n", word.len());
    }
    text
}

pub(super) async fn rabbitmq(config: &Config) -> Check {
    const NAME: &str = "rabbitmq";
    let Some(url) = &config.amqp_url else { return Check::skipped(NAME, "AMQP_URL is not set") };
    match tokio::time::timeout(PATIENCE, bus::queue::rabbit::probe(url.reveal())).await {
        Ok(Ok(found)) => Check::ok(NAME, found),
        Ok(Err(error)) => Check::failed(
            NAME,
            error,
            "check AMQP_URL (amqp://user:password@host:5672/vhost), and that the user may configure, write and read there",
        ),
        Err(_) => Check::failed(NAME, "no answer in time", "check the network between here and RabbitMQ"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_have_their_lengths() {
        assert_eq!(super::command(&["AUTH", "ü"]), "*2\r\n$4\r\nAUTH\r\n$2\r\nü\r\n");
    }
}
