"""The gazetteer: the names of states, organisations, armed groups and leaders, and where they stand in a text.

The entries stand in `gazetteer/*.toml`; each file says what it includes. Names are found by one Aho-Corasick pass over
the text (pyahocorasick), the longest at each place, at word boundaries and in their own case.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import ahocorasick

STATE, ORGANISATION, PERSON = "state", "organisation", "person"

Years = tuple[tuple[int, int], ...]

_STILL = 9999
_APART = str.maketrans({"’": "'", "‘": "'", "\n": " ", "\r": " ", "\t": " ", "\xa0": " "})
_TOKEN = re.compile(r"[\w'&.]*\w|,")

NEAR = 200
"""How many characters around a name are looked at for what it means."""


class Entry(NamedTuple):
    """What a name stands for.

    `id` is the ISO 3166 alpha-3 code of a state, the abbreviation of an organisation, or the name of a group. A
    leader has the id of the state and, in `years`, the first and last years of each term of office.
    """

    id: str
    kind: str
    name: str
    form: str
    office: str = ""
    years: Years = ()

    def serves_in(self, year: int | None) -> bool:
        """Tell whether a leader holds office in a year; in an unknown year everybody does."""
        return year is None or not self.years or any(first <= year <= last for first, last in self.years)


class Found(NamedTuple):
    """A name of the gazetteer in a text, `text[start:end]`, and what it may stand for."""

    start: int
    end: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class _Unless:
    """When an ambiguous name is not the actor: words right before it, right behind it, or anywhere near."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    near: frozenset[str]
    near_phrases: tuple[str, ...]


_NEVER = _Unless((), (), frozenset(), ())


@dataclass(frozen=True)
class References:
    """The words of references.toml."""

    titles: tuple[str, ...]
    female_titles: frozenset[str]
    male_titles: frozenset[str]
    offices: tuple[str, ...]
    persons: frozenset[str]
    no_names: frozenset[str]
    plain_words: frozenset[str]
    bodies: tuple[str, ...]
    kinds: Mapping[str, frozenset[str]]
    speech: tuple[str, ...]
    hyphens_before: frozenset[str]
    hyphens_behind: frozenset[str]


class Gazetteer:
    """Finds the names of actors in a text."""

    def __init__(self, entries: Mapping[str, Sequence[Entry]], ambiguous: Mapping[str, Any]) -> None:
        self._unless = {name: _read_unless(table) for name, table in ambiguous.items()}
        self._sport = self._unless.pop("sport", _NEVER)
        self._automaton = ahocorasick.Automaton()
        for name, found in entries.items():
            self._automaton.add_word(name, (len(name), tuple(found)))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Found]:
        """Return the names in a text in order, without overlap, the longest at each place."""
        plain = even_out(text)
        longest: dict[int, Found] = {}
        for last, (length, entries) in self._automaton.iter(plain):
            start, end = last + 1 - length, last + 1
            if _stands_alone(plain, start, end):
                longest[start] = Found(start, end, entries)  # of one start the longest comes last
        found: list[Found] = []
        for start in sorted(longest):
            if not found or start >= found[-1].end:
                found.append(longest[start])
        return [each for each in found if not self._means_something_else(plain, each)]

    def _means_something_else(self, text: str, found: Found) -> bool:
        unless = self._unless.get(text[found.start : found.end], _NEVER)
        team = self._sport if found.entries[0].kind == STATE else _NEVER
        start, end = _sentence_around(text, found.start)
        before, after = _tokens(text[start : found.start]), _tokens(text[found.end : end])
        if any(before.endswith(f" {words} ") for words in unless.before):
            return True
        if any(after.startswith(f" {words} ") for words in unless.after):
            return True
        around = {*before.split(), *after.split()}
        if not (around.isdisjoint(unless.near) and around.isdisjoint(team.near)):
            return True
        return any(f" {words} " in before or f" {words} " in after for words in unless.near_phrases + team.near_phrases)


def even_out(text: str) -> str:
    """Return a text of the same length with straight apostrophes and plain blanks."""
    return text.translate(_APART)


def _sentence_around(text: str, at: int) -> tuple[int, int]:
    """Return roughly the sentence around a place: between full stops, at most NEAR characters away."""
    stop = text.rfind(". ", max(0, at - NEAR), at)
    end = text.find(". ", at, at + NEAR)
    return (max(0, at - NEAR) if stop < 0 else stop + 2), (min(at + NEAR, len(text)) if end < 0 else end)


def _tokens(text: str) -> str:
    """Return the lower-case words and commas of a text, a blank before, between and after them."""
    words = _TOKEN.findall(text.lower().removeprefix("'s").replace("-", " "))
    return f" {' '.join(words)} "


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a name is a word of its own, which in anti-Russian or Iran-backed it is not."""
    if (start and (text[start - 1].isalnum() or text[start - 1] == "_")) or text[end : end + 1].isalnum():
        return False
    references = load_references()
    if start and text[start - 1] == "-":
        before = re.search(r"\w*$", text[max(0, start - 12) : start - 1])
        if before is not None and before.group().lower() in references.hyphens_before:
            return False
    if text[end : end + 1] == "-":
        behind = re.match(r"\w*", text[end + 1 : end + 20])
        if behind is not None and behind.group() in references.hyphens_behind:
            return False
    return True


def _read_unless(table: Mapping[str, Sequence[str]]) -> _Unless:
    near = table.get("unless_near", ())
    return _Unless(
        before=tuple(table.get("unless_before", ())),
        after=tuple(table.get("unless_after", ())),
        near=frozenset(each for each in near if " " not in each),
        near_phrases=tuple(each for each in near if " " in each),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("stance").joinpath("gazetteer", name).read_text(encoding="utf-8"))


def _years(text: str) -> Years:
    """Read terms of office: "2000-2008, 2012-"."""
    spans = [part.strip().partition("-") for part in text.split(",")]
    return tuple((int(first), int(last) if last else (_STILL if dash else int(first))) for first, dash, last in spans)


def _named_entries() -> Iterator[tuple[str, Entry]]:
    for code, state in _read("states.toml").items():
        for form in ("names", "demonyms", "seats"):
            for name in state.get(form, ()):
                yield name, Entry(code, STATE, state["name"], form.removesuffix("s"))
    for file, default in (("organisations.toml", ORGANISATION), ("groups.toml", "armed group")):
        for code, actor in _read(file).items():
            for name in actor["names"]:
                yield name, Entry(code, actor.get("kind", default), actor.get("name", code), "name")
    for code, state in _read("leaders.toml").items():
        for leader in state["leaders"]:
            entry = Entry(code, PERSON, leader["name"], "name", leader["office"], _years(leader["years"]))
            for name in (leader["name"], *leader.get("also", ())):
                yield name, entry
            if "short" in leader:
                yield leader["short"], entry._replace(form="short")


@cache
def load_gazetteer() -> Gazetteer:
    """Read the gazetteer that comes with the package."""
    entries: dict[str, list[Entry]] = {}
    for name, entry in _named_entries():
        entries.setdefault(name, []).append(entry)
    return Gazetteer(entries, _read("ambiguous.toml"))


@cache
def load_references() -> References:
    """Read references.toml."""
    table = _read("references.toml")
    return References(
        titles=tuple(sorted(table["titles"], key=len, reverse=True)),
        female_titles=frozenset(table["female_titles"]),
        male_titles=frozenset(table["male_titles"]),
        offices=tuple(sorted(table["offices"], key=len, reverse=True)),
        persons=frozenset(table["persons"]),
        no_names=frozenset(table["no_names"]),
        plain_words=frozenset(table["plain_words"]),
        bodies=tuple(table["bodies"]),
        kinds={word: frozenset(kinds) for word, kinds in table["kinds"].items()},
        speech=tuple(sorted(table["speech"]["verbs"], key=len, reverse=True)),
        hyphens_before=frozenset(table["hyphens"]["before"]),
        hyphens_behind=frozenset(table["hyphens"]["behind"]),
    )
