"""From the terms of a sentence to the probabilities of the classes and labels."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.labels import Label
from stance.model import Model, PairModel
from stance.terms import Term

Floats = NDArray[np.float64]


KnownTerm = tuple[int, tuple[int, ...]]
"""The row of a term and the indices of the words it is made of; a plain tuple, which garbage collection passes over."""


def find_known(model: Model | PairModel, terms: Iterable[Term]) -> list[KnownTerm]:
    """Return those of the terms that the model knows, in order, with repeats."""
    vocabulary = model.vocabulary
    return [(vocabulary[name], words) for name, words in terms if name in vocabulary]


def length_scale(terms: int) -> float:
    """Return n ** (-3/8) for a sentence of n known terms, repeats counted: what makes long and short ones comparable.

    The power is a compromise between -1/2, which scales to about equal length, and less, since a longer sentence
    has more evidence in it (in the manner of pivoted length normalisation, Singhal, Buckley and Mitra 1996).
    """
    quarter = math.sqrt(math.sqrt(terms))
    return 1.0 / (quarter * math.sqrt(quarter)) if terms else 0.0


def weigh_rows(model: Model | PairModel, rows: Iterable[int]) -> dict[int, float]:
    """Return the TF-IDF value of each row, less what of it stands in the weights.

    That is tf times the `length_scale` of the sentence; the idf is in the weights. In a pair model, and in models of
    formats before 4, it is (1 + ln tf) * idf, scaled to an L2 norm of 1.
    """
    counts = Counter(rows)
    if isinstance(model, Model) and not model.sublinear:
        scale = length_scale(counts.total())
        return {row: count * scale for row, count in counts.items()}
    values = {row: (1.0 + math.log(count)) * float(model.idf[row]) for row, count in counts.items()}
    norm = math.sqrt(sum(value * value for value in values.values()))
    return {row: value / norm for row, value in values.items()}


def log_class_probabilities(model: Model | PairModel, values: dict[int, float]) -> Floats:
    """Return the natural log of the probability of each class, given the values of the known terms."""
    scores = _class_scores(model, values)
    shifted = scores - scores.max()
    logs: Floats = shifted - np.log(np.exp(shifted).sum())
    return logs


def _class_scores(model: Model | PairModel, values: dict[int, float]) -> Floats:
    scores = model.intercept.astype(np.float64)
    if values:
        scores += np.fromiter(values.values(), np.float64) @ model.weights[list(values)].astype(np.float64)
    return scores


def label_members(model: Model) -> Floats:
    """Return the classes x labels matrix that has a 1 where the class belongs to the label."""
    return np.array([[float(each.label == label) for label in model.labels] for each in model.classes])


class SentenceScore(NamedTuple):
    """The probabilities of the classes and of the labels, and how many known terms, with repeats, they rest on."""

    classes: Floats
    labels: Floats
    evidence: int


def score_terms(model: Model, members: Floats, terms: Iterable[str]) -> SentenceScore:
    """Score a sentence by its terms; with none that is known it is neutral, if the model has that label."""
    rows = [model.vocabulary[term] for term in terms if term in model.vocabulary]
    classes = np.exp(log_class_probabilities(model, weigh_rows(model, rows)))
    if not rows and Label.NEUTRAL in model.labels:
        neutral = np.array([float(label == Label.NEUTRAL) for label in model.labels])
        return SentenceScore(classes, neutral, 0)
    return SentenceScore(classes, np.minimum(classes @ members, 1.0), len(rows))


def event_shares(model: Model, values: dict[int, float]) -> Floats:
    """Return the classes x labels matrix of the probability of each class given the label (0 outside it)."""
    members = label_members(model)
    scores = np.where(members > 0, _class_scores(model, values)[:, np.newaxis], -np.inf)
    shares: Floats = np.exp(scores - scores.max(axis=0))
    shares /= shares.sum(axis=0)
    return shares


def label_intercepts(model: Model, shares: Floats) -> Floats:
    """Return what each label's centred log-ratio is before any word: mean intercept plus entropy of the shares."""
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=0)
    return _centre(model.intercept.astype(np.float64) @ shares + entropy)


def word_pushes(
    model: Model, known: Sequence[KnownTerm], values: dict[int, float], shares: Floats, words: int
) -> Floats:
    """Return the words x labels contributions to the centred log-ratios; a term is shared equally by its words."""
    counts = Counter(row for row, _ in known)
    once = np.array([values[row] / count for row, count in counts.items()])[:, np.newaxis]
    per_row = once * (model.weights[list(counts)].astype(np.float64) @ shares)
    places = {row: place for place, row in enumerate(counts)}
    parts = [(word, places[row], len(members)) for row, members in known for word in members]
    at, place, size = np.array(parts, dtype=np.int64).reshape(-1, 3).T
    pushes = np.zeros((words, len(model.labels)))
    np.add.at(pushes, at, per_row[place] / size[:, np.newaxis])
    return _centre(pushes)


def _centre(scores: Floats) -> Floats:
    centred: Floats = scores - scores.mean(axis=-1, keepdims=True)
    return centred
