"""The terms of a pair of actors in a sentence: what stands before, between and behind the two, and in which order.

The two mentions are written 1 and 2 in the order of the text, so no term can hang on who they are. A term reads so:

    between:accuse*, behind:of the   a stem, or two in a row, and where: before, between or behind the two
    1+1:accuse*, 2-2:by the          a stem within three words of a mention, two stems right before or behind one
    between:<accuse>                 a lexicon class and where; between:side:<accuse>, with its clause
    between:=-, between:side:=-      what its valence comes to, with its clause
    between:first:<accuse>           the first (last) act of a part; between:acts:, its first two; between:sum:-2
    1 <accuse> 2, 1 - 2              the classes, and the valences, in order, with the mentions among them
    act:<accuse>:passive:by          the first act between, whether it is passive, and a "by" behind it
    act:=-:1:3                       what it comes to, and its distance from 1 and from 2, up to three words
    apart:3, breaks:1                steps of the distance between the two, and the commas and stronger breaks there
    clauses:main side, 1's           the clauses of the two, and whether they own something
    voice:quoted, speaker:1          whose words they are
    says:adversarial                 the label of the sentence
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stance.clauses import tag_clauses
from stance.composition import PASSIVES, FoundClass, compose
from stance.gazetteer import even_out
from stance.lexicon import Lexicon
from stance.terms import LONG_PREFIX, Term, Word, shorten

NEAR = 3
FAR = 3
STEPS = (1, 3, 6, 10, 16)
"""Bounds, in words, of the steps of a distance."""

MOST_BREAKS = 3
MOST_SUM = 2


class Pair(NamedTuple):
    """Two mentions of actors in a sentence, each as (start, end) in characters, the first before the second.

    `voice` is that of the sentence ("quoted", "paraphrased", "narrated"), `speaker` "1" or "2" when the first or
    the second speaks, "other" when somebody else does, else ""; `label` is the label of the sentence.
    """

    first: tuple[int, int]
    second: tuple[int, int]
    voice: str
    speaker: str
    label: str


class _Sentence(NamedTuple):
    """A sentence as the terms see it: its tokens, of which `one` and `two` are the mentions, and its classes."""

    tokens: list[str]
    stems: list[str]
    words: list[tuple[int, ...]]
    gaps: list[str]
    clauses: list[str]
    classes: list[FoundClass]
    one: int
    two: int

    def part(self, index: int) -> str:
        """Return where a token stands."""
        return "before" if index < self.one else "between" if index < self.two else "behind"


def extract_pair_terms(sentence: str, words: Sequence[Word], pair: Pair, lexicon: Lexicon) -> list[Term]:
    """Return the terms of a pair; none when a mention covers no word of its own."""
    seen = _see(words, pair, lexicon)
    if seen is None:
        return []
    return [
        *_word_terms(seen),
        *_class_terms(seen),
        *_order_terms(seen),
        *_act_terms(seen),
        *_shape_terms(seen, sentence, pair),
    ]


def _see(words: Sequence[Word], pair: Pair, lexicon: Lexicon) -> _Sentence | None:
    first, second = ([i for i, word in enumerate(words) if word.start < b and a < word.end] for a, b in pair[:2])
    if not first or not second or first[-1] >= second[0]:
        return None
    tokens, gaps, numbers = [], [], []
    index = 0
    while index < len(words):
        mention = first if index == first[0] else second if index == second[0] else [index]
        tokens.append("@1" if mention is first else "@2" if mention is second else words[index].text)
        gaps.append(words[index].gap)
        numbers.append(tuple(mention))
        index = mention[-1] + 1
    tags, classes = compose(tokens, gaps, tag_clauses(tokens, gaps), lexicon.find(tokens), lexicon)
    stems = [shorten(token, LONG_PREFIX) for token in tokens]
    return _Sentence(tokens, stems, numbers, gaps, tags, classes, tokens.index("@1"), tokens.index("@2"))


def _word_terms(seen: _Sentence) -> Iterator[Term]:
    stems, mentions = seen.stems, (seen.one, seen.two)
    for index, stem in enumerate(stems):
        if index in mentions:
            continue
        yield Term(f"{seen.part(index)}:{stem}", seen.words[index])
        if index:
            yield Term(f"{seen.part(index)}:{stems[index - 1]} {stem}", seen.words[index - 1] + seen.words[index])
    for number, at in enumerate(mentions, 1):
        for distance in (*range(-NEAR, 0), *range(1, NEAR + 1)):
            if 0 <= at + distance < len(stems):
                yield Term(f"{number}{distance:+d}:{stems[at + distance]}", seen.words[at + distance])
        before, behind = range(max(0, at - 2), at), range(at + 1, min(at + 3, len(stems)))
        yield Term(f"{number}-2:{' '.join(stems[i] for i in before)}", _join(seen.words[i] for i in before))
        yield Term(f"{number}+2:{' '.join(stems[i] for i in behind)}", _join(seen.words[i] for i in behind))


def _class_terms(seen: _Sentence) -> Iterator[Term]:
    parts: dict[str, list[FoundClass]] = {"before": [], "between": [], "behind": []}
    for each in seen.classes:
        parts[seen.part(each.first)].append(each)
    for part, classes in parts.items():
        for each in classes:
            words = _covered(seen, each)
            yield Term(f"{part}:<{each.name}>", words)
            yield Term(f"{part}:{each.clause}:<{each.name}>", words)
            if each.valence:
                yield Term(f"{part}:={each.composed:+d}", words)
                yield Term(f"{part}:{each.clause}:={each.composed:+d}", words)
        acts = [each for each in classes if each.act]
        words = _join(_covered(seen, each) for each in acts)
        yield Term(f"{part}:acts:{' '.join(each.name for each in acts[:2])}", words)
        if acts:
            yield Term(f"{part}:first:<{acts[0].name}>", _covered(seen, acts[0]))
            yield Term(f"{part}:last:<{acts[-1].name}>", _covered(seen, acts[-1]))
            total = sum(each.composed for each in acts)
            yield Term(f"{part}:sum:{max(-MOST_SUM, min(MOST_SUM, total)):+d}", words)


def _order_terms(seen: _Sentence) -> Iterator[Term]:
    mentions = [(seen.one, "1", seen.words[seen.one]), (seen.two, "2", seen.words[seen.two])]
    classes = [(each.first, _mark(each), _covered(seen, each)) for each in seen.classes if not each.light]
    row = sorted([*classes, *mentions])
    for run in (2, 3):
        for start in range(len(row) - run + 1):
            yield _in_order(row[start : start + run])
    one, two = (next(i for i, each in enumerate(row) if each[1] == number) for number in "12")
    yield _in_order(row[one : two + 1][:5], "only:")
    signs = [
        (each.first, "-" if each.composed < 0 else "+", _covered(seen, each))
        for each in seen.classes
        if each.act and each.composed
    ]
    row = sorted([*signs, *mentions])
    one, two = (next(i for i, each in enumerate(row) if each[1] == number) for number in "12")
    yield _in_order(row, "all:")
    yield _in_order(row[one : two + 1], "between:")
    yield _in_order(row[max(0, one - 1) : two + 2], "around:")


def _act_terms(seen: _Sentence) -> Iterator[Term]:
    between = [each for each in seen.classes if each.act and seen.one < each.first < seen.two]
    others = [each for each in seen.classes if each.act and not seen.one < each.first < seen.two]
    if not between:
        before = [each for each in others if each.first < seen.one][-1:]
        behind = [each for each in others if each.first > seen.two][:1]
        marks = ["".join(f"<{each.name}>" for each in side) or "none" for side in (before, behind)]
        yield Term(f"act:none:{':'.join(marks)}", _join(_covered(seen, each) for each in before + behind))
        if seen.two - seen.one <= NEAR + 1:
            gap = range(seen.one + 1, seen.two)
            yield Term(f"joined:{' '.join(seen.stems[i] for i in gap)}", _join(seen.words[i] for i in gap))
        return
    act, last = between[0], between[-1]
    words = _covered(seen, act)
    passive = "passive" if seen.tokens[act.first - 1] in PASSIVES else "active"
    by = "by" if "by" in seen.tokens[act.end : seen.two] else ""
    away = f"{min(FAR, act.first - seen.one)}:{min(FAR, seen.two - act.end)}"
    yield Term(f"act:<{act.name}>:{passive}:{by}", words)
    yield Term(f"act:<{act.name}>:{away}", words)
    yield Term(f"act:={act.composed:+d}:{away}", words)
    yield Term(f"last:={last.composed:+d}:{min(FAR, seen.two - last.end)}", _covered(seen, last))


def _shape_terms(seen: _Sentence, sentence: str, pair: Pair) -> Iterator[Term]:
    both = seen.words[seen.one] + seen.words[seen.two]
    apart = seen.two - seen.one - 1
    breaks = sum(bool(gap) for gap in seen.gaps[seen.one + 1 : seen.two + 1])
    plain = even_out(sentence)
    names = [
        f"apart:{sum(apart >= step for step in STEPS)}",
        f"breaks:{min(MOST_BREAKS, breaks)}",
        f"clauses:{seen.clauses[seen.one]} {seen.clauses[seen.two]}",
        f"voice:{pair.voice}",
        f"speaker:{pair.speaker}",
        f"says:{pair.label}",
    ]
    names += [f"{number}'s" for number, (_, end) in enumerate(pair[:2], 1) if plain[end : end + 2] == "'s"]
    for name in names:
        yield Term(name, both)


def _mark(each: FoundClass) -> str:
    return f"<{each.name}>" + (f"{each.composed:+d}" if each.valence else "")


def _in_order(row: Sequence[tuple[int, str, tuple[int, ...]]], name: str = "") -> Term:
    return Term(name + " ".join(mark for _, mark, _ in row), _join(words for _, _, words in row))


def _covered(seen: _Sentence, each: FoundClass) -> tuple[int, ...]:
    return _join(seen.words[each.first : each.end])


def _join(parts: Iterator[tuple[int, ...]] | Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(index for part in parts for index in part)
