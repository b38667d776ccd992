//! One mail over SMTP (RFC 5321), told apart by whether the server can have taken it: until the line that ends the
//! mail is written, it certainly has not.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use outbound::{Dial, Stream, Tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    codes::{self, Step},
    oauth,
};
use crate::{Context, RejectReason, SendError, SendErrorClass, SettingsProblem};

/// How long one answer may take where nothing else limits it.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// Kept back from the time of a send, so that its outcome is told before the time is over.
const RESERVE: Duration = Duration::from_millis(500);
/// Bytes of one answer.
const ANSWER_MAX: usize = 64 << 10;

/// How a connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Security {
    /// TLS from the first octet on.
    Tls,
    /// TLS once the server has said that it can; never without.
    Starttls,
    /// In the clear.
    None,
}

/// A server and who we are there.
#[derive(Clone)]
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub tls: Tls,
    pub user: String,
    pub ehlo: String,
}

/// What proves who we are.
#[derive(Clone)]
pub(super) enum Pass {
    Password(String),
    /// An access token, for XOAUTH2.
    Token(String),
}

impl Server {
    pub(super) fn address(&self, scheme: &str) -> String {
        format!("{scheme}://{}:{}", self.host, self.port)
    }

    pub(super) fn dial(&self, scheme: &'static str) -> Dial {
        let tls = (self.security == Security::Tls).then(|| self.tls.clone());
        Dial { scheme, host: self.host.clone(), port: self.port, tls }
    }
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub code: u16,
    /// Its lines.
    pub text: String,
}

impl Answer {
    fn refusal(&self, step: Step) -> SendError {
        codes::classify(step, self.code, &self.text)
    }
}

/// Connects and signs in; a [`Connection`] that may be given mails.
pub(super) async fn connect(ctx: &Context, server: &Server, pass: &Pass) -> Result<Connection, SendError> {
    let stream = ctx.http.dial(&server.dial("smtp")).await?;
    let until = ctx.time_left().map_or(Duration::MAX, |left| left.saturating_sub(RESERVE));
    let mut connection = Connection {
        stream,
        read: Vec::new(),
        until: Instant::now().checked_add(until),
        extensions: Vec::new(),
    };
    connection.wants(Step::SignIn, 220).await?;
    connection.hello(&server.ehlo).await?;
    if server.security == Security::Starttls {
        if !connection.offers("STARTTLS") {
            return Err(SendError::config(format!(
                "{} offers no STARTTLS; set smtp_security to tls, or to none if the network is yours",
                server.address("smtp")
            )));
        }
        connection.say("STARTTLS").await?;
        connection.wants(Step::SignIn, 220).await?;
        if !connection.read.is_empty() {
            // what was said before the handshake would be believed after it
            return Err(SendError::config("the mail server spoke between STARTTLS and the handshake"));
        }
        let Connection { stream, until, .. } = connection;
        let stream = ctx.http.secure(stream, &server.host, &server.tls).await?;
        connection = Connection { stream, read: Vec::new(), until, extensions: Vec::new() };
        connection.hello(&server.ehlo).await?;
    }
    connection.sign_in(server, pass).await?;
    Ok(connection)
}

/// A connection to a mail server.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
    /// `None`: each answer has its own time.
    until: Option<Instant>,
    /// What the server can do, in upper case.
    extensions: Vec<String>,
}

impl Connection {
    fn offers(&self, extension: &str) -> bool {
        self.extensions.iter().any(|line| line.split_whitespace().next() == Some(extension))
    }

    /// The bytes of the largest mail that the server takes; 0 and silence mean that it does not say.
    fn size_max(&self) -> Option<usize> {
        let line = self.extensions.iter().find_map(|line| line.strip_prefix("SIZE "))?;
        line.trim().parse().ok().filter(|size| *size > 0)
    }

    async fn hello(&mut self, name: &str) -> Result<(), SendError> {
        self.say(&format!("EHLO {name}")).await?;
        let answer = self.wants(Step::SignIn, 250).await?;
        self.extensions = answer.text.lines().skip(1).map(|line| line.trim().to_uppercase()).collect();
        Ok(())
    }

    async fn sign_in(&mut self, server: &Server, pass: &Pass) -> Result<(), SendError> {
        let offered = self.extensions.iter().find_map(|line| line.strip_prefix("AUTH")).unwrap_or_default();
        let ways: Vec<&str> = offered.split([' ', '=']).collect();
        let password = match pass {
            Pass::Password(password) => password,
            Pass::Token(token) if ways.contains(&"XOAUTH2") => {
                return self.sign_in_by_token(&server.user, token).await;
            }
            Pass::Token(_) => return Err(no_way(server, "AUTH XOAUTH2")),
        };
        if ways.contains(&"PLAIN") {
            let secret = STANDARD.encode(format!("\0{}\0{}", server.user, password));
            self.say(&format!("AUTH PLAIN {secret}")).await?;
        } else if ways.contains(&"LOGIN") {
            self.say("AUTH LOGIN").await?;
            self.wants(Step::SignIn, 334).await?;
            self.say(&STANDARD.encode(&server.user)).await?;
            self.wants(Step::SignIn, 334).await?;
            self.say(&STANDARD.encode(password)).await?;
        } else {
            return Err(no_way(server, "AUTH PLAIN or AUTH LOGIN"));
        }
        self.wants(Step::SignIn, 235).await.map(drop)
    }

    /// A token that is refused is answered by a challenge, which says why; the refusal itself comes once it was
    /// answered by an empty line.
    async fn sign_in_by_token(&mut self, user: &str, token: &str) -> Result<(), SendError> {
        self.say(&format!("AUTH XOAUTH2 {}", STANDARD.encode(oauth::xoauth2(user, token)))).await?;
        let answer = self.answer().await?;
        if answer.code != 334 {
            return if answer.code == 235 { Ok(()) } else { Err(answer.refusal(Step::SignIn)) };
        }
        let why = STANDARD.decode(answer.text.trim()).ok().and_then(|said| oauth::challenge(&said));
        self.say("").await?;
        let refused = match self.answer().await? {
            answer if answer.code == 235 => return Ok(()),
            answer => answer.refusal(Step::SignIn),
        };
        Err(match why {
            Some(why) => SendError { message: format!("{}; {why}", refused.message), ..refused },
            None => refused,
        })
    }

    /// Hands over one mail for one recipient.
    pub(super) async fn deliver(&mut self, from: &str, to: &str, mail: &[u8]) -> Result<Answer, SendError> {
        if let Some(most) = self.size_max().filter(|most| mail.len() > *most) {
            return Err(SendError::new(
                SendErrorClass::Rejected(RejectReason::Content),
                "too_large",
                format!("the mail has {} bytes and the mail server takes {most}", mail.len()),
            ));
        }
        let size = if self.offers("SIZE") { format!(" SIZE={}", mail.len()) } else { String::new() };
        self.say(&format!("MAIL FROM:<{from}>{size}")).await?;
        let answer = self.wants(Step::Envelope, 250).await;
        // it is our own address that is refused here, whatever the code says
        answer.map_err(|error| match error.class {
            SendErrorClass::Rejected(RejectReason::Recipient | RejectReason::Policy) => {
                SendError { class: SendErrorClass::Settings(SettingsProblem::Config), ..error }
            }
            _ => error,
        })?;
        self.say(&format!("RCPT TO:<{to}>")).await?;
        let answer = self.answer().await?;
        if !matches!(answer.code, 250 | 251) {
            return Err(answer.refusal(Step::Envelope));
        }
        self.say("DATA").await?;
        self.wants(Step::Data, 354).await?;
        self.write(&stuffed(mail)).await?;
        // from here on it may be taken
        let ended = async {
            self.write(b".\r\n").await?;
            self.answer().await
        };
        let answer = ended.await.map_err(|error| SendError { class: SendErrorClass::Unknown, ..error })?;
        if answer.code == 250 { Ok(answer) } else { Err(answer.refusal(Step::Data)) }
    }

    /// Says goodbye; whether the server hears it does not matter.
    pub(super) async fn quit(mut self) {
        if self.say("QUIT").await.is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(1), self.answer()).await;
        }
    }

    async fn say(&mut self, line: &str) -> Result<(), SendError> {
        self.write(format!("{line}\r\n").as_bytes()).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        let time = self.time();
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match tokio::time::timeout(time, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(cut(&error.to_string())),
            Err(_) => Err(timed_out()),
        }
    }

    async fn wants(&mut self, step: Step, code: u16) -> Result<Answer, SendError> {
        let answer = self.answer().await?;
        if answer.code == code { Ok(answer) } else { Err(answer.refusal(step)) }
    }

    async fn answer(&mut self) -> Result<Answer, SendError> {
        let time = self.time();
        match tokio::time::timeout(time, self.lines()).await {
            Ok(answer) => answer,
            Err(_) => Err(timed_out()),
        }
    }

    async fn lines(&mut self) -> Result<Answer, SendError> {
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            let Some(code) = code.filter(|code| (200..600).contains(code)) else {
                return Err(SendError::config("the server does not speak SMTP; is TLS as it should be?"));
            };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line.get(4..).unwrap_or_default().trim_end());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Answer { code, text });
            }
            if text.len() > ANSWER_MAX {
                return Err(cut("the answer has no end"));
            }
        }
    }

    async fn line(&mut self) -> Result<String, SendError> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.read.len() > ANSWER_MAX {
                return Err(cut("the answer has no end"));
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(0) => return Err(cut("the mail server closed the connection")),
                Ok(read) => self.read.extend_from_slice(&buffer[..read]),
                Err(error) => return Err(cut(&error.to_string())),
            }
        }
    }

    fn time(&self) -> Duration {
        match self.until {
            Some(until) => until.saturating_duration_since(Instant::now()).min(ANSWER_TIME),
            None => ANSWER_TIME,
        }
    }
}

fn no_way(server: &Server, way: &str) -> SendError {
    let why = if server.security == Security::None { "; it may do so with TLS" } else { "" };
    SendError::config(format!("{} does not offer {way}{why}", server.address("smtp")))
}

fn cut(why: &str) -> SendError {
    SendError::new(SendErrorClass::Unavailable, "connection_cut", why)
}

fn timed_out() -> SendError {
    SendError::new(SendErrorClass::Unavailable, "timeout", "the mail server did not answer in time")
}

/// The mail with every line ended by CRLF and a second dot where a line begins with one (RFC 5321 §4.5.2).
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        out.extend_from_slice(bare.strip_suffix(b"\r").unwrap_or(bare));
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_line_ends() {
        assert_eq!(stuffed(b"a\r\n.b\n..\r\nlast"), b"a\r\n..b\r\n...\r\nlast\r\n");
        assert_eq!(stuffed(b""), b"");
    }
}
