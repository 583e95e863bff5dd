"""The table of goals: what was wanted, the figure that decides, and whether it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from report import tables
from report.goals import Goal, Measured, Outcome, judge
from report.tables import name

if TYPE_CHECKING:
    from collections.abc import Iterable


EACH_LINE = """Each line is
the base case but for what it names, and shows the worst of its figures with the peer that it was measured against."""


def table(goals: Iterable[Goal[Measured]], results: Measured, each: str = EACH_LINE) -> str:
    """A line for each goal, below how many are reached, and what each line shows."""
    outcomes = [judge(goal, results) for goal in goals]
    rows = [[outcome.goal.work, outcome.goal.wanted, _worst(outcome), _verdict(outcome)] for outcome in outcomes]
    verdicts = [outcome.reached for outcome in outcomes]
    return f"""\
{verdicts.count(True)} reached, {verdicts.count(False)} not reached, {verdicts.count(None)} not measured. {each}

{tables.table(["work", "goal", "measured", "outcome"], rows, words=4)}"""


def _verdict(outcome: Outcome[Any]) -> str:
    if outcome.reached is None:
        return "– not measured"
    if outcome.reached:
        return "✔ reached"
    missed = ", ".join(dict.fromkeys(name(figure.peer) for figure in outcome.missed if figure.peer))
    return f"✘ **not reached**{': ' * bool(missed)}{missed}"


def _worst(outcome: Outcome[Any]) -> str:
    """The figure that decides, beside whom, and in which case if the goal has several."""
    if not outcome.figures:
        return tables.NOTHING
    worst = outcome.figures[0]
    several = len({figure.case for figure in outcome.figures}) > 1
    words = [name(worst.peer)] * bool(worst.peer) + [worst.case] * several
    return outcome.goal.write(worst.value) + (f" ({', '.join(words)})" if words else "")
