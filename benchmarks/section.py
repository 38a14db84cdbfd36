"""What every group of rows of the table of speed is measured with."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from benchmarks.peers import Lessons
from benchmarks.table import Row, Target, Unit
from benchmarks.timing import Timing


@dataclass(frozen=True)
class Setup:
    """What the rows are measured on: all sentences in random order, how many of them the peers get, and the options."""

    sentences: Sequence[str]
    sample: int
    largest: int
    starts: int
    lessons: Lessons

    @property
    def texts(self) -> list[str]:
        """The sentences of a batch."""
        return list(self.sentences[: self.sample])


class Section(NamedTuple):
    """Rows that are measured together; `title` is what they are called when they are skipped."""

    name: str
    title: str
    measure: Callable[[Setup], Iterator[Row]]


def with_threads(function: Callable[..., Any], threads: int) -> Callable[..., Any]:
    """Return the function with its number of threads set, or as it is when it takes none."""
    if "threads" not in inspect.signature(function).parameters:
        return function
    return partial(function, threads=threads)


def ask_labels(predict: Callable[..., Any], sentences: object) -> tuple[str, ...]:
    """Predict a batch and return its labels, as most peers do."""
    labels: tuple[str, ...] = predict(sentences).labels
    return labels


def ask_probabilities(predict: Callable[..., Any], sentences: object) -> object:
    """Predict a batch and return its array of probabilities, for what makes no Python object for each sentence."""
    return predict(sentences).probabilities


def rate_row(what: str, timing: Timing, amount: float, unit: Unit, target: Target) -> Row:
    """Return the row of two sides that do the same amount of work: how much of it each does in a second."""
    return Row(what, amount / timing.our_median, amount / timing.peer_median, unit, target, timing)


def sentence_row(what: str, timing: Timing, counts: tuple[int, int], target: Target) -> Row:
    """Return the row of two sides by the microseconds of a sentence, given how many sentences each scores."""
    ours, peer = (
        seconds / count * 1e6 for seconds, count in zip((timing.our_median, timing.peer_median), counts, strict=True)
    )
    return Row(what, ours, peer, Unit.MICROSECONDS, target, timing)
