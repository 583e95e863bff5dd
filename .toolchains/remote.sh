#!/usr/bin/env bash
# Installs what the tests on servers need: a server, and the languages that reach it. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"

for tool in rust c go swift python node redis; do
    "$ROOT/.toolchains/$tool.sh"
done
