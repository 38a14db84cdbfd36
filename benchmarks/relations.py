"""Who does what towards whom: the shipped pair model beside simple ones, on pairs_dev.

python -m benchmarks.relations [--data DIR]. Macro-F1 over five classes (neutral; cooperative and adversarial, each
from the first-named to the second or back) with 95 % bootstrap intervals, and how often the direction is right among
the directed pairs. `first-named` takes our relation and always the first-named as source. MiniLM + LR learns from the
crowd-labelled pairs, the two actors marked in the sentence; it is left out when it is not installed.

Of the pairs of pairs_dev 27 % occur in pairs_train too, which the shipped model and MiniLM + LR learnt from: the
columns `new` are of the sentences that do not.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.labels import PAIR_CLASSES
from stance.scoring import log_class_probabilities, weigh_rows
from stance.shipped import shipped_classifier
from stance.training.minilm import load_minilm
from stance.training.pairs import PairExample, extract_pairs, read_marked_pairs, without_texts
from stance.training.shipped import DATA, MARKED_PAIRS

RESAMPLES = 1000

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relations")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of pairs_train.jsonl and pairs_dev.jsonl")
    data = parser.parse_args().data
    if not (data / "pairs_dev.jsonl").is_file():
        raise SystemExit(f"relations: no pairs_dev.jsonl in {data}; name its folder with --data")
    train, dev = read_marked_pairs(data / MARKED_PAIRS), read_marked_pairs(data / "pairs_dev.jsonl")
    new = set(map(id, without_texts(dev, [pair.text for pair in train])))
    fresh = np.array([id(pair) in new for pair in dev])
    truth = np.array([pair.target for pair in dev])
    chances = {"stance": _predict(dev)}
    chances["first-named"] = _forward_only(chances["stance"])
    minilm = _predict_with_minilm(train, dev)
    if minilm is not None:
        chances["MiniLM + LR"] = minilm
    print("| | macro-F1 | direction | macro-F1, new | direction, new |\n| --- | ---: | ---: | ---: | ---: |")
    for name, found in chances.items():
        cells = [*_figures(truth, found), *_figures(truth[fresh], found[fresh])]
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\n{len(dev):,} pairs, {fresh.sum():,} of sentences that are not in pairs_train.")


def _predict(pairs: Sequence[PairExample]) -> Floats:
    classifier = shipped_classifier()
    model = classifier.model.pairs
    assert model is not None
    terms = extract_pairs(pairs, classifier.model.lexicon, classifier.predict)
    known = [[model.vocabulary[term] for term in each if term in model.vocabulary] for each in terms]
    return np.exp([log_class_probabilities(model, weigh_rows(model, rows)) for rows in known])


def _predict_with_minilm(train: Sequence[PairExample], dev: Sequence[PairExample]) -> Floats | None:
    from sklearn.linear_model import LogisticRegression

    try:
        embed = load_minilm()
    except ModuleNotFoundError:
        print("MiniLM left out; it needs the extra bench-minilm")
        return None
    vectors = embed([_mark(pair) for pair in (*train, *dev)])
    regression = LogisticRegression(C=10, max_iter=1000)
    regression.fit(vectors[: len(train)], [pair.target for pair in train])
    return regression.predict_proba(vectors[len(train) :])


def _mark(pair: PairExample) -> str:
    (a, b), (c, d) = pair.first, pair.second
    text = pair.text
    return f"{text[:a]}[A: {text[a:b]}]{text[b:c]}[B: {text[c:d]}]{text[d:]}"


def _forward_only(chances: Floats) -> Floats:
    """Return the chances with all of a label's in its forward class."""
    forward = chances.copy()
    for column, each in enumerate(PAIR_CLASSES):
        if each.forward is False:
            forward[:, PAIR_CLASSES.index(each._replace(forward=True))] += chances[:, column]
            forward[:, column] = 0.0
    return forward


def _figures(truth: Numbers, chances: Floats) -> list[str]:
    """Return macro-F1 with its interval, and how many of the pairs that are directed get the right direction."""
    found = chances.argmax(axis=1)
    random = np.random.default_rng(0)
    drawn = [random.integers(len(truth), size=len(truth)) for _ in range(RESAMPLES)]
    low, high = np.percentile([_macro_f1(truth[rows], found[rows]) for rows in drawn], [2.5, 97.5])
    forward = np.array([each.forward is True for each in PAIR_CLASSES])
    backward = np.array([each.forward is False for each in PAIR_CLASSES])
    taken = chances[:, forward].sum(axis=1) >= chances[:, backward].sum(axis=1)
    right = (taken == forward[truth])[truth > 0].mean()
    return [f"{_macro_f1(truth, found):.3f} ({low:.3f}–{high:.3f})", f"{right:.3f}"]


def _macro_f1(truth: Numbers, found: Numbers) -> float:
    scores = []
    for target in range(len(PAIR_CLASSES)):
        hits = ((truth == target) & (found == target)).sum()
        total = (truth == target).sum() + (found == target).sum()
        scores.append(2 * hits / total if total else 0.0)
    return float(np.mean(scores))


if __name__ == "__main__":
    main()
