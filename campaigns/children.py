"""Child processes that run the command line, and the small inputs that several campaigns give them."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"
CORPUS = FIXTURES / "corpus" / "wire.jsonl"
KEPT_MODEL = max(FIXTURES.glob("models/format_*.safetensors"))
"""A small model in the newest format that is kept."""

_TOWNS = ("Accra", "Baku", "Bern", "Cairo", "Doha", "Kyiv", "Lima", "Oslo", "Paris", "Rome", "Seoul", "Tunis")


@dataclass(frozen=True)
class Finished:
    """What a run of the command line came to; a negative status is the signal that ended it."""

    status: int
    errors: str


def command(*arguments: object) -> list[str]:
    """Return the command that runs the command line in a process of its own."""
    return [sys.executable, "-m", "stance", *map(str, arguments)]


def run(
    line: Sequence[str], environment: Mapping[str, str] | None = None, killed_after: float | None = None
) -> Finished:
    """Run a command, killed (SIGKILL) after so many seconds if it has not ended by then."""
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **(environment or {})}
    with subprocess.Popen(line, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _, errors = process.communicate(timeout=killed_after)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
    return Finished(process.returncode, errors.decode(errors="backslashreplace"))


def write_training_data(path: Path) -> None:
    """Write labelled sentences of two labels that one word each tells apart, as TSV; they train in a second."""
    rows = [f"{text} {town}\t{label}" for town in _TOWNS for text, label in (("good in", "up"), ("bad at", "down"))]
    path.write_text("\n".join(["text\tlabel", *rows, ""]), encoding="utf-8")
