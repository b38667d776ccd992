//! PostgreSQL: version, rights, schema, partitions, connections, and its clock beside ours.

use std::{str::FromStr as _, time::Duration};

use bus::store::MIGRATOR;
use chrono::{DateTime, Utc};
use model::{Clock as _, SystemClock};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use super::Check;
use crate::{
    boot::postgres::{self, Attached, attach_or_start, has_home},
    config::Config,
};

const NAME: &str = "postgresql";
/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Leases are measured by the database's clock and times are written by ours.
const CLOCKS_APART: f64 = 2.0;

pub(super) async fn checks(config: &Config) -> Vec<Check> {
    if let Some(url) = &config.database_url {
        let options = match PgConnectOptions::from_str(url.reveal()) {
            Ok(options) => options.disable_statement_logging(),
            Err(error) => {
                let advice = "DATABASE_URL must be like postgres://user:password@host:5432/database";
                return vec![Check::failed(NAME, error.to_string(), advice)];
            }
        };
        return connected(config, &options).await;
    }
    let major = match postgres::newest_major(&config.private_postgres()) {
        Ok(major) => major,
        Err(error) => return vec![Check::failed(NAME, "not found", error.to_string())],
    };
    if !has_home(&config.data_dir) {
        return vec![Check::ok(
            NAME,
            format!("programs of version {major}; the first start makes the database"),
        )];
    }
    let attached = match attach_or_start(&config.data_dir, &config.private_postgres()).await {
        Ok(attached) => attached,
        Err(error) => {
            let advice =
                format!("what the server itself says is in postgres.log beside the cluster: {error}");
            return vec![Check::failed(NAME, "the private database does not run", advice)];
        }
    };
    let mut found = connected(config, &attached.connect_options().disable_statement_logging()).await;
    found.push(match &attached {
        Attached::Running { .. } => Check::ok("hub", "a hub or another command runs on this data directory"),
        Attached::Started(_) => Check::skipped("hub", "none runs on this data directory"),
    });
    attached.release().await;
    found
}

/// The replica, if there is to be one.
pub(super) async fn replica(config: &Config) -> Option<Check> {
    const NAME: &str = "postgresql replica";
    let url = config.database_replica_url.as_ref()?;
    let asked = async {
        let options = PgConnectOptions::from_str(url.reveal())?.disable_statement_logging();
        let mut connection = options.connect().await?;
        sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut connection).await
    };
    let advice = "check DATABASE_REPLICA_URL; lists are read from the database itself meanwhile";
    Some(match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(true)) => Check::ok(NAME, "replays what the database writes"),
        Ok(Ok(false)) => Check::warning(NAME, "it is no replica: it writes by itself", advice),
        Ok(Err(error)) => Check::warning(NAME, error.to_string(), advice),
        Err(_) => Check::warning(NAME, format!("no answer within {} s", PATIENCE.as_secs()), advice),
    })
}

async fn connected(config: &Config, options: &PgConnectOptions) -> Vec<Check> {
    let connecting = tokio::time::timeout(PATIENCE, options.connect()).await;
    let mut connection = match connecting {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            let advice =
                "check host, port, name, user and password, and that the server lets this machine in";
            return vec![Check::failed(NAME, error.to_string(), advice)];
        }
        Err(_) => {
            let found = format!("no answer within {} s", PATIENCE.as_secs());
            return vec![Check::failed(
                NAME,
                found,
                "check the network and the firewall between here and there",
            )];
        }
    };
    let mut checks = Vec::new();
    for looked in [
        version(&mut connection).await,
        rights(&mut connection).await,
        schema(&mut connection).await,
        partitions(&mut connection).await,
        connections(config, &mut connection).await,
        clock(&mut connection).await,
    ] {
        checks.push(looked.unwrap_or_else(|error| {
            Check::failed(NAME, error.to_string(), "the database answered, and not to this question")
        }));
    }
    // what was asked is known; how it ends does not matter
    let _closed = connection.close().await;
    checks
}

async fn version(connection: &mut PgConnection) -> sqlx::Result<Check> {
    let (number, text): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version')",
    )
    .fetch_one(connection)
    .await?;
    Ok(if number >= 150_000 {
        Check::ok(NAME, format!("version {text}"))
    } else {
        Check::failed(NAME, format!("version {text}"), "15 is the oldest that works; upgrade the server")
    })
}

async fn rights(connection: &mut PgConnection) -> sqlx::Result<Check> {
    const RIGHTS: &str = "postgresql rights";
    let (login, roles, makes_roles, makes_tables): (String, i64, bool, bool) = sqlx::query_as(
        "SELECT current_user::text,
                (SELECT count(*) FROM pg_roles WHERE rolname IN ('turumba_app', 'turumba_system')
                     AND pg_has_role(current_user, oid, 'MEMBER')),
                (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user),
                has_schema_privilege('public', 'CREATE')",
    )
    .fetch_one(connection)
    .await?;
    if roles < 2 && !makes_roles {
        let advice = format!(
            "let an administrator run: CREATE ROLE turumba_app NOLOGIN; CREATE ROLE turumba_system NOLOGIN; \
             GRANT turumba_app, turumba_system TO {login};"
        );
        return Ok(Check::failed(
            RIGHTS,
            format!("{login} may not use the roles that fence tenants off"),
            advice,
        ));
    }
    if !makes_tables {
        let advice = format!("let an administrator run: GRANT CREATE, USAGE ON SCHEMA public TO {login};");
        return Ok(Check::failed(RIGHTS, format!("{login} may not make tables"), advice));
    }
    Ok(Check::ok(RIGHTS, format!("{login} may do what a hub does")))
}

async fn schema(connection: &mut PgConnection) -> sqlx::Result<Check> {
    const SCHEMA: &str = "schema";
    let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    if !exists(connection, "_sqlx_migrations").await? {
        return Ok(Check::ok(SCHEMA, "none yet; the first start makes it"));
    }
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await?;
    Ok(match found.cmp(&known) {
        std::cmp::Ordering::Equal => Check::ok(SCHEMA, found.to_string()),
        std::cmp::Ordering::Less => {
            Check::ok(SCHEMA, format!("{found}; the next start brings it to {known}"))
        }
        std::cmp::Ordering::Greater => Check::failed(
            SCHEMA,
            format!("{found}, and this program knows {known}"),
            "start the newer version of turumba that made it",
        ),
    })
}

async fn partitions(connection: &mut PgConnection) -> sqlx::Result<Check> {
    const PARTITIONS: &str = "partitions";
    if !exists(connection, "messages").await? {
        return Ok(Check::skipped(PARTITIONS, "no schema yet"));
    }
    let next = (SystemClock.now() + chrono::Months::new(1)).format("messages_%Y%m").to_string();
    let has_next = exists(connection, &next).await?;
    let astray: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM unnest(ARRAY['messages_default', 'events_default', 'attempts_default',
             'webhook_journal_default']) AS name WHERE pg_relation_size(to_regclass(name)) > 0",
    )
    .fetch_all(connection)
    .await?;
    if !astray.is_empty() {
        let advice = "rows came in a month without partitions: move them into tables of their months";
        return Ok(Check::warning(PARTITIONS, format!("rows in {}", astray.join(", ")), advice));
    }
    Ok(if has_next {
        Check::ok(PARTITIONS, "made ahead")
    } else {
        let advice = "a running hub makes them; if one runs, its log says why not";
        Check::warning(PARTITIONS, format!("{next} is missing"), advice)
    })
}

async fn connections(config: &Config, connection: &mut PgConnection) -> sqlx::Result<Check> {
    const CONNECTIONS: &str = "connections";
    let (most, reserved, used): (i32, i32, i64) = sqlx::query_as(
        "SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int,
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')",
    )
    .fetch_one(connection)
    .await?;
    let wanted = i64::from(config.database.app_connections + config.database.system_connections) + 4;
    let found = format!("{used} of {most} used; a hub takes up to {wanted}");
    Ok(if i64::from(most - reserved) < wanted {
        let advice = "raise max_connections of the server, or lower database.app_connections and \
                      database.system_connections";
        Check::failed(CONNECTIONS, found, advice)
    } else {
        Check::ok(CONNECTIONS, found)
    })
}

async fn clock(connection: &mut PgConnection) -> sqlx::Result<Check> {
    const CLOCK: &str = "clock";
    let before = SystemClock.now();
    let theirs: DateTime<Utc> = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(connection).await?;
    let ours = before + (SystemClock.now() - before) / 2;
    let apart = (theirs - ours).as_seconds_f64().abs();
    let found = format!("{apart:.3} s between this machine and the database");
    Ok(if apart > CLOCKS_APART {
        Check::failed(CLOCK, found, "let both machines set their clocks by NTP")
    } else {
        Check::ok(CLOCK, found)
    })
}

async fn exists(connection: &mut PgConnection, table: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT to_regclass('public.' || quote_ident($1)) IS NOT NULL")
        .bind(table)
        .fetch_one(connection)
        .await
}
