"""Lets every system call of a save and of a load fail, each in several ways, or ends the process there: what stands in
the file is the old snapshot or the new one, and the live store the old content or the new one. Knows nothing of the format.

crash.py PROGRAM KILLS: KILLS processes that save without an end are killed at random moments, too.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ERRORS = ["EIO", "ENOSPC", "EINTR", "EDQUOT", "EMFILE", "ENOMEM"]
# What a failed call may say; of a call that fails once and is done again, "ok".
ALLOWED = {"ok", "io_failure", "out_of_memory"}
# Marks, the end, and what has no error: brk says how far it came.
NOT_OURS = {"access", "faccessat", "exit_group", "brk"}


class Folder:
    """A folder with one snapshot."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.path = program, folder / "snapshot"
        self.folder = folder
        self.run("save", "O")

    def run(self, mode: str, letter: str, *tracer: str) -> tuple[str, str] | None:
        """The status and the content after it; None: it was killed, or could not begin."""
        command = [*tracer, self.program, mode, str(self.path), letter]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 2, -9, 137):
            raise SystemExit(f"{command}: {done.returncode} {done.stderr}")
        return tuple(done.stdout.split()) if done.returncode == 0 else None  # type: ignore[return-value]

    def system_calls(self, mode: str) -> list[tuple[str, int]]:
        """Those of the call itself: each one's name, and which of that name it is in the process."""
        log = self.folder / "trace"
        self.run(mode, "O", "strace", "-o", str(log))
        seen: dict[str, int] = {}
        marks, found = 0, []
        for line in log.read_text().splitlines():
            name = re.match(r"(\w+)\(", line)
            if name is None:
                continue
            seen[name[1]] = seen.get(name[1], 0) + 1
            if "/crash-mark" in line:
                marks += 1
            elif marks == 1 and name[1] not in NOT_OURS:
                found.append((name[1], seen[name[1]]))
        log.unlink()
        return found

    def stray(self) -> list[str]:
        return [path.name for path in self.folder.iterdir() if path != self.path]

    def content(self) -> str:
        """Of the file: its letter, or what is wrong with it."""
        status, letter = self.run("load", "-") or ("killed", "?")
        return letter if status == "ok" else status


def verdict(folder: Folder, mode: str, fault: str, call: tuple[str, int]) -> str | None:
    """Says what is wrong after one fault."""
    name, number = call
    folder.run("save", "O")
    outcome = folder.run(mode, "N", "strace", "-o", "/dev/null", "-e", f"inject={name}:{fault}:when={number}")
    before, stands, stray = ("N", folder.content(), folder.stray())
    for left in stray:
        (folder.folder / left).unlink()
    if outcome is None:
        return None if stands in "ON" else f"after a kill the file is {stands}"
    status, letter = outcome
    if status not in ALLOWED or (stray and name != "unlinkat"):
        return f"{status}, and left: {stray}"
    if mode == "load":
        expected = "O" if status == "ok" else before
        return None if (letter, stands) == (expected, "O") else f"{status}, the store is {letter}, the file {stands}"
    # The folder's own fsync is the last step: then the new file is there, and the failure is told.
    good = "N" if status == "ok" else "ON"
    return None if stands in good else f"{status}, and the file is {stands}"


def faults(folder: Folder, mode: str) -> tuple[int, list[str]]:
    wrong, done = [], 0
    for call in folder.system_calls(mode):
        for fault in [f"error={error}" for error in ERRORS] + ["signal=KILL"]:
            done += 1
            said = verdict(folder, mode, fault, call)
            if said is not None:
                wrong.append(f"{mode}, {call[0]} {call[1]}, {fault}: {said}")
    return done, wrong


def kills(folder: Folder, count: int) -> list[str]:
    wrong, chance = [], random.Random(7)
    for _ in range(count):
        saving = subprocess.Popen([folder.program, "forever", str(folder.path)])
        time.sleep(chance.uniform(0, 0.02))
        saving.kill()
        saving.wait()
        if not re.fullmatch("[A-Z]", folder.content()):
            wrong.append(f"after a kill the file is {folder.content()}")
        for left in folder.stray():
            (folder.folder / left).unlink()
    return wrong


def main() -> int:
    program, count = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(program, Path(name))
        wrong, totals = [], {}
        for mode in ("save", "load"):
            totals[mode], found = faults(folder, mode)
            wrong += found
        wrong += kills(folder, count)
        naive, torn = faults(folder, "naive")
    for line in wrong[:20]:
        print(f"FAILED  {line}")
    if not torn:
        print("FAILED  whoever writes the file in its place is never caught")
    print(
        f"totals: {totals['save']} faults in the system calls of a save, {totals['load']} in those of a load, {count} kills"
        f" at random: {len(wrong)} torn or half loaded; of {naive} in a save that writes in place {len(torn)}"
    )
    return bool(wrong) or not torn


if __name__ == "__main__":
    sys.exit(main())
