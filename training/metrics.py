"""How good predictions are: F1, confusion, calibration, and what abstaining buys."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BINS = 15
RESAMPLES = 1000
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
DIGITS = 6


@dataclass(frozen=True)
class LabelScore:
    """How well one label is told from the rest. `auc` is None when the data has only it, or none of it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    auc: float | None


@dataclass(frozen=True)
class CalibrationBin:
    """The examples whose label had a probability in one of the equal-width bins."""

    examples: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class CoveragePoint:
    """The accuracy on the part of the examples (`coverage`) whose confidence is at least `threshold`."""

    coverage: float
    threshold: float
    accuracy: float


@dataclass(frozen=True)
class Metrics:
    """The figures of predictions on labelled examples.

    `macro_f1` is the mean F1 of the labels that occur in the data, `interval` its 95 % bootstrap interval.
    `confusion` has a row per true and a column per predicted label. `calibration_error` is the
    expected calibration error over 15 equal-width bins of the predicted label's probability (Guo et al. 2017).
    """

    examples: int
    accuracy: float
    macro_f1: float
    interval: tuple[float, float]
    labels: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: float
    bins: tuple[CalibrationBin, ...]
    coverage: tuple[CoveragePoint, ...]

    @property
    def commonest(self) -> float:
        """The accuracy of always predicting the commonest label of the data."""
        return max(map(sum, self.confusion)) / self.examples

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values, for JSON."""
        return asdict(self)


def measure(
    truth: Integers, probabilities: Floats, labels: Sequence[str], groups: Integers | None = None, seed: int = 0
) -> Metrics:
    """Measure n x k label probabilities against the n true labels, given as indices into `labels`.

    With `groups` (n) the bootstrap draws whole groups. All figures are rounded to 6 digits.
    """
    found: Integers = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    correct = found == truth
    bins = calibration_bins(confidence, correct)
    return Metrics(
        examples=len(truth),
        accuracy=_rounded(correct.mean()),
        macro_f1=_rounded(macro_f1(truth, found, len(labels))),
        interval=bootstrap_interval(truth, found, len(labels), groups, seed),
        labels=_label_scores(truth, found, probabilities, labels),
        confusion=tuple(map(tuple, confusion_matrix(truth, found, labels=range(len(labels))).tolist())),
        calibration_error=_rounded(sum(b.examples * abs(b.accuracy - b.confidence) for b in bins) / len(truth)),
        bins=bins,
        coverage=coverage_curve(confidence, correct),
    )


def macro_f1(truth: Integers, found: Integers, labels: int, weights: Floats | None = None) -> float:
    """Return the mean F1 of the labels that occur in `truth`, whatever their weight: 0 for one that weighs nothing."""
    counts = np.bincount(truth * labels + found, weights, labels * labels).reshape(labels, labels)
    sizes = counts.sum(axis=1) + counts.sum(axis=0)
    f1 = np.divide(2 * counts.diagonal(), sizes, out=np.zeros(labels), where=sizes > 0)
    return float(f1[np.unique(truth)].mean())


def bootstrap_interval(
    truth: Integers, found: Integers, labels: int, groups: Integers | None = None, seed: int = 0
) -> tuple[float, float]:
    """Return the 2.5 and 97.5 percentiles of macro-F1 over 1,000 resamples of the groups (else of the examples)."""
    _, members = np.unique(np.arange(len(truth)) if groups is None else groups, return_inverse=True)
    count = int(members.max()) + 1
    random = np.random.default_rng(seed)
    draws = (np.bincount(random.integers(count, size=count), minlength=count) for _ in range(RESAMPLES))
    values = [macro_f1(truth, found, labels, draw[members].astype(np.float64)) for draw in draws]
    low, high = np.percentile(values, [2.5, 97.5])
    return _rounded(low), _rounded(high)


def calibration_bins(confidence: Floats, correct: NDArray[np.bool_]) -> tuple[CalibrationBin, ...]:
    """Return the 15 bins of confidence that are not empty, from low to high."""
    place = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    inside = [place == number for number in range(BINS)]
    return tuple(
        CalibrationBin(int(rows.sum()), _rounded(confidence[rows].mean()), _rounded(correct[rows].mean()))
        for rows in inside
        if rows.any()
    )


def coverage_curve(confidence: Floats, correct: NDArray[np.bool_]) -> tuple[CoveragePoint, ...]:
    """Return the accuracy when the model abstains on the least confident examples, for coverages from 1 to 0.1."""
    order = np.argsort(-confidence, kind="stable")
    points = []
    for coverage in COVERAGES:
        kept = order[: max(1, round(coverage * len(order)))]
        points.append(CoveragePoint(coverage, _rounded(confidence[kept[-1]]), _rounded(correct[kept].mean())))
    return tuple(points)


def area_under_curve(positive: NDArray[np.bool_], scores: Floats) -> float | None:
    """Return the area under the ROC curve, or None unless there are positives and negatives."""
    return _rounded(roc_auc_score(positive, scores)) if 0 < positive.sum() < len(positive) else None


def _label_scores(
    truth: Integers, found: Integers, probabilities: Floats, labels: Sequence[str]
) -> tuple[LabelScore, ...]:
    figures = precision_recall_fscore_support(truth, found, labels=range(len(labels)), zero_division=0.0)
    return tuple(
        LabelScore(
            str(label),
            _rounded(precision),
            _rounded(recall),
            _rounded(f1),
            int(support),
            area_under_curve(truth == column, probabilities[:, column]),
        )
        for column, (label, precision, recall, f1, support) in enumerate(zip(labels, *figures, strict=True))
    )


def _rounded(value: Any) -> float:
    return round(float(value), DIGITS)
