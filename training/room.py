"""How much room a term's weight is given: a prior for each term.

The L2 penalty of a regression holds all weights alike. Where the values of a term are multiplied before the fit, and
its weight after it, the weight may be as much larger for the same penalty. A term is given more room the rarer it is
and the more it says of the label: the root of its idf times its evidence. That is the root mean square, over the labels
of all examples, of ln P(label | term) / P(label), which naive Bayes would make the term's weight (Wang and Manning
2012), as a multiple of the mean over all terms of all examples.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]

LEAST_EVIDENCE = 0.3
"""What is added to a term's evidence, whose mean is 1."""

ROUNDING = 1e-9
"""Evidence that is no more on the mean comes from rounding: no term says anything."""


def find_room(features: csr_matrix, idf: Floats, labels: NDArray[np.str_], smoothing: float) -> Floats:
    """Return by how much each term's values are to be multiplied (n), given the features (examples x n).

    The mean squared length of an example is 1 then. `idf` has n numbers, `labels` one an example. `smoothing` is how
    many examples, with all labels in their usual shares, are added to those of a term.
    """
    names, columns = np.unique(labels, return_inverse=True)
    found = features.astype(bool).astype(np.float64).T @ np.eye(len(names))[columns]
    examples, shares = found.sum(axis=1), np.bincount(columns) / len(columns)
    ratios = (found / shares + smoothing) / (examples + smoothing)[:, None]
    evidence = np.sqrt((np.log(ratios) ** 2 * shares).sum(axis=1))
    evidence /= max(np.average(evidence, weights=examples), ROUNDING)
    room: Floats = np.sqrt(idf * (evidence + LEAST_EVIDENCE))
    squares = np.asarray(features.power(2).sum(axis=0)).ravel()
    room *= math.sqrt(features.shape[0] / (squares * room**2).sum())
    return room
