//! A year goes by: partitions are there before they are needed, what has had its time goes, and nothing else does.

use std::{str::FromStr as _, sync::Arc, time::Duration};

use bus::{Nudges, Store, store::StoreOptions};
use hub::maintenance::{self, Kept};
use inbox::{Inbox, Profiles, SecretBox, Settings, uploads::Files};
use model::{Clock as _, TestClock, Time};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};

const DAY: Duration = Duration::from_hours(24);

/// What is written every ten days: an event, a body of a webhook, an attempt that has ended and one that has not.
const DAYS_WORK: &str = "
    WITH ids AS (
        SELECT overlay(first_id_at($1)::text PLACING right(gen_random_uuid()::text, 21) FROM 16)::uuid AS id
        FROM generate_series(1, 4)), numbered AS (SELECT id, row_number() OVER () AS n FROM ids),
    event AS (
        INSERT INTO events (id, account_id, position, kind, payload, audience, in_feed, is_pending, created_at)
        SELECT id, gen_random_uuid(), nextval('event_position'), 'test', '{}', '{}', false, false, $1
        FROM numbered WHERE n = 1),
    body AS (
        INSERT INTO webhook_journal (id, account_id, channel_id, source, received_at, state)
        SELECT id, gen_random_uuid(), gen_random_uuid(), 'webhook', $1, 'accepted' FROM numbered WHERE n = 2)
    INSERT INTO attempts (id, account_id, message_id, channel_id, number, token, started_at, ended_at)
    SELECT id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 1, $1, CASE WHEN n = 3 THEN $1 END
    FROM numbered WHERE n > 2";

async fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_year_of_partitions_and_of_forgetting() {
    let url = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL server");
    let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
    let name = format!("year_{}", uuid::Uuid::new_v4().simple());
    let mut root = server.connect().await.unwrap();
    root.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let options = server.clone().database(&name);
    Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
    let store = Store::open(options.clone(), &StoreOptions::default(), Nudges::default()).await.unwrap();
    let clock = TestClock::default();
    let start: Time = clock.now();
    let settings = Settings {
        public_url: "http://localhost".into(),
        upload_max: 1000,
        reply_max_age: DAY,
        offline_requeue: DAY,
        access_token: DAY,
        refresh_token: DAY,
        visitor_token: DAY,
        upload_expires: DAY,
        link_life: DAY,
    };
    let key = SecretBox::new([7; 32]).unwrap();
    let inbox = Inbox::new(store.clone(), Arc::new(clock.clone()), key, settings, Profiles::new());
    let folder = tempfile::tempdir().unwrap();
    inbox.attach_files(Files::folder(folder.path()).unwrap());
    let kept = Kept {
        events: DAY * 90,
        webhook_bodies: DAY * 30,
        provider_ids: DAY * 90,
        exchanges: DAY * 7,
        idempotency_keys: DAY,
    };

    let mut owner = options.connect().await.unwrap();
    for ten_days in 0..38 {
        clock.set(start + chrono::Duration::days(ten_days * 10));
        maintenance::round(&inbox, &kept).await;
        sqlx::query(DAYS_WORK).bind(clock.now()).execute(&mut owner).await.unwrap();
        for table in ["messages", "events", "attempts", "webhook_journal"] {
            let astray = format!("SELECT count(*) FROM {table}_default");
            assert_eq!(count(&mut owner, &astray).await, 0, "{table} on day {}", ten_days * 10);
            let ahead = (clock.now() + chrono::Months::new(3)).format("%Y%m");
            let made = format!("SELECT count(*) FROM pg_class WHERE relname = '{table}_{ahead}'");
            assert_eq!(count(&mut owner, &made).await, 1, "{table}_{ahead} on day {}", ten_days * 10);
        }
    }
    // a day later, so that none is just at its end
    clock.set(start + chrono::Duration::days(371));
    maintenance::round(&inbox, &kept).await;
    // of days 0, 10, … 370 those younger than 90, 30 and 7 days are there; attempts without an end are never forgotten
    assert_eq!(count(&mut owner, "SELECT count(*) FROM events").await, 9);
    assert_eq!(count(&mut owner, "SELECT count(*) FROM webhook_journal").await, 3);
    assert_eq!(count(&mut owner, "SELECT count(*) FROM attempts WHERE ended_at IS NOT NULL").await, 1);
    assert_eq!(count(&mut owner, "SELECT count(*) FROM attempts WHERE ended_at IS NULL").await, 38);

    owner.close().await.unwrap();
    store.close().await;
    root.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
    root.close().await.unwrap();
}
