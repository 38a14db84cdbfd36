"""Fitting: TF-IDF and multinomial logistic regression, calibrated, pruned and rounded to the file's precision."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, diags_array, hstack
from scipy.special import log_softmax, logsumexp
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stance.labels import EventClass
from stance.length_scaler import LengthScaler
from stance.lexicon import Lexicon
from stance.model import round_weights
from stance.terms import TermExtractor
from stance.training.mixture import Features, fit_mixture
from stance.training.room import find_room
from stance.training.term_vectors import TermVectors

Floats = NDArray[np.float64]
Progress = Callable[[Iterable[int]], Iterable[int]]

COUNT, IDF = "count", "idf"
"""Steps of the pipeline: between them the counts are divided by the length of the sentence."""

MANY_EXAMPLES = 1000

VECTOR_SHARE = 0.25
"""The mean length of the vectors' part of an example's features, for each kind of vectors; that of the terms' is 1."""

LABEL_SHARE = 0.3
"""How much of a regression on the labels alone is added to that on the event classes."""

FOLDS_AT_A_TIME = 2
"""More threads would want more memory: each takes some gigabytes for 86,000 examples in 32 classes."""

MOST_ROUNDS = 1000
"""After so many passes over the examples a fit stops, whether it has converged or not."""


@dataclass(frozen=True)
class Settings:
    """How to fit.

    `min_count` is the number of examples a term must occur in; None means 3, or 1 with fewer than a thousand
    examples. `max_terms` bounds the vocabulary (the terms with the largest weights stay). `strength` is the
    inverse of the L2 penalty (scikit-learn's C). `smoothing` is how many examples, with all labels in their usual
    shares, are added to those of a term before it is asked what it says of the label; with tens of thousands of
    examples less of it, such as 3, is better. `folds` are for calibration and the report. Raises ValueError, naming the
    setting, for one out of its range.
    """

    min_count: int | None = None
    max_terms: int = 150_000
    strength: float = 4.0
    smoothing: float = 30.0
    folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        limits = {
            "min_count": (self.min_count is None or self.min_count >= 1, "1 or more, or None"),
            "max_terms": (self.max_terms >= 1, "1 or more"),
            "strength": (0 < self.strength < math.inf, "a number above 0"),
            "smoothing": (0 < self.smoothing < math.inf, "a number above 0"),
            "folds": (self.folds >= 2, "2 or more"),
            "seed": (0 <= self.seed < 2**32, "0 to 4294967295"),
        }
        for name, (fits, allowed) in limits.items():
            if not fits:
                raise ValueError(f"Settings: {name} is {getattr(self, name)}; give {allowed}")

    def count_for(self, examples: int) -> int:
        """Return the smallest number of examples a term must occur in."""
        return self.min_count or (3 if examples >= MANY_EXAMPLES else 1)


@dataclass(frozen=True)
class Corpus:
    """Examples ready for fitting: the terms of each, its class (an index into `classes`), its group and its weight, and
    whether it was sampled.

    `vectors` let terms that are alike, such as words that keep the same company, share what they learn.
    """

    terms: Sequence[list[str]]
    targets: NDArray[np.int64]
    groups: NDArray[np.int64]
    weights: Floats
    sampled: NDArray[np.bool_]
    classes: tuple[EventClass, ...]
    vectors: tuple[TermVectors, ...] = ()

    def take(self, rows: NDArray[np.int64]) -> "Corpus":
        """Return the examples of some rows."""
        return replace(
            self,
            terms=[self.terms[row] for row in rows],
            targets=self.targets[rows],
            groups=self.groups[rows],
            weights=self.weights[rows],
            sampled=self.sampled[rows],
        )


def make_vectorizer(min_count: int, vocabulary: list[str] | None = None) -> Pipeline:
    """Return what turns lists of terms into TF-IDF values, given how many examples a term must occur in."""
    counter = CountVectorizer(analyzer=_as_is, min_df=min_count, vocabulary=vocabulary)
    return Pipeline([(COUNT, counter), ("length", LengthScaler()), (IDF, TfidfTransformer(norm=None))])


def fit_pipeline(corpus: Corpus, lexicon: Lexicon, settings: Settings, temperature: float) -> Pipeline:
    """Fit on all examples; the pipeline takes sentences and its class probabilities are calibrated.

    Raises ValueError when no term occurs in enough examples.
    """
    vectorizer, regression = _fit(corpus, settings)
    if len(vectorizer[COUNT].vocabulary_) > settings.max_terms:
        vectorizer, regression = _fit(corpus, settings, _heaviest_terms(vectorizer, regression, settings.max_terms))
    _round(vectorizer, regression, temperature)
    regression.classes_ = np.array([each.name for each in corpus.classes])
    vectorizer[COUNT].set_params(analyzer=TermExtractor(lexicon))
    return Pipeline([*vectorizer.steps, ("classifier", regression)])


def out_of_fold_scores(corpus: Corpus, settings: Settings, progress: Progress = iter) -> Floats:
    """Return each example's class scores (n x classes) by a model that saw nothing of the example's group.

    A class that a fold's training part lacks scores minus infinity there.
    """
    folds = min(settings.folds, len(set(corpus.groups.tolist())))
    scores = np.full((len(corpus.targets), len(corpus.classes)), -math.inf)
    parts = list(GroupKFold(folds, shuffle=True, random_state=settings.seed).split(scores, groups=corpus.groups))
    with (
        threadpool_limits(1),
        ThreadPoolExecutor(FOLDS_AT_A_TIME) as threads,
    ):  # the end of one in a fold is no end here
        found = threads.map(lambda part: _score_fold(corpus, settings, *part), parts)
        for fold, (known, of_fold) in zip(progress(range(folds)), found, strict=True):
            scores[np.ix_(parts[fold][1], known)] = of_fold
    return scores


def _score_fold(
    corpus: Corpus, settings: Settings, inside: NDArray[np.int64], outside: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Floats]:
    """Return which classes the examples inside have, and the scores of those outside for these (n x classes)."""
    vectorizer, regression = _fit(corpus.take(inside), settings)
    found = regression.decision_function(vectorizer.transform([corpus.terms[row] for row in outside]))
    return regression.classes_, np.column_stack([np.zeros_like(found), found]) if found.ndim == 1 else found


def find_temperature(scores: Floats, corpus: Corpus) -> float:
    """Return the temperature that makes the label probabilities of the sampled examples, or if there are none of all,
    likeliest (Guo et al. 2017), within [0.2, 5].
    """
    labels = [each.label for each in corpus.classes]
    same = np.array([[a == b for b in labels] for a in labels])[corpus.targets]
    known = (np.isfinite(scores) & same).any(axis=1)
    if (known & corpus.sampled).any():
        known &= corpus.sampled

    def loss(log_temperature: float) -> float:
        logs = log_softmax(scores[known] / math.exp(log_temperature), axis=1)
        return float(-logsumexp(logs, axis=1, b=same[known]).mean())

    if not known.any():
        return 1.0
    return math.exp(minimize_scalar(loss, bounds=(math.log(0.2), math.log(5)), method="bounded").x)


def _fit(
    corpus: Corpus, settings: Settings, vocabulary: list[str] | None = None
) -> tuple[Pipeline, LogisticRegression]:
    vectorizer = make_vectorizer(1 if vocabulary else settings.count_for(len(corpus.targets)), vocabulary)
    values = vectorizer.fit_transform(corpus.terms)
    labels = np.array([corpus.classes[target].label for target in corpus.targets])
    room = find_room(values, vectorizer[IDF].idf_, labels, settings.smoothing)
    names = vectorizer[COUNT].get_feature_names_out()
    shared = np.hstack([np.empty((len(names), 0)), *(scaled_vectors(each, names, values) for each in corpus.vectors)])
    features = Features(csr_matrix(values @ diags_array(room)), values @ shared)
    regression = _fit_regression(features, corpus.targets, corpus.weights, settings)
    _mix_faces(regression, features, corpus, settings)
    if 1 < len(set(labels)) < len(regression.classes_):
        _add_labels(regression, _fit_regression(features, labels, corpus.weights, settings), corpus)
    _merge_weights(regression, room, shared)
    return vectorizer, regression


def _fit_regression(
    features: Features, targets: NDArray[Any], weights: Floats, settings: Settings
) -> LogisticRegression:
    regression = LogisticRegression(
        C=settings.strength, solver="saga", tol=1e-3, max_iter=MOST_ROUNDS, random_state=settings.seed
    )
    return regression.fit(hstack([features.sparse, csr_matrix(features.dense)]).tocsr(), targets, weights)


def _mix_faces(regression: LogisticRegression, features: Features, corpus: Corpus, settings: Settings) -> None:
    """Go on to fit the faces of a class together, if there are any."""
    classes = [corpus.classes[target] for target in regression.classes_]
    if len(set(classes)) in (1, len(classes)):
        return
    same = np.array([[one == other for other in classes] for one in corpus.classes])
    start = np.column_stack([regression.coef_, regression.intercept_])
    found = fit_mixture(features, same[corpus.targets], corpus.weights, start, settings.strength)
    regression.coef_, regression.intercept_ = found[:, :-1], found[:, -1]


def _add_labels(regression: LogisticRegression, of_label: LogisticRegression, corpus: Corpus) -> None:
    """Add to a fit of the event classes LABEL_SHARE of one of the labels alone.

    Both are linear, so their sum is one model. The first tells the labels' many faces apart, the second spends
    its weights on the borders between labels only.
    """
    weights, intercepts = of_label.coef_, of_label.intercept_
    if len(of_label.classes_) == 2:  # scikit-learn gives the second label's scores only
        weights, intercepts = np.vstack([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
    rows = [of_label.classes_.tolist().index(corpus.classes[target].label) for target in regression.classes_]
    regression.coef_ += LABEL_SHARE * weights[rows]
    regression.intercept_ += LABEL_SHARE * intercepts[rows]


def _merge_weights(regression: LogisticRegression, room: Floats, shared: Floats) -> None:
    """Make the weights those of the terms' plain values.

    The TF-IDF means of the terms' vectors (n x dimensions) stand beside the values. They are linear in the values, so
    that their weights are added to those of the terms, with exactly the same scores.
    """
    own, common = regression.coef_[:, : len(room)], regression.coef_[:, len(room) :]
    with threadpool_limits(1):  # the last digits would depend on the number of threads
        regression.coef_ = own * room + common @ shared.T
    regression.n_features_in_ = len(room)


def scaled_vectors(vectors: TermVectors, terms: Sequence[str], features: csr_matrix) -> Floats:
    """Return the terms' vectors (n x dimensions), so long that their TF-IDF means have VECTOR_SHARE on average."""
    table = vectors.table(terms).astype(np.float64)
    length = np.linalg.norm(features @ table, axis=1).mean()
    return table * (VECTOR_SHARE / length if length else 0.0)


def _as_is(terms: list[str]) -> list[str]:
    return terms


def _heaviest_terms(vectorizer: Pipeline, regression: LogisticRegression, count: int) -> list[str]:
    """Return the terms with the largest weight vectors, sorted by name."""
    names = vectorizer[COUNT].get_feature_names_out()
    sizes = np.linalg.norm(regression.coef_, axis=0)
    return sorted(names[np.argsort(-sizes, kind="stable")[:count]])


def _round(vectorizer: Pipeline, regression: LogisticRegression, temperature: float) -> None:
    """Divide the scores by the temperature and keep only the digits that the model file has room for.

    The weights of the file are the coefficients times idf.
    """
    idf = vectorizer[IDF].idf_.astype(np.float32).astype(np.float64)
    vectorizer[IDF].idf_ = idf
    regression.coef_ = round_weights(regression.coef_ * idf / temperature).astype(np.float64) / idf
    regression.intercept_ = (regression.intercept_ / temperature).astype(np.float32).astype(np.float64)
