"""Word vectors from unlabelled text, by which fitting lets similar words share what they learn.

Positive pointwise mutual information of the words within a window, cut to its largest singular values (Levy, Goldberg
and Dagan 2015). The vectors are folded into the weights of the words, so that scoring never sees them.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from stance.training.term_vectors import TermVectors

DIMENSIONS = 200
WINDOW = 4
MIN_COUNT = 5
CONTEXT_SMOOTHING = 0.75
"""The power that context frequencies are raised to, so that rare contexts do not look too telling."""


def learn_word_vectors(sentences: Sequence[Sequence[str]], seed: int) -> TermVectors | None:
    """Learn vectors of words (of length 1 before their mean was taken off) from sentences of words.

    Returns None when there are too few frequent words for it.
    """
    counts = Counter(word for sentence in sentences for word in sentence)
    words = tuple(sorted(word for word, count in counts.items() if count >= MIN_COUNT))
    if len(words) <= DIMENSIONS:
        return None
    information = _mutual_information(_count_neighbours(sentences, words))
    with threadpool_limits(1):  # the last digits would depend on the number of threads
        left, sizes, _ = randomized_svd(information, DIMENSIONS, n_iter=3, random_state=seed)
    vectors = left * np.sqrt(sizes)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return TermVectors(words, (vectors - vectors.mean(axis=0)).astype(np.float32))


def _count_neighbours(sentences: Sequence[Sequence[str]], words: tuple[str, ...]) -> sparse.csr_matrix:
    """Return the words x words matrix of how often two stand within the window, a pair at distance d counting 1/d."""
    numbers = {word: number for number, word in enumerate(words)}
    border = [-1] * WINDOW
    ids = np.array([n for sentence in sentences for n in (*(numbers.get(word, -1) for word in sentence), *border)])
    total = sparse.csr_matrix((len(words), len(words)))
    for distance in range(1, WINDOW + 1):
        left, right = ids[:-distance], ids[distance:]
        known = (left >= 0) & (right >= 0)
        weights = np.full(known.sum(), 1.0 / distance)
        total += sparse.coo_matrix((weights, (left[known], right[known])), shape=total.shape).tocsr()
    return (total + total.T).tocsr()


def _mutual_information(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    frequencies = np.asarray(counts.sum(axis=1)).ravel()
    contexts = frequencies**CONTEXT_SMOOTHING
    pairs = counts.tocoo()
    expected = frequencies[pairs.row] * (contexts / contexts.sum())[pairs.col]
    information = np.log(pairs.data / expected)
    positive = information > 0
    rows, columns = pairs.row[positive], pairs.col[positive]
    return sparse.csr_matrix((information[positive], (rows, columns)), shape=counts.shape)
