//! Weekly hours in a time zone: when an agent works ([`Hours`]), and the time of day for which a bot
//! rule holds ([`TimeRange`]).
//!
//! Where clocks change, the zone's own rules decide (IANA tz database): hours that begin or end inside
//! a skipped hour do so at the jump; hours that begin inside a repeated hour begin at its first
//! occurrence and those that end inside one end at its last, so that they are never closed while a
//! clock on the wall reads a time inside them.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{clock::Time, error::FieldError, fields::Fields};

/// Days looked ahead for the next change: two weeks, since hours that fall wholly into a skipped hour
/// do not take place in that week, and some slack for the zones on either side of UTC.
const HORIZON_DAYS: i64 = 16;

text_enum! {
    pub enum Day {
        Mon = "mon", Tue = "tue", Wed = "wed", Thu = "thu", Fri = "fri", Sat = "sat", Sun = "sun",
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Mon,
            Weekday::Tue => Self::Tue,
            Weekday::Wed => Self::Wed,
            Weekday::Thu => Self::Thu,
            Weekday::Fri => Self::Fri,
            Weekday::Sat => Self::Sat,
            Weekday::Sun => Self::Sun,
        }
    }
}

/// A time of day to the minute, written `HH:MM`; `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourMinute(u16);

impl HourMinute {
    const MIDNIGHT: Self = Self(24 * 60);

    /// Minutes since midnight, 0 to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for HourMinute {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const REFUSAL: &str = "must be a time of day as HH:MM, 00:00 to 24:00";
        let digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())
                .flatten()
        };
        let (hour, minute) = text.split_once(':').ok_or(REFUSAL)?;
        let (hour, minute) = (digits(hour).ok_or(REFUSAL)?, digits(minute).ok_or(REFUSAL)?);
        let time = Self(hour * 60 + minute);
        if minute < 60 && time <= Self::MIDNIGHT { Ok(time) } else { Err(REFUSAL) }
    }
}

impl fmt::Display for HourMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for HourMinute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One block of a week: from `start` to `end` on each of its days. The end itself is outside, except
/// that `23:59` ends with the day. A block whose end is not after its start runs over midnight and
/// belongs to the day on which it starts; equal times make a whole day of 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Block {
    pub days: Vec<Day>,
    #[schema(value_type = String, example = "09:00")]
    pub start: HourMinute,
    #[schema(value_type = String, example = "17:30")]
    pub end: HourMinute,
}

/// Weekly hours. An empty schedule restricts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Hours {
    pub schedule: Vec<Block>,
    /// An IANA name; UTC unless given.
    #[schema(value_type = String, example = "Africa/Addis_Ababa")]
    pub timezone: Tz,
}

impl Hours {
    /// Reads hours found at `path` of a body.
    ///
    /// # Errors
    /// Every field that was refused.
    pub fn parse(value: &Value, path: &str) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(value, path);
        let timezone = zone(&mut fields, "timezone").unwrap_or(Tz::UTC);
        let mut schedule = Vec::new();
        let blocks = match fields.get("schedule") {
            None => &[][..],
            Some(Value::Array(blocks)) => blocks,
            Some(_) => {
                fields.refuse("schedule", "must be a list");
                &[]
            }
        };
        if blocks.len() > 100 {
            fields.refuse("schedule", "has more than 100 blocks");
        }
        for (index, block) in blocks.iter().take(100).enumerate() {
            match Block::parse(block, &fields.path(&format!("schedule.{index}"))) {
                Ok(block) => schedule.push(block),
                Err(errors) => fields.errors.extend(errors),
            }
        }
        let errors = fields.finish("is no field of hours");
        if errors.is_empty() { Ok(Self { schedule, timezone }) } else { Err(errors) }
    }

    /// Whether `at` is inside the hours.
    #[must_use]
    pub fn is_open(&self, at: Time) -> bool {
        self.schedule.is_empty() || self.intervals(at, 1).iter().any(|(from, to)| *from <= at && at < *to)
    }

    /// The first moment after `at` at which [`is_open`](Self::is_open) changes; `None` if it never does.
    #[must_use]
    pub fn next_change(&self, at: Time) -> Option<Time> {
        let mut intervals = self.intervals(at, HORIZON_DAYS);
        intervals.sort_unstable();
        let mut open_until: Option<Time> = None;
        for (from, to) in intervals.iter().filter(|(_, to)| *to > at) {
            match open_until {
                None if *from > at => return Some(*from),
                None => open_until = Some(*to),
                Some(until) if *from <= until => open_until = Some(until.max(*to)),
                Some(until) => return Some(until),
            }
        }
        // hours without a gap up to the horizon have none after it
        open_until.filter(|until| *until < at + Duration::days(HORIZON_DAYS - 2))
    }

    /// The blocks as moments, for the local days from two before `at` to `ahead` after it.
    fn intervals(&self, at: Time, ahead: i64) -> Vec<(Time, Time)> {
        let today = at.with_timezone(&self.timezone).date_naive();
        let mut intervals = Vec::new();
        for shift in -2..=ahead {
            let Some(date) = today.checked_add_signed(Duration::days(shift)) else { continue };
            let day = Day::from(date.weekday());
            for block in self.schedule.iter().filter(|block| block.days.contains(&day)) {
                let from = resolve(self.timezone, moment_of_day(date, block.start), false);
                let to = resolve(self.timezone, block.end_on(date), true);
                if let (Some(from), Some(to)) = (from, to)
                    && from < to
                {
                    intervals.push((from, to));
                }
            }
        }
        intervals
    }
}

impl Block {
    fn parse(value: &Value, path: &str) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(value, path);
        let days: Vec<Day> = fields.words("days");
        if days.is_empty() && fields.errors.is_empty() {
            fields.refuse("days", "must name at least one day");
        }
        let start = required_time(&mut fields, "start");
        let end = required_time(&mut fields, "end");
        if start == Some(HourMinute::MIDNIGHT) {
            fields.refuse("start", "must be before 24:00");
        }
        let errors = fields.finish("is no field of a block of hours");
        match (start, end) {
            (Some(start), Some(end)) if errors.is_empty() => Ok(Self { days, start, end }),
            _ => Err(errors),
        }
    }

    fn end_on(&self, date: NaiveDate) -> NaiveDateTime {
        if self.end.0 == 23 * 60 + 59 {
            moment_of_day(date, HourMinute::MIDNIGHT)
        } else if self.end <= self.start {
            moment_of_day(date.checked_add_days(Days::new(1)).unwrap_or(date), self.end)
        } else {
            moment_of_day(date, self.end)
        }
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse(&value, "").map_err(|errors| serde::de::Error::custom(first_of(&errors)))
    }
}

/// The local times of day at which a bot rule holds, on some days or all. Both bounds are inside, to
/// the minute. A range that ends before it starts runs over midnight; what lies after midnight belongs
/// to the day before. It goes by the clock on the wall: an hour that is repeated counts twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRange {
    /// Start and end; `None` is the whole day.
    pub bounds: Option<(HourMinute, HourMinute)>,
    pub timezone: Tz,
    /// Empty: every day.
    pub days: Vec<Day>,
}

impl TimeRange {
    /// Whether `at`, read on a wall clock in the zone, is inside.
    #[must_use]
    pub fn contains(&self, at: Time) -> bool {
        let local = at.with_timezone(&self.timezone).naive_local();
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let today = Day::from(local.weekday());
        let on = |day: Day| self.days.is_empty() || self.days.contains(&day);
        match self.bounds {
            None => on(today),
            Some((HourMinute(start), HourMinute(end))) if start <= end => {
                on(today) && (start..=end).contains(&minute)
            }
            Some((HourMinute(start), HourMinute(end))) => {
                (minute >= start && on(today)) || (minute <= end && on(Day::from(local.weekday().pred())))
            }
        }
    }

    /// Reads the three conditions `time_range {start, end, tz | timezone}`, `timezone` and `days`. The
    /// outer `timezone` wins over the range's own, and there `timezone` over `tz`.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        let mut timezone = zone(fields, "timezone");
        let days: Vec<Day> = fields.words("days");
        let mut bounds = None;
        if let Some(value) = fields.get("time_range") {
            let mut range = Fields::of(value, &fields.path("time_range"));
            let start = required_time(&mut range, "start");
            let end = required_time(&mut range, "end");
            bounds = start.zip(end);
            let (short, long) = (zone(&mut range, "tz"), zone(&mut range, "timezone"));
            timezone = timezone.or(long).or(short);
            fields.errors.extend(range.finish("is no field of a time range"));
        } else if days.is_empty() && fields.errors.is_empty() {
            fields.refuse("time_range", "is required, unless days are given");
        }
        Self { bounds, timezone: timezone.unwrap_or(Tz::UTC), days }
    }
}

pub(crate) fn first_of(errors: &[FieldError]) -> String {
    errors.first().map_or_else(String::new, |error| format!("{}: {}", error.field, error.message))
}

fn zone(fields: &mut Fields<'_>, field: &'static str) -> Option<Tz> {
    let name = fields.text(field)?;
    let zone = name.parse::<Tz>().ok();
    if zone.is_none() {
        fields.refuse(field, format!("{name:?} is no IANA time zone"));
    }
    zone
}

fn required_time(fields: &mut Fields<'_>, field: &'static str) -> Option<HourMinute> {
    if fields.get(field).is_none() {
        fields.refuse(field, "is required");
    }
    fields.word(field)
}

fn moment_of_day(date: NaiveDate, time: HourMinute) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN) + Duration::minutes(i64::from(time.0))
}

/// A local time as a moment: the jump itself inside a skipped hour; the first or the last occurrence
/// inside a repeated one. `None` only at the ends of the calendar.
fn resolve(zone: Tz, local: NaiveDateTime, last: bool) -> Option<Time> {
    match zone.from_local_datetime(&local) {
        chrono::MappedLocalTime::Single(time) => Some(time.to_utc()),
        chrono::MappedLocalTime::Ambiguous(first, second) => {
            Some(if last { first.max(second) } else { first.min(second) }.to_utc())
        }
        chrono::MappedLocalTime::None => {
            // read with the offset after the jump it lies before the jump, and the other way round
            let offset = |utc: NaiveDateTime| zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
            let around = Duration::hours(36); // more than the largest jump, Samoa's whole day
            let after = offset(local.checked_add_signed(around)?);
            let before = offset(local.checked_sub_signed(around)?);
            let seconds = |of: i32| Duration::seconds(i64::from(of));
            let (mut low, mut high) = (local - seconds(after), local - seconds(before));
            while high - low > Duration::seconds(1) {
                let middle = low + Duration::seconds((high - low).num_seconds() / 2);
                if offset(middle) == after { high = middle } else { low = middle }
            }
            Some(high.and_utc())
        }
    }
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
