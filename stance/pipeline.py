"""Models kept as a pickled scikit-learn pipeline, for people who live in scikit-learn."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from stance.container import RETRAIN
from stance.errors import MissingExtraError, ModelFormatError
from stance.labels import EventClass
from stance.lexicon import Lexicon
from stance.model import Model, PairModel

INFORMATION = "stance_"
"""The attribute of a saved pipeline that holds what scikit-learn has no place for."""


def read_pipeline(path: Path, pickled: bytes) -> Model:
    """Unpickle a pipeline saved by `stance.training`, the content of `path`, and return its model.

    Runs whatever the pickle says.

    Raises MissingExtraError without joblib and scikit-learn, ModelFormatError for a damaged or another kind of pickle.
    """
    try:
        import joblib
        import sklearn  # noqa: F401 (the pickle needs it; a clear error here beats one from inside it)
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"{path}: a pickled pipeline") from error
    try:
        pipeline = joblib.load(BytesIO(pickled))
    except Exception as error:  # what a pickle runs can raise anything
        raise ModelFormatError(path, f"cannot be unpickled ({error!r})", RETRAIN) from error
    information = getattr(pipeline, INFORMATION, None)
    if information is None:
        raise ModelFormatError(path, f"a pickled {type(pipeline).__name__}, not a pipeline saved by stance", RETRAIN)
    try:
        model = model_of(pipeline, information)
        _check_shapes(model)
    except Exception as error:  # what was unpickled can be anything too
        raise ModelFormatError(path, f"not a pipeline as stance saves it ({error!r})", RETRAIN) from error
    return model


def _check_shapes(model: Model) -> None:
    terms, classes = len(model.vocabulary), len(model.classes)
    expected = (terms,), (terms, classes), (classes,)
    found = model.idf.shape, model.weights.shape, model.intercept.shape
    if found != expected:
        raise ValueError(f"idf, weights and intercept of shapes {found}, where {expected} belong")
    if {each.label for each in model.classes} != set(model.labels):
        raise ValueError("a class of an unknown label, or a label without a class")
    if not isinstance(model.lexicon, Lexicon):
        raise TypeError(f"a lexicon of type {type(model.lexicon).__name__}")
    if not isinstance(model.pairs, PairModel | None):
        raise TypeError(f"a pair model of type {type(model.pairs).__name__}")


def model_of(pipeline: Any, information: dict[str, Any]) -> Model:
    """Return the model inside a fitted pipeline of TF-IDF and logistic regression.

    The pipelines of versions before model format 4 had a TfidfVectorizer, and their models are sublinear.
    """
    vectorizer, classifier = pipeline[0], pipeline[-1]
    sublinear = hasattr(vectorizer, "idf_")
    idf = (vectorizer if sublinear else pipeline[-2]).idf_
    terms = vectorizer.get_feature_names_out()
    coefficients, intercept = classifier.coef_, classifier.intercept_
    if len(coefficients) == 1:  # scikit-learn keeps one row for two classes: the second's log-odds
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
        intercept = np.concatenate([[0.0], intercept])
    return Model(
        labels=tuple(information["labels"]),
        classes=tuple(EventClass(*each) for each in information["classes"]),
        vocabulary={term: row for row, term in enumerate(terms)},
        idf=idf,
        weights=coefficients.T if sublinear else (coefficients.T * idf[:, np.newaxis]).astype(np.float32),
        intercept=intercept,
        lexicon=vectorizer.analyzer.lexicon,
        information=information["information"],
        pairs=information.get("pairs"),
        sublinear=sublinear,
    )
