//! Which providers there are.

use std::sync::{Arc, LazyLock};

use model::{ChannelType, profile::Profile};

use crate::{
    Adapter,
    africastalking::AfricasTalking,
    email::{Mailbox, Mailgun, Postmark, SendGrid},
    generic::Generic,
    messagebird::MessageBird,
    messenger::Messenger,
    sandbox::Sandbox,
    smpp::Smpp,
    telegram::Telegram,
    twilio::Twilio,
    vonage::Vonage,
    webchat::Webchat,
    whatsapp::Whatsapp,
};

/// The provider that a channel without one gets.
const DEFAULT: &str = "default";

/// All adapters, by channel type and provider.
pub struct Registry {
    adapters: Vec<Arc<dyn Adapter>>,
}

/// The adapters of this build. To add a provider, add its line; the first of a type is its default.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let mut adapters: Vec<Arc<dyn Adapter>> = vec![
            Arc::new(Telegram::new()),
            Arc::new(Twilio::new()),
            Arc::new(AfricasTalking::new()),
            Arc::new(Vonage::new()),
            Arc::new(MessageBird::new()),
            Arc::new(Generic::new()),
            Arc::new(Webchat::new()),
            Arc::new(Whatsapp::new()),
            Arc::new(Messenger::new()),
            Arc::new(Smpp::new()),
            Arc::new(Mailbox::new()),
            Arc::new(Mailbox::google()),
            Arc::new(Mailbox::microsoft()),
            Arc::new(SendGrid::new()),
            Arc::new(Mailgun::new()),
            Arc::new(Postmark::new()),
        ];
        for channel_type in ChannelType::ALL {
            adapters.push(Arc::new(Sandbox::new(*channel_type)));
        }
        Registry { adapters }
    });
    &REGISTRY
}

impl Registry {
    /// The adapter of a provider; its slug in any case. `default` and an empty one mean the type's default.
    #[must_use]
    pub fn get(&self, channel_type: ChannelType, provider: &str) -> Option<&Arc<dyn Adapter>> {
        let mut of_type =
            self.adapters.iter().filter(|adapter| adapter.profile().channel_type == channel_type);
        let provider = provider.trim();
        // `telegram` for a channel of type telegram is what people write
        let type_name = channel_type.as_str();
        if [DEFAULT, type_name, ""].iter().any(|word| provider.eq_ignore_ascii_case(word)) {
            return of_type.next();
        }
        of_type.find(|adapter| adapter.profile().provider.eq_ignore_ascii_case(provider))
    }

    /// The profiles of all providers, the default of each type before its others.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.adapters.iter().map(|adapter| adapter.profile())
    }

    /// The slugs that a channel type knows, for an error that names them.
    pub fn providers(&self, channel_type: ChannelType) -> impl Iterator<Item = &str> {
        self.profiles().filter(move |p| p.channel_type == channel_type).map(|p| p.provider.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_by_slug_default_and_sandbox() {
        let slug = |channel_type, provider: &str| {
            registry().get(channel_type, provider).map(|a| a.profile().provider.clone())
        };
        assert_eq!(slug(ChannelType::Sms, "TWILIO").as_deref(), Some("twilio"));
        assert_eq!(slug(ChannelType::Sms, "default").as_deref(), Some("twilio"));
        assert_eq!(slug(ChannelType::Telegram, "telegram").as_deref(), Some("default"));
        assert_eq!(slug(ChannelType::Sms, "nobody"), None);
        for channel_type in ChannelType::ALL {
            assert_eq!(slug(*channel_type, "Sandbox").as_deref(), Some("sandbox"));
        }
    }

    #[test]
    fn no_provider_is_listed_twice() {
        let mut seen = std::collections::HashSet::new();
        for profile in registry().profiles() {
            assert!(seen.insert((profile.channel_type, profile.provider.clone())));
            assert_eq!(profile.provider, profile.provider.to_lowercase());
        }
    }
}
