#!/usr/bin/env bash
# Installs the toolchain of every language. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"

for language in rust c go swift python node; do
    "$ROOT/.toolchains/$language.sh"
done
