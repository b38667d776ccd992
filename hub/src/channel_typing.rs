//! Agents' typing, passed on to customers whose provider can show it. Lost without harm: nothing waits for it.

use std::{sync::Arc, time::Duration};

use bus::{
    Live,
    live::{Pushed, Volatile, VolatileTo},
};
use channels::{ChannelConfig, Context, SandboxSwitch};
use inbox::{Inbox, channel_store::by_id_unscoped};
use model::{ChannelId, ChannelType, wire::ServerEvent};
use outbound::Client;
use tokio::sync::{Semaphore, broadcast::error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::realtime::TypingEvent;

/// Calls at a time; what comes beyond is not told.
const AT_ONCE: usize = 8;
/// Later it would be about the past.
const PATIENCE: Duration = Duration::from_secs(3);

/// Passes typing on.
#[derive(Clone)]
pub struct ChannelTyping {
    pub inbox: Inbox,
    pub http: Client,
    pub sandbox: SandboxSwitch,
}

impl ChannelTyping {
    /// Runs until cancelled.
    pub async fn run(self, live: Arc<dyn Live>, stop: CancellationToken) {
        let mut pushed = live.subscribe();
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => return,
                event = pushed.recv() => event,
            };
            let volatile = match event {
                // of another node's agents that node tells
                Ok(Pushed::Volatile(volatile))
                    if !volatile.is_from_elsewhere && is_agents_typing(&volatile) =>
                {
                    volatile
                }
                Err(RecvError::Closed) => return,
                _ => continue,
            };
            let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { continue };
            let this = self.clone();
            tokio::spawn(async move {
                let _held = permit;
                if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, this.tell(&volatile)).await {
                    tracing::debug!(%error, "typing was not passed on");
                }
            });
        }
    }

    async fn tell(&self, volatile: &Volatile) -> anyhow::Result<()> {
        let VolatileTo::Thread { conversation_id, .. } = volatile.to else { return Ok(()) };
        let account = volatile.account_id;
        let found = self
            .inbox
            .store()
            .read(account, |mut tx| async move {
                Ok(sqlx::query!(
                    r#"SELECT channel_id, channel_type AS "channel_type: ChannelType", contact_identifier, thread_key
                       FROM conversations WHERE id = $1 AND account_id = $2"#,
                    conversation_id.uuid(),
                    account.uuid(),
                )
                .fetch_optional(&mut *tx)
                .await?)
            })
            .await
            .map_err(model::Error::from)?;
        // visitors of web chat see it on their own socket
        let Some(row) = found.filter(|row| row.channel_type != ChannelType::Webchat) else { return Ok(()) };
        let handle = by_id_unscoped(&self.inbox, ChannelId(row.channel_id)).await?;
        let Some(handle) = handle.filter(|handle| handle.is_enabled) else { return Ok(()) };
        let Some(adapter) = channels::registry().get(handle.channel_type, &handle.provider) else {
            return Ok(());
        };
        let config = Arc::new(ChannelConfig::from(handle.facts()));
        let clock = Arc::clone(self.inbox.clock());
        let context = Context::new(self.http.clone(), config, adapter.profile(), clock, self.sandbox.clone())
            .within(PATIENCE);
        adapter.show_typing(&context, &row.contact_identifier, &row.thread_key).await?;
        Ok(())
    }
}

fn is_agents_typing(volatile: &Volatile) -> bool {
    volatile.name == TypingEvent::NAME
        && volatile.payload["typing"] == true
        && volatile.payload["sender_type"] == "agent"
}
