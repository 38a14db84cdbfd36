"""Who speaks: for each sentence whether it is quoted, paraphrased or narrated, and whose words it gives.

A quotation runs from an opening to a closing mark: “ ”, straight " ", or single marks in British style. One that is not
closed in its paragraph goes on in the next if that begins with an opening mark. The speaker is the actor next to a
verb of saying outside the marks, or behind *according to*; a quotation takes the speaker of the sentence with which it
shares a verb, else of the quotation right before it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from stance.actors import Actor
from stance.gazetteer import PERSON, load_references
from stance.sentences import Span

_Stretch = TypeVar("_Stretch", Span, Actor)


class Voice(StrEnum):
    """Whose words a sentence is made of."""

    QUOTED = "quoted"
    PARAPHRASED = "paraphrased"
    NARRATED = "narrated"


MIN_QUOTED_WORDS = 4
"""A sentence with fewer words inside quotation marks is not quoted: they are a title or distance themselves."""


class Attribution(NamedTuple):
    """The voice of a sentence and its speaker, if there is one that is named."""

    voice: Voice
    speaker: Actor | None


NEAREST = 20
"""So many actors on either side of a verb of saying may be its speaker; looking at all would take quadratic time."""

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_OPENERS = '"“«'
_CLOSERS = '"”»'
_PREPOSITION = re.compile(
    r"\b(?:of|for|in|by|with|to|from|at|on|against|about|than|as|and|over|under|near|between)(?: the| a)? $"
)
_INVERTED = re.compile(r"[\"”'’»,]\s*$")
_NOT_SAID = re.compile(r"\b(?:not|never|n't|n’t|declined to be|to be) (?:yet |immediately )?$")
_AGAIN = re.compile(r"\b(?:it|It|statement|report|paper|communique|communiqué) (?:also |further )?$")
_APPOSITION = re.compile(r", [^\"“”]{3,120},(?: has| had)? ")
_OWNERS = frozenset({"his", "her", "hers", "him"})
_FIRST_PERSON = re.compile(r"\b(?:I(?!\.)|[Ww]e|[Oo]ur|[Mm]y(?! [A-Z])|us|me|ours|mine)\b")


def find_quotes(text: str, paragraphs: Sequence[Span]) -> list[Span]:
    """Return the quotations of a text, in order, marks included; one per paragraph that a quotation runs through."""
    quotes: list[Span] = []
    for number, paragraph in enumerate(paragraphs):
        after = text[paragraphs[number + 1].start] if number + 1 < len(paragraphs) else ""
        quotes += _quotes_of(text, paragraph, goes_on=after in tuple(_OPENERS))
    return quotes


def _quotes_of(text: str, paragraph: Span, goes_on: bool) -> Iterator[Span]:
    piece = text[paragraph.start : paragraph.end]
    double = any(mark in piece for mark in _OPENERS + _CLOSERS)
    opened: int | None = None
    for place, mark in enumerate(piece):
        if mark not in ('"“”«»' if double else "'‘’"):
            continue
        before, after = piece[place - 1 : place] if place else "", piece[place + 1 : place + 2]
        if opened is None and _may_open(mark, before, after):
            opened = place
        elif opened is not None and _may_close(mark, before, after):
            yield Span(paragraph.start + opened, paragraph.start + place + 1)
            opened = None
    if opened is not None and (double or goes_on):
        yield Span(paragraph.start + opened, paragraph.end)


def _may_open(mark: str, before: str, after: str) -> bool:
    if mark in "”»’" or not after or after.isspace():
        return False
    return mark in "“«" or not before or not (before.isalnum() or before in ".,!?")


def _may_close(mark: str, before: str, after: str) -> bool:
    if mark in "“«‘":
        return False
    if mark in "”»":
        return True
    if mark == '"':
        return not before.isspace()
    return not before.isspace() and not after.isalnum()


@cache
def _saying() -> re.Pattern[str]:
    verbs = "|".join(re.escape(verb) for verb in load_references().speech)
    return re.compile(rf"\b(?P<verb>{verbs})\b|\b(?P<source>[Aa]ccording to|[Qq]uoting|[Cc]iting|quoted|cited)\b")


def attribute(
    text: str, sentences: Sequence[Span], quotes: Sequence[Span], mentions: Sequence[Actor]
) -> list[Attribution]:
    """Return voice and speaker of each sentence, given the quotations and the actors that the text mentions."""
    inside = overlapping(quotes, sentences)
    named = overlapping(mentions, sentences)
    found: list[tuple[bool, Actor | None]] = []
    last: Actor | None = None
    for sentence, quotes_of, actors in zip(sentences, inside, named, strict=True):
        found.append(_find_speaker(text, sentence, quotes_of, actors, last))
        last = found[-1][1] or last
    speakers = _share(quotes, inside, found)
    result = []
    for sentence, quotes_of, (said, speaker) in zip(sentences, inside, found, strict=True):
        words = max((_count_words(text, sentence, quote) for quote in quotes_of), default=0)
        if words >= MIN_QUOTED_WORDS:
            shared = next((speakers[quote] for quote in quotes_of if speakers[quote]), None)
            result.append(Attribution(Voice.QUOTED, speaker or shared))
        else:
            result.append(Attribution(Voice.PARAPHRASED if said else Voice.NARRATED, speaker if said else None))
    return result


def find_first_persons(
    text: str, sentences: Sequence[Span], attributions: Sequence[Attribution], quotes: Sequence[Span]
) -> list[Actor]:
    """Return *I, we, our ...* inside quotations as mentions of the speaker."""
    mentions = []
    inside = overlapping(quotes, sentences)
    for sentence, attribution, quotes_of in zip(sentences, attributions, inside, strict=True):
        if attribution.voice is not Voice.QUOTED or attribution.speaker is None:
            continue
        for quote in quotes_of:
            start, end = max(quote.start, sentence.start), min(quote.end, sentence.end)
            mentions += [
                replace(attribution.speaker, start=match.start(), end=match.end(), how="reference")
                for match in _FIRST_PERSON.finditer(text, start, end)
            ]
    return mentions


def overlapping(spans: Sequence[_Stretch], sentences: Sequence[Span]) -> list[list[_Stretch]]:
    """Return for each sentence the spans that share a character with it; both in order, neither overlapping itself."""
    found: list[list[_Stretch]] = []
    first = 0
    for sentence in sentences:
        while first < len(spans) and spans[first].end <= sentence.start:
            first += 1
        row, at = [], first
        while at < len(spans) and spans[at].start < sentence.end:
            row.append(spans[at])
            at += 1
        found.append(row)
    return found


def _count_words(text: str, sentence: Span, quote: Span) -> int:
    return len(_WORD.findall(text[max(sentence.start, quote.start) : min(sentence.end, quote.end)]))


def _find_speaker(
    text: str, sentence: Span, quotes: Sequence[Span], actors: Sequence[Actor], last: Actor | None
) -> tuple[bool, Actor | None]:
    """Return whether a sentence says outside its quotations that somebody says it, and the actor who does.

    `last` is the speaker before, whom *it said* and *the statement said* mean.
    """
    outside = [actor for actor in actors if not _is_inside(actor.start, quotes)]
    starts = [actor.start for actor in outside]
    said = False
    matches = list(_saying().finditer(text, sentence.start, sentence.end))
    for match in sorted(matches, key=lambda each: each.group("source") is None):
        before = text[max(sentence.start, match.start() - 16) : match.start()]
        if _is_inside(match.start(), quotes) or _NOT_SAID.search(before):
            continue
        said = True
        at = bisect_right(starts, match.start())
        near = outside[max(0, at - NEAREST) : at + NEAREST]
        inverted = match.group("source") or _is_inverted(text, match, near)
        speaker = _behind(text, match, near) if inverted else _before(text, match, near)
        if _AGAIN.search(before):
            speaker = last
        if speaker:
            return True, speaker
    headline = _headline_speaker(text, sentence, outside)
    return said or headline is not None, headline


def _is_inside(place: int, quotes: Sequence[Span]) -> bool:
    """Tell whether a place lies in one of the quotations, which are in order and apart."""
    before = bisect_right(quotes, place, key=lambda quote: quote.start)
    return before > 0 and place < quotes[before - 1].end


def _is_inverted(text: str, match: re.Match[str], actors: Sequence[Actor]) -> bool:
    """Tell whether the speaker stands behind the verb: right after a quotation, and no subject stands before it."""
    behind_mark = _INVERTED.search(text[max(0, match.start() - 3) : match.start()])
    return behind_mark is not None and not _subjects(text, match, actors)


def _subjects(text: str, match: re.Match[str], actors: Sequence[Actor]) -> list[Actor]:
    """Return the actors before a verb that hang on no preposition and own nothing, *Lebanon's*, *his*."""
    earlier = [actor for actor in actors if actor.end <= match.start()]
    return [
        actor
        for actor in earlier
        if not _PREPOSITION.search(text[max(0, actor.start - 14) : actor.start])
        and text[actor.end : actor.end + 2] not in ("'s", "’s")
        and text[actor.start : actor.end].lower() not in _OWNERS
    ]


def _before(text: str, match: re.Match[str], actors: Sequence[Actor]) -> Actor | None:
    """Return the subject of a verb: a person with an apposition, *Lee, an envoy, said*, else the nearest actor."""
    for actor in actors:
        between = text[actor.end : match.start()]
        if actor.kind == PERSON and _APPOSITION.fullmatch(between):
            return actor
    nearest = _subjects(text, match, actors)[-1:]
    return nearest[0] if nearest else _behind(text, match, actors, limit=4)


def _behind(text: str, match: re.Match[str], actors: Sequence[Actor], limit: int = 30) -> Actor | None:
    """Return the actor right behind a verb or *according to*; of a row such as *Russian President X* the person."""
    later = [actor for actor in actors if match.end() <= actor.start]
    if not later or later[0].start - match.end() > limit:
        earlier = [actor for actor in actors if actor.end <= match.start()]
        return earlier[-1] if earlier and not match.group("source") else None
    row = [later[0]]
    for one, next_one in pairwise(later):
        if next_one.start - one.end > 50 or "," in text[one.end : next_one.start]:
            break
        row.append(next_one)
    return next((actor for actor in row if actor.kind == PERSON), row[0])


def _headline_speaker(text: str, sentence: Span, actors: Sequence[Actor]) -> Actor | None:
    """Return the actor in front of a headline's colon, *Beijing: no talks*, or behind it, *No talks: Beijing*."""
    for actor in actors:
        begins = actor.start == sentence.start and text[actor.end : actor.end + 1] == ":"
        ends = actor.end == sentence.end and text[max(0, actor.start - 2) : actor.start] == ": "
        if begins or ends:
            return actor
    return None


def _share(
    quotes: Sequence[Span], inside: Sequence[Sequence[Span]], found: Sequence[tuple[bool, Actor | None]]
) -> dict[Span, Actor | None]:
    """Return the speaker of each quotation: of the sentence that attributes it, else of the quotation before it.

    A sentence between the two that neither quotes nor says anything parts them.
    """
    shared: dict[Span, Actor | None] = dict.fromkeys(quotes)
    for quotes_of, (_, speaker) in zip(inside, found, strict=True):
        for quote in quotes_of:
            shared[quote] = shared[quote] or speaker
    last: Actor | None = None
    for quotes_of, (said, speaker) in zip(inside, found, strict=True):
        last = speaker or (last if said or quotes_of else None)
        for quote in quotes_of:
            last = shared[quote] = shared[quote] or last
    return shared
