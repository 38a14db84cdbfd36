"""A short part of `python -m campaigns.threads`."""

import os
from pathlib import Path

import pytest

from campaigns.children import KEPT_MODEL
from campaigns.threads import GROWTH, THREADS, Expected, count_mismatches, make_expected, run_round
from stance import load

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or not Path("/proc/self/statm").exists(),
    reason="needs fork and Linux's memory of a process",
)


def test_threads_and_forks_agree_with_one() -> None:
    classifier = load(KEPT_MODEL)
    expected = make_expected(classifier, 60)
    first, second = (run_round(classifier, expected, 100, seed) for seed in (1, 2))
    assert [(each.predictions, each.mismatches, each.failed_children) for each in (first, second)] == [
        (100 * THREADS, 0, 0)
    ] * 2
    assert first.loads > 0
    assert second.memory - first.memory < GROWTH


def test_a_wrong_answer_is_counted() -> None:
    classifier = load(KEPT_MODEL)
    wrong = Expected(("They signed a treaty.",), (classifier.predict("They bombed the port."),))
    assert count_mismatches(classifier, wrong, 50, seed=1) == 50
