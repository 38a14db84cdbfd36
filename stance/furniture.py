"""Which lines of a text are web furniture: what stands around an article on a page and is no part of it."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MAX_LENGTH = 200
"""A line of more characters than this is never furniture."""

_SEPARATOR = r"[\s.,:;|/<>()\[\]&*#=~_+•·●–—‹›«»→←▶▼▲×©-]"
_SEPARATORS = re.compile(f"{_SEPARATOR}+")
_FIGURES = re.compile(r"\d+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Patterns:
    """The compiled table of furniture.toml: pieces of which a line may be made, glue between them, whole lines.

    Every such line begins with `opening` or has one of `marks`, in lower case, in it.
    """

    opening: re.Pattern[str]
    marks: tuple[str, ...]
    pieces: re.Pattern[str]
    glue: re.Pattern[str]
    lines: re.Pattern[str]


def is_furniture(line: str) -> bool:
    """Whether a line of a text is web furniture: a menu, button, byline, timestamp, credit, prompt or notice.

    It says no when in doubt. The rules and their reasons stand in furniture.toml.

    >>> is_furniture("Updated : 3 March 2024, 17:15 GMT")
    True
    >>> is_furniture("Updated sanctions hit 3 banks in March 2024")
    False
    """
    if len(line) > MAX_LENGTH:
        return False
    line = line.strip()
    if not line:
        return False
    patterns = load_patterns()
    if not patterns.opening.match(line):
        lower = line.lower()
        if not [mark for mark in patterns.marks if mark in lower]:  # any() takes twice as long
            return False
    plain = " ".join(line.split()).replace("’", "'")
    return _is_made_of_pieces(plain, patterns) or patterns.lines.fullmatch(plain) is not None


def _is_made_of_pieces(plain: str, patterns: Patterns) -> bool:
    """Whether a line is nothing but pieces, the glue beside them, figures and separators."""
    at, pieces, glue = 0, 0, 0
    while at < len(plain):
        if found := _SEPARATORS.match(plain, at):
            pass
        elif found := patterns.pieces.match(plain, at):
            pieces += 1
        elif found := patterns.glue.match(plain, at):
            glue += 1
        elif not (found := _FIGURES.match(plain, at)):
            return False
        at = found.end()
    return pieces > 0 or glue == 0


@cache
def load_patterns() -> Patterns:
    """Read and compile furniture.toml."""
    table = tomllib.loads(files("stance").joinpath("furniture.toml").read_text(encoding="utf-8"))
    gate = table["gate"]
    parts = {f"{{{name}}}": part for name, part in {**table["parts"], **gate["parts"]}.items()}
    stamps = [_fill_in(stamp, parts) for stamp in table["stamps"]]
    beginnings = {*gate["openings"], *table["phrases"]}
    return Patterns(
        opening=_compile_opening(beginnings, set(table["glue"]) - beginnings, _fill_in(gate["names"], parts)),
        marks=tuple(gate["marks"]),
        pieces=_compile_whole_words([_any_of(table["phrases"]), *sorted(stamps, key=len, reverse=True)]),
        glue=_compile_whole_words([_any_of(table["glue"])]),
        lines=re.compile("|".join(_fill_in(line, parts) for line in table["lines"])),
    )


def _compile_opening(beginnings: set[str], glue: set[str], names: str) -> re.Pattern[str]:
    """Compile what a line of pieces and the whole lines begin with, whatever white space and apostrophes they have."""
    words = _any_of(beginnings).replace("'", "['’]")
    behind_glue = rf"\Z|[\d@]|{words}(?![^\W\d])|[\w.+-]{{1,60}}+@"
    expression = rf"{_SEPARATOR}*+(?>(?:{_any_of(glue)}(?!\w){_SEPARATOR}*+)*)(?:{behind_glue})|{names}"
    return re.compile(expression.replace("\\ ", " ").replace(" ", r"\s+"))


def _any_of(words: Iterable[str], letters: int = 2) -> str:
    """Return an expression for the longest of some words, in any case, that parts them by their first letters."""
    longest_first = sorted(words, key=len, reverse=True)
    if not letters or len(longest_first) == 1:
        return f"(?i:{'|'.join(map(re.escape, longest_first))})"
    tails: dict[str, list[str]] = {}
    for word in longest_first:
        tails.setdefault(word[:1], []).append(word[1:])
    end = [""] if tails.pop("", None) else []
    branches = [f"{_any_case(head)}{_any_of(rest, letters - 1)}" for head, rest in tails.items()]
    return f"(?:{'|'.join(branches + end)})"


def _any_case(character: str) -> str:
    return f"[{character}{character.upper()}]" if character.isalpha() else re.escape(character)


def _fill_in(pattern: str, parts: dict[str, str]) -> str:
    """Replace each {name} in a pattern by the part of that name."""
    for name, part in parts.items():
        pattern = pattern.replace(name, f"(?:{part})")
    return pattern


def _compile_whole_words(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")
