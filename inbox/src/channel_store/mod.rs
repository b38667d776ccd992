//! Channels: the commands of those who manage them, and the bare finders of the webhook door and of
//! dispatch, which get a handle that is bound to its account.

mod cache;
mod commands;
mod lent;
pub mod silence;
mod standing;
#[cfg(test)]
mod tests;
mod unheard;

use model::{AccountId, ChannelFacts, ChannelId, ChannelStatus, ChannelType, Error, Result, Time};
use serde_json::Value;

pub use cache::{Cache, by_id_unscoped, by_public_key};
pub use commands::{
    ChannelView, ENTITY, NewChannel, Touched, UpdateChannel, create, delete, get, handle, list, update,
};
pub use standing::{Standing, set_standing};
pub use unheard::{Unheard, unheard};

/// A channel with its secrets, for talking to its provider. It never prints itself.
pub struct ChannelHandle {
    pub id: ChannelId,
    pub account_id: AccountId,
    pub name: String,
    pub channel_type: ChannelType,
    /// The provider's slug in lower case.
    pub provider: String,
    pub status: ChannelStatus,
    pub is_enabled: bool,
    /// Decrypted; see the provider's profile for its fields.
    pub credentials: Value,
    pub settings: Value,
    /// Web chat only.
    pub public_key: Option<String>,
    pub sender_name: Option<String>,
    pub default_country_code: Option<String>,
    /// Messages a minute.
    pub rate_limit: Option<i32>,
    /// Explicit count of tries; `None`: the ladder until the maximum age.
    pub retry_count: Option<i32>,
    /// Seconds.
    pub retry_interval: Option<i32>,
    /// Rises with every change.
    pub version: i64,
    /// The credentials before these, with which its provider may sign until then.
    previous: Option<(Value, Time)>,
}

impl ChannelHandle {
    /// The same channel before its secrets were changed, as long as the change is young.
    #[must_use]
    pub fn facts_before(&self, now: Time) -> Option<ChannelFacts> {
        let (credentials, until) = self.previous.as_ref()?;
        (*until > now).then(|| ChannelFacts { credentials: credentials.clone(), ..self.facts() })
    }

    /// What its provider's adapter is made of.
    #[must_use]
    pub fn facts(&self) -> ChannelFacts {
        ChannelFacts {
            channel_id: self.id,
            account_id: self.account_id,
            channel_type: self.channel_type,
            provider: self.provider.clone(),
            credentials: self.credentials.clone(),
            settings: self.settings.clone(),
            sender_name: self.sender_name.clone(),
            default_country_code: self.default_country_code.clone(),
        }
    }
}

impl std::fmt::Debug for ChannelHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelHandle({} {}/{})", self.id, self.channel_type, self.provider)
    }
}

/// A row as it is stored, still sealed.
struct Sealed {
    id: ChannelId,
    account_id: AccountId,
    name: String,
    channel_type: ChannelType,
    provider: String,
    status: ChannelStatus,
    is_enabled: bool,
    credentials_sealed: Vec<u8>,
    settings: Value,
    public_key: Option<String>,
    sender_name: Option<String>,
    default_country_code: Option<String>,
    rate_limit: Option<i32>,
    retry_count: Option<i32>,
    retry_interval: Option<i32>,
    version: i64,
    previous_sealed: Option<Vec<u8>>,
    previous_until: Option<Time>,
}

impl Sealed {
    fn open(self, secrets: &crate::SecretBox) -> Result<ChannelHandle> {
        let open = |sealed: &[u8]| -> Result<Value> {
            let plain = secrets.open(&place(self.id), sealed)?;
            serde_json::from_slice(&plain).map_err(Error::internal)
        };
        let credentials = open(&self.credentials_sealed)?;
        let previous = self.previous_sealed.as_deref().zip(self.previous_until);
        let previous = previous.map(|(sealed, until)| open(sealed).map(|old| (old, until))).transpose()?;
        Ok(ChannelHandle {
            id: self.id,
            account_id: self.account_id,
            name: self.name,
            channel_type: self.channel_type,
            provider: self.provider,
            status: self.status,
            is_enabled: self.is_enabled,
            credentials,
            settings: self.settings,
            public_key: self.public_key,
            sender_name: self.sender_name,
            default_country_code: self.default_country_code,
            rate_limit: self.rate_limit,
            retry_count: self.retry_count,
            retry_interval: self.retry_interval,
            version: self.version,
            previous,
        })
    }
}

/// What a channel's credentials are sealed for.
pub(crate) fn place(id: ChannelId) -> String {
    format!("channel:{id}")
}

fn seal(secrets: &crate::SecretBox, id: ChannelId, credentials: &Value) -> Result<Vec<u8>> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(credentials).map_err(Error::internal)?);
    secrets.seal(&place(id), &plain)
}
