# How the library is built for tests that watch it from inside. Sourced; knows no test.
# shellcheck shell=bash disable=SC2034 # for those who source it

# Without servers: half the crates to build, and what is watched there needs no server. zstd's C code is not watched, and
# takes long to optimise.
without_servers=(--no-default-features --features zstd)
for profile in dev release; do
    without_servers+=(--config "profile.$profile.package.zstd-sys.opt-level=0")
done

# What makes a release build quick. Link-time optimisation would take most of the time, and shows no more.
quick_build=(CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1)
# And a build of the dev profile: nothing for a debugger, nothing kept for the next build.
quick_dev_build=(CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_INCREMENTAL=false)

# put_library FILE FOLDER: there, with both its names. A program that starts meanwhile finds the old one or the new one.
put_library() {
    install -D "$1" "$2/new.$BASHPID" && mv "$2/new.$BASHPID" "$2/libbytestore.so.1" &&
        ln -sf libbytestore.so.1 "$2/libbytestore.so"
}
