"""What the tests reached of the library's source, and whether all that they left is listed with a reason.

`python3 check.py FORM BRANCHES.json LINES.info UNREACHED.toml`: so much of all must be reached as ENOUGH says, and in the
files of WHOLE all but what is listed. `python3 check.py listed UNREACHED.toml`: what is listed must be there. Knows LLVM's
two forms of export, and no test.
"""

import collections
import json
import pathlib
import re
import sys
import tomllib

sys.dont_write_bytecode = True  # a check leaves nothing behind in the source tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lcov import ROOT, lines, relative  # noqa: E402

# The ABI layer, accounting, parsers; those of snapshots and of servers' URLs have their tests in Rust.
FROM_C = r"src/(ffi/.*|engine/(bounds|counters|block|note)|store/options)\.rs"
FROM_RUST = r"src/store/(scheme|snapshot/.*|remote/location)\.rs"
WHOLE = {"shallow": re.compile(FROM_C), "deep": re.compile(f"{FROM_C}|{FROM_RUST}")}
# Per cent of branches and of lines. Shallow: from C alone.
ENOUGH = {"shallow": {"branches": 80, "lines": 90}, "deep": {"branches": 95, "lines": 95}}
# Tests are in the source tree too, and what only loom or other systems compile, and what needs servers, which have a suite.
TESTS = re.compile(r"(^|/)((tests|tests/.*|check|model)\.rs$|remote/(?!location\.))")
TESTS_BELOW = re.compile(r"^#\[cfg\(.*\btest\b.*\)\]\nmod tests \{$", re.MULTILINE)


def sources():
    """Of each file of the library its lines, up to its tests."""
    texts = {}
    for path in sorted((ROOT / "src").rglob("*.rs")):
        name = str(path.relative_to(ROOT))
        if not TESTS.search(name):
            texts[name] = TESTS_BELOW.split(path.read_text(encoding="utf-8"))[0].splitlines()
    return texts


def branches(export):
    """(file, line, column, which way) of each branch, and how often it was taken: in all copies of it together."""
    taken = collections.Counter()
    for file in json.loads(pathlib.Path(export).read_text(encoding="utf-8"))["data"][0]["files"]:
        for line, column, _, _, true, false, *_ in file["branches"]:
            for way, count in ((True, true), (False, false)):
                taken[relative(file["filename"]), line, column, way] += count
    return taken


def main():
    form, *exports, listed_reasons = sys.argv[1:]
    texts = sources()
    listed = tomllib.loads(pathlib.Path(listed_reasons).read_text(encoding="utf-8")).get("unreached", [])
    listed = [entry for entry in listed if form != "deep" or entry["when"] != "from Rust"]
    reasons = {
        (entry["file"], line): entry["when"] for entry in listed for line in entry.get("lines") or [entry["line"]]
    }
    gone = [(file, text) for file, text in sorted(reasons) if text not in map(str.strip, texts.get(file, []))]
    if form == "listed":
        sys.exit("\n".join(f"{file}: not there any more: {text}" for file, text in gone) or 0)
    branch_export, line_export = exports
    is_source = lambda file, line: file in texts and line <= len(texts[file])
    is_never = lambda file, line, *_: reasons.get((file, texts[file][line - 1].strip())) == "never"
    faults, left, used = [], [], set()
    for what, counts in ("branches", branches(branch_export)), ("lines", lines(line_export)):
        counts = {place: count for place, count in counts.items() if is_source(*place[:2])}
        missed = sorted(place for place, count in counts.items() if not count)
        nowhere = {place for place in missed if is_never(*place)}
        for file, line, *way in missed:
            text = texts[file][line - 1].strip()
            if text == "}":
                continue  # the end of what is a fault by itself
            if (file, text) in reasons:
                used.add((file, text))
            elif WHOLE[form].fullmatch(file):
                faults.append(
                    f"{file}:{line}: {what[: -2 if what == 'branches' else -1]} {way or ''} not reached: {text}"
                )
            else:
                left.append(f"{file}:{line}: {what} {way or ''} {text}")
        reachable = [place for place in counts if place not in nowhere]
        reached = [place for place in reachable if counts[place]]
        whole = [place for place in reachable if WHOLE[form].fullmatch(place[0])]
        per_cent = 100 * len(reached) / max(len(reachable), 1)
        print(
            f"figure: {what}: {len(reached):,} of {len(reachable):,} reached, {per_cent:.1f} %, beside {len(nowhere)} "
            f"to which there is no way; of the ABI layer, accounting and parsers "
            f"{sum(counts[place] > 0 for place in whole):,} of {len(whole):,}"
        )
        if not whole or per_cent < ENOUGH[form][what]:
            faults.append(f"{what}: {per_cent:.1f} % are less than {ENOUGH[form][what]} %")
    for file, text in sorted(set(reasons) - used):
        is_there = (file, text) not in gone
        if reasons[file, text] == "never" or not is_there:
            faults.append(f"listed, but {'reached' if is_there else 'not there'}: {file}: {text}")
    print(f"figure: {len(reasons)} lines listed as out of reach, each with a reason")
    print(*(["", "Not reached elsewhere:"] + left if left else []), *faults, sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
