#!/usr/bin/env bash
# Writes a template with its places filled in: fill.sh TEMPLATE NAME=VALUE… puts VALUE where it says @NAME@.
set -euo pipefail
text=$(<"$1")
for pair in "${@:2}"; do
    text=${text//"@${pair%%=*}@"/"${pair#*=}"}
done
if [[ $text =~ @[a-z]+@ ]]; then
    printf '%s: nothing is said of %s\n' "$1" "${BASH_REMATCH[0]}" >&2
    exit 1
fi
printf '%s\n' "$text"
