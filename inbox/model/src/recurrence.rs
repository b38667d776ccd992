//! When something happens again: the short rules (`daily`, `weekly:mon,wed`, `monthly:1,15`) and recurrence rules of
//! RFC 5545 §3.3.10.
//!
//! A rule is unfolded on the calendar of its time zone, without a clock; only then each local time becomes a
//! moment (RFC 5545 §3.3.5): one that comes twice is its first, one that is skipped is read with the offset
//! before the jump, so that 02:30 becomes 03:30. Dates that do not exist are left out. Hours and minutes are
//! counted in real time instead.

mod parse;

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, Offset, TimeZone, Weekday};
use chrono_tz::Tz;

use crate::Time;
pub use parse::RecurrenceError;

/// The shortest time between two firings.
pub const SHORTEST: Duration = Duration::minutes(15);
/// A rule that has brought nothing for so long has ended.
const BARREN_YEARS: i32 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freq {
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A day of the week; with an ordinal the nth of its month or year, from the end if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByDay {
    nth: Option<i32>,
    day: Weekday,
}

/// A rule that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    freq: Freq,
    interval: u32,
    count: Option<u32>,
    until: Option<Until>,
    by_month: Vec<u32>,
    by_month_day: Vec<i32>,
    by_day: Vec<ByDay>,
    by_set_pos: Vec<i32>,
    week_start: Weekday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the end of that day, or to that time, on the calendar of the zone.
    Local(NaiveDateTime),
    Moment(Time),
}

/// The moment of a local time (RFC 5545 §3.3.5).
#[must_use]
pub fn moment(local: NaiveDateTime, zone: Tz) -> Time {
    if let Some(at) = zone.from_local_datetime(&local).earliest() {
        return at.to_utc();
    }
    // a gap: the offset that held before it; no gap is longer than a day
    let offset = (1..=100)
        .find_map(|quarter| zone.from_local_datetime(&(local - Duration::minutes(15 * quarter))).latest())
        .map_or(0, |before| before.offset().fix().local_minus_utc());
    (local - Duration::seconds(offset.into())).and_utc()
}

impl Recurrence {
    /// The firings after `after`, in their order, of a rule that starts at `start` on the calendar of `zone`.
    /// The start itself is the first only if the rule brings it.
    pub fn after(&self, start: NaiveDateTime, zone: Tz, after: Time) -> impl Iterator<Item = Time> {
        let times: Box<dyn Iterator<Item = Time>> = match self.freq {
            Freq::Minutely | Freq::Hourly => Box::new(self.in_real_time(moment(start, zone), after)),
            _ => {
                // without a count, whole periods before `after` need not be looked at
                let from = if self.count.is_none() {
                    after.with_timezone(&zone).date_naive() - Days::new(2)
                } else {
                    start.date()
                };
                Box::new(self.local(start, from).map(move |local| moment(local, zone)))
            }
        };
        let until = self.until.map(|until| match until {
            Until::Local(local) => moment(local, zone),
            Until::Moment(at) => at,
        });
        times
            .take(self.count.map_or(usize::MAX, |count| count as usize))
            .take_while(move |at| until.is_none_or(|until| *at <= until))
            .skip_while(move |at| *at <= after)
    }

    fn in_real_time(&self, start: Time, after: Time) -> impl Iterator<Item = Time> {
        let step = match self.freq {
            Freq::Hourly => Duration::hours(self.interval.into()),
            _ => Duration::minutes(self.interval.into()),
        };
        let passed = ((after - start).num_seconds() / step.num_seconds()).max(0);
        let first = if self.count.is_some() { start } else { start + step * passed as i32 };
        std::iter::successors(Some(first), move |at| at.checked_add_signed(step))
    }

    /// Local times from about `from` on; all of them when that is the start.
    fn local(&self, start: NaiveDateTime, from: NaiveDate) -> impl Iterator<Item = NaiveDateTime> {
        let mut index = self.periods_before(start.date(), from);
        let mut waiting: std::vec::IntoIter<NaiveDate> = Vec::new().into_iter();
        let mut barren_since = from.max(start.date()).year();
        let rule = self.clone();
        std::iter::from_fn(move || {
            loop {
                if let Some(date) = waiting.next() {
                    return Some(date.and_time(start.time()));
                }
                let (first, days) = rule.period(start.date(), index)?;
                if first.year() - barren_since > BARREN_YEARS {
                    return None;
                }
                index += 1;
                let dates: Vec<NaiveDate> = rule
                    .dates(start.date(), first, days)
                    .into_iter()
                    .filter(|date| *date >= start.date())
                    .collect();
                if !dates.is_empty() {
                    barren_since = first.year();
                }
                waiting = dates.into_iter();
            }
        })
    }

    /// How many periods lie wholly before `from`.
    fn periods_before(&self, start: NaiveDate, from: NaiveDate) -> u32 {
        if from <= start {
            return 0;
        }
        let days = (from - start).num_days();
        let units = match self.freq {
            Freq::Weekly => days / 7,
            Freq::Monthly => {
                i64::from(from.year() - start.year()) * 12 + i64::from(from.month())
                    - i64::from(start.month())
            }
            Freq::Yearly => i64::from(from.year() - start.year()),
            _ => days,
        };
        ((units / i64::from(self.interval)) - 1).max(0) as u32
    }

    /// The first day of the nth period, and its days.
    fn period(&self, start: NaiveDate, index: u32) -> Option<(NaiveDate, u32)> {
        let steps = index.checked_mul(self.interval)?;
        Some(match self.freq {
            Freq::Weekly => {
                let back = start.weekday().days_since(self.week_start);
                let first = start.checked_sub_days(Days::new(back.into()))?;
                (first.checked_add_days(Days::new(u64::from(steps) * 7))?, 7)
            }
            Freq::Monthly => {
                let first = start.with_day(1)?.checked_add_months(Months::new(steps))?;
                let next = first.checked_add_months(Months::new(1))?;
                (first, (next - first).num_days() as u32)
            }
            Freq::Yearly => {
                let year = start.year().checked_add(i32::try_from(steps).ok()?)?;
                let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
                let next = NaiveDate::from_ymd_opt(year + 1, 1, 1)?;
                (first, (next - first).num_days() as u32)
            }
            _ => (start.checked_add_days(Days::new(steps.into()))?, 1),
        })
    }

    /// The dates of a period, in their order.
    fn dates(&self, start: NaiveDate, first: NaiveDate, days: u32) -> Vec<NaiveDate> {
        let all = (0..days).filter_map(|day| first.checked_add_days(Days::new(day.into())));
        let dates: Vec<NaiveDate> = all.filter(|date| self.brings(start, *date)).collect();
        if self.by_set_pos.is_empty() {
            return dates;
        }
        let place = |pos: &i32| match pos {
            1.. => dates.get(*pos as usize - 1),
            _ => dates.len().checked_sub(pos.unsigned_abs() as usize).and_then(|place| dates.get(place)),
        };
        let chosen: BTreeSet<NaiveDate> = self.by_set_pos.iter().filter_map(place).copied().collect();
        chosen.into_iter().collect()
    }

    fn brings(&self, start: NaiveDate, date: NaiveDate) -> bool {
        let says_day = !self.by_day.is_empty() || !self.by_month_day.is_empty();
        let month = match (self.freq, self.by_month.as_slice()) {
            (Freq::Yearly, []) => says_day || date.month() == start.month(),
            (_, []) => true,
            (_, months) => months.contains(&date.month()),
        };
        let of_month = month_days(date);
        let day_of_month = match (self.freq, self.by_month_day.as_slice()) {
            (Freq::Monthly | Freq::Yearly, []) => says_day || date.day() == start.day(),
            (_, []) => true,
            (_, days) => days.iter().any(|day| match day {
                1.. => date.day() as i32 == *day,
                _ => date.day() as i32 == of_month as i32 + 1 + day,
            }),
        };
        let day_of_week = match (self.freq, self.by_day.as_slice()) {
            (Freq::Weekly, []) => says_day || date.weekday() == start.weekday(),
            (_, []) => true,
            (_, days) => days.iter().any(|day| self.is_nth(*day, date)),
        };
        month && day_of_month && day_of_week
    }

    fn is_nth(&self, day: ByDay, date: NaiveDate) -> bool {
        if date.weekday() != day.day {
            return false;
        }
        let Some(nth) = day.nth else { return true };
        // within the year, unless months are named
        let (place, days) = if self.freq == Freq::Yearly && self.by_month.is_empty() {
            (date.ordinal0(), if date.leap_year() { 366 } else { 365 })
        } else {
            (date.day0(), month_days(date))
        };
        if nth > 0 { place / 7 + 1 == nth as u32 } else { (days - 1 - place) / 7 + 1 == nth.unsigned_abs() }
    }
}

fn month_days(date: NaiveDate) -> u32 {
    let first = date.with_day(1).unwrap_or(date);
    first.checked_add_months(Months::new(1)).map_or(31, |next| (next - first).num_days() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(rule: &str, start: &str, zone: Tz, count: usize) -> Vec<String> {
        let start: NaiveDateTime = start.parse().unwrap();
        let before = moment(start, zone) - Duration::seconds(1);
        let rule: Recurrence = rule.parse().unwrap();
        rule.after(start, zone, before)
            .take(count)
            .map(|at| at.with_timezone(&zone).format("%Y-%m-%dT%H:%M%z").to_string())
            .collect()
    }

    #[test]
    fn short_rules() {
        assert_eq!(
            times("weekly:mon,fri", "2026-11-25T09:00:00", Tz::UTC, 3),
            ["2026-11-27T09:00+0000", "2026-11-30T09:00+0000", "2026-12-04T09:00+0000"]
        );
        assert_eq!(
            times("monthly:1,31", "2027-01-31T09:00:00", Tz::UTC, 3),
            ["2027-01-31T09:00+0000", "2027-02-01T09:00+0000", "2027-03-01T09:00+0000"],
            "February has no 31st"
        );
        assert_eq!(
            times("daily", "2026-11-25T09:00:00", Tz::Africa__Addis_Ababa, 2),
            ["2026-11-25T09:00+0300", "2026-11-26T09:00+0300"]
        );
    }

    #[test]
    fn a_skipped_hour_is_read_with_the_offset_before_it_and_a_repeated_one_is_its_first() {
        let york = Tz::America__New_York;
        assert_eq!(
            times("daily", "2026-03-07T02:30:00", york, 3),
            ["2026-03-07T02:30-0500", "2026-03-08T03:30-0400", "2026-03-09T02:30-0400"]
        );
        assert_eq!(
            times("daily", "2026-10-31T01:30:00", york, 3),
            ["2026-10-31T01:30-0400", "2026-11-01T01:30-0400", "2026-11-02T01:30-0500"]
        );
        // an island that skipped a whole day
        let gone = "2011-12-30T12:00:00".parse().unwrap();
        let at = moment(gone, Tz::Pacific__Apia).with_timezone(&Tz::Pacific__Apia);
        assert_eq!(at.format("%Y-%m-%dT%H:%M").to_string(), "2011-12-31T12:00");
    }

    #[test]
    fn hours_are_real_hours() {
        let york = Tz::America__New_York;
        assert_eq!(
            times("FREQ=HOURLY", "2026-03-08T01:00:00", york, 3),
            ["2026-03-08T01:00-0500", "2026-03-08T03:00-0400", "2026-03-08T04:00-0400"]
        );
        assert_eq!(
            times("FREQ=HOURLY", "2026-11-01T00:00:00", york, 4),
            [
                "2026-11-01T00:00-0400",
                "2026-11-01T01:00-0400",
                "2026-11-01T01:00-0500",
                "2026-11-01T02:00-0500"
            ]
        );
    }

    #[test]
    fn counts_ends_and_rules_that_bring_nothing() {
        assert_eq!(times("FREQ=DAILY;COUNT=2", "2026-01-01T09:00:00", Tz::UTC, 9).len(), 2);
        assert_eq!(times("FREQ=DAILY;UNTIL=20260103", "2026-01-01T09:00:00", Tz::UTC, 9).len(), 3);
        assert_eq!(times("FREQ=DAILY;UNTIL=20260103T085959Z", "2026-01-01T09:00:00", Tz::UTC, 9).len(), 2);
        assert!(times("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01T09:00:00", Tz::UTC, 9).is_empty());
        assert_eq!(
            times("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01T09:00:00", Tz::UTC, 2),
            ["2028-02-29T09:00+0000", "2032-02-29T09:00+0000"]
        );
    }

    #[test]
    fn going_on_from_later_brings_the_same() {
        let start: NaiveDateTime = "2020-01-31T08:15:00".parse().unwrap();
        let zone = Tz::Europe__Berlin;
        for rule in [
            "FREQ=DAILY;INTERVAL=3",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;WKST=SU",
            "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1",
            "FREQ=YEARLY;INTERVAL=2;BYDAY=-1FR",
            "FREQ=HOURLY;INTERVAL=7",
            "FREQ=MONTHLY;COUNT=80",
        ] {
            let rule: Recurrence = rule.parse().unwrap();
            let before = moment(start, zone) - Duration::seconds(1);
            let all: Vec<Time> = rule.after(start, zone, before).take(60).collect();
            for pair in all.windows(2) {
                assert_eq!(rule.after(start, zone, pair[0]).next(), Some(pair[1]));
                assert_eq!(rule.after(start, zone, pair[1] - Duration::seconds(1)).next(), Some(pair[1]));
            }
        }
    }

    /// What python-dateutil makes of a thousand rules; see `inbox/model/tests/recurrence.py`.
    #[test]
    fn a_thousand_rules_agree_with_another_implementation() {
        #[derive(serde::Deserialize)]
        struct Case {
            rule: String,
            start: NaiveDateTime,
            times: Vec<NaiveDateTime>,
        }
        let cases: Vec<Case> = serde_json::from_str(include_str!("../tests/recurrence.json")).unwrap();
        assert_eq!(cases.len(), 1000);
        for case in cases {
            let rule: Recurrence = case.rule.parse().unwrap_or_else(|error| panic!("{}: {error}", case.rule));
            let before = case.start.and_utc() - Duration::seconds(1);
            let found: Vec<NaiveDateTime> =
                rule.after(case.start, Tz::UTC, before).take(8).map(|at| at.naive_utc()).collect();
            assert_eq!(found, case.times, "{} from {}", case.rule, case.start);
        }
    }

    /// Around every change of the clocks until 2037, in zones that have some: a local time becomes a moment that
    /// reads as that time, or is as much later as the clocks jumped.
    #[test]
    fn every_change_of_the_clocks_until_2037() {
        let zones = [
            Tz::America__New_York,
            Tz::Europe__London,
            Tz::Africa__Cairo,
            Tz::Africa__Casablanca,
            Tz::Asia__Gaza,
            Tz::Australia__Lord_Howe,
            Tz::America__Santiago,
            Tz::Pacific__Chatham,
            Tz::Asia__Tehran,
        ];
        let mut changes = 0;
        for zone in zones {
            let mut at: Time = "2020-01-01T00:00:00Z".parse().unwrap();
            let end: Time = "2038-01-01T00:00:00Z".parse().unwrap();
            while at < end {
                let next = at + Duration::hours(12);
                let offset = |at: Time| at.with_timezone(&zone).offset().fix().local_minus_utc();
                let jump = offset(next) - offset(at);
                if jump != 0 {
                    changes += 1;
                    for minutes in (0..26 * 60).step_by(15) {
                        let local = (at.with_timezone(&zone)).naive_local() + Duration::minutes(minutes);
                        let found = moment(local, zone);
                        let shown = found.with_timezone(&zone).naive_local();
                        if shown != local {
                            assert!(jump > 0, "{zone} {local}");
                            assert_eq!(shown - local, Duration::seconds(jump.into()), "{zone} {local}");
                        } else if let Some(first) = zone.from_local_datetime(&local).earliest() {
                            assert_eq!(found, first.to_utc());
                        }
                    }
                }
                at = next;
            }
        }
        assert!(changes > 200, "{changes}");
    }
}
