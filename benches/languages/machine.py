"""Prints the machine's line of the results: what the engine's benchmark says of it, too. Measures nothing."""

import datetime as dt
import json
import os
import platform
import re
from pathlib import Path

cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
huge = re.search(r"\[(\w+)\]", Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text(encoding="utf-8"))
machine = {
    "kind": "machine",
    "cpu": cpu[1] if cpu else platform.machine(),
    "cores": os.cpu_count(),
    "kernel": platform.release(),
    "thp": huge[1] if huge else "unknown",
    "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
}
print(json.dumps(machine))
