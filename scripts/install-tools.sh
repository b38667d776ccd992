#!/usr/bin/env bash
# Installs what is missing for `make run`, `make test`, `make ui` or the browser tests:
#   scripts/install-tools.sh run|test|ui|browser|bench
# With nothing to do it takes a moment. What it cannot install it names, with the command, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'install-tools: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# packages that apt-get installs, gathered so that it runs once
packages=()

# the major version of the PostgreSQL in a folder, 0 when there is none
major_in() {
    [ -x "$1/postgres" ] && [ -x "$1/initdb" ] || { echo 0; return; }
    "$1/postgres" --version | sed -E 's/.*\) ([0-9]+).*/\1/'
}

have_postgres() {
    local folder folders=("${TURUMBA_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin)
    if have postgres; then folders+=("$(dirname "$(command -v postgres)")"); fi
    for folder in "${folders[@]}"; do
        if [ -n "$folder" ] && [ "$(major_in "$folder")" -ge 15 ]; then return 0; fi
    done
    return 1
}

# as root, directly; else through sudo, if that works without asking where nobody can answer
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        die "run this as root, then again: $*"
    fi
}

install_packages() {
    [ ${#packages[@]} -gt 0 ] || return 0
    if have apt-get; then
        say "installing ${packages[*]}"
        export DEBIAN_FRONTEND=noninteractive
        as_root apt-get update -qq >&2 || say "apt-get update failed; trying with what is known"
        as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2 ||
            die "this failed: apt-get install ${packages[*]}"
    elif have brew; then
        local names=("${packages[@]/#postgresql/postgresql@17}")
        names=("${names[@]/#nodejs/node}")
        brew install "${names[@]}" >&2
    else
        die "install with your system's package manager, then try again: ${packages[*]}"
    fi
}

need_rust() {
    have cargo || die "Rust is missing; install it from https://rustup.rs, then try again"
    have cc || packages+=(build-essential)
}

have_rabbitmq() {
    local program
    for program in /usr/lib/rabbitmq/bin/rabbitmq-server /opt/homebrew/sbin/rabbitmq-server /usr/local/sbin/rabbitmq-server; do
        if [ -e "$program" ]; then return 0; fi
    done
    return 1
}

# the tests start their own; the service that a package starts is not used
need_rabbitmq() {
    if have_rabbitmq; then return 0; fi
    if have brew; then packages+=(rabbitmq); else packages+=(rabbitmq-server); fi
}

need_postgres() { have_postgres || packages+=(postgresql); }

need_redis() { have redis-server || packages+=(redis-server); }

need_node() {
    have node || packages+=(nodejs)
    have npm || packages+=(npm)
}

# the stock client in Python is installed into an environment of its own
need_python() {
    if have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; then return 0; fi
    packages+=(python3 python3-venv)
}

# the stock client in Rust binds to it; no part of the product does
need_openssl() {
    [ "$(uname)" = Linux ] || return 0
    if have pkg-config && pkg-config --exists openssl; then return 0; fi
    packages+=(pkg-config libssl-dev)
}

need_browser() {
    local browser
    for browser in chromium chromium-browser google-chrome google-chrome-stable; do
        if have "$browser"; then return 0; fi
    done
    packages+=(chromium)
}

# a browser without them shows Amharic as boxes
need_fonts() {
    if have fc-list && fc-list | grep -qi abyssinica; then return 0; fi
    if have apt-get; then packages+=(fonts-sil-abyssinica); fi
}

# Vite needs this much
NODE=20.19
have_node() {
    have node && [ "$(printf '%s\n%s\n' "$NODE" "$(node --version | tr -d v)" | sort -V | head -n 1)" = "$NODE" ]
}

# the packages of a folder's lock file, unless they are there
npm_ci() {
    [ -f "$1/package-lock.json" ] || return 0
    if [ -f "$1/node_modules/.package-lock.json" ] &&
        [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then return 0; fi
    say "installing the packages of $1"
    npm --prefix "$1" ci --no-audit --no-fund --loglevel=error >&2
    # npm keeps the time of unchanged files
    touch "$1/node_modules/.package-lock.json"
}

# the check of dependencies, compiled once (about two minutes on two cores) into a folder outside the clone; it is no
# reason to fail where crates.io cannot be reached
cargo_deny() {
    if cargo deny --version >/dev/null 2>&1; then return 0; fi
    local tools="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/turumba-tools"
    [ ! -x "$tools/bin/cargo-deny" ] || return 0
    say "compiling cargo-deny, once"
    CARGO_TARGET_DIR="$tools/target" cargo install --quiet --locked cargo-deny --version 0.20.2 --root "$tools" >&2 ||
        say "cargo-deny cannot be installed; its check is left out"
    rm -rf "$tools/target"
}

case "${1:-test}" in
    run)
        need_rust
        need_postgres
        install_packages
        ;;
    test)
        need_rust
        need_postgres
        need_rabbitmq
        need_redis
        need_node
        need_python
        need_openssl
        if [ -d tests/browser ]; then need_browser; need_fonts; fi
        install_packages
        npm_ci tests/js
        npm_ci .
        cargo_deny
        ;;
    ui)
        need_node
        install_packages
        have_node || die "Node.js is older than $NODE, which the web apps need to be built; see https://nodejs.org"
        npm_ci .
        ;;
    bench)
        need_rust
        need_postgres
        need_node
        # what is measured beside the hub; without it, the hub alone is
        if [ ! -x /usr/sbin/bearerbox ] && have apt-get; then packages+=(kannel); fi
        install_packages
        npm_ci tests/js
        ;;
    browser)
        need_node
        need_browser
        need_fonts
        install_packages
        npm_ci .
        ;;
    *) die "what for? run, test, ui, browser or bench" ;;
esac

have_postgres || [ "${1:-test}" = ui ] || [ "${1:-test}" = browser ] ||
    die "PostgreSQL 15 or newer is still missing; see https://www.postgresql.org/download/"
