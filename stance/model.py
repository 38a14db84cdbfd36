"""The model: its terms, their idf and weights, and how these become the parts of a model file and back."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.container import Part
from stance.labels import PAIR_CLASSES, EventClass
from stance.lexicon import Lexicon
from stance.model_file import PackedModel, read_model_file
from stance.packing import BUCKET, build_term_table, compile_lexicon, fingerprints, hash_terms

LARGEST_WHOLE = 127
LARGEST = 1e30
"""What no number of a model file reaches, so that none overflows on its way to a score; as in the native kernel."""

ROWS_A_LINE = 64
"""The rows of weights are filled up to a multiple of this, so that what follows them begins at a cache line."""


@dataclass(frozen=True, eq=False)
class PairModel:
    """A linear model over TF-IDF terms of a pair of actors in a sentence; its columns are `PAIR_CLASSES`."""

    vocabulary: dict[str, int]
    idf: NDArray[np.floating[Any]]
    weights: NDArray[np.floating[Any]]
    intercept: NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Model:
    """A linear model over TF-IDF terms.

    `vocabulary` maps each of the n terms to its row in `idf` (n) and `weights` (n x classes), which have the idf in
    them; `intercept` has one value per class. A class that stands several times in `classes` has as many faces, and is
    as likely as all of them together. The softmax of the class scores is calibrated: the
    temperature found in training is already divided out. `information` says how the model came to be. `pairs` tells
    who does what towards whom; a model that was trained without sources and targets has none.

    The models of formats before 4 are `sublinear`: a term counts 1 + ln(tf) times, and its idf is not in its weights.
    """

    labels: tuple[str, ...]
    classes: tuple[EventClass, ...]
    vocabulary: dict[str, int]
    idf: NDArray[np.floating[Any]]
    weights: NDArray[np.floating[Any]]
    intercept: NDArray[np.floating[Any]]
    lexicon: Lexicon
    information: dict[str, Any]
    pairs: PairModel | None = None
    sublinear: bool = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state out of a pickle; one that was made before format 4 does not say that it is sublinear."""
        self.__dict__.update({"sublinear": True, **state})

    @cached_property
    def fits_file(self) -> bool:
        """Whether a model file can hold idf, weights and intercept exactly as they are."""
        return (
            not self.sublinear
            and np.array_equal(self.weights, round_weights(self.weights))
            and np.array_equal(self.idf, self.idf.astype(np.float32))
            and np.array_equal(self.intercept, self.intercept.astype(np.float32))
        )

    def to_bytes(self) -> bytes:
        """Return the model as the content of a model file; equal models give equal bytes."""
        return pack(self).to_bytes()


def round_weights(weights: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return the weights in the precision of a model file: whole multiples of a power of two, at most 127 of it."""
    unit = _unit(weights)
    rounded: NDArray[np.float32] = (np.rint(weights.astype(np.float64) / unit) * unit).astype(np.float32)
    return rounded


def _unit(weights: NDArray[np.floating[Any]]) -> float:
    largest = float(np.abs(weights).max(initial=0.0))
    return float(2.0 ** np.ceil(np.log2(largest / LARGEST_WHOLE))) if largest > 0 else 1.0


def read_model(path: Path) -> Model:
    """Read a model file without running any code of it, and take it apart.

    Raises ModelFormatError when the file is not a model that this version can use.
    """
    found = read_model_file(path)
    return found.model if isinstance(found, PackedModel) else found


def pack(model: Model) -> PackedModel:
    """Return a model as its file holds it, its weights rounded where need be (see `Model.fits_file`).

    Raises ValueError for a sublinear one, which no file of today can hold.
    """
    if model.sublinear:
        raise ValueError("a model of an old format cannot be written again")
    terms = sorted(model.vocabulary, key=model.vocabulary.__getitem__)
    table = build_term_table(terms, model.idf.astype(np.float32))
    lexicon = compile_lexicon(model.lexicon)
    unit = _unit(model.weights)
    whole = np.rint(model.weights.astype(np.float64) / unit).astype(np.int8)[table.order]
    filled = np.zeros((-(-len(terms) // ROWS_A_LINE) * ROWS_A_LINE, len(model.classes)), dtype=np.int8)
    filled[: len(terms)] = whole
    parts = {
        "table": _part("U32", table.buckets.view(np.uint32).reshape(-1, BUCKET.itemsize // 4)),
        "weights": _part("I8", filled),
        "nodes": _part("I32", lexicon.nodes),
        "phrases": _part("I32", lexicon.phrases),
        "edges": _part("I32", lexicon.edges),
        "roots": _part("I32", lexicon.roots),
        "unit": _part("F32", np.array([unit], dtype=np.float32)),
        "intercept": _part("F32", model.intercept.astype(np.float32)),
        "idf": _part("F32", model.idf.astype(np.float32)[table.order]),
    }
    if model.pairs:
        parts |= {
            "pair_idf": _part("F32", model.pairs.idf),
            "pair_intercept": _part("F32", model.pairs.intercept),
            "pair_weights": _part("F16", model.pairs.weights),
            "pair_terms": _text("\n".join(model.pairs.vocabulary)),
        }
    parts |= {
        "traits": _part("U8", lexicon.traits),
        "terms": _text("\n".join(terms[row] for row in table.order)),
        "lexicon": _text(model.lexicon.source),
    }
    return PackedModel(Path("model"), model.labels, model.classes, lexicon.classes, parts, model.information)


def _part(dtype: str, array: NDArray[Any]) -> Part:
    return Part(dtype, array.shape, np.ascontiguousarray(array).tobytes())


def _text(text: str) -> Part:
    content = text.encode()
    return Part("U8", (len(content),), content)


def unpack(packed: PackedModel) -> Model:
    """Return the model that a file holds, its parts' shapes checked. Raises ValueError where they do not fit."""
    parts = packed.parts
    terms = bytes(parts["terms"].data).decode().split("\n")
    buckets = _array(parts, "table", np.uint32).view(BUCKET).reshape(-1)
    weights, unit = _array(parts, "weights", np.int8), _array(parts, "unit", np.float32)
    intercept = _array(parts, "intercept", np.float32)
    idf = _array(parts, "idf", np.float32)
    used = buckets["fingerprints"] != 0
    firsts = np.cumsum(used.sum(axis=1)) - used.sum(axis=1)
    prints = buckets["fingerprints"][used]
    problems = {
        "a term occurs twice": len(set(terms)) != len(terms),
        f"the table is not of {len(terms)} terms": len(prints) != len(terms),
        f"idf are not of {len(terms)} terms": len(idf) != len(terms),
        "a bucket's first row is not the next one": not np.array_equal(buckets["first_and_mark"] >> 1, firsts),
        f"an idf is not between 0 and {LARGEST:g}": not ((idf > 0) & (idf < LARGEST)).all(),
        f"weights are not of {len(terms)} terms or more": len(weights) < len(terms),
        f"unit is not between 0 and {LARGEST:g}": not 0 < unit[0] < LARGEST,
        "unit is not a power of two": np.frexp(unit[0])[0] != 0.5,
        f"intercept is not between -{LARGEST:g} and {LARGEST:g}": not (np.abs(intercept) < LARGEST).all(),
    }
    _refuse(problems)
    _refuse({"a term is not where its hash says": not np.array_equal(prints, fingerprints(hash_terms(terms)))})
    return Model(
        packed.labels,
        packed.classes,
        {term: row for row, term in enumerate(terms)},
        idf,
        weights[: len(terms)].astype(np.float32) * unit[0],
        intercept,
        Lexicon(bytes(parts["lexicon"].data).decode()),
        packed.information,
        _unpack_pairs(parts),
    )


def _array(parts: dict[str, Part], name: str, dtype: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(parts[name].data, dtype=dtype).reshape(parts[name].shape)


def _unpack_pairs(parts: dict[str, Part]) -> PairModel | None:
    if "pair_terms" not in parts:
        return None
    terms = bytes(parts["pair_terms"].data).decode().split("\n")
    arrays = (_array(parts, "pair_idf", np.float32), _array(parts, "pair_weights", np.float16))
    pairs = PairModel(
        {term: row for row, term in enumerate(terms)}, *arrays, _array(parts, "pair_intercept", np.float32)
    )
    _refuse({"a pair term occurs twice": len(pairs.vocabulary) != len(terms)})
    check_pairs(pairs)
    return pairs


def check_pairs(pairs: PairModel) -> None:
    """Raise ValueError when the arrays of a pair model do not fit each other."""
    shape = (len(pairs.vocabulary), len(PAIR_CLASSES))
    arrays = (pairs.idf, pairs.weights, pairs.intercept)
    problems = {
        f"pair_idf is not of shape ({shape[0]},)": pairs.idf.shape != shape[:1],
        f"pair_weights is not of shape {shape}": pairs.weights.shape != shape,
        f"pair_intercept is not of shape ({shape[1]},)": pairs.intercept.shape != shape[1:],
        "pair_idf, pair_weights or pair_intercept are not all finite": not all(
            np.isfinite(array).all() for array in arrays
        ),
        "a pair_idf is not positive": not (pairs.idf > 0).all(),
    }
    _refuse(problems)


def _refuse(problems: dict[str, Any]) -> None:
    for problem, found in problems.items():
        if found:
            raise ValueError(problem)
