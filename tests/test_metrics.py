import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from stance.training.metrics import (
    area_under_curve,
    bootstrap_interval,
    calibration_bins,
    coverage_curve,
    macro_f1,
    measure,
)

TRUTH = np.array([0, 0, 0, 1, 1, 2])
PROBABILITIES = np.array(
    [[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.1, 0.9, 0.0], [0.5, 0.1, 0.4]]
)
METRICS = measure(TRUTH, PROBABILITIES, ("x", "y", "z"))


def test_confusion_matrix_rows_are_true_labels() -> None:
    assert METRICS.confusion == ((2, 1, 0), (0, 2, 0), (1, 0, 0))


def test_each_label_has_its_five_figures() -> None:
    one, _, three = METRICS.labels
    assert (one.precision, one.recall, one.f1, one.support) == (0.666667, 0.666667, 0.666667, 3)
    assert (three.precision, three.recall, three.f1, three.support, three.auc) == (0.0, 0.0, 0.0, 1, 1.0)


def test_macro_f1_averages_labels_that_occur() -> None:
    assert METRICS.macro_f1 == pytest.approx((2 / 3 + 4 / 5 + 0) / 3, abs=1e-6)
    without_third = measure(TRUTH[:5], PROBABILITIES[:5], ("x", "y", "z"))
    assert without_third.macro_f1 == pytest.approx((4 / 5 + 4 / 5) / 2, abs=1e-6)
    assert without_third.labels[2].auc is None


LABELLED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1)


@given(LABELLED)
def test_macro_f1_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, found = np.array(pairs).T
    expected = f1_score(truth, found, labels=np.unique(truth), average="macro", zero_division=0.0)
    assert macro_f1(truth, found, 4) == pytest.approx(expected)


def test_calibration_error_is_the_weighted_gap() -> None:
    truth = np.array([0, 0, 1, 1])
    metrics = measure(truth, np.array([[0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.1, 0.9]]), ("x", "y"))
    assert metrics.calibration_error == pytest.approx((3 * abs(2 / 3 - 0.8) + 1 * 0.1) / 4, abs=1e-6)
    assert [each.examples for each in metrics.bins] == [3, 1]


def test_certain_example_is_in_last_bin() -> None:
    assert [each.examples for each in calibration_bins(np.array([1.0, 0.999]), np.array([True, True]))] == [2]


def test_abstaining_keeps_the_most_confident_examples() -> None:
    curve = coverage_curve(np.array([0.5, 0.9, 0.6, 0.8]), np.array([False, True, False, True]))
    assert [(each.coverage, each.threshold, each.accuracy) for each in curve if each.coverage in (1.0, 0.5)] == [
        (1.0, 0.5, 0.5),
        (0.5, 0.8, 1.0),
    ]


def test_bootstrap_interval_follows_its_seed() -> None:
    low, high = METRICS.interval
    assert METRICS.interval == measure(TRUTH, PROBABILITIES, ("x", "y", "z"), seed=0).interval
    assert low <= METRICS.macro_f1 <= high


def test_the_bootstrap_draws_whole_groups() -> None:
    truth = np.tile([0, 1], 50)
    hits = np.arange(100) < 50
    probabilities = np.eye(2)[np.where(hits, truth, 1 - truth)]
    apart = measure(truth, probabilities, ("x", "y")).interval
    together = measure(truth, probabilities, ("x", "y"), groups=np.arange(100) // 50).interval
    assert together[1] - together[0] > apart[1] - apart[0]


def test_one_class_has_no_curve_area() -> None:
    assert area_under_curve(np.array([True, True]), np.array([0.1, 0.2])) is None


def test_interval_averages_the_same_labels() -> None:
    truth = np.array([0] * 98 + [1, 1])
    found = np.zeros(100, dtype=np.int64)
    low, high = bootstrap_interval(truth, found, 2)
    assert low <= macro_f1(truth, found, 2) <= high <= 0.5


def test_commonest_label_is_the_baseline() -> None:
    assert METRICS.commonest == 3 / 6
