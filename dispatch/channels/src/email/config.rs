//! What a channel says about itself, whatever carries its mails.

use serde_json::Value;
use url::Host;

use super::{domain_of, normal};
use crate::{ChannelConfig, SendError};

/// Who writes.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub from: String,
    pub name: Option<String>,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<String>,
    /// The mailbox takes `name+anything@`, so each mail can have an address for its answers.
    pub plus_addressing: bool,
    pub default_subject: Option<String>,
}

impl Identity {
    pub(super) fn of(channel: &ChannelConfig) -> Result<Self, SendError> {
        let from = channel.field("from_email").or_else(|| user(channel));
        let from = from.ok_or_else(|| SendError::config("the channel has no from_email"))?;
        let own = ascii(from)
            .ok_or_else(|| SendError::config(format!("from_email: {from:?} is no e-mail address")))?;
        let name = channel.field("from_name").or(channel.sender_name.as_deref());
        let reply_to = channel.field("reply_to").or_else(|| channel.field("reply_to_email"));
        Ok(Self {
            from: own,
            name: name.map(super::one_line),
            reply_to: reply_to.and_then(ascii),
            plus_addressing: channel.settings["plus_addressing"] == true,
            default_subject: channel.setting("default_subject").map(super::one_line),
        })
    }

    pub(super) fn domain(&self) -> &str {
        domain_of(&self.from)
    }
}

/// The addresses under which the channel itself is reached.
pub(super) fn own_addresses(channel: &ChannelConfig) -> Vec<String> {
    let fields = ["from_email", "reply_to", "reply_to_email", "smtp_username", "imap_username"];
    fields
        .iter()
        .filter_map(|name| channel.field(name))
        .filter(|text| text.contains('@'))
        .map(normal)
        .collect()
}

/// Whether an address is the channel's own, with or without a token.
pub(super) fn is_own(own: &[String], address: &str) -> bool {
    let address = normal(address);
    let bare = match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or_default()),
        None => address.clone(),
    };
    own.iter().any(|one| *one == address || *one == bare)
}

/// An address as it can stand in an envelope: the domain in ASCII. `None` if it is no address.
pub(super) fn ascii(address: &str) -> Option<String> {
    let address = address.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"@".contains(c);
    if local.is_empty() || !local.is_ascii() || local.contains(forbidden) || address.len() > 254 {
        return None;
    }
    match Host::parse(domain).ok()? {
        Host::Domain(domain) if domain.contains('.') || domain == "localhost" => {
            Some(format!("{local}@{domain}"))
        }
        _ => None,
    }
}

fn user(channel: &ChannelConfig) -> Option<&str> {
    channel.field("smtp_username").filter(|name| name.contains('@'))
}

/// A port that may stand among the credentials or the settings, as a number or as text.
pub(super) fn port(channel: &ChannelConfig, field: &str, usual: u16) -> u16 {
    let value = [&channel.credentials.expose()[field], &channel.settings[field]];
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
    value.into_iter().find_map(number).and_then(|port| u16::try_from(port).ok()).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(ascii(" ada@y.test ").as_deref(), Some("ada@y.test"));
        assert_eq!(ascii("ada@bücher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
        for bad in [
            "ada",
            "@y.test",
            "a b@y.test",
            "a@b@y.test",
            "ada@y.test>\r\nRCPT TO:<eve@y.test",
            "ä@y.test",
            "a@y",
        ] {
            assert_eq!(ascii(bad), None, "{bad}");
        }
        let own = vec!["support@shop.example".to_owned()];
        assert!(is_own(&own, "Support+abc-def@shop.example") && is_own(&own, "support@SHOP.example"));
        assert!(!is_own(&own, "ada@shop.example"));
    }
}
