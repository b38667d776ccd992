//! One transaction for a batch of bodies: the journal's rows, the mailbox items, the receipts.

use std::collections::HashSet;

use bus::{
    Fault, Outcome, Scope, Tx,
    mailbox::{self, BoxName, NewItem},
};
use model::{AccountId, Time};
use serde_json::Value;
use uuid::Uuid;

use super::{Accepted, Reading};
use crate::{Inbox, receipts};

/// When what follows from bodies is handled.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// Its place is by the time of reception, before what came later and was stored sooner: it was spooled.
    pub by_reception: bool,
    /// Not earlier: another hub may still have to store what came before.
    pub not_before: Option<Time>,
}

/// Writes the batch in statements over sets. A body whose id is stored already changes nothing, so the
/// same batch may be written again after an unknown outcome. Returns whether receipts were noted. `turn` is asked
/// within the transaction.
pub(super) async fn write(
    inbox: &Inbox,
    bodies: &[&Accepted],
    turn: &(dyn Fn() -> Turn + Sync),
) -> Outcome<bool> {
    let accounts: HashSet<AccountId> = bodies.iter().map(|body| body.account_id).collect();
    let scope = Scope::Accounts(accounts.into_iter().collect());
    inbox
        .store()
        .write(scope, |mut tx| async move {
            let turn = turn();
            let fresh = insert(&mut tx, bodies).await?;
            let fresh: Vec<&Accepted> =
                bodies.iter().copied().filter(|body| fresh.contains(&body.id.uuid())).collect();
            follow(inbox, &mut tx, &fresh, turn).await
        })
        .await
}

/// Writes what follows from bodies: mailbox items and receipts. Returns whether there were receipts.
pub(super) async fn follow(inbox: &Inbox, tx: &mut Tx, bodies: &[&Accepted], turn: Turn) -> Outcome<bool> {
    let mut items = Vec::new();
    let mut noted = Vec::new();
    for body in bodies {
        let Reading::Accepted { items: understood, receipts } = &body.reading else { continue };
        for item in understood {
            let payload =
                serde_json::to_value(item).map_err(|error| Fault::Refused(model::Error::internal(error)))?;
            items.push(NewItem {
                key: item.key(body.account_id),
                ref_id: body.id.uuid(),
                payload: Some(without_nul(payload)),
                since: turn.by_reception.then_some(body.received_at),
                not_before: turn.not_before,
            });
        }
        noted.extend(receipts.iter().map(|receipt| (body.account_id, body.channel_id, receipt)));
    }
    mailbox::put(tx, BoxName::Inbound, &items).await?;
    receipts::note(tx, &noted, inbox.now()).await?;
    Ok(!noted.is_empty())
}

async fn insert(tx: &mut Tx, bodies: &[&Accepted]) -> Outcome<HashSet<Uuid>> {
    let ids: Vec<Uuid> = bodies.iter().map(|body| body.id.uuid()).collect();
    let accounts: Vec<Uuid> = bodies.iter().map(|body| body.account_id.uuid()).collect();
    let channels: Vec<Uuid> = bodies.iter().map(|body| body.channel_id.uuid()).collect();
    let sources: Vec<&str> = bodies.iter().map(|body| body.source.as_str()).collect();
    let times: Vec<Time> = bodies.iter().map(|body| body.received_at).collect();
    let types: Vec<Option<String>> = bodies.iter().map(|body| clean(body.content_type.as_deref())).collect();
    let headers: Vec<Value> = bodies.iter().map(|body| without_nul(body.headers.clone())).collect();
    let contents: Vec<&[u8]> = bodies.iter().map(|body| &body.body[..]).collect();
    let states: Vec<&str> = bodies
        .iter()
        .map(|body| match body.reading {
            Reading::Accepted { .. } => "accepted",
            Reading::Ignored { .. } => "ignored",
            Reading::Parked { .. } => "parked",
        })
        .collect();
    let reasons: Vec<Option<String>> = bodies
        .iter()
        .map(|body| match &body.reading {
            Reading::Accepted { .. } => None,
            Reading::Ignored { reason } | Reading::Parked { reason } => clean(Some(reason)),
        })
        .collect();
    let methods: Vec<&str> = bodies.iter().map(|body| body.method.as_str()).collect();
    let queries: Vec<Option<String>> = bodies.iter().map(|body| clean(body.query.as_deref())).collect();
    let counts: Vec<i32> = bodies
        .iter()
        .map(|body| match &body.reading {
            Reading::Accepted { items, receipts } => (items.len() + receipts.len()) as i32,
            _ => 0,
        })
        .collect();
    let stored = sqlx::query_scalar!(
        "INSERT INTO webhook_journal (id, account_id, channel_id, source, received_at, content_type, headers,
                                      body, state, reason, events, method, query)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[],
                              $7::jsonb[], $8::bytea[], $9::text[], $10::text[], $11::int[], $12::text[],
                              $13::text[])
         ON CONFLICT (id) DO NOTHING RETURNING id",
        &ids,
        &accounts,
        &channels,
        &sources as &[&str],
        &times,
        &types as &[Option<String>],
        &headers,
        &contents as &[&[u8]],
        &states as &[&str],
        &reasons as &[Option<String>],
        &counts,
        &methods as &[&str],
        &queries as &[Option<String>],
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(stored.into_iter().collect())
}

fn clean(text: Option<&str>) -> Option<String> {
    text.map(|text| text.replace('\0', "\u{fffd}"))
}

/// PostgreSQL's text cannot hold U+0000; what a customer sends may.
pub(crate) fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(values) => Value::Array(values.into_iter().map(without_nul).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name.replace('\0', "\u{fffd}"), without_nul(value)))
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::without_nul;

    #[test]
    fn nul_is_replaced_wherever_it_stands() {
        let value = json!({"a\u{0}": ["x\u{0}y", {"b": "\u{0}"}], "n": 1});
        assert_eq!(without_nul(value), json!({"a\u{fffd}": ["x\u{fffd}y", {"b": "\u{fffd}"}], "n": 1}));
    }
}
