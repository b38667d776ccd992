//! How long the queue is, told to agents at most twice a second, and to each waiting customer their
//! place in it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bus::{
    LogEntry,
    live::{Volatile, VolatileTo},
};
use inbox::agents::QueueView;
use model::{AccountId, ConversationId, Error, Event, Result};

use super::{
    customers::CustomerSession,
    entry::LogKey,
    events::{QueuePosition, QueueUpdate},
    hub::Hub,
    volatile,
};

/// The queue as it was at most this long ago: those who come at once ask once. Whoever is told an older state
/// than the present one hears of that with the next [`tell`].
pub const FRESH: Duration = Duration::from_millis(500);

/// The queue, for whoever comes.
pub async fn view(hub: &Hub, account: AccountId) -> Result<QueueView> {
    let counted = hub.queue_views.try_get_with(account, inbox::agents::queue(&hub.inbox, account)).await;
    counted.map_err(|fault| Error::unavailable(format!("the queue could not be counted: {fault}")))
}

/// Notes the accounts whose queue may have changed.
pub fn note(hub: &Hub, entries: &[LogEntry]) {
    let mut touched = entries
        .iter()
        .filter(|entry| {
            matches!(
                *entry.event,
                Event::ConversationCreated { .. }
                    | Event::MessageCreated { .. }
                    | Event::ConversationUpdated { .. }
            )
        })
        .map(|entry| entry.account_id)
        .peekable();
    if touched.peek().is_some() {
        hub.queues.lock().extend(touched);
    }
}

/// Tells of the queues that may have changed since the last call.
pub async fn tell(hub: &Arc<Hub>) {
    let touched = std::mem::take(&mut *hub.queues.lock());
    if touched.is_empty() {
        return;
    }
    let mut waiting: HashMap<AccountId, Vec<Arc<CustomerSession>>> = HashMap::new();
    for session in &hub.customers {
        if touched.contains(&session.account_id()) {
            waiting.entry(session.account_id()).or_default().push(Arc::clone(&session));
        }
    }
    for account in touched {
        let watched = hub.logs.get(LogKey::Feed(account)).is_some_and(|log| !log.listeners().is_empty());
        if watched {
            match inbox::agents::queue(&hub.inbox, account).await {
                // each node counts for its own clients
                Ok(queue) => {
                    hub.queue_views.insert(account, queue.clone()).await;
                    volatile::deliver(hub, &Volatile::new(account, VolatileTo::Agents, &QueueUpdate(queue)));
                }
                Err(fault) => tracing::debug!(%fault, "the queue could not be counted"),
            }
        }
        if let Some(sessions) = waiting.remove(&account) {
            tell_places(hub, account, &sessions).await;
        }
    }
}

async fn tell_places(hub: &Hub, account: AccountId, sessions: &[Arc<CustomerSession>]) {
    let of: Vec<(ConversationId, &Arc<CustomerSession>)> = sessions
        .iter()
        .filter_map(|session| Some((session.connection.threads().first()?.0, session)))
        .collect();
    let ids: Vec<ConversationId> = of.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return;
    }
    let places: HashMap<ConversationId, i64> =
        match inbox::agents::queue_positions(&hub.inbox, account, &ids).await {
            Ok(places) => places.into_iter().collect(),
            Err(fault) => {
                tracing::debug!(%fault, "places in the queue could not be read");
                return;
            }
        };
    for (conversation, session) in of {
        let place = places.get(&conversation).copied();
        if session.place_is_news(place)
            && let Some(position) = place
        {
            let told = QueuePosition {
                account_id: account,
                conversation_id: conversation,
                position,
                estimate_s: None,
            };
            session.connection.hint(&told, Some(conversation.uuid()));
        }
    }
}
