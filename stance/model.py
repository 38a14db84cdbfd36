"""The model: its terms, their idf and weights, and the file that keeps them.

The file is safetensors, so that reading one can run no code. The recipe for a change of format: raise
FORMAT_VERSION, keep reading the old versions, and keep a file of each in `fixtures/models/`.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as encode_safetensors

from stance.errors import ModelFormatError
from stance.labels import PAIR_CLASSES, as_label
from stance.lexicon import Lexicon
from stance.pair_terms import PAIR_TERMS_VERSION
from stance.terms import TERMS_VERSION

FORMAT_VERSION = 2
"""Version 2 added the pair model; a file of version 1 has none."""

READABLE = (1, 2)
METADATA_KEY = "stance"
TENSORS = ("idf", "intercept", "lexicon", "terms", "weights")
PAIR_TENSORS = ("pair_idf", "pair_intercept", "pair_terms", "pair_weights")
DEEPEST = 20
"""How deep the header may be nested, so that whoever walks through it cannot run out of stack."""

RETRAIN = "retrain with 'stance train' or get the file again"


@dataclass(frozen=True)
class EventClass:
    """A class that the model tells apart: a label, or one event of a label."""

    label: str
    event: str | None

    @property
    def name(self) -> str:
        """The event where there is one, else the label."""
        return self.event or self.label


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

    `vocabulary` maps each of the n terms to its row in `idf` (n) and `weights` (n x classes);
    `intercept` has one value per class. The softmax of the class scores is calibrated: the
    temperature found in training is already divided out. `information` says how the model came to be. `pairs` tells
    who does what towards whom; a model that was trained without sources and targets has none.
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

    def to_bytes(self) -> bytes:
        """Return the model as the content of a model file; equal models give equal bytes."""
        header = {
            "format_version": FORMAT_VERSION,
            "terms_version": TERMS_VERSION,
            "labels": list(self.labels),
            "classes": [[each.label, each.event] for each in self.classes],
            "lexicon_sha256": _digest(self.lexicon.source),
            "information": self.information,
        }
        if self.pairs:
            header["pair_terms_version"] = PAIR_TERMS_VERSION
        tensors = {
            "terms": _text_to_bytes("\n".join(self.vocabulary)),
            "idf": self.idf,
            "weights": self.weights,
            "intercept": self.intercept,
            "lexicon": _text_to_bytes(self.lexicon.source),
        }
        if self.pairs:
            tensors |= {
                "pair_terms": _text_to_bytes("\n".join(self.pairs.vocabulary)),
                "pair_idf": self.pairs.idf,
                "pair_weights": self.pairs.weights,
                "pair_intercept": self.pairs.intercept,
            }
        return encode_safetensors(tensors, {METADATA_KEY: json.dumps(header, sort_keys=True)})


def read_header(path: Path) -> dict[str, Any]:
    """Read what a model file says of itself: format and terms version, labels, classes, information.

    Raises ModelFormatError as `read_model` does.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return _parse_header(path, file.metadata())
    except (SafetensorError, OSError) as error:
        raise ModelFormatError(path, f"not a readable safetensors file ({error})", RETRAIN) from error


def looks_like_safetensors(path: Path) -> bool:
    """Tell a safetensors file by its ninth byte, where its JSON header begins."""
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"


def read_model(path: Path) -> Model:
    """Read a model file without running any code of it.

    Raises ModelFormatError when the file is not a model that this version can use.
    """
    header = read_header(path)
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise ModelFormatError(path, f"not a readable safetensors file ({error})", RETRAIN) from error
    return _build(path, header, tensors)


def _parse_header(path: Path, metadata: dict[str, str] | None) -> dict[str, Any]:
    text = (metadata or {}).get(METADATA_KEY)
    if text is None:
        raise ModelFormatError(path, "a safetensors file, but not one of stance's", RETRAIN)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelFormatError(path, f"metadata '{METADATA_KEY}' is not JSON ({error})", RETRAIN) from error
    if not isinstance(header, dict):
        raise ModelFormatError(path, f"metadata '{METADATA_KEY}' is not a JSON object", RETRAIN)
    _refuse(path, {f"metadata '{METADATA_KEY}' is nested more than {DEEPEST} deep": not _is_shallow(header)})
    _check_versions(path, header)
    return header


def _is_shallow(header: dict[str, Any]) -> bool:
    level: list[Any] = [header]
    for _ in range(DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = list(chain.from_iterable(inner))
    return not any(isinstance(each, dict | list) for each in level)


def _check_versions(path: Path, header: dict[str, Any]) -> None:
    version = header.get("format_version")
    if not any(_is_whole(version, readable) for readable in READABLE):
        newer = type(version) is int and version > FORMAT_VERSION
        remedy = "pip install --upgrade stance-classifier" if newer else RETRAIN
        readable = " and ".join(map(str, READABLE))
        raise ModelFormatError(path, f"format version {version}, this version reads {readable}", remedy)
    terms = header.get("terms_version")
    if not _is_whole(terms, TERMS_VERSION):
        raise ModelFormatError(path, f"terms version {terms}, this version makes {TERMS_VERSION}", RETRAIN)
    pairs = header.get("pair_terms_version", PAIR_TERMS_VERSION)
    if not _is_whole(pairs, PAIR_TERMS_VERSION):
        raise ModelFormatError(path, f"pair terms version {pairs}, this version makes {PAIR_TERMS_VERSION}", RETRAIN)


def _is_whole(value: object, number: int) -> bool:
    """Tell whether a value is this number, which true and 1.0 are not."""
    return type(value) is int and value == number


def _check_names(path: Path, header: dict[str, Any]) -> None:
    problems = {
        "labels are not a list of 2 or more different printable strings": not _are_labels(header.get("labels")),
        "classes are not a list of different [label, event] pairs": not _are_classes(header.get("classes")),
        "information is not a JSON object": not isinstance(header.get("information"), dict),
    }
    _refuse(path, problems)


def _are_labels(values: object) -> bool:
    if not isinstance(values, list) or not all(map(_is_name, values)):
        return False
    return len(values) >= 2 and len(set(values)) == len(values)


def _are_classes(values: object) -> bool:
    if not isinstance(values, list) or not all(map(_is_class, values)):
        return False
    return len(values) >= 1 and len({tuple(value) for value in values}) == len(values)


def _is_class(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    label, event = value
    return _is_name(label) and (event is None or _is_name(event))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _refuse(path: Path, problems: dict[str, bool]) -> None:
    for problem, found in problems.items():
        if found:
            raise ModelFormatError(path, problem, RETRAIN)


def _check_tensors(path: Path, tensors: dict[str, NDArray[Any]]) -> None:
    paired = not set(tensors).isdisjoint(PAIR_TENSORS)
    expected = (*TENSORS, *PAIR_TENSORS) if paired else TENSORS
    missing = [name for name in expected if name not in tensors]
    unknown = sorted(set(tensors).difference(expected))
    _refuse(
        path,
        {
            f"no tensor {', '.join(missing)}": bool(missing),
            f"unknown tensor {', '.join(unknown)}": bool(unknown),
        },
    )
    texts = ("terms", "lexicon", "pair_terms") if paired else ("terms", "lexicon")
    _refuse(path, {f"{name} are not bytes (uint8)": tensors[name].dtype != np.uint8 for name in texts})


def _build(path: Path, header: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> Model:
    _check_names(path, header)
    _check_tensors(path, tensors)
    try:
        labels = tuple(as_label(name) for name in header["labels"])
        classes = tuple(EventClass(as_label(label), event) for label, event in header["classes"])
        source = tensors["lexicon"].tobytes().decode()
        terms = tensors["terms"].tobytes().decode().split("\n")
        lexicon = Lexicon(source)
        model = Model(
            labels,
            classes,
            {term: row for row, term in enumerate(terms)},
            tensors["idf"],
            tensors["weights"],
            tensors["intercept"],
            lexicon,
            header["information"],
            _read_pairs(tensors),
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ModelFormatError(path, f"damaged or incomplete ({error!r})", RETRAIN) from error
    _check(path, model, len(terms), header.get("lexicon_sha256"))
    return model


def _read_pairs(tensors: dict[str, NDArray[Any]]) -> PairModel | None:
    if "pair_terms" not in tensors:
        return None
    terms = tensors["pair_terms"].tobytes().decode().split("\n")
    if len(set(terms)) != len(terms):
        raise ValueError("a pair term occurs twice")
    rows = {term: row for row, term in enumerate(terms)}
    return PairModel(rows, tensors["pair_idf"], tensors["pair_weights"], tensors["pair_intercept"])


def _check(path: Path, model: Model, terms: int, lexicon_sha256: object) -> None:
    shape = (terms, len(model.classes))
    problems = {
        "a class of an unknown label, or a label without a class": {c.label for c in model.classes}
        != set(model.labels),
        "a term occurs twice": len(model.vocabulary) != terms,
        f"idf is not float32 of shape ({terms},)": not _is(model.idf, np.float32, shape[:1]),
        f"weights are not float16 of shape {shape}": not _is(model.weights, np.float16, shape),
        f"intercept is not float32 of shape ({shape[1]},)": not _is(model.intercept, np.float32, shape[1:]),
        "idf, weights or intercept are not all finite": not all(
            np.isfinite(array).all() for array in (model.idf, model.weights, model.intercept)
        ),
        "an idf is not positive": not (model.idf > 0).all(),
        "the lexicon does not match its SHA-256": _digest(model.lexicon.source) != lexicon_sha256,
    }
    _refuse(path, problems)
    if model.pairs:
        _check_pairs(path, model.pairs)


def _check_pairs(path: Path, pairs: PairModel) -> None:
    shape = (len(pairs.vocabulary), len(PAIR_CLASSES))
    problems = {
        f"pair_idf is not float32 of shape ({shape[0]},)": not _is(pairs.idf, np.float32, shape[:1]),
        f"pair_weights is not float16 of shape {shape}": not _is(pairs.weights, np.float16, shape),
        f"pair_intercept is not float32 of shape ({shape[1]},)": not _is(pairs.intercept, np.float32, shape[1:]),
        "pair_idf, pair_weights or pair_intercept are not all finite": not all(
            np.isfinite(array).all() for array in (pairs.idf, pairs.weights, pairs.intercept)
        ),
        "a pair_idf is not positive": not (pairs.idf > 0).all(),
    }
    _refuse(path, problems)


def _is(array: NDArray[Any], dtype: type[np.generic], shape: tuple[int, ...]) -> bool:
    return array.dtype == dtype and array.shape == shape


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _text_to_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
