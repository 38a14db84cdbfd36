"""The other tools, each run in the fastest way of its public interface, from a list of sentences in memory.

What was tried on this task decides the way:

- scikit-learn, both pipelines: one call of `predict_proba`; batches of 5,000 are no faster, smaller ones slower.
- fastText (the fork `fasttext-numpy2`, as the original's `predict` fails on one string with numpy 2): one call of
  `predict` with a list, some 15 % faster than a call for each; the best label only, its default, which is the least
  work. It is given the text as it is: no lower-casing and no splitting of punctuation, which users add in Python.
- VADER: `polarity_scores`, which has no batches.
- TextBlob: `PatternAnalyzer().analyze`, some 15 % faster than `TextBlob(text).sentiment`, which calls it.
- Vowpal Wabbit: its own driver over a file that is written beforehand, with the labels written to another; three times
  as fast as `Workspace.predict` on one string after the other. Its time includes reading its model, a few hundredths of
  a second, so only batches of many thousands say something. Its parser has a thread of its own: hence `one_core`.

All that learn learn from the same rows: the corpus, and the labelled news where they are at hand. How well a peer does
is no question here (benchmarks/accuracy.py asks it), so none of them is tuned.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.models import rebuild_pipeline
from benchmarks.systems import plain_recipe
from benchmarks.table import Skip
from benchmarks.timing import Run
from stance import LABELS
from stance.classifier import Classifier
from stance.training import Example
from stance.training.data import read_examples
from stance.training.shipped import CORPUS, NEWS

CLOSE = 0.002
"""How far a probability of the rebuilt pipeline may be from that of stance before the two are not the same model."""

VOWPAL_WABBIT = "--oaa 3 --ngram 2 --loss_function logistic --bit_precision 22 --quiet"
_SPECIAL = re.compile("[:|]")


@dataclass(frozen=True)
class Lessons:
    """What the peers learn from, and a folder for their files."""

    examples: Sequence[Example]
    folder: Path


Peer = Callable[[Sequence[str], Lessons], Run]
"""A peer gets the sentences and returns what scores them all, once for each call."""


def collect_lessons(data: Path, folder: Path) -> Lessons:
    """Return the labelled sentences of the corpus, and those of the news where they are in the folder of data."""
    news = [data / NEWS] if (data / NEWS).is_file() else []
    paths = [*sorted(CORPUS.glob("*.jsonl")), *news]
    return Lessons([example for path in paths for example in read_examples(path)], folder)


def full_pipeline(classifier: Classifier) -> Peer:
    """Return the model of a classifier as a peer: the same terms and weights in scikit-learn."""
    pipeline = rebuild_pipeline(classifier.model)

    def prepare(texts: Sequence[str], _: Lessons) -> Run:
        _check_agreement(classifier, pipeline, texts[:500])
        return lambda: pipeline.predict_proba(texts)

    return prepare


def plain_pipeline(texts: Sequence[str], lessons: Lessons) -> Run:
    """TF-IDF of words and word pairs, with logistic regression."""
    scorer = plain_recipe(lessons.examples)
    return lambda: scorer(texts)


def fasttext(texts: Sequence[str], lessons: Lessons) -> Run:
    """Joulin et al. 2016, with word pairs."""
    model, batch = fasttext_model(lessons), list(texts)
    return lambda: model.predict(batch)


def fasttext_model(lessons: Lessons) -> Any:
    """Train a fastText model, or load the one that was trained before."""
    _require("fasttext")
    import fasttext

    path = lessons.folder / "fasttext.bin"
    if not path.is_file():
        rows = lessons.folder / "fasttext.txt"
        rows.write_text(
            "".join(f"__label__{each.label} {_on_one_line(each.text)}\n" for each in lessons.examples), "utf-8"
        )
        fasttext.train_supervised(str(rows), wordNgrams=2, thread=1, verbose=0).save_model(str(path))
    return fasttext.load_model(str(path))


def fasttext_call(lessons: Lessons) -> Callable[[str], object]:
    """Return fastText's function for one sentence. Raises Skip where it does not work."""
    predict: Callable[[str], object] = fasttext_model(lessons).predict
    try:
        predict("A sentence.")
    except ValueError as error:
        raise Skip("this fastText's predict fails with numpy 2; install fasttext-numpy2 in its place") from error
    return predict


def vader(texts: Sequence[str], _: Lessons) -> Run:
    """Hutto and Gilbert 2014."""
    polarity = vader_call()
    return lambda: [polarity(text) for text in texts]


def vader_call() -> Callable[[str], object]:
    """Return VADER's function for one sentence."""
    _require("vaderSentiment")
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    polarity: Callable[[str], object] = SentimentIntensityAnalyzer().polarity_scores
    return polarity


def textblob(texts: Sequence[str], _: Lessons) -> Run:
    """TextBlob's polarity by the lexicon of Pattern."""
    _require("textblob")
    from textblob.sentiments import PatternAnalyzer

    analyze = PatternAnalyzer().analyze
    return lambda: [analyze(text) for text in texts]


def vowpal_wabbit(texts: Sequence[str], lessons: Lessons) -> Run:
    """Vowpal Wabbit: one against all, words and word pairs."""
    _require("vowpalwabbit")
    from vowpalwabbit import Workspace

    train, model, batch, found = (lessons.folder / f"wabbit.{name}" for name in ("train", "model", "batch", "found"))
    numbers = {str(label): number for number, label in enumerate(LABELS, start=1)}
    train.write_text(
        "".join(f"{numbers[each.label]} {_as_features(each.text)}\n" for each in lessons.examples), "utf-8"
    )
    batch.write_text("".join(f"{_as_features(text)}\n" for text in texts), "utf-8")
    Workspace(arg_list=[*VOWPAL_WABBIT.split(), "-d", str(train), "-f", str(model)]).finish()
    arguments = ["-t", "--quiet", "-i", str(model), "-d", str(batch), "-p", str(found)]

    def run() -> None:
        Workspace(arg_list=arguments).finish()

    run()
    if len(found.read_text().splitlines()) != len(texts):
        raise ValueError("Vowpal Wabbit did not label every sentence")
    return run


def _check_agreement(classifier: Classifier, pipeline: Any, texts: Sequence[str]) -> None:
    """Raise ValueError when the pipeline is not the model of the classifier, so that their ratio would say nothing."""
    predictions = classifier.predict(texts)
    labels = np.array([[each.label == label for label in classifier.labels] for each in classifier.model.classes])
    known = predictions.evidence > 0
    difference = np.abs(pipeline.predict_proba(texts) @ labels - predictions.probabilities)[known].max()
    if difference > CLOSE:
        raise ValueError(f"the rebuilt pipeline's probabilities differ from those of stance by up to {difference:.3g}")


def _as_features(text: str) -> str:
    return f"| {_SPECIAL.sub(' ', _on_one_line(text))}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _require(module: str) -> None:
    if find_spec(module) is None:
        raise Skip(f"{module} is not installed (.venv/bin/pip install -e '.[bench]')")
