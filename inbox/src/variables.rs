//! The values that templates and canned responses are filled with, read from the store: the contact,
//! its properties, the account, the sender, the time.

use bus::{Outcome, Tx};
use model::{AccountId, ContactId, Time};
use serde_json::{Map, Value, json};

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
    let row = sqlx::query!(
        r#"SELECT a.name AS account_name, a.description, a.timezone,
                  to_jsonb(c) - 'properties' - 'metadata' - 'account_id' AS contact, c.properties AS "properties?"
           FROM accounts a LEFT JOIN contacts c ON c.account_id = a.id AND c.id = $2 WHERE a.id = $1"#,
        account.uuid(),
        contact.map(ContactId::uuid),
    )
    .fetch_one(&mut **tx)
    .await?;
    let zone = row.timezone.parse().unwrap_or(chrono_tz::UTC);
    let object = |value: Option<Value>| match value {
        Some(Value::Object(map)) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    };
    let named = |pairs: &[(&str, Option<&str>)]| {
        pairs
            .iter()
            .filter_map(|(key, value)| value.map(|value| ((*key).to_owned(), json!(value))))
            .collect::<Map<String, Value>>()
    };
    Ok(Values {
        custom,
        contact: object(row.contact),
        properties: object(row.properties),
        account: named(&[("name", Some(&row.account_name)), ("description", row.description.as_deref())]),
        sender: sender.map_or_else(Map::new, |(name, email)| {
            named(&[("name", Some(name)), ("email", Some(email).filter(|email| !email.is_empty()))])
        }),
        system: system_values(now, zone),
    })
}
