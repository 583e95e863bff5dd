"""Checks the cases themselves: their form, their names, their layout, and every answer against a dict.

With --format it lays the files out anew first, one step a line.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True  # a check leaves nothing behind in the source tree

from decode import Wrong, want  # noqa: E402
from model import Case  # noqa: E402

HERE = pathlib.Path(__file__).parent


def layout(document):
    """The text of a file: one step a line, a blank line between cases."""
    cases = []
    for case in document["cases"]:
        name = json.dumps(case["name"], ensure_ascii=False)
        steps = ",\n".join("      " + json.dumps(step, ensure_ascii=False) for step in case["steps"])
        cases.append(f'    {{"name": {name}, "steps": [\n{steps}\n    ]}}')
    return '{"cases": [\n' + ",\n\n".join(cases) + "\n]}\n"


def unique_fields(pairs):
    """Two fields of one name would silently be one."""
    names = [name for name, _ in pairs]
    want(len(set(names)) == len(names), f"a field twice: {names}")
    return dict(pairs)


def check_case(case, seen):
    want(case.keys() == {"name", "steps"}, "a case has a name and steps")
    want(case["name"] not in seen, "the name stands twice")
    seen.add(case["name"])
    want(case["steps"], "a case without steps proves nothing")
    model = Case()
    for number, step in enumerate(case["steps"], 1):
        try:
            model.run(step)
        except Wrong as wrong:
            raise Wrong(f"step {number}: {wrong}") from None


def main():
    passed = failed = 0
    seen = set()
    for path in sorted(HERE.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        try:
            document = json.loads(text, object_pairs_hook=unique_fields)
            want(document.keys() == {"cases"}, "a file has cases, nothing else")
            if sys.argv[1:] == ["--format"]:
                path.write_text(layout(document), encoding="utf-8")
            else:
                want(text == layout(document), "layout: run check.py --format")
        except (Wrong, json.JSONDecodeError) as wrong:
            failed += 1
            print(f"{path.name}: {wrong}")
            continue
        for case in document["cases"]:
            try:
                check_case(case, seen)
                passed += 1
            except Wrong as wrong:
                failed += 1
                print(f"{path.name}: {case.get('name')}: {wrong}")
    print(f"conformance-check: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
