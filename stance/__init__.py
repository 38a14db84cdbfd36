"""Reads news the way a political analyst does: cooperative, adversarial or neutral.

>>> from stance import predict
>>> predict("Ankara lifted its ban on flights from the island.").label
<Label.COOPERATIVE: 'cooperative'>
"""

from stance.actors import Actor
from stance.classifier import Classifier, load
from stance.document import DocumentScore, ScoredSentence, find_actors
from stance.errors import DataError, MissingExtraError, ModelFormatError, StanceError
from stance.explanation import Explanation, WordContribution
from stance.labels import EVENTS, LABELS, Label
from stance.prediction import Prediction, Predictions
from stance.relations import Relation, RelationSentence
from stance.shipped import explain, predict, score_document

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
