# Of include/bytestore.h: a line for each export, and 1 if its comment says that memory may run out, otherwise 0.
# "As bytestore_…" stands for all that the other one's comment says.
/^\/\*\*/ { comment = ""; inside = 1 }
inside { comment = comment " " $0 }
/\*\/$/ { inside = 0 }
!inside && match($0, /^[a-z].*[ *]bytestore_[a-z_]+\(/) {
    name = substr($0, 1, RLENGTH - 1)
    sub(/.*[ *]/, "", name)
    runs_out[name] = comment ~ /OUT_OF_MEMORY|memory ran out/
    if (match(comment, /\* As bytestore_[a-z_]+,/)) {
        other = substr(comment, RSTART + 5, RLENGTH - 6)
        runs_out[name] = runs_out[name] || runs_out[other]
    }
    print name, runs_out[name] + 0
}
