//! One chunk of rows: who is there already, who is new, and what is written, each in one statement.

use std::collections::HashMap;

use bus::{Outcome, Tx};
use model::{AccountId, ChannelType, ContactId, GroupId, IdentifierId, Time};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::OnDuplicate,
    mapping::{Person, Target, person},
};
use crate::{audience, csv::Record};

/// How a chunk is to be worked off.
pub(super) struct Rules<'a> {
    pub account: AccountId,
    pub targets: &'a [Option<Target>],
    pub country: Option<&'a str>,
    pub on_duplicate: OnDuplicate,
    pub group: Option<GroupId>,
    pub tags: &'a [String],
    pub is_dry_run: bool,
}

/// What became of a chunk.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub created: i32,
    pub updated: i32,
    pub skipped: i32,
    pub errors: Vec<RowError>,
}

#[derive(Debug)]
pub(super) struct RowError {
    pub row: i32,
    pub field: String,
    pub message: String,
    pub cells: Vec<String>,
}

/// A row with the contact that it is about.
struct Row {
    number: i32,
    cells: Vec<String>,
    person: Person,
    contact: Uuid,
    is_new: bool,
}

/// What a contact is found by.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Key {
    Phone(String),
    Email(String),
    Identifier(ChannelType, String),
}

fn keys(person: &Person) -> Vec<Key> {
    let phone = person.phone.iter().cloned().map(Key::Phone);
    let email = person.email.iter().map(|email| Key::Email(email.to_lowercase()));
    let others = person.identifiers.iter().map(|(of_type, text)| Key::Identifier(*of_type, text.clone()));
    phone.chain(email).chain(others).collect()
}

/// Works off rows; the first of them is row `first` of the file.
pub(super) async fn work(
    tx: &mut Tx,
    rules: &Rules<'_>,
    records: Vec<Record>,
    first: i32,
    now: Time,
) -> Outcome<Done> {
    let mut done = Done::default();
    let mut people = Vec::new();
    for (offset, record) in records.into_iter().enumerate() {
        let number = first + offset as i32;
        match person(rules.targets, &record.cells, rules.country) {
            Ok(person) => people.push((number, record.cells, person)),
            Err((field, message)) => {
                done.errors.push(RowError { row: number, field, message, cells: record.cells });
            }
        }
    }
    let mut known = find(tx, rules.account, &people).await?;
    let mut rows: Vec<Row> = Vec::new();
    for (number, cells, person) in people {
        let keys = keys(&person);
        let found: Vec<Uuid> = keys.iter().filter_map(|key| known.get(key).copied()).collect();
        let mut distinct = found.clone();
        distinct.dedup();
        if distinct.len() > 1 {
            let message = "its phone number and e-mail address belong to different contacts";
            done.errors.push(RowError { row: number, field: "row".into(), message: message.into(), cells });
            continue;
        }
        match (found.first(), rules.on_duplicate) {
            (Some(_), OnDuplicate::Skip) => done.skipped += 1,
            (Some(_), OnDuplicate::Error) => {
                let message = "a contact with this phone number or e-mail address is there already";
                done.errors.push(RowError {
                    row: number,
                    field: "row".into(),
                    message: message.into(),
                    cells,
                });
            }
            (Some(contact), OnDuplicate::Update) => {
                let contact = *contact;
                for key in keys {
                    known.insert(key, contact);
                }
                done.updated += 1;
                rows.push(Row { number, cells, person, contact, is_new: false });
            }
            (None, _) => {
                let contact = ContactId::new().uuid();
                for key in keys {
                    known.insert(key, contact);
                }
                done.created += 1;
                rows.push(Row { number, cells, person, contact, is_new: true });
            }
        }
    }
    if !rules.is_dry_run {
        write(tx, rules, &mut rows, &mut done, now).await?;
    }
    Ok(done)
}

/// The contacts that these rows are about, as far as they are there.
async fn find(
    tx: &mut Tx,
    account: AccountId,
    people: &[(i32, Vec<String>, Person)],
) -> Outcome<HashMap<Key, Uuid>> {
    let phones: Vec<&str> = people.iter().filter_map(|(.., person)| person.phone.as_deref()).collect();
    let emails: Vec<String> =
        people.iter().filter_map(|(.., person)| Some(person.email.as_ref()?.to_lowercase())).collect();
    let mut known = HashMap::new();
    let rows = sqlx::query!(
        r#"SELECT id, phone, NULL AS email FROM contacts WHERE account_id = $1 AND phone = ANY ($2)
           UNION ALL
           SELECT id, NULL, lower(email) FROM contacts WHERE account_id = $1 AND lower(email) = ANY ($3)"#,
        account.uuid(),
        &phones as &[&str],
        &emails,
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let Some(id) = row.id else { continue };
        if let Some(phone) = row.phone {
            known.insert(Key::Phone(phone), id);
        }
        if let Some(email) = row.email {
            known.insert(Key::Email(email), id);
        }
    }
    let pairs: Vec<(&str, &str)> = people
        .iter()
        .flat_map(|(.., person)| &person.identifiers)
        .map(|(of_type, text)| (of_type.as_str(), text.as_str()))
        .collect();
    if !pairs.is_empty() {
        let (types, texts): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
        let rows = sqlx::query!(
            r#"SELECT i.contact_id, i.channel_type AS "channel_type: ChannelType", i.identifier
               FROM contact_identifiers i
               JOIN unnest($2::text[], $3::text[]) AS k (channel_type, identifier)
                 ON k.channel_type = i.channel_type AND k.identifier = i.identifier
               WHERE i.account_id = $1"#,
            account.uuid(),
            &types as &[&str],
            &texts as &[&str],
        )
        .fetch_all(&mut **tx)
        .await?;
        for row in rows {
            known.insert(Key::Identifier(row.channel_type, row.identifier), row.contact_id);
        }
    }
    Ok(known)
}

async fn write(
    tx: &mut Tx,
    rules: &Rules<'_>,
    rows: &mut Vec<Row>,
    done: &mut Done,
    now: Time,
) -> Outcome<()> {
    let values: Vec<Value> = rows.iter().filter(|row| row.is_new).map(|row| record(row, rules)).collect();
    if !values.is_empty() {
        // somebody else may have made one of them meanwhile: that row is an error, not the end
        let made = sqlx::query_scalar!(
            "INSERT INTO contacts (id, account_id, name, first_name, last_name, phone, email, preferred_channel_type,
                 preferred_language, tags, properties, created_at, updated_at)
             SELECT id, $2, coalesce(name, phone, email, ''), first_name, last_name, phone, email,
                    preferred_channel_type, preferred_language, tags, properties, $3, $3
             FROM jsonb_populate_recordset(NULL::contacts, $1) ON CONFLICT DO NOTHING RETURNING id",
            Value::Array(values),
            rules.account.uuid(),
            now,
        )
        .fetch_all(&mut **tx)
        .await?;
        let made: std::collections::HashSet<Uuid> = made.into_iter().collect();
        rows.retain(|row| {
            let is_there = !row.is_new || made.contains(&row.contact);
            if !is_there {
                done.created -= 1;
                done.errors.push(RowError {
                    row: row.number,
                    field: "row".into(),
                    message: "another contact got its phone number or e-mail address meanwhile".into(),
                    cells: row.cells.clone(),
                });
            }
            is_there
        });
    }
    update(tx, rules, rows, now).await?;
    identify(tx, rules, rows, now).await?;
    if let Some(group) = rules.group {
        let mut ids: Vec<Uuid> = rows.iter().map(|row| row.contact).collect();
        ids.sort_unstable();
        ids.dedup();
        audience::members::put_contacts(tx, rules.account, group, &ids, now).await?;
    }
    Ok(())
}

fn record(row: &Row, rules: &Rules<'_>) -> Value {
    let person = &row.person;
    let mut tags = person.tags.clone();
    tags.extend(rules.tags.iter().filter(|tag| !person.tags.contains(tag)).cloned());
    json!({
        "id": row.contact, "name": person.name, "first_name": person.first_name, "last_name": person.last_name,
        "phone": person.phone, "email": person.email,
        "preferred_channel_type": person.preferred_channel_type, "preferred_language": person.preferred_language,
        "tags": tags, "properties": person.properties,
    })
}

/// Contacts that are there get what the file says; what it does not say stays. Of several rows about one
/// contact the last wins.
async fn update(tx: &mut Tx, rules: &Rules<'_>, rows: &[Row], now: Time) -> Outcome<()> {
    let mut last: HashMap<Uuid, Value> = HashMap::new();
    for row in rows.iter().filter(|row| !row.is_new) {
        last.insert(row.contact, record(row, rules));
    }
    if last.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE contacts c SET name = coalesce(n.name, c.name), first_name = coalesce(n.first_name, c.first_name),
             last_name = coalesce(n.last_name, c.last_name),
             -- a number or address is added, never taken from another contact
             phone = CASE WHEN c.phone IS NULL AND NOT EXISTS (
                 SELECT 1 FROM contacts o WHERE o.account_id = $2 AND o.phone = n.phone) THEN n.phone ELSE c.phone END,
             email = CASE WHEN c.email IS NULL AND NOT EXISTS (
                 SELECT 1 FROM contacts o WHERE o.account_id = $2 AND lower(o.email) = lower(n.email))
                 THEN n.email ELSE c.email END,
             preferred_channel_type = coalesce(n.preferred_channel_type, c.preferred_channel_type),
             preferred_language = coalesce(n.preferred_language, c.preferred_language),
             tags = (SELECT coalesce(jsonb_agg(DISTINCT tag), '[]') FROM jsonb_array_elements(c.tags || n.tags) AS tag),
             properties = c.properties || n.properties, updated_at = $3
         FROM jsonb_populate_recordset(NULL::contacts, $1) AS n
         WHERE c.id = n.id AND c.account_id = $2",
        Value::Array(last.into_values().collect()),
        rules.account.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn identify(tx: &mut Tx, rules: &Rules<'_>, rows: &[Row], now: Time) -> Outcome<()> {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        for (of_type, text) in &row.person.identifiers {
            columns.0.push(IdentifierId::new().uuid());
            columns.1.push(row.contact);
            columns.2.push(of_type.as_str());
            columns.3.push(text.as_str());
        }
    }
    if columns.0.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO contact_identifiers (id, account_id, contact_id, channel_type, identifier, created_at, updated_at)
         SELECT id, $5, contact_id, channel_type, identifier, $6, $6
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS i (id, contact_id, channel_type, identifier)
         ON CONFLICT DO NOTHING",
        &columns.0,
        &columns.1,
        &columns.2 as &[&str],
        &columns.3 as &[&str],
        rules.account.uuid(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
