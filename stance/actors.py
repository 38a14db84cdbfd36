"""Who is named in a text: states, organisations, armed groups and persons, with the state that a person acts for.

Names come from the gazetteer first. What it does not know is an actor when it is worded like one: a person by a title,
a role, a verb of saying or doing beside the name; an organisation by the last word of its name. An adjective of a
state in front of an office or a body tells whose it is: in *Russian Defence Minister Andrei Ivanov* the actor is RUS.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from stance.dates import read_year
from stance.gazetteer import (
    ORGANISATION,
    PERSON,
    STATE,
    Entry,
    Found,
    even_out,
    load_gazetteer,
    load_references,
)


@dataclass(frozen=True)
class Actor:
    """An actor as a text names it at one place, `text[start:end]`.

    `id` is what an analyst counts by: the ISO 3166 alpha-3 code of a state, also for those who act for it (its
    leaders in office, capital, ministries); the abbreviation of an organisation; else the name itself. `kind` is
    "state", "organisation", "person", "armed group", "movement" or "party"; `name` is the full name. `how` says what
    the place is: "name", or "reference" for a later mention such as *he* or *the ministry*.
    """

    id: str
    kind: str
    name: str
    start: int
    end: int
    how: str = "name"
    office: str = field(default="", compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the actor as plain values that JSON can hold."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "how": self.how,
        }


def find_named_actors(text: str, date: datetime.date | str | None = None) -> list[Actor]:
    """Return the actors that a text names, in order and without overlap.

    `date` (a date, or an ISO 8601 text that begins with the year) tells who held office; without it a leader counts
    for the state in which he or she ever held one. Raises ValueError for a date that is none.
    """
    plain = even_out(text)
    year = read_year(date)
    datelines = {place for match in _DATELINE.finditer(plain) for place in range(*match.span())}
    found = [each for each in load_gazetteer().find(plain) if each.start not in datelines]
    known = _resolve(found, plain, year)
    unknown = _find_unknown(plain, known)
    return _lend_states(sorted([*known, *unknown], key=lambda actor: actor.start), plain)


_DATELINE = re.compile(r"^[ ]*[A-Z][^().!?\n]{1,50} ?\([^()\n]{2,90}\)(?= ?(?:--?|–|—|[A-Z]))", re.MULTILINE)
"""Where an agency wrote its copy, *Moscow, (TASS) -*, which is no act of the place."""


_CAPITAL = "A-ZÀ-ÖØ-ÞĀČĎĐĒĘĚĞĠĪİĶŁŃŅŇŌŐŘŚŞŠŤŪŮŰŹŻŽȘȚ"
_PART = rf"(?:[{_CAPITAL}][\w'-]{{1,30}}|[{_CAPITAL}]\.)"
_LINK = r"(?:al-|el-|(?:al|bin|bint|da|dal|de|del|della|der|di|dos|du|el|ibn|la|le|ul|van|ter|von) ){0,2}"
_PERSON = rf"{_PART}(?: {_LINK}{_PART}){{0,3}}"
_TWO_PARTS = rf"{_PART}(?: {_LINK}{_PART}){{1,3}}"
_VERB = (
    r"(?:[a-z]{2,}(?:ed|es)|accuses|also|began|came|gave|had|has|heads|held|is|leads|led|left|made|meets|met|read|ran|sent"
    r"|spoke|stood|took|told|went|was|will|won|works|worked|wrote)"
)
_ROLE = (
    r"(?:a|an|the|its|his|her|chairman|chief|deputy|director|founder|former|head|leader|minister|president"
    r"|spokes\w+|who)"
)


_FIRST_NAME = re.compile(rf"(?:^|\s)([{_CAPITAL}][\w'-]*\.?) $")


def _resolve(found: list[Found], text: str, year: int | None) -> list[Actor]:
    """Choose for each name of the gazetteer what it stands for.

    A surname that fits leaders of several states is left out, and so is one behind another first name. Of several posts
    of one person the one counts that began last.
    """
    actors: list[Actor] = []
    full: dict[str, Entry] = {}
    words = load_references()
    behind = 0
    for start, end, entries in found:
        first_name = _FIRST_NAME.search(text[max(0, start - 30) : start])
        if first_name and entries[0].form == "short" and behind != start - 1:
            word = first_name[1]
            if word not in words.no_names and not any(title.endswith(word) for title in words.titles):
                continue
        behind = end
        serving = [each for each in entries if each.serves_in(year)] or list(entries)
        earlier = [each for each in serving if each.name in full]
        chosen = earlier or serving
        if len({each.id for each in chosen}) > 1 and len({each.name for each in chosen}) > 1 and not earlier:
            continue
        entry = max(chosen, key=lambda each: each.years)
        if entry.kind == PERSON:
            full[entry.name] = entry
        in_office = entry.serves_in(year)
        actors.append(
            Actor(entry.id if in_office else entry.name, entry.kind, entry.name, start, end, "name", entry.office)
        )
    return actors


class _Patterns(NamedTuple):
    titled: re.Pattern[str]
    speaking: re.Pattern[str]
    single: re.Pattern[str]
    spoken: re.Pattern[str]
    apposed: re.Pattern[str]
    acting: re.Pattern[str]
    undergoing: re.Pattern[str]
    body: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    words = load_references()
    speech = "|".join(re.escape(verb) for verb in words.speech)
    titles = "|".join(re.escape(title) for title in words.titles)
    bodies = "|".join(re.escape(body) for body in words.bodies)
    return _Patterns(
        titled=re.compile(rf"\b(?P<title>{titles}) (?P<name>{_PERSON})"),
        speaking=re.compile(rf"\b(?P<name>{_TWO_PARTS}),? (?:also |further |later )?(?:{speech})\b"),
        single=re.compile(
            rf"(?:^|(?<=[\"”’',.!?] ))(?P<name>[{_CAPITAL}][\w'-]{{2,30}}) (?:also |further |later )?(?:{speech})\b",
            re.MULTILINE,
        ),
        spoken=re.compile(rf"\b(?:{speech}) (?P<name>{_TWO_PARTS})\b"),
        apposed=re.compile(rf"\b(?P<name>{_TWO_PARTS}), (?:\d\d|{_ROLE})\b|(?<=[\"”’] )(?P<behind>{_TWO_PARTS}),"),
        acting=re.compile(rf"(?:^|(?<=[.!?;,:] )|(?<= and ))(?P<name>{_TWO_PARTS}) {_VERB}\b", re.MULTILINE),
        undergoing=re.compile(rf"\b(?:[a-z]{{2,}}ed|by|met|meets|wife|husband) (?P<name>{_TWO_PARTS})(?![\w-])"),
        body=re.compile(
            rf"\b(?P<name>(?:{_PART} ){{0,4}}(?:{bodies})(?![\w-])"
            rf"(?: (?:of|for|on)(?: the)?(?: (?:and )?{_PART}){{1,4}})?)"
        ),
    )


def _find_unknown(text: str, known: list[Actor]) -> Iterator[Actor]:
    """Yield persons and organisations that are worded as such, longest first where two begin together."""
    candidates: dict[int, Actor] = {}
    taken = {place for actor in known for place in range(actor.start, actor.end)}
    patterns = _patterns()
    for pattern, kind in (
        (patterns.body, ORGANISATION),
        (patterns.titled, PERSON),
        (patterns.speaking, PERSON),
        (patterns.single, PERSON),
        (patterns.spoken, PERSON),
        (patterns.apposed, PERSON),
        (patterns.acting, PERSON),
        (patterns.undergoing, PERSON),
    ):
        for match in pattern.finditer(text):
            actor = _as_actor(match, kind, taken)
            if actor is None or not taken.isdisjoint(range(actor.start, actor.end)):
                continue
            if actor.start not in candidates or candidates[actor.start].end < actor.end:
                candidates[actor.start] = actor
    end = 0
    for start in sorted(candidates):
        if start >= end:
            end = candidates[start].end
            yield candidates[start]


def _as_actor(match: re.Match[str], kind: str, taken: set[int]) -> Actor | None:
    """Return the actor of a match without the words in front that are no part of a name or another actor's."""
    group = "behind" if match.groupdict().get("behind") else "name"
    start, name = match.start(group), match.group(group)
    office = match.groupdict().get("title") or ""
    while length := _extra_words(name, kind, start in taken):
        if length >= len(name):
            return None
        if name[:length].rstrip() in load_references().titles:
            office = name[:length].rstrip()
        start += length
        name = name[length:]
    name = name.removesuffix("'s").removesuffix("'")
    if kind == ORGANISATION and " " not in name:
        return None
    if kind == PERSON and name.isupper() and len(name) > 3:
        return None  # a headline in capitals
    return Actor(name, kind, name, start, start + len(name), "name", office.lower())


def _extra_words(name: str, kind: str, is_taken: bool) -> int:
    """Return the length of the title or other word in front that is no part of a name, with its blank, else 0."""
    words = load_references()
    first = name.partition(" ")[0]
    if kind == PERSON:
        for title in words.titles:
            if name.startswith(f"{title} "):
                return len(title) + 1
    return len(first) + 1 if is_taken or first.rstrip(".,") in words.no_names else 0


_WHOSE = re.compile(r"(?:'s)? (?:[a-z]+ ){0,2}(?P<office>(?:[A-Za-z-]+ ){0,4})")


def _lend_states(actors: list[Actor], text: str) -> list[Actor]:
    """Give an unknown person or body the state that an adjective or possessive right before it names."""
    lent: list[Actor] = []
    for actor in actors:
        before = lent[-1] if lent else None
        unknown = actor.id == actor.name and actor.kind in (PERSON, ORGANISATION)
        if unknown and before and before.kind == STATE and before.how == "name":
            between = text[before.end : actor.start]
            if len(between) < 60 and _is_office(between, actor):
                actor = Actor(before.id, actor.kind, actor.name, actor.start, actor.end, "name", actor.office)
        lent.append(actor)
    return lent


def _is_office(between: str, actor: Actor) -> bool:
    """Tell whether nothing but an office stands between a state and a name: *'s deputy foreign minister*."""
    if _WHOSE.fullmatch(between) is None:
        return False
    if actor.kind == ORGANISATION:
        return between.removeprefix("'s") == " "
    words = between.removeprefix("'s").lower().split()
    offices = load_references().offices
    return bool(actor.office) or any(office.split()[-1] in words for office in offices)
