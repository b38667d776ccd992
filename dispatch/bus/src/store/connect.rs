//! Opening the store: the two database roles, the migrations, the two pools.

use std::time::Duration;

use sqlx::{
    Connection, Executor, PgConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::Store;
use crate::Nudges;

/// The migrations, built into the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// How many connections a store may open.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// For work on behalf of accounts.
    pub app_connections: u32,
    /// For named system tasks.
    pub system_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// Longest that one statement may take.
    pub statement_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            app_connections: 16,
            system_connections: 6,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(
        "the database login may neither make nor use the roles that fence tenants off ({source}); \
         let an administrator run: CREATE ROLE turumba_app NOLOGIN; CREATE ROLE turumba_system NOLOGIN; \
         GRANT turumba_app, turumba_system TO {login};"
    )]
    Roles { login: String, source: sqlx::Error },
    #[error(
        "this database was made by a newer version of turumba (its schema is at {found}, this program \
         knows {known}); start that version, or restore a backup made before the upgrade"
    )]
    Newer { found: i64, known: i64 },
    #[error("the migration failed and was rolled back: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the database cannot be used: {0}")]
    Sql(#[from] sqlx::Error),
}

const ROLES: &str = "
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'turumba_app') THEN
        CREATE ROLE turumba_app NOLOGIN NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'turumba_system') THEN
        CREATE ROLE turumba_system NOLOGIN NOBYPASSRLS;
    END IF;
    IF NOT pg_has_role(current_user, 'turumba_app', 'MEMBER') THEN
        EXECUTE format('GRANT turumba_app TO %I', current_user);
    END IF;
    IF NOT pg_has_role(current_user, 'turumba_system', 'MEMBER') THEN
        EXECUTE format('GRANT turumba_system TO %I', current_user);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this cluster is being set up at the same moment
END $$";

/// Behind row-level security an index serves only operators that are marked as leaking nothing, and PostgreSQL marks few.
/// These are asked of lists; what they could say of a row that they refuse, no caller can hear, because all SQL is
/// ours. Only a superuser may mark them: elsewhere lists give the same rows, and read more for them.
const LEAKPROOF: &str = "
DO $$
DECLARE
    operator regprocedure;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    FOR operator IN
        SELECT oid FROM pg_proc WHERE NOT proleakproof AND oid = ANY (ARRAY[
            'pg_catalog.jsonb_contains(jsonb, jsonb)', 'pg_catalog.textlike(text, text)',
            'pg_catalog.texticlike(text, text)']::regprocedure[])
    LOOP
        EXECUTE format('ALTER FUNCTION %s LEAKPROOF', operator);
    END LOOP;
EXCEPTION WHEN internal_error THEN
    NULL; -- another node does the same at this moment
END $$";

impl Store {
    /// Makes the roles where they are missing and brings the schema up to this program's. Runs under
    /// a lock, so several nodes may start at once.
    ///
    /// `before_change` runs when migrations are pending on a schema that already exists: the place
    /// for a backup.
    pub async fn migrate<F, Fut, E>(options: &PgConnectOptions, before_change: F) -> Result<(), ConnectError>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::make_roles(options).await?;
        let mut connection = PgConnection::connect_with(options).await?;
        let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
        let exists: bool = sqlx::query_scalar("SELECT to_regclass('public._sqlx_migrations') IS NOT NULL")
            .fetch_one(&mut connection)
            .await?;
        if exists {
            let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
                .fetch_one(&mut connection)
                .await?;
            if found > known {
                return Err(ConnectError::Newer { found, known });
            }
            if found < known && found > 0 {
                before_change()
                    .await
                    .map_err(|error| ConnectError::Sql(sqlx::Error::Configuration(Box::new(error))))?;
            }
        }
        MIGRATOR.run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Makes the roles that fence tenants off, where they are missing, and lets the login use them.
    pub async fn make_roles(options: &PgConnectOptions) -> Result<(), ConnectError> {
        let mut connection = PgConnection::connect_with(options).await?;
        let login: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut connection).await?;
        let made = connection.execute(ROLES).await;
        connection.execute(LEAKPROOF).await?;
        connection.close().await?;
        made.map(drop).map_err(|source| ConnectError::Roles { login, source })
    }

    /// Opens the pools of a migrated database.
    pub async fn open(
        options: PgConnectOptions,
        limits: &StoreOptions,
        nudges: Nudges,
    ) -> Result<Self, ConnectError> {
        let options = limited(options, limits);
        let app = pool(&options, limits, limits.app_connections, "SET ROLE turumba_app").await?;
        let system = pool(&options, limits, limits.system_connections, "SET ROLE turumba_system").await?;
        // it lasts, and is no part of what requests and workers may use
        let hints = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(limits.acquire_timeout)
            .connect_lazy_with(options);
        Ok(Self { app, system, hints, replica: None, nudges })
    }
}

async fn pool(
    options: &PgConnectOptions,
    limits: &StoreOptions,
    most: u32,
    set_role: &'static str,
) -> Result<sqlx::PgPool, sqlx::Error> {
    pool_options(limits, most, set_role).min_connections(1).connect_with(options.clone()).await
}

/// Connects when it is first used.
pub(super) fn lazy_pool(
    options: &PgConnectOptions,
    limits: &StoreOptions,
    most: u32,
    set_role: &'static str,
) -> sqlx::PgPool {
    pool_options(limits, most, set_role).connect_lazy_with(limited(options.clone(), limits))
}

fn limited(options: PgConnectOptions, limits: &StoreOptions) -> PgConnectOptions {
    options.options([("statement_timeout", limits.statement_timeout.as_millis().to_string())])
}

fn pool_options(limits: &StoreOptions, most: u32, set_role: &'static str) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(limits.acquire_timeout)
        // a ping for every transaction would cost a round trip; a dead connection fails at BEGIN
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(set_role).await?;
                Ok(())
            })
        })
}
