"""Finding sentences that are the same, or nearly the same, as another."""

from collections import Counter
from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from stance.terms import split_words

SHINGLE = 3
SIMILAR = 0.6
MOST_WORDS = 100
"""Longer texts are compared by so many words at their beginning, which bounds the memory."""

MOST_SHARED = 20
"""Of the texts that share a rare shingle only the last so many are compared with the next."""

MOST_COMPARED = 50
"""A text is compared with at most so many before it, those that share its rarest shingles, which bounds the time."""


def normalise_text(text: str) -> str:
    """Return the words of a text as the model sees them: lower case, digits as 0, no punctuation.

    Two texts with the same result are exact duplicates: no model of ours can tell them apart. A text
    without words is returned stripped.
    """
    return " ".join(word.text for word in split_words(text)) or text.strip()


def cluster_duplicates(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return a cluster number for each text: near duplicates have the same, counted from 0 by first occurrence.

    Two texts are near duplicates when the Jaccard overlap of their sets of word 3-grams is at least
    0.6; a text of fewer than 3 words only equals itself, and of one of
    more than 100 words the first 100 are compared. Clusters are the connected components. The pairs
    are found by prefix filtering (Bayardo et al. 2007, Scaling up all pairs similarity search): texts that
    overlap so far share one of their rarest shingles.

    The price of a bounded time is that a pair can be missed: among texts so alike that more than 20 share each of
    their rare shingles, or more than 50 any of them. 20,000 texts of 100 words made of ten different
    ones, the worst case known, take some ten seconds.
    """
    shingles = _rank_shingles([_shingles(normalise_text(text).split()[:MOST_WORDS]) for text in texts])
    sets = [frozenset(ranks) for ranks in shingles]
    parents = list(range(len(texts)))
    postings: dict[int, list[int]] = {}
    for row, ranks in enumerate(shingles):
        rare = [postings.setdefault(rank, []) for rank in ranks[: len(ranks) - ceil(SIMILAR * len(ranks)) + 1]]
        for other in _candidates(rare):
            _join(parents, sets, row, other)
        for sharing in rare:
            sharing.append(row)
    return _number([_root(parents, row) for row in range(len(texts))])


def _candidates(rare: list[list[int]]) -> list[int]:
    """Return the texts to compare with one, given those before it that share each of its rarest shingles."""
    candidates: dict[int, None] = {}
    for sharing in rare:
        candidates.update(dict.fromkeys(sharing[-MOST_SHARED:]))
        if len(candidates) >= MOST_COMPARED:
            break
    return list(candidates)[:MOST_COMPARED]


def _shingles(words: list[str]) -> set[str]:
    if len(words) < SHINGLE:
        return {" ".join(words)}
    return {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}


def _rank_shingles(shingles: list[set[str]]) -> list[list[int]]:
    """Return each text's shingles as ranks, the rarest first."""
    counts = Counter(shingle for found in shingles for shingle in found)
    order = sorted(counts, key=lambda shingle: (counts[shingle], shingle))
    ranks = {shingle: rank for rank, shingle in enumerate(order)}
    return [sorted(ranks[shingle] for shingle in found) for found in shingles]


def _join(parents: list[int], sets: list[frozenset[int]], row: int, other: int) -> None:
    """Unite the clusters of two texts if they are near duplicates and not yet united."""
    one, two = _root(parents, row), _root(parents, other)
    if one != two and _overlap(sets[row], sets[other]) >= SIMILAR:
        parents[max(one, two)] = min(one, two)


def _overlap(one: frozenset[int], two: frozenset[int]) -> float:
    shorter, longer = sorted((len(one), len(two)))
    if shorter < SIMILAR * longer:
        return 0.0
    shared = len(one & two)
    return shared / (shorter + longer - shared)


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


def _number(roots: list[int]) -> NDArray[np.int64]:
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(root, len(numbers)) for root in roots], dtype=np.int64)
