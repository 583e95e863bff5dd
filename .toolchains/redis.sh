#!/usr/bin/env bash
# Installs a Redis server that no service starts, and what starts it in tests. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"

packages=()
# redis-server would also start a service. redis-tools holds the same program and goes by the name it is called by.
if ! have redis-server || ! have redis-cli; then
    packages+=(redis-tools)
fi
have openssl || packages+=(openssl)
have python3 || packages+=(python3)
if [ ${#packages[@]} -gt 0 ]; then
    "$ROOT/.toolchains/apt.sh" ca-certificates "${packages[@]}"
    hash -r
fi
if ! have redis-server; then
    mkdir -p "$BYTESTORE_TOOLCHAINS/bin"
    ln -sf /usr/bin/redis-check-rdb "$BYTESTORE_TOOLCHAINS/bin/redis-server"
fi
