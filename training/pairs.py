"""Training the pair model: who of two actors in a sentence does what towards whom."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from sys import intern

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from stance.actors import Actor
from stance.errors import DataError
from stance.labels import LABELS, PAIR_CLASSES, Label
from stance.lexicon import Lexicon
from stance.model import PairModel
from stance.pair_terms import Pair, extract_pair_terms
from stance.prediction import Predictions
from stance.quotes import attribute, find_quotes
from stance.sentences import Span
from stance.terms import split_words
from stance.training.data import Example

FEWEST = 50
"""With fewer pairs of any class no pair model is fitted."""

STRENGTH = 16.0
MOST_TERMS = 80_000
MIN_COUNT = 3
"""A term must occur in so many different sentences, so that no file of a model gives one of them away."""

_DIRECTIONS = {"forward": True, "backward": False, None: None}

Place = tuple[int, int]
Predict = Callable[[list[str]], Predictions]


@dataclass(frozen=True)
class PairExample:
    """Two actors in a sentence, `text[start:end]` each, the first before the second, and the class of the two.

    `target` is an index into `PAIR_CLASSES`.
    """

    text: str
    first: Place
    second: Place
    target: int


def pairs_of_examples(examples: Iterable[Example]) -> Iterator[PairExample]:
    """Yield a pair for each example with a source and a target that occur in its text, and one of stance's labels."""
    for example in examples:
        if example.source and example.target and example.label in LABELS:
            places = _find_both(example.text, example.source, example.target)
            if places:
                source, target = places
                forward = None if example.label == Label.NEUTRAL else source < target
                kind = PAIR_CLASSES.index((Label(example.label), forward))
                yield PairExample(example.text, min(places), max(places), kind)


def read_marked_pairs(path: Path) -> list[PairExample]:
    """Read a JSON Lines file of sentences with two marked actors, `[Iran] accused [Iraq]`, relation and direction.

    A sentence without two marks of at least a character is left out. Raises DataError for a broken row.
    """
    pairs = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            row = json.loads(line)
            text, places = _unmark(row["marked"])
            target = PAIR_CLASSES.index((Label(row["relation"]), _DIRECTIONS[row["direction"]]))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(path, f"not a marked pair ({error!r})", number) from error
        if len(places) == 2 and all(start < end for start, end in places):
            pairs.append(PairExample(text, places[0], places[1], target))
    return pairs


def read_published_pairs(path: Path, texts: dict[str, str]) -> list[PairExample]:
    """Read published pairs: id, SHA-256 of the text, the four ends of the two mentions and the class, by tabs.

    `texts` gives the text of an id. Raises DataError for an id that is not there or has another text, and for a broken
    row.
    """
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], start=2):
        try:
            name, digest, *figures = line.split("\t")
            a, b, c, d, target = map(int, figures)
        except ValueError as error:
            raise DataError(path, f"not a published pair ({error})", number) from error
        text = texts.get(name)
        if text is None or hashlib.sha256(text.encode()).hexdigest()[:16] != digest:
            raise DataError(path, f"the sentence {name} is not there or not the one that was labelled", number)
        if not (0 <= a < b <= c < d <= len(text) and 0 <= target < len(PAIR_CLASSES)):
            raise DataError(path, f"mentions or class of {name} are out of range", number)
        pairs.append(PairExample(text, (a, b), (c, d), target))
    return pairs


def without_texts(pairs: Iterable[PairExample], texts: Iterable[str]) -> list[PairExample]:
    """Return the pairs whose sentence is none of the texts, but for case, punctuation and spacing."""
    known = {_plain(text) for text in texts}
    return [pair for pair in pairs if _plain(pair.text) not in known]


def count_pairs(pairs: Iterable[PairExample]) -> dict[str, int]:
    """Return how many pairs there are of each class, by its name: its label, and whether the first or second acts."""
    acting = {True: ", the first acts", False: ", the second acts", None: ""}
    counts = Counter(pair.target for pair in pairs)
    return {f"{label}{acting[forward]}": counts[kind] for kind, (label, forward) in enumerate(PAIR_CLASSES)}


def extract_pairs(pairs: Sequence[PairExample], lexicon: Lexicon, predict: Predict) -> list[list[str]]:
    """Return the terms of each pair; `predict` labels the sentences."""
    labels = predict([pair.text for pair in pairs]).labels
    return [_terms(pair, label, lexicon) for pair, label in zip(pairs, labels, strict=True)]


def fit_pairs(pairs: Sequence[PairExample], lexicon: Lexicon, predict: Predict, seed: int) -> PairModel | None:
    """Fit a pair model; None when some class has fewer than FEWEST pairs, or no term occurs in MIN_COUNT sentences."""
    if min(count_pairs(pairs).values()) < FEWEST:
        return None
    terms = extract_pairs(pairs, lexicon, predict)
    shared = _shared_terms(pairs, terms)
    if not shared:
        return None
    targets = [pair.target for pair in pairs]
    vectorizer, regression = _fit(terms, targets, seed, shared)
    names = vectorizer.get_feature_names_out()
    if len(names) > MOST_TERMS:
        heaviest = np.argsort(-np.linalg.norm(regression.coef_, axis=0), kind="stable")[:MOST_TERMS]
        vectorizer, regression = _fit(terms, targets, seed, sorted(names[heaviest]))
        names = vectorizer.get_feature_names_out()
    return PairModel(
        {str(name): row for row, name in enumerate(names)},
        vectorizer.idf_.astype(np.float32),
        np.ascontiguousarray(regression.coef_.T, dtype=np.float16),
        regression.intercept_.astype(np.float32),
    )


def _fit(
    terms: list[list[str]], targets: list[int], seed: int, vocabulary: list[str]
) -> tuple[TfidfVectorizer, LogisticRegression]:
    vectorizer = TfidfVectorizer(analyzer=list, vocabulary=vocabulary, sublinear_tf=True)
    features = vectorizer.fit_transform(terms)
    regression = LogisticRegression(C=STRENGTH, solver="saga", tol=1e-3, max_iter=500, random_state=seed)
    return vectorizer, regression.fit(features, targets)


def _shared_terms(pairs: Sequence[PairExample], terms: Sequence[list[str]]) -> list[str]:
    """Return the terms that occur in at least MIN_COUNT different sentences, which have several pairs each."""
    seen = {(term, pair.text) for pair, found in zip(pairs, terms, strict=True) for term in found}
    return sorted(term for term, count in Counter(term for term, _ in seen).items() if count >= MIN_COUNT)


def _terms(pair: PairExample, label: str, lexicon: Lexicon) -> list[str]:
    actors = [Actor(str(number), "person", "", *place) for number, place in enumerate((pair.first, pair.second), 1)]
    whole = [Span(0, len(pair.text))]
    voice, speaker = attribute(pair.text, whole, find_quotes(pair.text, whole), actors)[0]
    seen = Pair(pair.first, pair.second, str(voice), speaker.id if speaker else "", str(label))
    return [intern(term.name) for term in extract_pair_terms(pair.text, split_words(pair.text), seen, lexicon)]


def _find_both(text: str, source: str, target: str) -> tuple[Place, Place] | None:
    """Return where the source and the target stand as words of their own, the first places without overlap."""
    for a, b in product(_places(text, source), _places(text, target)):
        if a[1] <= b[0] or b[1] <= a[0]:
            return a, b
    return None


def _places(text: str, name: str) -> list[Place]:
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


def _unmark(marked: str) -> tuple[str, list[Place]]:
    """Return a text without the first two pairs of square brackets, and what these held."""
    places: list[Place] = []
    text: list[str] = []
    opened: int | None = None
    for character in marked:
        if character == "[" and opened is None and len(places) < 2:
            opened = len(text)
        elif character == "]" and opened is not None:
            places.append((opened, len(text)))
            opened = None
        else:
            text.append(character)
    return "".join(text), places


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
