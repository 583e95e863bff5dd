/// The harness is strict: it fails a case that it does not understand, or whose answers are others.
#include <string>

#include "../check.hpp"
#include "steps.hpp"

namespace {

using conformance::json;

/// What is wrong with these steps, or nothing.
std::string fault(const char *steps) {
    try {
        conformance::running_case running;
        for (const json &step : json::parse(steps)) {
            running.run(step);
        }
    } catch (const std::exception &exception) {
        return exception.what();
    }
    return "";
}

bool fails(const char *steps, const char *why) {
    const std::string wrong = fault(steps);
    return check::that(wrong.find(why) != std::string::npos, ("\"" + wrong + "\" says nothing of: " + why).c_str(),
                       steps, 0);
}

} // namespace

TEST(correct_steps_pass) {
    CHECK(fault(R"([{"do": "mset", "pairs": [["a%00%FF", ""]]}, {"do": "mget", "keys": ["a%00%FF"], "expect": [""]}])")
              .empty());
    CHECK(fault(R"([{"do": "mset", "pairs": {"keys": {"count": 3, "pattern": "k{i}", "start": 8, "step": 2},
                                             "value": {"repeat": "x", "times": 2}}},
                    {"do": "keys", "expect": ["k000008", "k000010", "k000012"]},
                    {"do": "mget", "keys": ["k000010"], "expect": ["xx"]}])")
              .empty());
}

TEST(the_notation_is_strict) {
    fails(R"([{"do": "mget", "keys": ["%0"], "expect": [null]}])", "without two digits");
    fails(R"([{"do": "mget", "keys": ["%0g"], "expect": [null]}])", "not a digit");
    fails(R"([{"do": "mget", "keys": ["%ff"], "expect": [null]}])", "not a digit");
    fails(R"([{"do": "mget", "keys": [1], "expect": [null]}])", "not in the notation");
    fails(R"([{"do": "mget", "keys": [{"repeat": "a", "times": 1, "more": 1}], "expect": [null]}])", "unknown field");
    fails(R"([{"do": "mget", "keys": [{"repeat": "a", "times": -1}], "expect": [null]}])", "not a number");
    fails(R"([{"do": "mget", "keys": {"count": 1}, "expect": [null]}])", "pattern");
    fails(R"([{"do": "mget", "keys": null, "expect": []}])", "not in the notation");
    fails(R"([{"do": "mset", "pairs": [["a"]]}])", "not a pair");
    fails(R"([{"do": "mset", "pairs": {"keys": ["a"], "values": ["b"], "value": "b"}}])", "either");
    fails(R"([{"do": "mset", "pairs": {"keys": ["a"], "values": []}}])", "1 keys, 0 values");
}

TEST(what_is_unknown_fails) {
    fails(R"([{"do": "nosuch"}])", "unknown operation");
    fails(R"([{"keys": []}])", "no field do");
    fails(R"(["len"])", "an object");
    fails(R"([{"do": "len", "expect": 0, "more": 1}])", "unknown field more");
    fails(R"([{"do": "mset", "pairs": [], "scribble": 1}])", "neither true nor false");
    fails(R"([{"do": "len", "expect": 0, "store": "nosuch"}])", "no store nosuch");
    fails(R"([{"do": "scan_next", "scan": "nosuch", "take": 1, "expect": []}])", "no scan nosuch");
    fails(R"([{"do": "counters", "expect": {"nosuch": 0}}])", "unknown counter nosuch");
    fails(R"([{"do": "counters", "expect": 0}])", "not an object of counters");
    fails(R"([{"do": "counters"}])", "no field expect");
    fails(R"([{"do": "advance"}])", "no field ms");
    fails(R"([{"do": "advance", "ms": -1}])", "not a number");
    fails(R"([{"do": "mset", "pairs": [], "ttl": "1s"}])", "not a number");
    fails(R"([{"do": "race", "keys": ["a"], "writers": 1, "rounds": 1, "with": "nosuch"}])", "unknown kind of race");
    fails(R"([{"do": "open", "url": "memory:", "store": ""}])", "is there");
    fails(R"([{"do": "namespace", "prefix": "a", "as": ""}])", "is there");
    fails(R"([{"do": "namespace", "prefix": "a"}])", "no field as");
    fails(R"([{"do": "namespace", "as": "n"}])", "no field prefix");
    fails(R"([{"do": "count", "expect": 0}])", "no field prefix");
    fails(R"([{"do": "delete_prefix", "prefix": "", "expect": 0}])", "no field removed");
    fails(R"([{"do": "page", "take": 1, "expect": []}])", "no field page");
    fails(R"([{"do": "page", "page": "p", "expect": []}])", "no field take");
    fails(R"([{"do": "compute", "keys": ["a"], "values": [""], "expect": [""]}])", "no field missing");
    fails(R"([{"do": "compute", "keys": ["a"], "missing": ["a"], "expect": [""]}])", "no field values");
    fails(R"([{"do": "compute", "keys": [], "missing": [], "values": [], "expect": []}])", "unknown field values");
    fails(R"([{"do": "compute", "keys": ["a"], "missing": ["a"], "fails": 1}])", "neither true nor false");
}

TEST(another_answer_fails) {
    fails(R"([{"do": "len", "expect": 1}])", "gives 0, must give 1");
    fails(R"([{"do": "mdelete", "keys": ["a"], "removed": 1}])", "gives 0, must give 1");
    fails(R"([{"do": "mget", "keys": ["a"], "expect": [""]}])", "missing");
    fails(R"([{"do": "mget", "keys": ["a"], "expect": []}])", "must give 0");
    fails(R"([{"do": "counters", "expect": {"sets": 0, "hits": 1}}])", "hits is 0, must be 1");
    fails(R"([{"do": "open", "url": "memory:?clock=manual", "store": "t"},
              {"do": "mset", "pairs": [["a", ""]], "ttl": 5, "store": "t"},
              {"do": "advance", "ms": 5, "store": "t"}, {"do": "len", "expect": 1, "store": "t"}])",
          "gives 0, must give 1");
    fails(R"([{"do": "open", "url": "memory:?clock=manual&ttl=5ms", "store": "t"},
              {"do": "mset", "pairs": [["a", ""]], "ttl": null, "store": "t"},
              {"do": "advance", "ms": 5, "store": "t"}, {"do": "len", "expect": 0, "store": "t"}])",
          "gives 1, must give 0");
    fails(R"([{"do": "mset", "pairs": [["a", ""]]}, {"do": "mget", "keys": ["a"], "expect": [null]}])", "missing");
    fails(R"([{"do": "mset", "pairs": [["a", ""], ["b", ""]]}, {"do": "keys", "expect": ["b", "a"]}])", "must give 2");
    fails(R"([{"do": "mset", "pairs": [["a", ""], ["b", ""]]}, {"do": "scan_start", "scan": "s"},
              {"do": "scan_next", "scan": "s", "take": 1, "expect": ["b"]}])",
          "\"a\"");
    fails(R"([{"do": "mset", "pairs": [["a", ""], ["b", ""]]}, {"do": "scan_start", "scan": "s"},
              {"do": "scan_rest", "scan": "s", "expect": ["a"], "may_include": ["c"]}])",
          "must give 1");
}

TEST(another_answer_about_a_prefix_fails) {
    fails(R"([{"do": "count", "prefix": "a", "expect": 1}])", "gives 0, must give 1");
    fails(R"([{"do": "delete_prefix", "prefix": "a", "removed": 1}])", "gives 0, must give 1");
    fails(R"([{"do": "page", "page": "p", "take": 1, "expect": ["a"]}])", "must give 1");
    fails(R"([{"do": "mset", "pairs": [["a", ""], ["b", ""]]}, {"do": "page", "page": "p", "take": 1, "expect": ["a"]},
              {"do": "page", "page": "p", "take": 1, "expect": ["a"]}])",
          "\"b\"");
    fails(R"([{"do": "namespace", "prefix": "n/", "as": "n"}, {"do": "mset", "pairs": [["n/a", ""]], "store": "n"},
              {"do": "keys", "expect": ["n/a"]}])",
          "\"n/n/a\"");
}

TEST(another_snapshot_fails) {
    CHECK(fault(R"([{"do": "save", "as": "s"}, {"do": "load", "from": "s"}, {"do": "load", "from": "s", "flip": 8,
                   "error": "unsupported"}, {"do": "open", "snapshot": "s", "store": "t"}])")
              .empty());
    fails(R"([{"do": "save"}])", "no field as");
    fails(R"([{"do": "save", "as": "s"}, {"do": "save", "as": "s"}])", "a snapshot named s is there");
    fails(R"([{"do": "save", "as": "s", "error": "closed_handle"}])", "succeeds, must be closed_handle");
    fails(R"([{"do": "close"}, {"do": "save", "as": "s"}])", "must be ok");
    fails(R"([{"do": "load"}])", "no field from");
    fails(R"([{"do": "load", "from": "s"}])", "no snapshot s");
    fails(R"([{"do": "open", "snapshot": "s", "store": "t"}])", "no snapshot s");
    fails(R"([{"do": "close"}, {"do": "save", "as": "s", "error": "closed_handle"}, {"do": "load", "from": "s"}])",
          "no snapshot s");
    fails(R"([{"do": "save", "as": "s"}, {"do": "open", "snapshot": "s", "url": "memory:", "store": "t"}])",
          "unknown field url");
    fails(R"([{"do": "save", "as": "s"}, {"do": "load", "from": "s", "cut": 1}])", "must be ok");
    fails(R"([{"do": "save", "as": "s"}, {"do": "load", "from": "s", "flip": 0}])", "must be ok");
    fails(R"([{"do": "save", "as": "s"}, {"do": "load", "from": "s", "flip": 100000, "error": "bad_snapshot"}])",
          "no byte 100000");
    fails(R"([{"do": "save", "as": "s"}, {"do": "load", "from": "s", "cut": 0, "error": "bad_snapshot"}])",
          "succeeds, must be bad_snapshot");
    fails(R"([{"do": "save", "as": "s"}, {"do": "load", "from": "s", "flip": 8, "error": "bad_snapshot"}])",
          "must be bad_snapshot");
    fails(
        R"([{"do": "mset", "pairs": [["a", ""]]}, {"do": "save", "as": "s"}, {"do": "mdelete", "keys": ["a"], "removed": 1},
              {"do": "load", "from": "s"}, {"do": "len", "expect": 0}])",
        "gives 1, must give 0");
    fails(R"([{"do": "mset", "pairs": [["a", ""]]}, {"do": "save", "as": "s"},
              {"do": "open", "snapshot": "s", "store": "t"}, {"do": "len", "expect": 0, "store": "t"}])",
          "gives 1, must give 0");
}

TEST(another_computation_fails) {
    fails(R"([{"do": "compute", "keys": ["a"], "missing": [], "expect": [""]}])", "must be ok");
    fails(R"([{"do": "mset", "pairs": [["a", ""]]},
              {"do": "compute", "keys": ["a"], "missing": ["a"], "values": [""], "expect": [""]}])",
          "gives nothing");
    fails(R"([{"do": "compute", "keys": ["a", "b"], "missing": ["b", "a"], "values": ["", ""], "expect": ["", ""]}])",
          "must give 2 [\"b\", \"a\"]");
    fails(R"([{"do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "expect": ["2"]}])", "\"2\"");
    fails(R"([{"do": "mset", "pairs": [["a", ""]]},
              {"do": "compute", "keys": ["a"], "missing": ["a"], "fails": true}])",
          "does not come out");
    fails(R"([{"do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "error": "over_limit"}])",
          "succeeds, must be over_limit");
    fails(R"([{"do": "close"}, {"do": "compute", "keys": ["a"], "missing": ["a"], "fails": true}])", "must be ok");
    fails(R"([{"do": "compute", "keys": ["a"], "missing": ["b"], "fails": true}])", "must give 1 [\"b\"]");
}

TEST(errors_must_be_those_expected) {
    CHECK(fault(R"([{"do": "close"}, {"do": "len", "error": "closed_handle"}, {"do": "close"}])").empty());
    fails(R"([{"do": "len", "error": "closed_handle"}])", "succeeds, must be closed_handle");
    fails(R"([{"do": "close"}, {"do": "len", "expect": 0}])", "must be ok");
    fails(R"([{"do": "close"}, {"do": "len", "error": "out_of_memory"}])", "must be out_of_memory");
    fails(R"([{"do": "close", "error": "closed_handle"}])", "succeeds");
    fails(R"([{"do": "mset", "pairs": [], "ttl": 0}])", "must be ok");
    fails(R"([{"do": "mset", "pairs": [], "ttl": 0, "error": "over_limit"}])", "must be over_limit");
    fails(R"([{"do": "mset", "pairs": [], "ttl": 1, "error": "invalid_argument"}])", "succeeds");
    fails(R"([{"do": "advance", "ms": 1}])", "must be ok");
    fails(R"([{"do": "counters", "error": "closed_handle"}])", "succeeds, must be closed_handle");
    fails(R"([{"do": "open", "url": "memory:?max_entries=1", "store": "t"},
              {"do": "mset", "pairs": [["a", ""], ["b", ""]], "error": "invalid_argument", "store": "t"}])",
          "must be invalid_argument");
    fails(R"([{"do": "close"}, {"do": "len", "error": "closed_handle", "expect": 0}])", "unknown field expect");
}

int main() { return check::run_all("harness"); }
