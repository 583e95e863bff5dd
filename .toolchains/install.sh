#!/usr/bin/env bash
# Installs what packages are made and tried with, beside the toolchain of every language. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"

"$ROOT/.toolchains/all.sh"
have cmake || "$ROOT/.toolchains/apt.sh" cmake make
have man || "$ROOT/.toolchains/apt.sh" man-db
have mandoc || "$ROOT/.toolchains/apt.sh" mandoc
