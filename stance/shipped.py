"""The functions that use the model that comes with the package."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, overload

from stance.classifier import Classifier, load
from stance.prediction import Prediction, Predictions

if TYPE_CHECKING:
    import datetime

    from stance.document import DocumentScore
    from stance.explanation import Explanation

SHIPPED_MODEL = "shipped.safetensors"

_loading = Lock()
_loaded: list[Classifier] = []
"""The shipped model's classifier, once it was asked for."""


@overload
def predict(sentences: str) -> Prediction: ...  # type: ignore[overload-overlap]
@overload
def predict(sentences: Iterable[str], *, threads: int | None = None) -> Predictions: ...
def predict(sentences: str | Iterable[str], *, threads: int | None = None) -> Prediction | Predictions:
    """Classify one sentence, or each of an iterable of sentences, with the shipped model.

    See `Classifier.predict`.
    """
    classifier = shipped_classifier()
    return (
        classifier.predict(sentences) if isinstance(sentences, str) else classifier.predict(sentences, threads=threads)
    )


def explain(sentence: str) -> "Explanation":
    """Show which words of a sentence pushed towards which label, by the shipped model."""
    return shipped_classifier().explain(sentence)


def score_document(text: str, date: "datetime.date | str | None" = None) -> "DocumentScore":
    """Score an article with the shipped model. See `Classifier.score_document`."""
    return shipped_classifier().score_document(text, date)


def shipped_model() -> Path:
    """Return the path of the model that comes with the package."""
    return Path(__file__).with_name(SHIPPED_MODEL)


def shipped_classifier() -> Classifier:
    """Return the shipped model's classifier; it is loaded at the first call, once in a process."""
    if not _loaded:
        with _loading:
            if not _loaded:
                _loaded.append(load(shipped_model()))
    return _loaded[0]
