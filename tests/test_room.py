"""Each term's room: more for the rare and the telling, and none made or lost in all."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from stance.training.room import find_room

LABELS = np.array(["a"] * 20 + ["b"] * 20)
TELLING = [1.0] * 20 + [0.0] * 20
MUTE = [1.0, 0.0] * 20
RARE = [1.0] + [0.0] * 39
FEATURES = csr_matrix(np.array([TELLING, MUTE, RARE]).T)
EVEN = np.ones(3)


def test_telling_terms_have_more_room() -> None:
    telling, mute, _ = find_room(FEATURES, EVEN, LABELS, 3.0)
    assert telling > 2 * mute


def test_rare_terms_have_more_room() -> None:
    even = find_room(FEATURES, EVEN, LABELS, 3.0)
    rarer = find_room(FEATURES, np.array([1.0, 4.0, 1.0]), LABELS, 3.0)
    assert rarer[1] / rarer[0] == pytest.approx(2 * even[1] / even[0])


def test_smoothing_takes_room_from_rare() -> None:
    little, much = (find_room(FEATURES, EVEN, LABELS, smoothing) for smoothing in (1.0, 100.0))
    assert much[2] / much[0] < little[2] / little[0] < 1


def test_mean_squared_length_is_one() -> None:
    room = find_room(FEATURES, np.array([1.0, 2.0, 3.0]), LABELS, 3.0)
    assert FEATURES.multiply(room).power(2).sum() == pytest.approx(FEATURES.shape[0])


def test_terms_without_evidence_are_alike() -> None:
    mute = csr_matrix(np.array([MUTE, MUTE]).T)
    assert find_room(mute, np.ones(2), LABELS, 3.0).tolist() == pytest.approx([1.0, 1.0])
