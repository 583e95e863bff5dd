#!/usr/bin/env bash
# Builds the package's reference into a folder: reference.sh FOLDER. TypeDoc makes it of the sources; what it warns of, an
# export without a comment say, is a failure.
set -euo pipefail
. "$(dirname "$0")/build.sh"
cd "$package"
node_modules/.bin/typedoc --logLevel Warn --out "$1"
