//! Bodies that an earlier version kept in files.

use std::{io, path::Path, time::Duration};

use bus::{Outcome, Scope, Task};
use model::JournalId;
use tokio_util::sync::CancellationToken;

use crate::Inbox;

/// Between two tries.
const AGAIN: Duration = Duration::from_mins(1);

/// Carries until nothing is left, or `stop`. `journal` is the journal's folder.
pub(super) async fn run(inbox: &Inbox, journal: &Path, stop: CancellationToken) {
    loop {
        let carried = tokio::select! {
            carried = carry(inbox, journal) => carried,
            () = stop.cancelled() => return,
        };
        let Err(error) = carried else { return };
        tracing::warn!(%error, "large bodies on this node's disk are not in the store yet");
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Earlier versions kept a body of more than 256 KiB in a file of the node that took it in. Those of this node go to
/// their rows, where every node reads them; a file goes when its row has been committed.
async fn carry(inbox: &Inbox, journal: &Path) -> io::Result<()> {
    let dir = journal.join("bodies");
    let mut carried = 0u64;
    for day in names(&dir).await? {
        let folder = dir.join(&day);
        for name in names(&folder).await? {
            let path = folder.join(&name);
            let Ok(id) = name.parse::<JournalId>() else { continue };
            let bytes = tokio::fs::read(&path).await?;
            let into_row = into_row(inbox, id, &format!("{day}/{name}"), &bytes).await;
            carried += into_row.map_err(io::Error::other)?;
            // one that no row names was never acknowledged, or has had its time
            tokio::fs::remove_file(&path).await?;
        }
        // something else may lie there
        let _left = tokio::fs::remove_dir(&folder).await;
    }
    let _left = tokio::fs::remove_dir(&dir).await;
    if carried > 0 {
        tracing::info!(carried, "large bodies of webhooks went from this node's disk to the store");
    }
    Ok(())
}

async fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

async fn into_row(inbox: &Inbox, id: JournalId, file: &str, bytes: &[u8]) -> Outcome<u64> {
    inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            let row = sqlx::query!(
                "UPDATE webhook_journal SET body = $3, body_file = NULL WHERE id = $1 AND body_file = $2",
                id.uuid(),
                file,
                bytes,
            );
            Ok(row.execute(&mut *tx).await?.rows_affected())
        })
        .await
}

#[cfg(test)]
mod tests {
    use model::AccountId;

    use super::*;
    use crate::{
        journal::{Journal, JournalOptions, parked},
        testing::Stage,
    };

    #[tokio::test]
    async fn a_body_in_a_file_goes_to_its_row_and_elsewhere_it_is_waited_for() {
        let (stage, dir) = (Stage::new().await, tempfile::tempdir().unwrap());
        let (account, here, elsewhere, gone) =
            (AccountId::new(), JournalId::new(), JournalId::new(), JournalId::new());
        for id in [here, elsewhere] {
            stage
                .as_owner(format!(
                    "INSERT INTO webhook_journal (id, account_id, channel_id, source, received_at, body_file, state, reason)
                     VALUES ('{id}', '{account}', gen_random_uuid(), 'webhook', now(), '20261126/{id}', 'parked', 'odd')"
                ))
                .await;
        }
        let folder = dir.path().join("bodies/20261126");
        std::fs::create_dir_all(&folder).unwrap();
        for id in [here, gone] {
            std::fs::write(folder.join(id.to_string()), vec![b'x'; 300_000]).unwrap();
        }
        let options =
            JournalOptions { dir: dir.path().into(), spool_max: 1 << 20, settle: std::time::Duration::ZERO };
        let (journal, _tasks) = Journal::open(stage.inbox.clone(), options).await.unwrap();

        // not yet here is not gone
        let early = journal.kept(account, here).await.unwrap_err();
        assert_eq!(early.code, model::ErrorCode::Unavailable);
        carry(&stage.inbox, dir.path()).await.unwrap();
        carry(&stage.inbox, dir.path()).await.unwrap();
        assert!(!dir.path().join("bodies").exists());
        assert_eq!(journal.kept(account, here).await.unwrap().unwrap().body.len(), 300_000);
        assert_eq!(parked::load(&stage.inbox, here).await.unwrap().unwrap().body.len(), 300_000);
        assert_eq!(journal.kept(account, elsewhere).await.unwrap_err().code, model::ErrorCode::Unavailable);
        assert!(parked::load(&stage.inbox, elsewhere).await.is_err(), "a person is told, too");
        assert!(journal.kept(account, gone).await.unwrap().is_none());
        assert!(journal.kept(AccountId::new(), here).await.unwrap().is_none(), "another account's");
        stage.end().await;
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_stays() {
        let (stage, dir) = (Stage::new().await, tempfile::tempdir().unwrap());
        let id = JournalId::new();
        // a folder where a file should be: reading it fails, whoever reads
        let path = dir.path().join(format!("bodies/20261126/{id}"));
        std::fs::create_dir_all(&path).unwrap();
        assert!(carry(&stage.inbox, dir.path()).await.is_err());
        assert!(path.exists());
        stage.end().await;
    }
}
