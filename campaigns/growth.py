"""Does time grow linearly? Each unit of units.toml is repeated, to twice the size again and again, and each call timed.

A doubling that costs more than MOST_PER_DOUBLING is measured again before it is believed. What a call takes is its
processor time, since other programs may be running; but they also empty the caches, so run it on a quiet machine. One
doubling over the bar among many under it is a step (a cache that is full, a collection of garbage), a mean over it is
an algorithm that is not linear. `--expressions` checks the regular expressions of stance instead.
"""

import argparse
import datetime
import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import geometric_mean
from types import FrameType

from campaigns.expressions import report_expressions
from campaigns.hostile_text import load_units
from stance import explain, find_actors, predict, score_document
from stance.timeline import timeline

SMALLEST = 2**10
LARGEST = 2**24
MOST_PER_DOUBLING = 2.3
NOISE_FLOOR = 0.2
"""Seconds: a call that takes less says nothing of the next."""

HOPELESS = 3.2
"""Behind a doubling that costs so much no larger text is tried: four would be quadratic."""

FEWEST_REPEATS, REPEATS = 3, 12
"""How often a suspicious doubling is measured again, at least and at most; the least times count."""

LONG = 120.0
"""Seconds of measuring again behind which the fewest repeats are enough."""

PAUSE = 1.0
"""Seconds before each repeat: a host that serves others is slow for some seconds at a time."""

Call = Callable[[str], object]

CALLS: Mapping[str, Call] = {
    "predict": predict,
    "explain": explain,
    "score_document": score_document,
    "find_actors": find_actors,
    "timeline": lambda text: timeline([(text, datetime.date(2024, 5, 31))]),
}


@dataclass(frozen=True)
class Growth:
    """How the time of a call grew with a unit: the worst doubling and the mean of all, and the time of the largest."""

    call: str
    unit: str
    worst: float
    worst_size: int
    mean: float
    largest: int
    seconds: float

    @property
    def is_over(self) -> bool:
        """Tell whether some doubling cost more than it may."""
        return self.worst > MOST_PER_DOUBLING

    def __str__(self) -> str:
        worst = "below the noise"
        if self.worst:
            worst = f"doublings: worst {self.worst:.2f} to {self.worst_size:,}, mean {self.mean:.2f}"
        mark = "OVER THE BAR  " if self.is_over else ""
        return f"{mark}{self.call:15} {self.unit:22} {worst}; {self.seconds:.2f} s for {self.largest:,} characters"


def measure_growth(call: str, unit: str, largest: int, patience: float) -> Growth:
    """Time a call on a unit repeated, up to `largest` characters or until the next size might take over `patience` s.

    It ends at a doubling that is hopeless.
    """
    size, before = SMALLEST, _time(call, unit, SMALLEST)
    ratios: dict[int, float] = {}
    while size < largest and 2.5 * before <= patience and not any(ratio > HOPELESS for ratio in ratios.values()):
        size *= 2
        seconds = _time(call, unit, size)
        if before >= NOISE_FLOOR:
            if seconds / before > MOST_PER_DOUBLING:
                before, seconds = _measure_again(call, unit, size, before, seconds)
            ratios[size] = seconds / before
        before = seconds
    worst_size = max(ratios, key=ratios.__getitem__, default=0)
    mean = geometric_mean(ratios.values()) if ratios else 0.0
    return Growth(call, unit, ratios.get(worst_size, 0.0), worst_size, mean, size, before)


def measure_all(calls: list[str], units: list[str], largest: int, patience: float) -> Iterator[Growth]:
    """Yield the growth of each call with each unit."""
    for call in calls:
        CALLS[call]("Iran accused Iraq.")  # what is loaded and cached at the first call is no growth
        for unit in units:
            yield measure_growth(call, unit, largest, patience)


def _measure_again(call: str, unit: str, size: int, before: float, seconds: float) -> tuple[float, float]:
    """Return the least times of a size and its half, measured in turns so that both see the same machine."""
    started = time.monotonic()
    for number in range(REPEATS):
        if number >= FEWEST_REPEATS and time.monotonic() - started > LONG:
            break
        time.sleep(PAUSE)
        before = min(before, _time(call, unit, size // 2))
        seconds = min(seconds, _time(call, unit, size))
    return before, seconds


def _time(call: str, unit: str, size: int) -> float:
    text = repeat(load_units()[unit], size)
    gc.collect()
    started = time.process_time()
    CALLS[call](text)
    return time.process_time() - started


def count_calls(call: str, unit: str, size: int) -> int:
    """Return how many functions are called for a unit repeated; unlike a time it is the same on every machine.

    It sees what grows in Python code, but not inside one call of an expression or of a compiled library.
    """
    text = repeat(load_units()[unit], size)
    CALLS[call]("Iran accused Iraq.")  # what is loaded and cached at the first call is no growth
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        CALLS[call](text)
    finally:
        sys.setprofile(before)
    return calls


def repeat(unit: str, size: int) -> str:
    """Return a unit repeated up to a number of characters."""
    return (unit * (size // len(unit) + 1))[:size]


def main() -> int:
    """Run the campaign and return its exit status."""
    arguments = _parse_arguments()
    if arguments.expressions:
        return report_expressions()
    found = []
    for growth in measure_all(arguments.calls, arguments.units, arguments.largest, arguments.patience):
        print(growth, flush=True)
        found.append(growth)
    bad = sum(growth.is_over for growth in found)
    steep = sum(growth.mean > MOST_PER_DOUBLING for growth in found)
    worst = max(found, key=lambda growth: growth.worst)
    over = f"{bad} over {MOST_PER_DOUBLING}, {steep} of them in the mean"
    print(f"growth: {len(found)} of calls and units, {over}; the worst: {worst}")
    return 1 if bad else 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaigns.growth", description=__doc__)
    parser.add_argument("--largest", type=int, default=LARGEST, help="characters of the largest text (%(default)s)")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds that one call may take (%(default)s)")
    parser.add_argument("--calls", nargs="+", choices=CALLS, default=list(CALLS))
    parser.add_argument("--units", nargs="+", choices=load_units(), default=list(load_units()), metavar="UNIT")
    parser.add_argument("--expressions", action="store_true", help="check the regular expressions of stance instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
