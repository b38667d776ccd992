//! The orders of the inbox list, and the places in them from which a page goes on.

use model::{Error, Priority, Result, Time};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::ViewRow;

model::text_enum! {
    /// The order of the list.
    pub enum ListSort {
        /// Newest message first.
        Newest = "newest",
        /// Oldest message first.
        Oldest = "oldest",
        /// Who has waited longest for an answer first; who does not wait last.
        Waiting = "waiting",
        /// Urgent first, of the same priority who has waited longest.
        Priority = "priority",
        /// Youngest conversation first.
        Created = "created",
    }
}

impl ListSort {
    /// What the list is ordered by, and then by id: a number where there is one, and a time that is never null.
    pub(super) const fn key(self) -> Key {
        const LAST: &str = "coalesce(c.last_message_at, c.created_at)";
        const WAITING: &str = "coalesce(c.waiting_since, 'infinity')";
        match self {
            Self::Newest => Key { rank: None, at: LAST, descending: true },
            Self::Oldest => Key { rank: None, at: LAST, descending: false },
            Self::Waiting => Key { rank: None, at: WAITING, descending: false },
            Self::Priority => Key { rank: Some(RANK), at: WAITING, descending: false },
            Self::Created => Key { rank: None, at: "c.created_at", descending: true },
        }
    }

    /// Where a row stands in the order, as a cursor: the order, the number, the time, the id.
    pub(super) fn cursor(self, row: &ViewRow) -> String {
        let at = match self {
            Self::Newest | Self::Oldest => Some(row.last_message_at.unwrap_or(row.created_at)),
            Self::Waiting | Self::Priority => row.waiting_since,
            Self::Created => Some(row.created_at),
        };
        let rank = match row.priority {
            Priority::Urgent => 0,
            Priority::High => 1,
            Priority::Normal => 2,
            Priority::Low => 3,
        };
        let at = at.map_or_else(|| NEVER.to_owned(), |at| at.timestamp_micros().to_string());
        format!("{self}_{rank}_{at}_{}", row.id)
    }

    /// Reads a cursor of this order.
    pub(super) fn place(self, cursor: &str) -> Result<Place> {
        let mut parts = cursor.split('_');
        let parsed = (|| {
            let of_this = parts.next()? == self.as_str();
            let rank = parts.next()?.parse().ok()?;
            let at = match parts.next()? {
                NEVER => None,
                micros => Some(Time::from_timestamp_micros(micros.parse().ok()?)?),
            };
            let id = Uuid::parse_str(parts.next()?).ok()?;
            (of_this && parts.next().is_none()).then_some(Place { rank, at, id })
        })();
        parsed.ok_or_else(|| Error::bad_request("cursor: not one that this list gave in this order"))
    }
}

/// Stands in a cursor for "no time".
const NEVER: &str = "never";
const RANK: &str = "CASE c.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END";

pub(super) struct Key {
    rank: Option<&'static str>,
    at: &'static str,
    descending: bool,
}

pub(super) struct Place {
    rank: i32,
    at: Option<Time>,
    id: Uuid,
}

impl Key {
    /// Goes on behind a place.
    pub(super) fn push_after(&self, query: &mut QueryBuilder<Postgres>, place: &Place) {
        let rank = self.rank.map_or_else(String::new, |rank| format!("{rank}, "));
        let sign = if self.descending { "<" } else { ">" };
        query.push(format!(" AND ({rank}{}, c.id) {sign} (", self.at));
        if self.rank.is_some() {
            query.push_bind(place.rank).push(", ");
        }
        query.push("coalesce(").push_bind(place.at).push(", 'infinity'), ").push_bind(place.id).push(")");
    }

    pub(super) fn push_order(&self, query: &mut QueryBuilder<Postgres>) {
        let way = if self.descending { "DESC" } else { "ASC" };
        let rank = self.rank.map_or_else(String::new, |rank| format!("{rank} {way}, "));
        query.push(format!(" ORDER BY {rank}{} {way}, c.id {way}", self.at));
    }
}
