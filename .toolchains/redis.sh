#!/usr/bin/env bash
# Installs a Redis server that no service starts, and what starts it in tests. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"

packages=()
# redis-server would also start a service. redis-tools holds the same program and goes by the name it is called by.
if [ ! -x /usr/bin/redis-check-rdb ] || ! have redis-cli; then
    packages+=(redis-tools)
fi
have openssl || packages+=(openssl)
have python3 || packages+=(python3)
if [ ${#packages[@]} -gt 0 ]; then
    "$ROOT/.toolchains/apt.sh" ca-certificates "${packages[@]}"
    hash -r
fi

# A copy that needs nothing of this machine's system: Swift's tests run in another one (swift.sh).
folder="$BYTESTORE_TOOLCHAINS/redis"
wrapper="$BYTESTORE_TOOLCHAINS/bin/redis-server"
if [ -x "$wrapper" ] && [ -x "$folder/redis-server" ]; then
    exit 0
fi
program=/usr/bin/redis-server
[ -x "$program" ] || program=/usr/bin/redis-check-rdb
mkdir -p "$folder/lib" "${wrapper%/*}"
cp -L "$program" "$folder/redis-server"
mapfile -t libraries < <(ldd "$program" | grep -oE '/[^ ]+')
cp -L "${libraries[@]}" "$folder/lib/"
rm -f "$wrapper"
cat >"$wrapper" <<'WRAPPER'
#!/bin/sh
# Runs the copy with its own libraries.
folder="$(dirname "$(dirname "$(readlink -f "$0")")")/redis"
exec "$(echo "$folder"/lib/ld-linux*)" --argv0 redis-server --library-path "$folder/lib" "$folder/redis-server" "$@"
WRAPPER
chmod +x "$wrapper"
