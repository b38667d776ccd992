//! Reading rules.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, Weekday};

use super::{ByDay, Freq, Recurrence, SHORTEST, Until};

/// Why a rule cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecurrenceError(String);

fn refuse<T>(message: impl Into<String>) -> Result<T, RecurrenceError> {
    Err(RecurrenceError(message.into()))
}

const HELP: &str = "write daily, weekly:mon,wed, monthly:1,15 or a rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=MO";

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, RecurrenceError> {
        let text = text.trim();
        let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let rule = match (name.to_ascii_lowercase().as_str(), rest) {
            ("daily", None) => Self::of(Freq::Daily),
            ("weekly", Some(days)) => Self {
                by_day: list(days, |day| {
                    weekday(&day.to_ascii_uppercase()).map(|day| ByDay { nth: None, day })
                })?,
                ..Self::of(Freq::Weekly)
            },
            ("monthly", Some(days)) => {
                Self { by_month_day: list(days, |day| number(day, 1..=31))?, ..Self::of(Freq::Monthly) }
            }
            ("rrule", Some(rule)) => full(rule)?,
            _ if text.to_ascii_uppercase().contains("FREQ=") => full(text)?,
            _ => return refuse(HELP),
        };
        rule.check()
    }
}

impl Recurrence {
    fn of(freq: Freq) -> Self {
        Self {
            freq,
            interval: 1,
            count: None,
            until: None,
            by_month: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: Weekday::Mon,
        }
    }

    fn check(self) -> Result<Self, RecurrenceError> {
        let is_short = match self.freq {
            Freq::Minutely => i64::from(self.interval) < SHORTEST.num_minutes(),
            _ => false,
        };
        if is_short {
            return refuse("between two times lie at least 15 minutes");
        }
        let has_parts = !self.by_month.is_empty() || !self.by_month_day.is_empty() || !self.by_day.is_empty();
        if matches!(self.freq, Freq::Minutely | Freq::Hourly) && (has_parts || !self.by_set_pos.is_empty()) {
            return refuse("a rule by hours or minutes takes no BY… parts");
        }
        if self.count.is_some() && self.until.is_some() {
            return refuse("a rule has either COUNT or UNTIL");
        }
        let has_nth = self.by_day.iter().any(|day| day.nth.is_some());
        if has_nth && !matches!(self.freq, Freq::Monthly | Freq::Yearly) {
            return refuse("only monthly and yearly rules take days like 2MO");
        }
        if self.freq == Freq::Weekly && !self.by_month_day.is_empty() {
            return refuse("a weekly rule takes no BYMONTHDAY");
        }
        if !self.by_set_pos.is_empty() && !has_parts {
            return refuse("BYSETPOS needs another BY… part");
        }
        Ok(self)
    }
}

fn full(text: &str) -> Result<Recurrence, RecurrenceError> {
    let text = text.to_ascii_uppercase();
    let mut parts = Vec::new();
    for part in text.split(';').filter(|part| !part.trim().is_empty()) {
        let Some((name, value)) = part.trim().split_once('=') else {
            return refuse(format!("{part:?} is no part of a rule; {HELP}"));
        };
        if parts.iter().any(|(other, _)| *other == name) {
            return refuse(format!("{name} is there twice"));
        }
        parts.push((name, value));
    }
    let freq = match parts.iter().find(|(name, _)| *name == "FREQ").map(|(_, value)| *value) {
        Some("MINUTELY") => Freq::Minutely,
        Some("HOURLY") => Freq::Hourly,
        Some("DAILY") => Freq::Daily,
        Some("WEEKLY") => Freq::Weekly,
        Some("MONTHLY") => Freq::Monthly,
        Some("YEARLY") => Freq::Yearly,
        _ => return refuse("FREQ is MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY"),
    };
    let mut rule = Recurrence::of(freq);
    for (name, value) in parts {
        match name {
            "FREQ" => {}
            "INTERVAL" => rule.interval = number(value, 1..=10_000)? as u32,
            "COUNT" => rule.count = Some(number(value, 1..=100_000)? as u32),
            "UNTIL" => rule.until = Some(until(value)?),
            "BYMONTH" => {
                rule.by_month = list(value, |month| number(month, 1..=12).map(|month| month as u32))?;
            }
            "BYMONTHDAY" => rule.by_month_day = list(value, |day| signed(day, 31))?,
            "BYDAY" => rule.by_day = list(value, by_day)?,
            "BYSETPOS" => rule.by_set_pos = list(value, |pos| signed(pos, 366))?,
            "WKST" => rule.week_start = weekday(value)?,
            other => return refuse(format!("{other} is not supported")),
        }
    }
    Ok(rule)
}

fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, RecurrenceError>) -> Result<Vec<T>, RecurrenceError> {
    text.split(',').map(|item| read(item.trim())).collect()
}

fn number(text: &str, allowed: std::ops::RangeInclusive<i32>) -> Result<i32, RecurrenceError> {
    match text.parse::<i32>() {
        Ok(number) if allowed.contains(&number) => Ok(number),
        _ => refuse(format!("{text:?} is no number from {} to {}", allowed.start(), allowed.end())),
    }
}

fn signed(text: &str, most: i32) -> Result<i32, RecurrenceError> {
    match number(text.trim_start_matches('+'), -most..=most)? {
        0 => refuse("0 is no place to count from"),
        number => Ok(number),
    }
}

fn by_day(text: &str) -> Result<ByDay, RecurrenceError> {
    let Some(start) = text.len().checked_sub(2).filter(|start| text.is_char_boundary(*start)) else {
        return refuse(format!("{text:?} is no day; write MO or 2MO"));
    };
    let (nth, day) = text.split_at(start);
    let nth = if nth.is_empty() { None } else { Some(signed(nth, 53)?) };
    Ok(ByDay { nth, day: weekday(day)? })
}

fn weekday(text: &str) -> Result<Weekday, RecurrenceError> {
    Ok(match text {
        "MO" | "MON" => Weekday::Mon,
        "TU" | "TUE" => Weekday::Tue,
        "WE" | "WED" => Weekday::Wed,
        "TH" | "THU" => Weekday::Thu,
        "FR" | "FRI" => Weekday::Fri,
        "SA" | "SAT" => Weekday::Sat,
        "SU" | "SUN" => Weekday::Sun,
        _ => return refuse(format!("{text:?} is no day of the week")),
    })
}

fn until(text: &str) -> Result<Until, RecurrenceError> {
    let wrong = || RecurrenceError(format!("{text:?} is no end; write 20261231 or 20261231T235959Z"));
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y%m%d") {
        return date.and_hms_opt(23, 59, 59).map(Until::Local).ok_or_else(wrong);
    }
    let (time, is_moment) = text.strip_suffix('Z').map_or((text, false), |time| (time, true));
    let time = NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%S").map_err(|_| wrong())?;
    Ok(if is_moment { Until::Moment(time.and_utc()) } else { Until::Local(time) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_reason() {
        for (text, part) in [
            ("sometimes", "write daily"),
            ("weekly:", "no day"),
            ("weekly:mon,xyz", "no day"),
            ("monthly:0", "1 to 31"),
            ("monthly:32", "1 to 31"),
            ("FREQ=SECONDLY", "FREQ is"),
            ("FREQ=MINUTELY;INTERVAL=14", "15 minutes"),
            ("FREQ=WEEKLY;BYDAY=2MO", "only monthly"),
            ("FREQ=DAILY;COUNT=1;UNTIL=20260101", "either"),
            ("FREQ=DAILY;BYHOUR=3", "not supported"),
            ("FREQ=DAILY;INTERVAL=0", "no number"),
            ("FREQ=MONTHLY;BYMONTHDAY=0", "0 is no place"),
            ("FREQ=DAILY;FREQ=DAILY", "twice"),
            ("FREQ=MONTHLY;BYSETPOS=1", "another"),
        ] {
            let error = text.parse::<Recurrence>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!("RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T000000".parse::<Recurrence>().is_ok());
        assert!("freq=daily;interval=2".parse::<Recurrence>().is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(FREQ=|freq=)?[A-Z0-9=;,:+é-]{0,40}") {
            let _ = text.parse::<Recurrence>();
        }
    }
}
