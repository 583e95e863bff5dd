# Reads [--quick] [--out FILE] into `quick` and `out`; to be sourced with the arguments of a language's run.sh.
quick=() out=/dev/stdout
while [ $# -gt 0 ]; do
    case $1 in
        --quick) quick=(--quick) ;;
        --out) out=$(realpath "$2") && shift ;;
        *) say "usage: run.sh [--quick] [--out FILE]" && exit 2 ;;
    esac
    shift
done
