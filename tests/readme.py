"""Prints the README's quick-start code of one language, so that every suite runs what readers copy."""

import pathlib
import re
import sys

readme = pathlib.Path(__file__).parent.parent / "README.md"
language = sys.argv[1]
quick_start = readme.read_text(encoding="utf-8").split("## Quick start", 1)[1].split("\n## ", 1)[0]
block = re.search(rf"^```{language}\n(.*?)^```$", quick_start, re.MULTILINE | re.DOTALL)
if block is None:
    sys.exit(f"the README's quick start has no block for {language!r}")
sys.stdout.write(block.group(1))
