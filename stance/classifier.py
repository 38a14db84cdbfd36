"""The classifier: a model behind one `predict`, `explain` and `score_document`."""

import datetime
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import overload

import numpy as np

from stance.document import DocumentScore, gather_document
from stance.errors import ModelFormatError
from stance.explanation import Explanation, WordContribution
from stance.model import RETRAIN, Model, looks_like_safetensors, read_model
from stance.pipeline import read_pipeline
from stance.prediction import Prediction, Predictions
from stance.scoring import (
    Floats,
    SentenceScore,
    event_shares,
    label_intercepts,
    label_members,
    score_terms,
    weigh_terms,
    word_pushes,
)
from stance.terms import TermExtractor, split_words

_NO_BATCH = (bytes, bytearray, Mapping, set, frozenset)
"""What can be iterated over without being sentences in an order."""


class Classifier:
    """A loaded model. Instances hold no changing state and may be shared between threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._extractor = TermExtractor(model.lexicon)
        self._members = label_members(model)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of the probability columns."""
        return self.model.labels

    @overload
    def predict(self, sentences: str) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, sentences: Iterable[str]) -> Predictions: ...
    def predict(self, sentences: str | Iterable[str]) -> Prediction | Predictions:
        """Classify one sentence, or each of an iterable of sentences (one result per input, in order).

        A sentence gets the same answer alone and in any batch. Raises TypeError, with the index and
        type of the offending item, for anything that is not a string, and for a set, which has no order.
        """
        if isinstance(sentences, str):
            return self._predict_all([sentences])[0]
        return self._predict_all(_strings(sentences))

    def explain(self, sentence: str) -> Explanation:
        """Show which words of a sentence pushed towards which label. Raises TypeError for a non-string."""
        if not isinstance(sentence, str):
            raise TypeError(f"explain takes one sentence (str), got {type(sentence).__name__}")
        words = split_words(sentence)
        terms = self._extractor.extract(words)
        values = weigh_terms(self.model, (term.name for term in terms))
        shares = event_shares(self.model, values)
        pushes = word_pushes(self.model, terms, values, shares, len(words))
        return Explanation(
            sentence=sentence,
            prediction=self.predict(sentence),
            labels=self.labels,
            words=tuple(
                WordContribution(sentence[word.start : word.end], word.start, word.end, tuple(push), self.labels[best])
                for word, push, best in zip(words, pushes.tolist(), pushes.argmax(axis=1), strict=True)
                if any(push)
            ),
            intercepts=tuple(label_intercepts(self.model, shares).tolist()),
        )

    def score_document(self, text: str, date: datetime.date | str | None = None) -> DocumentScore:
        """Score an article: its sentences, how it leans, who speaks, and who stands how towards whom.

        `date`, when it was written (a date or an ISO 8601 text), tells who held office. Raises TypeError when `text` is
        not a string, ValueError for a date that does not begin with a year.
        """
        if not isinstance(text, str):
            raise TypeError(f"score_document takes the text of a document (str), got {type(text).__name__}")
        return gather_document(text, self._predict_all, self.model.pairs, self.model.lexicon, date)

    def _predict_all(self, sentences: Iterable[str]) -> Predictions:
        rows = [self._score(sentence) for sentence in sentences]
        classes = np.array([row.classes for row in rows]).reshape(-1, len(self.model.classes))
        probabilities = np.array([row.labels for row in rows]).reshape(-1, len(self.labels))
        best = probabilities.argmax(axis=1)
        return Predictions(
            columns=self.labels,
            labels=tuple(self.labels[index] for index in best),
            events=tuple(self._event(row, self.labels[index]) for row, index in zip(classes, best, strict=True)),
            probabilities=probabilities,
            evidence=np.array([row.evidence for row in rows], dtype=np.int64),
        )

    def _score(self, sentence: str) -> SentenceScore:
        return score_terms(self.model, self._members, self._extractor(sentence))

    def _event(self, classes: Floats, label: str) -> str | None:
        """Return the likeliest event class inside a label."""
        inside = [(probability, each) for probability, each in zip(classes, self.model.classes, strict=True)]
        return max((p, c.event or "") for p, c in inside if c.label == label)[1] or None


def load(path: str | PathLike[str], *, trusted: bool = False) -> Classifier:
    """Load a model file.

    A safetensors file is read without running any code of it. A pickled scikit-learn pipeline can run any
    code when it is read, so it is refused unless `trusted=True` says that you know where it comes from.
    Raises ModelFormatError for a file that is not a usable model, FileNotFoundError for none.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such model file; train one with 'stance train'")
    if looks_like_safetensors(path):
        return Classifier(read_model(path))
    if not trusted:
        raise ModelFormatError(
            path,
            "not a safetensors model; if it is a pickle, reading it can run any code",
            f"if you trust whoever made it, load(path, trusted=True) or --trusted on the command line; else {RETRAIN}",
        )
    return Classifier(read_pipeline(path))


def _strings(sentences: object) -> Iterable[str]:
    """Yield the sentences of a batch; raise TypeError at the first item that is not a string."""
    if isinstance(sentences, _NO_BATCH) or not isinstance(sentences, Iterable):
        raise TypeError(f"predict takes a string or an iterable of strings, got {type(sentences).__name__}")
    for index, sentence in enumerate(sentences):
        if not isinstance(sentence, str):
            raise TypeError(f"sentences[{index}]: expected a string, got {type(sentence).__name__}")
        yield sentence
