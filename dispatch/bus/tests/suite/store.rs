//! The door: scopes, retries, what is committed and what is not.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use bus::{Fault, Scope, Task};

use crate::fixture::Fixture;

#[tokio::test]
async fn a_transaction_without_an_account_sees_no_row_and_writes_none() {
    let fixture = Fixture::new().await;
    let (mine, theirs) = (fixture.account().await, fixture.account().await);
    fixture
        .as_owner(format!(
            "INSERT INTO labels (id, account_id, name, created_at, updated_at) VALUES
             (gen_random_uuid(), '{mine}', 'a', now(), now()), (gen_random_uuid(), '{theirs}', 'b', now(), now())"
        ))
        .await;
    let count = async |scope: Scope| {
        fixture
            .store
            .read(scope, |mut tx| async move {
                Ok(sqlx::query_scalar::<_, i64>("SELECT count(*) FROM labels").fetch_one(&mut *tx).await?)
            })
            .await
            .unwrap()
    };
    assert_eq!(count(Scope::Accounts(vec![])).await, 0);
    assert_eq!(count(mine.into()).await, 1);
    assert_eq!(count(Scope::Accounts(vec![mine, theirs])).await, 2);

    let foreign = fixture
        .store
        .write(mine, |mut tx| async move {
            sqlx::query("INSERT INTO labels (id, account_id, name, created_at, updated_at) VALUES (gen_random_uuid(), $1, 'c', now(), now())")
                .bind(theirs.uuid())
                .execute(&mut *tx)
                .await?;
            Ok(())
        })
        .await;
    assert!(foreign.unwrap_err().to_string().contains("row-level security"));

    // a caller's text cannot widen the scope from inside
    let widened = fixture
        .store
        .write(mine, |mut tx| async move {
            let rows = sqlx::query("UPDATE labels SET name = 'x' WHERE account_id = $1")
                .bind(theirs.uuid())
                .execute(&mut *tx)
                .await?;
            Ok(rows.rows_affected())
        })
        .await
        .unwrap();
    assert_eq!(widened, 0);

    let system = fixture
        .store
        .read(Scope::System(Task::Relay), |mut tx| async move {
            Ok(sqlx::query_scalar::<_, i64>("SELECT count(*) FROM labels").fetch_one(&mut *tx).await?)
        })
        .await;
    assert!(system.unwrap_err().to_string().contains("permission denied"), "no system task needs labels");
    fixture.end().await;
}

#[tokio::test]
async fn work_that_lost_against_another_transaction_runs_again() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let runs = AtomicU32::new(0);
    let runs = &runs;
    let value = fixture
        .store
        .write(account, |_tx| async move {
            if runs.fetch_add(1, Ordering::SeqCst) < 2 { Err(Fault::RunAgain) } else { Ok(7) }
        })
        .await
        .unwrap();
    assert_eq!((value, runs.load(Ordering::SeqCst)), (7, 3));
    fixture.end().await;
}

#[tokio::test]
async fn a_refused_command_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let refused: bus::Outcome<()> = fixture
        .store
        .write(account, |mut tx| async move {
            sqlx::query("UPDATE accounts SET name = 'changed' WHERE id = $1")
                .bind(account.uuid())
                .execute(&mut *tx)
                .await?;
            Err(model::Error::conflict("no").into())
        })
        .await;
    assert!(refused.is_err());
    let name = fixture
        .store
        .read(account, |mut tx| async move {
            Ok(sqlx::query_scalar::<_, String>("SELECT name FROM accounts").fetch_one(&mut *tx).await?)
        })
        .await
        .unwrap();
    assert_eq!(name, "A");
    fixture.end().await;
}

/// A browser that leaves the page drops what it asked for at any moment, also between `BEGIN` and its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_given_up_while_it_begins_leaves_no_transaction_behind() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let store = &fixture.store;
    for round in 0..40u64 {
        let given_up = (0..8).map(|n| {
            let patience = Duration::from_micros(40 + 25 * (round % 20) + 60 * n);
            tokio::time::timeout(patience, store.read(account, |_| async { Ok(()) }))
        });
        futures::future::join_all(given_up).await;
        let written = (0..8).map(|_| {
            store.write(account, |mut tx| async move {
                let mode = sqlx::query_scalar::<_, String>("SELECT current_setting('transaction_read_only')");
                Ok(mode.fetch_one(&mut *tx).await?)
            })
        });
        for mode in futures::future::join_all(written).await {
            assert_eq!(mode.unwrap(), "off", "a transaction for reading was still open, round {round}");
        }
    }
    fixture.end().await;
}
