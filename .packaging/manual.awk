# Turns include/bytestore.h into parts of its manual page: awk -v part=NAME, of those that the template names.
# The header is where the text is written; this knows its form, never what it says.

function plain(line) {
    gsub(/\\/, "\\e", line)
    gsub(/…/, "...", line)
    return line
}
function literal(line) {
    line = plain(line)
    print (line ~ /^[.']/ ? "\\&" : "") line
}
# A line of a comment. What is indented is code.
function prose(line, is_code) {
    is_code = line ~ /^  /
    if (is_code != in_code) {
        print is_code ? ".Bd -literal -offset indent" : ".Ed"
        after_gap = 0
    }
    in_code = is_code
    if (is_code) {
        literal(substr(line, 3))
    } else if (line == "") {
        after_gap = 1
    } else {
        if (after_gap && !at_start) print ".Pp"
        after_gap = at_start = 0
        line = plain(line)
        while (match(line, /`[^`]*`/))
            line = substr(line, 1, RSTART - 1) "\\fI" substr(line, RSTART + 1, RLENGTH - 2) "\\fR" substr(line, RSTART + RLENGTH)
        gsub(/[.] /, ".\n", line) # each sentence begins a line
        print line
    }
}
function comment(i) {
    in_code = after_gap = 0
    at_start = 1
    for (i = 1; i <= lines; i++) prose(text[i])
    if (in_code) print ".Ed"
}
# split_head DECLARATION: what a function gives (type), its name, its parameters.
function split_head(head) {
    match(head, /bytestore_[a-z_]*\(/)
    type = substr(head, 1, RSTART - 1)
    name = substr(head, RSTART, RLENGTH - 1)
    parameters = substr(head, RSTART + RLENGTH)
    sub(/\);$/, "", parameters)
    gsub(/ +/, " ", parameters)
    sub(/ +$/, "", type)
}

/^\/\*\*/ { lines = 0; in_comment = 1; line = $0; sub(/^\/\*\* ?/, "", line); if (line ~ /\*\/$/) in_comment = 0
    sub(/ ?\*\/$/, "", line); if (line != "") text[++lines] = line; next }
in_comment && /^ \*\// { in_comment = 0; next }
in_comment { line = $0; sub(/^ \* ?/, "", line); text[++lines] = line; next }

# The first comment of the header has parts by these names.
/^ \* (EXAMPLE|CONVENTIONS|CAVEATS)$/ { section = tolower($2); next }
section != "" && /^ \*\// { section = "" }
section != "" {
    line = $0
    sub(/^ \* ?/, "", line)
    if (section == "example") sub(/^  /, "", line)
    if (line == "") gap = "\n"
    else if (section == part || section "s" == part) { printf "%s", some++ ? gap : ""; literal(line); gap = "" }
}

part == "errors" && /^#define BYTESTORE_(OK|ERR_[A-Z_]*) / { print ".It Dv " $2 " (" $3 ")"; comment() }

/^typedef struct \{/ && part == "types" { in_struct = 1; if (types++) print ".Pp"; comment(); print ".Bd -literal" }
in_struct { literal($0); if (/^}/) { print ".Ed"; in_struct = 0 } next }

/^[a-z].*bytestore_[a-z_]*\(/ { declaration = ""; in_head = 1 }
in_head {
    sub(/^ +/, "")
    declaration = declaration (declaration == "" ? "" : " ") $0
    if (!/;$/) next
    in_head = 0
    split_head(declaration)
    if (part == "names") printf "%s%s", (found++ ? " ,\n.Nm " : ".Nm "), name
    if (part == "synopsis") {
        print ".Ft \"" type "\""
        print ".Fo " name
        count = split(parameters, each, ", ")
        for (i = 1; i <= count; i++) print ".Fa \"" each[i] "\""
        print ".Fc"
    }
    if (part == "functions") { print ".It Fn " name; comment() }
}
END { if (part == "names") print "" }
