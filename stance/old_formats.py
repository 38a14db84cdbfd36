"""Model files of formats 1 and 2, which had no tables for the native kernel and no digests.

Their weights are half floats. The models are scored by the pure kernel.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.container import RETRAIN, Part
from stance.errors import ModelFormatError
from stance.labels import EventClass, as_label
from stance.lexicon import Lexicon
from stance.model import Model, PairModel, check_pairs
from stance.model_file import refuse

TENSORS = {"idf": "F32", "intercept": "F32", "lexicon": "U8", "terms": "U8", "weights": "F16"}
PAIR_TENSORS = {"pair_idf": "F32", "pair_intercept": "F32", "pair_terms": "U8", "pair_weights": "F16"}
NUMPY_TYPES = {"U8": np.uint8, "F16": np.float16, "F32": np.float32}


def read_old_model(path: Path, header: dict[str, Any], parts: dict[str, Part]) -> Model:
    """Return the model of a file of format 1 or 2. Raises ModelFormatError when it is not one."""
    expected = TENSORS | PAIR_TENSORS if not set(parts).isdisjoint(PAIR_TENSORS) else TENSORS
    missing = [name for name in expected if name not in parts]
    unknown = sorted(set(parts).difference(expected))
    refuse(
        path,
        {f"no tensor {', '.join(missing)}": bool(missing), f"unknown tensor {', '.join(unknown)}": bool(unknown)},
    )
    for name, dtype in expected.items():
        if parts[name].dtype != dtype:
            raise ModelFormatError(path, f"{name} is {parts[name].dtype}, where {dtype} belongs", RETRAIN)
    arrays = {
        name: np.frombuffer(part.data, dtype=NUMPY_TYPES[part.dtype]).reshape(part.shape)
        for name, part in parts.items()
    }
    try:
        return _build(path, header, arrays)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ModelFormatError(path, f"damaged or incomplete ({error})", RETRAIN) from error


def _build(path: Path, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    source, terms = arrays["lexicon"].tobytes().decode(), arrays["terms"].tobytes().decode().split("\n")
    refuse(
        path,
        {"the lexicon does not match its SHA-256": sha256(source.encode()).hexdigest() != header.get("lexicon_sha256")},
    )
    model = Model(
        tuple(as_label(name) for name in header["labels"]),
        tuple(EventClass(as_label(label), event) for label, event in header["classes"]),
        {term: row for row, term in enumerate(terms)},
        arrays["idf"],
        arrays["weights"],
        arrays["intercept"],
        Lexicon(source),
        header["information"],
        _build_pairs(arrays),
    )
    shape = (len(terms), len(model.classes))
    numbers = (model.idf, model.weights, model.intercept)
    problems = {
        "a term occurs twice": len(model.vocabulary) != len(terms),
        f"idf is not of shape ({shape[0]},)": model.idf.shape != shape[:1],
        f"weights is not of shape {shape}": model.weights.shape != shape,
        f"intercept is not of shape ({shape[1]},)": model.intercept.shape != shape[1:],
        "idf, weights or intercept are not all finite": not all(np.isfinite(array).all() for array in numbers),
        "an idf is not positive": not (model.idf > 0).all(),
    }
    refuse(path, problems)
    return model


def _build_pairs(arrays: dict[str, NDArray[Any]]) -> PairModel | None:
    if "pair_terms" not in arrays:
        return None
    terms = arrays["pair_terms"].tobytes().decode().split("\n")
    pairs = PairModel(
        {term: row for row, term in enumerate(terms)},
        arrays["pair_idf"],
        arrays["pair_weights"],
        arrays["pair_intercept"],
    )
    if len(pairs.vocabulary) != len(terms):
        raise ValueError("a pair term occurs twice")
    check_pairs(pairs)
    return pairs
