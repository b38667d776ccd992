//! What a hub does of all that has to be done. Any number of hubs may play each role.

use std::collections::BTreeSet;

use model::ChannelType;
use serde_json::{Value, json};

use super::value::Setting;

/// The parts of a hub that may be played apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// REST and the pages.
    pub api: bool,
    /// Sockets.
    pub realtime: bool,
    /// The door for providers, and sessions held to those that do not call.
    pub webhooks: bool,
    /// Numbers feeds and hands events on.
    pub relay: bool,
    workers: BTreeSet<String>,
}

/// Background work that may be played apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// Accepted webhooks become messages.
    Inbound,
    /// Bot rules.
    Bot,
    /// Files of customers are fetched.
    Media,
    /// Agents are found for conversations.
    Assigner,
    /// Answers leave.
    Dispatch,
    /// Messages of group messages leave.
    Bulk,
    /// Group messages are spread to their recipients and counted.
    GroupMessages,
    Imports,
    Schedules,
    Timers,
    /// Partitions, retention, backups.
    Maintenance,
}

impl Worker {
    const ALL: &'static [(&'static str, Self)] = &[
        ("inbound", Self::Inbound),
        ("bot", Self::Bot),
        ("media", Self::Media),
        ("assigner", Self::Assigner),
        ("dispatch", Self::Dispatch),
        ("bulk", Self::Bulk),
        ("group_messages", Self::GroupMessages),
        ("imports", Self::Imports),
        ("schedules", Self::Schedules),
        ("timers", Self::Timers),
        ("maintenance", Self::Maintenance),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, worker)| *worker == self).map_or("", |(name, _)| name)
    }
}

/// The one word of `workers:dispatch.sms` that names a type of channel.
fn channel_type(worker: &str) -> Option<ChannelType> {
    worker.strip_prefix("dispatch.")?.parse().ok()
}

impl Roles {
    pub fn all() -> Self {
        let workers = Worker::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { api: true, realtime: true, webhooks: true, relay: true, workers }
    }

    pub fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// Whether this work is done here, if only for some types of channel.
    pub fn works(&self, worker: Worker) -> bool {
        self.workers.contains(worker.name())
            || (worker == Worker::Dispatch && self.workers.iter().any(|name| channel_type(name).is_some()))
    }

    /// The types of channel whose answers leave from here; `None`: all.
    pub fn dispatched(&self) -> Option<Vec<ChannelType>> {
        if self.workers.contains(Worker::Dispatch.name()) {
            return None;
        }
        Some(self.workers.iter().filter_map(|name| channel_type(name)).collect())
    }
}

impl Setting for Roles {
    const ALLOWED: &'static str = "a comma list of api, realtime, webhooks, relay and workers, or of workers:inbound, \
                                   workers:dispatch.sms and the like";

    fn from_text(text: &str) -> Option<Self> {
        let mut roles =
            Self { api: false, realtime: false, webhooks: false, relay: false, workers: BTreeSet::new() };
        for word in text.split(',').map(str::trim) {
            match word {
                "api" => roles.api = true,
                "realtime" => roles.realtime = true,
                "webhooks" => roles.webhooks = true,
                "relay" => roles.relay = true,
                "workers" => roles.workers.extend(Self::all().workers),
                _ => {
                    let worker = word.strip_prefix("workers:")?;
                    let known = Worker::ALL.iter().any(|(name, _)| *name == worker);
                    if !known && channel_type(worker).is_none() {
                        return None;
                    }
                    roles.workers.insert(worker.to_owned());
                }
            }
        }
        Some(roles)
    }

    fn to_json(&self) -> Value {
        let mut words: Vec<String> = [
            ("api", self.api),
            ("realtime", self.realtime),
            ("webhooks", self.webhooks),
            ("relay", self.relay),
            ("workers", self.workers == Self::all().workers),
        ]
        .into_iter()
        .filter(|&(_word, is_played)| is_played)
        .map(|(word, _is_played)| word.to_owned())
        .collect();
        if self.workers != Self::all().workers {
            words.extend(self.workers.iter().map(|worker| format!("workers:{worker}")));
        }
        json!(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_roles_and_a_wrong_one_is_refused() {
        let all = Roles::from_text("api, realtime,webhooks,relay,workers").unwrap();
        assert!(all.is_all() && all.dispatched().is_none());
        assert_eq!(all.to_json(), json!(["api", "realtime", "webhooks", "relay", "workers"]));
        let some =
            Roles::from_text("relay,workers:dispatch.sms,workers:dispatch.telegram,workers:timers").unwrap();
        assert!(some.relay && !some.api && !some.is_all());
        assert!(some.works(Worker::Dispatch) && some.works(Worker::Timers) && !some.works(Worker::Bulk));
        assert_eq!(some.dispatched(), Some(vec![ChannelType::Sms, ChannelType::Telegram]));
        for wrong in ["", "apis", "workers:", "workers:dispatch.fax", "api,,relay"] {
            assert!(Roles::from_text(wrong).is_none(), "{wrong}");
        }
    }
}
