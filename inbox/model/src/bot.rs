//! A bot rule: when it holds and what it does.
//!
//! Conditions and actions arrive as JSON objects whose fields depend on the trigger. [`RuleBody::parse`]
//! is the one reader: what it accepts can be evaluated, and whatever it does not know is refused.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{
    ChannelType, ConversationStatus, Priority, TeamId, TemplateId,
    error::FieldError,
    fields::Fields,
    hours::{Day, TimeRange, first_of},
};

/// Characters of a static reply: a template's limit.
const MAX_REPLY: usize = 10_000;
const MAX_KEYWORDS: usize = 500;
const MAX_KEYWORD: usize = 200;
const MAX_LABELS: usize = 50;
const MAX_LABEL: usize = 100;

text_enum! {
    /// What makes a rule hold, besides its filters.
    pub enum TriggerType {
        Keyword = "keyword", TimeBased = "time_based", Channel = "channel",
        NewConversation = "new_conversation", Fallback = "fallback",
    }
}

text_enum! {
    /// Whether one keyword is enough.
    pub enum MatchMode { Any = "any", All = "all" }
}

text_enum! {
    /// How an agent is picked among those eligible.
    pub enum AssignStrategy {
        /// The one who was assigned longest ago.
        RoundRobin = "round_robin",
        /// The one with the fewest active conversations.
        LeastBusy = "least_busy",
        /// Nobody: the conversation waits until an agent takes it.
        ManualQueue = "manual_queue",
    }
}

/// A language: the primary subtag of a BCP 47 tag, lower-case (`en`, `am`). A region is cut off.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

impl Language {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Language {
    type Err = &'static str;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        if (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase()) {
            Ok(Self(primary))
        } else {
            Err("must be a language code like en or am")
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A trigger with its own conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The text contains the keywords; there is at least one.
    Keyword {
        keywords: Vec<String>,
        match_mode: MatchMode,
        /// Compares letters as they are; otherwise case and diacritics do not count.
        case_sensitive: bool,
        /// A keyword counts only between word boundaries (Unicode UAX #29).
        whole_word: bool,
    },
    /// The present time is inside.
    TimeBased(TimeRange),
    /// The filters alone decide.
    Channel,
    /// The conversation is new.
    NewConversation {
        /// Only the very first message of a conversation; otherwise also the one that reopens it.
        only_first_message: bool,
    },
    /// Always.
    Fallback,
}

impl Trigger {
    #[must_use]
    pub const fn kind(&self) -> TriggerType {
        match self {
            Self::Keyword { .. } => TriggerType::Keyword,
            Self::TimeBased(_) => TriggerType::TimeBased,
            Self::Channel => TriggerType::Channel,
            Self::NewConversation { .. } => TriggerType::NewConversation,
            Self::Fallback => TriggerType::Fallback,
        }
    }
}

/// The conditions that every trigger may carry; an empty list restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    pub channels: Vec<ChannelType>,
    pub exclude_channels: Vec<ChannelType>,
    /// One of these must have been detected.
    pub languages: Vec<Language>,
}

/// What a matching rule does, in the order: reply, labels, priority, status, routing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Actions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_template_id: Option<TemplateId>,
    /// Sent only where there is no `reply_template_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assign_team_id: Option<TeamId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assign_strategy: Option<AssignStrategy>,
    /// Added to the labels there are; the first is the topic by which agents are matched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_labels: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_priority: Option<Priority>,
    /// `open`, `bot`, `resolved` or `closed`; the others follow from an assignment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_status: Option<ConversationStatus>,
    /// The bot says no more in this conversation, which goes to the queue.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hand_off: bool,
}

impl Actions {
    /// Whether the rule sends the conversation on to an agent.
    #[must_use]
    pub const fn routes(&self) -> bool {
        self.hand_off || self.assign_team_id.is_some() || self.assign_strategy.is_some()
    }

    /// The topic by which an agent is matched.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.set_labels.first().map(String::as_str)
    }
}

/// The conditions as they are written; which fields are allowed depends on the trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Conditions {
    /// `keyword`: required, one to 500.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// `keyword`: `any` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_mode: Option<MatchMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_sensitive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole_word: Option<bool>,
    /// `time_based`: required unless `days` are given; both bounds are inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_range: Option<TimeBounds>,
    /// `time_based`: an IANA name; wins over `time_range.tz`. UTC unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// `new_conversation`: true unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_first_message: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_channels: Vec<ChannelType>,
    /// One code or a list of codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub language: Vec<Language>,
}

/// A daily range as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TimeBounds {
    #[schema(example = "18:00")]
    pub start: String,
    #[schema(example = "08:00")]
    pub end: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tz: Option<String>,
}

/// A rule that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleBody {
    pub trigger: Trigger,
    pub filters: Filters,
    pub actions: Actions,
}

impl RuleBody {
    /// Reads a rule.
    ///
    /// # Errors
    /// Every field that was refused, as `conditions.…` and `actions.…`.
    pub fn parse(kind: TriggerType, conditions: &Value, actions: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(conditions, "conditions");
        let trigger = match kind {
            TriggerType::Keyword => Trigger::Keyword {
                keywords: keywords(&mut fields),
                match_mode: fields.word("match_mode").unwrap_or(MatchMode::Any),
                case_sensitive: fields.flag("case_sensitive").unwrap_or(false),
                whole_word: fields.flag("whole_word").unwrap_or(false),
            },
            TriggerType::TimeBased => Trigger::TimeBased(TimeRange::read(&mut fields)),
            TriggerType::Channel => Trigger::Channel,
            TriggerType::NewConversation => Trigger::NewConversation {
                only_first_message: fields.flag("only_first_message").unwrap_or(true),
            },
            TriggerType::Fallback => Trigger::Fallback,
        };
        let filters = Filters {
            channels: fields.words("channels"),
            exclude_channels: fields.words("exclude_channels"),
            languages: languages(&mut fields),
        };
        for later in ["intent", "confidence_min"] {
            if fields.get(later).is_some() {
                fields.refuse(later, "needs an intent classifier, which there is none of");
            }
        }
        let mut errors = fields.finish(&format!("is no condition of a {kind} rule"));
        match read_actions(actions) {
            Ok(actions) if errors.is_empty() => Ok(Self { trigger, filters, actions }),
            Ok(_) => Err(errors),
            Err(refused) => {
                errors.extend(refused);
                Err(errors)
            }
        }
    }

    /// The conditions in their written form, with what was left out filled in.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        let mut written = Conditions {
            channels: self.filters.channels.clone(),
            exclude_channels: self.filters.exclude_channels.clone(),
            language: self.filters.languages.clone(),
            ..Conditions::default()
        };
        match &self.trigger {
            Trigger::Keyword { keywords, match_mode, case_sensitive, whole_word } => {
                written.keywords.clone_from(keywords);
                written.match_mode = Some(*match_mode);
                written.case_sensitive = Some(*case_sensitive);
                written.whole_word = Some(*whole_word);
            }
            Trigger::TimeBased(range) => {
                written.time_range = range.bounds.map(|(start, end)| TimeBounds {
                    start: start.to_string(),
                    end: end.to_string(),
                    tz: None,
                });
                written.timezone = Some(range.timezone.name().to_owned());
                written.days.clone_from(&range.days);
            }
            Trigger::NewConversation { only_first_message } => {
                written.only_first_message = Some(*only_first_message);
            }
            Trigger::Channel | Trigger::Fallback => {}
        }
        written
    }
}

impl<'de> Deserialize<'de> for Actions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        read_actions(&value).map_err(|errors| serde::de::Error::custom(first_of(&errors)))
    }
}

/// A text that says something, without the white space around it.
#[derive(PartialEq)]
struct Filled(String);

impl FromStr for Filled {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() { Err("must not be blank") } else { Ok(Self(text.to_owned())) }
    }
}

/// Texts of a list, with a limit on their number and on the characters of each.
fn texts(fields: &mut Fields<'_>, field: &'static str, most: usize, longest: usize) -> Vec<String> {
    let texts: Vec<String> = fields.words::<Filled>(field).into_iter().map(|text| text.0).collect();
    if texts.len() > most {
        fields.refuse(field, format!("must not be more than {most}"));
    }
    if let Some(index) = texts.iter().position(|text| text.chars().count() > longest) {
        fields.refuse(&format!("{field}.{index}"), format!("must not be longer than {longest} characters"));
    }
    texts
}

fn keywords(fields: &mut Fields<'_>) -> Vec<String> {
    let before = fields.errors.len();
    let keywords = texts(fields, "keywords", MAX_KEYWORDS, MAX_KEYWORD);
    // `all` of no keyword would hold for every message
    if keywords.is_empty() && fields.errors.len() == before {
        fields.refuse("keywords", "must name at least one keyword");
    }
    keywords
}

fn languages(fields: &mut Fields<'_>) -> Vec<Language> {
    match fields.get("language") {
        Some(Value::String(_)) => fields.word("language").into_iter().collect(),
        _ => fields.words("language"),
    }
}

fn read_actions(value: &Value) -> Result<Actions, Vec<FieldError>> {
    let mut fields = Fields::of(value, "actions");
    let actions = Actions {
        reply_template_id: fields.word("reply_template_id"),
        reply_text: fields.text("reply_text").map(str::to_owned),
        assign_team_id: fields.word("assign_team_id"),
        assign_strategy: fields.word("assign_strategy"),
        set_labels: texts(&mut fields, "set_labels", MAX_LABELS, MAX_LABEL),
        set_priority: fields.word("set_priority"),
        set_status: fields.word("set_status"),
        hand_off: fields.flag("hand_off").unwrap_or(false),
    };
    if let Some(text) = &actions.reply_text {
        if text.trim().is_empty() {
            fields.refuse("reply_text", "must not be blank");
        } else if text.chars().count() > MAX_REPLY {
            fields.refuse("reply_text", format!("must not be longer than {MAX_REPLY} characters"));
        }
    }
    match actions.set_status {
        Some(status) if status.is_held() => {
            fields.refuse("set_status", format!("{status} needs an agent; use assign_strategy"));
        }
        Some(status) if status != ConversationStatus::Open && actions.hand_off => {
            fields.refuse("set_status", format!("{status} does not go with hand_off"));
        }
        Some(status) if !status.is_live() && actions.routes() => {
            fields.refuse("set_status", format!("{status} does not go with an assignment"));
        }
        _ => {}
    }
    if fields.get("collect_info").is_some() {
        fields.refuse("collect_info", "needs a conversational bot, which there is none of");
    }
    let errors = fields.finish("is no action");
    if errors.is_empty() { Ok(actions) } else { Err(errors) }
}

#[cfg(test)]
#[path = "bot_tests.rs"]
mod tests;
