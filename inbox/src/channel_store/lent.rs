//! What a provider has lent a channel for a while, sealed beside its credentials. It is no change of the channel: its
//! version stays, and its session goes on.

use std::{pin::Pin, time::Duration};

use bus::lease::{self, Lease};
use model::{AccountId, ChannelId, Error, Eventually, Lent, NodeId, Turn};
use serde_json::Value;

use crate::Inbox;

fn place(channel: ChannelId) -> String {
    format!("channel:{channel}:lent")
}

fn turn_of(channel: ChannelId) -> String {
    format!("lent:{channel}")
}

impl Lent for Inbox {
    fn lent(&self, account: AccountId, channel: ChannelId) -> Eventually<'_, Option<Value>> {
        Box::pin(async move {
            let sealed = self
                .store()
                .write(account, |mut tx| async move {
                    // not from a replica: another hub may have stored it a moment ago
                    Ok(sqlx::query_scalar!(
                        "SELECT lent_sealed FROM channels WHERE id = $1 AND account_id = $2",
                        channel.uuid(),
                        account.uuid(),
                    )
                    .fetch_optional(&mut *tx)
                    .await?)
                })
                .await
                .map_err(Error::from)?;
            let Some(sealed) = sealed.flatten() else { return Ok(None) };
            let plain = self.secrets().open(&place(channel), &sealed)?;
            Ok(serde_json::from_slice(&plain).ok())
        })
    }

    fn lend(&self, account: AccountId, channel: ChannelId, lent: Value) -> Eventually<'_, ()> {
        Box::pin(async move {
            let plain = zeroize::Zeroizing::new(serde_json::to_vec(&lent).map_err(Error::internal)?);
            let sealed = self.secrets().seal(&place(channel), &plain)?;
            let sealed = &sealed;
            self.store()
                .write(account, |mut tx| async move {
                    sqlx::query!(
                        "UPDATE channels SET lent_sealed = $3 WHERE id = $1 AND account_id = $2",
                        channel.uuid(),
                        account.uuid(),
                        sealed,
                    )
                    .execute(&mut *tx)
                    .await?;
                    Ok(())
                })
                .await
                .map_err(Error::from)
        })
    }

    fn begin(&self, channel: ChannelId, length: Duration) -> Eventually<'_, Option<Turn>> {
        Box::pin(async move {
            let holder = NodeId::new();
            let lease = lease::take(self.store(), &turn_of(channel), holder, length).await?;
            Ok(lease.map(|lease| Turn { holder, token: lease.token }))
        })
    }

    fn end(&self, channel: ChannelId, turn: Turn) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let lease = Lease { name: turn_of(channel), token: turn.token };
            if let Err(fault) = lease::release(self.store(), &lease, turn.holder).await {
                tracing::debug!(%fault, "the turn ends by itself");
            }
        })
    }
}
