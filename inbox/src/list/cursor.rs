//! Cursors: the last row's values of the sort fields and its id, so that a page begins right after it
//! however many rows came or went before. Opaque to callers, checked like any other input.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parse::{Plan, Value, from_json};

const MAX_CURSOR: usize = 8192;

/// A place in an order.
pub(super) struct Place {
    /// One for each sort field; `None` = null.
    pub values: Vec<Option<Value>>,
    pub id: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    /// The list and its order.
    of: String,
    at: serde_json::Value,
}

impl Plan {
    fn order(&self) -> String {
        let sort: Vec<String> =
            self.sort.iter().map(|(field, order)| format!("{}:{order}", field.name)).collect();
        format!("{} {}", self.entity.what, sort.join(","))
    }

    /// The cursor that goes on after a row whose `place__` is this.
    pub(super) fn cursor_after(&self, place: &serde_json::Value) -> String {
        let wire = Wire { of: self.order(), at: place.clone() };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&wire).unwrap_or_default())
    }
}

pub(super) fn read(plan: &Plan, text: &str) -> Result<Place> {
    let wrong = || Error::bad_request("this cursor is not one of ours; take it from meta.next_cursor");
    if text.len() > MAX_CURSOR {
        return Err(wrong());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let wire: Wire = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    if wire.of != plan.order() {
        return Err(Error::bad_request("this cursor belongs to another list or order; keep sort unchanged"));
    }
    let at = wire.at.as_array().filter(|at| at.len() == plan.sort.len() + 1).ok_or_else(wrong)?;
    let mut values = Vec::new();
    for ((field, _), value) in plan.sort.iter().zip(at) {
        values.push(match value {
            serde_json::Value::Null if field.nullable => None,
            value => Some(from_json(field.kind, value).ok_or_else(wrong)?),
        });
    }
    let id = at.last().and_then(serde_json::Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    Ok(Place { values, id: id.ok_or_else(wrong)? })
}
