"""The public names, pinned: a change here is a change for users and belongs in the changelog."""

from importlib.metadata import version

import stance


def test_public_names_are_these():
    assert stance.__all__ == [
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


def test_every_public_name_is_documented():
    assert all(getattr(stance, name).__doc__ for name in stance.__all__)


def test_version_is_that_of_the_distribution():
    assert stance.__version__ == version("stance-classifier")
