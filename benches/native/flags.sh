#!/usr/bin/env bash
# Prints what it takes to compile and link each peer, one source file a line:
#
#     FILE FLAG FLAG…
#
# Words are separated by single blanks and not quoted. FILE is a name in this directory (its ending says the
# language); -lNAME and -LDIR are for linking the program, all other flags for compiling this file. The files stand
# in linking order: each one before those that it uses. It must not know who reads it or what a peer does.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
common="-O3 -DNDEBUG -Wall -Wextra -Wshadow"

# packages NAME…: the flags of installed libraries.
packages() { pkg-config --cflags "$@" && pkg-config --libs-only-L --libs-only-l "$@"; }

# line FILE STANDARD FLAG…
line() {
    local words
    read -r -a words <<<"$(tr -s '\n' ' ' <<<"$1 -std=$2 $common ${*:3}")"
    printf '%s\n' "${words[*]}"
}

boost="$BYTESTORE_TOOLCHAINS/boost/include" # there only where Debian's own is too old
if [ ! -d "$boost" ]; then
    boost=
fi
line peers.cpp c++17
line boost.cpp c++17 "${boost:+-isystem $boost}"
line tbb.cpp c++17 "$(packages tbb)"
line abseil.cpp c++17 "$(packages absl_flat_hash_map absl_synchronization)"
line lmdb.c gnu11 "$(packages lmdb)"
line sqlite.c gnu11 "$(packages sqlite3)"
line redis.c gnu11 "$(packages hiredis)" "-DREDIS_VERSION=$(redis-server --version | sed 's/.* v=\([0-9.]*\).*/\1/')"
