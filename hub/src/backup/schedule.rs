//! Backups by the clock, where the operator wants them.

use std::{path::Path, time::Duration};

use bus::lease;
use chrono::{DateTime, NaiveDateTime, Utc};
use model::NodeId;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Source, file_name, folder, make};

/// Between two looks at the folder.
const LOOK: Duration = Duration::from_secs(30);
/// How long a node that makes one may say nothing before another may begin.
const LEASE: Duration = Duration::from_mins(10);

/// Makes one whenever the newest in the folder is older than `backup.every`, and removes the oldest beyond
/// `backup.keep`. The folder is the memory: a restart changes nothing. Runs until cancelled.
pub async fn run(source: Source, node: NodeId, stop: CancellationToken) {
    if source.config.backup.every.is_zero() {
        return stop.cancelled().await;
    }
    let mut failures = 0;
    loop {
        if let Err(error) = round(&source, node, &stop).await {
            failures += 1;
            tracing::error!(
                error = format!("{error:#}"),
                failures,
                "no backup could be made; it is tried again"
            );
        } else {
            failures = 0;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn round(source: &Source, node: NodeId, stop: &CancellationToken) -> anyhow::Result<()> {
    let Source { inbox, config, .. } = source;
    let folder = folder(config);
    crate::boot::lock::make_private_dir(&folder)?;
    let now = inbox.now();
    let newest = made(&folder)?.pop().map(|(at, _)| at);
    let age = newest.map(|at| (now - at).to_std().unwrap_or_default());
    if age.is_some_and(|age| age < config.backup.every) {
        return Ok(());
    }
    let Some(held) = lease::take(inbox.store(), "backup", node, LEASE).await.map_err(model::Error::from)?
    else {
        return Ok(());
    };
    let done = kept(source, &folder, node, stop).await;
    let released = lease::release(inbox.store(), &held, node).await;
    let Some(report) = done? else { return Ok(()) };
    released.map_err(model::Error::from)?;
    tracing::info!(file = %report["file"], bytes = %report["bytes"], "backup made");
    let all = made(&folder)?;
    let superfluous = all.len().saturating_sub(config.backup.keep as usize);
    for (_, name) in all.into_iter().take(superfluous) {
        std::fs::remove_file(folder.join(&name))?;
        tracing::info!(name, "an old backup was removed");
    }
    Ok(())
}

/// Makes one, and keeps the lease meanwhile. `None`: the hub was told to stop, and it is left to the next.
async fn kept(
    source: &Source,
    folder: &Path,
    node: NodeId,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Value>> {
    // of one that was cut short; nobody else makes any
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_half = path.extension().is_some_and(|end| end == "rows" || end == "partial");
        if name.starts_with("turumba-") && is_half {
            std::fs::remove_file(&path)?;
        }
    }
    let file = folder.join(file_name(source.inbox.now()));
    let mut making = std::pin::pin!(make(source, &file, true));
    loop {
        tokio::select! {
            done = &mut making => return done.map(Some),
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(LEASE / 3) => {
                let _still = lease::take(source.inbox.store(), "backup", node, LEASE).await;
            }
        }
    }
}

/// The backups in a folder that have a name of ours, oldest first.
fn made(folder: &Path) -> std::io::Result<Vec<(DateTime<Utc>, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if let Ok(at) = NaiveDateTime::parse_from_str(&name, "turumba-%Y%m%dT%H%M%SZ.backup") {
            found.push((at.and_utc(), name));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_count_and_they_sort_by_time() {
        let dir = tempfile::tempdir().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (old, new) = (at("2026-11-25T10:00:00Z"), at("2026-12-01T09:00:00Z"));
        for name in
            [file_name(new), file_name(old), "mine.backup".into(), format!("{}.partial", file_name(new))]
        {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let times: Vec<_> = made(dir.path()).unwrap().into_iter().map(|(at, _)| at).collect();
        assert_eq!(times, [old, new]);
    }
}
