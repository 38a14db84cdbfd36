"""Faces: a class that no event names is told apart into several, by what its sentences are about.

A linear model has one set of weights for a class, however little its sentences have in common: a match report, a flood
and the calendar of a court are all neutral. Events tell the faces of the other labels apart; those of neutral begin as
k-means (Lloyd 1982) finds them among its examples, on the means of their terms' vectors, and are then fitted together
(`mixture.py`). Each face has weights of its own, and the class is as likely as all its faces together: a mixture of
linear models, scored by the same look-ups and additions.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from stance.labels import EventClass
from stance.training.fit import Corpus, Floats, Settings, make_vectorizer, scaled_vectors

MOST_FACES = 32
"""Of all classes together: the native kernel adds up so many weights at a time."""

FEWEST_EXAMPLES = 1000
"""A class is not told apart further than into faces of so many examples on average."""

STARTS, ROUNDS = 2, 40
"""How often k-means begins, and how long it goes on: which of many alike divisions it finds does not matter."""


def find_faces(corpus: Corpus, settings: Settings) -> Corpus:
    """Return the corpus with a class for each face, the faces of a class being equal and side by side.

    Without vectors, or with few examples, each class keeps its one face.
    """
    counts = share_faces(corpus.classes, np.bincount(corpus.targets, minlength=len(corpus.classes)))
    if not corpus.vectors or counts.max() == 1:
        return corpus
    directions = _directions(corpus)
    faces = np.zeros_like(corpus.targets)
    with threadpool_limits(1):  # the order in which they add up would decide the last digits
        for number in np.flatnonzero(counts > 1):
            rows = np.flatnonzero(corpus.targets == number)
            means = KMeans(counts[number], n_init=STARTS, max_iter=ROUNDS, random_state=settings.seed)
            faces[rows] = means.fit_predict(directions[rows])
    found, targets = np.unique(np.column_stack([corpus.targets, faces]), axis=0, return_inverse=True)
    return replace(corpus, classes=tuple(corpus.classes[number] for number, _ in found), targets=targets.reshape(-1))


def share_faces(classes: Sequence[EventClass], examples: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many faces each class gets, given its examples: one by one to that with the most examples a face."""
    faces = np.ones_like(examples)
    nameless = np.array([each.event is None for each in classes])
    while faces.sum() < MOST_FACES:
        divisible = nameless & (examples >= (faces + 1) * FEWEST_EXAMPLES)
        if not divisible.any():
            break
        faces[np.where(divisible, examples / faces, 0).argmax()] += 1
    return faces


def _directions(corpus: Corpus) -> Floats:
    """Return where the vectors of each example point (examples x dimensions)."""
    names = sorted({term for each in corpus.vectors for term in each.terms})
    features = make_vectorizer(1, names).fit_transform(corpus.terms)
    means = np.hstack([features @ scaled_vectors(each, names, features) for each in corpus.vectors])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    directions: Floats = means / np.where(lengths > 0, lengths, 1)
    return directions
