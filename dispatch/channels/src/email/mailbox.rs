//! A mailbox at any provider: sent by SMTP, received by IMAP.

use std::time::Instant;

use async_trait::async_trait;
use model::profile::{Profile, Receipts, SessionNeed};
use outbound::{Exchange, Tls};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    Own,
    compose::Mail,
    config::{self, Identity},
    dkim, imap, mime,
    oauth::{self, Service, Tokens},
    parts, profile, read,
    smtp::{self, Pass, Security, Server},
    unsubscribe,
};
use crate::{
    Adapter, ChannelConfig, Context, Health, Incoming, Media, OutboundMessage, ParseError, Part, Receiving,
    Registered, SendError, SendErrorClass, Sent, SettingsProblem, Sink, Verified, VerifyError, WebhookAnswer,
    WebhookRequest, credentials,
};

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Credentials {
    /// The server that sends: smtp.example.com.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[A-Za-z0-9._\-\[\]:]+$"))]
    smtp_host: String,
    /// Usually 587, or 465 with TLS.
    #[schemars(range(min = 1, max = 65535))]
    smtp_port: Option<u16>,
    /// Usually the e-mail address.
    #[schemars(length(min = 1, max = 255))]
    smtp_username: String,
    /// Many providers want an app password here.
    #[schemars(length(min = 1, max = 512), extend("x-secret" = true))]
    smtp_password: String,
    /// The server that receives: imap.example.com. Without one the channel only sends.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9._\-\[\]:]*$"))]
    imap_host: Option<String>,
    /// Usually 993.
    #[schemars(range(min = 1, max = 65535))]
    imap_port: Option<u16>,
    /// The same as for sending if empty.
    #[schemars(length(max = 255))]
    imap_username: Option<String>,
    /// The same as for sending if empty.
    #[schemars(length(max = 512), extend("x-secret" = true))]
    imap_password: Option<String>,
    /// The address that mails come from; the user name if empty.
    #[schemars(length(max = 254))]
    from_email: Option<String>,
    /// The name beside it.
    #[schemars(length(max = 200))]
    from_name: Option<String>,
    /// Where answers go, if elsewhere.
    #[schemars(length(max = 254))]
    reply_to: Option<String>,
    /// A private key in PEM that signs what is sent (DKIM), where the server does not do so itself.
    #[schemars(length(max = 16384), extend("x-secret" = true, "x-rare" = true))]
    dkim_private_key: Option<String>,
    /// Signs the names of ours that come back; made by the hub.
    #[schemars(length(min = 16, max = 256), regex(pattern = "^[A-Za-z0-9_-]+$"), extend("x-secret" = true, "x-rare" = true))]
    webhook_token: Option<String>,
    provider: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Settings {
    /// TLS from the beginning (port 465), STARTTLS (587), or none.
    smtp_security: Option<Security>,
    /// TLS from the beginning (port 993), STARTTLS (143), or none.
    imap_security: Option<Security>,
    /// The folder that is read.
    #[schemars(length(max = 255))]
    pub imap_folder: Option<String>,
    /// Days of older mails that are taken in when the channel is new.
    #[schemars(range(max = 365), extend("x-rare" = true))]
    pub import_days: Option<u32>,
    /// Mark what was taken in as read on the server.
    #[schemars(extend("x-rare" = true))]
    #[serde(default)]
    pub mark_seen: bool,
    /// The mailbox also gets what is sent to name+anything@: answers then find their conversation by address.
    #[schemars(extend("x-rare" = true))]
    #[expect(dead_code, reason = "read by Identity, for all providers")]
    plus_addressing: Option<bool>,
    /// The subject of conversations that begin here.
    #[schemars(length(max = 200))]
    #[expect(dead_code, reason = "read by Identity, for all providers")]
    default_subject: Option<String>,
    /// Show what a customer wrote without the mails that are quoted below it. The whole text is kept.
    #[schemars(extend("default" = true, "x-rare" = true))]
    #[expect(dead_code, reason = "read where mails are, for all providers")]
    strip_quotes: Option<bool>,
    /// The name of the key in the domain's DNS: with `s1` it is s1._domainkey.example.com.
    #[schemars(length(max = 63), regex(pattern = r"^[A-Za-z0-9._-]*$"), extend("x-rare" = true))]
    dkim_selector: Option<String>,
    /// The domain that signs; that of the sender's address if empty.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9._-]*$"), extend("x-rare" = true))]
    dkim_domain: Option<String>,
    /// Certificates in PEM that are trusted instead of the public ones.
    #[schemars(length(max = 65536), extend("x-rare" = true))]
    tls_ca: Option<String>,
    /// The name in the servers' certificates, where it is not the host.
    #[schemars(length(max = 253), extend("x-rare" = true))]
    tls_server_name: Option<String>,
    /// How we introduce ourselves to the server.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9._\-\[\]:]*$"), extend("x-rare" = true))]
    ehlo_name: Option<String>,
}

/// The adapter.
pub(crate) struct Mailbox {
    profile: Profile,
    /// Where access tokens take the place of passwords.
    service: Option<&'static Service>,
    tokens: Tokens,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self {
            service: None,
            tokens: Tokens::default(),
            profile: profile(Own {
                provider: "smtp",
                display_name: "Mailbox (SMTP and IMAP)",
                help: "Your mail provider names the servers under \"mail programs\" or \"IMAP and SMTP\".",
                // a server tells of failures by mail, and of nothing else
                receipts: Receipts::NONE,
                session: SessionNeed::Always,
                settings_schema: credentials::schema_of::<Settings>(),
                credentials_schema: credentials::schema_of::<Credentials>(),
                example_credentials: json!({
                    "smtp_host": "smtp.example.com", "smtp_port": 587, "smtp_username": "support@example.com",
                    "smtp_password": "example-password-0001", "imap_host": "imap.example.com",
                    "from_name": "Example Support", "webhook_token": "mailbox-webhook-token-0001",
                }),
            }),
        }
    }

    pub(crate) fn google() -> Self {
        Self::of(&oauth::GOOGLE)
    }

    pub(crate) fn microsoft() -> Self {
        Self::of(&oauth::MICROSOFT)
    }

    fn of(service: &'static Service) -> Self {
        Self {
            service: Some(service),
            tokens: Tokens::default(),
            profile: profile(Own {
                provider: service.slug,
                display_name: service.name,
                help: service.help,
                receipts: Receipts::NONE,
                session: SessionNeed::Always,
                settings_schema: credentials::schema_with::<oauth::Settings, Settings>(),
                credentials_schema: credentials::schema_of::<oauth::Credentials>(),
                example_credentials: json!({
                    "from_email": "support@example.com", "client_id": "example-client-0001",
                    "client_secret": "example-client-secret-0001", "refresh_token": "example-refresh-token-0001",
                    "from_name": "Example Support", "webhook_token": "mailbox-webhook-token-0001",
                }),
            }),
        }
    }

    /// What signs in at a server of the channel.
    pub(super) async fn pass(&self, ctx: &Context, kind: Kind) -> Result<Pass, SendError> {
        let channel = &ctx.channel;
        if let Some(service) = self.service {
            return Ok(Pass::Token(self.tokens.get(service, ctx).await?));
        }
        let own = (kind == Kind::Imap).then(|| channel.field("imap_password")).flatten();
        let password = own.or_else(|| channel.field("smtp_password"));
        let password = password.ok_or_else(|| SendError::config("the channel has no smtp_password"))?;
        Ok(Pass::Password(password.to_owned()))
    }

    /// Whether the servers refused an access token that may have been taken back, so that a new one is worth trying.
    pub(super) async fn is_old(&self, ctx: &Context, pass: &Pass, error: &SendError) -> bool {
        match pass {
            Pass::Token(token) if error.class == SendErrorClass::Settings(SettingsProblem::Auth) => {
                self.tokens.refused(ctx, token).await
            }
            _ => false,
        }
    }

    fn receives(&self, channel: &ChannelConfig) -> bool {
        self.service.is_some() || channel.field("imap_host").is_some()
    }

    async fn connect(&self, ctx: &Context, server: &Server) -> Result<smtp::Connection, SendError> {
        let pass = self.pass(ctx, Kind::Smtp).await?;
        match smtp::connect(ctx, server, &pass).await {
            Err(error) if self.is_old(ctx, &pass, &error).await => {
                smtp::connect(ctx, server, &self.pass(ctx, Kind::Smtp).await?).await
            }
            done => done,
        }
    }
}

impl Mailbox {
    /// A server of the channel: `smtp` or `imap`.
    pub(super) fn server(
        &self,
        channel: &ChannelConfig,
        settings: &Settings,
        kind: Kind,
    ) -> Result<Server, SendError> {
        let (field, port, security, tls_port) = match kind {
            Kind::Smtp => ("smtp_host", config::port(channel, "smtp_port", 587), settings.smtp_security, 465),
            Kind::Imap => ("imap_host", config::port(channel, "imap_port", 993), settings.imap_security, 993),
        };
        let usual = if port == tls_port { Security::Tls } else { Security::Starttls };
        let own = self.service.map(|service| match kind {
            Kind::Smtp => service.smtp_host,
            Kind::Imap => service.imap_host,
        });
        let user = match kind {
            Kind::Smtp => channel.field("smtp_username"),
            Kind::Imap => channel.field("imap_username").or_else(|| channel.field("smtp_username")),
        };
        let user = user.or_else(|| self.service.and_then(|_| channel.field("from_email")));
        let missing = |field: &str| SendError::config(format!("the channel has no {field}"));
        Ok(Server {
            host: channel.field(field).or(own).ok_or_else(|| missing(field))?.to_owned(),
            port,
            security: security.unwrap_or(usual),
            tls: Tls {
                roots: settings.tls_ca.clone().filter(|pem| !pem.trim().is_empty()),
                name: settings.tls_server_name.clone().filter(|name| !name.is_empty()),
            },
            user: user.ok_or_else(|| missing("smtp_username"))?.to_owned(),
            ehlo: match settings.ehlo_name.as_deref().filter(|name| !name.is_empty()) {
                Some(name) => name.to_owned(),
                None => Identity::of(channel)?.domain().to_owned(),
            },
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Smtp,
    Imap,
}

fn settings(channel: &ChannelConfig) -> Result<Settings, SendError> {
    channel.typed_settings()
}

/// The domain's signature, where the channel has a key.
fn signed(
    channel: &ChannelConfig,
    settings: &Settings,
    mail: &Mail,
    raw: Vec<u8>,
) -> Result<Vec<u8>, SendError> {
    let Some(pem) = channel.credentials.get("dkim_private_key") else { return Ok(raw) };
    let selector = settings.dkim_selector.as_deref().filter(|text| !text.is_empty());
    let selector = selector.ok_or_else(|| SendError::config("dkim_private_key needs a dkim_selector"))?;
    let domain = settings.dkim_domain.as_deref().filter(|text| !text.is_empty());
    let domain = domain.unwrap_or_else(|| super::domain_of(&mail.from));
    dkim::Signer::new(domain, selector, pem)?.sign(&raw, mail.date.timestamp())
}

#[async_trait]
impl Adapter for Mailbox {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<(), VerifyError> {
        unsubscribe::verify(channel, request)
    }

    /// Reads a click on an unsubscribe link, or a mail as the session handed it to the journal.
    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        if unsubscribe::is_one(request) {
            return Ok(unsubscribe::parse(channel, request));
        }
        Ok(read::mail(channel, &request.body, &[]))
    }

    fn challenge(
        &self,
        channel: &ChannelConfig,
        request: &WebhookRequest,
    ) -> Option<Result<WebhookAnswer, VerifyError>> {
        unsubscribe::page(channel, request)
    }

    fn webhook_answer(&self, _: &ChannelConfig, request: &WebhookRequest) -> WebhookAnswer {
        unsubscribe::answer(request)
    }

    fn parts(&self, _: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        parts(self.split(&message.text), message)
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let channel = &ctx.channel;
        let settings = settings(channel)?;
        let server = self.server(channel, &settings, Kind::Smtp)?;
        let mail = Mail::of(channel, message, part, ctx.clock.now())?;
        let raw = signed(channel, &settings, &mail, mime::write(&mail))?;
        let started = Instant::now();
        let delivered = async {
            let mut connection = self.connect(ctx, &server).await?;
            let answer = connection.deliver(&mail.from, &mail.to, &raw).await?;
            connection.quit().await;
            Ok::<_, SendError>(answer)
        };
        let delivered = delivered.await.map_err(|error| redacted(ctx, error));
        let exchange = |status: Option<u16>, response: &str| {
            Box::new(Exchange {
                method: "SMTP".to_owned(),
                url: server.address("smtp"),
                status,
                took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                request_excerpt: ctx.redactor.excerpt(mail.shown().as_bytes(), 2048),
                response_excerpt: ctx.redactor.excerpt(response.as_bytes(), 2048),
            })
        };
        match delivered {
            Ok(answer) => Ok(Sent {
                provider_message_id: mail.message_id.clone(),
                segments: 1,
                raw: json!({"answer": ctx.redactor.text(&answer.text)}),
                exchange: Some(exchange(Some(answer.code), &answer.text)),
            }),
            Err(error) if error.exchange.is_none() => {
                let status = error.code.split(' ').next().and_then(|code| code.parse().ok());
                let exchange = exchange(status, &error.message);
                Err(error.with_exchange(exchange))
            }
            Err(error) => Err(error),
        }
    }

    /// Signs in at both servers.
    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let channel = &ctx.channel;
        let identity = Identity::of(channel)?;
        let settings = settings(channel)?;
        if let Some(pem) = channel.credentials.get("dkim_private_key") {
            let selector = settings.dkim_selector.as_deref().unwrap_or_default();
            if selector.is_empty() {
                return Err(SendError::config("dkim_private_key needs a dkim_selector"));
            }
            dkim::Signer::new(identity.domain(), selector, pem)?;
        }
        let out = self.server(channel, &settings, Kind::Smtp)?;
        let connection = self.connect(ctx, &out).await.map_err(|error| redacted(ctx, error))?;
        connection.quit().await;
        if self.receives(channel) {
            imap::check(ctx, &settings, self).await.map_err(|error| redacted(ctx, error))?;
        }
        Ok(Verified { display: identity.from, settings: json!({}) })
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let verified = self.verify_credentials(ctx).await?;
        let receives = self.receives(&ctx.channel);
        Ok(Health::ok(json!({"signed_in_as": verified.display, "receives": receives})))
    }

    async fn register_webhook(&self, ctx: &Context, url: &str) -> Result<Registered, SendError> {
        // nobody enters the address anywhere: it stands in unsubscribe links, each with a token of its own
        let with_secret = credentials::register_token(&ctx.channel, url);
        Ok(Registered { receiving: Receiving::Session, address: None, ..with_secret })
    }

    fn has_files_inside(&self) -> bool {
        true
    }

    fn file_inside(&self, _: &ChannelConfig, request: &WebhookRequest, file: &str) -> Option<Media> {
        read::file(&request.body, file)
    }

    async fn run(&self, ctx: &Context, sink: &dyn Sink) -> Result<(), SendError> {
        if !self.receives(&ctx.channel) {
            // a channel that only sends
            return std::future::pending().await;
        }
        imap::run(ctx, &settings(&ctx.channel)?, self, sink).await.map_err(|error| redacted(ctx, error))
    }
}

/// Servers repeat what they were told.
fn redacted(ctx: &Context, error: SendError) -> SendError {
    SendError { message: ctx.redactor.text(&error.message), ..error }
}
