"""How often stance is right on sentences that come with it, beside other tools: python -m benchmarks.written

Prints a Markdown table of macro-F1 on `fixtures/evaluation/written.jsonl`, on all sentences and on each kind of them.
The others learn from the rows that the shipped model was trained on, as far as they are at hand: without the folder of
news, from the corpus alone. No training row (nearly) repeats one of these sentences.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy import available_systems, what_is_missing
from benchmarks.systems import System
from stance import LABELS, Label, StanceError
from stance.training import Example, read_examples
from stance.training.checks import remove_overlap
from stance.training.evaluation import Rows
from stance.training.metrics import bootstrap_interval, macro_f1
from stance.training.shipped import CORPUS, DATA, collect_examples

WRITTEN = CORPUS.parent / "evaluation" / "written.jsonl"
ALL = "all"


def main() -> int:
    problem = what_is_missing()
    if problem is not None:
        print(f"written: {problem}", file=sys.stderr)
        return 1
    rows = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    try:
        examples = training_rows(_parse_arguments(), rows)
    except (StanceError, OSError) as error:
        print(f"written: {error}", file=sys.stderr)
        return 1
    print(f"{len(rows)} sentences; the others learned from {len(examples):,} rows.\n")
    columns = {system.name: measure(system, examples, rows) for system in available_systems()}
    print(format_table(columns))
    return 0


def training_rows(data: Path, rows: Rows) -> list[Example]:
    """Return the rows of the shipped model, or the corpus where there is no news, without what repeats `rows`."""
    if data.is_dir():
        return collect_examples(data, {"written": rows}).examples
    print(f"written: no folder {data}, so that the others learn from the corpus alone", file=sys.stderr)
    corpus = [example for path in sorted(CORPUS.glob("*.jsonl")) for example in read_examples(path)]
    return remove_overlap(corpus, [Example(row["text"], row["label"]) for row in rows])[0]


def measure(system: System, examples: Sequence[Example], rows: Rows) -> dict[str, str]:
    """Return macro-F1 on all rows, with its bootstrap interval, and on each kind of them."""
    found = system.learn(examples)([row["text"] for row in rows]).argmax(axis=1)
    truth = np.array([LABELS.index(Label(row["label"])) for row in rows], dtype=np.int64)
    low, high = bootstrap_interval(truth, found, len(LABELS))
    figures = {ALL: f"{_score(truth, found)} ({low:.3f}–{high:.3f})"}
    for kind in dict.fromkeys(row["kind"] for row in rows):
        inside = np.array([row["kind"] == kind for row in rows])
        figures[kind] = _score(truth[inside], found[inside])
    return figures


def _score(truth: NDArray[np.int64], found: NDArray[np.int64]) -> str:
    return f"{macro_f1(truth, found, len(LABELS)):.3f}"


def format_table(columns: dict[str, dict[str, str]]) -> str:
    """Return the figures as a Markdown table with a row for each kind and a column for each system."""
    lines = [["", *columns], ["---", *["---:"] * len(columns)]]
    lines += [[kind, *(column[kind] for column in columns.values())] for kind in next(iter(columns.values()))]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _parse_arguments() -> Path:
    parser = argparse.ArgumentParser(prog="written", description="Measure on the sentences of fixtures/evaluation.")
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="the folder of news_train … (%(default)s)"
    )
    data: Path = parser.parse_args().data
    return data


if __name__ == "__main__":
    sys.exit(main())
