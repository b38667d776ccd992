//! Waiting for what must come: generous, because no test is about speed.

use std::{fmt::Debug, time::Duration};

/// How long anything may take before it counts as never. A loaded machine of two cores has to fit in it.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Asks until the answer is `Ok`; after [`PATIENCE`] the last answer is the failure.
pub async fn until<T, E: Debug>(what: &str, mut ask: impl AsyncFnMut() -> Result<T, E>) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(5);
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(error) if tokio::time::Instant::now() > deadline => panic!("{what}: {error:?}"),
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
