"""Sentences of any length are made comparable in the same way by the pipeline and by the kernel."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from tiny_model import make_tiny_model

from stance.length_scaler import LengthScaler
from stance.scoring import length_scale, weigh_rows


@pytest.mark.parametrize(("terms", "expected"), [(0, 0.0), (1, 1.0), (256, 0.125), (65536, 1 / 64)])
def test_scale_is_a_power_of_length(terms, expected):
    assert length_scale(terms) == expected


def test_scaler_weighs_like_the_model():
    counts = np.array([[1, 2, 0], [0, 0, 0], [5, 0, 11]])
    scaled = LengthScaler().fit_transform(csr_matrix(counts)).toarray()
    for row, values in zip(counts, scaled, strict=True):
        rows = np.repeat([0, 1, 2], row)
        expected = weigh_rows(make_tiny_model(), rows.tolist())
        assert {place: value for place, value in enumerate(values) if value} == pytest.approx(expected)
