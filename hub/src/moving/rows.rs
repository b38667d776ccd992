//! The rows, table by table, in one transaction of the target.
//!
//! Foreign keys are taken off and put on again, which checks every reference; what arrived is compared by the number of
//! rows and a sum over all their values. Should anything differ, nothing has happened.

use anyhow::{Context as _, ensure};
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, FromRow, PgConnection};

/// How values are written, so that two servers write the same text.
const SESSION: &str =
    "SET search_path = public; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';
    SET bytea_output = 'hex'; SET extra_float_digits = 1; SET statement_timeout = 0; SET lock_timeout = 0;
    SET idle_in_transaction_session_timeout = 0";

#[derive(Debug, Clone, FromRow)]
struct Table {
    /// Quoted where it has to be.
    name: String,
    /// Those that can be written, quoted.
    columns: String,
    fenced: bool,
}

/// Tables with their columns; partitions are a part of their table.
const TABLES: &str = "
    SELECT quote_ident(c.relname) AS name, c.relforcerowsecurity AS fenced,
           (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN ('_sqlx_migrations', 'turumba_move')
    ORDER BY c.relname";

/// What a table holds: rows, and a sum that does not depend on their order.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
struct Sum {
    rows: i64,
    sum: String,
}

/// Copies everything, unless an earlier try did, and compares. Returns the rows of each table.
pub(super) async fn carry(
    source: &mut PgConnection,
    target: &mut PgConnection,
    is_filled: bool,
) -> anyhow::Result<Value> {
    source.execute(SESSION).await?;
    target.execute(SESSION).await?;
    let mut from = source.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let tables: Vec<Table> = sqlx::query_as(TABLES).fetch_all(&mut *from).await?;
    let mut to = target.begin().await?;
    let there: Vec<Table> = sqlx::query_as(TABLES).fetch_all(&mut *to).await?;
    let names =
        |tables: &[Table]| tables.iter().map(|t| format!("{} ({})", t.name, t.columns)).collect::<Vec<_>>();
    ensure!(
        names(&tables) == names(&there),
        "the two databases do not have the same tables; nothing was moved"
    );
    let fenced = || tables.iter().filter(|table| table.fenced);
    for table in fenced() {
        // the owner writes and counts past the fences, if it is no superuser
        run(&mut to, format!("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", table.name)).await?;
    }
    if !is_filled {
        fill(&mut from, &mut to, &tables).await?;
    }
    let mut moved = serde_json::Map::new();
    for table in &tables {
        let (here, arrived) = (sum(&mut from, table).await?, sum(&mut to, table).await?);
        // it names the server that it is on; see below
        let same = if table.name == "installation" { here.rows == arrived.rows } else { here == arrived };
        ensure!(same, "{} differs after the copy ({here:?}, {arrived:?}); nothing was moved", table.name);
        if here.rows > 0 {
            moved.insert(table.name.clone(), json!(here.rows));
        }
    }
    let numbers = compare_sequences(&mut from, &mut to).await?;
    for table in fenced() {
        run(&mut to, format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY", table.name)).await?;
    }
    if !is_filled {
        to.execute("UPDATE turumba_move SET filled_at = now()").await?;
    }
    to.commit().await.context("the target did not confirm; run this again")?;
    from.rollback().await?;
    Ok(json!({ "rows": moved, "sequences": numbers }))
}

async fn fill(from: &mut PgConnection, to: &mut PgConnection, tables: &[Table]) -> anyhow::Result<()> {
    let references: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT quote_ident(c.relname), quote_ident(k.conname), pg_get_constraintdef(k.oid)
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2",
    )
    .fetch_all(&mut *to)
    .await?;
    for (table, name, _) in &references {
        run(to, format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
    }
    let all: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    // migrations may have left rows
    run(to, format!("TRUNCATE {}", all.join(", "))).await?;
    months(from, to).await?;
    for table in tables {
        copy(from, to, table).await.with_context(|| format!("copying {}", table.name))?;
    }
    let numbers = sequences(from).await?;
    for (name, last, is_called) in &numbers {
        sqlx::query("SELECT setval(($1::text)::regclass, $2, $3)")
            .bind(name)
            .bind(last)
            .bind(is_called)
            .execute(&mut *to)
            .await?;
    }
    for (table, name, definition) in &references {
        run(to, format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")).await?;
    }
    // the same life goes on at another place
    to.execute(
        "UPDATE installation SET identity = concat_ws(':', (SELECT system_identifier FROM pg_control_system()),
             (SELECT timeline_id FROM pg_control_checkpoint()),
             (SELECT oid FROM pg_database WHERE datname = current_database()))",
    )
    .await?;
    Ok(())
}

/// The months that the source has partitions for.
async fn months(from: &mut PgConnection, to: &mut PgConnection) -> anyhow::Result<()> {
    let months: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT right(c.relname, 6) FROM pg_class c
         JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relname ~ '_[0-9]{6}$' ORDER BY 1",
    )
    .fetch_all(from)
    .await?;
    for month in months {
        sqlx::query("SELECT make_partitions(to_timestamp($1, 'YYYYMM'), 0)")
            .bind(month)
            .execute(&mut *to)
            .await?;
    }
    Ok(())
}

async fn copy(from: &mut PgConnection, to: &mut PgConnection, table: &Table) -> anyhow::Result<()> {
    let Table { name, columns, .. } = table;
    // a partitioned table can only be read by a query
    let mut rows = from.copy_out_raw(&format!("COPY (SELECT {columns} FROM {name}) TO STDOUT")).await?;
    let mut into = to.copy_in_raw(&format!("COPY {name} ({columns}) FROM STDIN")).await?;
    while let Some(bytes) = rows.try_next().await? {
        into.send(bytes).await?;
    }
    into.finish().await?;
    Ok(())
}

/// The start of each row's MD5 as a number, added up: the same on every server and in every order.
async fn sum(connection: &mut PgConnection, table: &Table) -> anyhow::Result<Sum> {
    let Table { name, columns, .. } = table;
    let sql = format!(
        "SELECT count(*) AS rows, coalesce(sum(('x' || left(md5(ROW({columns})::text), 16))::bit(64)::bigint::numeric), 0)::text AS sum
         FROM {name}"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_one(connection).await?)
}

async fn sequences(connection: &mut PgConnection) -> anyhow::Result<Vec<(String, i64, bool)>> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::new();
    for name in names {
        let sql = format!("SELECT last_value, is_called FROM {name}");
        let (last, is_called) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        found.push((name, last, is_called));
    }
    Ok(found)
}

async fn compare_sequences(from: &mut PgConnection, to: &mut PgConnection) -> anyhow::Result<usize> {
    let (here, arrived) = (sequences(from).await?, sequences(to).await?);
    ensure!(here == arrived, "sequences differ after the copy ({here:?}, {arrived:?}); nothing was moved");
    Ok(here.len())
}

async fn run(connection: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    connection.execute(AssertSqlSafe(sql.clone())).await.with_context(|| sql.clone())?;
    Ok(())
}
