"""Reads news the way a political analyst does: cooperative, adversarial or neutral.

>>> from stance import predict
>>> predict("Ankara lifted its ban on flights from the island.").label
<Label.COOPERATIVE: 'cooperative'>
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stance.actors import Actor
    from stance.classifier import Classifier, load
    from stance.document import DocumentScore, ScoredSentence, find_actors
    from stance.errors import DataError, MissingExtraError, ModelFormatError, StanceError
    from stance.explanation import Explanation, WordContribution
    from stance.labels import EVENTS, LABELS, Label
    from stance.prediction import Prediction, Predictions
    from stance.relations import Relation, RelationSentence
    from stance.shipped import explain, predict, score_document

    __version__: str

__all__ = [
    "EVENTS",
    "LABELS",
    "Actor",
    "Classifier",
    "DataError",
    "DocumentScore",
    "Explanation",
    "Label",
    "MissingExtraError",
    "ModelFormatError",
    "Prediction",
    "Predictions",
    "Relation",
    "RelationSentence",
    "ScoredSentence",
    "StanceError",
    "WordContribution",
    "explain",
    "find_actors",
    "load",
    "predict",
    "score_document",
]

_HOMES = {
    "Actor": "stance.actors",
    "Classifier": "stance.classifier",
    "DataError": "stance.errors",
    "DocumentScore": "stance.document",
    "EVENTS": "stance.labels",
    "Explanation": "stance.explanation",
    "LABELS": "stance.labels",
    "Label": "stance.labels",
    "MissingExtraError": "stance.errors",
    "ModelFormatError": "stance.errors",
    "Prediction": "stance.prediction",
    "Predictions": "stance.prediction",
    "Relation": "stance.relations",
    "RelationSentence": "stance.relations",
    "ScoredSentence": "stance.document",
    "StanceError": "stance.errors",
    "WordContribution": "stance.explanation",
    "explain": "stance.shipped",
    "find_actors": "stance.document",
    "load": "stance.classifier",
    "predict": "stance.shipped",
    "score_document": "stance.shipped",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: a prediction needs few of the modules behind them (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("stance-classifier")
    if name not in _HOMES:
        raise AttributeError(f"module 'stance' has no attribute '{name}'")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
