"""Timing two sides of a ratio against each other, fairly on a machine that others use too."""

import gc
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from threadpoolctl import threadpool_limits

Run = Callable[[], object]
Clock = Callable[[], float]

ROUNDS = 5
SHORTEST = 0.2
"""A side that takes less than so many seconds is called again and again within a round until it has taken as long."""


@dataclass(frozen=True)
class Timing:
    """The seconds of one call of each side, a value for each round."""

    ours: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def our_median(self) -> float:
        """The seconds of a call of stance."""
        return median(self.ours)

    @property
    def peer_median(self) -> float:
        """The seconds of a call of the peer."""
        return median(self.peer)


def alternate(ours: Run, peer: Run, clock: Clock = time.process_time) -> Timing:
    """Warm both sides up, then time them in turn, the one that goes first changing from round to round.

    By default the seconds are those of the processor in all threads together: the same as on the clock when there is
    one thread and nobody else on the machine, and steadier when there is.
    """
    calls = {side: calls_for(warm_up(side)) for side in (ours, peer)}
    seconds: dict[Run, list[float]] = {ours: [], peer: []}
    for number in range(ROUNDS):
        for side in (ours, peer) if number % 2 == 0 else (peer, ours):
            seconds[side].append(_time(side, calls[side], clock))
    return Timing(tuple(seconds[ours]), tuple(seconds[peer]))


def warm_up(run: Run) -> float:
    """Call it twice and return the seconds of the second call; once is enough for what takes a second."""
    first = _time(run, 1, time.perf_counter)
    return first if first > 1 else _time(run, 1, time.perf_counter)


def calls_for(seconds: float) -> int:
    """Return how many calls of so many seconds a round takes."""
    return max(1, math.ceil(SHORTEST / max(seconds, 1e-9)))


def _time(run: Run, calls: int, clock: Clock) -> float:
    gc.collect()  # one side must not pay for the garbage of the other
    start = clock()
    for _ in range(calls):
        run()
    return (clock() - start) / calls


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and the threads it starts on one core, where the system can; the pools of BLAS and OpenMP too.

    So a peer that reads in a thread of its own, as Vowpal Wabbit does, has one core as well.
    """
    with threadpool_limits(1):
        if not hasattr(os, "sched_setaffinity"):
            yield
            return
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(allowed)})
        try:
            yield
        finally:
            os.sched_setaffinity(0, allowed)
