//! Lists from a streaming replica: as fresh as promised, and from the database itself when the replica cannot be.

use std::{str::FromStr as _, time::Duration};

use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};
use tests::harness::{Api, Database, Postgres, TestHub, World, until};
use tokio::time::timeout;

/// The names of the contacts, as a list has them.
async fn names(api: &Api) -> Vec<String> {
    let asked = timeout(Duration::from_secs(15), api.get("/v1/contacts?limit=100"));
    let listed = asked.await.expect("a list waits for the replica").ok();
    listed.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

async fn has(api: &Api, name: &str) -> bool {
    names(api).await.iter().any(|found| found == name)
}

async fn add(api: &Api, name: &str) {
    api.post("/v1/contacts", json!({"name": name})).await.created();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_as_fresh_as_they_must_be() {
    let primary = Postgres::start().await;
    let mut standby = Postgres::standby_of(&primary).await;
    let database = Database::empty_on(&primary.url()).await;
    let url = database.url();
    let at_standby = url.replace(&format!(":{}/", primary.port()), &format!(":{}/", standby.port()));
    let mut hub = TestHub::prepared(&[
        ("DATABASE_URL", &url),
        ("DATABASE_REPLICA_URL", &at_standby),
        ("TURUMBA_DATABASE_REPLICA_MAX_LAG", "60s"),
    ])
    .await;
    hub.spawn().await;
    let world = World::new(&hub).await;
    let (ann, bob) = (world.person("ann", "admin").await.api, world.person("bob", "admin").await.api);
    add(&ann, "first").await;
    until(
        "the replica does not come after",
        async || if has(&bob, "first").await { Ok(()) } else { Err(()) },
    )
    .await;

    // what the replica does not have yet is seen by who wrote it, and by the others within the bound
    let mut there =
        PgConnection::connect_with(&PgConnectOptions::from_str(&at_standby).unwrap()).await.unwrap();
    // it has been asked since bob looked, and serves him
    tokio::time::sleep(Duration::from_secs(2)).await;
    there.execute("SELECT pg_wal_replay_pause()").await.unwrap();
    add(&ann, "second").await;
    assert!(has(&ann, "second").await, "what one has written by oneself is there");
    assert!(!has(&bob, "second").await, "the list is the replica's");
    there.execute("SELECT pg_wal_replay_resume()").await.unwrap();
    until("it does not come after", async || if has(&bob, "second").await { Ok(()) } else { Err(()) }).await;

    // with a short bound one that is behind is not asked
    hub.stop();
    hub.set("TURUMBA_DATABASE_REPLICA_MAX_LAG", "1s");
    hub.spawn().await;
    let (ann, bob) = (ann.at(&hub.url()), bob.at(&hub.url()));
    there.execute("SELECT pg_wal_replay_pause()").await.unwrap();
    add(&ann, "third").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(has(&bob, "third").await, "the bound is a second");
    there.execute("SELECT pg_wal_replay_resume()").await.unwrap();
    drop(there);

    // one that hangs, dies or comes back changes nothing but where lists come from
    tokio::time::sleep(Duration::from_secs(2)).await;
    standby.freeze();
    add(&ann, "fourth").await;
    for _ in 0..3 {
        assert!(has(&ann, "fourth").await && names(&bob).await.len() >= 3);
    }
    standby.thaw();
    standby.kill();
    add(&bob, "fifth").await;
    assert!(has(&ann, "fourth").await && has(&bob, "fifth").await);
    standby.start_again().await;
    until("it is not used again", async || {
        // who asks how far it has come, this one, and whoever reads lists
        let used: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND datname = current_database()",
        )
        .fetch_one(
            &mut PgConnection::connect_with(&PgConnectOptions::from_str(&at_standby).unwrap()).await.unwrap(),
        )
        .await
        .unwrap();
        let all = names(&bob).await.len();
        if used > 2 && all == 5 { Ok(()) } else { Err((used, all)) }
    })
    .await;
    hub.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_no_replica_serves_nothing() {
    let other = Database::make().await;
    let hub = TestHub::start_with(&[("DATABASE_REPLICA_URL", &other.url())]).await;
    let world = World::new(&hub).await;
    add(&world.api, "one").await;
    for _ in 0..20 {
        assert!(has(&world.api, "one").await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until("the operator is not told", async || {
        if hub.log().contains("lists are read from the database itself") { Ok(()) } else { Err(()) }
    })
    .await;
    hub.end().await;
    other.drop_it().await;
}
