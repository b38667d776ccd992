//! Which conversation a message belongs to, where its provider has no threads of its own: an e-mail names the mails before
//! it, and one of them is known here.

use std::collections::HashMap;

use bus::{Outcome, Tx};
use model::AccountId;
use uuid::Uuid;

use super::InboundItem;

/// Gives each item that refers to earlier messages the thread of the nearest one that is known, in one statement. It
/// counts whoever wrote: the answer of a colleague of the customer belongs to the same conversation.
pub(super) async fn resolve(tx: &mut Tx, items: &mut [(AccountId, InboundItem)]) -> Outcome<()> {
    let (mut numbers, mut accounts, mut channels, mut ids, mut own, mut ranks) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, (account, item)) in items.iter().enumerate() {
        for (rank, reference) in item.references.iter().enumerate() {
            numbers.push(number as i32);
            accounts.push(account.uuid());
            channels.push(item.channel_id.uuid());
            own.push(reference.strip_prefix("message:").and_then(|id| Uuid::parse_str(id).ok()));
            ids.push(reference.as_str());
            ranks.push(rank as i32);
        }
    }
    if numbers.is_empty() {
        return Ok(());
    }
    let found = sqlx::query!(
        r#"SELECT DISTINCT ON (r.n) r.n AS "n!", c.thread_key AS "thread_key!"
           FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::int[])
                AS r (n, account_id, channel_id, provider_message_id, own_id, rank)
           CROSS JOIN LATERAL (
               SELECT r.own_id AS message_id WHERE r.own_id IS NOT NULL
               UNION ALL
               SELECT p.message_id FROM provider_ids p
               WHERE p.channel_id = r.channel_id AND p.direction IN ('inbound', 'outbound')
                 AND p.provider_message_id = r.provider_message_id AND p.message_id IS NOT NULL
           ) k
           JOIN messages m ON m.id = k.message_id AND m.account_id = r.account_id
           JOIN conversations c ON c.id = m.conversation_id AND c.channel_id = r.channel_id
           ORDER BY r.n, r.rank"#,
        &numbers,
        &accounts,
        &channels,
        &ids as &[&str],
        &own as &[Option<Uuid>],
        &ranks,
    )
    .fetch_all(&mut **tx)
    .await?;
    let found: HashMap<usize, String> =
        found.into_iter().map(|row| (row.n as usize, row.thread_key)).collect();
    for (number, thread_key) in found {
        if let Some((_, item)) = items.get_mut(number) {
            item.thread_key = thread_key;
        }
    }
    Ok(())
}
