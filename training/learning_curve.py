"""How macro-F1 grows with the number of examples."""

from collections.abc import Iterable

import numpy as np
from scipy.special import softmax

from stance.training.corpus import label_names, sum_by_label, targets_by_label
from stance.training.fit import Corpus, Progress, Settings, find_temperature, out_of_fold_scores
from stance.training.metrics import DIGITS, macro_f1

SIXTEENTHS = (2, 4, 8, 16)
"""The parts of the examples that are measured, in sixteenths."""


def measure_learning_curve(
    corpus: Corpus, settings: Settings, progress: Progress = iter
) -> tuple[tuple[int, float], ...]:
    """Return pairs of a number of examples and the macro-F1 cross-validated on a random part of that size.

    The parts are made of whole groups, each contains the one before, and one too small to be fitted is left out. The
    faces of classes are those of all examples.
    """
    groups = np.unique(corpus.groups)
    order = np.random.default_rng(settings.seed).permutation(groups)
    parts = (corpus.take(np.flatnonzero(np.isin(corpus.groups, order[: len(order) * n // 16]))) for n in SIXTEENTHS)
    return tuple(_points(zip(progress(SIXTEENTHS), parts, strict=True), settings))


def _points(parts: Iterable[tuple[int, Corpus]], settings: Settings) -> Iterable[tuple[int, float]]:
    for _, part in parts:
        try:
            scores = out_of_fold_scores(part, settings)
        except ValueError:  # a fold with one class only, or too few terms
            continue
        found = sum_by_label(softmax(scores / find_temperature(scores, part), axis=1), part.classes).argmax(axis=1)
        score = macro_f1(targets_by_label(part), found, len(label_names(part.classes)))
        yield len(part.targets), round(score, DIGITS)
