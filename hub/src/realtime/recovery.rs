//! Connections that were cut, for a stock client that comes back soon with its private id: it goes on
//! behind the last delivery that it got, without having remembered any number.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use dashmap::DashMap;
use engine::{Recovery, Shelf};
use inbox::Member;
use model::AccountId;
use uuid::Uuid;

use super::{
    connection::{Connection, Who},
    deliveries::{Deliveries, Place},
    entry::LogKey,
};

/// How long a connection can be continued after its end.
const TIME: Duration = Duration::from_secs(120);

/// What is left of a connection.
pub struct Kept {
    person: Uuid,
    members: HashMap<AccountId, Arc<Member>>,
    places: Vec<Place>,
    deliveries: Deliveries,
}

impl Kept {
    fn of(connection: &Connection) -> Self {
        let members = match &connection.who {
            Who::Agent { members, .. } => members.read().clone(),
            Who::Customer { .. } => HashMap::new(),
        };
        let (places, deliveries) = (connection.places(), connection.take_deliveries());
        Self { person: connection.person(), members, places, deliveries }
    }

    /// The rights that the reader had, by account.
    #[must_use]
    pub fn members(&self) -> &HashMap<AccountId, Arc<Member>> {
        &self.members
    }

    /// Whether this log was read.
    #[must_use]
    pub fn reads(&self, key: LogKey) -> bool {
        self.places.iter().any(|place| place.key == key)
    }
}

/// A connection to be continued.
#[derive(Debug, Clone)]
pub struct Recovered {
    pub pid: Uuid,
    /// Deliveries that the client has.
    pub count: u64,
    pub places: Vec<Place>,
}

impl Recovered {
    /// The last number of a log that the client has, if it read that log.
    #[must_use]
    pub fn since(&self, key: LogKey) -> Option<i64> {
        self.places.iter().find(|place| place.key == key).map(|place| place.at)
    }
}

/// The connections of this node that can be continued, by private id.
pub struct Recoveries {
    /// Those that are open: a client may be back before we notice that it was gone.
    open: DashMap<Uuid, Weak<Connection>>,
    kept: Shelf<Kept>,
}

impl Recoveries {
    /// Keeps at most `most` connections after their end.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { open: DashMap::new(), kept: Shelf::new(TIME, most) }
    }

    pub fn begin(&self, connection: &Arc<Connection>) {
        self.open.insert(connection.pid, Arc::downgrade(connection));
    }

    /// The connection was cut; or, with `for_good`, it ended and cannot be continued.
    pub fn end(&self, connection: &Connection, for_good: bool) {
        let own = |_: &Uuid, other: &Weak<Connection>| std::ptr::eq(other.as_ptr(), connection);
        // whoever was continued already is not kept
        if self.open.remove_if(&connection.pid, own).is_some() && !for_good {
            self.kept.put(connection.pid.to_string(), Kept::of(connection));
        }
    }

    /// What the client asks for, if it is this person's, still known, and `fits`.
    #[must_use]
    pub fn take(
        &self,
        asked: &Recovery,
        person: Uuid,
        fits: impl FnOnce(&Kept) -> bool,
    ) -> Option<Recovered> {
        let pid: Uuid = asked.pid.parse().ok()?;
        let is_persons = |open: &Arc<Connection>| open.person() == person;
        let open = self.open.get(&pid).and_then(|open| open.upgrade()).filter(is_persons);
        let kept = if let Some(open) = open {
            self.open.remove(&pid);
            let kept = Kept::of(&open);
            open.kill();
            kept
        } else {
            self.kept.take(&asked.pid)?
        };
        let places = kept.deliveries.behind(&kept.places, asked.offset)?;
        (kept.person == person && fits(&kept)).then_some(Recovered { pid, count: asked.offset, places })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engine::Recovery;
    use model::VisitorId;

    use super::{Connection, Recoveries, Who};

    fn connection(recoveries: &Recoveries, visitor_id: VisitorId) -> Arc<Connection> {
        let connection = Connection::new(Who::Customer { visitor_id }, None);
        recoveries.begin(&connection);
        connection
    }

    fn asked(connection: &Connection) -> Recovery {
        Recovery { pid: connection.pid.to_string(), offset: 0 }
    }

    #[test]
    fn a_cut_connection_is_continued_once_and_by_its_person() {
        let (recoveries, visitor, other) = (Recoveries::new(10), VisitorId::new(), VisitorId::new());
        let take = |asked: &Recovery, who: VisitorId| recoveries.take(asked, who.uuid(), |_| true);
        let cut = connection(&recoveries, visitor);
        recoveries.end(&cut, false);
        let recovered = take(&asked(&cut), visitor).unwrap();
        assert_eq!((recovered.pid, recovered.count), (cut.pid, 0));
        assert!(take(&asked(&cut), visitor).is_none(), "once");
        let cut = connection(&recoveries, visitor);
        recoveries.end(&cut, false);
        assert!(take(&asked(&cut), other).is_none());
        let cut = connection(&recoveries, visitor);
        recoveries.end(&cut, false);
        let ahead = Recovery { offset: 1, ..asked(&cut) };
        assert!(take(&ahead, visitor).is_none(), "more than was ever sent");
        assert!(take(&Recovery { pid: "x".into(), offset: 0 }, visitor).is_none());
    }

    #[test]
    fn a_connection_that_ended_for_good_is_not_continued() {
        let (recoveries, visitor) = (Recoveries::new(10), VisitorId::new());
        let left = connection(&recoveries, visitor);
        recoveries.end(&left, true);
        assert!(recoveries.take(&asked(&left), visitor.uuid(), |_| true).is_none());
    }

    #[test]
    fn a_client_may_be_back_before_it_was_missed() {
        let (recoveries, visitor) = (Recoveries::new(10), VisitorId::new());
        let open = connection(&recoveries, visitor);
        assert!(recoveries.take(&asked(&open), VisitorId::new().uuid(), |_| true).is_none());
        assert!(!open.is_killed(), "not by anybody else");
        let recovered = recoveries.take(&asked(&open), visitor.uuid(), |_| true).unwrap();
        assert!(open.is_killed());
        let next = Connection::new(Who::Customer { visitor_id: visitor }, Some(&recovered));
        recoveries.begin(&next);
        recoveries.end(&open, false);
        assert!(recoveries.take(&asked(&next), visitor.uuid(), |_| true).is_some(), "the later one counts");
    }
}
