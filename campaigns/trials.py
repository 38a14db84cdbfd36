"""Runs very many numbered trials in processes of their own, so that a crash or a hang is caught and its input kept.

A trial is made from its number and the seed alone. So when a process dies or stops getting on, its input is made again
here and written to a folder, and another process goes on behind it.
"""

import argparse
import multiprocessing
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any, Protocol

EXCEPTION, CRASH, HANG = FAILURES = ("exception", "crash", "hang")
"""How a trial can fail: an error that should not be, the death of its process, or no end."""

_POLL = 0.1
_ENOUGH_KEPT = 3
"""So many inputs that fail in one way are written by one process; more tell nothing new."""


class Trial(Protocol):
    """What is tried. Instances go to other processes by pickle."""

    outcomes: tuple[str, ...]
    suffix: str

    def make(self, number: int, dice: random.Random) -> bytes:
        """Return the input of a number, or a random one."""

    def judge(self, content: bytes) -> str:
        """Try an input and return which of `outcomes` it had; raise anything when the library is at fault."""


@dataclass(frozen=True)
class Plan:
    """How many trials (None: as many as the time allows), for how many seconds (None: no limit), and by whom.

    `patience` is how many seconds one trial may take, `kept` the folder of the inputs that failed.
    """

    count: int | None
    seconds: float | None
    seed: int
    jobs: int
    kept: Path
    patience: float = 60.0

    def has_ended(self, number: int, started: float) -> bool:
        """Tell whether the trial of this number is one too many."""
        if self.count is not None and number >= self.count:
            return True
        return self.seconds is not None and time.monotonic() - started >= self.seconds


@dataclass(frozen=True)
class Report:
    """What came of the trials: how many had each outcome or failure, in how many seconds."""

    counts: dict[str, int]
    seconds: float

    @property
    def trials(self) -> int:
        """How many trials there were."""
        return sum(self.counts.values())

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return sum(self.counts[name] for name in FAILURES)

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        rate = self.trials / self.seconds if self.seconds else 0.0
        return f"{self.trials:,} trials in {self.seconds:,.0f} s ({rate:,.0f} a second): {counts}"


class _Worker:
    """A process that makes the trials number `first`, `first + jobs` ..., and what it shares with this one."""

    def __init__(self, context: SpawnContext, trial: Trial, plan: Plan, first: int, started: float) -> None:
        self.at = context.Value("q", first, lock=False)
        self.since = context.Value("d", 0.0, lock=False)
        self.counts = context.Array("q", len(trial.outcomes) + 1, lock=False)
        shared = (self.at, self.since, self.counts)
        self.process: SpawnProcess = context.Process(
            target=_work, args=(trial, plan, first, started, shared), daemon=True
        )
        self.process.start()

    def hangs(self, patience: float) -> bool:
        """Tell whether the trial at hand has taken too long; starting a process is no trial."""
        return self.since.value > 0 and time.monotonic() - self.since.value > patience


def run_trials(trial: Trial, plan: Plan) -> Report:
    """Make all trials of a plan and return what came of them; the inputs that failed are in `plan.kept`."""
    context = multiprocessing.get_context("spawn")
    started = time.monotonic()
    names = (*trial.outcomes, *FAILURES)
    counts = dict.fromkeys(names, 0)
    running = [_Worker(context, trial, plan, first, started) for first in range(plan.jobs)]
    while running:
        wait([worker.process.sentinel for worker in running], timeout=_POLL)
        for worker in list(running):
            failure = _end(worker, plan)
            if failure is None:
                continue
            running.remove(worker)
            for name, count in zip(names, worker.counts, strict=False):  # the last two are counted here
                counts[name] += count
            if failure:
                counts[failure] += 1
                number = worker.at.value
                _keep(plan.kept, number, trial.make(number, _dice(plan.seed, number)), trial.suffix, failure)
                running.append(_Worker(context, trial, plan, number + plan.jobs, started))
    return Report(counts, time.monotonic() - started)


def replay(trial: Trial, path: Path) -> str:
    """Try an input that was kept once more, in this process, and return its outcome."""
    return trial.judge(path.read_bytes())


def add_plan(parser: argparse.ArgumentParser, *, count: int, kept: str) -> None:
    """Give a parser the options that `read_plan` reads."""
    parser.add_argument("--count", type=int, help=f"how many trials; {count:,} when --seconds is not given either")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count(), help="how many processes")
    parser.add_argument("--kept", type=Path, default=Path(kept), help="the folder for inputs that fail (%(default)s)")
    parser.set_defaults(usual_count=count)


def read_plan(arguments: argparse.Namespace) -> Plan:
    """Return the plan that the options ask for."""
    count = arguments.usual_count if arguments.seconds is None and arguments.count is None else arguments.count
    return Plan(count, arguments.seconds, arguments.seed, arguments.jobs, arguments.kept)


def _end(worker: _Worker, plan: Plan) -> str | None:
    """Return how a process failed, "" when it is done, and None while it works; one that hangs is killed."""
    if worker.hangs(plan.patience):
        worker.process.kill()
        worker.process.join()
        return HANG
    if worker.process.is_alive():
        return None
    worker.process.join()
    if worker.process.exitcode and not worker.since.value:
        raise RuntimeError(f"a process of the campaign could not start (exit code {worker.process.exitcode})")
    return CRASH if worker.process.exitcode else ""


def _work(trial: Trial, plan: Plan, first: int, started: float, shared: Sequence[Any]) -> None:
    at, since, counts = shared
    failed = len(trial.outcomes)
    kept: Counter[str] = Counter()
    number = first
    campaign = multiprocessing.parent_process()
    while not plan.has_ended(number, started) and (campaign is None or campaign.is_alive()):
        at.value, since.value = number, time.monotonic()
        content = trial.make(number, _dice(plan.seed, number))
        try:
            counts[trial.outcomes.index(trial.judge(content))] += 1
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic of Rust code is no Exception
            counts[failed] += 1
            kept[_way(error)] += 1
            if kept[_way(error)] <= _ENOUGH_KEPT:
                _keep(plan.kept, number, content, trial.suffix, traceback.format_exc())
        number += plan.jobs


def _way(error: BaseException) -> str:
    """Return what tells one way to fail from another: the kind of the error and where it was raised."""
    places = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} {places[-1].filename} {places[-1].lineno}"


def _dice(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed}:{number}")


def _keep(folder: Path, number: int, content: bytes, suffix: str, why: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}{suffix}").write_bytes(content)
    (folder / f"{number}.txt").write_text(why, encoding="utf-8", errors="backslashreplace")


def finish(reports: Sequence[tuple[str, Report]], kept: Path, say: Callable[[str], None] = print) -> int:
    """Print the reports; return 1 if anything failed, else 0."""
    for name, report in reports:
        say(f"{name}: {report}")
    failures = sum(report.failures for _, report in reports)
    if failures:
        print(f"{failures:,} failed; their inputs are in {kept}", file=sys.stderr)
    return 1 if failures else 0
