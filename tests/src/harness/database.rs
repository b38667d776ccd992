//! Databases for tests: each its own, copied from a template that is migrated once per server.

use std::str::FromStr as _;

use bus::Store;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};

/// Held while the template is being made.
const TEMPLATE_LOCK: i64 = 7_461_002;

/// A database on the test server. Dropped by [`Database::drop_it`].
pub struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    /// A migrated, empty database on the server of `TEST_DATABASE_URL`.
    pub async fn make() -> Self {
        let url = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names a PostgreSQL server: run by `make test`, or by with-servers");
        let server = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        let newest = bus::store::MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
        let template = format!("turumba_template_{newest}");
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        let lock = format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})");
        connection.execute(AssertSqlSafe(lock)).await.unwrap();
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .bind(&template)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if !exists {
            let making = format!("{template}_{}", std::process::id());
            connection.execute(AssertSqlSafe(format!("CREATE DATABASE {making}"))).await.unwrap();
            let options = server.clone().database(&making);
            Store::migrate(&options, || async { Ok::<(), std::io::Error>(()) }).await.unwrap();
            let finished = format!("ALTER DATABASE {making} RENAME TO {template}");
            connection.execute(AssertSqlSafe(finished)).await.unwrap();
        }
        let name = format!("suite_{}", uuid::Uuid::new_v4().simple());
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
        connection.execute(AssertSqlSafe(copy)).await.unwrap();
        // closing gives the lock back
        connection.close().await.unwrap();
        Self { server, name }
    }

    /// A database with nothing in it.
    pub async fn empty() -> Self {
        Self::empty_on(
            &std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL server"),
        )
        .await
    }

    /// The same on that server.
    pub async fn empty_on(url: &str) -> Self {
        let server = PgConnectOptions::from_str(url).unwrap().disable_statement_logging();
        let name = format!("suite_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        Self { server, name }
    }

    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// For `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    pub async fn drop_it(self) {
        let mut connection = PgConnection::connect_with(&self.server).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

/// How to reach the private database of a data directory, as its owner; it must have been started once.
#[must_use]
pub fn private(data_dir: &std::path::Path) -> Option<PgConnectOptions> {
    let pid_file = std::fs::read_to_string(postmaster_pid_file(data_dir)?).ok()?;
    // pid, data directory, start time, port, socket directory
    let socket = pid_file.lines().nth(4).filter(|dir| !dir.is_empty())?;
    let port = pid_file.lines().nth(3)?.parse().ok()?;
    let options = PgConnectOptions::new_without_pgpass().socket(socket).port(port);
    Some(options.username("turumba").database("turumba").disable_statement_logging())
}

/// The process id of the private database's server, if it has one.
#[must_use]
pub fn postmaster(data_dir: &std::path::Path) -> Option<u32> {
    std::fs::read_to_string(postmaster_pid_file(data_dir)?).ok()?.lines().next()?.trim().parse().ok()
}

fn postmaster_pid_file(data_dir: &std::path::Path) -> Option<std::path::PathBuf> {
    let home = std::fs::read_to_string(data_dir.join("postgres-home"))
        .map_or_else(|_| data_dir.join("postgres"), |text| text.trim().into());
    let majors = std::fs::read_dir(home).ok()?.flatten();
    majors.map(|major| major.path().join("postmaster.pid")).find(|file| file.is_file())
}
