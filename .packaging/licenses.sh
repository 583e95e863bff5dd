#!/usr/bin/env bash
# Collects the licence texts of all crates that are compiled in, into files THIRD-PARTY-LICENSES: to be run after a change
# of a Cargo.lock. licenses.sh --check compares, and changes nothing.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
"$ROOT/.toolchains/licenses.sh"
cd "$ROOT"
made=$(mktemp)
trap 'rm -f "$made"' EXIT

for crate in . bindings/python/accelerator; do
    cargo about generate --locked --fail --config .packaging/about.toml --manifest-path "$crate/Cargo.toml" .packaging/about.hbs >"$made"
    if [ "${1:-}" = --check ]; then
        diff "$made" "$crate/THIRD-PARTY-LICENSES"
    else
        install -m 644 "$made" "$crate/THIRD-PARTY-LICENSES"
    fi
done
