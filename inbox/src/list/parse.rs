//! From a query string to a [`Plan`]: everything is checked here, so that what is run cannot fail for
//! what the caller wrote.

use chrono::{DateTime, Days, NaiveDate, Utc};
use model::{Error, Result, UserId};
use uuid::Uuid;

use super::{DEFAULT_LIMIT, Entity, Field, Kind, MAX_LIMIT, MAX_SKIP, Op, Order, cursor};

const MAX_CONDITIONS: usize = 50;
const MAX_VALUES: usize = 1000;
const MAX_TEXT: usize = 2000;
const RESERVED: [&str; 7] = ["filter", "sort", "skip", "limit", "cursor", "page", "page_size"];
static ACCOUNT: Field = Field::new("account_id", "", Kind::Id, &[Op::Eq, Op::In]);

/// The parameters of a query string, in their order.
#[derive(Debug, Clone, Default)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// Reads what follows the question mark.
    pub fn from_query(raw: &str) -> Self {
        Self(url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect())
    }

    /// The last value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A value ready to be bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Id(Uuid),
    Text(String),
    Number(i64),
    Flag(bool),
    Time(DateTime<Utc>),
}

/// One condition of the caller.
pub(super) struct Condition {
    pub field: &'static Field,
    /// For [`Kind::Object`]: the key inside.
    pub key: Option<String>,
    pub op: Op,
    pub values: Vec<Value>,
}

/// A checked question.
pub struct Plan {
    pub(super) entity: &'static Entity,
    pub(super) conditions: Vec<Condition>,
    pub(super) sort: Vec<(&'static Field, Order)>,
    /// The place after which the page begins: a value for each sort field, then the id.
    pub(super) after: Option<cursor::Place>,
    pub(super) skip: i64,
    pub(super) limit: i64,
}

impl Plan {
    /// Reads a question about `entity`; a 400 says what is wrong and what is allowed.
    pub fn new(entity: &'static Entity, params: &Params, me: UserId) -> Result<Self> {
        let mut plan = Self {
            entity,
            conditions: Vec::new(),
            sort: Vec::new(),
            after: None,
            skip: 0,
            limit: DEFAULT_LIMIT,
        };
        let (mut page, mut cursor) = (None, None);
        for (name, value) in &params.0 {
            match name.as_str() {
                "filter" => plan.add_filter(value, me)?,
                "sort" => plan.add_sort(value)?,
                "skip" => plan.skip = whole(name, value, 0..=i64::MAX)?,
                "limit" | "page_size" => plan.limit = whole(name, value, 1..=MAX_LIMIT)?,
                "page" => page = Some(whole(name, value, 1..=i64::MAX)?),
                "cursor" => cursor = Some(value.as_str()).filter(|value| !value.is_empty()),
                other if entity.extra.contains(&other) => {}
                _ => plan.add_equality(name, value, me)?,
            }
        }
        if let Some(page) = page {
            plan.skip = (page - 1).saturating_mul(plan.limit);
        }
        if plan.skip > MAX_SKIP {
            return Err(Error::bad_request(format!(
                "skip goes to {MAX_SKIP}; to read further, pass the cursor of meta.next_cursor"
            ))
            .with("parameter", "cursor"));
        }
        if plan.sort.is_empty() {
            for (name, order) in entity.sort {
                let field = entity.fields.iter().find(|field| field.name == *name);
                plan.sort.extend(field.map(|field| (field, *order)));
            }
        }
        if let Some(text) = cursor {
            if plan.skip > 0 {
                return Err(Error::bad_request("give cursor or skip, not both"));
            }
            plan.after = Some(cursor::read(&plan, text)?);
        }
        Ok(plan)
    }

    pub(super) fn starts_at_the_top(&self) -> bool {
        self.after.is_none() && self.skip == 0
    }

    fn add_filter(&mut self, text: &str, me: UserId) -> Result<()> {
        let mut parts = text.splitn(3, ':');
        let (Some(name), Some(op)) = (parts.next(), parts.next()) else {
            return Err(Error::bad_request(format!("filter {text:?} must be field:op:value")));
        };
        self.add(name, op, parts.next(), me)
    }

    /// `status=open`; for a list of texts, `labels=billing` asks whether it is in it.
    fn add_equality(&mut self, name: &str, value: &str, me: UserId) -> Result<()> {
        let op = match self.find(name) {
            Some((Field { kind: Kind::Texts, .. }, _)) => Op::Contains,
            Some(_) => Op::Eq,
            None => {
                let mut allowed: Vec<&str> = RESERVED.to_vec();
                allowed.extend(self.names(|_| true));
                allowed.extend(self.entity.extra);
                return Err(Error::bad_request(format!(
                    "unknown parameter {name:?}; allowed: {}",
                    allowed.join(", ")
                ))
                .with("allowed", allowed));
            }
        };
        self.add(name, op.as_str(), Some(value), me)
    }

    fn add(&mut self, name: &str, op: &str, value: Option<&str>, me: UserId) -> Result<()> {
        if self.conditions.len() >= MAX_CONDITIONS {
            return Err(Error::bad_request(format!("at most {MAX_CONDITIONS} filters")));
        }
        let Some((field, key)) = self.find(name) else {
            let allowed = self.names(|_| true);
            return Err(Error::bad_request(format!(
                "{} has no filter {name:?}; allowed: {}",
                self.entity.what,
                allowed.join(", ")
            ))
            .with("allowed", allowed));
        };
        let op = op.parse::<Op>().ok().filter(|op| field.ops.contains(op)).ok_or_else(|| {
            let allowed: Vec<&str> = field.ops.iter().map(|op| op.as_str()).collect();
            Error::bad_request(format!("{name} has no operator {op:?}; allowed: {}", allowed.join(", ")))
                .with("allowed", allowed)
        })?;
        let (op, values) = values(name, field, op, value, me)?;
        self.conditions.push(Condition { field, key, op, values });
        Ok(())
    }

    fn add_sort(&mut self, text: &str) -> Result<()> {
        let (name, order) = text.split_once(':').unwrap_or((text, "desc"));
        let order: Order = order.parse().map_err(|error| Error::bad_request(format!("sort: {error}")))?;
        let field = self.entity.fields.iter().find(|field| field.sortable && field.name == name);
        let Some(field) = field else {
            let allowed = self.names(|field| field.sortable);
            return Err(Error::bad_request(format!(
                "{} cannot be sorted by {name:?}; allowed: {}",
                self.entity.what,
                allowed.join(", ")
            ))
            .with("allowed", allowed));
        };
        if !self.sort.iter().any(|(known, _)| std::ptr::eq(*known, field)) {
            self.sort.push((field, order));
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<(&'static Field, Option<String>)> {
        if name == ACCOUNT.name {
            return Some((&ACCOUNT, None));
        }
        for field in self.entity.fields {
            let is_object = matches!(field.kind, Kind::Object);
            if field.name == name && !is_object {
                return Some((field, None));
            }
            if let Some(key) = name.strip_prefix(field.name).and_then(|rest| rest.strip_prefix('.'))
                && is_object
                && !key.is_empty()
                && key.len() <= 100
                && !key.contains('\0')
            {
                return Some((field, Some(key.to_owned())));
            }
        }
        None
    }

    fn names(&self, keep: impl Fn(&Field) -> bool) -> Vec<&'static str> {
        let own = self.entity.fields.iter().filter(|field| keep(field)).map(|field| field.name);
        own.chain(keep(&ACCOUNT).then_some(ACCOUNT.name)).collect()
    }
}

fn whole(name: &str, value: &str, allowed: std::ops::RangeInclusive<i64>) -> Result<i64> {
    value.trim().parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| {
        let bounds = if *allowed.end() == i64::MAX {
            format!("of at least {}", allowed.start())
        } else {
            format!("from {} to {}", allowed.start(), allowed.end())
        };
        Error::bad_request(format!("{name} must be a whole number {bounds}"))
    })
}

/// The operator that is meant, and its values; `is_null:false` is `is_not_null`.
fn values(name: &str, field: &Field, op: Op, text: Option<&str>, me: UserId) -> Result<(Op, Vec<Value>)> {
    if matches!(op, Op::IsNull | Op::IsNotNull) {
        let wanted = match text {
            None | Some("" | "true") => op == Op::IsNull,
            Some("false") => op == Op::IsNotNull,
            Some(_) => return Err(Error::bad_request(format!("{name}: {op} takes true, false or nothing"))),
        };
        return Ok((if wanted { Op::IsNull } else { Op::IsNotNull }, Vec::new()));
    }
    let text = text.ok_or_else(|| Error::bad_request(format!("{name}:{op} needs a value")))?;
    let is_list = matches!(op, Op::In | Op::NotIn | Op::Range) || matches!(field.kind, Kind::Texts);
    let pieces: Vec<&str> = if is_list { text.split(',').collect() } else { vec![text] };
    if pieces.len() > MAX_VALUES {
        return Err(Error::bad_request(format!("{name}: at most {MAX_VALUES} values")));
    }
    if op == Op::Range && pieces.len() != 2 {
        return Err(Error::bad_request(format!("{name}: range needs two values, separated by a comma")));
    }
    let is_end = |index: usize| op == Op::Le || op == Op::Gt || (op == Op::Range && index == 1);
    let values = pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| value(name, field.kind, op, piece, is_end(index), me))
        .collect::<Result<Vec<Value>>>()?;
    Ok((op, values))
}

/// Reads one value. A date alone is its first moment, or its last where it is an upper bound.
fn value(name: &str, kind: Kind, op: Op, text: &str, is_end: bool, me: UserId) -> Result<Value> {
    let refuse = |what: &str| Error::bad_request(format!("{name}: {text:?} is not {what}"));
    if text.contains('\0') || text.len() > MAX_TEXT {
        return Err(Error::bad_request(format!("{name}: a value has at most {MAX_TEXT} bytes and no NUL")));
    }
    match kind {
        Kind::User if text == "me" => Ok(Value::Id(me.uuid())),
        Kind::Id | Kind::User | Kind::Member => {
            Uuid::parse_str(text.trim()).map(Value::Id).map_err(|_| refuse("an id"))
        }
        Kind::Number => text.trim().parse().map(Value::Number).map_err(|_| refuse("a whole number")),
        Kind::Flag => match text {
            "true" | "1" => Ok(Value::Flag(true)),
            "false" | "0" => Ok(Value::Flag(false)),
            _ => Err(refuse("true or false")),
        },
        Kind::Time => time(text, is_end).map(Value::Time).ok_or_else(|| refuse("a date or an RFC 3339 time")),
        Kind::Word(check) => {
            check(text).map_err(|message| Error::bad_request(format!("{name}: {message}")))?;
            Ok(Value::Text(text.to_owned()))
        }
        Kind::Text | Kind::Texts | Kind::Object => {
            if matches!(op, Op::Like | Op::Ilike)
                && text.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
            {
                return Err(Error::bad_request(format!(
                    "{name}: a pattern cannot end with a single backslash"
                )));
            }
            Ok(Value::Text(text.to_owned()))
        }
    }
}

/// Years that both PostgreSQL and RFC 3339 can write.
fn in_reach(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    (0..=9999).contains(&at.year()).then_some(at)
}

fn time(text: &str, is_end: bool) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(date) = text.parse::<NaiveDate>() {
        let start = date.and_hms_opt(0, 0, 0)?.and_utc();
        let end = || Some(start.checked_add_days(Days::new(1))? - chrono::TimeDelta::microseconds(1));
        return in_reach(if is_end { end()? } else { start });
    }
    // a plus sign that was not escaped arrives as a space
    let text = text.replace(' ', "+");
    DateTime::parse_from_rfc3339(&text).ok().and_then(|at| in_reach(at.to_utc()))
}

/// Reads a value out of a cursor: the same kinds, as JSON.
pub(super) fn from_json(kind: Kind, value: &serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match (kind, value) {
        (Kind::Id | Kind::User, Json::String(text)) => Value::Id(Uuid::parse_str(text).ok()?),
        (Kind::Text | Kind::Word(_), Json::String(text)) if !text.contains('\0') => Value::Text(text.clone()),
        (Kind::Number, Json::Number(number)) => Value::Number(number.as_i64()?),
        (Kind::Flag, Json::Bool(flag)) => Value::Flag(*flag),
        (Kind::Time, Json::String(text)) => Value::Time(time(text, false)?),
        _ => return None,
    })
}
