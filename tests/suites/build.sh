# How the library is built for tests that watch it from inside. Sourced; knows no test.
# shellcheck shell=bash disable=SC2034 # for those who source it

# Without servers: half the crates to build, and what is watched there needs no server.
without_servers=(--no-default-features --features zstd)
