# The library with memory that runs out and panics when a test says so (src/faults.rs). Sourced after
# native.sh by the gates that need it; they share its builds.
# shellcheck shell=bash
faults="$ROOT/target/reliability/faults"

# build_faults_library FORM: "plain" or "asan"; quicker to make than the one that is shipped, and with debug assertions.
build_faults_library() {
    local host flags=(--cfg bytestore_faults --cfg bytestore_for_c)
    host=$(rustc -vV | sed -n 's/^host: //p')
    if [ "$1" = asan ]; then flags+=(-Zsanitizer=address); fi
    env RUSTC_BOOTSTRAP=1 RUSTFLAGS="${flags[*]}" "${quick_build[@]:?}" CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true \
        cargo rustc --quiet --locked --release --lib "${without_servers[@]:?}" --crate-type cdylib --target "$host" \
        --target-dir "$faults/build-$1" || return
    put_library "$faults/build-$1/$host/release/libbytestore.so" "$faults/$1"
}

# Which library a program is linked with, for `build` below.
faults_flags() { echo "-I$ROOT/include -L$faults/$1 -lbytestore"; }

# build_with_faults FORM PROGRAM FILE…
build_with_faults() {
    local form=$1 program=$2 sanitizers=()
    shift 2
    if [ "$form" = asan ]; then sanitizers=("${sanitize[@]:?}"); fi
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]:?}" "${sanitizers[@]}" "$@" -o "$program" $(faults_flags "$form") -pthread
}

# with_faults FORM COMMAND…
with_faults() {
    LD_LIBRARY_PATH="$faults/$1" UBSAN_OPTIONS=print_stacktrace=1 \
        ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1 "${@:2}"
}
