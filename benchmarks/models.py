"""The shipped model in other shapes: as a scikit-learn pipeline, with fewer terms, with terms that never occur."""

from dataclasses import replace

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from stance.length_scaler import LengthScaler
from stance.model import Model
from stance.terms import TermExtractor

NEVER = "~"
"""No term of a sentence begins with it, since words are letters and digits."""


def rebuild_pipeline(model: Model) -> Pipeline:
    """Return the scikit-learn pipeline that gives the class probabilities of a model."""
    counter = CountVectorizer(analyzer=TermExtractor(model.lexicon), vocabulary=dict(model.vocabulary))
    weigher = TfidfTransformer(norm=None)
    weigher.idf_ = np.asarray(model.idf, dtype=np.float64)
    regression = LogisticRegression()
    regression.classes_ = np.array([each.name for each in model.classes])
    regression.coef_ = np.ascontiguousarray(model.weights.T / weigher.idf_)
    regression.intercept_ = np.asarray(model.intercept, dtype=np.float64)
    return Pipeline([("count", counter), ("length", LengthScaler()), ("idf", weigher), ("classifier", regression)])


def keep_frequent(model: Model, count: int) -> Model:
    """Return the model with its `count` most frequent terms only."""
    rows = _frequent(model, count)
    terms = list(model.vocabulary)
    vocabulary = {terms[row]: number for number, row in enumerate(rows)}
    return replace(model, vocabulary=vocabulary, idf=model.idf[rows], weights=model.weights[rows])


def hide_rare(model: Model, count: int) -> Model:
    """Return the model with all its rows, where only the `count` most frequent terms can ever be found.

    It scores as `keep_frequent` does, with as many terms found, in a vocabulary as large as that of the model.
    """
    frequent = set(_frequent(model, count).tolist())
    names = {term if row in frequent else NEVER + term: row for term, row in model.vocabulary.items()}
    return replace(model, vocabulary=names)


def _frequent(model: Model, count: int) -> np.ndarray:
    """Return the rows of the `count` terms with the smallest idf, in their order."""
    rows: np.ndarray = np.sort(np.argsort(model.idf, kind="stable")[:count])
    return rows
