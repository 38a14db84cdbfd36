"""Which words of a sentence pushed towards which label."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from stance.labels import Label
from stance.model import Model
from stance.page_relations import safe
from stance.prediction import Prediction
from stance.scoring import event_shares, find_known, label_intercepts, weigh_rows, word_pushes
from stance.terms import TermExtractor, split_words

DECIDING_WORDS = 6
"""How many words an explanation marks when it is printed."""

Dress = Callable[[str, str | None], str]
"""Takes a text and a label, or None, and returns the text as it is to be shown."""

_COLOURS = {Label.COOPERATIVE: "#0072b2", Label.ADVERSARIAL: "#d55e00"}
_OTHER_COLOUR = "#6b6b6b"


@dataclass(frozen=True)
class WordContribution:
    """What one word, `sentence[start:end]`, added to the log-ratio of each label.

    `contributions` follow the explanation's `labels`; `label` is the one it pushed towards most, by `contribution`.
    """

    text: str
    start: int
    end: int
    contributions: tuple[float, ...]
    label: str

    @property
    def contribution(self) -> float:
        """The largest of the contributions, the one to `label`."""
        return max(self.contributions)


@dataclass(frozen=True)
class Explanation:
    """The words behind a prediction; printed, it shows the sentence with the deciding words in brackets.

    What is explained is the centred log-ratio of each label: the natural log of its probability less the
    mean of these logs over all labels. It is exactly the label's intercept plus the sum of the words'
    contributions to it, and the difference of two labels' log-ratios is their log-odds. Within a label
    the event classes are weighed by their probability in this sentence, which makes the sum exact: the log of a
    sum of exponentials is the weighted mean of the exponents plus the entropy of the weights, and
    that entropy is part of the intercept. A term of several words is shared equally among them.

    A sentence with no known term has no words to show, and its log-ratios are the model's prior.
    """

    sentence: str
    prediction: Prediction
    labels: tuple[str, ...]
    words: tuple[WordContribution, ...]
    intercepts: tuple[float, ...]

    @property
    def log_ratios(self) -> tuple[float, ...]:
        """The centred log-ratio of each label, in natural-log units."""
        totals = np.array([self.intercepts, *(word.contributions for word in self.words)]).sum(axis=0)
        return tuple(totals.tolist())

    @cached_property
    def deciding_words(self) -> tuple[WordContribution, ...]:
        """The words that pushed hardest, at most DECIDING_WORDS, in the order of the sentence."""
        hardest = sorted(self.words, key=lambda word: (-word.contribution, word.start))[:DECIDING_WORDS]
        return tuple(sorted(hardest, key=lambda word: word.start))

    def __str__(self) -> str:
        return self.to_text(lambda text, _: text)

    def to_text(self, dress: Dress) -> str:
        """Return the sentence with its deciding words marked, and what each contributed, strongest first."""
        deciding = self.deciding_words
        marks = [dress(f"[{word.text}]", word.label) for word in deciding]
        size = max((len(dress(word.text, None)) for word in deciding), default=0)
        strongest = sorted(deciding, key=lambda word: (-word.contribution, word.start))
        rows = [
            f"  {dress(word.text, None):<{size}}  {word.contribution:+.2f}  {dress(word.label, word.label)}"
            for word in strongest
        ]
        marked = self._mark(marks, [dress(piece, None) for piece in self._pieces()])
        return "\n".join([_title(self.prediction, dress), marked, *rows])

    def to_html(self) -> str:
        """Return a self-contained HTML fragment: the sentence with its deciding words marked, all text escaped."""
        marks = [_mark_element(word) for word in self.deciding_words]
        marked = self._mark(marks, [safe(piece) for piece in self._pieces()])
        return f'<p class="stance"><b>{safe(_headline(self.prediction))}</b> {marked}</p>'

    def _pieces(self) -> list[str]:
        """Return the text before, between and after the deciding words."""
        edges = [0, *(edge for word in self.deciding_words for edge in (word.start, word.end)), len(self.sentence)]
        return [self.sentence[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]

    @staticmethod
    def _mark(marks: list[str], pieces: list[str]) -> str:
        return "".join(piece + mark for piece, mark in zip(pieces, [*marks, ""], strict=True))


def explain(model: Model, sentence: str, prediction: Prediction) -> Explanation:
    """Return which words of a sentence pushed towards which label, given its prediction."""
    words = split_words(sentence)
    known = find_known(model, TermExtractor(model.lexicon).extract(words))
    values = weigh_rows(model, (row for row, _ in known))
    shares = event_shares(model, values)
    pushes = word_pushes(model, known, values, shares, len(words))
    return Explanation(
        sentence=sentence,
        prediction=prediction,
        labels=model.labels,
        words=tuple(
            WordContribution(sentence[word.start : word.end], word.start, word.end, tuple(push), model.labels[best])
            for word, push, best in zip(words, pushes.tolist(), pushes.argmax(axis=1), strict=True)
            if any(push)
        ),
        intercepts=tuple(label_intercepts(model, shares).tolist()),
    )


def _title(prediction: Prediction, dress: Dress) -> str:
    score = "" if prediction.score is None else f"  score {prediction.score:+.2f}"
    event = f"  {dress(prediction.event, None)}" if prediction.event else ""
    return f"{dress(prediction.label, prediction.label)}  {prediction.confidence:.0%}{score}{event}"


def _headline(prediction: Prediction) -> str:
    event = f" {prediction.event}" if prediction.event else ""
    return f"{prediction.label}{event} {prediction.confidence:.2f}"


def _mark_element(word: WordContribution) -> str:
    colour = _COLOURS.get(word.label, _OTHER_COLOUR)  # type: ignore[call-overload]
    title = escape(f"{word.label} {word.contribution:+.2f}", quote=True)
    style = f"background:none;color:inherit;border-bottom:2px solid {colour}"
    return f'<mark style="{style}" title="{title}">{safe(word.text)}</mark>'
