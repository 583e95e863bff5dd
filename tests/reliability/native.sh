# What a gate of C programs begins with: gate.sh, and what tests/c/native.sh knows of compilers and sanitizers.
# shellcheck shell=bash
. "$ROOT/tests/reliability/gate.sh"
. "$ROOT/tests/c/native.sh"
