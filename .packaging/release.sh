#!/usr/bin/env bash
# Makes a release of the commit that is checked out: every artefact, what is in them, and their checksums, in dist.
# release.sh --rehearse [PART…] makes all or some of it in target/rehearsal, of the tree as it is.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
parts=(licenses reproduce source c debian go python npm crate docs sbom)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) # the time in all archives
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refuse() {
    printf 'release: %s\n' "$*" >&2
    exit 1
}

# What can be refused, is: before anything is built.
commit=HEAD out="$ROOT/dist" crate=()
if [ "${1:-}" = --rehearse ]; then
    # The files as they are, where they differ.
    commit=$(GIT_AUTHOR_DATE="@$SOURCE_DATE_EPOCH" GIT_COMMITTER_DATE="@$SOURCE_DATE_EPOCH" git stash create)
    commit=${commit:-HEAD} out="$ROOT/target/rehearsal" crate=(--allow-dirty --no-verify)
    [ $# = 1 ] || parts=("${@:2}")
elif [ $# != 0 ]; then
    refuse "there is only --rehearse [PART…], of: ${parts[*]}"
else
    [ -z "$(git status --porcelain)" ] || refuse "there are changes that are not committed; --rehearse takes them along"
    grep -qE "^## \[$version\] - [0-9]{4}-[0-9]{2}-[0-9]{2}\$" CHANGELOG.md ||
        refuse "CHANGELOG.md has no section '## [$version] - YEAR-MONTH-DAY'"
fi

# packed FOLDER NAME: the folder NAME in FOLDER as an archive that says nothing of who made it when.
packed() {
    tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=a+rX,u+w,go-w \
        -C "$1" "$2" | gzip -n9 >"$out/$2.tar.gz"
}

# --- The parts ---

part_licenses() { .packaging/licenses.sh --check; }

part_reproduce() { .packaging/reproduce.sh "$commit"; }

part_source() { git archive --prefix="bytestore-$version/" "$commit" | gzip -n9 >"$out/bytestore-$version-source.tar.gz"; }

part_c() {
    local name
    name="bytestore-$version-linux-$(uname -m)"
    make --no-print-directory install DESTDIR="$work/c" PREFIX="/$name" LIBDIR="/$name/lib" INCLUDEDIR="/$name/include" \
        MANDIR="/$name/share/man" DOCDIR="/$name/share/doc/bytestore"
    packed "$work/c" "$name"
}

part_debian() {
    make --no-print-directory deb
    cp target/deb/*.deb "$out"
}

part_go() {
    make --no-print-directory go-module go_dist="$work/bytestore-$version-go"
    packed "$work" "bytestore-$version-go"
}

part_python() {
    make --no-print-directory wheel
    cp target/python/dist/* "$out"
}

part_npm() {
    make --no-print-directory npm
    cp target/node/bytestore.tgz "$out/bytestore-$version.tgz"
}

part_crate() {
    cargo package --quiet --locked "${crate[@]}" --target-dir target/crate
    cp "target/crate/package/bytestore-$version.crate" "$out"
}

part_docs() {
    make --no-print-directory docs
    cp -r target/docs "$work/bytestore-$version-docs"
    packed "$work" "bytestore-$version-docs"
}

# In CycloneDX's form: what the library is made of, and the Python accelerator. The tool leaves its files beside sources.
part_sbom() {
    local name
    mkdir "$work/tree"
    git archive "$commit" | tar -x -C "$work/tree"
    for name in bytestore:. bytestore-accelerator:bindings/python/accelerator; do
        (cd "$work/tree/${name#*:}" && cargo cyclonedx --quiet --format json --spec-version 1.5 --no-build-deps \
            --target x86_64-unknown-linux-gnu --override-filename sbom)
        sed "s|$work/tree|.|g" "$work/tree/${name#*:}/sbom.json" >"$out/${name%:*}-$version.cdx.json"
    done
}

for part in "${parts[@]}"; do
    declare -F "part_$part" >/dev/null || refuse "there is no part $part"
done
.toolchains/release.sh
rm -rf "$out"
mkdir -p "$out"
make --no-print-directory lib static
for part in "${parts[@]}"; do
    say "release: $part"
    "part_$part"
done

cd "$out"
find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" .
cat SHA256SUMS
