"""The conformance cases as a server can pass them: python3 tests/remote/cases.py single|cluster|tiers FOLDER.

Writes FOLDER/same: all cases but those of differences.json; and FOLDER/other: those of them that must fail on a server.
A list that is out of date is an error. Knows the cases' form, no harness.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CASES = HERE.parent / "conformance"

# Why a case differs: a step that it must have, and whether it always fails. What is a matter of luck is left out.
REASONS = {
    "counters": ("counters", True),  # a server does not tell how many entries and bytes there are
    "positions": ("page", True),  # without an order there are none
    "snapshots": ("save", True),  # servers have their own
    "order": ("scan_next", False),  # which keys a scan gives first
    # A batch is one step of each server of a cluster; and of two tiers some answers are older than others.
    "atomicity": ("race", False),
}

Case = dict[str, Any]


def main(kind: str, folder: Path) -> None:
    cases = {case["name"]: case for path in sorted(CASES.glob("*.json")) for case in read(path)["cases"]}
    differences: dict[str, dict[str, list[str]]] = read(HERE / "differences.json")
    listed = differences["server"] | (differences["cluster"] if kind in {"cluster", "tiers"} else {})
    certain: set[str] = set()
    for reason, names in listed.items():
        step, is_certain = REASONS[reason]
        for name in names:
            if not any(each["do"] == step for each in cases[name]["steps"]):
                sys.exit(f"differences.json: {name} has no step {step}")
        certain |= set(names) if is_certain else set()
    differing = {name for names in listed.values() for name in names}
    if len(differing) != sum(map(len, listed.values())):
        sys.exit("differences.json: a case is listed twice")
    write(folder / "same", [softened(case) for name, case in cases.items() if name not in differing])
    write(folder / "other", [cases[name] for name in sorted(certain)])


def softened(case: Case) -> Case:
    """The case where all that is set or deleted while a scan runs may come in it or not."""
    steps = [dict(step) for step in case["steps"]]
    for end, step in enumerate(steps):
        if step["do"] == "scan_rest":
            begin = max(i for i in range(end) if steps[i]["do"] == "scan_start" and steps[i]["scan"] == step["scan"])
            changed = [key for each in steps[begin:end] for key in changes(each)]
            if changed:
                step["may_include"] = written_out(step.get("may_include", [])) + changed
    return case | {"steps": steps}


def changes(step: dict[str, Any]) -> list[Any]:
    """The keys that a step sets or deletes."""
    match step:
        case {"do": "mset", "pairs": {"keys": keys}} | {"do": "mdelete", "keys": keys}:
            return written_out(keys)
        case {"do": "mset", "pairs": pairs}:
            return [key for key, _ in pairs]
    return []


def written_out(form: Any) -> list[Any]:
    """A list's items, where a pattern stands for them."""
    if isinstance(form, list):
        return form
    numbers = (form.get("start", 0) + i * form.get("step", 1) for i in range(form["count"]))
    return [form["pattern"].replace("{i}", f"{number:06}") for number in numbers]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write(folder: Path, cases: list[Case]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cases.json").write_text(json.dumps({"cases": cases}), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except KeyError as unknown:
        sys.exit(f"differences.json: there is no {unknown}")
