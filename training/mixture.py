"""A mixture: the faces of a class fitted together, from where k-means has put them.

A class is as likely as all its faces together, so it is that sum which ought to be large for the examples of the class,
whichever of the faces it comes from: a log-linear model with a hidden variable (Quattoni et al. 2007). Its likelihood
has many maxima. One is sought near a regression in which each example belongs to the face that k-means gave it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

ROUNDS = 150
"""L-BFGS goes so far; with many examples it would go on, and twice as many rounds make the model a little worse."""


class Features(NamedTuple):
    """The features of the examples: those that are mostly zero (n x terms), and the others (n x dimensions)."""

    sparse: csr_matrix
    dense: Floats


def fit_mixture(
    features: Features, belongs: NDArray[np.bool_], weights: Floats, start: Floats, strength: float
) -> Floats:
    """Return the weights of each face (faces x (terms + dimensions + 1), the intercepts last) from those at the start.

    `belongs` (n x faces) tells to which faces' class an example belongs. What is made small is the weighted sum of
    - ln P(class), times `strength`, and half the squares of all weights but the intercepts.
    """
    sparse, dense = features.sparse.astype(np.float32).tocsr(), features.dense.astype(np.float32)
    transposed = sparse.T.tocsr()
    terms, faces = sparse.shape[1], len(start)

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(-1, faces)
        free = table[:-1].astype(np.float32)
        scores = sparse @ free[:terms] + dense @ free[terms:] + table[-1].astype(np.float32)
        logs, slopes = _likelihood(scores, belongs)
        slopes *= weights[:, None].astype(np.float32)
        gradient = np.vstack([transposed @ slopes, dense.T @ slopes, slopes.sum(axis=0, dtype=np.float64)])
        gradient *= strength
        gradient[:-1] += table[:-1]
        value = 0.5 * (table[:-1] ** 2).sum() - strength * (weights @ logs[:, 0].astype(np.float64))
        return float(value), gradient.ravel()

    with threadpool_limits(1):  # the last digits would depend on the number of threads
        found = minimize(loss, start.T.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    table: Floats = found.x.reshape(-1, faces).T
    return table


def _likelihood(scores: Singles, belongs: NDArray[np.bool_]) -> tuple[Singles, Singles]:
    """Return ln P(class) of each example (n x 1), and how its negative changes with each of its scores (n x faces)."""
    own = np.where(belongs, scores, -np.inf)
    every, sums = logsumexp(scores, axis=1, keepdims=True), logsumexp(own, axis=1, keepdims=True)
    return sums - every, np.exp(scores - every) - np.exp(own - sums)
