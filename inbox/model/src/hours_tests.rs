use proptest::prelude::*;
use serde_json::json;

use super::*;

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn hours(value: Value) -> Hours {
    Hours::parse(&value, "").unwrap()
}

fn one(zone: &str, days: &[&str], start: &str, end: &str) -> Hours {
    hours(json!({"schedule": [{"days": days, "start": start, "end": end}], "timezone": zone}))
}

const WEEK: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

#[test]
fn the_end_is_outside_and_the_start_inside() {
    let hours = one("Africa/Addis_Ababa", &["mon", "tue"], "09:00", "17:00");
    assert!(!hours.is_open(at("2026-11-23T05:59:59Z")));
    assert!(hours.is_open(at("2026-11-23T06:00:00Z")));
    assert!(hours.is_open(at("2026-11-23T13:59:59Z")));
    assert!(!hours.is_open(at("2026-11-23T14:00:00Z")));
    assert!(!hours.is_open(at("2026-11-25T10:00:00Z")), "wednesday");
    assert_eq!(hours.next_change(at("2026-11-23T10:00:00Z")), Some(at("2026-11-23T14:00:00Z")));
    assert_eq!(hours.next_change(at("2026-11-24T14:00:00Z")), Some(at("2026-11-30T06:00:00Z")));
}

#[test]
fn a_night_belongs_to_the_day_it_starts_on() {
    let hours = one("UTC", &["fri"], "22:00", "06:00");
    assert!(hours.is_open(at("2026-11-28T05:59:00Z")), "saturday morning");
    assert!(!hours.is_open(at("2026-11-27T05:00:00Z")), "friday morning");
    assert_eq!(hours.next_change(at("2026-11-27T05:00:00Z")), Some(at("2026-11-27T22:00:00Z")));
    assert_eq!(hours.next_change(at("2026-11-27T23:00:00Z")), Some(at("2026-11-28T06:00:00Z")));
}

#[test]
fn always_open_never_changes() {
    assert!(hours(json!({})).is_open(at("2026-11-23T00:00:00Z")));
    assert_eq!(hours(json!({"schedule": []})).next_change(at("2026-11-23T00:00:00Z")), None);
    for end in ["00:00", "24:00", "23:59"] {
        let all = one("Europe/Berlin", WEEK, "00:00", end);
        assert!(all.is_open(at("2026-11-23T22:59:30Z")), "{end}");
        assert_eq!(all.next_change(at("2026-10-24T10:00:00Z")), None, "{end}");
    }
}

#[test]
fn skipped_and_repeated_hours() {
    // New York springs forward on 2026-03-08 at 02:00 (07:00Z), and back on 2026-11-01 at 02:00 (06:00Z)
    let starts_in_gap = one("America/New_York", WEEK, "02:30", "05:00");
    assert_eq!(starts_in_gap.next_change(at("2026-03-08T06:00:00Z")), Some(at("2026-03-08T07:00:00Z")));
    let ends_in_gap = one("America/New_York", WEEK, "01:00", "02:30");
    assert_eq!(ends_in_gap.next_change(at("2026-03-08T06:30:00Z")), Some(at("2026-03-08T07:00:00Z")));
    let inside_gap = one("America/New_York", &["sun"], "02:10", "02:40");
    assert_eq!(inside_gap.next_change(at("2026-03-07T12:00:00Z")), Some(at("2026-03-15T06:10:00Z")));
    let repeated = one("America/New_York", WEEK, "01:30", "01:45");
    assert_eq!(repeated.next_change(at("2026-11-01T05:00:00Z")), Some(at("2026-11-01T05:30:00Z")));
    assert_eq!(repeated.next_change(at("2026-11-01T05:30:00Z")), Some(at("2026-11-01T06:45:00Z")));
    // Samoa had no 30 December 2011
    let samoa = one("Pacific/Apia", &["fri"], "08:00", "17:00");
    assert!(!samoa.is_open(at("2011-12-30T10:00:00Z")));
    assert_eq!(samoa.next_change(at("2011-12-29T20:00:00Z")), Some(at("2012-01-05T18:00:00Z")));
}

#[test]
fn refusals_name_the_field() {
    let value = json!({"schedule": [
        {"days": ["mon", "moon"], "start": "9:00", "end": "25:00"},
        {"days": [], "start": "24:00", "end": "10:00", "note": "x"},
        7,
    ], "timezone": "Mars/Olympus", "extra": 1});
    let errors = Hours::parse(&value, "available_hours").unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    for expected in [
        "available_hours.timezone",
        "available_hours.schedule.0.days.1",
        "available_hours.schedule.0.start",
        "available_hours.schedule.0.end",
        "available_hours.schedule.1.days",
        "available_hours.schedule.1.start",
        "available_hours.schedule.1.note",
        "available_hours.schedule.2",
        "available_hours.extra",
    ] {
        assert!(fields.contains(&expected), "{expected} in {fields:?}");
    }
    assert!(serde_json::from_value::<Hours>(value).is_err());
}

#[test]
fn what_is_written_is_what_was_read() {
    let hours = one("Africa/Addis_Ababa", &["mon", "sun"], "09:00", "24:00");
    let value = serde_json::to_value(&hours).unwrap();
    assert_eq!(value["schedule"][0], json!({"days": ["mon", "sun"], "start": "09:00", "end": "24:00"}));
    assert_eq!(value["timezone"], "Africa/Addis_Ababa");
    assert_eq!(serde_json::from_value::<Hours>(value).unwrap(), hours);
}

#[test]
fn a_range_holds_its_bounds_and_runs_over_midnight() {
    let range = TimeRange {
        bounds: Some(("18:00".parse().unwrap(), "08:00".parse().unwrap())),
        timezone: Tz::Africa__Addis_Ababa,
        days: vec![Day::Fri],
    };
    assert!(range.contains(at("2026-11-27T15:00:00Z")), "friday 18:00");
    assert!(range.contains(at("2026-11-28T05:00:59Z")), "saturday 08:00:59");
    assert!(!range.contains(at("2026-11-28T05:01:00Z")));
    assert!(!range.contains(at("2026-11-27T04:00:00Z")), "friday 07:00 belongs to thursday");
    assert!(!range.contains(at("2026-11-28T15:00:00Z")), "saturday evening");
}

prop_compose! {
    fn any_hours()(
        zone in prop::sample::select(vec!["UTC", "America/New_York", "Africa/Addis_Ababa", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]),
        blocks in prop::collection::vec((prop::sample::subsequence(WEEK.to_vec(), 1..=7), 0u16..288, 0u16..=288), 1..4),
    ) -> Hours {
        let clock = |five: u16| HourMinute(five * 5).to_string();
        let schedule: Vec<Value> = blocks.iter()
            .map(|(days, start, end)| json!({"days": days, "start": clock(*start), "end": clock(*end)}))
            .collect();
        hours(json!({"schedule": schedule, "timezone": zone}))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Looked at every five minutes, the state flips exactly where `next_change` says.
    #[test]
    fn the_next_change_is_the_first_flip(hours in any_hours(), start in 0i64..(366 * 288)) {
        let from = at("2026-01-01T00:00:00Z") + Duration::minutes(start * 5);
        let change = hours.next_change(from);
        let first = (1..(15 * 288)).map(|step| from + Duration::minutes(step * 5))
            .find(|moment| hours.is_open(*moment) != hours.is_open(from));
        prop_assert_eq!(change, first);
    }

    /// A wall clock that reads a time inside the hours is never closed.
    #[test]
    fn the_wall_clock_is_never_inside_closed_hours(hours in any_hours(), start in 0i64..(366 * 288)) {
        let moment = at("2026-01-01T00:00:00Z") + Duration::minutes(start * 5);
        let local = moment.with_timezone(&hours.timezone).naive_local();
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let today = Day::from(local.weekday());
        let inside = hours.schedule.iter().any(|block| {
            let (start, end) = (block.start.0, block.end.0);
            if end > start { block.days.contains(&today) && start <= minute && minute < end } else {
                (block.days.contains(&today) && minute >= start)
                    || (block.days.contains(&Day::from(local.weekday().pred())) && minute < end)
            }
        });
        prop_assert!(!inside || hours.is_open(moment));
    }
}
