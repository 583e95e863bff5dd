#!/usr/bin/env bash
# Installs what reads the counters of -Cinstrument-coverage: llvm-profdata and llvm-cov. Where rustup has Rust, its own
# component; otherwise Debian's LLVM 19, which reads what Debian's Rust writes.
set -euo pipefail
. "$(dirname "$0")/env.sh"

if [ -n "$(llvm_tool llvm-cov)" ] && [ -n "$(llvm_tool llvm-profdata)" ]; then
    exit 0
fi
if have rustup; then
    say "adding llvm-tools to rustup's toolchain"
    rustup component add llvm-tools
else
    "$ROOT/.toolchains/apt.sh" llvm-19
fi
