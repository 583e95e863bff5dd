#!/usr/bin/env bash
# A program with a GiB of address space: there counts what is only reserved, too. Knows no program.
set -euo pipefail
ulimit -v 1048576
exec "$@"
