#!/usr/bin/env bash
# Installs cargo-about, which collects the licence texts of crates: optimised, as it compares many files with many texts.
set -euo pipefail
. "$(dirname "$0")/env.sh"
exec "$ROOT/.toolchains/crate.sh" cargo-about 0.8.4
