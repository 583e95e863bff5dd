#!/usr/bin/env bash
# Installs what packages are made and tried with, beside the toolchain of every language. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
conan=conan==2.34.0 # from PyPI

"$ROOT/.toolchains/all.sh"
have cmake || "$ROOT/.toolchains/apt.sh" cmake make
have man || "$ROOT/.toolchains/apt.sh" man-db
have mandoc || "$ROOT/.toolchains/apt.sh" mandoc
have abidiff || "$ROOT/.toolchains/apt.sh" abigail-tools
have lintian || "$ROOT/.toolchains/apt.sh" lintian
if ! environment_is_current conan "$conan"; then
    need_venv
    make_environment python3 conan "$conan"
fi

# A small Debian with a C compiler beside this one: there the packages are installed as a user does it.
chroot="$BYTESTORE_TOOLCHAINS/debian"
if [ -d "$chroot" ]; then
    exit 0
fi
need_root_for "a Debian to install packages in" "debootstrap"
"$ROOT/.toolchains/apt.sh" debootstrap debian-archive-keyring
exec 9>"$BYTESTORE_TOOLCHAINS/debian.lock"
flock 9
if [ -d "$chroot" ]; then
    exit 0 # another installer was faster
fi
# shellcheck source=/dev/null
release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
say "unpacking a Debian $release with a C compiler below $BYTESTORE_TOOLCHAINS: 400 MB"
rm -rf --one-file-system "$chroot.partial"
# In a mount namespace of its own, nothing stays mounted there, however this ends.
if ! unshare --mount --propagation private debootstrap --variant=minbase --include=gcc,libc6-dev,pkg-config \
    "$release" "$chroot.partial" "$(debian_mirror)" >"$BYTESTORE_TOOLCHAINS/debian.log" 2>&1 </dev/null; then
    tail -n 20 "$BYTESTORE_TOOLCHAINS/debian.log" >&2
    exit 1
fi
rm -rf "$chroot.partial"/var/cache/apt/archives/*.deb "$chroot.partial"/var/lib/apt/lists/*
mv "$chroot.partial" "$chroot"
