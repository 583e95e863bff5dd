#!/usr/bin/env bash
# Installs what the benchmark compares the store with: the libraries of the C and C++ peers and a Redis server
# that no service starts. Boost's bulk visits came with 1.84; on Debian 12 the headers of Debian 13 are unpacked
# below $BYTESTORE_TOOLCHAINS.
set -euo pipefail
. "$(dirname "$0")/env.sh"
boost=libboost1.88-dev
boost_include="$BYTESTORE_TOOLCHAINS/boost/include"
packages=(g++ pkg-config libtbb-dev libabsl-dev liblmdb-dev libsqlite3-dev libhiredis-dev)

# Unpacks Boost's headers of Debian 13 into $1. apt checks the index's signature and the package's checksum against
# it, here with a directory of its own, so that the machine's own package lists stay as they are.
unpack_boost() (
    apt="$(mktemp -d)"
    trap 'rm -rf "$apt"' EXIT
    mkdir -p "$apt"/{lists,cache/archives}/partial
    cat >"$apt/trixie.sources" <<SOURCES
Types: deb
URIs: $(debian_mirror)
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    options=(-qq -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$apt/trixie.sources"
        -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache")
    cd "$apt"
    apt-get "${options[@]}" update >&2
    apt-get "${options[@]}" download "$boost" >&2
    mkdir -p "$1.partial"
    dpkg-deb --fsys-tarfile "$boost"_*.deb | tar -x -C "$1.partial" --strip-components=3 ./usr/include/boost
    mv "$1.partial" "$1"
)

case "$(debian_version)" in
    13) packages+=("$boost") ;;
    12) packages+=(debian-archive-keyring) ;;
    *) missing "what the benchmark compares with" "apt-get install on Debian 12 or 13" ;;
esac
"$ROOT/.toolchains/apt.sh" ca-certificates "${packages[@]}"
"$ROOT/.toolchains/redis.sh"
if [ "$(debian_version)" = 12 ] && [ ! -d "$boost_include" ]; then
    mkdir -p "${boost_include%/*}"
    exec 8>"$BYTESTORE_TOOLCHAINS/boost.lock"
    flock 8
    if [ ! -d "$boost_include" ]; then # otherwise another installer was faster
        say "unpacking the headers of $boost from Debian 13 below $BYTESTORE_TOOLCHAINS"
        unpack_boost "$boost_include"
    fi
fi
