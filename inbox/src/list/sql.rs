//! From a [`Plan`] to SQL. Names and expressions come from the entity's declaration, values are bound.

use model::AccountId;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    COUNTED, Field, Kind, Op, Order,
    cursor::Place,
    parse::{Condition, Plan, Value},
};

type Sql = QueryBuilder<Postgres>;

impl Plan {
    /// One row more than the page holds, each with its place in the order.
    pub(super) fn select(&self, accounts: &[AccountId], guard: impl Fn(&mut Sql)) -> Sql {
        let mut sql = Sql::new(self.entity.select);
        sql.push(", jsonb_build_array(");
        for (field, _) in &self.sort {
            sql.push(field.column).push(", ");
        }
        sql.push(self.entity.id).push(") AS place__");
        self.push_from_where(&mut sql, accounts, guard);
        if let Some(place) = &self.after {
            sql.push(" AND ");
            self.push_after(&mut sql, place);
        }
        sql.push(" ORDER BY ");
        for (field, order) in &self.sort {
            sql.push(field.column).push(if *order == Order::Asc { " ASC, " } else { " DESC, " });
        }
        sql.push(self.entity.id).push(if self.id_order() == Order::Asc { " ASC" } else { " DESC" });
        sql.push(" LIMIT ").push_bind(self.limit + 1).push(" OFFSET ").push_bind(self.skip);
        sql
    }

    /// How many rows match, counted to one above [`COUNTED`].
    pub(super) fn count(&self, accounts: &[AccountId], guard: impl Fn(&mut Sql)) -> Sql {
        let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1 AS one");
        self.push_from_where(&mut sql, accounts, guard);
        sql.push(" LIMIT ").push_bind(COUNTED + 1).push(") AS counted");
        sql
    }

    fn push_from_where(&self, sql: &mut Sql, accounts: &[AccountId], guard: impl Fn(&mut Sql)) {
        sql.push(" FROM ").push(self.entity.from).push(" WHERE ").push(self.entity.account);
        if let [one] = accounts {
            // an index that begins with the account gives the order, too; behind `= ANY` it would not
            sql.push(" = ").push_bind(one.uuid());
        } else {
            let accounts: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
            sql.push(" = ANY (").push_bind(accounts).push(")");
        }
        guard(sql);
        self.push_conditions(sql);
    }

    /// The caller's conditions, each beginning with ` AND `.
    pub(crate) fn push_conditions(&self, sql: &mut Sql) {
        for condition in &self.conditions {
            sql.push(" AND ");
            self.push_condition(sql, condition);
        }
    }

    /// The id breaks ties in the direction of the last sort field.
    fn id_order(&self) -> Order {
        self.sort.last().map_or(Order::Desc, |(_, order)| *order)
    }

    fn push_condition(&self, sql: &mut Sql, condition: &Condition) {
        let Condition { field, key, op, values } = condition;
        let column = if field.column.is_empty() { self.entity.account } else { field.column };
        let left = |sql: &mut Sql| match key {
            Some(key) => {
                sql.push("(").push(column).push(" ->> ").push_bind(key.clone()).push(")");
            }
            None => {
                sql.push(column);
            }
        };
        if matches!(field.kind, Kind::Texts) {
            let wanted: Vec<&str> = values
                .iter()
                .filter_map(|v| if let Value::Text(t) = v { Some(t.as_str()) } else { None })
                .collect();
            sql.push(column).push(" @> ").push_bind(serde_json::json!(wanted));
            return;
        }
        if matches!(field.kind, Kind::Member) {
            sql.push(if *op == Op::NotIn { "NOT " } else { "" }).push(column);
            push_all(sql, values);
            sql.push("))");
            return;
        }
        if let (Some(key), Op::Eq, Some(Value::Text(wanted))) = (key, op, values.first())
            && let Some(any) = holding(key, wanted)
        {
            // an index of the whole object serves this; what follows says exactly what is meant
            sql.push(column).push(" @> ANY (").push_bind(any).push(") AND ");
        }
        let text = |pattern: fn(&str) -> String| match values.first() {
            Some(Value::Text(text)) => pattern(text),
            _ => String::new(),
        };
        match op {
            Op::IsNull => {
                left(sql);
                sql.push(" IS NULL");
            }
            Op::IsNotNull => {
                left(sql);
                sql.push(" IS NOT NULL");
            }
            Op::In => {
                left(sql);
                sql.push(" = ANY (");
                push_all(sql, values);
                sql.push(")");
            }
            Op::NotIn => {
                sql.push("(");
                left(sql);
                sql.push(" = ANY (");
                push_all(sql, values);
                sql.push(")) IS NOT TRUE");
            }
            Op::Range => {
                left(sql);
                sql.push(" BETWEEN ");
                for (index, value) in values.iter().enumerate() {
                    sql.push(if index == 0 { "" } else { " AND " });
                    push_value(sql, value);
                }
            }
            Op::Contains => push_like(sql, left, " LIKE ", text(|t| format!("%{}%", escaped(t)))),
            Op::Icontains => push_like(sql, left, " ILIKE ", text(|t| format!("%{}%", escaped(t)))),
            Op::Startswith => push_like(sql, left, " LIKE ", text(|t| format!("{}%", escaped(t)))),
            Op::Endswith => push_like(sql, left, " LIKE ", text(|t| format!("%{}", escaped(t)))),
            Op::Like => push_like(sql, left, " LIKE ", text(str::to_owned)),
            Op::Ilike => push_like(sql, left, " ILIKE ", text(str::to_owned)),
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                left(sql);
                sql.push(match op {
                    Op::Ne => " IS DISTINCT FROM ",
                    Op::Lt => " < ",
                    Op::Le => " <= ",
                    Op::Gt => " > ",
                    Op::Ge => " >= ",
                    _ => " = ",
                });
                if let Some(value) = values.first() {
                    push_value(sql, value);
                }
            }
        }
    }

    /// The rows after `place`. PostgreSQL takes null for the greatest value, and so does this.
    fn push_after(&self, sql: &mut Sql, place: &Place) {
        let id_order = self.id_order();
        let is_plain = self.sort.iter().all(|(field, order)| !field.nullable && *order == id_order);
        if is_plain {
            // one comparison of rows, which an index can serve
            sql.push("(");
            for (field, _) in &self.sort {
                sql.push(field.column).push(", ");
            }
            sql.push(self.entity.id).push(if id_order == Order::Asc { ") > (" } else { ") < (" });
            for value in place.values.iter().flatten() {
                push_value(sql, value);
                sql.push(", ");
            }
            sql.push_bind(place.id).push(")");
            return;
        }
        sql.push("(");
        for depth in 0..=self.sort.len() {
            sql.push(if depth == 0 { "(" } else { " OR (" });
            for ((field, _), value) in self.sort.iter().zip(&place.values).take(depth) {
                push_same(sql, field, value.as_ref());
                sql.push(" AND ");
            }
            match self.sort.get(depth).zip(place.values.get(depth)) {
                Some(((field, order), value)) => push_beyond(sql, field, *order, value.as_ref()),
                None => {
                    sql.push(self.entity.id).push(if id_order == Order::Asc { " > " } else { " < " });
                    sql.push_bind(place.id);
                }
            }
            sql.push(")");
        }
        sql.push(")");
    }
}

fn push_same(sql: &mut Sql, field: &Field, value: Option<&Value>) {
    sql.push(field.column);
    match value {
        Some(value) => {
            sql.push(" = ");
            push_value(sql, value);
        }
        None => {
            sql.push(" IS NULL");
        }
    }
}

fn push_beyond(sql: &mut Sql, field: &Field, order: Order, value: Option<&Value>) {
    match (order, value) {
        (Order::Asc, None) => {
            sql.push("false");
        }
        (Order::Asc, Some(value)) => {
            sql.push("(").push(field.column).push(" IS NULL OR ").push(field.column).push(" > ");
            push_value(sql, value);
            sql.push(")");
        }
        (Order::Desc, None) => {
            sql.push(field.column).push(" IS NOT NULL");
        }
        (Order::Desc, Some(value)) => {
            sql.push(field.column).push(" < ");
            push_value(sql, value);
        }
    }
}

/// Objects of which one is in every object whose `key`, as text, is `text`; `None`: too many ways to say it.
fn holding(key: &str, text: &str) -> Option<Vec<serde_json::Value>> {
    use serde_json::{Value, json};
    let said = match serde_json::from_str(text) {
        Ok(Value::Number(number)) if number.is_i64() => Some(Value::Number(number)),
        Ok(Value::Bool(flag)) => Some(Value::Bool(flag)),
        Ok(Value::String(_) | Value::Null) | Err(_) => None,
        // a fraction, or an array or object, has many spellings
        Ok(_) => return None,
    };
    Some([Some(Value::from(text)), said].into_iter().flatten().map(|value| json!({ key: value })).collect())
}

fn push_like(sql: &mut Sql, left: impl Fn(&mut Sql), operator: &str, pattern: String) {
    left(sql);
    sql.push(operator).push_bind(pattern);
}

fn push_value(sql: &mut Sql, value: &Value) {
    match value {
        Value::Id(id) => sql.push_bind(*id),
        Value::Text(text) => sql.push_bind(text.clone()),
        Value::Number(number) => sql.push_bind(*number),
        Value::Flag(flag) => sql.push_bind(*flag),
        Value::Time(at) => sql.push_bind(*at),
    };
}

/// All values as one array; they are of one kind.
fn push_all(sql: &mut Sql, values: &[Value]) {
    macro_rules! array {
        ($kind:ident) => {
            sql.push_bind(
                values
                    .iter()
                    .filter_map(
                        |value| if let Value::$kind(value) = value { Some(value.clone()) } else { None },
                    )
                    .collect::<Vec<_>>(),
            )
        };
    }
    match values.first() {
        Some(Value::Id(_)) => array!(Id),
        Some(Value::Number(_)) => array!(Number),
        Some(Value::Flag(_)) => array!(Flag),
        Some(Value::Time(_)) => array!(Time),
        Some(Value::Text(_)) | None => array!(Text),
    };
}

/// Takes their meaning from the characters that LIKE knows.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
