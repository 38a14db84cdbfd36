"""Which lines of a text are web furniture: what stands around an article on a page and is no part of it."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MAX_LENGTH = 200
"""A line of more characters than this is never furniture."""

_SEPARATORS = re.compile(r"[\s.,:;|/<>()\[\]&*#=~_+•·●–—‹›«»→←▶▼▲×©-]+")
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True)
class Patterns:
    """The compiled table of furniture.toml: pieces of which a line may be made, glue between them, whole lines."""

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
    plain = " ".join(line.split()).replace("’", "'")
    if not plain:
        return False
    patterns = load_patterns()
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
    parts = {f"{{{name}}}": part for name, part in table["parts"].items()}
    phrases = sorted((re.escape(phrase) for phrase in table["phrases"]), key=len, reverse=True)
    stamps = [_fill_in(stamp, parts) for stamp in table["stamps"]]
    return Patterns(
        pieces=_compile_whole_words([f"(?i:{'|'.join(phrases)})", *sorted(stamps, key=len, reverse=True)]),
        glue=_compile_whole_words([f"(?i:{'|'.join(table['glue'])})"]),
        lines=re.compile("|".join(_fill_in(line, parts) for line in table["lines"])),
    )


def _fill_in(pattern: str, parts: dict[str, str]) -> str:
    """Replace each {name} in a pattern by the part of that name."""
    for name, part in parts.items():
        pattern = pattern.replace(name, f"(?:{part})")
    return pattern


def _compile_whole_words(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")
