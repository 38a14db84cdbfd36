"""How fast stance is, as ratios to other tools and to itself, measured in one run: python -m benchmarks.speed.

Prints a Markdown table with a row for each ratio. A value is the median of 5 rounds; both sides are warmed up and take
turns within the run, on the same sentences. All but the rows on threads and fresh processes are held to one core.
benchmarks/peers.py says how each of the other tools is run, docs/performance.md how to read the table.

In a batch against a peer, the labels are asked for, and of one sentence the label of its Prediction; where stance is
compared with itself, the array of probabilities. Exits 0 whatever it finds.
"""

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.native import native_modules
from benchmarks.own_rows import OWN_SECTIONS
from benchmarks.peer_rows import PEER_SECTIONS
from benchmarks.peers import collect_lessons
from benchmarks.section import Section, Setup
from benchmarks.table import Row, Skip, head, line, skipped_cells
from benchmarks.texts import default_texts, draw, read_texts
from benchmarks.timing import ROUNDS
from stance import StanceError
from stance.training.shipped import DATA

SECTIONS = (*PEER_SECTIONS, *OWN_SECTIONS)
NAMES = tuple(dict.fromkeys(section.name for section in SECTIONS))


def main() -> int:
    options = _parse_arguments()
    path = options.texts or default_texts(options.data)
    with TemporaryDirectory() as folder:
        try:
            sentences = read_texts(path)
            lessons = collect_lessons(options.data, Path(folder))
        except (StanceError, OSError) as error:
            print(f"speed: {error}", file=sys.stderr)
            return 1
        shuffled = draw(sentences, len(sentences))
        setup = Setup(shuffled, options.sentences, options.largest, options.starts, lessons)
        conditions = describe_conditions(path, setup.texts)
        print(conditions, "", head(), sep="\n", flush=True)
        gc.freeze()  # so that neither side has the sentences and lessons walked through by its garbage collections
        chosen = [section for section in SECTIONS if section.name in options.only]
        rows = [row for section in chosen for row in _print_section(section, setup)]
    if options.json is not None:
        content = {"conditions": conditions, "rows": [plain_row(row) for row in rows]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 0


def describe_conditions(path: Path, texts: Sequence[str]) -> str:
    """Say what is measured and on what machine."""
    size = sum(len(text.encode()) for text in texts) / len(texts)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    modules = ", ".join(each.name for each in native_modules()) or "none"
    return (
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores; "
        f"native modules of stance: {modules}; {len(texts):,} sentences of {path.name}, {size:.0f} bytes on average; "
        f"medians of {ROUNDS} rounds."
    )


def plain_row(row: Row) -> dict[str, Any]:
    """Return a row as plain values that JSON can hold, with the seconds of each round."""
    return {
        "what": row.what,
        "stance": row.ours,
        "peer": row.peer,
        "unit": row.unit.strip(),
        "ratio": row.ratio,
        "read_as": row.target.reading,
        "at_least": row.target.least,
        "aim": row.target.aim,
        "met": row.target.verdict(row.ratio),
        "seconds": None if row.timing is None else {"stance": row.timing.ours, "peer": row.timing.peer},
    }


def _print_section(section: Section, setup: Setup) -> Iterator[Row]:
    """Print each row of a section when it is measured; a line with the reason when it cannot be."""
    try:
        for row in section.measure(setup):
            print(line(row.cells()), flush=True)
            yield row
    except Skip as skip:
        print(line(skipped_cells(section.title, str(skip))), flush=True)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="speed", description="Measure how fast stance is, beside other tools.")
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="sentences, one a line or JSON Lines (the news of --data)"
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="the folder of news_train … (%(default)s)"
    )
    parser.add_argument("--sentences", type=int, default=20_000, metavar="N", help="in a batch (%(default)s)")
    parser.add_argument("--largest", type=int, default=1_000_000, metavar="N", help="the largest batch (%(default)s)")
    parser.add_argument("--starts", type=int, default=15, metavar="N", help="fresh processes of a kind (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="measure only these rows")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures and each round to a file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
