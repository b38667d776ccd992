#!/usr/bin/env bash
# Builds the inbox and the widget, each only when something of it, or of what it is made with, is newer than what
# was built last.
set -euo pipefail
cd "$(dirname "$0")/.."

# what both are made with
common=(package-lock.json tsconfig.base.json inbox/realtime/src)

build() {
    local folder="$1" made="node_modules/.built-${1//\//-}" sources=()
    [ -f "$folder/package.json" ] || return 0
    for source in "$folder" "${common[@]}"; do
        if [ -e "$source" ]; then sources+=("$source"); fi
    done
    if [ -f "$made" ] && [ -d "$folder/dist" ] && [ -z "$(find "${sources[@]}" -name node_modules -prune -o -name dist -prune -o \
        -type f -newer "$made" -print -quit)" ]; then
        return 0
    fi
    npm run build --silent --workspace "$folder"
    touch "$made"
}

build inbox/web
build widget
