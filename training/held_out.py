"""What a model said of the examples that it was measured on, one by one, for whoever counts the errors again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stance.cli.records import text_cell
from stance.training.data import Example
from stance.training.fit import Floats


@dataclass(frozen=True)
class HeldOut:
    """An example that a model was measured on: the line it begins on, its label, and the probability of each label."""

    line: int
    label: str
    probabilities: tuple[float, ...]


def gather_held_out(examples: Sequence[Example], probabilities: Floats) -> tuple[HeldOut, ...]:
    """Return a row for each example and its label probabilities (n x labels); the n-th is on line n if it has none."""
    rows = zip(examples, probabilities.tolist(), strict=True)
    return tuple(
        HeldOut(place if each.line is None else each.line, each.label, tuple(row))
        for place, (each, row) in enumerate(rows, start=1)
    )


def held_out_table(rows: Sequence[HeldOut], labels: Sequence[str]) -> bytes:
    """Return the rows as tab-separated values, with a header; of the texts only the lines are in it."""
    return "".join("\t".join(cells) + "\n" for cells in _cells(rows, labels)).encode()


def _cells(rows: Sequence[HeldOut], labels: Sequence[str]) -> Iterator[list[str]]:
    names = [text_cell(str(label)) for label in labels]
    yield ["line", "label", "predicted", *names]
    for row in rows:
        predicted = names[int(np.argmax(row.probabilities))]
        yield [str(row.line), text_cell(row.label), predicted, *(f"{value:.6f}" for value in row.probabilities)]
