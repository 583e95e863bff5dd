#!/usr/bin/env bash
# What a release promises, tried by a rehearsal: all files are there under their names and checksums, the same again give
# the same bytes, nothing in them names the machine that made them, and whatever is compiled in comes with its licence.
# `make release` itself goes on where this would be long: it builds the libraries a second time elsewhere (reproduce),
# collects the licences anew (licenses), compiles the crate as it is packed, and makes the site (docs), which its own suite tries.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT"
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
processor=$(uname -m)
made="$ROOT/target/rehearsal"
unset CARGO_TARGET_DIR SOURCE_DATE_EPOCH
# Whoever owns the checkout.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$ROOT"
committed() { git -c user.name=test -c user.email=test@localhost "$@" commit --quiet --message "as it is"; }
# A copy without git, of an archive say, is a repository for as long as this takes.
if [ ! -e .git ]; then
    trap 'rm -rf "$away" "$ROOT/.git"' EXIT
    git init --quiet && git add --all && committed
fi

fails() { ! "$@"; }
rehearse() { .packaging/release.sh --rehearse "$@"; }

# --- A release is refused ---

# refused PATTERN: in the copy, with this message.
refused() {
    local said
    if said=$("$away/copy/.packaging/release.sh" 2>&1); then return 1; fi
    echo "$said"
    grep -qF -- "$1" <<<"$said"
}
undated() {
    sed -i "s/^\(## \[$version\]\) - .*/\1 - soon/" "$away/copy/CHANGELOG.md" && git -C "$away/copy" add --all && committed -C "$away/copy"
}
check "a copy" git clone --quiet --shared . "$away/copy"
cp .packaging/release.sh "$away/copy/.packaging/"
echo "// one more line" >>"$away/copy/build.rs"
check "refused: changes that are not committed" refused "changes that are not committed"
check "a version without a date" undated
check "refused: a version without a date" refused "CHANGELOG.md has no section '## [$version] - YEAR-MONTH-DAY'"

# --- A rehearsal ---

check "rehearsal" rehearse source c debian go python npm crate sbom
cp -r "$made" "$away/first"
again=(source c go python npm crate)
check "rehearsal again" rehearse "${again[@]}"

case $processor in x86_64) debian=amd64 ;; aarch64) debian=arm64 ;; *) debian=$processor ;; esac
expected() {
    LC_ALL=C sort <<-NAMES
	bytestore-$version-go.tar.gz
	bytestore-$version-linux-$processor.tar.gz
	bytestore-$version-py3-none-manylinux_$processor.whl
	bytestore-$version-source.tar.gz
	bytestore-$version.cdx.json
	bytestore-$version.crate
	bytestore-$version.tar.gz
	bytestore-$version.tgz
	bytestore-accelerator-$version.cdx.json
	libbytestore-dev_$version-1_$debian.deb
	libbytestore1_$version-1_$debian.deb
	NAMES
}
files() { (cd "$away/first" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort); }
summed() { sed 's/^[0-9a-f]*  //' "$away/first/SHA256SUMS"; }
checksums() { (cd "$1" && sha256sum --quiet --strict --check SHA256SUMS); }
# The second rehearsal has no file that the first has not, with the same bytes.
same() { [ "$(wc -l <"$made/SHA256SUMS")" -ge "${#again[@]}" ] && ! grep -vxFf "$away/first/SHA256SUMS" "$made/SHA256SUMS"; }
check "its files" diff <(files | sed 's/manylinux_2_[0-9]*/manylinux/') <(expected)
check "all of them have checksums" diff <(files) <(summed)
check "the checksums" checksums "$away/first"
check "the same again, the same bytes" same
printf . >>"$away/first/bytestore-$version.crate"
check "a change of one would be seen" fails checksums "$away/first"

# --- What is in them ---

unpack() (
    cd "$away/first" || return
    for file in *.tar.gz *.crate *.tgz; do
        mkdir -p "$away/in/$file" && tar -xzf "$file" -C "$away/in/$file" || return
    done
    for file in *.whl; do python3 -m zipfile -e "$file" "$away/in/$file" || return; done
    for file in *.deb; do dpkg-deb --extract "$file" "$away/in/$file" || return; done
)
truncate --size -1 "$away/first/bytestore-$version.crate"
check "they can be unpacked" unpack
in="$away/in"

all_sources() { diff <(git ls-files) <(cd "$in/bytestore-$version-source.tar.gz/bytestore-$version" && find . ! -type d -printf '%P\n' | LC_ALL=C sort); }
check "the sources are all there" all_sources

# Whatever has the library has the licence of each crate in it.
crates() {
    cargo tree --quiet --locked --edges normal,no-proc-macro --prefix none --format '{p}' \
        --target x86_64-unknown-linux-gnu --target aarch64-unknown-linux-gnu "$@" |
        sed -nE '/^bytestore/d; s/^(\S+) v(\S+).*/\1 \2/p' | sort -u
}
accelerator=(--manifest-path bindings/python/accelerator/Cargo.toml)
crates >"$away/crates"
crates "${accelerator[@]}" >"$away/accelerator"
# licensed CRATES FILE…: after a change of Cargo.lock, .packaging/licenses.sh collects the texts anew.
licensed() {
    local file
    for file in "${@:2}"; do
        diff <(sed -n 's/^  \(\S* [0-9.]\S*\)$/\1/p' "$file" | sort -u | comm -13 - "$1") /dev/null || return
    done
}
stem="bytestore-$version" wheel=("$in"/*.whl)
check "licences: the C library" licensed "$away/crates" "$in/$stem-linux-$processor.tar.gz/"*/share/doc/bytestore/THIRD-PARTY-LICENSES
check "licences: Debian" licensed "$away/crates" "$in"/*.deb/usr/share/doc/*/copyright
check "licences: npm" licensed "$away/crates" "$in/$stem.tgz/package/THIRD-PARTY-LICENSES"
info="${wheel[0]}/$stem.dist-info/licenses"
check "licences: the wheel" licensed "$away/crates" "$info/THIRD-PARTY-LICENSES"
check "licences: its accelerator" licensed "$away/accelerator" "$info/bindings/python/accelerator/THIRD-PARTY-LICENSES"
grep -v '^  ring ' THIRD-PARTY-LICENSES >"$away/no-ring"
check "one that is missing would be seen" fails licensed "$away/crates" "$away/no-ring"

# components FILE: the crates that the list of parts has.
components() { python3 -c 'import json, sys; [print(part["name"], part["version"]) for part in json.load(open(sys.argv[1]))["components"]]' "$1" | sort -u; }
lists() { [ -z "$(comm -13 <(components "$2") "$1")" ]; }
check "the list of parts: the library" lists "$away/crates" "$away/first/$stem.cdx.json"
check "the list of parts: the accelerator" lists "$away/accelerator" "$away/first/bytestore-accelerator-$version.cdx.json"

# --- Nothing names the machine ---

home=${HOME:-/root}
names_it() { grep -rlaF -e "$ROOT" -e "$home/" -e "${CARGO_HOME:-$home/.cargo}" "$@"; }
check "no path of this machine" fails names_it "$in" "$away/first"/*.cdx.json target/lib/libbytestore.{so.1,a}
printf '%s/.cargo/registry' "$home" >"$in/planted"
check "that would be seen" names_it "$in"

echo "release: $passed passed, $failed failed"
[ "$failed" = 0 ]
