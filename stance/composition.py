"""How the lexicon classes of a sentence compose: what a refusal, an end or a *not* turns round (rule 1)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stance.clauses import MAIN
from stance.lexicon import ClassMatch, Lexicon

FLIPPED = "flip"
"""The clause tag of words of the main clause that a flipper governs."""

FLIP_SCOPE = 6
"""How many words a flipper governs at most; a comma, a stronger break or another clause ends its scope before."""

PASSIVES = frozenset({"am", "are", "be", "been", "being", "get", "gets", "got", "is", "was", "were"})
"""Behind one of these a flipper is passive, and what it governs stands before it: *the ban was lifted*."""


class FoundClass(NamedTuple):
    """A lexicon class on the words `first` up to `end` (not included) of a sentence.

    `clause` is the tag of its first word. `valence` is +1, -1 or 0, and `flipper` the class that governs it, if any.
    `act` says that it has a valence or flips another's; `light`, that it is neither act nor actor nor object.
    """

    name: str
    first: int
    end: int
    clause: str
    valence: int
    flipper: str | None
    act: bool
    light: bool

    @property
    def in_main_clause(self) -> bool:
        """Whether the class stands in the clause of the news."""
        return self.clause in (MAIN, FLIPPED)

    @property
    def composed(self) -> int:
        """The valence, turned round when a flipper governs the class."""
        return -self.valence if self.flipper else self.valence


def compose(
    words: Sequence[str],
    gaps: Sequence[str],
    clauses: Sequence[str],
    matches: Sequence[ClassMatch],
    lexicon: Lexicon,
) -> tuple[list[str], list[FoundClass]]:
    """Return the clause tags, with FLIPPED where a flipper governs the main clause, and the classes found."""
    flippers = _find_flippers(words, gaps, clauses, matches, lexicon)
    tags = [
        FLIPPED if flipper and clause == MAIN else clause for clause, flipper in zip(clauses, flippers, strict=True)
    ]
    return tags, [_describe(match, tags[match.first], flippers[match.first], lexicon) for match in matches]


def _describe(match: ClassMatch, clause: str, flipper: str | None, lexicon: Lexicon) -> FoundClass:
    name, first, end = match
    valence = lexicon.valence[name]
    act = valence != 0 or name in lexicon.flippers
    return FoundClass(name, first, end, clause, valence, flipper, act, name in lexicon.light)


def _find_flippers(
    words: Sequence[str],
    gaps: Sequence[str],
    clauses: Sequence[str],
    matches: Sequence[ClassMatch],
    lexicon: Lexicon,
) -> list[str | None]:
    """Return for each word the class of the last flipper whose scope it is in."""
    governed: list[str | None] = [None] * len(words)
    for name, first, end in matches:
        if name not in lexicon.flippers:
            continue
        passive = first > 0 and words[first - 1] in PASSIVES and name in lexicon.passive_flippers
        for index in _scope_before(first, gaps, clauses) if passive else _scope_behind(first, end, gaps, clauses):
            governed[index] = name
    return governed


def _scope_behind(first: int, end: int, gaps: Sequence[str], clauses: Sequence[str]) -> Iterator[int]:
    for index in range(end, min(end + FLIP_SCOPE, len(gaps))):
        if gaps[index] or clauses[index] != clauses[first]:
            return
        yield index


def _scope_before(first: int, gaps: Sequence[str], clauses: Sequence[str]) -> Iterator[int]:
    for index in range(first - 1, max(first - 1 - FLIP_SCOPE, -1), -1):
        if gaps[index + 1] or clauses[index] != clauses[first]:
            return
        yield index
