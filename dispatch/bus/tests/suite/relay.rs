//! The feed's numbers.

use std::{collections::HashSet, sync::Arc, time::Duration};

use bus::{DbQueue, Live, LocalLive, live::Pushed, relay::Relay};
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, draft};

#[tokio::test]
async fn numbers_are_dense_and_agree_with_row_locks_whatever_commits_when() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let live = Arc::new(LocalLive::default());
    let mut pushed = live.subscribe();
    let stop = CancellationToken::new();
    // two relays on two nodes at once: leases only spare work
    let mut relays = Vec::new();
    for store in [fixture.store.clone(), fixture.other_node().await] {
        let queue = Arc::new(DbQueue::new(store.clone()));
        let (live, stop) = (Arc::clone(&live), stop.clone());
        relays.push(tokio::spawn(async move { Relay::new(store, queue, live).run(stop).await }));
    }
    // writers that meet at one row, some of them slow to commit
    let mut writers = Vec::new();
    for writer in 0..8u64 {
        let store = fixture.store.clone();
        writers.push(tokio::spawn(async move {
            for n in 0..25u64 {
                store
                    .write(account, |mut tx| async move {
                        let version: i64 = sqlx::query_scalar(
                            "UPDATE accounts SET metadata = jsonb_build_object('v', coalesce((metadata->>'v')::bigint, 0) + 1)
                             WHERE id = $1 RETURNING (metadata->>'v')::bigint",
                        )
                        .bind(account.uuid())
                        .fetch_one(&mut *tx)
                        .await?;
                        let mut draft = draft(account);
                        draft.trace_id = Some(version.to_string());
                        bus::log::append(&mut tx, &[draft]).await?;
                        if (writer + n) % 7 == 0 {
                            tokio::time::sleep(Duration::from_millis(15)).await;
                        }
                        Ok(())
                    })
                    .await
                    .unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let mut seen = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), async {
        while seen.iter().collect::<HashSet<&i64>>().len() < 200 {
            if let Ok(Pushed::Entries(entries)) = pushed.recv().await {
                seen.extend(entries.iter().filter_map(|entry| entry.feed_seq));
            }
        }
    })
    .await
    .expect("everything is pushed");
    stop.cancel();
    for relay in relays {
        relay.await.unwrap();
    }
    let entries = fixture
        .store
        .read(account, |mut tx| async move { bus::log::feed_after(&mut tx, account, 0, 1000).await })
        .await
        .unwrap();
    let numbers: Vec<i64> = entries.iter().filter_map(|entry| entry.feed_seq).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<i64>>());
    let versions: Vec<i64> =
        entries.iter().map(|entry| entry.trace_id.as_ref().unwrap().parse().unwrap()).collect();
    assert!(versions.is_sorted(), "the feed's order is the row lock's order");
    let head = fixture
        .store
        .read(account, |mut tx| async move { bus::log::feed_head(&mut tx, account).await })
        .await
        .unwrap();
    assert_eq!(head, 200);
    assert_eq!(bus::relay::lag(&fixture.store).await.unwrap().waiting, 0);
    fixture.end().await;
}

#[tokio::test]
async fn what_a_crashed_node_left_is_found_without_a_nudge() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    // another process wrote it: this one heard of nothing
    let other = fixture.other_node().await;
    other
        .write(account, |mut tx| async move { bus::log::append(&mut tx, &[draft(account)]).await })
        .await
        .unwrap();
    let live = Arc::new(LocalLive::default());
    let mut pushed = live.subscribe();
    let stop = CancellationToken::new();
    let relay = {
        let (store, live, stop) = (fixture.store.clone(), Arc::clone(&live), stop.clone());
        let queue = Arc::new(DbQueue::new(store.clone()));
        tokio::spawn(async move { Relay::new(store, queue, live).run(stop).await })
    };
    let got = tokio::time::timeout(Duration::from_secs(5), pushed.recv()).await.unwrap().unwrap();
    assert!(matches!(got, Pushed::Entries(entries) if entries[0].feed_seq == Some(1)));
    stop.cancel();
    relay.await.unwrap();
    fixture.end().await;
}
