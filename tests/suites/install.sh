#!/usr/bin/env bash
# What a user of each language receives: installed or unpacked, moved elsewhere, and used there by a small program as is
# usual in that language. Nothing that is used there may know where this checkout is.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT"
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
expected="Ada, missing, 2 loaded"
strict=(-Wall -Wextra -Werror)
unset CARGO_TARGET_DIR PYTHONPATH CFLAGS CXXFLAGS LDFLAGS CGO_CFLAGS CGO_LDFLAGS LD_LIBRARY_PATH

# must_fail NAME PATTERN COMMAND…: it fails, and says so.
must_fail() {
    local name=$1 pattern=$2 said
    shift 2
    echo "--- $name: $*, which must fail"
    if ! said=$("$@" 2>&1) && grep -qE -- "$pattern" <<<"$said"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s\nFAILED  %s: it must fail and say %s\n' "$said" "$name" "$pattern"
    fi
}

# says COMMAND…: it prints what each of these programs prints.
says() { diff <("$@") - <<<"$expected"; }

# documented LANGUAGE: the commands that docs/install.md gives for it.
documented() {
    awk -v heading="### $1" '/^#/ && !on { here = $0 == heading } /^```/ { on = here && /sh$/; next } on' "$ROOT/docs/install.md"
}
# as_documented LANGUAGE FOLDER: these commands work there, and whatever they print is what each program prints.
as_documented() {
    local said
    said=$(cd "$2" && documented "$1" | LD_LIBRARY_PATH="$lib" bash -euo pipefail) || return
    echo "$said"
    [ "$(sort -u <<<"$said")" = "$expected" ]
}

# --- The programs themselves ---

in_go_layout() { [ -z "$(gofmt -l tests/install/go bindings/go .packaging/go)" ]; }
in_swift_layout() { swift format lint --strict --recursive --configuration bindings/swift/.swift-format tests/install/swift; }
mapfile -t c_sources < <(find tests/install -name '*.c' -o -name '*.cpp')
check "layout of C and C++" "$BYTESTORE_TOOLCHAINS/c/bin/clang-format" --dry-run --Werror "${c_sources[@]}"
check "layout of Go" in_go_layout
check "layout of Python" ruff format --no-cache --check --config bindings/python/pyproject.toml .packaging
check "lint of Python" ruff check --no-cache --config bindings/python/pyproject.toml .packaging
check "layout of Rust" rustfmt --check --edition 2021 tests/install/rust/src/main.rs
if swift format --version >/dev/null 2>&1; then # Swift 6's
    check "layout of Swift" in_swift_layout
fi

# --- make install ---

libdir=lib/$(gcc -print-multiarch) # where CMake looks on this system, too
places=(PREFIX=/opt/bytestore LIBDIR="/opt/bytestore/$libdir" MANDIR=/opt/bytestore/man)
stage() { make --no-print-directory "$1" DESTDIR="$away/stage" "${places[@]}"; }
installed() { (cd "$away/stage" && find . ! -type d | sort); }
leaves_nothing() {
    stage uninstall && [ -z "$(installed)" ] && [ ! -e "$away/stage/opt/bytestore/include/bytestore" ] &&
        [ ! -e "$away/stage/opt/bytestore/$libdir/cmake/bytestore" ]
}
check "make install" stage install
files=$(installed)
check "make uninstall leaves nothing" leaves_nothing
check "make install again" stage install
check "the same files" diff <(installed) - <<<"$files"
mv "$away/stage/opt/bytestore" "$away/moved"
lib="$away/moved/$libdir" include="$away/moved/include" manual="$away/moved/man/man3/bytestore.3"
export PKG_CONFIG_PATH="$lib/pkgconfig"
cp -r tests/install "$away/programs"
cd "$away/programs"

# readelf's output is kept whole: a grep that ends early would end it with a broken pipe.
has_soname() { grep -q 'SONAME.*\[libbytestore\.so\.1\]' <<<"$(readelf -dW "$lib/libbytestore.so.$version")"; }
declared() { grep -oE '\bbytestore_[a-z_]+\(' "$include/bytestore.h" | tr -d '(' | sort -u; }
archive_exports() { nm --defined-only --extern-only "$1" | awk 'NF == 3 { print $3 }' | sort; }
check "the library's real name is its version's" test -f "$lib/libbytestore.so.$version" -a ! -L "$lib/libbytestore.so.$version"
check "the SONAME leads there" test "$(readlink -f "$lib/libbytestore.so.1")" = "$lib/libbytestore.so.$version"
check "so does what the linker asks for" test "$(readlink -f "$lib/libbytestore.so")" = "$lib/libbytestore.so.$version"
check "SONAME" has_soname
check "the static library shows what the header declares, nothing else" diff <(declared) <(archive_exports "$lib/libbytestore.a")
check "the manual page, mandoc" mandoc -Tlint -Wwarning "$manual"
says_nothing() { local said && said=$("$@" 2>&1 >/dev/null) && printf '%s' "$said" && [ -z "$said" ]; }
check "the manual page, man" says_nothing env LC_ALL=C.UTF-8 man --warnings -l "$manual"
check "the manual page has every function" diff <(declared) <(sed -n 's/^\.It Fn //p' "$manual" | sort)

# --- C and C++ with pkg-config ---

with_shared() {
    # shellcheck disable=SC2046
    "$@" $(pkg-config --cflags --libs bytestore) && says env LD_LIBRARY_PATH="$lib" ./program &&
        grep -q 'libbytestore\.so\.1' <<<"$(readelf -dW program)"
}
with_static() {
    # shellcheck disable=SC2046
    "$@" $(pkg-config --cflags --libs bytestore-static) && says ./program && ! grep bytestore <<<"$(readelf -dW program)"
}
all_static() {
    # shellcheck disable=SC2046
    "$@" -static $(pkg-config --static --cflags --libs bytestore) && says ./program && ! grep NEEDED <<<"$(readelf -dW program)"
}
check "pkg-config's version" test "$(pkg-config --modversion bytestore)" = "$version"
for link in with_shared with_static all_static; do
    check "C $link" "$link" gcc -std=c11 "${strict[@]}" c/main.c -o program
    check "C++ $link" "$link" g++ -std=c++17 "${strict[@]}" cpp/main.cpp -o program
done
check "C as docs/install.md has it" as_documented C c
check "C++ as docs/install.md has it" as_documented C++ cpp
# A zstd and a Rust library of the program's own, of the same names.
others() { printf 'int ZSTD_compressStream2(void) { return 1; } int rust_eh_personality(void) { return 1; }' >others.c; }
others
check "beside others of the same names" with_static gcc -std=c11 c/main.c others.c -o program

# --- The binary interface ---

# The releases whose interface the library still says to have.
abi_of() { sed -n 's/^#define BYTESTORE_ABI_VERSION //p' "$1"; }
frozen=()
for header in abi/bytestore-*.h; do
    if [ "$(abi_of "$header")" = "$(abi_of "$include/bytestore.h")" ]; then frozen+=("$header"); fi
done
check "there are headers of this interface" test "${#frozen[@]}" != 0

# planted EDIT: the present header with that change.
planted() { sed -E "$1" "$include/bytestore.h" >planted.h && ! cmp -s planted.h "$include/bytestore.h"; }
for header in abi/bytestore-*.h; do
    check "$header: kept by the header" abi/kept.sh "$header" "$include/bytestore.h"
done
for header in "${frozen[@]}"; do
    check "$header: kept by the library" diff <(grep -oE '\bbytestore_[a-z_]+\(' "$header" | tr -d '(' | sort -u |
        comm -23 - <(nm -D --defined-only "$lib/libbytestore.so" | awk '{ print $3 }' | sort)) /dev/null
    mkdir old-header
    cp "$header" old-header/bytestore.h
    check "$header: a program of then" with_shared gcc -std=c11 "${strict[@]}" -Iold-header abi/consumer.c -o program
    rm -r old-header
done
# Types of a parameter, a result and a member; what is gone or renamed; numbers; members that move; structs that grow.
for edit in 's/^(bytestore_status bytestore_len\(.*)size_t/\1uint32_t/' 's/^typedef int32_t bytestore_status/typedef int64_t bytestore_status/' \
    's/^  size_t \*lens;/  uint32_t *lens;/' 's/^  uint64_t max_entries;/  uint32_t max_entries;/' \
    's/^bytestore_status bytestore_len\(.*//' 's/^(bytestore_status bytestore_)len\(/\1length(/' 's/^  uint64_t max_entries;//' \
    's/^#define BYTESTORE_ERR_OVER_LIMIT 4/#define BYTESTORE_ERR_OVER_LIMIT 10/' 's/^#define BYTESTORE_ERR_OVER_LIMIT 4//' \
    's/^#define BYTESTORE_MISSING SIZE_MAX/#define BYTESTORE_MISSING 0/' 's/^  size_t capacity;/  size_t more; &/' \
    's/^  uint64_t hits;/  uint64_t more; &/' 's/^\} bytestore_slice;/  size_t more;\n&/'; do
    check "planted" planted "$edit"
    must_fail "seen: $edit" "^ *\[[CD]\] '" abi/kept.sh "${frozen[0]}" planted.h
    check "announced" planted "$edit; s/^(#define BYTESTORE_ABI_VERSION) .*/\1 1000/"
    check "not refused" abi/kept.sh "${frozen[0]}" planted.h
done
for edit in 's/^\} bytestore_counters;/  uint64_t more;\n&/' 's/^uint32_t bytestore_abi/int bytestore_more(void);\n&/' \
    's/^#define BYTESTORE_ERR_OVER_LIMIT 4/&\n#define BYTESTORE_ERR_MORE 99/'; do
    check "added" planted "$edit"
    check "not refused: $edit" abi/kept.sh "${frozen[0]}" planted.h
done

# --- C and C++ with CMake ---

configure() { cmake -S . -B "$1" -DCMAKE_PREFIX_PATH="$away/moved" -DWANTED="$2"; }
check "cmake" configure build "${version%.*}"
check "cmake --build" cmake --build build
for program in c-shared c-static cpp-shared cpp-static; do
    check "cmake: $program" says "build/$program"
done
check "cmake, that version exactly" configure exact "$version;EXACT"
must_fail "cmake, a later version" 'version: '"$version" configure later "${version%.*}.99"
must_fail "cmake, another series" 'version: '"$version" configure other 99

# --- Conan ---

# The package around what is built already, as `conan export-pkg` makes it; `conan create` builds it first.
export CONAN_HOME="$away/conan"
conan() { "$BYTESTORE_TOOLCHAINS/conan/bin/conan" "$@"; }
# conan_package SHARED NEEDED: its test builds and runs the programs of C and C++, so many of which need the shared one.
conan_package() {
    local said needed
    said=$(conan export-pkg "$ROOT/.packaging/conan" --options "bytestore/*:shared=$1" \
        --conf:all "tools.cmake.cmake_layout:test_folder=$away/conan-test" 2>&1) || { echo "$said" && return 1; }
    needed=$(find "$away/conan-test" -name '*-program' -exec readelf -dW {} + | grep -c 'NEEDED.*libbytestore\.so\.1' || true)
    rm -r "$away/conan-test" # its Makefiles name the programs' sources
    [ "$(grep -cFx "$expected" <<<"$said")" = 2 ] && [ "$needed" = "$2" ]
}
# The sources that go with the recipe are all that cargo asks for before it builds, and `make install` after that.
conan_sources() {
    local sources="$away/conan-sources"
    cp -r "$(conan cache path "bytestore/$version" --folder=export_source 2>/dev/null)" "$sources" &&
        cargo fetch --locked --target "$(rustc -vV | sed -n 's/^host: //p')" --manifest-path "$sources/Cargo.toml" &&
        mkdir "$sources/target" && cp -r "$ROOT/target/lib" "$sources/target/" &&
        make --no-print-directory -C "$sources" install DESTDIR="$sources/installed" && rm -r "$sources"
}
check "Conan: a profile" conan profile detect
check "Conan: the static library" conan_package False 0
check "Conan: the shared library" conan_package True 2
check "Conan: the sources" conan_sources

# --- Go, with the module of a checkout ---

check "make go-module" make --no-print-directory -C "$ROOT" go-module go_dist="$away/go-proxy"
# The sources of the folder, no tests needed. No tag needed, either: such a module has no library.
mkdir bytestore-go
cp "$ROOT"/bindings/go/{*.go,*.h,go.mod} bytestore-go
export GOTOOLCHAIN=local GOWORK=off GOPROXY=off CGO_ENABLED=1
go_builds() { (cd go && go build -o ../program "$@"); }
go_with_shared() {
    go_builds "$@" && says env LD_LIBRARY_PATH="$lib" ./program && grep -q 'libbytestore\.so\.1' <<<"$(readelf -dW program)"
}
go_with_static() { go_builds "$@" && says ./program && ! grep bytestore <<<"$(readelf -dW program)"; }
go_all_static() { go_builds "$@" && says ./program && ! grep NEEDED <<<"$(readelf -dW program)"; }
go_vendored() { (cd go && go mod vendor) && mv bytestore-go not-here && go_with_shared -mod=vendor; }
check "Go with the shared library" go_with_shared
check "Go with the static library" go_with_static -tags bytestore_static
check "Go, all static" go_all_static -tags bytestore_static,netgo,osusergo -ldflags '-extldflags -static'
check "Go, vendored" go_vendored

# --- Go, with the module as it is released ---

# What comes from the folder made here is all there is: no other proxy, no module from earlier, and nothing installed.
module=github.com/bytestore/bytestore/bindings/go
export GOPROXY="file://$away/go-proxy" GOMODCACHE="$away/go-modules" GOSUMDB=off GOFLAGS=-modcacherw
fresh_program() { mkdir "$1" && cp go/main.go "$1" && (cd "$1" && go mod init program); }
# alone PROGRAM COMMAND…: there, with nothing of bytestore installed.
alone() { (cd "$1" && env -u LD_LIBRARY_PATH PKG_CONFIG_PATH="$away/nowhere" "${@:2}"); }
go_alone() {
    alone go-released go build -o ../program "$@" && says env -u LD_LIBRARY_PATH ./program &&
        ! grep bytestore <<<"$(readelf -dW program)"
}
go_vendored_alone() {
    alone go-released go mod vendor && GOPROXY=off GOMODCACHE="$away/nowhere" go_alone -mod=vendor && rm -r go-released/vendor
}
go_examples() {
    local said
    said=$(alone go-released go test -v -count=1 -run Example "$module") || return
    [ "$(grep -c '^--- PASS: Example' <<<"$said")" = "$(cat "$ROOT"/bindings/go/example*_test.go | grep -cE '// (Unordered o|O)utput:')" ]
}
# go_asks SYSTEM PROCESSOR TAG…: what cgo asks pkg-config for there, nothing where the library is the module's.
go_asks() { alone go-released env GOOS="$1" GOARCH="$2" go list -tags "${3:-}" -f '{{join .CgoPkgConfig " "}}' "$module"; }
check "Go, released: a program" fresh_program go-released
check "Go, released: go get" alone go-released go get "$module@v$version"
check "Go, released" go_alone
check "Go, released, all static" go_alone -tags netgo,osusergo -ldflags '-extldflags -static'
check "Go, released and vendored" go_vendored_alone
check "Go, released: the package's examples" go_examples
check "Go, released, with the system's library: asks for it" test "$(go_asks linux amd64 bytestore_system)" = bytestore
check "Go, released, for another processor: so does it" test "$(go_asks linux arm64)" = bytestore
check "Go, released, for another system: so does it" test "$(go_asks darwin amd64)" = bytestore
must_fail "Go, released, none installed" 'Package bytestore was not found' alone go-released go build -tags bytestore_system
must_fail "Go, without cgo" 'absent.go.* this_package_needs_cgo' alone go-released env CGO_ENABLED=0 go build
# Only now: what Go has built with an installed library, it links again where none is.
check "Go as docs/install.md has it: a program" fresh_program go-documented
check "Go as docs/install.md has it" as_documented Go go-documented

# --- Swift ---

# The last part of a package's path is its name.
cp -r "$ROOT/bindings/swift" bytestore-swift
rm -r bytestore-swift/Tests
sed -i '/CCounting/d; /testTarget/,/swiftSettings: strict),/d' bytestore-swift/Package.swift
check "Swift as docs/install.md has it" as_documented Swift swift
check "the framework for Apple's systems, without a Mac" "$ROOT/tests/install/apple/run.sh"

# --- Python ---

check "the wheel is built" "$ROOT/bindings/python/build.sh"
cp "$ROOT"/target/python/dist/*.whl python/
in_environment() { python3 -m venv env && PATH="$PWD/env/bin:$PATH" PIP_NO_INDEX=1 "$@"; }
check "Python as docs/install.md has it" in_environment as_documented Python python
# The tag of a wheel says which glibc it needs, manylinux_2_34 for 2.34; no part may need a later one.
wheel_says_its_glibc() {
    local says needs
    says=$(basename python/*.whl | sed -n 's/.*-manylinux_2_\([0-9]*\)_.*/2.\1/p')
    needs=$(find env -name '*.so*' -path '*/bytestore/*' -exec readelf -VW {} + | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
    echo "the tag says ${says:-nothing}, the parts need ${needs:-nothing}"
    [ -n "$says" ] && [ -n "$needs" ] && at_least "$needs" "$says"
}
check "the wheel's tag" wheel_says_its_glibc

# --- Rust ---

package() {
    (cd "$ROOT" && cargo package --quiet --locked --allow-dirty --no-verify --target-dir target/install) &&
        mkdir bytestore-rust && tar -xzf "$ROOT/target/install/package/bytestore-$version.crate" -C bytestore-rust --strip-components=1
}
nothing_else() { ! (cd bytestore-rust && find . -type f -printf '%P\n') | grep -vE '^(src|include|bindings/cpp/include)/|^[^/]*$'; }
check "cargo package" package
check "the crate has nothing else in it" nothing_else
cp "$ROOT/Cargo.lock" rust/
CARGO_TARGET_DIR="$ROOT/target" check "Rust as docs/install.md has it" as_documented Rust rust
cd "$ROOT"

# --- Debian ---

chroot="$BYTESTORE_TOOLCHAINS/debian"
inside() { chroot "$chroot" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
# A warning that is for Debian's own packages alone: a new one is asked for first.
lintian_is_content() {
    lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs target/deb/*.changes
}
in_chroot() {
    rm -rf "$chroot/tmp/packages" && mkdir "$chroot/tmp/packages" &&
        cp target/deb/*.deb tests/install/c/main.c "$chroot/tmp/packages/" && inside sh -c "cd /tmp/packages && $1"
}
removed() {
    inside dpkg --purge libbytestore-dev libbytestore1 && rm -rf "$chroot/tmp/packages" &&
        ! find "$chroot" -xdev -name '*bytestore*' | grep .
}
deb_with() { says in_chroot "cc -Wall -Werror main.c -o program \$($1) && ./program"; }
if [ -n "$(debian_version)" ] && [ -d "$chroot" ]; then
    check "make deb" make --no-print-directory deb
    check "lintian" lintian_is_content
    exec 9>"$chroot.lock"
    flock 9
    # Whatever an interrupted run left there, this leaves the packages as they are now.
    check "dpkg --install" in_chroot "dpkg --install ./*.deb"
    check "Debian: with the shared library" deb_with "pkg-config --cflags --libs bytestore"
    check "Debian: with the static library" deb_with "pkg-config --cflags --libs bytestore-static"
    check "Debian: where the linker looks anyway" deb_with "echo -lbytestore"
    check "dpkg --purge leaves nothing" removed
    flock -u 9
fi

# --- Nobody knows the checkout ---

knows() { grep -rlF -- "$ROOT" "$away"; }
unknown() { ! knows; }
check "nothing knows the checkout" unknown
printf '%s' "$ROOT/target/lib" >"$away/planted"
check "that would be seen" knows

echo "install: $passed passed, $failed failed"
[ "$failed" = 0 ]
