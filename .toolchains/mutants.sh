#!/usr/bin/env bash
# Installs cargo-mutants.
set -euo pipefail
. "$(dirname "$0")/env.sh"
exec "$ROOT/.toolchains/crate.sh" cargo-mutants 27.1.0 --debug
