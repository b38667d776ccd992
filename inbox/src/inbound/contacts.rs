//! From an address on a channel to the contact behind it.

use std::collections::HashMap;

use bus::{Fault, Outcome, Tx};
use model::{AccountId, ChannelId, ChannelType, ContactId, IdentifierId, Time, view::ContactBrief};
use uuid::Uuid;

use super::{InboundItem, InboundKind};

/// One address of one account.
pub(super) type Address = (AccountId, ChannelType, String);

/// The contacts of these senders; who is unknown becomes a contact. At most three statements.
pub(super) async fn find_or_make(
    tx: &mut Tx,
    items: &[(AccountId, InboundItem)],
    now: Time,
) -> Outcome<HashMap<Address, ContactBrief>> {
    let mut wanted: HashMap<Address, &InboundItem> = HashMap::new();
    for (account, item) in items {
        wanted.entry((*account, item.channel_type, item.sender.clone())).or_insert(item);
    }
    let mut found = find(tx, wanted.keys()).await?;
    let aliases: Vec<(Address, &Address)> = wanted
        .iter()
        .flat_map(|(address, item)| {
            item.aliases.iter().map(move |alias| ((address.0, address.1, alias.clone()), address))
        })
        .collect();
    let by_alias = if aliases.is_empty() {
        HashMap::new()
    } else {
        find(tx, aliases.iter().map(|(alias, _)| alias)).await?
    };
    let mut missing: Vec<(&Address, &InboundItem)> =
        wanted.iter().filter(|(address, _)| !found.contains_key(*address)).map(|(a, i)| (a, *i)).collect();
    if missing.is_empty() {
        link(tx, &aliases, &by_alias, &found, now).await?;
        return Ok(found);
    }
    // in one order everywhere, so that two transactions that meet the same strangers cannot deadlock
    missing.sort_by(|a, b| a.0.cmp(b.0));
    let mut known = find_by_phone(tx, missing.iter().map(|(address, _)| *address)).await?;
    known.extend(find_by_email(tx, missing.iter().map(|(address, _)| *address)).await?);
    let known_by_alias: HashMap<&Address, &ContactBrief> =
        aliases.iter().filter_map(|(alias, address)| Some((*address, by_alias.get(alias)?))).collect();
    make(tx, &missing, &known, &known_by_alias, &mut found, now).await?;
    link(tx, &aliases, &by_alias, &found, now).await?;
    Ok(found)
}

async fn find(
    tx: &mut Tx,
    addresses: impl Iterator<Item = &Address>,
) -> Outcome<HashMap<Address, ContactBrief>> {
    let (mut accounts, mut types, mut identifiers) = (Vec::new(), Vec::new(), Vec::new());
    for (account, channel_type, identifier) in addresses {
        accounts.push(account.uuid());
        types.push(channel_type.as_str());
        identifiers.push(identifier.as_str());
    }
    let rows = sqlx::query!(
        r#"SELECT i.account_id, i.channel_type AS "channel_type: ChannelType", i.identifier, c.id, c.name, c.phone,
                  c.email
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS w (account_id, channel_type, identifier)
           JOIN contact_identifiers i USING (account_id, channel_type, identifier)
           JOIN contacts c ON c.id = i.contact_id"#,
        &accounts,
        &types as &[&str],
        &identifiers as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                (AccountId(row.account_id), row.channel_type, row.identifier),
                ContactBrief { id: ContactId(row.id), name: row.name, phone: row.phone, email: row.email },
            )
        })
        .collect())
}

/// A phone number is one person on every channel that uses phone numbers.
fn phone_of(channel_type: ChannelType, identifier: &str) -> Option<&str> {
    let is_phone = matches!(channel_type, ChannelType::Sms | ChannelType::Smpp | ChannelType::Whatsapp)
        && identifier.starts_with('+')
        && identifier.len() <= 20;
    is_phone.then_some(identifier)
}

async fn find_by_phone(
    tx: &mut Tx,
    addresses: impl Iterator<Item = &Address>,
) -> Outcome<HashMap<(AccountId, String), ContactBrief>> {
    let (mut accounts, mut phones) = (Vec::new(), Vec::new());
    for (account, channel_type, identifier) in addresses {
        if let Some(phone) = phone_of(*channel_type, identifier) {
            accounts.push(account.uuid());
            phones.push(phone);
        }
    }
    if phones.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT c.account_id, c.id, c.name, c.phone AS "phone!", c.email
           FROM unnest($1::uuid[], $2::text[]) AS w (account_id, phone) JOIN contacts c USING (account_id, phone)"#,
        &accounts,
        &phones as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let brief = ContactBrief {
                id: ContactId(row.id),
                name: row.name,
                phone: Some(row.phone.clone()),
                email: row.email,
            };
            ((AccountId(row.account_id), row.phone), brief)
        })
        .collect())
}

/// An e-mail address as contacts have it.
fn email_of(channel_type: ChannelType, identifier: &str) -> Option<&str> {
    (channel_type == ChannelType::Email && crate::check::is_email(identifier)).then_some(identifier)
}

async fn find_by_email(
    tx: &mut Tx,
    addresses: impl Iterator<Item = &Address>,
) -> Outcome<HashMap<(AccountId, String), ContactBrief>> {
    let (accounts, emails): (Vec<Uuid>, Vec<&str>) = addresses
        .filter_map(|(account, of_type, text)| Some((account.uuid(), email_of(*of_type, text)?)))
        .unzip();
    if emails.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT c.account_id, w.email AS "wanted!", c.id, c.name, c.phone, c.email
           FROM unnest($1::uuid[], $2::text[]) AS w (account_id, email)
           JOIN contacts c ON c.account_id = w.account_id AND lower(c.email) = w.email"#,
        &accounts,
        &emails as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let brief =
                ContactBrief { id: ContactId(row.id), name: row.name, phone: row.phone, email: row.email };
            ((AccountId(row.account_id), row.wanted), brief)
        })
        .collect())
}

async fn make(
    tx: &mut Tx,
    missing: &[(&Address, &InboundItem)],
    known_by_address: &HashMap<(AccountId, String), ContactBrief>,
    known_by_alias: &HashMap<&Address, &ContactBrief>,
    found: &mut HashMap<Address, ContactBrief>,
    now: Time,
) -> Outcome<()> {
    let (mut ids, mut accounts, mut names, mut phones, mut emails, mut sources, mut languages) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut row_ids, mut row_accounts, mut row_contacts, mut types, mut identifiers, mut displays) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // two channel types may bring the same unknown number in one batch
    let mut made_by_address: HashMap<(AccountId, String), ContactBrief> = HashMap::new();
    for (address, item) in missing {
        let (account, channel_type, identifier) = address;
        let phone = phone_of(*channel_type, identifier);
        let email = email_of(*channel_type, identifier);
        let by_address = phone.or(email).map(|address| (*account, address.to_owned()));
        let known = known_by_alias.get(*address).copied();
        let known = known
            .or_else(|| {
                by_address
                    .as_ref()
                    .and_then(|key| known_by_address.get(key).or_else(|| made_by_address.get(key)))
            })
            .cloned();
        let contact = known.unwrap_or_else(|| {
            let brief = ContactBrief {
                id: ContactId::new(),
                name: name_of(item),
                phone: phone.map(str::to_owned),
                email: email.map(str::to_owned),
            };
            ids.push(brief.id.uuid());
            accounts.push(account.uuid());
            names.push(brief.name.clone());
            phones.push(brief.phone.clone());
            emails.push(brief.email.clone());
            sources.push(channel_type.as_str());
            languages.push(item.language_hint.clone().map(|hint| hint.chars().take(10).collect::<String>()));
            if let Some(key) = by_address {
                made_by_address.insert(key, brief.clone());
            }
            brief
        });
        row_ids.push(IdentifierId::new().uuid());
        row_accounts.push(account.uuid());
        row_contacts.push(contact.id.uuid());
        types.push(channel_type.as_str());
        identifiers.push(identifier.as_str());
        displays.push(item.display_name.clone());
        found.insert((*address).clone(), contact);
    }
    let made = sqlx::query_scalar!(
        r#"WITH new AS (
               INSERT INTO contacts (id, account_id, name, phone, email, metadata, preferred_language, created_at,
                                     updated_at)
               SELECT id, account_id, left(name, 255), phone, email, jsonb_build_object('source_channel', source), language,
                      $7, $7
               FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $14::text[], $5::text[], $6::text[])
                   AS n (id, account_id, name, phone, email, source, language)
               ON CONFLICT DO NOTHING RETURNING id
           ), identified AS (
               INSERT INTO contact_identifiers (id, account_id, contact_id, channel_type, identifier, display_name,
                                                created_at, updated_at)
               SELECT id, account_id, contact_id, channel_type, identifier, left(display_name, 255), $7, $7
               FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::text[])
                   AS i (id, account_id, contact_id, channel_type, identifier, display_name)
               ON CONFLICT DO NOTHING RETURNING id
           )
           SELECT (SELECT count(*) FROM new) + (SELECT count(*) FROM identified) AS "made!""#,
        &ids,
        &accounts,
        &names,
        &phones as &[Option<String>],
        &sources as &[&str],
        &languages as &[Option<String>],
        now,
        &row_ids,
        &row_accounts,
        &row_contacts as &[Uuid],
        &types as &[&str],
        &identifiers as &[&str],
        &displays as &[Option<String>],
        &emails as &[Option<String>],
    )
    .fetch_one(&mut **tx)
    .await?;
    // someone else met the same stranger at the same moment: run again and find what they made
    if made == (ids.len() + row_ids.len()) as i64 { Ok(()) } else { Err(Fault::RunAgain) }
}

/// Notes identifiers that were told beside the sender's and belong to nobody yet.
async fn link(
    tx: &mut Tx,
    aliases: &[(Address, &Address)],
    known: &HashMap<Address, ContactBrief>,
    found: &HashMap<Address, ContactBrief>,
    now: Time,
) -> Outcome<()> {
    let mut new: Vec<(&Address, ContactId)> = aliases
        .iter()
        .filter(|(alias, _)| !known.contains_key(alias))
        .filter_map(|(alias, address)| Some((alias, found.get(*address)?.id)))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    new.sort_by(|a, b| a.0.cmp(b.0));
    let ids: Vec<Uuid> = new.iter().map(|_| IdentifierId::new().uuid()).collect();
    let accounts: Vec<Uuid> = new.iter().map(|(alias, _)| alias.0.uuid()).collect();
    let contacts: Vec<Uuid> = new.iter().map(|(_, contact)| contact.uuid()).collect();
    let types: Vec<&str> = new.iter().map(|(alias, _)| alias.1.as_str()).collect();
    let identifiers: Vec<&str> = new.iter().map(|(alias, _)| alias.2.as_str()).collect();
    sqlx::query!(
        "INSERT INTO contact_identifiers (id, account_id, contact_id, channel_type, identifier, created_at, updated_at)
         SELECT id, account_id, contact_id, channel_type, identifier, $6, $6
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
             AS i (id, account_id, contact_id, channel_type, identifier)
         ON CONFLICT DO NOTHING",
        &ids,
        &accounts,
        &contacts,
        &types as &[&str],
        &identifiers as &[&str],
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// For senders on channels where one person has several identifiers: the others, under which a conversation may
/// have begun. Keyed by the thread that the item names.
pub(super) async fn other_names(
    tx: &mut Tx,
    items: &[(AccountId, InboundItem)],
    found: &HashMap<Address, ContactBrief>,
) -> Outcome<HashMap<(ChannelId, String), Vec<String>>> {
    let private =
        |item: &InboundItem| item.channel_type == ChannelType::Whatsapp && item.thread_key == item.sender;
    let of_item = |account: AccountId, item: &InboundItem| {
        found.get(&(account, item.channel_type, item.sender.clone())).map(|contact| contact.id.uuid())
    };
    let contacts: Vec<Uuid> = items
        .iter()
        .filter(|(_, item)| private(item))
        .filter_map(|(account, item)| of_item(*account, item))
        .collect();
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        "SELECT contact_id, identifier FROM contact_identifiers
         WHERE contact_id = ANY ($1) AND channel_type = 'whatsapp'",
        &contacts,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut names = HashMap::new();
    for (account, item) in items.iter().filter(|(_, item)| private(item)) {
        let contact = of_item(*account, item);
        let others: Vec<String> = rows
            .iter()
            .filter(|row| Some(row.contact_id) == contact && row.identifier != item.sender)
            .map(|row| row.identifier.clone())
            .collect();
        if !others.is_empty() {
            names.insert((item.channel_id, item.thread_key.clone()), others);
        }
    }
    Ok(names)
}

fn name_of(item: &InboundItem) -> String {
    match item.display_name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ if item.channel_type == ChannelType::Webchat => "Visitor".to_owned(),
        _ => item.sender.clone(),
    }
}

/// The contact behind an address that we write to first.
pub(crate) async fn contact_of_address(
    tx: &mut Tx,
    account: AccountId,
    channel_type: ChannelType,
    channel_id: ChannelId,
    address: &str,
    now: Time,
) -> Outcome<ContactBrief> {
    let item = InboundItem {
        kind: InboundKind::Message,
        channel_id,
        channel_type,
        external_id: String::new(),
        sender: address.to_owned(),
        aliases: Vec::new(),
        thread_key: address.to_owned(),
        display_name: None,
        text: String::new(),
        attachments: Vec::new(),
        reply_to_external_id: None,
        at: now,
        metadata: serde_json::Value::Null,
        language_hint: None,
        references: Vec::new(),
        trace_id: None,
    };
    let found = find_or_make(tx, &[(account, item)], now).await?;
    found.into_values().next().ok_or_else(|| Fault::Refused(model::Error::not_found("contact")))
}
