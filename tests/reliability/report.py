"""The table of docs/reliability.md: that it has every gate, and the figures of their deep runs. Knows no gate's inside.

python3 tests/reliability/report.py           checks that gates, commands and rows are the same
python3 tests/reliability/report.py --write   puts in what target/reliability/GATE.deep.log says
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
# A row's third cell is its command, the fourth its figure, the fifth the day of that.
ROW = re.compile(r"^(\| [^|]+ \| [^|]+ \| `make ([a-z-]+)` \| )([^|]* \| \d{4}-\d\d-\d\d)( \|)$", re.MULTILINE)


def gates() -> set[str]:
    return {script.parent.name for script in Path(__file__).parent.glob("*/run.sh")}


def figure(gate: str) -> str | None:
    """What the last deep run says, and its day; none: there was none that passed."""
    log = ROOT / "target" / "reliability" / f"{gate}.deep.log"
    if not log.exists():
        return None
    lines = log.read_text(errors="replace").splitlines()
    if not lines or not re.fullmatch(rf"{gate}: [1-9]\d* passed, 0 failed", lines[-1]):
        return None
    figures = "; ".join(line.removeprefix("figure: ") for line in lines if line.startswith("figure: "))
    return f"{figures} | {datetime.fromtimestamp(log.stat().st_mtime, UTC):%F}"


def main() -> int:
    page = PAGE.read_text()
    rows = [match[2] for match in ROW.finditer(page)]
    wrong = [f"{gate}: not one row" for gate in sorted(gates()) if rows.count(gate) != 1]
    wrong += [f"{gate}: no gate" for gate in rows if gate not in gates() | {"soak"}]
    if "--write" in sys.argv[1:]:
        page = ROW.sub(lambda match: match[1] + (figure(match[2]) or match[3]) + match[4], page)
        PAGE.write_text(page)
    for line in wrong:
        print(f"FAILED  docs/reliability.md, {line}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
