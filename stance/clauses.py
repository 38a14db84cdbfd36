"""Which words of a sentence carry the news and which its background (the codebook's rule 2)."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MAIN, SIDE, BEFORE = "main", "side", "before"
"""The clause of the news, a background clause, and the main clause in front of a *but*."""

LONGEST_OPENING = 30
"""How many words a background phrase at the beginning may have before its comma."""


@dataclass(frozen=True)
class ClauseWords:
    """The closed-class words of clauses.toml."""

    contrasts: frozenset[str]
    openers: frozenset[str]
    relatives: frozenset[str]
    subordinators: frozenset[str]


def tag_clauses(words: Sequence[str], gaps: Sequence[str]) -> list[str]:
    """Return MAIN, SIDE or BEFORE for each word; `gaps` holds the break in front of it: "", "," or ";".

    >>> tag_clauses("after talks the rebels freed him".split(), ["", "", ",", "", "", ""])
    ['side', 'side', 'main', 'main', 'main', 'main']
    """
    known = clause_words()
    tags: list[str] = [SIDE] * _opening_length(words, gaps, known)
    current, until_break, contrast = MAIN, False, 0
    for index in range(len(tags), len(words)):
        word = words[index]
        if word in known.contrasts and index > 2:
            current, until_break, contrast = MAIN, False, index
        elif until_break and gaps[index]:
            current, until_break = MAIN, False
        if index and word in known.relatives:
            current, until_break = SIDE, gaps[index] == ","
        elif index > 1 and word in known.subordinators:
            current, until_break = SIDE, False
        tags.append(current)
    return [BEFORE if tag == MAIN and index < contrast else tag for index, tag in enumerate(tags)]


def _opening_length(words: Sequence[str], gaps: Sequence[str], known: ClauseWords) -> int:
    """Return how many words stand before the comma of an opening background phrase, 0 if there is none."""
    if not words or words[0] not in known.openers:
        return 0
    for index in range(1, min(len(words), LONGEST_OPENING)):
        if gaps[index]:
            return index if gaps[index] == "," else 0
    return 0


@cache
def clause_words() -> ClauseWords:
    """Read clauses.toml."""
    table = tomllib.loads(files("stance").joinpath("clauses.toml").read_text(encoding="utf-8"))
    return ClauseWords(**{name: frozenset(words) for name, words in table.items()})
