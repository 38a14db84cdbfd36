"""The temperature: found on the examples that are a sample of what there is, not on those that were chosen."""

from dataclasses import replace

import numpy as np
import pytest

from stance.labels import EventClass
from stance.training.fit import Corpus, find_temperature

RIGHT, WRONG = [2.0, 0.0], [0.0, 2.0]
SCORES = np.array([RIGHT] * 15 + [WRONG] * 5 + [RIGHT] * 20)
"""Of the first twenty one in four is missed, of the others none."""

CORPUS = Corpus(
    terms=[["word"]] * 40,
    targets=np.zeros(40, dtype=np.int64),
    groups=np.arange(40),
    weights=np.ones(40),
    sampled=np.arange(40) < 20,
    classes=(EventClass("a", None), EventClass("b", None)),
)


def test_temperature_is_of_the_sampled():
    assert find_temperature(SCORES, CORPUS) == pytest.approx(2 / np.log(3), abs=1e-3)


def test_without_sampled_all_count():
    chosen = replace(CORPUS, sampled=np.zeros(40, dtype=bool))
    assert find_temperature(SCORES, chosen) == pytest.approx(2 / np.log(7), abs=1e-3)


def test_sampled_without_scores_are_passed_over():
    scores = np.where(CORPUS.sampled[:, np.newaxis], -np.inf, SCORES)
    assert find_temperature(scores, CORPUS) == pytest.approx(0.2, abs=1e-2)
