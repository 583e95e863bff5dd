#!/usr/bin/env bash
# Installs what a release is made with, but for its documentation and licence texts (docs.sh, licenses.sh).
set -euo pipefail
. "$(dirname "$0")/env.sh"

"$ROOT/.toolchains/install.sh"
"$ROOT/.toolchains/crate.sh" cargo-cyclonedx 0.5.9 --debug # lists what a library is made of
