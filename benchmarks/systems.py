"""The systems that are compared. Each is a function that learns from labelled sentences and returns a scorer."""

from collections.abc import Callable, Sequence
from importlib.resources import as_file, files
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from stance import LABELS, load
from stance.shipped import SHIPPED_MODEL
from stance.training import Example
from stance.training.evaluation import LabelProbabilities, classifier_probabilities
from stance.training.metrics import macro_f1
from stance.training.minilm import load_minilm

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COOPERATIVE, ADVERSARIAL, NEUTRAL = range(len(LABELS))

BAND_ROWS = 5000
"""How many training rows the cuts of a sentiment score are chosen on."""

EDGES = np.linspace(-0.96, 0.96, 49)
"""The values of sentiment, which lies in [-1, 1], that are tried as cuts."""

MINILM_STRENGTH = 10.0
"""LogisticRegression's C for embeddings of unit length, for which the default of 1 is too strict."""


class System(NamedTuple):
    """A system; `calibrated` says that its scores are probabilities, so that they have a calibration error."""

    name: str
    learn: Callable[[Sequence[Example]], LabelProbabilities]
    calibrated: bool = True


def shipped(_: Sequence[Example]) -> LabelProbabilities:
    """Return the scorer of the model that comes with the package, as it is."""
    with as_file(files("stance").joinpath(SHIPPED_MODEL)) as path:
        return classifier_probabilities(load(path))


def vader(examples: Sequence[Example]) -> LabelProbabilities:
    """Hutto and Gilbert 2014: the compound score, cut into three labels."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return _banded(lambda text: analyzer.polarity_scores(text)["compound"], examples)


def textblob(examples: Sequence[Example]) -> LabelProbabilities:
    """TextBlob's polarity, cut into three labels."""
    from textblob import TextBlob

    return _banded(lambda text: TextBlob(text).sentiment.polarity, examples)


def plain_recipe(examples: Sequence[Example]) -> LabelProbabilities:
    """The recipe that scikit-learn's users reach for first: TF-IDF of words and word pairs."""
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=1000))
    pipeline.fit([each.text for each in examples], _targets(examples))
    return lambda texts: pipeline.predict_proba(list(texts))


def minilm(examples: Sequence[Example]) -> LabelProbabilities:
    """Sentence embeddings of all-MiniLM-L6-v2 (22 million parameters) with logistic regression."""
    embed = load_minilm()
    regression = LogisticRegression(C=MINILM_STRENGTH, max_iter=1000)
    regression.fit(embed([each.text for each in examples]), _targets(examples))
    return lambda texts: regression.predict_proba(embed(texts))


OURS = System("stance", shipped)
OTHERS = (
    System("VADER", vader, calibrated=False),
    System("TextBlob", textblob, calibrated=False),
    System("TF-IDF 1–2-grams + LR", plain_recipe),
)
MINILM = System("MiniLM + LR", minilm)


def _banded(sentiment: Callable[[str], float], examples: Sequence[Example]) -> LabelProbabilities:
    """Return a scorer that cuts sentiment into labels where training rows say it is best cut.

    Its scores are no probabilities. Neutral wins inside a band; cooperative and adversarial are told apart at a
    divide inside it, and adversarial rises as the sentiment falls.
    """
    sample = _sample_news(examples)
    values, truth = np.array([sentiment(each.text) for each in sample]), _targets(sample)
    low, high = _choose_band(values, truth)
    divide = min(max(_choose_divide(values, truth), low), high)

    def scores(texts: Sequence[str]) -> Floats:
        found = np.array([sentiment(text) for text in texts])
        neutral = np.where((low <= found) & (found <= high), np.inf, -np.inf)
        return np.column_stack([found - divide, divide - found, neutral])

    return scores


def _choose_band(values: Floats, truth: Integers) -> tuple[float, float]:
    """Return the band, below which is adversarial and above which is cooperative, of the best macro-F1."""

    def fitness(band: tuple[float, float]) -> float:
        found = np.where(values > band[1], COOPERATIVE, np.where(values < band[0], ADVERSARIAL, NEUTRAL))
        return macro_f1(truth, found, len(LABELS))

    low, high = max(combinations_with_replacement(EDGES.tolist(), 2), key=fitness)
    return low, high


def _choose_divide(values: Floats, truth: Integers) -> float:
    """Return the value that best tells adversarial rows from cooperative ones, neutral rows left out."""
    values, truth = values[truth != NEUTRAL], truth[truth != NEUTRAL]
    return max(EDGES.tolist(), key=lambda edge: macro_f1(truth, (values < edge).astype(np.int64), 2))


def _sample_news(examples: Sequence[Example]) -> list[Example]:
    news = [each for each in examples if each.group is not None]  # the corpus, which is no news, has no groups
    rows = np.random.default_rng(0).permutation(len(news))[:BAND_ROWS]
    return [news[row] for row in rows]


def _targets(examples: Sequence[Example]) -> Integers:
    return np.array([[str(label) for label in LABELS].index(each.label) for each in examples], dtype=np.int64)
