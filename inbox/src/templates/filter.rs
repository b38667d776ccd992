//! What may be done to a value: a subset of Liquid's filters, with their meaning there.

use std::{borrow::Cow, fmt::Write};

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime,
    format::{Item, StrftimeItems},
};

/// One filter with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    /// Stands in where there is no value.
    Default(String),
    Upcase,
    Downcase,
    /// First letter upper-case, the others lower-case.
    Capitalize,
    Strip,
    /// At most so many characters, the ending included.
    Truncate {
        length: usize,
        ending: String,
    },
    /// A date or time, written by a `strftime` format; a value that is neither stays.
    Date(String),
}

/// An argument as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    Text(String),
    Number(usize),
}

impl Filter {
    /// The filter of that name, or why there is none.
    pub(super) fn new(name: &str, arguments: Vec<Argument>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let filter = match (name, arguments.next()) {
            ("default", Some(Argument::Text(text))) => Self::Default(text),
            ("default", Some(Argument::Number(number))) => Self::Default(number.to_string()),
            ("default", None) => return Err("default needs a text: default: \"there\"".into()),
            ("upcase", None) => Self::Upcase,
            ("downcase", None) => Self::Downcase,
            ("capitalize", None) => Self::Capitalize,
            ("strip", None) => Self::Strip,
            ("truncate", None) => Self::Truncate { length: 50, ending: "...".into() },
            ("truncate", Some(Argument::Number(length))) => match arguments.next() {
                None => Self::Truncate { length, ending: "...".into() },
                Some(Argument::Text(ending)) => Self::Truncate { length, ending },
                Some(Argument::Number(_)) => return Err("the ending of truncate must be a text".into()),
            },
            ("truncate", Some(_)) => return Err("truncate needs a number: truncate: 20".into()),
            ("date", Some(Argument::Text(format))) => {
                if StrftimeItems::new(&format).any(|item| matches!(item, Item::Error)) {
                    return Err(format!("{format:?} is no date format"));
                }
                Self::Date(format)
            }
            ("date", _) => return Err("date needs a format: date: \"%d.%m.%Y\"".into()),
            ("upcase" | "downcase" | "capitalize" | "strip", Some(_)) => {
                return Err(format!("{name} takes no argument"));
            }
            _ => {
                return Err(format!(
                    "there is no filter {name:?}; there are default, upcase, downcase, capitalize, strip, truncate, date"
                ));
            }
        };
        if arguments.next().is_some() {
            return Err(format!("too many arguments for {name}"));
        }
        Ok(filter)
    }

    pub(super) fn apply<'v>(&self, value: Option<Cow<'v, str>>) -> Option<Cow<'v, str>> {
        let Some(value) = value else {
            return match self {
                Self::Default(text) => Some(Cow::Owned(text.clone())),
                _ => None,
            };
        };
        Some(match self {
            Self::Default(_) => value,
            Self::Upcase => Cow::Owned(value.to_uppercase()),
            Self::Downcase => Cow::Owned(value.to_lowercase()),
            Self::Capitalize => {
                let mut letters = value.chars();
                let first = letters.next().map(char::to_uppercase).into_iter().flatten();
                Cow::Owned(first.chain(letters.flat_map(char::to_lowercase)).collect())
            }
            Self::Strip => Cow::Owned(value.trim().to_owned()),
            Self::Truncate { length, ending } => truncate(value, *length, ending),
            Self::Date(format) => match moment(&value).and_then(|moment| write_date(moment, format)) {
                Some(date) => Cow::Owned(date),
                None => value,
            },
        })
    }
}

fn truncate<'v>(value: Cow<'v, str>, length: usize, ending: &str) -> Cow<'v, str> {
    if value.chars().count() <= length {
        return value;
    }
    let keep = length.saturating_sub(ending.chars().count());
    Cow::Owned(value.chars().take(keep).chain(ending.chars()).collect())
}

fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let text = text.trim();
    let local = |format| NaiveDateTime::parse_from_str(text, format).ok();
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .into_iter()
            .find_map(local)
            .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))
            .map(|moment| moment.and_utc().fixed_offset())
    })
}

/// `None` where the format asks for what chrono cannot write.
fn write_date(moment: DateTime<FixedOffset>, format: &str) -> Option<String> {
    let mut text = String::new();
    write!(text, "{}", moment.format(format)).ok()?;
    Some(text)
}
