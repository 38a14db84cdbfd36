"""The lexicon: which class of political act, object or actor a word or phrase belongs to.

The entries stand in `lexicon.toml`. An entry is a word or a phrase of up to four words; a `*` at the
end of a word stands for any ending. Of the entries that fit at one place the longest phrase wins, then
the exact word over the stem, then the longer stem. The words of a class with `mask = true` give no terms of
their own.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from stance.folding import fold

STEM = "*"


class ClassMatch(NamedTuple):
    """A lexicon class found in a sentence, on the words `first` up to `end` (not included)."""

    name: str
    first: int
    end: int


@dataclass(frozen=True)
class Node:
    """A place in the tree of entries: the entries that go on from here, and the class of the one that ends here."""

    children: dict[str, "Node"]
    name: list[str]


class Lexicon:
    """Finds lexicon classes in a sequence of lower-case words.

    Built from the text of a lexicon file, which it keeps (`source`), so that a model can carry the
    lexicon it was trained with. Raises ValueError when the text is not a lexicon.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.valence: dict[str, int] = {}
        self.masked: set[str] = set()
        self.light: set[str] = set()
        self.flippers: set[str] = set()
        self.passive_flippers: set[str] = set()
        self.root = Node({}, [])
        self._stems: set[str] = set()
        seen: dict[str, str] = {}
        for name, table in _read_classes(source):
            self.valence[name] = table.get("valence", table["polarity"])
            if table.get("mask", False):
                self.masked.add(name)
            if table.get("light", False):
                self.light.add(name)
            if "flips" in table:
                self.flippers.add(name)
            if table.get("flips") == "either":
                self.passive_flippers.add(name)
            for entry in map(_fold_entry, table["entries"]):
                if seen.get(entry) == name:
                    continue
                if entry in seen:
                    raise ValueError(f"lexicon entry '{entry}' stands in [{seen[entry]}] and in [{name}]; keep one")
                seen[entry] = name
                self._add(entry.split(), name)
        self._lengths = sorted({len(stem) for stem in self._stems}, reverse=True)

    def __reduce__(self) -> tuple[type["Lexicon"], tuple[str]]:
        return Lexicon, (self.source,)

    def find(self, words: Sequence[str]) -> list[ClassMatch]:
        """Return the classes in `words`, left to right, without overlap."""
        forms = [self._forms(word) for word in words]
        matches: list[ClassMatch] = []
        start = 0
        while start < len(forms):
            name, end = self._longest(forms, start)
            if name:
                matches.append(ClassMatch(name, start, end))
            start = end
        return matches

    def _add(self, elements: list[str], name: str) -> None:
        node = self.root
        for element in elements:
            if element.endswith(STEM):
                self._stems.add(element[:-1])
            node = node.children.setdefault(element, Node({}, []))
        node.name.append(name)

    def _forms(self, word: str) -> list[str]:
        """Return the entry elements that `word` fits, the most specific first."""
        stems = self._stems
        return [word, *[word[:n] + STEM for n in self._lengths if word[:n] in stems and len(word) >= n]]

    def _longest(self, forms: list[list[str]], start: int) -> tuple[str, int]:
        """Return the class of the longest entry at `start` and its end; ("", start + 1) when there is none."""
        found, found_end = "", start + 1
        nodes, end = [self.root], start
        while nodes and end < len(forms):
            nodes = [node.children[form] for node in nodes for form in forms[end] if form in node.children]
            end += 1
            named = next((node.name[0] for node in nodes if node.name), "")
            if named:
                found, found_end = named, end
        return found, found_end


def _read_classes(source: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, table in tomllib.loads(source).items():
        for key in ("polarity", "valence"):
            found = table.get(key, table.get("polarity"))
            if found not in (-1, 0, 1):
                raise ValueError(f"lexicon class [{name}]: {key} is {found!r}; write -1, 0 or 1")
        if table.get("flips", "ahead") not in ("ahead", "either"):
            raise ValueError(f"lexicon class [{name}]: flips is {table['flips']!r}; write 'ahead' or 'either'")
        entries = table.get("entries")
        if not isinstance(entries, list) or not all(isinstance(entry, str) and entry for entry in entries):
            raise ValueError(f"lexicon class [{name}]: entries must be a list of words and phrases")
        yield name, table


def _fold_entry(entry: str) -> str:
    return fold(entry).text


@cache
def shipped_lexicon() -> Lexicon:
    """Return the lexicon that comes with the package."""
    return Lexicon(files("stance").joinpath("lexicon.toml").read_text(encoding="utf-8"))
