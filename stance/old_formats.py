"""Model files of formats before 5, which are scored by the pure kernel. Before 4 the models were sublinear.

Those of formats 1 and 2 had no tables for the native kernel and no digests, and half floats for weights. Format 3 had
the idf in the table of terms, format 4 weights of two bytes.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.container import RETRAIN, Container
from stance.errors import ModelFormatError
from stance.labels import EventClass, as_label
from stance.lexicon import Lexicon
from stance.model import LARGEST, Model, PairModel, check_pairs
from stance.model_file import HEADER_DIGEST, check_digests, refuse
from stance.packing import BUCKET, BUCKET_TERMS, fingerprints, hash_terms

TENSORS = {"idf": "F32", "intercept": "F32", "lexicon": "U8", "terms": "U8", "weights": "F16"}
PAIR_TENSORS = {"pair_idf": "F32", "pair_intercept": "F32", "pair_terms": "U8", "pair_weights": "F16"}
TABLES = {"table": "U32", "nodes": "I32", "phrases": "I32", "edges": "I32", "roots": "I32", "traits": "U8"}
TENSORS_3 = {**TABLES, "intercept": "F32", "lexicon": "U8", "terms": "U8", "unit": "F32", "weights": "I16"}
NUMPY_TYPES = {"U8": np.uint8, "U32": np.uint32, "I16": np.int16, "I32": np.int32, "F16": np.float16, "F32": np.float32}

FIRST, SECOND, THIRD, FOURTH = 1, 2, 3, 4
TENSORS_4 = {**TENSORS_3, "idf": "F32"}
EXPECTED = {FIRST: TENSORS, SECOND: TENSORS, THIRD: TENSORS_3, FOURTH: TENSORS_4}

BUCKET_3 = np.dtype(
    [("fingerprints", "<u4", BUCKET_TERMS), ("idf", "<f4", BUCKET_TERMS), ("first", "<u4"), ("spilled", "<u4")]
)


def read_old_model(path: Path, header: dict[str, Any], container: Container) -> Model:
    """Return the model of a file of a format before 5. Raises ModelFormatError when it is not one."""
    version = header["format_version"]
    has_tables = version >= THIRD
    if has_tables:
        check_digests(path, header, container)
    parts = {name: part for name, part in container.parts.items() if name != HEADER_DIGEST or not has_tables}
    tensors = EXPECTED[version]
    expected = tensors | PAIR_TENSORS if not set(parts).isdisjoint(PAIR_TENSORS) else tensors
    missing = [name for name in expected if name not in parts]
    unknown = sorted(set(parts).difference(expected))
    repeated = len({tuple(each) for each in header["classes"]}) != len(header["classes"])
    problems = {
        f"no tensor {', '.join(missing)}": bool(missing),
        f"unknown tensor {', '.join(unknown)}": bool(unknown),
        "classes are not different": repeated,
    }
    refuse(path, problems)
    for name, dtype in expected.items():
        if parts[name].dtype != dtype:
            raise ModelFormatError(path, f"{name} is {parts[name].dtype}, where {dtype} belongs", RETRAIN)
    arrays = {
        name: np.frombuffer(part.data, dtype=NUMPY_TYPES[part.dtype]).reshape(part.shape)
        for name, part in parts.items()
    }
    try:
        if has_tables:
            arrays |= _take_out_of_table(arrays)
        else:
            digest = sha256(arrays["lexicon"].tobytes()).hexdigest()
            refuse(path, {"the lexicon does not match its SHA-256": digest != header.get("lexicon_sha256")})
        return _build(path, header, arrays)
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ModelFormatError(path, f"damaged or incomplete ({error})", RETRAIN) from error


def _take_out_of_table(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the idf and the weights of a file of format 3 or 4, a row a term."""
    terms = arrays["terms"].tobytes().decode().split("\n")
    buckets = arrays["table"].view(BUCKET if "idf" in arrays else BUCKET_3).reshape(-1)
    used = buckets["fingerprints"] != 0
    if not np.array_equal(buckets["fingerprints"][used], fingerprints(hash_terms(terms))):
        raise ValueError("a term is not where its hash says")
    (unit,) = arrays["unit"]
    if not 0 < unit < LARGEST or not (np.abs(arrays["intercept"]) < LARGEST).all():
        raise ValueError(f"unit and intercept are not all between 0, or -{LARGEST:g}, and {LARGEST:g}")
    weights = (arrays["weights"][: len(terms)] * np.float64(unit)).astype(np.float32)
    return {"idf": arrays["idf"] if "idf" in arrays else buckets["idf"][used], "weights": weights}


def _build(path: Path, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    terms = arrays["terms"].tobytes().decode().split("\n")
    model = Model(
        tuple(as_label(name) for name in header["labels"]),
        tuple(EventClass(as_label(label), event) for label, event in header["classes"]),
        {term: row for row, term in enumerate(terms)},
        arrays["idf"],
        arrays["weights"],
        arrays["intercept"],
        Lexicon(arrays["lexicon"].tobytes().decode()),
        header["information"],
        _build_pairs(arrays),
        sublinear=header["format_version"] < FOURTH,
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
