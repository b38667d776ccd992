//! By which channel and at which address somebody is reached.

use std::collections::{HashMap, HashSet};

use bus::{Outcome, Tx};
use model::{AccountId, ChannelId, ChannelType};
use uuid::Uuid;

use super::source::Someone;
use crate::{check, suppressions};

/// A channel that may be used.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub channel_id: ChannelId,
    pub channel_type: ChannelType,
    pub default_country: Option<String>,
}

/// Where a message goes, or why it goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    To { channel_id: ChannelId, address: String },
    Nowhere(&'static str),
}

/// The channel that was asked for, or all that preferences may choose from, best first.
pub(super) async fn ways(tx: &mut Tx, account: AccountId, only: Option<ChannelId>) -> Outcome<Vec<Way>> {
    let rows = sqlx::query!(
        r#"SELECT id, channel_type AS "channel_type: ChannelType", default_country_code FROM channels
           WHERE account_id = $1 AND is_enabled AND channel_type <> 'webchat' AND ($2::uuid IS NULL OR id = $2)
           ORDER BY priority DESC, created_at, id"#,
        account.uuid(),
        only.map(ChannelId::uuid),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Way {
            channel_id: ChannelId(row.id),
            channel_type: row.channel_type,
            default_country: row.default_country_code,
        })
        .collect())
}

/// Finds each one's way; one answer for each, in their order.
pub(super) async fn find(
    tx: &mut Tx,
    account: AccountId,
    ways: &[Way],
    people: &[Someone],
) -> Outcome<Vec<Route>> {
    let contacts: Vec<Uuid> = people.iter().filter_map(|one| one.contact_id).collect();
    let types: HashSet<&str> = ways.iter().map(|way| way.channel_type.as_str()).collect();
    let types: Vec<&str> = types.into_iter().collect();
    let rows = sqlx::query!(
        r#"SELECT contact_id, channel_type AS "channel_type: ChannelType", identifier FROM contact_identifiers
           WHERE contact_id = ANY ($1) AND channel_type = ANY ($2) ORDER BY updated_at, id"#,
        &contacts,
        &types as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    // the one used last wins
    let known: HashMap<(Uuid, ChannelType), String> =
        rows.into_iter().map(|row| ((row.contact_id, row.channel_type), row.identifier)).collect();
    let options: Vec<Vec<(usize, String)>> = people.iter().map(|one| addresses(one, ways, &known)).collect();
    let suppressed = suppressed(tx, account, ways, &options).await?;
    let choose = |(one, options): (&Someone, &Vec<(usize, String)>)| {
        if !one.is_active {
            return Route::Nowhere("inactive");
        }
        if options.is_empty() {
            return Route::Nowhere("no_address");
        }
        let open = options.iter().find(|(way, address)| !suppressed.holds(&ways[*way], address));
        match open {
            Some((way, address)) => Route::To { channel_id: ways[*way].channel_id, address: address.clone() },
            None => Route::Nowhere("suppressed"),
        }
    };
    Ok(people.iter().zip(&options).map(choose).collect())
}

/// One's addresses with the ways to them; a preferred type comes first, and then nothing else of another
/// type when the customer said STOP there: a preference is no reason to go around it.
fn addresses(
    one: &Someone,
    ways: &[Way],
    known: &HashMap<(Uuid, ChannelType), String>,
) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> =
        ways.iter().enumerate().filter_map(|(index, way)| Some((index, address(one, way, known)?))).collect();
    found.sort_by_key(|(index, _)| Some(ways[*index].channel_type) != one.preferred);
    // the best channel only: somebody who is suppressed there is not tried elsewhere
    found.truncate(1);
    found
}

fn address(one: &Someone, way: &Way, known: &HashMap<(Uuid, ChannelType), String>) -> Option<String> {
    let identifier = one.contact_id.and_then(|id| known.get(&(id, way.channel_type)).cloned());
    let phone = || check::phone_in(one.phone.as_deref()?, way.default_country.as_deref());
    let chat_id = |key: &str| {
        let value = one.metadata.get(key)?;
        value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|id| id.to_string()))
    };
    let found = match way.channel_type {
        ChannelType::Sms | ChannelType::Smpp | ChannelType::Whatsapp => {
            let own = if one.is_person { phone() } else { None };
            own.or(identifier).or_else(phone)
        }
        ChannelType::Email => {
            let own = if one.is_person { one.email.clone() } else { None };
            own.or(identifier).or_else(|| one.email.clone())
        }
        ChannelType::Telegram => identifier.or_else(|| chat_id("telegram_chat_id")),
        ChannelType::Messenger => identifier.or_else(|| chat_id("messenger_chat_id")),
        ChannelType::Webchat => None,
    };
    found
        .map(|address| suppressions::form(way.channel_type, &address))
        .filter(|address| !address.is_empty() && address.chars().count() <= 255)
}

/// Addresses that get nothing.
pub(super) struct Suppressed(HashSet<(ChannelType, Option<Uuid>, String)>);

impl Suppressed {
    pub(super) fn holds(&self, way: &Way, address: &str) -> bool {
        // texts are texts, whichever way they go
        let types: &[ChannelType] = match way.channel_type {
            ChannelType::Sms | ChannelType::Smpp => &[ChannelType::Sms, ChannelType::Smpp],
            ref other => std::slice::from_ref(other),
        };
        types.iter().any(|of_type| {
            [None, Some(way.channel_id.uuid())]
                .into_iter()
                .any(|channel| self.0.contains(&(*of_type, channel, address.to_owned())))
        })
    }
}

async fn suppressed(
    tx: &mut Tx,
    account: AccountId,
    ways: &[Way],
    options: &[Vec<(usize, String)>],
) -> Outcome<Suppressed> {
    let addresses: Vec<&str> = options.iter().flatten().map(|(_, address)| address.as_str()).collect();
    if ways.is_empty() || addresses.is_empty() {
        return Ok(Suppressed(HashSet::new()));
    }
    suppressed_among(tx, account, &addresses).await
}

/// Which of these addresses are suppressed.
pub(super) async fn suppressed_among(
    tx: &mut Tx,
    account: AccountId,
    addresses: &[&str],
) -> Outcome<Suppressed> {
    let rows = sqlx::query!(
        r#"SELECT channel_type AS "channel_type: ChannelType", channel_id, address FROM suppressions
           WHERE account_id = $1 AND address = ANY ($2)"#,
        account.uuid(),
        addresses as &[&str],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Suppressed(rows.into_iter().map(|row| (row.channel_type, row.channel_id, row.address)).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn way(channel_type: ChannelType) -> Way {
        Way { channel_id: ChannelId::new(), channel_type, default_country: Some("+251".into()) }
    }

    fn someone() -> Someone {
        Someone {
            contact_id: Some(Uuid::now_v7()),
            phone: Some("0911 234567".into()),
            email: Some("Abebe@Example.com".into()),
            metadata: json!({"telegram_chat_id": 77}),
            is_active: true,
            ..Someone::default()
        }
    }

    #[test]
    fn addresses_come_from_identifiers_then_fields_in_the_channels_form() {
        let one = someone();
        let contact = one.contact_id.unwrap();
        let none = HashMap::new();
        let of = |channel_type, known: &HashMap<_, _>| address(&one, &way(channel_type), known);
        assert_eq!(of(ChannelType::Sms, &none).as_deref(), Some("+251911234567"));
        assert_eq!(of(ChannelType::Email, &none).as_deref(), Some("abebe@example.com"));
        assert_eq!(of(ChannelType::Telegram, &none).as_deref(), Some("77"));
        assert_eq!(of(ChannelType::Messenger, &none), None);
        let known = HashMap::from([((contact, ChannelType::Sms), "+15551".to_owned())]);
        assert_eq!(of(ChannelType::Sms, &known).as_deref(), Some("+15551"));
    }

    #[test]
    fn the_preferred_channel_comes_first_and_no_other_is_tried() {
        let ways = [way(ChannelType::Sms), way(ChannelType::Email)];
        let mut one = someone();
        assert_eq!(addresses(&one, &ways, &HashMap::new())[0].0, 0);
        one.preferred = Some(ChannelType::Email);
        assert_eq!(addresses(&one, &ways, &HashMap::new()), [(1, "abebe@example.com".to_owned())]);
        one.preferred = Some(ChannelType::Messenger);
        assert_eq!(addresses(&one, &ways, &HashMap::new())[0].0, 0, "not reachable there");
    }

    #[test]
    fn stop_on_one_text_channel_type_holds_for_the_other_but_not_for_other_channels() {
        let (sms, smpp, other) = (way(ChannelType::Sms), way(ChannelType::Smpp), way(ChannelType::Sms));
        let all = Suppressed(HashSet::from([(ChannelType::Sms, None, "+1".to_owned())]));
        assert!(all.holds(&sms, "+1") && all.holds(&smpp, "+1") && !all.holds(&sms, "+2"));
        let one =
            Suppressed(HashSet::from([(ChannelType::Sms, Some(sms.channel_id.uuid()), "+1".to_owned())]));
        assert!(one.holds(&sms, "+1") && !one.holds(&other, "+1"));
    }
}
