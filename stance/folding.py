"""Writes characters that look alike as one, so that no label hangs on how a word is typed.

Accents and marks, zero-width characters and soft hyphens go; full-width, mathematical and look-alike letters (a
Cyrillic *а*) become the plain Latin one; curly apostrophes become straight. Which is which comes from Unicode's
compatibility decomposition (NFKD, by `unicodedata`) and from `folding.toml`. The rule works on single characters, so
the native kernel gets it as a table, which `setup.py` has this module write when the package is built.
"""

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

DROPPED = frozenset({"Cf", "Me", "Mn"})
"""The categories of characters that cannot be seen or only dress the one before them."""

BLOCK = 128
"""How many characters share a block of the native table."""


class Folded(NamedTuple):
    """A folded text, and where each of its characters stood in the text, or None when they stand where they stood."""

    text: str
    places: tuple[int, ...] | None

    def start(self, index: int) -> int:
        """Return where the character at `index` stood."""
        return self.places[index] if self.places else index

    def end(self, index: int) -> int:
        """Return where the character in front of `index` ended."""
        return self.places[index - 1] + 1 if self.places else index


def fold(text: str) -> Folded:
    r"""Return a text as the words are read from it.

    >>> fold("naïve acc\u00adused ‘Сhina’").text
    "naive accused 'China'"
    """
    if text.isascii():
        return Folded(text.replace("`", "'"), None)
    table = _table()
    folded = text.translate(table)
    if len(folded) == len(text):
        return Folded(folded, None)
    return Folded(folded, tuple(place for place, character in enumerate(text) if table[ord(character)]))


class _Table(dict[int, str]):
    """What each character becomes, itself or another one or nothing; worked out when it is first asked for."""

    def __init__(self, look_alikes: dict[str, str]) -> None:
        self._look_alikes = look_alikes

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = character if character in self._look_alikes else _decompose(character)
        self[code] = folded = self._look_alikes.get(plain, plain)
        return folded


@cache
def _table() -> _Table:
    import tomllib

    look_alikes: dict[str, str] = {}
    text = Path(__file__).with_name("folding.toml").read_text(encoding="utf-8")
    for group in tomllib.loads(text).values():
        for characters, folded in group.items():
            for character in characters:
                look_alikes[character] = folded.upper() if character.isupper() and folded.isascii() else folded
    return _Table(look_alikes)


def _decompose(character: str) -> str:
    """Return the one character that Unicode takes this one apart into, "" to drop it, itself where it stays."""
    if character.isascii():
        return character
    if unicodedata.category(character) in DROPPED:
        return ""
    parts = [part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) not in DROPPED]
    return parts[0] if len(parts) == 1 else character


WORD, DIGIT, SPACE, STRONG, COMMA, DROP = (1 << bit for bit in range(6))
"""The flags of a character in the native table."""

STRONG_BREAKS = frozenset(";:—–()[]!?")


def native_table() -> str:
    """Return the C source of what every character becomes, lower-cased, and what it is.

    An entry is the distance to the character it becomes, times 256, plus its flags.
    """
    table = _table()
    blocks: dict[tuple[int, ...], int] = {}
    index = [
        blocks.setdefault(tuple(_entry(code, table) for code in range(first, last)), len(blocks))
        for first, last in pairwise(range(0, sys.maxunicode + 2, BLOCK))
    ]
    return "\n".join(
        [
            f"/* Written by stance/folding.py (Unicode {unicodedata.unidata_version}). */",
            *(f"#define CHARACTER_{name} {flag}" for name, flag in _flags()),
            f"#define CHARACTER_BLOCK {BLOCK}",
            f"static const uint16_t character_blocks[{len(index)}] = {{{','.join(map(str, index))}}};",
            f"static const int32_t characters[{len(blocks) * BLOCK}] = {{",
            *(",".join(map(str, block)) + "," for block in blocks),
            "};",
            "",
        ]
    )


def _flags() -> Iterator[tuple[str, int]]:
    names = ("WORD", "DIGIT", "SPACE", "STRONG", "COMMA", "DROP")
    return zip(names, (WORD, DIGIT, SPACE, STRONG, COMMA, DROP), strict=True)


def _entry(code: int, table: _Table) -> int:
    folded = table[code]
    if not folded:
        return DROP
    lower = folded.lower()
    if len(lower) != 1 or folded == "Σ":
        raise ValueError(f"U+{code:04X} folds to '{folded}', whose lower case is not one character of its own")
    flags = WORD * folded.isalnum() + DIGIT * lower.isdecimal() + SPACE * folded.isspace()
    return (ord(lower) - code) * 256 + flags + STRONG * (folded in STRONG_BREAKS) + COMMA * (folded == ",")
