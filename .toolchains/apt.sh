#!/usr/bin/env bash
# Installs the Debian packages it is given, as far as they are missing: apt.sh PKG…
# Quiet when nothing is to do. Without root or apt it says what to install and exits 3.
set -euo pipefail
. "$(dirname "$0")/env.sh"

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

wanted=()
for package in "$@"; do
    if ! have dpkg-query || ! is_installed "$package"; then
        wanted+=("$package")
    fi
done
if [ ${#wanted[@]} -eq 0 ]; then
    exit 0
fi
need_root_for "${wanted[*]}" "apt-get install ${wanted[*]}"

mkdir -p "$BYTESTORE_TOOLCHAINS"
exec 9>"$BYTESTORE_TOOLCHAINS/apt.lock"
flock 9

export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends "${wanted[@]}" </dev/null; }
say "installing with apt: ${wanted[*]}"
log="$BYTESTORE_TOOLCHAINS/apt.log"
# Package lists may be absent or out of date: one update, then one more try.
if ! install >"$log" 2>&1 && ! { apt-get update -qq && install; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
