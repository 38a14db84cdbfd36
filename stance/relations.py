"""Who stands how towards whom: relations between the actors of a document, from its sentences.

For each sentence that names two actors the pair model says whether the first acts or speaks towards the second, or
the second towards the first, and how. What leaders, capitals and ministries do counts for their state, since they have
its id. In a meeting, an agreement or joint work (`MUTUAL_EVENTS`) both sides take part, whoever is named first, and two
that are joined by an *and* are taken for the sides.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.actors import Actor
from stance.gazetteer import load_references
from stance.labels import MUTUAL_EVENTS, PAIR_CLASSES, Label
from stance.lexicon import Lexicon
from stance.model import PairModel
from stance.pair_terms import Pair, extract_pair_terms
from stance.prediction import Prediction
from stance.quotes import Attribution
from stance.scoring import KnownTerm, find_known, log_class_probabilities, weigh_rows
from stance.sentences import Span
from stance.terms import Term, Word, split_words

MOST_PAIRS = 10
"""Of the pairs of a sentence only so many are looked at, those that stand closest together first."""

RECENT = 20
"""Two mentions with as many others between them are no pair."""

FARTHEST = 1000
"""Two mentions more characters apart are no pair, and words as far from both decide nothing: no sentence is so long."""

_JOINTS = frozenset({"and", ",", ", and"})

MOST_WORDS = 3
"""How many deciding words a sentence shows."""


@dataclass(frozen=True)
class RelationSentence:
    """A sentence, `document[start:end]`, in which one actor acts or speaks towards another.

    `label` is cooperative or adversarial, `probability` that of this label in this direction, `words` those that
    decided, the strongest first.
    """

    text: str
    start: int
    end: int
    label: str
    probability: float
    words: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the sentence as plain values that JSON can hold."""
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "label": str(self.label),
            "probability": self.probability,
            "words": list(self.words),
        }


@dataclass(frozen=True)
class Relation:
    """How one actor stands towards another in a document: a directed dyad.

    With C and A the mean probabilities, over all sentences that name both, that `source` acts cooperatively and
    adversarially towards `target`: `intensity` in [0, 1] is C + A, `score` in [-1, 1] is (C - A) / (C + A).
    `sentences` are those in which that is the likeliest relation of the two.
    """

    source: str
    target: str
    score: float
    intensity: float
    sentences: tuple[RelationSentence, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that decided, the most frequent first."""
        counts = Counter(word for sentence in self.sentences for word in sentence.words)
        return tuple(word for word, _ in counts.most_common())

    def to_dict(self) -> dict[str, Any]:
        """Return the relation as plain values that JSON can hold."""
        return {
            "source": self.source,
            "target": self.target,
            "score": self.score,
            "intensity": self.intensity,
            "words": list(self.words),
            "sentences": [sentence.to_dict() for sentence in self.sentences],
        }


class ActedSentence(NamedTuple):
    """A scored sentence with the actors it mentions, in order, and whose words it gives."""

    text: str
    span: Span
    prediction: Prediction
    attribution: Attribution
    actors: Sequence[Actor]


class _Tie(NamedTuple):
    """What a sentence says of one directed dyad."""

    source: str
    target: str
    cooperative: float
    adversarial: float
    sentence: RelationSentence | None


def gather_relations(sentences: Sequence[ActedSentence], pairs: PairModel, lexicon: Lexicon) -> tuple[Relation, ...]:
    """Return the relations of a document, those with the most sentences first, then by source and target."""
    ties: dict[tuple[str, str], list[_Tie]] = defaultdict(list)
    for sentence in sentences:
        for tie in _find_ties(sentence, pairs, lexicon):
            ties[tie.source, tie.target].append(tie)
    relations = [_add_up(each) for each in ties.values() if any(tie.sentence for tie in each)]
    return tuple(sorted(relations, key=lambda each: (-len(each.sentences), each.source, each.target)))


def _add_up(ties: Sequence[_Tie]) -> Relation:
    toward = sum(tie.cooperative for tie in ties) / len(ties)
    against = sum(tie.adversarial for tie in ties) / len(ties)
    return Relation(
        ties[0].source,
        ties[0].target,
        (toward - against) / (toward + against) if toward + against else 0.0,
        min(1.0, toward + against),
        tuple(tie.sentence for tie in ties if tie.sentence),
    )


def _find_ties(sentence: ActedSentence, pairs: PairModel, lexicon: Lexicon) -> Iterator[_Tie]:
    chosen = _choose_pairs(sentence.actors)
    if not chosen:
        return
    words = split_words(sentence.text)
    for first, second in chosen:
        pair = _as_pair(sentence, first, second)
        near = _words_around(words, pair)
        terms = extract_pair_terms(sentence.text, near, pair, lexicon)
        if terms:
            yield from _tie(sentence, pair, _Weighed.of(near, terms, pairs), pairs, (first.id, second.id))


def _words_around(words: Sequence[Word], pair: Pair) -> Sequence[Word]:
    """Return the words from FARTHEST characters before the first mention to as many behind the second."""
    start = bisect_left(words, pair.first[0] - FARTHEST, key=lambda word: word.start)
    end = bisect_left(words, pair.second[1] + FARTHEST, key=lambda word: word.start)
    return words[start:end]


def _choose_pairs(actors: Sequence[Actor]) -> list[tuple[Actor, Actor]]:
    """Return for each two ids the mentions that stand closest, in the order of the text, not too far apart."""
    closest: dict[frozenset[str], tuple[int, Actor, Actor]] = {}
    recent: deque[Actor] = deque(maxlen=RECENT)
    for actor in actors:
        for other in recent:
            key = frozenset((actor.id, other.id))
            gap = actor.start - other.end
            if other.id != actor.id and 0 <= gap <= FARTHEST and (key not in closest or gap < closest[key][0]):
                closest[key] = (gap, other, actor)
        recent.append(actor)
    nearest = sorted(closest.values(), key=lambda each: (each[0], each[1].start))[:MOST_PAIRS]
    return [(first, second) for _, first, second in nearest]


def _as_pair(sentence: ActedSentence, first: Actor, second: Actor) -> Pair:
    at = sentence.span.start
    speaker = sentence.attribution.speaker
    number = "" if speaker is None else "1" if speaker.id == first.id else "2" if speaker.id == second.id else "other"
    return Pair(
        (first.start - at, first.end - at),
        (second.start - at, second.end - at),
        str(sentence.attribution.voice),
        number,
        str(sentence.prediction.label),
    )


class _Weighed(NamedTuple):
    """The words of a sentence, the known terms of a pair in it and their TF-IDF values by row."""

    words: Sequence[Word]
    known: Sequence[KnownTerm]
    values: dict[int, float]

    @classmethod
    def of(cls, words: Sequence[Word], terms: Sequence[Term], pairs: PairModel) -> "_Weighed":
        known = find_known(pairs, terms)
        return cls(words, known, weigh_rows(pairs, (row for row, _ in known)))


def _tie(
    sentence: ActedSentence, pair: Pair, weighed: _Weighed, pairs: PairModel, ids: tuple[str, str]
) -> Iterator[_Tie]:
    """Yield the two directed dyads of a pair."""
    chances = _chances(sentence, pair, weighed, pairs)
    column = max(range(len(chances)), key=chances.__getitem__)
    best = PAIR_CLASSES[column]
    mutual = best.label == Label.COOPERATIVE and sentence.prediction.event in MUTUAL_EVENTS
    words: tuple[str, ...] | None = None
    for forward in (True, False):
        chance = {
            label: sum(
                p
                for p, each in zip(chances, PAIR_CLASSES, strict=True)
                if each.label == label and (each.forward is forward or (mutual and label == best.label))
            )
            for label in (Label.COOPERATIVE, Label.ADVERSARIAL)
        }
        shown = None
        if best.label != Label.NEUTRAL and (mutual or best.forward is forward):
            words = words or _deciding_words(weighed, pairs, column, pair, sentence.text)
            shown = RelationSentence(sentence.text, *sentence.span, best.label, chance[best.label], words)
        source, target = ids if forward else ids[::-1]
        yield _Tie(source, target, chance[Label.COOPERATIVE], chance[Label.ADVERSARIAL], shown)


def _chances(sentence: ActedSentence, pair: Pair, weighed: _Weighed, pairs: PairModel) -> list[float]:
    """Return the probabilities of `PAIR_CLASSES`.

    Two that are joined by an *and* before a mutual event are its two sides, *China and Russia signed*: they get the
    probabilities of the sentence.
    """
    joined = sentence.text[pair.first[1] : pair.second[0]].strip() in _JOINTS
    if not joined or sentence.prediction.event not in MUTUAL_EVENTS:
        chances: list[float] = np.exp(log_class_probabilities(pairs, weighed.values)).tolist()
        return chances
    found = sentence.prediction.probabilities
    return [found.get(each.label, 0.0) if each.forward is not False else 0.0 for each in PAIR_CLASSES]


def _deciding_words(weighed: _Weighed, pairs: PairModel, column: int, pair: Pair, text: str) -> tuple[str, ...]:
    """Return the words outside the mentions that pushed most towards a class, against the mean of all classes.

    A term's push is shared equally by its words.
    """
    counts = Counter(row for row, _ in weighed.known)
    rows = list(counts)
    weights: NDArray[np.float64] = pairs.weights[rows].astype(np.float64)
    once = dict(zip(rows, (weights[:, column] - weights.mean(axis=1)).tolist(), strict=True))
    pushes: dict[int, float] = defaultdict(float)
    for row, members in weighed.known:
        for member in members:
            pushes[member] += weighed.values[row] / counts[row] * once[row] / len(members)
    plain = load_references().plain_words
    telling = [(i, word) for i, word in enumerate(weighed.words) if word.text.isalpha() and word.text not in plain]
    places = {index: (word.start, word.end) for index, word in telling}
    outside = [
        (push, places[index])
        for index, push in pushes.items()
        if push > 0 and index in places and not any(a < places[index][1] and places[index][0] < b for a, b in pair[:2])
    ]
    strongest = sorted(outside, key=lambda each: (-each[0], each[1]))[:MOST_WORDS]
    return tuple(text[start:end] for _, (start, end) in strongest)
