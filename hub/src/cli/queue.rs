//! Work that was given up: what waits, and putting it back.

use bus::{DbQueue, Queue, mailbox};
use inbox::{Inbox, journal};
use model::{JournalId, Time};
use serde::Serialize;
use serde_json::{Value, json};

use super::args::QueueCommand;

/// The queue of bodies that nobody could read, and of those whose channel was switched off.
const BODIES: &str = "webhooks";

/// What an id stands for: `job-12`, `item-34`, `body-0198…`.
enum Parked {
    Job(i64),
    Item(i64),
    Body(JournalId),
}

impl Parked {
    fn named(id: &str) -> anyhow::Result<Self> {
        let parsed = id.split_once('-').and_then(|(kind, rest)| match kind {
            "job" => rest.parse().ok().map(Self::Job),
            "item" => rest.parse().ok().map(Self::Item),
            "body" => rest.parse().ok().map(Self::Body),
            _ => None,
        });
        parsed.ok_or_else(|| {
            anyhow::anyhow!("{id:?} is no id of parked work; they look like job-12, item-34 or body-01a2…")
        })
    }
}

pub(super) async fn run(inbox: &Inbox, command: QueueCommand) -> anyhow::Result<Value> {
    match command {
        QueueCommand::Parked { queue, limit } => {
            Ok(Value::Array(parked(inbox, queue.as_deref(), limit.into()).await?))
        }
        QueueCommand::Requeue { ids, queue, all } => {
            let ids = if all || queue.is_some() {
                let waiting = parked(inbox, queue.as_deref(), 1_000_000).await?;
                waiting.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
            } else {
                ids
            };
            requeue(inbox, &ids).await
        }
    }
}

/// Jobs, items of mailboxes and bodies that were given up, newest first; ids say which they are.
async fn parked(inbox: &Inbox, only: Option<&str>, limit: i64) -> anyhow::Result<Vec<Value>> {
    let mut found: Vec<(Time, Value)> = Vec::new();
    // those of one queue may lie behind any number of others
    let reach = if only.is_some() { 1_000_000 } else { limit };
    for job in DbQueue::new(inbox.store().clone()).parked(reach).await? {
        found.push((job.parked_at, shown(&job, format!("job-{}", job.id), &job.topic)?));
    }
    for item in mailbox::parked(inbox.store(), reach).await? {
        found.push((item.parked_at, shown(&item, format!("item-{}", item.id), &item.box_name)?));
    }
    for body in journal::parked::list(inbox, reach).await? {
        found.push((body.parked_at, shown(&body, format!("body-{}", body.id), BODIES)?));
    }
    found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let wanted = |shown: &Value| only.is_none_or(|only| shown["queue"] == only);
    let shown = found.into_iter().map(|(_, shown)| shown).filter(wanted);
    Ok(shown.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
}

fn shown(work: &impl Serialize, id: String, queue: &str) -> anyhow::Result<Value> {
    let mut shown = serde_json::to_value(work)?;
    shown["id"] = json!(id);
    shown["queue"] = json!(queue);
    Ok(shown)
}

/// Puts work back. A body that still cannot be read stays where it is, and says why.
async fn requeue(inbox: &Inbox, ids: &[String]) -> anyhow::Result<Value> {
    let (mut jobs, mut items, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        match Parked::named(id)? {
            Parked::Job(n) => jobs.push(n),
            Parked::Item(n) => items.push(n),
            Parked::Body(id) => bodies.push(id),
        }
    }
    let mut count = 0;
    // an empty list would mean all of them
    if !jobs.is_empty() {
        count += DbQueue::new(inbox.store().clone()).requeue(&jobs).await?;
    }
    if !items.is_empty() {
        count += mailbox::requeue(inbox.store(), &items).await?;
    }
    // in the order in which they came
    bodies.sort_by_key(|id| id.uuid());
    let mut left = Vec::new();
    for id in bodies {
        match webhooks::read_again(inbox, id).await {
            Ok(()) => count += 1,
            Err(error) => left.push(json!({ "id": format!("body-{id}"), "reason": error.to_string() })),
        }
    }
    Ok(json!({ "requeued": count, "left": left }))
}
