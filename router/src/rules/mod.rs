//! Which bot rule answers a message: facts in, decision out, nothing else.
//!
//! Rules are tried by ascending priority, then id; the first that holds wins. Every rule that was tried
//! before it says why it did not hold, which is what the dry run shows.

pub mod language;
pub mod text;

use std::{collections::BTreeSet, fmt};

use chrono::Timelike;
use model::{
    BotRuleId, BotState, ChannelType, ConversationStatus, Time,
    bot::{Language, MatchMode, RuleBody, Trigger},
    hours::{Day, TimeRange},
};
use serde::{Serialize, Serializer};

use text::{Needle, Subject};

/// A rule, made ready for matching.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: BotRuleId,
    pub name: String,
    /// Lower is tried first.
    pub priority: i32,
    pub body: RuleBody,
    needles: Vec<Needle>,
}

impl Rule {
    #[must_use]
    pub fn new(id: BotRuleId, name: String, priority: i32, body: RuleBody) -> Self {
        let needles = match &body.trigger {
            Trigger::Keyword { keywords, case_sensitive, whole_word, .. } => {
                keywords.iter().map(|keyword| Needle::new(keyword, *case_sensitive, *whole_word)).collect()
            }
            _ => Vec::new(),
        };
        Self { id, name, priority, body, needles }
    }
}

/// What is known of the message and its conversation.
#[derive(Debug, Clone)]
pub struct Facts<'m> {
    pub text: &'m str,
    pub channel_type: ChannelType,
    /// The message made the conversation.
    pub first_message: bool,
    /// The message reopened the conversation.
    pub reopened: bool,
    pub now: Time,
    /// The conversation as it stands with the message in it.
    pub status: ConversationStatus,
    pub bot_state: BotState,
    /// As [`language::detect`] found it.
    pub language: Option<Language>,
    /// The message was written by the contact and is public.
    pub from_contact: bool,
}

/// What the bot does about a message.
#[derive(Debug, Clone)]
pub struct Decision<'r> {
    pub outcome: Outcome<'r>,
    /// The rules tried, in order; the one that holds, if any, is the last.
    pub tried: Vec<Tried>,
}

#[derive(Debug, Clone, Copy)]
pub enum Outcome<'r> {
    /// The rule whose actions are carried out.
    Matched(&'r Rule),
    NoMatch,
    /// The bot has no say here; no rule was tried.
    Silent(Silence),
}

impl<'r> Outcome<'r> {
    #[must_use]
    pub const fn rule(self) -> Option<&'r Rule> {
        match self {
            Self::Matched(rule) => Some(rule),
            Self::NoMatch | Self::Silent(_) => None,
        }
    }
}

/// Why the bot has no say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    NotFromContact,
    /// An agent has the conversation, or it is over.
    Status(ConversationStatus),
    HandedOver,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFromContact => f.write_str("only public messages of the contact are answered"),
            Self::Status(status) => write!(f, "the conversation is {status}"),
            Self::HandedOver => f.write_str("the bot has handed the conversation over"),
        }
    }
}

/// One rule that was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    pub rule_id: BotRuleId,
    pub name: String,
    pub matched: bool,
    pub reason: Reason,
}

/// Why a rule holds or does not; sent as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    Holds,
    ChannelNotListed(ChannelType),
    ChannelExcluded(ChannelType),
    LanguageUnknown,
    LanguageNotListed(Language),
    /// None of this many keywords occurs.
    NoKeyword(usize),
    KeywordMissing(String),
    NotToday(Day),
    OutsideTimes {
        local: String,
        start: String,
        end: String,
    },
    NotFirstMessage,
    NotNew,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("every condition holds"),
            Self::ChannelNotListed(channel) => write!(f, "{channel} is not among its channels"),
            Self::ChannelExcluded(channel) => write!(f, "{channel} is excluded"),
            Self::LanguageUnknown => f.write_str("the language of the message is not known"),
            Self::LanguageNotListed(language) => write!(f, "the message is in another language ({language})"),
            Self::NoKeyword(1) => f.write_str("its keyword does not occur"),
            Self::NoKeyword(count) => write!(f, "none of its {count} keywords occurs"),
            Self::KeywordMissing(keyword) => write!(f, "the keyword {keyword:?} does not occur"),
            Self::NotToday(day) => write!(f, "{day} is not among its days"),
            Self::OutsideTimes { local, start, end } => write!(f, "{local} is outside {start} to {end}"),
            Self::NotFirstMessage => f.write_str("the message is not the first of its conversation"),
            Self::NotNew => f.write_str("the conversation is not new"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The active rules of an account, in the order in which they are tried.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    languages: BTreeSet<Language>,
}

impl RuleSet {
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by_key(|rule| (rule.priority, rule.id));
        let languages = rules.iter().flat_map(|rule| rule.body.filters.languages.iter().cloned()).collect();
        Self { rules, languages }
    }

    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The languages that some rule asks for: detection is not worth its time for others.
    #[must_use]
    pub const fn languages(&self) -> &BTreeSet<Language> {
        &self.languages
    }

    /// Finds the rule that answers. The same facts always give the same decision.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts<'_>) -> Decision<'_> {
        let mut tried = Vec::new();
        if let Some(silence) = silence(facts) {
            return Decision { outcome: Outcome::Silent(silence), tried };
        }
        let subject = Subject::new(facts.text);
        for rule in &self.rules {
            let reason = judge(rule, facts, &subject);
            let matched = reason == Reason::Holds;
            tried.push(Tried { rule_id: rule.id, name: rule.name.clone(), matched, reason });
            if matched {
                return Decision { outcome: Outcome::Matched(rule), tried };
            }
        }
        Decision { outcome: Outcome::NoMatch, tried }
    }
}

fn silence(facts: &Facts<'_>) -> Option<Silence> {
    if !facts.from_contact {
        return Some(Silence::NotFromContact);
    }
    if !matches!(facts.status, ConversationStatus::Open | ConversationStatus::Bot) {
        return Some(Silence::Status(facts.status));
    }
    (facts.bot_state == BotState::HandedOver).then_some(Silence::HandedOver)
}

fn judge(rule: &Rule, facts: &Facts<'_>, subject: &Subject<'_>) -> Reason {
    let filters = &rule.body.filters;
    if filters.exclude_channels.contains(&facts.channel_type) {
        return Reason::ChannelExcluded(facts.channel_type);
    }
    if !filters.channels.is_empty() && !filters.channels.contains(&facts.channel_type) {
        return Reason::ChannelNotListed(facts.channel_type);
    }
    if !filters.languages.is_empty() {
        match &facts.language {
            None => return Reason::LanguageUnknown,
            Some(language) if !filters.languages.contains(language) => {
                return Reason::LanguageNotListed(language.clone());
            }
            Some(_) => {}
        }
    }
    match &rule.body.trigger {
        Trigger::Keyword { keywords, match_mode, .. } => judge_keywords(rule, keywords, *match_mode, subject),
        Trigger::TimeBased(range) => judge_time(range, facts.now),
        Trigger::NewConversation { only_first_message: true } if !facts.first_message => {
            Reason::NotFirstMessage
        }
        Trigger::NewConversation { .. } if !facts.first_message && !facts.reopened => Reason::NotNew,
        Trigger::NewConversation { .. } | Trigger::Channel | Trigger::Fallback => Reason::Holds,
    }
}

fn judge_keywords(rule: &Rule, keywords: &[String], mode: MatchMode, subject: &Subject<'_>) -> Reason {
    match mode {
        MatchMode::Any if rule.needles.iter().any(|needle| subject.contains(needle)) => Reason::Holds,
        MatchMode::Any => Reason::NoKeyword(keywords.len()),
        MatchMode::All => {
            match rule.needles.iter().zip(keywords).find(|(needle, _)| !subject.contains(needle)) {
                Some((_, keyword)) => Reason::KeywordMissing(keyword.clone()),
                // parsing refuses an empty list; should one arrive, it holds for nothing
                None if rule.needles.is_empty() => Reason::NoKeyword(0),
                None => Reason::Holds,
            }
        }
    }
}

fn judge_time(range: &TimeRange, now: Time) -> Reason {
    if range.contains(now) {
        return Reason::Holds;
    }
    let local = now.with_timezone(&range.timezone).naive_local();
    match range.bounds {
        Some((start, end)) if (TimeRange { days: Vec::new(), ..range.clone() }).contains(now) => {
            // inside the times; after midnight of a night it is the day before that is not listed
            let after_midnight = start > end && (local.hour() * 60 + local.minute()) as u16 <= end.minutes();
            Reason::NotToday(day_of(local, after_midnight))
        }
        Some((start, end)) => Reason::OutsideTimes {
            local: format!("{} {}", local.format("%H:%M"), range.timezone.name()),
            start: start.to_string(),
            end: end.to_string(),
        },
        None => Reason::NotToday(day_of(local, false)),
    }
}

fn day_of(local: chrono::NaiveDateTime, before: bool) -> Day {
    use chrono::Datelike;
    let weekday = local.weekday();
    Day::from(if before { weekday.pred() } else { weekday })
}

#[cfg(test)]
mod tests;
