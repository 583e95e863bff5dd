#!/usr/bin/env bash
# Installs Swift 5.9 or newer, and DocC. Debian has both from release 13 on; on Debian 12 a small Debian 13
# is unpacked below $BYTESTORE_TOOLCHAINS, with `swift`, `swiftc` and `docc` beside it that run inside.
set -euo pipefail
. "$(dirname "$0")/env.sh"
"$ROOT/.toolchains/redis.sh" # the server that its tests start
wanted=5.9
# SwiftPM asks pkg-config for libraries; the demo takes its SHA-256 from libcrypto.
packages=(swiftlang pkg-config libc6-dev libssl-dev)
debians=/usr/libexec/swift/bin # where Debian has what it puts on no PATH
site="the steps of https://www.swift.org/install/linux"

is_recent() { have swift && at_least "$wanted" "$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')"; }

# Unpacks Debian 13 with Swift into $1; the directory appears only when it is complete.
unpack_debian_13() {
    local partial="$1.partial" log="$BYTESTORE_TOOLCHAINS/debootstrap.log"
    rm -rf --one-file-system "$partial"
    # In a mount namespace of its own, nothing stays mounted below $partial, however this ends.
    if ! unshare --mount --propagation private debootstrap --variant=minbase \
        --include="$(IFS=,; printf '%s' "${packages[*]}")" trixie "$partial" "$(debian_mirror)" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        exit 1
    fi
    rm -rf "$partial"/var/cache/apt/archives/*.deb "$partial"/var/lib/apt/lists/*
    mv "$partial" "$1"
}

write_wrapper() {
    local wrapper="$BYTESTORE_TOOLCHAINS/bin/swift"
    mkdir -p "${wrapper%/*}"
    cat >"$wrapper.partial" <<'WRAPPER'
#!/usr/bin/env bash
# Runs the program of this name of the Debian 13 unpacked beside this directory, in a mount namespace of its
# own: this machine's files stand at the same paths there, its operating system does not.
# SWIFT_BIND adds directories of the operating system, separated by colons.
set -euo pipefail
SWIFT_ROOT="$(cd "$(dirname "$(readlink -f "$0")")/../swift-trixie" && pwd)"
export SWIFT_ROOT
# shellcheck disable=SC2016 # the inner shell expands these
exec unshare --mount --propagation private bash -c '
    set -euo pipefail
    bind() {
        mkdir -p "$SWIFT_ROOT$1"
        mount --rbind "$1" "$SWIFT_ROOT$1"
    }
    for dir in /*; do
        case "$dir" in
            /bin | /boot | /etc | /lib* | /lost+found | /opt | /run | /sbin | /usr | /var) ;;
            *) if [ -d "$dir" ]; then bind "$dir"; fi ;;
        esac
    done
    here="$PWD"
    IFS=:
    for dir in "$here" "${ROOT:-}" "${HOME:-}" "${TMPDIR:-}" ${SWIFT_BIND:-}; do
        case "$dir" in
            /opt/* | /run/* | /usr/* | /var/*) if [ -d "$dir" ]; then bind "$dir"; fi ;;
        esac
    done
    PATH="/usr/bin:/bin:/usr/libexec/swift/bin:$PATH"
    exec chroot "$SWIFT_ROOT" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$here" "$@"
' swift "${0##*/}" "$@"
WRAPPER
    chmod +x "$wrapper.partial"
    mv "$wrapper.partial" "$wrapper"
    for name in swiftc docc; do
        ln -sf swift "${wrapper%/*}/$name"
    done
}

if is_recent && have swiftc && have docc; then
    exit 0
fi
case "$(debian_version)" in
    13)
        "$ROOT/.toolchains/apt.sh" "${packages[@]}"
        mkdir -p "$BYTESTORE_TOOLCHAINS/bin"
        printf '#!/bin/sh\nexec %s/docc "$@"\n' "$debians" >"$BYTESTORE_TOOLCHAINS/bin/docc"
        chmod +x "$BYTESTORE_TOOLCHAINS/bin/docc"
        ;;
    12)
        need_root_for "Swift $wanted" "$site"
        "$ROOT/.toolchains/apt.sh" debootstrap debian-archive-keyring
        if ! unshare --mount true 2>/dev/null; then
            missing "the right to mount (Swift runs in a Debian 13 beside this Debian 12)" "$site"
        fi
        mkdir -p "$BYTESTORE_TOOLCHAINS"
        exec 8>"$BYTESTORE_TOOLCHAINS/swift.lock"
        flock 8
        if [ ! -d "$BYTESTORE_TOOLCHAINS/swift-trixie" ]; then
            say "unpacking a Debian 13 with Swift below $BYTESTORE_TOOLCHAINS: 2.5 GB"
            unpack_debian_13 "$BYTESTORE_TOOLCHAINS/swift-trixie"
        fi
        write_wrapper
        ;;
esac
hash -r
if ! is_recent; then
    missing "Swift $wanted" "$site"
fi
