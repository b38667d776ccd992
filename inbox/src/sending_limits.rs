//! What an account may send in a day and a month (set by the operator), and when it leaves its customers in peace
//! (set by itself): quiet hours on the recipient's clock, and a cap on group messages for each contact.
//!
//! Replies in conversations are neither counted nor held back.

use std::collections::HashMap;

use bus::{Outcome, Scope, Task, Tx};
use chrono::{Datelike, NaiveTime, TimeZone, Timelike};
use chrono_tz::Tz;
use model::{AccountId, Error, ErrorCode, Permission, Result, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Inbox, Member, check::Checks};

/// The limits of an account and what it has used of them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SendingLimits {
    /// Messages a day (UTC); null: no limit. Set by the operator.
    pub daily_messages: Option<i32>,
    pub monthly_messages: Option<i32>,
    pub used_today: i64,
    pub used_this_month: i64,
    /// No group messages from this time of day of the recipient on …
    #[schema(value_type = Option<String>, example = "21:00")]
    pub quiet_from: Option<String>,
    /// … until this one.
    #[schema(value_type = Option<String>, example = "08:00")]
    pub quiet_until: Option<String>,
    /// A contact gets no more group messages than so many …
    pub most_messages: Option<i32>,
    /// … in so many days.
    pub most_days: Option<i32>,
}

/// Both of a pair, or neither.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSendingLimits {
    pub account_id: Option<AccountId>,
    #[schema(value_type = Option<String>, example = "21:00")]
    pub quiet_from: Option<String>,
    pub quiet_until: Option<String>,
    pub most_messages: Option<i32>,
    pub most_days: Option<i32>,
}

/// As they are stored.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub(crate) struct Rules {
    daily_messages: Option<i32>,
    monthly_messages: Option<i32>,
    quiet_from: Option<NaiveTime>,
    quiet_until: Option<NaiveTime>,
    most_messages: Option<i32>,
    most_days: Option<i32>,
    today: i64,
    month: i64,
}

pub(crate) async fn rules(tx: &mut Tx, account: AccountId, now: Time) -> Outcome<Rules> {
    let (day, month) = periods(now);
    let rules = sqlx::query_as!(
        Rules,
        r#"SELECT l.daily_messages, l.monthly_messages, l.quiet_from, l.quiet_until, l.most_messages, l.most_days,
                  coalesce((SELECT value FROM usage_counters WHERE account_id = $1 AND metric = 'messages' AND period = $2), 0)
                      AS "today!",
                  coalesce((SELECT value FROM usage_counters WHERE account_id = $1 AND metric = 'messages' AND period = $3), 0)
                      AS "month!"
           FROM (SELECT $1::uuid AS account_id) a LEFT JOIN sending_limits l USING (account_id)"#,
        account.uuid(),
        day,
        month,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(rules)
}

fn periods(now: Time) -> (String, String) {
    (now.format("%Y-%m-%d").to_string(), now.format("%Y-%m").to_string())
}

impl Rules {
    /// How many messages are left to be sent; `None`: as many as one likes.
    pub(crate) fn left(&self) -> Option<i64> {
        let day = self.daily_messages.map(|most| (i64::from(most) - self.today).max(0));
        let month = self.monthly_messages.map(|most| (i64::from(most) - self.month).max(0));
        day.into_iter().chain(month).min()
    }

    /// When the quiet hours of somebody in `zone` end, if they hold now.
    pub(crate) fn quiet_until(&self, zone: Tz, now: Time) -> Option<Time> {
        let (from, until) = self.quiet_from.zip(self.quiet_until)?;
        let local = now.with_timezone(&zone).naive_local();
        let time = local.time();
        let is_quiet =
            if from <= until { from <= time && time < until } else { time >= from || time < until };
        if !is_quiet {
            return None;
        }
        let day = if time < until { local.date() } else { local.date() + chrono::Days::new(1) };
        Some(model::recurrence::moment(day.and_time(until), zone).max(now))
    }

    pub(crate) fn has_quiet_hours(&self) -> bool {
        self.quiet_from.is_some()
    }

    /// Of these contacts those that have had their share of group messages already.
    pub(crate) async fn sated(
        &self,
        tx: &mut Tx,
        account: AccountId,
        contacts: &[Uuid],
        now: Time,
    ) -> Outcome<std::collections::HashSet<Uuid>> {
        let Some((most, days)) = self.most_messages.zip(self.most_days) else {
            return Ok(std::collections::HashSet::new());
        };
        let since = now - chrono::Duration::days(days.into());
        let rows = sqlx::query!(
            r#"SELECT contact_id AS "contact_id!" FROM messages
               WHERE contact_id = ANY ($1) AND account_id = $2 AND group_message_id IS NOT NULL
                 AND id >= first_id_at($3) AND created_at >= $3 AND status NOT IN ('failed', 'permanently_failed', 'cancelled')
               GROUP BY contact_id HAVING count(*) >= $4"#,
            contacts,
            account.uuid(),
            since,
            i64::from(most),
        )
        .fetch_all(&mut **tx)
        .await?;
        Ok(rows.into_iter().map(|row| row.contact_id).collect())
    }
}

/// The zones of contacts and persons by the names of the caller, where they are known; the account's otherwise.
pub(crate) async fn zones(
    tx: &mut Tx,
    account: AccountId,
    whose: &[(Uuid, Option<Uuid>, Option<Uuid>)],
) -> Outcome<HashMap<Uuid, Tz>> {
    let names: Vec<Uuid> = whose.iter().map(|(name, ..)| *name).collect();
    let contacts: Vec<Option<Uuid>> = whose.iter().map(|(_, contact, _)| *contact).collect();
    let persons: Vec<Option<Uuid>> = whose.iter().map(|(.., person)| *person).collect();
    let rows = sqlx::query!(
        r#"SELECT w.name AS "name!", coalesce(p.properties ->> 'timezone', c.properties ->> 'timezone') AS own,
                  (SELECT timezone FROM accounts WHERE id = $1) AS fallback
           FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS w (name, contact_id, person_id)
           LEFT JOIN contacts c ON c.account_id = $1 AND c.id = w.contact_id
           LEFT JOIN persons p ON p.account_id = $1 AND p.id = w.person_id"#,
        account.uuid(),
        &names,
        &contacts as &[Option<Uuid>],
        &persons as &[Option<Uuid>],
    )
    .fetch_all(&mut **tx)
    .await?;
    let read = |text: Option<String>| text.and_then(|text| text.trim().parse().ok());
    Ok(rows
        .into_iter()
        .map(|row| (row.name, read(row.own).or_else(|| read(row.fallback)).unwrap_or(Tz::UTC)))
        .collect())
}

/// Counts messages that are sent.
pub(crate) async fn count(tx: &mut Tx, account: AccountId, messages: i64, now: Time) -> Outcome<()> {
    if messages == 0 {
        return Ok(());
    }
    let (day, month) = periods(now);
    sqlx::query!(
        "INSERT INTO usage_counters AS u (account_id, metric, period, value)
         SELECT $1, 'messages', period, $4 FROM unnest(ARRAY[$2::text, $3]) AS period ORDER BY period
         ON CONFLICT (account_id, metric, period) DO UPDATE SET value = u.value + excluded.value",
        account.uuid(),
        day,
        month,
        messages,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts one message, or refuses it with a 429 that says when there is room again.
pub(crate) async fn take(tx: &mut Tx, account: AccountId, now: Time) -> Outcome<()> {
    let rules = rules(tx, account, now).await?;
    if rules.left() == Some(0) {
        let of_month = rules.monthly_messages.is_some_and(|most| rules.month >= i64::from(most));
        let wait = renewed(now, of_month) - now;
        let which = if of_month { "monthly" } else { "daily" };
        return Err(Error::new(
            ErrorCode::RateLimited,
            format!("the account's {which} quota of messages is used up"),
        )
        .with("quota", which)
        .with("retry_after_ms", wait.num_milliseconds())
        .into());
    }
    count(tx, account, 1, now).await
}

/// When the next day, or month, begins.
fn renewed(now: Time, month: bool) -> Time {
    let today = now.date_naive();
    let next = if month {
        today.with_day(1).and_then(|first| first.checked_add_months(chrono::Months::new(1)))
    } else {
        today.checked_add_days(chrono::Days::new(1))
    };
    next.map_or(now, |date| chrono::Utc.from_utc_datetime(&date.and_time(NaiveTime::MIN)))
}

fn shown(rules: Rules) -> SendingLimits {
    let time = |time: NaiveTime| format!("{:02}:{:02}", time.hour(), time.minute());
    SendingLimits {
        daily_messages: rules.daily_messages,
        monthly_messages: rules.monthly_messages,
        used_today: rules.today,
        used_this_month: rules.month,
        quiet_from: rules.quiet_from.map(time),
        quiet_until: rules.quiet_until.map(time),
        most_messages: rules.most_messages,
        most_days: rules.most_days,
    }
}

pub async fn get(inbox: &Inbox, member: &Member) -> Result<SendingLimits> {
    member.require(Permission::MessagesView)?;
    let (account, now) = (member.account_id(), inbox.now());
    let rules =
        inbox.store().read(account, |mut tx| async move { rules(&mut tx, account, now).await }).await?;
    Ok(shown(rules))
}

/// Sets quiet hours and the cap; what is absent is no longer.
pub async fn update(inbox: &Inbox, member: &Member, change: &UpdateSendingLimits) -> Result<SendingLimits> {
    member.require(Permission::AccountManage)?;
    let mut checks = Checks::new();
    let mut time = |field: &str, text: &Option<String>| {
        let read = text.as_deref().map(|text| NaiveTime::parse_from_str(text, "%H:%M"));
        if matches!(read, Some(Err(_))) {
            checks.refuse(field, "must be a time of day as HH:MM");
        }
        read.and_then(std::result::Result::ok)
    };
    let (from, until) = (time("quiet_from", &change.quiet_from), time("quiet_until", &change.quiet_until));
    checks.that(
        change.quiet_from.is_some() == change.quiet_until.is_some() && (from.is_none() || from != until),
        "quiet_until",
        "goes with quiet_from, and differs from it",
    );
    checks.that(
        change.most_messages.is_some() == change.most_days.is_some(),
        "most_days",
        "goes with most_messages",
    );
    if let Some(most) = change.most_messages {
        checks.range("most_messages", most.into(), 1..=1000);
    }
    if let Some(days) = change.most_days {
        checks.range("most_days", days.into(), 1..=90);
    }
    checks.finish()?;
    let (account, now) = (member.account_id(), inbox.now());
    inbox
        .store()
        .write(account, |mut tx| async move {
            sqlx::query!(
                "INSERT INTO sending_limits (account_id, quiet_from, quiet_until, most_messages, most_days, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (account_id) DO UPDATE SET quiet_from = excluded.quiet_from,
                     quiet_until = excluded.quiet_until, most_messages = excluded.most_messages,
                     most_days = excluded.most_days, updated_at = excluded.updated_at",
                account.uuid(),
                from,
                until,
                change.most_messages,
                change.most_days,
                now,
            )
            .execute(&mut *tx)
            .await?;
            rules(&mut tx, account, now).await.map(shown)
        })
        .await
        .map_err(Error::from)
}

/// Sets an account's quotas; the operator's alone. `None`: no limit.
pub async fn set_quota(
    inbox: &Inbox,
    account: AccountId,
    daily: Option<i32>,
    monthly: Option<i32>,
) -> Result<SendingLimits> {
    let now = inbox.now();
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            sqlx::query!(
                "INSERT INTO sending_limits (account_id, daily_messages, monthly_messages, updated_at)
                 VALUES ($1, $2, $3, $4)
                 ON CONFLICT (account_id) DO UPDATE SET daily_messages = excluded.daily_messages,
                     monthly_messages = excluded.monthly_messages, updated_at = excluded.updated_at",
                account.uuid(),
                daily,
                monthly,
                now,
            )
            .execute(&mut *tx)
            .await?;
            Ok(())
        })
        .await
        .map_err(|fault| match fault.constraint() {
            Some("sending_limits_account_id_fkey") => Error::not_found("account"),
            _ => Error::from(fault),
        })?;
    let rules =
        inbox.store().read(account, |mut tx| async move { rules(&mut tx, account, now).await }).await?;
    Ok(shown(rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_on_the_recipients_clock() {
        let rules = Rules {
            quiet_from: NaiveTime::from_hms_opt(21, 0, 0),
            quiet_until: NaiveTime::from_hms_opt(8, 0, 0),
            ..Rules::default()
        };
        let at = |text: &str| text.parse::<Time>().unwrap();
        let zone = Tz::Africa__Addis_Ababa;
        assert_eq!(rules.quiet_until(zone, at("2026-11-25T19:30:00Z")), Some(at("2026-11-26T05:00:00Z")));
        assert_eq!(rules.quiet_until(zone, at("2026-11-25T03:00:00Z")), Some(at("2026-11-25T05:00:00Z")));
        assert_eq!(rules.quiet_until(zone, at("2026-11-25T12:00:00Z")), None);
        assert_eq!(rules.quiet_until(Tz::UTC, at("2026-11-25T20:59:59Z")), None);
        assert_eq!(Rules::default().quiet_until(zone, at("2026-11-25T23:00:00Z")), None);
    }

    #[test]
    fn quotas_leave_the_smaller_rest() {
        let rules = Rules {
            daily_messages: Some(10),
            monthly_messages: Some(100),
            today: 4,
            month: 97,
            ..Rules::default()
        };
        assert_eq!(rules.left(), Some(3));
        assert_eq!(Rules { today: 11, daily_messages: Some(10), ..Rules::default() }.left(), Some(0));
        assert_eq!(Rules::default().left(), None);
        let at = "2026-11-25T12:00:00Z".parse().unwrap();
        assert_eq!(renewed(at, true).to_rfc3339(), "2026-12-01T00:00:00+00:00");
        assert_eq!(renewed(at, false).to_rfc3339(), "2026-11-26T00:00:00+00:00");
    }
}
