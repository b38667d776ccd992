//! Order and exclusion per key.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bus::{
    Store,
    mailbox::{self, BoxName, KeyRef, NewItem},
};
use model::{AccountId, Clock as _, SystemClock};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::fixture::Fixture;

fn item(account: AccountId, key: &str, n: u128) -> NewItem {
    NewItem {
        key: KeyRef { account_id: account, key: key.to_owned() },
        ref_id: Uuid::from_u128(n),
        payload: None,
        since: None,
        not_before: None,
    }
}

fn key(account: AccountId, key: &str) -> KeyRef {
    KeyRef { account_id: account, key: key.to_owned() }
}

async fn put(store: &Store, account: AccountId, items: &[NewItem]) {
    store
        .write(account, |mut tx| async move { mailbox::put(&mut tx, BoxName::Inbound, items).await })
        .await
        .unwrap();
}

/// What a node had spooled while the store was away comes later and belongs before.
#[tokio::test]
async fn what_has_been_there_longer_is_handled_first_and_held_for() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let wait = chrono::Duration::milliseconds(400);
    let ago = |seconds| Some(SystemClock.now() - chrono::Duration::seconds(seconds));
    let spooled = |n, seconds| NewItem {
        since: ago(seconds),
        not_before: Some(SystemClock.now() + wait),
        ..item(account, "a", n)
    };
    let due = async || {
        let keys = [key(account, "a")];
        let keys = &keys;
        let items = fixture
            .store
            .write(account, |mut tx| async move { mailbox::lock(&mut tx, BoxName::Inbound, keys, 9).await })
            .await
            .unwrap();
        items.iter().map(|item| item.ref_id.as_u128()).collect::<Vec<_>>()
    };
    put(&fixture.store, account, &[spooled(3, 10)]).await;
    put(&fixture.store, account, &[item(account, "a", 5)]).await;
    put(&fixture.store, account, &[spooled(1, 30), spooled(2, 20)]).await;
    put(&fixture.store, account, &[spooled(4, 5)]).await;
    assert!(due().await.is_empty(), "what came at once waits behind what was spooled");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(due().await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn items_of_a_key_are_handled_in_order_by_any_number_of_nodes() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let keys: Vec<KeyRef> = (0..10).map(|n| key(account, &format!("k{n}"))).collect();
    for round in 0..20u128 {
        let items: Vec<NewItem> = keys
            .iter()
            .enumerate()
            .map(|(n, key)| item(account, &key.key, round * 100 + n as u128))
            .collect();
        put(&fixture.store, account, &items).await;
    }
    let handled: Arc<Mutex<HashMap<String, Vec<u128>>>> = Arc::default();
    let mut nodes = Vec::new();
    for _ in 0..4 {
        let (store, keys, handled) = (fixture.other_node().await, keys.clone(), Arc::clone(&handled));
        nodes.push(tokio::spawn(async move {
            let (keys, handled) = (&keys, &handled);
            loop {
                let more = store
                    .write(account, |mut tx| async move {
                        let items = mailbox::lock(&mut tx, BoxName::Inbound, keys, 3).await?;
                        let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        for item in &items {
                            handled
                                .lock()
                                .entry(item.key.key.clone())
                                .or_default()
                                .push(item.ref_id.as_u128());
                        }
                        mailbox::remove(&mut tx, &ids).await?;
                        Ok(!ids.is_empty())
                    })
                    .await
                    .unwrap();
                let left = mailbox::depth(&store, BoxName::Inbound).await.unwrap().0;
                if !more && left == 0 {
                    return;
                }
            }
        }));
    }
    for node in nodes {
        node.await.unwrap();
    }
    let handled = std::mem::take(&mut *handled.lock());
    assert_eq!(handled.len(), 10);
    for (key, order) in &handled {
        assert_eq!(order.len(), 20, "{key}");
        assert!(order.is_sorted(), "{key}: {order:?}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn a_lease_is_fenced_by_its_token() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    put(&fixture.store, account, &[item(account, "a", 1), item(account, "a", 2)]).await;
    let claim = async |lease: Duration| {
        fixture
            .store
            .write(account, |mut tx| async move {
                mailbox::claim(&mut tx, BoxName::Inbound, &[key(account, "a")], lease).await
            })
            .await
            .unwrap()
    };
    let first = claim(Duration::from_millis(200)).await;
    assert_eq!(first[0].item.ref_id.as_u128(), 1);
    assert!(claim(Duration::from_secs(5)).await.is_empty(), "held");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let second = claim(Duration::from_secs(5)).await;
    assert_eq!(second[0].item.id, first[0].item.id, "the lease ended: the same item, a new holder");
    let (held, late) = fixture
        .store
        .write(account, |mut tx| {
            let (first, second) = (&first[0], &second[0]);
            async move {
                Ok((
                    mailbox::still_held(&mut tx, BoxName::Inbound, second).await?,
                    mailbox::still_held(&mut tx, BoxName::Inbound, first).await?,
                ))
            }
        })
        .await
        .unwrap();
    assert!(held && !late);
    fixture.end().await;
}

#[tokio::test]
async fn a_failing_item_holds_its_key_and_then_steps_aside() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    put(&fixture.store, account, &[item(account, "a", 1), item(account, "a", 2)]).await;
    let claim = async || {
        fixture
            .store
            .write(account, |mut tx| async move {
                let held =
                    mailbox::claim(&mut tx, BoxName::Inbound, &[key(account, "a")], Duration::from_secs(9))
                        .await?;
                for held in &held {
                    mailbox::release(&mut tx, BoxName::Inbound, held).await?;
                }
                Ok(held)
            })
            .await
            .unwrap()
    };
    let put_off = async |id: i64, after: u64, holds: u64| {
        fixture
            .store
            .write(account, |mut tx| async move {
                let (after, holds) = (Duration::from_millis(after), Duration::from_millis(holds));
                mailbox::put_off(&mut tx, id, after, true, holds, "down").await
            })
            .await
            .unwrap();
    };
    let first = claim().await.remove(0).item;
    put_off(first.id, 400, 200).await;
    assert!(claim().await.is_empty(), "the second waits behind the first");
    let locked = fixture
        .store
        .write(account, |mut tx| async move {
            mailbox::lock(&mut tx, BoxName::Inbound, &[key(account, "a")], 9).await
        })
        .await
        .unwrap();
    assert!(locked.is_empty(), "for work in the store as well");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(claim().await[0].item.id, first.id);
    put_off(first.id, 60_000, 200).await;
    let next = claim().await.remove(0).item;
    assert_eq!(next.ref_id.as_u128(), 2, "held long enough: the others pass");
    fixture.end().await;
}

#[tokio::test]
async fn parked_items_wait_for_a_person_and_come_back_by_command() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    put(&fixture.store, account, &[item(account, "a", 1)]).await;
    let id = mailbox::due(&fixture.store, BoxName::Inbound, 9).await.unwrap();
    assert_eq!(id, vec![key(account, "a")]);
    fixture
        .store
        .write(account, |mut tx| async move {
            let items = mailbox::lock(&mut tx, BoxName::Inbound, &[key(account, "a")], 9).await?;
            mailbox::park(&mut tx, items[0].id, "unreadable").await
        })
        .await
        .unwrap();
    assert!(mailbox::due(&fixture.store, BoxName::Inbound, 9).await.unwrap().is_empty());
    let parked = mailbox::parked(&fixture.store, 9).await.unwrap();
    assert_eq!((parked.len(), parked[0].reason.as_str()), (1, "unreadable"));
    assert_eq!(mailbox::requeue(&fixture.store, &[]).await.unwrap(), 1);
    assert_eq!(mailbox::due(&fixture.store, BoxName::Inbound, 9).await.unwrap().len(), 1);
    fixture.end().await;
}

#[tokio::test]
async fn the_sweep_forgets_idle_keys_and_gives_orphans_theirs_back() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    put(&fixture.store, account, &[item(account, "busy", 1)]).await;
    fixture
        .as_owner(format!(
            "INSERT INTO mailbox_keys (box, key, account_id) VALUES ('inbound', 'idle', '{account}');
             INSERT INTO mailbox_items (box, key, account_id, ref_id)
             VALUES ('inbound', 'orphan', '{account}', gen_random_uuid())"
        ))
        .await;
    assert_eq!(mailbox::sweep(&fixture.store).await.unwrap(), 1);
    let mut due: Vec<String> = mailbox::due(&fixture.store, BoxName::Inbound, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|key| key.key)
        .collect();
    due.sort();
    assert_eq!(due, ["busy", "orphan"]);
    fixture.end().await;
}
