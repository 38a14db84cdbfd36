"""All campaigns, in about an hour on two cores: python -m campaigns [NAME ...] (or `make fuzz`).

Each runs in a process of its own and ends with a line of counts; its exit status says whether anything failed. Options
for one campaign, such as another seed, go to `python -m campaigns.NAME`.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ALONE = (
    "growth --calls predict score_document",
    "growth --calls explain find_actors timeline --largest 65536",
    "growth --expressions",
    "models memory",
    "text huge",
    "threads",
    "models damage",
    "models mutations --count 5000000 --seconds 1000",
    "kernels --count 10000",
    "text strings --count 250000 --seconds 650",
    "text strings --kernel pure --count 62500 --seconds 200",
)
"""What is run first, one after another: what measures time or memory, and what has a process on every core."""

SIDE_BY_SIDE = (
    "kills --count 300 --seconds 900",
    "faults --count 200 --seconds 900",
    "pages",
    "rows",
    "encodings --seconds 100",
    "sanitize --count 300000",
    "leaks",
    "retrain",
    "models pickles",
)
"""What is run then, as many at a time as there are cores: what has one process at work, the longest first."""

CAMPAIGNS = (*ALONE, *SIDE_BY_SIDE)
"""All of them, each the name of a module of this package and its arguments."""

ROOT = Path(__file__).resolve().parents[1]

_NUMBER = re.compile(r"\d+(?:,\d{3})*")
_FAILURES = re.compile(r"(\d[\d,]*) (?:failures?|failed|slow|superlinear)\b")


class Outcome(NamedTuple):
    """How a campaign went: its last line of output, its exit status and the seconds that it took."""

    campaign: str
    last_line: str
    status: int
    seconds: float

    def row(self) -> tuple[str, str, str, str, str]:
        """Return the campaign, its count, failures, seconds and last line as cells of a table."""
        count = _NUMBER.search(self.last_line)
        failures = _FAILURES.search(self.last_line)
        failed = failures.group(1) if failures else "some" if self.status else "0"
        return self.campaign, count.group() if count else "–", failed, f"{self.seconds:,.0f}", self.last_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run campaigns and print a table of what came of them; return 0 when none failed and none is missing, else 1."""
    names = _parse(arguments).names
    chosen = [each for each in CAMPAIGNS if not names or each.split()[0] in names]
    outcomes = [run(each) for each in chosen if each in ALONE]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes += pool.map(run, [each for each in chosen if each in SIDE_BY_SIDE])
    print(format_table(outcomes))
    return 1 if any(each.status for each in outcomes) else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    known = sorted({each.split()[0] for each in CAMPAIGNS})
    parser = argparse.ArgumentParser(prog="python -m campaigns", description="Run campaigns and say what came of them.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(known)}")
    options = parser.parse_args(arguments)
    if unknown := sorted({*options.names} - {*known}):
        parser.error(f"no campaign {', '.join(unknown)}; there are {', '.join(known)}")
    return options


def run(campaign: str) -> Outcome:
    """Run a campaign in a process of its own, showing what it prints behind its name, and return how it went."""
    module, *options = campaign.split()
    if find_spec(f"campaigns.{module}") is None:
        return Outcome(campaign, "there is no such module", 1, 0.0)
    print(f"== {campaign}\n", end="", flush=True)
    begun, last_line = time.monotonic(), ""
    command = [sys.executable, "-m", f"campaigns.{module}", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(f"{module:9} {line.rstrip()}\n", end="", flush=True)
            last_line = line.strip() or last_line
    seconds = time.monotonic() - begun
    print(f"{module:9} exit status {process.returncode} after {seconds:,.0f} s\n", end="", flush=True)
    return Outcome(campaign, last_line, process.returncode, seconds)


def format_table(outcomes: Sequence[Outcome]) -> str:
    """Return a Markdown table of outcomes."""
    head = ("campaign", "count", "failures", "seconds", "last line")
    rows = [head, ("---",) * len(head), *(each.row() for each in outcomes)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
