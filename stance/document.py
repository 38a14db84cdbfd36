"""The score of a document: its sentences, how they lean and how many of them take a direction at all."""

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from stance.dates import read_year
from stance.furniture import is_furniture
from stance.labels import LABELS, Label
from stance.on_demand import OnDemand, make
from stance.prediction import Prediction, Predictions
from stance.read_only import ReadOnlyDict
from stance.sentences import Span, split_each, split_paragraphs, unpack

if TYPE_CHECKING:  # actors, quotes and relations read a gazetteer and take as long to import as all the rest
    from stance.actors import Actor
    from stance.model import Model
    from stance.quotes import Attribution
    from stance.relations import Relation

MIN_INTENSITY = 0.25
"""Below this intensity a document is neutral: three quarters of it or more takes no direction."""

MIN_LEAN = 0.2
"""Below this absolute score a document is neutral: its two directions differ by less than three to two."""


@dataclass(frozen=True)
class ScoredSentence(OnDemand):
    """One sentence, `document[start:end]`.

    `prediction` is None when the sentence is web furniture. `voice` is "quoted", "paraphrased" or "narrated",
    `speaker` the actor whose words it gives, None when nobody is named.
    """

    text: str
    start: int
    end: int
    prediction: Prediction | None
    furniture: bool
    voice: str = field(default_factory=lambda: "narrated")
    speaker: "Actor | None" = field(default_factory=lambda: None)

    def to_dict(self) -> dict[str, Any]:
        """Return the sentence as plain values that JSON can hold."""
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "furniture": self.furniture,
            "prediction": None if self.prediction is None else self.prediction.to_dict(),
            "voice": str(self.voice),
            "speaker": None if self.speaker is None else self.speaker.to_dict(),
        }


@dataclass(frozen=True)
class DocumentScore(OnDemand):
    """What a classifier says about a document.

    `sentences` are all sentences in order, web furniture among them, marked and not scored. `probabilities` is the
    mean over the scored sentences of each label's probability, `counts` how many of them got each label; both are
    read-only.

    `score` in [-1, 1] is how the directional mass leans: (C - A) / (C + A), where C and A are the mean
    probabilities of cooperative and adversarial. `intensity` in [0, 1] is how much of the text is
    directional at all: C + A. Both are None when the model lacks one of the two labels. Being made of means,
    they do not change when the same text is there twice.

    With the three labels of stance, `label` is neutral when intensity < MIN_INTENSITY or |score| < MIN_LEAN, else
    it follows the sign of the score; with any other set it is the label of the highest mean probability, the
    first of them at a tie. A document with nothing to score is neutral with score and intensity 0; its label
    is None when the model has no neutral.

    `actors` are all mentions of actors outside the furniture, in order. `relations` say who stands how towards whom,
    a directed dyad each; there are none when the model was trained without sources and targets.
    """

    sentences: tuple[ScoredSentence, ...]
    label: str | None
    score: float | None
    intensity: float | None
    probabilities: Mapping[str, float] = field(hash=False)
    counts: Mapping[str, int] = field(hash=False)
    actors: "tuple[Actor, ...]" = field(default_factory=tuple)
    relations: "tuple[Relation, ...]" = field(default_factory=tuple)

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", ReadOnlyDict(self.probabilities))
        object.__setattr__(self, "counts", ReadOnlyDict(self.counts))

    def relations_between(self, one: str, other: str) -> "tuple[Relation, ...]":
        """Return the relations of two actors, given their ids, in both directions; none, one or two."""
        return tuple(each for each in self.relations if {each.source, each.target} == {one, other})

    def to_dict(self) -> dict[str, Any]:
        """Return the score and its sentences as plain values that JSON can hold."""
        return {
            "label": None if self.label is None else str(self.label),
            "score": self.score,
            "intensity": self.intensity,
            "probabilities": {str(label): value for label, value in self.probabilities.items()},
            "counts": {str(label): count for label, count in self.counts.items()},
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "actors": [actor.to_dict() for actor in self.actors],
            "relations": [relation.to_dict() for relation in self.relations],
        }

    def to_json(self, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON, on one line unless `indent` is given.

        Text outside ASCII is escaped, so that the result can be encoded whatever the document holds. Of two lone
        surrogates that stand side by side JSON cannot tell the character that they would encode.
        """
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)


def find_actors(text: str, date: datetime.date | str | None = None) -> "tuple[Actor, ...]":
    """Return the actors that a text mentions, by name or by a later reference, in order.

    Web furniture is left out. `date`, when it was written (a date or an ISO 8601 text), tells who held office.
    Raises TypeError when `text` is not a string, ValueError for a date that is none.

    >>> [(actor.id, actor.name) for actor in find_actors("Putin flew to Minsk. He met the Belarusian leader.")]
    [('RUS', 'Vladimir Putin'), ('BLR', 'Belarus'), ('RUS', 'Vladimir Putin'), ('BLR', 'Belarus')]
    """
    if not isinstance(text, str):
        raise TypeError(f"find_actors takes the text of a document (str), got {type(text).__name__}")
    split = split_document(text)
    return tuple(_find_voices(split, date)[0])


class SplitDocument(NamedTuple):
    """The sentences of a text, in order: those to score, as two int64 each, and those of web furniture."""

    text: str
    paragraphs: list[Span]
    scored: bytes
    furniture: list[Span]

    @property
    def sentences(self) -> list[Span]:
        """All of them, in order."""
        return sorted([*unpack(self.scored), *self.furniture])


@dataclass(frozen=True, eq=False)
class _Reading:
    """A split document with its predictions, and what takes longer to find out than those."""

    split: SplitDocument
    predictions: Predictions
    model: "Callable[[], Model] | None"
    date: datetime.date | str | None

    @cached_property
    def by_span(self) -> dict[Span, Prediction]:
        """The prediction of each sentence that was scored."""
        return dict(zip(unpack(self.split.scored), self.predictions, strict=True))

    @cached_property
    def voices(self) -> "tuple[list[Actor], list[Attribution]]":
        """The mentions of actors, and voice and speaker of each sentence."""
        return _find_voices(self.split, self.date)

    def actors(self) -> "tuple[Actor, ...]":
        """Return the mentions of actors outside the furniture, in order."""
        return tuple(self.voices[0])

    def sentences(self) -> tuple[ScoredSentence, ...]:
        """Return all sentences in order; each works out its voice when it is asked."""
        text, predictions = self.split.text, self.by_span
        return tuple(
            make(
                ScoredSentence,
                {"voice": partial(self._voice, number), "speaker": partial(self._speaker, number)},
                text=text[span.start : span.end],
                start=span.start,
                end=span.end,
                prediction=predictions.get(span),
                furniture=span not in predictions,
            )
            for number, span in enumerate(self.split.sentences)
        )

    def relations(self) -> "tuple[Relation, ...]":
        """Return who stands how towards whom."""
        model = self.model and self.model()
        if not model or not model.pairs:
            return ()
        from stance.quotes import overlapping
        from stance.relations import ActedSentence, gather_relations

        mentions, attributions = self.voices
        spans, predictions = self.split.sentences, self.by_span
        acted = [
            ActedSentence(self.split.text[span.start : span.end], span, predictions[span], attribution, actors)
            for span, attribution, actors in zip(spans, attributions, overlapping(mentions, spans), strict=True)
            if span in predictions
        ]
        return gather_relations(acted, model.pairs, model.lexicon)

    def _voice(self, number: int) -> str:
        return self.voices[1][number].voice

    def _speaker(self, number: int) -> "Actor | None":
        return self.voices[1][number].speaker


def gather_document(
    text: str,
    predict: Callable[[str, bytes], Predictions],
    model: "Callable[[], Model] | None" = None,
    date: datetime.date | str | None = None,
) -> DocumentScore:
    """Split a document, classify its sentences in one batch, web furniture left out, and add up what they say.

    Sentences, actors and, by the pair model of `model()`, relations are worked out when they are asked for; `date`
    tells who held office.
    """
    read_year(date)  # what is no date is an error now, not when somebody asks for the actors
    split = split_document(text)
    predictions = predict(text, split.scored)
    reading = _Reading(split, predictions, model, date)
    probabilities = _mean_probabilities(predictions)
    score, intensity = _lean(probabilities)
    return make(
        DocumentScore,
        {"sentences": reading.sentences, "actors": reading.actors, "relations": reading.relations},
        label=_choose_label(probabilities, score, intensity, scored=len(predictions)),
        score=score,
        intensity=intensity,
        probabilities=ReadOnlyDict(probabilities),
        counts=ReadOnlyDict({label: predictions.labels.count(label) for label in predictions.columns}),
    )


def split_document(text: str) -> SplitDocument:
    """Return the sentences of a document, told apart by whether their line is web furniture."""
    paragraphs = split_paragraphs(text)
    lines = [text[start:end] for start, end in paragraphs]
    scored: list[bytes] = []
    furniture: list[bytes] = []
    for line, sentences in zip(lines, split_each(paragraphs, lines), strict=True):
        (furniture if is_furniture(line) else scored).append(sentences)
    return SplitDocument(text, paragraphs, b"".join(scored), unpack(b"".join(furniture)) if furniture else [])


def _find_voices(split: SplitDocument, date: datetime.date | str | None) -> "tuple[list[Actor], list[Attribution]]":
    """Return the mentions of actors outside the furniture, and voice and speaker of each sentence."""
    from stance.actors import find_named_actors
    from stance.quotes import attribute, find_first_persons, find_quotes, overlapping
    from stance.references import add_references

    text, spans = split.text, split.sentences
    named = find_named_actors(text, date)
    outside = set(named).difference(*overlapping(named, split.furniture))
    mentions = add_references(text, [actor for actor in named if actor in outside], spans)
    quotes = find_quotes(text, split.paragraphs)
    attributions = attribute(text, spans, quotes, mentions)
    taken = {place for actor in mentions for place in range(actor.start, actor.end)}
    first_persons = find_first_persons(text, spans, attributions, quotes)
    mentions += [actor for actor in first_persons if actor.start not in taken]
    return sorted(mentions, key=lambda actor: actor.start), attributions


def _mean_probabilities(predictions: Predictions) -> dict[str, float]:
    """Return each label's mean probability, all of them 0 when there are no predictions."""
    if not len(predictions):
        return dict.fromkeys(predictions.columns, 0.0)
    means = [total / len(predictions) for total in predictions.sums]
    return dict(zip(predictions.columns, means, strict=True))


def _lean(probabilities: Mapping[str, float]) -> tuple[float | None, float | None]:
    """Return score and intensity, or None for both when the model lacks one of the two directions."""
    toward, against = probabilities.get(Label.COOPERATIVE), probabilities.get(Label.ADVERSARIAL)
    if toward is None or against is None:
        return None, None
    intensity = toward + against
    return ((toward - against) / intensity if intensity else 0.0), min(intensity, 1.0)


def _choose_label(
    probabilities: Mapping[str, float], score: float | None, intensity: float | None, scored: int
) -> str | None:
    if not scored:
        return Label.NEUTRAL if Label.NEUTRAL in probabilities else None
    if set(probabilities) != set(LABELS) or score is None or intensity is None:
        return max(probabilities, key=lambda label: probabilities[label])
    if intensity < MIN_INTENSITY or abs(score) < MIN_LEAN:
        return Label.NEUTRAL
    return Label.COOPERATIVE if score > 0 else Label.ADVERSARIAL
