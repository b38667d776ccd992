#!/usr/bin/env bash
# Checks every query against a new database with all migrations and writes the data for building without one (.sqlx).
# With --check it writes nothing and fails if the data differs from what is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-tools.sh run

bin="${TURUMBA_POSTGRES_BIN:-}"
if [ -z "$bin" ]; then
    bin="$(for folder in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin; do
        if [ -x "$folder/initdb" ]; then echo "$folder"; fi
    done | sort -V | tail -n 1)"
    [ -n "$bin" ] || bin="$(dirname "$(command -v postgres)")"
fi

work="$(mktemp -d /tmp/turumba-sqlx-XXXXXX)"
chmod 755 "$work"
mkdir "$work/data" "$work/sqlx"
as_owner=()
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root
    owner="$(id -un postgres 2>/dev/null || echo nobody)"
    chown "$owner" "$work" "$work/data"
    as_owner=(runuser -u "$owner" --)
fi
cleanup() {
    "${as_owner[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT

"${as_owner[@]}" "$bin/initdb" -D "$work/data" -U turumba -E UTF8 --locale=C -A trust --no-sync >/dev/null
"${as_owner[@]}" "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w start \
    -o "-k $work -c listen_addresses= -c fsync=off" >/dev/null
psql=("$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$work" -U turumba)
# as the hub does before it migrates
"${psql[@]}" -d postgres -c 'CREATE DATABASE turumba' -c 'CREATE ROLE turumba_app NOLOGIN NOBYPASSRLS' \
    -c 'CREATE ROLE turumba_system NOLOGIN NOBYPASSRLS'
for migration in migrations/*.sql; do
    once=(-1)
    if head -n 1 "$migration" | grep -q '^-- no-transaction'; then once=(); fi
    PGOPTIONS='-c client_min_messages=warning' "${psql[@]}" "${once[@]}" -d turumba -f "$migration" >/dev/null ||
        { echo "failed: $migration" >&2; exit 1; }
done

# a query is written when its crate is compiled: those that have one are compiled again
grep -rlE 'query(_as|_scalar|_file|_file_as)?!' --include='*.rs' --exclude-dir=target --exclude-dir=node_modules . |
    xargs -r touch
DATABASE_URL="postgres://turumba@localhost/turumba?host=$work" SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$work/sqlx" \
    cargo check --workspace --all-targets

count="$(find "$work/sqlx" -name 'query-*.json' | wc -l)"
if [ "${1:-}" = --check ]; then
    if ! diff -rq "$work/sqlx" .sqlx >"$work/diff"; then
        head -n 10 "$work/diff"
        echo 'the committed .sqlx is out of date: make sqlx' >&2
        exit 1
    fi
else
    rm -rf .sqlx
    cp -r "$work/sqlx" .sqlx
    chmod 755 .sqlx
fi
echo "$count queries checked"
