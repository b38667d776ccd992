//! Accounts, people, channels, conversations, messages: the commands and queries of the product. Every
//! command takes who asks (a [`Member`] or a [`Visitor`]), checks it, and changes state and records
//! events in one [`Unit`].

pub mod agents;
pub mod assignment;
pub mod audience;
pub mod bot_rules;
pub mod canned;
pub mod channel_store;
pub mod check;
pub mod contact_imports;
pub mod contacts;
pub mod context;
pub mod conversations;
pub mod csv;
#[cfg(test)]
mod entity_tests;
pub mod group_messages;
pub mod identifiers;
pub mod identity;
pub mod inbound;
pub mod journal;
pub mod labels;
pub mod list;
pub mod messages;
pub mod patch;
pub mod preferences;
pub mod receipts;
pub mod schedules;
pub mod secrets;
pub mod sending_limits;
pub mod settle;
pub mod sight;
pub mod suppressions;
pub mod teams;
pub mod template_approval;
pub mod template_store;
pub mod templates;
#[cfg(test)]
mod testing;
pub mod timers;
pub mod unit;
pub mod uploads;
pub mod variables;
pub mod webchat;

use std::{collections::HashMap, sync::Arc};

use bus::Store;
use model::{ChannelType, Clock, Time, profile::Profile};

pub use context::{Context, Member, Proof, Visitor};
pub use secrets::SecretBox;
pub use unit::Unit;

/// What commands need to know of the installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of every absolute address, without a trailing slash.
    pub public_url: String,
    /// Largest upload, in bytes.
    pub upload_max: u64,
    /// Answers to customers are given up when older than this.
    pub reply_max_age: std::time::Duration,
    /// How long an agent may be gone before unanswered conversations return to the queue.
    pub offline_requeue: std::time::Duration,
    /// Life of an access token.
    pub access_token: std::time::Duration,
    /// Life of a refresh token; each use renews it.
    pub refresh_token: std::time::Duration,
    /// Life of a visitor's token; the widget renews it with its secret.
    pub visitor_token: std::time::Duration,
    /// How long an announced upload may take.
    pub upload_expires: std::time::Duration,
    /// How long a link opens the file that went as one.
    pub link_life: std::time::Duration,
}

impl Settings {
    /// Whether others than this machine can reach the public address.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let host = url::Url::parse(&self.public_url).ok();
        match host.as_ref().and_then(url::Url::host) {
            Some(url::Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => !address.is_loopback() && !address.is_unspecified(),
            Some(url::Host::Ipv6(address)) => !address.is_loopback() && !address.is_unspecified(),
            None => false,
        }
    }

    /// The address that a channel's provider is to call.
    #[must_use]
    pub fn webhook_url(&self, channel_type: model::ChannelType, channel: model::ChannelId) -> String {
        format!("{}/v1/webhooks/{channel_type}/{channel}", self.public_url)
    }
}

/// The descriptions of all providers, by type and slug; filled by `channels` at boot.
pub type Profiles = HashMap<(ChannelType, String), Profile>;

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    secrets: SecretBox,
    settings: Settings,
    profiles: Profiles,
    identity: identity::Keeper,
    channels: channel_store::Cache,
    files: std::sync::OnceLock<uploads::Files>,
}

/// Everything that commands stand on. Cheap to clone.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

impl Inbox {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        secrets: SecretBox,
        settings: Settings,
        profiles: Profiles,
    ) -> Self {
        let identity = identity::Keeper::default();
        let channels = channel_store::Cache::new(store.nudges());
        let files = std::sync::OnceLock::new();
        Self(Arc::new(Inner { store, clock, secrets, settings, profiles, identity, channels, files }))
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn now(&self) -> Time {
        self.0.clock.now()
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub fn secrets(&self) -> &SecretBox {
        &self.0.secrets
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Gives this node its file store, once, at boot; without one it answers uploads with a 503.
    pub fn attach_files(&self, files: uploads::Files) {
        let _ = self.0.files.set(files);
    }

    pub(crate) fn attached_files(&self) -> Option<&uploads::Files> {
        self.0.files.get()
    }

    /// The description of a provider; the slug's case does not matter.
    pub fn profile(&self, channel_type: ChannelType, provider: &str) -> Option<&Profile> {
        self.0.profiles.get(&(channel_type, provider.to_ascii_lowercase()))
    }

    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.0.profiles.values()
    }

    /// The channels that this node has used; see [`channel_store`].
    pub(crate) fn channels(&self) -> &channel_store::Cache {
        &self.0.channels
    }

    /// Where revocations arrive; see [`identity::Revocation`].
    pub fn revocations(&self) -> &identity::Revocations {
        self.0.identity.revocations()
    }

    pub(crate) fn identity(&self) -> &identity::Keeper {
        &self.0.identity
    }
}
