"""The functions that use the model that comes with the package."""

import datetime
from collections.abc import Iterable
from functools import cache
from importlib.resources import as_file, files
from threading import Lock
from typing import overload

from stance.classifier import Classifier, load
from stance.document import DocumentScore
from stance.explanation import Explanation
from stance.prediction import Prediction, Predictions

SHIPPED_MODEL = "shipped.safetensors"

_loading = Lock()


@overload
def predict(sentences: str) -> Prediction: ...  # type: ignore[overload-overlap]
@overload
def predict(sentences: Iterable[str]) -> Predictions: ...
def predict(sentences: str | Iterable[str]) -> Prediction | Predictions:
    """Classify one sentence, or each of an iterable of sentences, with the shipped model.

    See `Classifier.predict`.
    """
    return shipped_classifier().predict(sentences)


def explain(sentence: str) -> Explanation:
    """Show which words of a sentence pushed towards which label, by the shipped model."""
    return shipped_classifier().explain(sentence)


def score_document(text: str, date: datetime.date | str | None = None) -> DocumentScore:
    """Score an article with the shipped model. See `Classifier.score_document`."""
    return shipped_classifier().score_document(text, date)


def shipped_classifier() -> Classifier:
    """Return the shipped model's classifier; it is loaded at the first call, once in a process."""
    with _loading:
        return _load()


@cache
def _load() -> Classifier:
    with as_file(files("stance").joinpath(SHIPPED_MODEL)) as path:
        return load(path)
