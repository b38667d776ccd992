//! Readers of the feed hear of counts at most once a second; of a status at once, from whoever changes it.

use bus::{Outcome, Scope, Task};
use model::{AccountId, GroupMessageId};

use super::ledger;
use crate::Inbox;

/// Group messages of one tick.
const MOST: i64 = 500;

/// Tells of every group message whose counts have moved since it was last told of. Returns how many.
pub(super) async fn tick(inbox: &Inbox) -> Outcome<usize> {
    let moved = inbox
        .store()
        .read(Scope::System(Task::Mailbox), |mut tx| async move {
            Ok(sqlx::query!(
                "SELECT id, account_id FROM group_messages WHERE version <> told_version ORDER BY id LIMIT $1",
                MOST
            )
            .fetch_all(&mut *tx)
            .await?)
        })
        .await?;
    for row in &moved {
        let (account, id) = (AccountId(row.account_id), GroupMessageId(row.id));
        inbox
            .write(account, |mut unit| async move {
                let still = sqlx::query_scalar!(
                    "SELECT id FROM group_messages WHERE id = $1 AND account_id = $2 AND version <> told_version
                     FOR UPDATE SKIP LOCKED",
                    id.uuid(),
                    account.uuid(),
                )
                .fetch_optional(&mut **unit.tx())
                .await?;
                if still.is_some() {
                    ledger::tell(&mut unit, account, id).await?;
                }
                unit.commit(()).await
            })
            .await?;
    }
    Ok(moved.len())
}
