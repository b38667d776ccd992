//! SMS straight from an operator's message centre, over SMPP 3.4.
//!
//! Messages are sent over binds that are kept up, and received over binds that the holder of the channel's lease
//! keeps up ([`Adapter::run`]); `docs/decisions/0010-smpp-sessions.md` says who shares which. SMPP gives no key back,
//! so an outcome that is unknown stays unknown until somebody looks.

mod lines;
mod message;
mod names;
mod receive;
mod settings;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::smpp::{
    BindError, Class, Down, LinkState, Lost, PoolError, Session, Status, SubmitError, canonical_id,
};
use async_trait::async_trait;
use model::{
    ChannelType,
    profile::{IdentifierKind, MediaDelivery, Profile, Receipts, SessionNeed, TextLimit, TextUnit},
};
use outbound::{Exchange, OutboundError};
use serde_json::json;

use self::{
    lines::Lines,
    settings::{BindMode, Config},
};
use crate::{
    Adapter, ChannelConfig, Context, Health, HealthStatus, Incoming, OutboundMessage, ParseError, Part,
    Receiving, Registered, RejectReason, SendError, SendErrorClass, Sent, SettingsProblem, Sink,
    ThrottleScope, Verified, VerifyError, WebhookRequest, credentials, sms, text,
};

/// How long a send waits for a bind that is coming up.
const BIND_TIME: Duration = Duration::from_secs(10);
/// Kept back from the time of a send, so that its outcome is told before the time is over.
const RESERVE: Duration = Duration::from_millis(500);
/// Parts of a message are told apart by one octet, and nobody reads longer texts.
const MOST_SEGMENTS: u32 = 10;

/// The adapter. What it keeps are connections, and what it must remember of them.
pub(crate) struct Smpp {
    profile: Profile,
    lines: Lines,
}

impl Smpp {
    pub(crate) fn new() -> Self {
        let profile = Profile {
            channel_type: ChannelType::Smpp,
            provider: "smpp".into(),
            display_name: "SMPP".into(),
            help: "The operator that runs the message centre tells you host, port, system id and password."
                .into(),
            identifier: IdentifierKind::Phone,
            text: TextLimit { max: 1600, unit: TextUnit::Chars, max_segments: Some(MOST_SEGMENTS) },
            caption_limit: None,
            max_attachments: 10,
            media: sms::media(),
            media_delivery: MediaDelivery::None,
            receipts: Receipts { delivered: true, read: false },
            reply_window_hours: None,
            default_rate_per_minute: None,
            session: SessionNeed::Always,
            registers_webhook: false,
            dispatched: true,
            provider_handles_opt_out: false,
            settings_schema: sms::settings_schema::<settings::Settings>(),
            credentials_schema: credentials::schema_of::<settings::Credentials>(),
            example_credentials: json!({
                "host": "smsc.example", "port": 2775, "system_id": "acme", "password": "Xv7-qKe2",
            }),
        };
        Self { profile, lines: Lines::default() }
    }
}

#[async_trait]
impl Adapter for Smpp {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn verify(&self, _: &ChannelConfig, _: &WebhookRequest) -> Result<(), VerifyError> {
        Err(VerifyError::Unsupported)
    }

    /// Reads what [`Adapter::run`] handed to the journal.
    fn parse(&self, channel: &ChannelConfig, request: &WebhookRequest) -> Result<Vec<Incoming>, ParseError> {
        let config = Config::of(channel).map_err(|error| ParseError(error.to_string()))?;
        receive::parse(&config, &request.body)
    }

    /// Each part is one `submit_sm`. The parts of a long text are the segments that the phone joins again.
    fn parts(&self, channel: &ChannelConfig, message: &OutboundMessage) -> Vec<Part> {
        let config = Config::of(channel).unwrap_or_default();
        let segments = message::segments(&self.profile.text, &config, channel, message);
        segments
            .into_iter()
            .enumerate()
            .map(|(index, segment)| Part { index, text: segment.text, attachments: Vec::new() })
            .collect()
    }

    async fn send(&self, ctx: &Context, message: &OutboundMessage, part: &Part) -> Result<Sent, SendError> {
        let config = Config::of(&ctx.channel)?;
        let mut segments = message::segments(&self.profile.text, &config, &ctx.channel, message);
        if part.index >= segments.len() {
            return Err(SendError::new(
                SendErrorClass::Rejected(RejectReason::Content),
                "no_such_part",
                "the message has changed since it was divided",
            ));
        }
        let segment = segments.swap_remove(part.index);
        let submit = message::submit(&config, &ctx.channel, message, &segment)?;
        let pool = self.lines.for_sending(ctx, &config);
        let wait = BIND_TIME + config.session.response_time;
        let wait = ctx.time_left().map_or(wait, |left| wait.min(left.saturating_sub(RESERVE)));
        let started = Instant::now();
        let outcome = pool.submit(&submit, tokio::time::Instant::now() + wait).await;
        let exchange = |status: Option<Status>, response: String| {
            Box::new(Exchange {
                method: "submit_sm".to_owned(),
                url: config.address(),
                status: status.and_then(|status| u16::try_from(status.0).ok()),
                took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                request_excerpt: ctx.redactor.excerpt(message::shown(&submit, &segment).as_bytes(), 2048),
                response_excerpt: ctx.redactor.excerpt(response.as_bytes(), 2048),
            })
        };
        match outcome {
            Ok(taken) => {
                let id = canonical_id(&taken.message_id, config.response_id);
                let id = config.scoped(id, &submit.destination.address);
                // taken, but without a name: no receipt will find it
                let id = if id.is_empty() {
                    format!("none:{}:{}", message.idempotency_key, part.index)
                } else {
                    id
                };
                Ok(Sent {
                    provider_message_id: id,
                    segments: 1,
                    raw: json!({"message_id": taken.message_id}),
                    exchange: Some(exchange(Some(Status::OK), format!("message_id {}", taken.message_id))),
                })
            }
            Err(error) => {
                let status = match &error {
                    PoolError::Submit(SubmitError::Refused(status)) => Some(*status),
                    _ => None,
                };
                let classified = classify(&config, &error);
                let exchange = exchange(status, classified.message.clone());
                Err(if classified.exchange.is_none() {
                    classified.with_exchange(exchange)
                } else {
                    classified
                })
            }
        }
    }

    /// Binds and unbinds, unless a bind with these very settings is up.
    async fn verify_credentials(&self, ctx: &Context) -> Result<Verified, SendError> {
        let config = Config::of(&ctx.channel)?;
        let shown = |peer: &str| Verified {
            display: if peer.is_empty() {
                format!("{} at {}", config.session.system_id, config.dial.host)
            } else {
                format!("{} at {peer} ({})", config.session.system_id, config.dial.host)
            },
            settings: json!({}),
        };
        let up = self.lines.up(ctx).into_iter().find_map(|state| match state {
            LinkState::Bound(session) if !session.is_closed() => Some(session),
            _ => None,
        });
        if let Some(session) = up {
            return Ok(shown(session.peer()));
        }
        let stream = ctx.http.dial(&config.dial).await?;
        let options = ::smpp::SessionOptions { kind: config.first_kind(), ..config.session.clone() };
        let bound = Session::bind(stream, options).await;
        // what is delivered in the meantime is refused for now, and comes again
        let (session, inbound) = bound.map_err(|error| of_bind(&config, &error))?;
        drop(inbound);
        let verified = shown(session.peer());
        session.unbind().await;
        self.lines.try_now(&ctx.channel);
        Ok(verified)
    }

    async fn check_health(&self, ctx: &Context) -> Result<Health, SendError> {
        let config = Config::of(&ctx.channel)?;
        let states = self.lines.up(ctx);
        if states.is_empty() {
            let verified = self.verify_credentials(ctx).await?;
            return Ok(Health::ok(json!({"bound_as": verified.display})));
        }
        let (mut bound, mut unanswered, mut last) = (0, 0, None);
        for state in &states {
            match state {
                LinkState::Bound(session) if !session.is_closed() => {
                    bound += 1;
                    unanswered += session.unanswered();
                }
                LinkState::Down(why) => last = Some(Arc::clone(why)),
                _ => {}
            }
        }
        let facts = json!({"binds": states.len(), "bound": bound, "unanswered": unanswered});
        match last {
            Some(why) if bound == 0 => Err(of_down(&config, &why)),
            None if bound == states.len() => Ok(Health::ok(facts)),
            why => {
                let message = why.map_or_else(
                    || format!("{bound} of {} binds are up", states.len()),
                    |why| {
                        format!(
                            "{bound} of {} binds are up: {}",
                            states.len(),
                            of_down(&config, &why).message
                        )
                    },
                );
                Ok(Health { status: HealthStatus::Degraded, message: Some(message), facts })
            }
        }
    }

    async fn register_webhook(&self, _: &Context, _: &str) -> Result<Registered, SendError> {
        Ok(Registered { receiving: Receiving::Session, ..Registered::by_hand() })
    }

    async fn run(&self, ctx: &Context, sink: &dyn Sink) -> Result<(), SendError> {
        let config = Config::of(&ctx.channel)?;
        receive::run(&self.lines, ctx, &config, sink).await
    }
}

/// What a send that failed means.
fn classify(config: &Config, error: &PoolError) -> SendError {
    let unavailable = |code: &str| SendError::new(SendErrorClass::Unavailable, code, error.to_string());
    match error {
        PoolError::Submit(SubmitError::Refused(status)) => refused(config, *status),
        PoolError::Submit(SubmitError::Unknown(_)) => {
            SendError::new(SendErrorClass::Unknown, "unanswered", error.to_string())
        }
        PoolError::Submit(SubmitError::NotSent(Lost::Invalid(_))) => {
            SendError::new(SendErrorClass::Rejected(RejectReason::Content), "invalid", error.to_string())
        }
        // the window or the rate is what holds it back, not the message centre
        PoolError::Submit(SubmitError::NotSent(Lost::Busy)) => SendError::new(
            SendErrorClass::Throttled { after: Some(Duration::from_secs(1)), scope: ThrottleScope::Channel },
            "window_full",
            error.to_string(),
        ),
        PoolError::Submit(SubmitError::NotSent(_)) | PoolError::Over => unavailable("session_ended"),
        PoolError::Timeout => unavailable("not_bound"),
        PoolError::Down(why) => of_down(config, why),
    }
}

/// What the message centre's refusal of a message means; the channel's own table goes first.
fn refused(config: &Config, status: Status) -> SendError {
    let class = config.error_classes.get(&status.0).copied().unwrap_or_else(|| match status.class() {
        Class::Throttled => {
            let seconds = if status == Status::QUEUE_FULL { 5 } else { 1 };
            SendErrorClass::Throttled {
                after: Some(Duration::from_secs(seconds)),
                scope: ThrottleScope::Channel,
            }
        }
        Class::Recipient => SendErrorClass::Rejected(RejectReason::Recipient),
        Class::Content => SendErrorClass::Rejected(RejectReason::Content),
        Class::Auth => SendErrorClass::Settings(SettingsProblem::Auth),
        Class::Config => SendErrorClass::Settings(SettingsProblem::Config),
        Class::Ok | Class::Temporary | Class::Session | Class::AlreadyBound => SendErrorClass::Unavailable,
    });
    SendError::new(class, format!("{:#x}", status.0), format!("the message centre refused it with {status}"))
}

/// What it means that no bind is up.
fn of_down(config: &Config, down: &Down) -> SendError {
    match down {
        Down::Connect(error) => match error.downcast_ref::<OutboundError>() {
            Some(error) => of_connect(error),
            None => SendError::new(SendErrorClass::Unavailable, "connect", error.to_string()),
        },
        Down::Bind(error) => of_bind(config, error),
        Down::Ended(_) => SendError::new(SendErrorClass::Unavailable, "session_ended", down.to_string()),
    }
}

fn of_connect(error: &OutboundError) -> SendError {
    let copy = OutboundError {
        phase: error.phase,
        reason: error.reason,
        detail: error.detail.clone(),
        exchange: error.exchange.clone(),
    };
    SendError::from(copy)
}

fn of_bind(config: &Config, error: &BindError) -> SendError {
    match error {
        BindError::Refused(status) => {
            let class = match status.class() {
                Class::Auth => SendErrorClass::Settings(SettingsProblem::Auth),
                Class::Config => SendErrorClass::Settings(SettingsProblem::Config),
                _ => SendErrorClass::Unavailable,
            };
            let hint = match status.class() {
                Class::AlreadyBound => {
                    "; it counts an older bind as open, or allows fewer binds than the channel wants"
                }
                _ => "",
            };
            let message = format!(
                "{} refused the bind of {} with {status}{hint}",
                config.dial.host, config.session.system_id
            );
            SendError::new(class, format!("{:#x}", status.0), message)
        }
        BindError::Invalid(_) => SendError::config(error.to_string()),
        BindError::Protocol(_) => SendError::config(format!(
            "{}: {error}; is it an SMPP port, and TLS as it should be?",
            config.address()
        )),
        BindError::Timeout | BindError::Connection(_) => {
            SendError::new(SendErrorClass::Unavailable, "bind", error.to_string())
        }
    }
}

#[cfg(test)]
mod tests;
