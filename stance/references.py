"""Later mentions of actors: surnames, pronouns, *the president*, *the ministry*.

The rules, in the order in which a mention is tried:

1. A capitalised word that is the surname of a person named before is that person (the family name stands first in
   Chinese, Korean and Vietnamese names).
2. *he, him, his* and *she, her, hers* are the first person, of a gender that does not contradict, named earlier in the
   same sentence, else in the nearest sentence before that has one: the subject of a sentence usually stands first.
   *him* is another than that one, if the sentence has named another. Gender is known from titles and from earlier
   pronouns only.
3. *the president*, *the minister* ... are the last person named with an office that ends in that word, *the diplomat*
   and the like the last person.
4. *the ministry*, *the party*, *the group*, *the bloc* ... are the last organisation whose name ends in that word, or
   that is of the kind so called.

A fifth rule, that *I, we, our ...* in a quotation are its speaker, stands in `stance.quotes`.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from stance.actors import Actor
from stance.gazetteer import PERSON, STATE, even_out, load_references
from stance.sentences import Span

FAMILY_NAME_FIRST = frozenset({"CHN", "HKG", "KOR", "PRK", "SGP", "TWN", "VNM"})
"""States in whose names the family name stands first."""

MOST_PERSONS = 30
"""How many mentions of persons back a pronoun reaches at most."""

REACH = 4
"""How many sentences back a pronoun reaches."""

_FEMALE = frozenset({"she", "her", "hers", "herself"})
_OBJECTS = frozenset({"him"})


@dataclass
class _Memory:
    """Who was named so far."""

    persons: list[tuple[int, Actor]] = field(default_factory=list)
    surnames: dict[str, Actor] = field(default_factory=dict)
    genders: dict[str, str] = field(default_factory=dict)
    holders: dict[str, Actor] = field(default_factory=dict)

    def remember(self, actor: Actor, sentence: int, surface: str, title: str) -> None:
        """Take in a mention, by name or by reference."""
        words = load_references()
        if actor.kind == PERSON:
            self.persons.append((sentence, actor))
            parts = actor.name.split()
            self.surnames[parts[0] if actor.id in FAMILY_NAME_FIRST else parts[-1]] = actor
            if title in words.male_titles or title in words.female_titles:
                self.genders[actor.name] = "f" if title in words.female_titles else "m"
            for noun in (*actor.office.split()[-1:], *words.persons):
                self.holders[noun] = actor
            return
        for word in surface.split():
            if word in words.bodies:
                self.holders[word.rstrip(".").lower()] = actor
        if actor.kind != STATE:
            for noun, kinds in words.kinds.items():
                if actor.kind in kinds or actor.id in kinds:
                    self.holders[noun] = actor

    def person_for(self, pronoun: str, sentence: int) -> Actor | None:
        """Return the person that a pronoun in a sentence means, and note the gender it tells."""
        gender = "f" if pronoun in _FEMALE else "m"
        nearest: list[Actor] = []
        at: int | None = None
        for where, actor in reversed(self.persons[-MOST_PERSONS:]):
            if where < sentence - REACH or (nearest and where != at):
                break
            if self.genders.get(actor.name, gender) == gender:
                at = where
                nearest.append(actor)
        if not nearest:
            return None
        subject = nearest[-1]
        others = [actor for actor in nearest if actor.name != subject.name]
        chosen = others[0] if others and at == sentence and pronoun in _OBJECTS else subject
        self.genders[chosen.name] = gender
        return chosen


@cache
def _mention_pattern() -> re.Pattern[str]:
    words = load_references()
    bodies = {body.rstrip(".").lower() for body in words.bodies}
    nouns = sorted({*words.offices, *words.persons, *words.kinds, *bodies}, key=len, reverse=True)
    return re.compile(
        r"\b(?:(?P<pronoun>[Hh]e|[Hh]im|[Hh]is|[Hh]imself|[Ss]he|[Hh]ers?|[Hh]erself)"
        rf"|[Tt]he (?P<noun>{'|'.join(map(re.escape, nouns))})|(?P<surname>[^\W\d_a-z][\w-]+))\b"
    )


def add_references(text: str, named: Sequence[Actor], sentences: Sequence[Span]) -> list[Actor]:
    """Return the named actors of a text and the later mentions that the rules can tell, in order, without overlap."""
    plain = even_out(text)
    starts = [sentence.start for sentence in sentences]
    memory = _Memory()
    known = {actor.start: actor for actor in named}
    marks = sorted([*known, *(match.start() for match in _mention_pattern().finditer(plain))])
    mentions: list[Actor] = []
    end = 0
    for start in dict.fromkeys(marks):
        if start < end:
            continue
        sentence = bisect_right(starts, start)
        actor = known.get(start) or _refer(plain, start, memory, sentence)
        if actor is None:
            continue
        if actor.kind == PERSON and actor.how == "name":
            actor = _known_by(actor, memory)
        memory.remember(actor, sentence, plain[start : actor.end], _title_before(plain, start))
        mentions.append(actor)
        end = actor.end
    return mentions


def _refer(text: str, start: int, memory: _Memory, sentence: int) -> Actor | None:
    match = _mention_pattern().match(text, start)
    if match is None:
        return None
    if match.group("pronoun"):
        actor = memory.person_for(match.group("pronoun").lower(), sentence)
    elif match.group("noun"):
        actor = memory.holders.get(match.group("noun").split()[-1])
    else:
        actor = memory.surnames.get(match.group("surname"))
    return replace(actor, start=start, end=match.end(), how="reference") if actor else None


def _known_by(actor: Actor, memory: _Memory) -> Actor:
    """Return a person named by a part of a longer name from before as the longer one: *Mr Ruiz*, earlier *Ana Ruiz*."""
    earlier = memory.surnames.get(actor.name)
    if earlier and actor.id == actor.name:
        return replace(earlier, start=actor.start, end=actor.end)
    return actor


def _title_before(text: str, start: int) -> str:
    """Return the word right before a name."""
    return text[max(0, start - 20) : start].rstrip(" ").rpartition(" ")[2]
