"""What training leaves behind: the model in its file's precision, the pipeline, and how they came to be."""

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.pipeline import Pipeline

from stance.errors import DataError
from stance.labels import EventClass
from stance.model import Model, round_weights
from stance.pipeline import INFORMATION, model_of
from stance.training.corpus import label_names

SUFFIX = ".safetensors"
PACKAGES = ("numpy", "safetensors", "scikit-learn", "scipy", "stance-classifier")
STRONGEST = 15


def check_output(path: Path) -> Path:
    """Return the path of a model to be written. Raises DataError when it cannot become one."""
    if path.suffix != SUFFIX:
        raise DataError(path, f"a model file ends in {SUFFIX}; call it {path.stem or 'model'}{SUFFIX}")
    if not path.parent.is_dir():
        raise DataError(path, f"there is no folder {path.parent}; create it first")
    if path.is_dir():
        raise DataError(path, "a folder; give the name of a file")
    return path


def export_model(pipeline: Pipeline, classes: Sequence[EventClass], information: dict[str, Any]) -> Model:
    """Return the pipeline's model in the precision of a model file, which fitting has already rounded it to."""
    model = model_of(pipeline, _attributes(label_names(classes), classes, information))
    return replace(
        model,
        idf=model.idf.astype(np.float32),
        weights=np.ascontiguousarray(round_weights(model.weights)),
        intercept=model.intercept.astype(np.float32),
    )


def attach_information(pipeline: Pipeline, model: Model) -> None:
    """Keep in the pipeline what scikit-learn has no place for, so that `load(..., trusted=True)` can serve it."""
    attributes = _attributes(model.labels, model.classes, model.information)
    setattr(pipeline, INFORMATION, {**attributes, "pairs": model.pairs})


def model_files(model: Model, pipeline: Pipeline, path: Path) -> dict[Path, bytes]:
    """Return the content of the model's and the pipeline's file.

    The pickle is not compressed: a compressed one might look like a safetensors file.
    """
    content = BytesIO()
    joblib.dump(pipeline, content)
    return {path: model.to_bytes(), path.with_suffix(".joblib"): content.getvalue()}


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the installed libraries that a model depends on."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def strongest_terms(model: Model) -> dict[str, tuple[str, ...]]:
    """Return the terms with the largest weight, times idf, for a face of each class against the mean of all faces."""
    terms = sorted(model.vocabulary)  # so that terms of equal weight stand in one order, whatever their rows are
    rows = [model.vocabulary[term] for term in terms]
    weights = model.weights[rows].astype(np.float64)
    weights -= weights.mean(axis=1, keepdims=True)
    strongest = {}
    for each in dict.fromkeys(model.classes):
        faces = [column for column, other in enumerate(model.classes) if other == each]
        largest = weights[:, faces].max(axis=1)
        best = np.argsort(-largest, kind="stable")[:STRONGEST]
        strongest[each.name] = tuple(terms[row] for row in best if largest[row] > 0)
    return strongest


def _attributes(labels: Sequence[str], classes: Sequence[EventClass], information: dict[str, Any]) -> dict[str, Any]:
    return {
        "labels": tuple(labels),
        "classes": [(each.label, each.event) for each in classes],
        "information": information,
    }
