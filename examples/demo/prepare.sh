#!/usr/bin/env bash
# Gets Python for the demonstration. Debian keeps the tests, most of the standard library's
# files, in a package of their own; without root there are just fewer files to store.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"

have python3 || "$ROOT/.toolchains/apt.sh" python3
library=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
if [[ $library == /usr/lib/python3.* ]] && [ -n "$(debian_version)" ] && [ "$(id -u)" = 0 ]; then
    "$ROOT/.toolchains/apt.sh" "lib${library#/usr/lib/}-testsuite"
fi
