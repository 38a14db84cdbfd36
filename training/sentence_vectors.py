"""Vectors of terms that add up to the embeddings of sentences: what an encoder knows, as far as terms can hold it.

A linear map from the TF-IDF values of a sentence to some directions of its embedding is fitted by ridge regression on
labelled and unlabelled sentences (distillation in the manner of Ba and Caruana 2014: to the teacher's numbers, not its
labels). The directions are those that tell the classes of labelled sentences best, and those in which embeddings
differ most beside them. Fitting folds the map into the weights of the terms, so that scoring never sees it, and nobody
but who makes the map needs the encoder:

    python -m stance.training.sentence_vectors [--data DIR] [--output FILE]

It takes some half an hour of one core for the embeddings of all-MiniLM-L6-v2, and the extra 'bench-minilm'.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix
from tqdm import tqdm

from stance.errors import StanceError
from stance.lexicon import shipped_lexicon
from stance.terms import TermExtractor
from stance.training import shipped
from stance.training.evaluation import load_all_sets
from stance.training.fit import make_vectorizer
from stance.training.minilm import load_minilm
from stance.training.term_vectors import TermVectors, write_vectors

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Embed = Callable[[Sequence[str]], Doubles]

DIMENSIONS = 64
SHRINKAGE = 0.1
"""Of the mean variance of embeddings, added to that within the classes in every direction."""

FEWEST = 5
"""The sentences that a term must occur in."""

MOST_TERMS = 80_000
"""So many terms are kept, those that move the vectors of all sentences most; they hold 99.5 % of the map's squares."""

PENALTY = 1.0
STEPS = 40
"""Of conjugate gradients; the last ten add half a point to the variance explained in other sentences."""

BATCH = 2048

LEAST = np.finfo(np.float32).tiny
"""Stands for 0 where a column is solved and its next step would be 0 / 0."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the vectors anew and write them; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m stance.training.sentence_vectors", description=__doc__)
    parser.add_argument("--data", type=Path, default=shipped.DATA, help="folder of news and evaluation sets")
    parser.add_argument("--output", type=Path, default=shipped.SENTENCE_VECTORS, help="the file to write")
    options = parser.parse_args(arguments)
    try:
        sets = load_all_sets(options.data)
        examples, _ = shipped.collect_examples(options.data, sets)
        classes = {each.text: f"{each.label}/{each.event}" for each in examples}
        texts = list(dict.fromkeys(chain(classes, shipped.unlabelled_texts(options.data, sets))))
        write_vectors(learn_sentence_vectors(texts, list(classes.values()), load_minilm()), options.output)
    except (StanceError, OSError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.output}: {options.output.stat().st_size:,} bytes, from {len(texts):,} sentences")
    return 0


def learn_sentence_vectors(texts: Sequence[str], classes: Sequence[str], embed: Embed) -> TermVectors:
    """Return vectors of the terms of these sentences that come near the embeddings of the sentences when added up.

    `classes` are those of the first sentences; the others have no label.
    """
    batches = range(0, len(texts), BATCH)
    embeddings = np.vstack([embed(texts[first : first + BATCH]) for first in tqdm(batches, desc="embeddings")])
    extract = TermExtractor(shipped_lexicon())
    vectorizer = make_vectorizer(FEWEST)
    features = vectorizer.fit_transform([extract(text) for text in tqdm(texts, desc="terms")]).astype(np.float32)
    features *= np.sqrt(len(texts) / features.power(2).sum())
    centred = embeddings - embeddings.mean(axis=0)
    matrix = _solve(features, (centred @ find_directions(centred, np.array(classes))).astype(np.float32))
    counts = features.getnnz(axis=0)
    moved = np.linalg.norm(matrix, axis=1) * np.sqrt(counts)
    kept = np.sort(np.argsort(-moved, kind="stable")[:MOST_TERMS])
    names = vectorizer["count"].get_feature_names_out()[kept]
    return TermVectors(tuple(names.tolist()), matrix[kept])


def find_directions(centred: Doubles, classes: NDArray[np.str_]) -> Doubles:
    """Return DIMENSIONS directions of embeddings of mean 0 as columns of length 1, at right angles to each other.

    The first, one fewer than there are classes, are those of a linear discriminant analysis of the labelled
    embeddings, which come first (Fisher 1936; Rao 1948), with a tenth of the mean variance added to each: those along
    which the means of the classes differ most against what stays within them. The rest are principal components of
    what is at right angles to these.
    """
    names, members = np.unique(classes, return_inverse=True)
    sizes = np.bincount(members)
    means = np.vstack([centred[: len(classes)][members == each].mean(axis=0) for each in range(len(names))])
    between = (means - np.average(means, axis=0, weights=sizes)) * np.sqrt(sizes / sizes.sum())[:, np.newaxis]
    covariance = centred.T @ centred / len(centred)
    within = covariance - between.T @ between
    within += SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    _, telling = eigh(between.T @ between, within)
    first, _ = np.linalg.qr(telling[:, ::-1][:, : len(names) - 1])
    beside = np.eye(len(covariance)) - first @ first.T
    _, rest = eigh(beside @ covariance @ beside)
    directions: Doubles = np.hstack([first, rest[:, ::-1]])[:, :DIMENSIONS]
    return directions


def _solve(features: csr_matrix, targets: Floats) -> Floats:
    """Return the ridge regression of the targets on the features, by conjugate gradients for all columns at a time."""
    transposed = features.T.tocsr()
    right = transposed @ targets
    found: Floats = np.zeros_like(right)
    residual, direction = right.copy(), right.copy()
    size = (residual**2).sum(axis=0)
    for _ in tqdm(range(STEPS), desc="regression"):
        image = transposed @ (features @ direction) + PENALTY * direction
        step = size / np.maximum((direction * image).sum(axis=0), LEAST)
        found += step * direction
        residual -= step * image
        before, size = size, (residual**2).sum(axis=0)
        direction = residual + size / np.maximum(before, LEAST) * direction
    return found


if __name__ == "__main__":
    sys.exit(main())
