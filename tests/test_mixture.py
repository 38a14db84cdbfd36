"""A mixture: the faces of a class fitted together make the class likely, whichever of them an example has."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from stance.training.mixture import Features, fit_mixture

POINTS = np.column_stack(
    [
        np.tile([-1.0, -0.9, 0.0, 0.1, 1.0, 0.9], 4),
        np.tile([0.5, -0.5, 0.2, -0.3], 6),
        np.tile([0.2, -0.1, 0.1, -0.2, 0.1, -0.2], 4),
        np.repeat([0.3, -0.1, 0.0, -0.2], 6),
    ]
)
"""By the first column, the first class lies on both sides of the second, so that one border cannot part them."""

BELONGS = np.array([[True, True, False]] * 2 + [[False, False, True]] * 2 + [[True, True, False]] * 2)[
    np.arange(24) % 6
]
FEATURES = Features(csr_matrix(POINTS[:, :2]), POINTS[:, 2:])


def loss(table: np.ndarray, weights: np.ndarray, strength: float) -> float:
    """What `fit_mixture` makes small, as its docstring says it."""
    weights_of, intercepts = table[:, :-1], table[:, -1]
    own = (softmax(POINTS @ weights_of.T + intercepts, axis=1) * BELONGS).sum(axis=1)
    return 0.5 * (weights_of**2).sum() - strength * (weights * np.log(own)).sum()


def start_of(faces: list[int]) -> np.ndarray:
    """Weights of a regression that takes each example for one of the face that it was given."""
    regression = LogisticRegression(C=50).fit(POINTS, np.resize(faces, 24))
    return np.column_stack([regression.coef_, regression.intercept_])


def test_faces_part_what_is_between():
    begun = start_of([0, 1, 2, 2, 1, 1])
    found = fit_mixture(FEATURES, BELONGS, np.ones(24), begun, strength=50)
    before, after = (
        (softmax(POINTS @ each[:, :-1].T + each[:, -1], axis=1) * BELONGS).sum(axis=1).min() for each in (begun, found)
    )
    assert before < 0.5
    assert after > 0.9


def test_examples_may_change_their_face():
    begun = start_of([0, 1, 2, 2, 1, 1])
    found = fit_mixture(FEATURES, BELONGS, np.ones(24), begun, strength=50)
    assert (POINTS[:6] @ begun[:, :-1].T + begun[:, -1]).argmax(axis=1).tolist() != [0, 0, 2, 2, 1, 1]
    assert (POINTS[:6] @ found[:, :-1].T + found[:, -1]).argmax(axis=1).tolist() == [0, 0, 2, 2, 1, 1]


@pytest.mark.parametrize("strength", [0.5, 20])
def test_nothing_near_is_better(strength):
    weights = np.linspace(0.5, 2, 24)
    found = fit_mixture(FEATURES, BELONGS, weights, start_of([0, 0, 2, 2, 1, 1]), strength)
    slope = approx_fprime(found.ravel(), lambda flat: loss(flat.reshape(3, 5), weights, strength), 1e-6)
    np.testing.assert_allclose(slope, 0, atol=0.02)


def test_impossible_examples_stay_finite():
    far = np.array([[-900.0, 0, 0, 0, 0], [-900, 0, 0, 0, 0], [900, 0, 0, 0, 0]])
    found = fit_mixture(FEATURES, BELONGS, np.ones(24), far, strength=1)
    assert np.isfinite(found).all()
    assert loss(found, np.ones(24), 1) < loss(far * 0.01, np.ones(24), 1)
