"""Sixteen threads that predict while models are loaded and dropped and processes are forked: always the same answers.

`python -m campaigns.threads` compares every label, event and probability with those of a single thread, in the threads
and in forked children, and the memory (RSS) at the end of each round with that at the end of the first.
"""

import argparse
import gc
import json
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from campaigns.children import CORPUS, KEPT_MODEL
from stance import load
from stance.classifier import Classifier
from stance.prediction import Prediction

THREADS = 16
GROWTH = 8 << 20
"""How many bytes of memory more than after the first round a later one may end with."""

_LARGEST_BATCH = 40
_FORKS = 2
_PATIENCE = 120


@dataclass(frozen=True)
class Expected:
    """Sentences with the answers of a single thread."""

    sentences: tuple[str, ...]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class Round:
    """What a round came to."""

    predictions: int
    mismatches: int
    loads: int
    failed_children: int
    memory: int


def make_expected(classifier: Classifier, count: int = 300) -> Expected:
    """Return sentences, some of them odd, with the answers of this thread."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()[:count]
    sentences = (*(json.loads(line)["text"] for line in lines), "", "\0", "\ud800", "🕊️" * 50, "x" * 2000)
    return Expected(sentences, tuple(classifier.predict(sentences)))


def run_round(classifier: Classifier, expected: Expected, count: int, seed: int) -> Round:
    """Let every thread make so many predictions while models come and go and children are forked."""
    done = Event()
    with ThreadPoolExecutor(THREADS + 1) as pool:
        loads = pool.submit(_load_and_drop, expected, done)
        found = [pool.submit(count_mismatches, classifier, expected, count, seed + n) for n in range(THREADS)]
        failed = sum(not _fork(classifier, expected, seed - n) for n in range(_FORKS))
        mismatches = sum(each.result() for each in found)
        done.set()
        loaded, wrong = loads.result()
    gc.collect()
    return Round(THREADS * count, mismatches + wrong, loaded, failed, read_memory())


def count_mismatches(classifier: Classifier, expected: Expected, count: int, seed: int) -> int:
    """Make so many predictions in batches of random sentences; return how many differ from a single thread's."""
    chosen, wrong = random.Random(seed), 0
    while count > 0:
        rows = chosen.choices(range(len(expected.sentences)), k=min(count, chosen.randint(1, _LARGEST_BATCH)))
        found = classifier.predict([expected.sentences[row] for row in rows])
        wrong += sum(each != expected.predictions[row] for each, row in zip(found, rows, strict=True))
        count -= len(rows)
    return wrong


def _load_and_drop(expected: Expected, done: Event) -> tuple[int, int]:
    """Load the model again and again, predict with it and drop it; return how often, and the wrong answers."""
    loads, wrong = 0, 0
    while not done.is_set():
        wrong += count_mismatches(load(KEPT_MODEL), expected, 10, loads)
        loads += 1
    return loads, wrong


def _fork(classifier: Classifier, expected: Expected, seed: int) -> bool:
    """Predict in a forked child and tell whether its answers were those of a single thread."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that threads are running is the point
        child = os.fork()
    if not child:
        status = 2
        signal.alarm(_PATIENCE)  # a child that hangs is one that failed
        try:
            status = int(count_mismatches(classifier, expected, 200, seed) > 0)
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return status == 0


def read_memory() -> int:
    """Return the memory of this process (RSS) in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and return 0 if every answer was right and memory did not grow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50_000, help="predictions of each thread")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other round after so long")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    classifier = load(KEPT_MODEL)
    expected = make_expected(classifier)
    begun, rounds = time.monotonic(), list[Round]()
    for number in range(options.rounds):
        if time.monotonic() - begun > options.seconds:
            break
        rounds.append(run_round(classifier, expected, options.count // options.rounds, options.seed + 1000 * number))
        found = rounds[-1]
        print(
            f"round {number + 1}: {found.predictions:,} predictions, {found.mismatches} mismatches, "
            f"{found.loads} loads, {found.failed_children} of {_FORKS} children failed, {found.memory / 2**20:.1f} MB",
            flush=True,
        )
    grown = max(each.memory for each in rounds) - rounds[0].memory
    failures = sum(each.mismatches + each.failed_children for each in rounds) + (grown > GROWTH)
    total = sum(each.predictions for each in rounds)
    print(f"{total:,} predictions, memory grew by {grown / 2**20:.1f} MB, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
