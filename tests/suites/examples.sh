#!/usr/bin/env bash
# The programs of examples/, one in each language: built as their readers would, run, and what they print compared.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/.toolchains/go-env.sh" # where all find the library
cd "$ROOT"
out="$ROOT/target/examples"
mkdir -p "$out"
read -ra flags <<<"$(pkg-config --cflags --libs bytestore)"

# says COMMAND…: ends well, and prints just what comes in.
says() { "$@" </dev/null >"$out/said" && diff "$out/said" -; }

duplicates() {
    local files="$out/files"
    rm -rf "$files"
    mkdir -p "$files"
    printf same >"$files/a" && printf same >"$files/b" && printf other >"$files/c" && : >"$files/d" && : >"$files/e"
    gcc -std=c11 -O2 -Wall -Wextra -Werror examples/c/duplicates.c -o "$out/duplicates" "${flags[@]}" || return
    "$out/duplicates" "$files" | sed -E 's/^.* = .*$/one = another/' | diff - <(printf 'one = another\n1 copies, 4 bytes\n')
}
check "C: duplicates" duplicates

sessions() {
    g++ -std=c++17 -O2 -Wall -Wextra -Werror -Ibindings/cpp/include examples/cpp/sessions.cpp -o "$out/sessions" \
        "${flags[@]}" -pthread || return
    says "$out/sessions" <<-TEXT
	after 20 minutes: Ada
	after 40 minutes: Ada, nobody
	ended at acme: 1, left: 0
	TEXT
}
check "C++: sessions" sessions

answers() {
    (cd examples/go/answers && go vet . && go build -o "$out/answers" .) || return
    says "$out/answers" <<-TEXT
	"why is the sky blue" has 19 letters
	asked 1 time for 101 requests
	TEXT
}
check "Go: answers" answers

nearest() {
    local build=(--package-path examples/swift/nearest --scratch-path "$out/nearest")
    swift build "${build[@]}" -Xswiftc -warnings-as-errors || return
    says swift run "${build[@]}" --skip-build Nearest <<-TEXT
	what was it about the water tap? call the plumber about the tap
	when does the passport end? renew the passport in May
	texts embedded: 5 of 8, hits: 3
	TEXT
}
check "Swift: nearest" nearest

chunks() {
    says cargo run --quiet --example chunks <<-TEXT
	3 chunks
	1 chunks
	2 chunks
	["Boil water.", "Drink."]
	3 in all
	TEXT
}
check "Rust: chunks" chunks

search() {
    local site="$ROOT/target/node/site"
    bindings/node/install.sh && cp examples/javascript/search.js "$site" && rm -f "$out/vectors" || return
    for embedded in 5 0; do # the second time they are in the file
        says node "$site/search.js" "$out/vectors" <<-TEXT || return
	what was it about the water tap? call the plumber about the tap
	when does the passport end? renew the passport in May
	embedded: $embedded, kept: 5
	TEXT
    done
}
check "JavaScript: search" search

bindings/python/install.sh >/dev/null
export PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1

python_example() { python3 -W ignore "examples/python/$1.py"; }

embeddings() {
    says python_example embeddings <<-TEXT
	asking the model for 2 texts
	tea [0.5, 0.25]
	cake [0.25, 0.125]
	asking the model for 1 texts
	(3, 2) float32
	3 entries of 16 bytes
	TEXT
}
check "Python: embeddings" embeddings

graph() {
    says python_example langgraph_cache <<-TEXT
	thinking about tea
	TEA
	TEA
	thinking about cake
	CAKE
	2 answers kept
	0 after clear_cache
	TEXT
}
check "Python: LangGraph" graph

documents() {
    says python_example llama_index_store <<-TEXT
	shouting 2 documents
	1 TEA
	2 CAKE
	5 entries in the store
	TEXT
}
check "Python: LlamaIndex" documents

# What fails on the dict depends on the machine, and so does what there is time for; here nothing fails.
against_the_dict() { [ "$(python_example against_the_dict | grep -cE ' 0 of [1-9][0-9]*$')" = 2 ]; }
check "Python: against the dict" against_the_dict

echo "examples: $passed passed, $failed failed"
[ "$failed" = 0 ]
