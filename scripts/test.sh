#!/usr/bin/env bash
# What CI checks: formatting, lints, dependencies and every test. `scripts/test.sh check` leaves the tests out.
# Seconds per stage are printed, and at the end one line that says that all of it passed.
set -euo pipefail
cd "$(dirname "$0")/.."
export SQLX_OFFLINE="${SQLX_OFFLINE:-true}"
target="${CARGO_TARGET_DIR:-target}"
# a database of the operator's own has no part in the tests
unset DATABASE_URL TEST_DATABASE_URL

# what scripts/install-tools.sh compiled
PATH="$PATH:${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/turumba-tools/bin"

report=()
stage() {
    local name="$1" began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" || { printf '\nFAILED at %s after %s s\n' "$name" "$((SECONDS - began))"; exit 1; }
    report+=("$name $((SECONDS - began)) s")
}

deny() {
    if cargo deny --version >/dev/null 2>&1; then
        # it looks at the crates of every platform; the build has fetched only this one's
        cargo fetch --quiet --locked
        # advisories need their database from the network: `cargo deny check advisories` when there is one
        cargo deny --offline --log-level error check bans licenses sources
    else
        echo "skipped: cargo-deny is not installed (cargo install --locked cargo-deny)"
    fi
}

lint() { cargo clippy --quiet --workspace --all-targets -- -D warnings; }

build() {
    cargo build --quiet --workspace --bins
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --cargo-quiet --workspace --no-run
    else
        cargo test --quiet --workspace --no-run
    fi
}

# the workspace of the web apps is there
has_web() { [ -f package.json ]; }

# the parts of it that say so are checked by types
types() { npm run check --workspaces --if-present --silent; }
wire() { TURUMBA_BIN="$(realpath "$target/debug/turumba")" node scripts/wire-types.mjs --check; }
components() { npm test --silent --workspace inbox/realtime --workspace inbox/web --workspace widget; }
browser() { TURUMBA_BIN="$(realpath "$target/debug/turumba")" npm test --silent --workspace tests/browser; }

# one PostgreSQL and one Redis for the whole run
tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        "$target/debug/with-servers" cargo nextest run --cargo-quiet --workspace --no-fail-fast --status-level fail
    else
        "$target/debug/with-servers" cargo test --quiet --workspace --no-fail-fast
    fi
}

# the front door's tests once more, against hubs that are joined by Redis; but those that choose their servers by themselves
distributed() {
    if cargo nextest --version >/dev/null 2>&1; then
        TURUMBA_TEST_STACK=distributed "$target/debug/with-servers" cargo nextest run --cargo-quiet --package tests \
            --test suite --no-fail-fast --status-level fail -E 'not test(/^(nodes|chaos|files|replica)::/)'
    else
        TURUMBA_TEST_STACK=distributed "$target/debug/with-servers" cargo test --quiet --package tests --test suite \
            --no-fail-fast -- --skip nodes:: --skip chaos:: --skip files:: --skip replica::
    fi
}

stage tools scripts/install-tools.sh "$([ "${1:-}" = check ] && echo run || echo test)"
if has_web; then
    # before the hub, which takes them in
    stage ui scripts/build-ui.sh
fi
stage format cargo fmt --all --check
stage lint lint
stage dependencies deny
if [ "${1:-}" != check ]; then
    stage build build
    if has_web; then
        stage wire wire
        stage types types
        stage components components
        stage sizes npm run size --silent --workspace widget
    fi
    stage tests tests
    if [ -f tests/browser/package.json ]; then stage browser browser; fi
    stage distributed distributed
fi

printf '\n'
printf '%s\n' "${report[@]}"
printf 'ok: all of it passed in %s s\n' "$SECONDS"
