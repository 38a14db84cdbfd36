"""How dyads develop over time: scores per period over many dated documents.

A document counts once for a dyad that has a relation in it, with the mean probabilities C and A of that relation (see
`Relation`); of near duplicates within ALIKE_DAYS (`sketches.py`) only the first that is read counts. A period's score
is the sum of C - A over the sum of C + A of its documents. The band is the 95 % interval of a bootstrap over documents.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.dates import read_day
from stance.document import DocumentScore
from stance.errors import MissingExtraError
from stance.shipped import score_document
from stance.sketches import Sketches
from stance.writing import write_atomically

PICTURES = ("png", "svg", "pdf")
RESAMPLES = 500
BAND = (2.5, 97.5)
FEWEST = 2
"""With fewer documents in a period there is no band: resamples of one are all alike."""


class Period(StrEnum):
    """The length of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Dyad(NamedTuple):
    """Two actors by their ids; directed when only what `source` does towards `target` counts."""

    source: str
    target: str
    directed: bool = False

    def __str__(self) -> str:
        between = ">" if self.directed else ":" if "-" in self.source + self.target else "-"
        return f"{self.source}{between}{self.target}"


class DatedDocument(NamedTuple):
    """A document and the day it was written."""

    text: str
    date: datetime.date


@dataclass(frozen=True)
class TimelinePoint:
    """A dyad in one period: score in [-1, 1] with its band, mean intensity in [0, 1], documents and sentences.

    Documents are those in which the dyad has a relation: one that names both actors and says nothing of the two counts
    nowhere. `low` and `high` are None for a single document.
    """

    period: str
    score: float
    low: float | None
    high: float | None
    intensity: float
    documents: int
    sentences: int


@dataclass(frozen=True)
class Series:
    """The periods of one dyad, in order; those without a document are left out."""

    dyad: Dyad
    points: tuple[TimelinePoint, ...]


@dataclass(frozen=True)
class Timeline:
    """The series of dyads, the documents that were counted and the near duplicates that were not."""

    by: Period
    series: tuple[Series, ...]
    documents: int
    duplicates: int

    def to_dict(self) -> dict[str, Any]:
        """Return the timeline as plain values that JSON can hold."""
        series = [{"dyad": str(each.dyad), "points": [asdict(point) for point in each.points]} for each in self.series]
        return {
            "by": str(self.by),
            "documents": self.documents,
            "duplicates": self.duplicates,
            "series": series,
        }

    def plot(self, path: str | PathLike[str]) -> None:
        """Draw the series, one below the other, to a PNG, SVG or PDF file.

        Raises MissingExtraError without matplotlib, ValueError for another kind of file and for nothing to draw.
        """
        path = Path(path)
        kind = check_picture(path)
        from stance.timeline_plot import draw

        if not any(each.points for each in self.series):
            raise ValueError("nothing to draw: no document has a relation of these dyads")
        write_atomically({path: draw(self, kind)})


def check_picture(path: Path) -> str:
    """Return the kind of picture that a path names. Raises as `Timeline.plot` does."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise ValueError(f"{path}: cannot draw '{path.suffix}' files; give one ending in .{', .'.join(PICTURES)}")
    if find_spec("matplotlib") is None:
        raise MissingExtraError("plots", "a plot")
    return kind


class _Mark(NamedTuple):
    """What a document, by its number, says of a dyad in a period."""

    document: int
    period: str
    cooperative: float
    adversarial: float
    sentences: int


def timeline(
    documents: Iterable[DatedDocument | tuple[str, datetime.date | str]],
    *,
    by: Period | str = Period.MONTH,
    dyads: Sequence[Dyad | str] = (),
    top: int = 10,
    score: Callable[[str, datetime.date], DocumentScore] = score_document,
    seed: int = 0,
) -> Timeline:
    """Return how dyads develop over documents, each with its date or a text such as 2024-05-31, in any order.

    `dyads` are such as "CHN-RUS" (both directions), "CHN>RUS" (what China does) or, for ids with a hyphen,
    "USA:al-Qaeda"; without any, the `top` dyads of the most documents. `score` is by default that of the shipped model.
    Raises ValueError for a dyad, a period or a date that is none, TypeError for documents and dyads of other types.
    """
    by = Period(by)
    if isinstance(dyads, str):
        raise TypeError(f"dyads: expected a list of dyads, got a str; write [{dyads!r}]")
    wanted = [each if isinstance(each, Dyad) else read_dyad(each) for each in dyads]
    marks: dict[tuple[str, str], list[_Mark]] = defaultdict(list)
    sketches = Sketches()
    counted = 0
    for number, (text, date) in enumerate(documents):
        try:
            day = read_day(date)
        except (TypeError, ValueError) as error:
            raise type(error)(f"documents[{number}]: {error}") from error
        if not isinstance(text, str):
            raise TypeError(f"documents[{number}]: expected a text and its date, got {type(text).__name__} as text")
        period = name_period(day, by)
        if sketches.has_seen(text, day):
            continue
        counted += 1
        for relation in score(text, day).relations:
            toward = relation.intensity * (1 + relation.score) / 2
            mark = _Mark(counted, period, toward, relation.intensity - toward, len(relation.sentences))
            marks[relation.source, relation.target].append(mark)
    chosen = wanted or _most_frequent(marks, top)
    series = tuple(Series(dyad, tuple(_points(_marks_of(dyad, marks), seed))) for dyad in chosen)
    return Timeline(by, series, counted, sketches.repeated)


def read_dyad(text: str) -> Dyad:
    """Read a dyad, see `timeline`. Raises ValueError for any other text, TypeError for what is none."""
    if not isinstance(text, str):
        raise TypeError(f"dyad {text!r}: expected a text such as 'CHN-RUS', or a Dyad")
    for mark in (":", ">", "-"):
        source, found, target = text.partition(mark)
        if found and source.strip() and target.strip() and (mark != "-" or text.count("-") == 1):
            return Dyad(source.strip(), target.strip(), mark == ">")
    raise ValueError(f"dyad {text!r}: write it as CHN-RUS, CHN>RUS or, for ids with a hyphen, USA:al-Qaeda")


def name_period(day: datetime.date, by: Period) -> str:
    """Return the period of a day: 2024-05-31, 2024-W22, 2024-05, 2024-Q2 or 2024."""
    if by is Period.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    names = {
        Period.DAY: f"{day.year:04d}-{day.month:02d}-{day.day:02d}",
        Period.MONTH: f"{day.year:04d}-{day.month:02d}",
        Period.QUARTER: f"{day.year:04d}-Q{(day.month + 2) // 3}",
        Period.YEAR: f"{day.year:04d}",
    }
    return names[by]


def _most_frequent(marks: dict[tuple[str, str], list[_Mark]], top: int) -> list[Dyad]:
    documents: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (source, target), found in marks.items():
        documents[min(source, target), max(source, target)].update(mark.document for mark in found)
    ordered = sorted(documents.items(), key=lambda each: (-len(each[1]), each[0]))
    return [Dyad(*ids) for ids, _ in ordered[:top]]


def _marks_of(dyad: Dyad, marks: dict[tuple[str, str], list[_Mark]]) -> list[_Mark]:
    """Return a mark for each document; of an undirected dyad the mean of its directions."""
    there = marks.get((dyad.source, dyad.target), [])
    if dyad.directed:
        return there
    both: dict[int, list[_Mark]] = defaultdict(list)
    for mark in (*there, *marks.get((dyad.target, dyad.source), ())):
        both[mark.document].append(mark)
    return [_mean(found) for _, found in sorted(both.items())]


def _mean(marks: Sequence[_Mark]) -> _Mark:
    toward = sum(mark.cooperative for mark in marks) / len(marks)
    against = sum(mark.adversarial for mark in marks) / len(marks)
    return marks[0]._replace(cooperative=toward, adversarial=against, sentences=max(mark.sentences for mark in marks))


def _points(marks: Sequence[_Mark], seed: int) -> Iterator[TimelinePoint]:
    periods: dict[str, list[_Mark]] = defaultdict(list)
    for mark in marks:
        periods[mark.period].append(mark)
    for period in sorted(periods):
        found = periods[period]
        values = np.array([(mark.cooperative, mark.adversarial) for mark in found])
        low, high = _band(values, np.random.default_rng(seed)) if len(found) >= FEWEST else (None, None)
        toward, against = values.mean(axis=0).tolist()
        yield TimelinePoint(
            period,
            _score(values.sum(axis=0)[np.newaxis])[0],
            low,
            high,
            min(1.0, toward + against),
            len(found),
            sum(mark.sentences for mark in found),
        )


def _band(values: NDArray[np.float64], random: np.random.Generator) -> tuple[float, float]:
    chosen = random.integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(_score(values[chosen].sum(axis=1)), BAND)
    return float(low), float(high)


def _score(sums: NDArray[np.float64]) -> list[float]:
    """Return (C - A) / (C + A) of rows of C and A, 0 where both are 0."""
    total = sums.sum(axis=1)
    scores: list[float] = np.divide(sums[:, 0] - sums[:, 1], total, out=np.zeros(len(sums)), where=total > 0).tolist()
    return scores
