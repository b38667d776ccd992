//! The values that templates and canned responses are filled with, read from the store: the contact,
//! its properties, the account, the sender, the time.

use std::collections::HashMap;

use bus::{Outcome, Tx};
use model::{AccountId, ContactId, Time};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::templates::{Values, system_values};

/// Who speaks: name and e-mail address.
pub type Sender<'a> = Option<(&'a str, &'a str)>;

/// The values of one contact; `custom` go before all others.
pub async fn of_contact(
    tx: &mut Tx,
    account: AccountId,
    contact: Option<ContactId>,
    sender: Sender<'_>,
    custom: Map<String, Value>,
    now: Time,
) -> Outcome<Values> {
    let whose = [(Uuid::nil(), contact.map(ContactId::uuid), None)];
    let mut values = of_many(tx, account, &whose, sender, &custom, now).await?;
    Ok(values.remove(&Uuid::nil()).unwrap_or_default())
}

/// The values of many, in two statements: each by a name of the caller's, with the contact or the person
/// that it is. What a person does not have is taken from the contact that it is linked with.
pub async fn of_many(
    tx: &mut Tx,
    account: AccountId,
    whose: &[(Uuid, Option<Uuid>, Option<Uuid>)],
    sender: Sender<'_>,
    custom: &Map<String, Value>,
    now: Time,
) -> Outcome<HashMap<Uuid, Values>> {
    let of_account =
        sqlx::query!("SELECT name, description, timezone FROM accounts WHERE id = $1", account.uuid())
            .fetch_one(&mut **tx)
            .await?;
    let zone = of_account.timezone.parse().unwrap_or(chrono_tz::UTC);
    let base = Values {
        custom: custom.clone(),
        account: named(&[
            ("name", Some(&of_account.name)),
            ("description", of_account.description.as_deref()),
        ]),
        sender: sender.map_or_else(Map::new, |(name, email)| {
            named(&[("name", Some(name)), ("email", Some(email).filter(|email| !email.is_empty()))])
        }),
        system: system_values(now, zone),
        ..Values::default()
    };
    let names: Vec<Uuid> = whose.iter().map(|(name, ..)| *name).collect();
    let contacts: Vec<Option<Uuid>> = whose.iter().map(|(_, contact, _)| *contact).collect();
    let persons: Vec<Option<Uuid>> = whose.iter().map(|(.., person)| *person).collect();
    let rows = sqlx::query!(
        r#"SELECT w.name AS "name!",
                  to_jsonb(c) - 'properties' - 'metadata' - 'account_id' AS contact, c.properties AS "properties?",
                  to_jsonb(p) - 'properties' - 'account_id' AS person, p.properties AS "person_properties?"
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
    Ok(rows
        .into_iter()
        .map(|row| {
            let values = Values {
                contact: over(object(row.person), object(row.contact)),
                properties: over(object(row.person_properties), object(row.properties)),
                ..base.clone()
            };
            (row.name, values)
        })
        .collect())
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

/// `first` where it has something, else `second`.
fn over(first: Map<String, Value>, mut second: Map<String, Value>) -> Map<String, Value> {
    second.extend(first);
    second
}

fn named(pairs: &[(&str, Option<&str>)]) -> Map<String, Value> {
    pairs.iter().filter_map(|(key, value)| value.map(|value| ((*key).to_owned(), json!(value)))).collect()
}
