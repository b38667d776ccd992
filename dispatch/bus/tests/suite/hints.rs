//! Hints to other nodes.

use std::{sync::Arc, time::Duration};

use bus::{
    hints,
    mailbox::{BoxName, KeyRef},
    nudge::{Nudge, Stale},
};
use model::NodeId;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::fixture::Fixture;

#[tokio::test]
async fn other_nodes_are_woken_and_forget_what_is_stale() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let other = fixture.other_node().await;
    let stop = CancellationToken::new();
    let forgotten = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&forgotten);
    other.nudges().on_stale(move |stale| noted.lock().push(stale));
    let mut running = Vec::new();
    for store in [fixture.store.clone(), other.clone()] {
        running.push(tokio::spawn(hints::run(store, NodeId::new(), stop.clone())));
    }
    // it listens once it has doubted everything
    let until = |what: Stale| {
        let forgotten = Arc::clone(&forgotten);
        async move {
            tokio::time::timeout(Duration::from_secs(20), async {
                while !forgotten.lock().contains(&what) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
            .await
            .unwrap_or_else(|_| panic!("{what:?} was not told"));
        }
    };
    until(Stale::All).await;
    // gathered from the first look of the speaking side on
    tokio::time::timeout(Duration::from_secs(20), async {
        while !forgotten.lock().contains(&Stale::Account(account)) {
            fixture.store.nudges().send(Nudge::Cache(account));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the other node forgets");
    // work that nobody does here wakes whoever does it there
    let key = KeyRef { account_id: account, key: "somebody".to_owned() };
    let waiting = other.nudges().mailbox(BoxName::Inbound);
    fixture.store.nudges().send(Nudge::Mailbox(BoxName::Inbound, key.clone()));
    assert_eq!(waiting.take(10, Duration::from_secs(20)).await, [key]);
    stop.cancel();
    for node in running {
        node.await.unwrap();
    }
    fixture.end().await;
}
