//! The database that a move goes to: empty, or left by the same move when it was cut short.

use anyhow::{Context as _, bail, ensure};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};

/// While this table is there the database is not whole, and no hub starts on it.
const MARK: &str = "turumba_move";

/// How far an earlier try came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No rows yet, perhaps a part of the schema.
    Empty,
    /// Every row arrived and was compared.
    Filled,
}

pub(super) struct Target {
    connection: PgConnection,
    name: String,
}

impl Target {
    pub async fn connect(to: &PgConnectOptions, name: &str) -> anyhow::Result<Self> {
        let mut connection = to.connect().await.with_context(|| format!("{name} cannot be reached"))?;
        let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
            .fetch_one(&mut connection)
            .await?;
        ensure!(version >= 150_000, "{name} is PostgreSQL {}; 15 is the oldest that works", version / 10_000);
        Ok(Self { connection, name: name.to_owned() })
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Takes the database for the move of `source`, or recognises what an earlier try left.
    pub async fn claim(&mut self, source: &str) -> anyhow::Result<State> {
        if is_marked(&mut self.connection).await? {
            let (by, filled): (String, bool) =
                sqlx::query_as("SELECT source, filled_at IS NOT NULL FROM turumba_move")
                    .fetch_one(&mut self.connection)
                    .await?;
            ensure!(
                by == source,
                "{} holds the unfinished move of another database; drop that database and make a new one",
                self.name
            );
            return Ok(if filled { State::Filled } else { State::Empty });
        }
        let there: Vec<String> = sqlx::query_scalar(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
               AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
             ORDER BY 1 LIMIT 4",
        )
        .fetch_all(&mut self.connection)
        .await?;
        if !there.is_empty() {
            bail!(
                "{} is not empty (there is {}); a move needs an empty database: CREATE DATABASE one",
                self.name,
                there.join(", ")
            );
        }
        let mut tx = self.connection.begin().await?;
        tx.execute("CREATE TABLE turumba_move (source text NOT NULL, begun_at timestamptz NOT NULL DEFAULT now(), filled_at timestamptz)")
            .await
            .with_context(|| format!("the login may not make tables in {}", self.name))?;
        sqlx::query("INSERT INTO turumba_move (source) VALUES ($1)").bind(source).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(State::Empty)
    }

    /// The source is sealed: from now on the database may be used.
    pub async fn release(mut self) -> anyhow::Result<()> {
        self.connection.execute(AssertSqlSafe(format!("DROP TABLE IF EXISTS {MARK}"))).await?;
        self.connection.close().await?;
        Ok(())
    }
}

async fn is_marked(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT to_regclass('public.' || $1) IS NOT NULL")
        .bind(MARK)
        .fetch_one(connection)
        .await
}

/// Refuses an operator's database into which a move has not ended.
pub async fn refuse_unfinished(options: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = options.connect().await.context("the database cannot be used")?;
    let marked = is_marked(&mut connection).await?;
    connection.close().await?;
    ensure!(
        !marked,
        "a move into this database has not ended; run turumba move again where it was begun, or drop this database"
    );
    Ok(())
}
