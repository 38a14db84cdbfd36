"""The sets that a model of the three labels is chosen on, and its figures on them. Never trained on."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.classifier import Classifier
from stance.errors import DataError
from stance.labels import LABELS, Label
from stance.training.checks import inspect_examples
from stance.training.data import Example
from stance.training.metrics import DIGITS, area_under_curve, macro_f1

NEWS, PLOVER, COUNCIL = "news_dev", "plover_dev", "unscon_dev"
SETS = (NEWS, PLOVER, COUNCIL)

_KEYS: dict[str, dict[str, type]] = {
    NEWS: {"text": str, "label": str, "id": str, "clear": bool},
    PLOVER: {"text": str, "label": str},
    COUNCIL: {"text": str, "conflict": bool},
}
"""What each row of a set must have."""

Rows = list[dict[str, Any]]
Sets = Mapping[str, Rows]
Floats = NDArray[np.float64]
LabelProbabilities = Callable[[Sequence[str]], Floats]
"""From n texts to n x 3 probabilities (or other scores), their columns in the order of `stance.LABELS`."""


def load_sets(folder: Path) -> dict[str, Rows]:
    """Return the evaluation sets in a folder: `news_dev.jsonl`, `plover_dev.jsonl`, `unscon_dev.jsonl`.

    A set that is not there or is empty is left out, see `absent_sets`. Raises DataError when there is none at all, and
    for a row that lacks what is measured.
    """
    paths = {name: folder / f"{name}.jsonl" for name in SETS}
    sets = {name: _read_rows(path, _KEYS[name]) for name, path in paths.items() if path.is_file()}
    if not any(sets.values()):
        names = ", ".join(path.name for path in paths.values())
        raise DataError(folder, f"no evaluation set found there; at least one of {names} is needed")
    return {name: rows for name, rows in sets.items() if rows}


def load_all_sets(folder: Path) -> dict[str, Rows]:
    """Return the evaluation sets in a folder as `load_sets` does. Raises DataError when one is missing or empty."""
    sets = load_sets(folder)
    absent = ", ".join(f"{name}.jsonl" for name in absent_sets(sets))
    if absent:
        raise DataError(folder, f"evaluation sets missing or empty: {absent}; a model is shipped on the word of all")
    return sets


def absent_sets(sets: Sets) -> tuple[str, ...]:
    """Return the names of the sets that are not there or have no row."""
    return tuple(name for name in SETS if not sets.get(name))


def inspect_sets(sets: Sets) -> tuple[str, ...]:
    """Say which rows of the sets are empty, repeated or under two labels."""
    messages: list[str] = []
    for name, rows in sets.items():
        examples = [Example(row["text"], str(row.get("label", row.get("conflict")))) for row in rows]
        messages += inspect_examples(examples, name).messages
    return tuple(messages)


def set_texts(sets: Sets) -> list[str]:
    """Return the texts of all rows of all sets."""
    return [row["text"] for rows in sets.values() for row in rows]


def measure_sets(sets: Sets, probabilities: LabelProbabilities) -> dict[str, float]:
    """Return each figure by its name; for all of them more is better.

    news_dev: macro-F1 on all rows, on those of world events (`wce`), on the others, and on the clear ones.
    plover_dev, which has no neutral: macro-F1 of P(adversarial) > P(cooperative). unscon_dev: the area under the ROC
    curve of P(adversarial) for what its authors marked as conflict.
    """
    measures = {NEWS: _measure_news, PLOVER: _measure_plover, COUNCIL: _measure_council}
    figures: dict[str, float] = {}
    for name, rows in sets.items():
        figures |= measures[name](rows, probabilities([row["text"] for row in rows]))
    return figures


def classifier_probabilities(classifier: Classifier) -> LabelProbabilities:
    """Return the function `measure_sets` takes, for a classifier of the three labels."""
    columns = [classifier.labels.index(label) for label in LABELS]
    return lambda texts: classifier.predict(texts).probabilities[:, columns]


def _measure_news(rows: Rows, probabilities: Floats) -> dict[str, float]:
    truth = np.array([LABELS.index(Label(row["label"])) for row in rows], dtype=np.int64)
    found = probabilities.argmax(axis=1)
    world = np.array([row["id"].startswith("wce:") for row in rows])
    parts = {"all": world | True, "wce": world, "other": ~world, "clear": np.array([row["clear"] for row in rows])}
    return {
        f"{NEWS} macro-F1 {part}": round(macro_f1(truth[inside], found[inside], len(LABELS)), DIGITS)
        for part, inside in parts.items()
        if inside.any()
    }


def _measure_plover(rows: Rows, probabilities: Floats) -> dict[str, float]:
    truth = np.array([row["label"] == Label.ADVERSARIAL for row in rows], dtype=np.int64)
    found = (_column(probabilities, Label.ADVERSARIAL) > _column(probabilities, Label.COOPERATIVE)).astype(np.int64)
    return {f"{PLOVER} macro-F1": round(macro_f1(truth, found, 2), DIGITS)}


def _measure_council(rows: Rows, probabilities: Floats) -> dict[str, float]:
    area = area_under_curve(np.array([row["conflict"] for row in rows]), _column(probabilities, Label.ADVERSARIAL))
    return {} if area is None else {f"{COUNCIL} AUC": area}


def _column(probabilities: Floats, label: Label) -> Floats:
    return probabilities[:, LABELS.index(label)]


def _read_rows(path: Path, keys: Mapping[str, type]) -> Rows:
    rows = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataError(path, f"not JSON ({error})", number) from error
            _check_row(path, row, keys, number)
            rows.append(row)
    return rows


def _check_row(path: Path, row: object, keys: Mapping[str, type], line: int) -> None:
    if not isinstance(row, dict):
        raise DataError(path, f"a JSON {type(row).__name__}, not an object", line)
    for key, kind in keys.items():
        if key not in row:
            raise DataError(path, f"no '{key}' in the row", line)
        if not isinstance(row[key], kind):
            raise DataError(path, f"'{key}' is a JSON {type(row[key]).__name__}, not a {kind.__name__}", line)
    if "label" in keys and row["label"] not in set(LABELS):
        raise DataError(path, f"label '{row['label']}', where there are {', '.join(LABELS)}", line)
