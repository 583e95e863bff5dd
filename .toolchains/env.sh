# shellcheck shell=bash
# Sourced by every script of the house: where the project and its tools are, and how a
# script speaks. It installs nothing and must not know what any tool is for.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
BYTESTORE_TOOLCHAINS="${BYTESTORE_TOOLCHAINS:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/bytestore}"
export ROOT BYTESTORE_TOOLCHAINS

# What an installer put below BYTESTORE_TOOLCHAINS was put there because the machine's own
# was missing or too old: so it stands first. rustup's directory is often not on PATH at all.
for dir in "${CARGO_HOME:-${HOME:-/root}/.cargo}/bin" "$BYTESTORE_TOOLCHAINS"/{python/bin,go/bin,node/bin,rust/bin,bin}; do
    case ":$PATH:" in
        *":$dir:"*) ;;
        *) PATH="$dir:$PATH" ;;
    esac
done
unset dir
export PATH

# A missing tool is no failure of the project: exit code 3 says "skipped" to tests/run.
MISSING_TOOL=3

# say MESSAGE…: progress, for people.
say() { printf '==> %s\n' "$*" >&2; }

# missing WHAT STEP: ends the script and says which step would install WHAT.
missing() {
    printf 'bytestore: %s is missing here. Install it with: %s\n' "$1" "$2" >&2
    exit "$MISSING_TOOL"
}

have() { command -v "$1" >/dev/null 2>&1; }

# llvm_tool NAME: the path of one of rustc's own LLVM tools, or Debian's; empty: there is none.
llvm_tool() {
    local name=$1 tool
    for tool in "$(rustc --print sysroot 2>/dev/null)"/lib/rustlib/*/bin/"$name" /usr/bin/"$name-19"; do
        if [ -x "$tool" ]; then
            printf '%s' "$tool"
            return
        fi
    done
}

# at_least WANTED FOUND: version numbers, compared part by part.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# debian_version: 12, 13, …; empty when this is not Debian.
debian_version() {
    if [ -r /etc/os-release ]; then
        # shellcheck source=/dev/null
        (. /etc/os-release && if [ "${ID:-}" = debian ]; then printf '%s' "${VERSION_ID:-}"; fi)
    fi
}

# debian_mirror: the mirror this machine takes its own Debian packages from.
debian_mirror() {
    local found
    # shellcheck disable=SC2016 # apt fills these in
    found="$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "Debian" && !seen++ { print $2 }')"
    printf '%s' "${found:-http://deb.debian.org/debian}"
}

# need_root_for WHAT STEP: goes on only where Debian packages can be installed.
need_root_for() {
    if ! have apt-get || [ "$(id -u)" != 0 ]; then
        missing "$1" "$2"
    fi
}
