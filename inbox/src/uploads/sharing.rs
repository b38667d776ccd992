//! Whether a node reaches the files that the other nodes write. The store keeps the file store's name, and the file
//! store holds it as a marker; a folder that only one machine has is found out before anything lands in it.

use bus::{Scope, Task};
use bytes::Bytes;
use model::Result;
use object_store::{ObjectStoreExt as _, path::Path};
use uuid::Uuid;

use super::{Files, files::failed};
use crate::{Inbox, agents::DEAD_AFTER};

const MARKER: &str = "installation";

/// True when `files` are the installation's, which they become when it has none yet, or when no other node lives that
/// could write elsewhere. `place` is this node's own: an earlier run of it is no other node. A file store that does not
/// answer is taken at its word: a hub need not stay away with it.
pub async fn is_shared(inbox: &Inbox, files: &Files, place: &str) -> Result<bool> {
    let Ok(marker) = marker(files).await else { return Ok(true) };
    let name = inbox
        .store()
        .write(Scope::System(Task::Maintenance), |mut tx| async move {
            let known = sqlx::query_scalar!("SELECT files_id FROM installation FOR UPDATE")
                .fetch_optional(&mut *tx)
                .await?
                .flatten();
            let has_others = sqlx::query_scalar!(
                r#"SELECT EXISTS (SELECT 1 FROM nodes WHERE place <> $1
                       AND heartbeat_at > clock_timestamp() - make_interval(secs => $2)) AS "has!""#,
                place,
                DEAD_AFTER.as_secs_f64(),
            )
            .fetch_one(&mut *tx)
            .await?;
            let name = match (known, marker) {
                (Some(known), Some(marker)) if known != marker => return Ok(None),
                (Some(_), None) if has_others => return Ok(None),
                (Some(known), _) => known,
                (None, Some(marker)) => marker,
                (None, None) => Uuid::new_v4(),
            };
            sqlx::query!("UPDATE installation SET files_id = $1", name).execute(&mut *tx).await?;
            Ok(Some(name))
        })
        .await?;
    if let Some(name) = name
        && marker != Some(name)
    {
        files.put(&Path::from(MARKER), Bytes::from(name.to_string())).await?;
    }
    Ok(name.is_some())
}

async fn marker(files: &Files) -> Result<Option<Uuid>> {
    let found = match files.store().get(&Path::from(MARKER)).await {
        Ok(found) => found.bytes().await.map_err(failed)?,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    Ok(std::str::from_utf8(&found).ok().and_then(|text| text.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use model::NodeId;

    use super::*;
    use crate::testing::Stage;

    #[tokio::test]
    async fn a_folder_of_its_own_is_found_out_while_another_node_lives() {
        let stage = Stage::new().await;
        let inbox = &stage.inbox;
        crate::agents::epoch(inbox).await.unwrap();
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (shared, own) = (Files::folder(one.path()).unwrap(), Files::folder(other.path()).unwrap());
        assert!(is_shared(inbox, &shared, "here").await.unwrap(), "the first one is the installation's");
        crate::agents::heartbeat(inbox, NodeId::new(), "here").await.unwrap();
        assert!(is_shared(inbox, &shared, "there").await.unwrap());
        assert!(!is_shared(inbox, &own, "there").await.unwrap(), "an empty folder beside a living node");
        assert!(is_shared(inbox, &own, "here").await.unwrap(), "its own earlier run is no other node");
        assert!(is_shared(inbox, &own, "there").await.unwrap(), "now it is marked");
        std::fs::write(other.path().join(MARKER), Uuid::new_v4().to_string()).unwrap();
        assert!(!is_shared(inbox, &own, "here").await.unwrap(), "another installation's");
        stage.end().await;
    }
}
