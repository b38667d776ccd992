//! Bringing a channel and its provider together: which provider a form means, whether its credentials are
//! good, where its webhooks go. Calls happen outside every transaction; what was learned is stored by
//! `inbox::channel_store`.

mod test_message;

use std::{sync::Arc, time::Duration};

use channels::{
    Adapter, ChannelConfig, Context, HealthStatus, Receiving, SandboxSwitch, SendError, registry,
};
use inbox::{
    Inbox,
    channel_store::{self, ChannelHandle, Standing},
    template_approval::{self, ProvidersTemplate},
    template_store::TemplateView,
};
use model::{ChannelStatus, ChannelType, Error, Result, Time};
use outbound::Client;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub use test_message::{TestMessage, TestOutcome};

use crate::rest::Rest;

/// How long a provider may take to answer a manager.
const PATIENCE: Duration = Duration::from_secs(20);

/// Talks to providers on behalf of those who manage channels. Cheap to clone.
#[derive(Clone)]
pub struct ChannelSetup {
    inbox: Inbox,
    http: Client,
    sandbox: SandboxSwitch,
}

/// How a channel stands at its provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelHealth {
    /// `ok`, `degraded` or `down`; a channel that is silent for too long is not `ok`.
    #[schema(value_type = String)]
    pub status: HealthStatus,
    pub message: Option<String>,
    /// Nothing has come in since then, and that is too long ago.
    pub silent_since: Option<chrono::DateTime<chrono::Utc>>,
    /// What was sent since then has no receipts, though the provider used to give them.
    pub receipts_missing_since: Option<chrono::DateTime<chrono::Utc>>,
    /// What the provider said: balance, backlog, last error.
    #[schema(value_type = Object)]
    pub facts: Value,
}

/// What was found missing on a channel, and since when.
#[derive(Debug, Clone, Copy)]
pub struct Alarms {
    pub silent_since: Option<Time>,
    pub receipts_missing_since: Option<Time>,
}

/// How a channel receives.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookState {
    /// `webhook`, `webhook_by_hand`, `session` or `direct`.
    pub receiving: &'static str,
    pub webhook_url: String,
    /// What to do, when something is left to be done.
    pub hint: Option<String>,
}

impl ChannelSetup {
    pub fn new(inbox: Inbox, http: Client, sandbox: SandboxSwitch) -> Self {
        Self { inbox, http, sandbox }
    }

    /// With what the REST API has at hand.
    pub fn of(rest: &Rest) -> Self {
        let tools = rest.tools();
        Self::new(rest.inbox().clone(), tools.http.clone(), tools.sandbox.clone())
    }

    /// The slug of the provider that a form means: its own, the one among its credentials (which is where
    /// older clients put it), or the type's default. 422 names the known ones.
    pub fn provider(
        channel_type: ChannelType,
        asked: Option<&str>,
        credentials: &mut Value,
    ) -> Result<String> {
        let inner = credentials.as_object_mut().and_then(|fields| fields.remove("provider"));
        let inner = inner.as_ref().and_then(Value::as_str);
        let name = asked.or(inner).unwrap_or_default();
        let slug: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let found = registry().get(channel_type, name).or_else(|| registry().get(channel_type, &slug));
        match found {
            Some(adapter) => Ok(adapter.profile().provider.clone()),
            None => {
                let known: Vec<&str> = registry().providers(channel_type).collect();
                let message = format!("{channel_type} has no provider {name:?}; known: {}", known.join(", "));
                Err(Error::invalid("provider", message).with("allowed", known))
            }
        }
    }

    /// Verifies the credentials, tells the provider where its webhooks go, and stores what came of it. A
    /// provider that refuses is not an error here: the channel then stands at `error` with the reason.
    pub async fn connect(&self, handle: &ChannelHandle) -> Result<()> {
        if !handle.is_enabled {
            return Ok(());
        }
        let learned = match self.try_connect(handle).await {
            Ok(learned) => learned,
            Err(refused) => Standing {
                status: Some(ChannelStatus::Error),
                error_message: Some(refused.to_string()),
                ..Standing::default()
            },
        };
        channel_store::set_standing(&self.inbox, handle.account_id, handle.id, &learned).await
    }

    async fn try_connect(&self, handle: &ChannelHandle) -> std::result::Result<Standing, SendError> {
        let (adapter, context) = self.open(handle)?;
        let verified = adapter.verify_credentials(&context).await?;
        let registered = adapter.register_webhook(&context, &self.webhook_url(handle)).await?;
        let mut settings = verified.settings;
        if let (Value::Object(all), Value::Object(more)) = (&mut settings, registered.settings) {
            all.extend(more);
        }
        Ok(Standing {
            status: Some(ChannelStatus::Connected),
            verified: true,
            credentials: registered.credentials,
            settings,
            ..Standing::default()
        })
    }

    /// Registers the webhook again.
    pub async fn register(&self, handle: &ChannelHandle) -> Result<WebhookState> {
        let url = self.webhook_url(handle);
        let (adapter, context) = self.open(handle).map_err(refused)?;
        let registered = adapter.register_webhook(&context, &url).await.map_err(refused)?;
        let learned = Standing {
            credentials: registered.credentials,
            settings: registered.settings,
            ..Standing::default()
        };
        channel_store::set_standing(&self.inbox, handle.account_id, handle.id, &learned).await?;
        let (receiving, hint) = match registered.receiving {
            Receiving::Webhook => ("webhook", None),
            Receiving::WebhookByHand => {
                ("webhook_by_hand", Some("enter webhook_url at the provider".to_owned()))
            }
            Receiving::Session => ("session", None),
            Receiving::Direct => ("direct", None),
        };
        Ok(WebhookState { receiving, webhook_url: registered.address.unwrap_or(url), hint })
    }

    /// Asks the provider how the channel stands. It may well say that all is in order while nothing arrives
    /// here any more.
    pub async fn health(&self, handle: &ChannelHandle, alarms: Alarms) -> ChannelHealth {
        let Alarms { silent_since, receipts_missing_since } = alarms;
        let asked = async {
            let (adapter, context) = self.open(handle)?;
            adapter.check_health(&context).await
        };
        match asked.await {
            Ok(health) => {
                let nothing = silent_since.map(|since| ("nothing has come in", since));
                let unknown = receipts_missing_since.map(|since| ("no receipts for what was sent", since));
                let silent = nothing
                    .or(unknown)
                    .filter(|_| health.status == HealthStatus::Ok)
                    .map(|(what, since)| format!("{what} since {}", since.format("%Y-%m-%d %H:%M UTC")));
                let status = if silent.is_some() { HealthStatus::Degraded } else { health.status };
                let message = silent.or(health.message);
                ChannelHealth { status, message, silent_since, receipts_missing_since, facts: health.facts }
            }
            Err(error) => ChannelHealth {
                status: HealthStatus::Down,
                message: Some(error.to_string()),
                silent_since,
                receipts_missing_since,
                facts: json!({}),
            },
        }
    }

    /// The templates that the provider keeps for this channel.
    pub async fn templates(&self, handle: &ChannelHandle) -> Result<Vec<ProvidersTemplate>> {
        let (adapter, context) = self.open(handle).map_err(refused)?;
        let found = adapter.list_templates(&context).await.map_err(refused)?;
        let ours = |one: channels::ProviderTemplate| ProvidersTemplate {
            external_id: one.external_id,
            name: one.name,
            language: one.language,
            category: one.category,
            status: one.status.as_str(),
            quality: one.quality.map(channels::TemplateQuality::as_str),
            body: one.body,
        };
        Ok(found.into_iter().map(ours).collect())
    }

    /// Hands a template in for the provider's approval.
    pub async fn hand_in(
        &self,
        handle: &ChannelHandle,
        template: &TemplateView,
    ) -> Result<channels::ProviderTemplate> {
        let (adapter, context) = self.open(handle).map_err(refused)?;
        let (body, variables) = template_approval::to_provider(template);
        let draft = channels::TemplateDraft {
            name: template.name.clone(),
            language: template.language.clone().unwrap_or_else(|| "en".to_owned()),
            category: template.category.clone(),
            body,
            variables,
        };
        adapter.create_template(&context, &draft).await.map_err(refused)
    }

    /// Takes the webhook away; a provider that does not answer keeps no channel from being removed.
    pub async fn disconnect(&self, handle: &ChannelHandle) {
        let asked = async {
            let (adapter, context) = self.open(handle)?;
            adapter.unregister_webhook(&context).await
        };
        if let Err(error) = asked.await {
            tracing::warn!(channel = %handle.id, %error, "the provider may still have the webhook");
        }
    }

    fn webhook_url(&self, handle: &ChannelHandle) -> String {
        self.inbox.settings().webhook_url(handle.channel_type, handle.id)
    }

    fn open(
        &self,
        handle: &ChannelHandle,
    ) -> std::result::Result<(&'static Arc<dyn Adapter>, Context), SendError> {
        let adapter = registry()
            .get(handle.channel_type, &handle.provider)
            .ok_or_else(|| SendError::config("this provider is not part of this build"))?;
        let config = Arc::new(ChannelConfig::from(handle.facts()));
        let clock = Arc::clone(self.inbox.clock());
        let context = Context::new(self.http.clone(), config, adapter.profile(), clock, self.sandbox.clone())
            .lending(Arc::new(self.inbox.clone()))
            .within(PATIENCE);
        Ok((adapter, context))
    }
}

/// A provider's refusal as the answer to a manager who asked for the call.
fn refused(error: SendError) -> Error {
    Error::conflict(format!("the provider refused: {error}")).with("code", error.code)
}
