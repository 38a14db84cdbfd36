"""The step of a scikit-learn pipeline that makes long and short sentences alike, as `stance.scoring` does.

Saved pipelines name it, so that reading one needs no more of stance than predicting does.
"""

from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix, diags_array
from sklearn.base import BaseEstimator, TransformerMixin

from stance.scoring import length_scale


class LengthScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Multiplies the counts of each text's terms by the `length_scale` of their sum."""

    def fit(self, counts: csr_matrix, targets: Any = None) -> Self:  # noqa: ARG002 (what scikit-learn calls it with)
        """Learn nothing; return itself."""
        return self

    def transform(self, counts: csr_matrix) -> csr_matrix:
        """Return the counts (texts x terms), scaled."""
        lengths = np.asarray(counts.sum(axis=1)).ravel().tolist()
        return diags_array(np.array([length_scale(length) for length in lengths])) @ counts

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn that there is nothing to fit."""
        return True
