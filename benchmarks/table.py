"""The rows of the table of speed: two measured values, their ratio and what was asked of it."""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.timing import Timing

NOTHING = "–"
COLUMNS = ("what", "stance", "peer", "ratio", "at least", "aim", "met")


class Unit(StrEnum):
    """What a value is given in."""

    PER_SECOND = "/s"
    MICROSECONDS = " µs"
    MILLISECONDS = " ms"
    MEGABYTES = " MB"
    MEGABYTES_PER_SECOND = " MB/s"


class Reading(StrEnum):
    """How the two values make a ratio, and which way it should go."""

    TIMES = "stance / peer, the more the better"
    FASTER = "peer / stance, the more the better"
    SHARE = "stance / peer, the less the better"


@dataclass(frozen=True)
class Target:
    """How a ratio is read, what it must come to and what it should; None where nothing was asked."""

    reading: Reading
    least: float | None = None
    aim: float | None = None

    def verdict(self, ratio: float) -> str:
        """Say whether a ratio meets the target: "aim", "yes" or "no"."""
        if self.least is None:
            return NOTHING
        if self.aim is not None and self._reaches(ratio, self.aim):
            return "aim"
        return "yes" if self._reaches(ratio, self.least) else "no"

    def write(self, bound: float | None) -> str:
        """Return a bound as the table has it."""
        if bound is None:
            return NOTHING
        return f"≤ {bound:g}×" if self.reading is Reading.SHARE else f"{bound:g}×"

    def _reaches(self, ratio: float, bound: float) -> bool:
        return ratio <= bound if self.reading is Reading.SHARE else ratio >= bound


@dataclass(frozen=True)
class Row:
    """A row of the table: the value of stance and that of the peer, and the rounds that they are the medians of."""

    what: str
    ours: float
    peer: float
    unit: Unit
    target: Target
    timing: Timing | None = None

    @property
    def ratio(self) -> float:
        """How stance compares, as the target reads it."""
        return self.peer / self.ours if self.target.reading is Reading.FASTER else self.ours / self.peer

    def cells(self) -> tuple[str, ...]:
        """Return the row as the cells of COLUMNS."""
        return (
            self.what,
            f"{three_digits(self.ours)}{self.unit}",
            f"{three_digits(self.peer)}{self.unit}",
            f"{three_digits(self.ratio)}×",
            self.target.write(self.target.least),
            self.target.write(self.target.aim),
            self.target.verdict(self.ratio),
        )


class Skip(Exception):  # noqa: N818 (no error: a row that cannot be measured here, and why)
    """Raised for a row that cannot be measured here; the message is the reason."""


def skipped_cells(what: str, reason: str) -> tuple[str, ...]:
    """Return the cells of a row that was not measured."""
    return (what, *[NOTHING] * 5, f"skipped: {reason}")


def head() -> str:
    """Return the two lines that a Markdown table begins with."""
    return f"{line(COLUMNS)}\n{line(('---', *['---:'] * 5, '---'))}"


def line(cells: tuple[str, ...]) -> str:
    """Return the cells as a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def three_digits(value: float) -> str:
    """Return a number with three significant digits, or all those before the point.

    >>> [three_digits(value) for value in (1234567.8, 123.45, 12.345, 1.2345, 0.012345)]
    ['1,234,568', '123', '12.3', '1.23', '0.0123']
    """
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}".removesuffix(".")
