//! Exclusive roles.

use std::time::Duration;

use bus::lease;
use model::NodeId;

use crate::fixture::Fixture;

#[tokio::test]
async fn one_holder_at_a_time_and_a_new_token_for_each() {
    let fixture = Fixture::new().await;
    let (a, b) = (NodeId::new(), NodeId::new());
    let long = Duration::from_secs(30);
    let held = lease::take(&fixture.store, "poll", a, Duration::from_millis(300)).await.unwrap().unwrap();
    assert!(lease::take(&fixture.store, "poll", b, long).await.unwrap().is_none());
    let kept = lease::take(&fixture.store, "poll", a, Duration::from_millis(300)).await.unwrap().unwrap();
    assert_eq!(kept.token, held.token, "kept in time: the same token");
    tokio::time::sleep(Duration::from_millis(400)).await;
    let next = lease::take(&fixture.store, "poll", b, long).await.unwrap().unwrap();
    assert!(next.token > held.token);
    assert!(lease::take(&fixture.store, "poll", a, long).await.unwrap().is_none());
    // a late release by the old holder changes nothing
    lease::release(&fixture.store, &held, a).await.unwrap();
    assert!(lease::take(&fixture.store, "poll", a, long).await.unwrap().is_none());
    lease::release(&fixture.store, &next, b).await.unwrap();
    let back = lease::take(&fixture.store, "poll", a, long).await.unwrap().unwrap();
    assert!(back.token > next.token);
    fixture.end().await;
}
