"""Texts as nobody writes them: made at random from hostile pieces and from sentences of `fixtures/`."""

import json
import random
import tomllib
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_SOURCES = ("behaviour/plain.jsonl", "behaviour/headlines.jsonl", "corpus/contrast.jsonl", "corpus/statements.jsonl")
_LENGTHS = (*((8, 15, 30, 30, 60) * 12), 100, 160, 250, 1500, 5000)
"""How long a text may become: short ones find as much as long ones and take less time, but for windows and limits."""

AWKWARD = (
    "aAbMrZ019 .,;:!?\"'“”‘’«»()[]{}…-–—_/\\<>&@#*|~^`$%+=\n\t\r\x00\x07\x0b\x0c\x1b\x1c\x1d\x1e\x1f\x7f\x85\xa0\xad"
    "\u034f\u0301\u0308\u061c\u0640\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2066\u2067\u2068\u2069\u3000\u3164\ufe0f\ufeff\ufff9\ufffc\ufffd\uffff\ud800\udbff\udc00\udfff"
    "\u0130\u0131\u0149\u01c5\u017f\u1e9e\ufb03\uff21\uff41\u212a\u2126\u0430\u0435\u0440\u03bf\u05d0\u0627\u0e01\u4e2d"
    "\uac00\u1100\u1161\U0001d400\U0001f600\U0001f1fa\U0001f1f8\U0001f468\U000e0041\U0010ffff"
)
"""Characters that have broken programs: controls, separators, directions, joiners, halves, look-alikes, giants."""

HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\xad\u034f\u202e\u2066\u0301\ufe0f"
"""Characters that do not show, or hardly, inside a word."""

_LOOKALIKES = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_SCRIPTS = (
    "Россия осудила удар. ",
    "中国谴责袭击。",
    "أدانت مصر الهجوم. ",
    "ישראל גינתה. ",
    "भारत ने निंदा की। ",
    "日本は非難した。",
    "ไทยประณาม ",
)
_ENDS = ("\n", "\n\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", " ", "  ", "", "\n \n", "\t", "...", ". ")


@cache
def load_units() -> dict[str, str]:
    """Return the units of units.toml by their names."""
    return tomllib.loads(Path(__file__).with_name("units.toml").read_text(encoding="utf-8"))


@cache
def load_sentences() -> tuple[str, ...]:
    """Return sound sentences of `fixtures/`, and the articles there."""
    rows = [
        json.loads(line)
        for name in _SOURCES
        for line in (_ROOT / "fixtures" / name).read_text(encoding="utf-8").splitlines()
    ]
    articles = [path.read_text(encoding="utf-8") for path in sorted((_ROOT / "fixtures" / "articles").glob("*.txt"))]
    return (*(row["text"] for row in rows), *(part for article in articles for part in article.split("\n\n")))


def make_text(dice: random.Random) -> str:
    """Return a random hostile text, mostly short, of some thousand characters at most."""
    longest = dice.choice(_LENGTHS)
    text = _shorten(dice.choice(_MAKERS)(dice), longest, dice)
    while dice.random() < 0.4:
        text = dice.choice(_CHANGES)(text, dice)
    return _shorten(text, longest, dice)


def _shorten(text: str, longest: int, dice: random.Random) -> str:
    start = dice.randrange(max(1, len(text) - longest + 1))
    return text[start : start + longest]


def _awkward(dice: random.Random) -> str:
    return "".join(dice.choices(AWKWARD, k=dice.randrange(60)))


def _any_characters(dice: random.Random) -> str:
    top = dice.choice((0x80, 0x250, 0x3000, 0x10000, 0x110000))
    return "".join(chr(dice.randrange(top)) for _ in range(dice.randrange(40)))


def _sentence(dice: random.Random) -> str:
    return dice.choice(load_sentences())


def _units(dice: random.Random) -> str:
    """Return a row of units, each repeated."""
    most = dice.choice((2, 5, 60))
    units = list(load_units().values())
    return "".join(dice.choice(units) * dice.randint(1, most) for _ in range(dice.randrange(1, 8)))


def _scripts(dice: random.Random) -> str:
    return "".join(dice.choice((*_SCRIPTS, _sentence(dice))) for _ in range(dice.randrange(1, 4)))


def _document(dice: random.Random) -> str:
    makers = (_sentence, _sentence, _sentence, _units, _awkward, _scripts)
    return "".join(dice.choice(makers)(dice)[:400] + dice.choice(_ENDS) for _ in range(dice.randrange(1, 6)))


def _insert(text: str, dice: random.Random) -> str:
    """Return a text with awkward characters, or hidden ones inside its words, put in here and there."""
    alphabet = dice.choice((AWKWARD, HIDDEN))
    for _ in range(dice.choice((1, 2, 5, 30))):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(alphabet) + text[at:]
    return text


def _replace(text: str, dice: random.Random) -> str:
    for _ in range(dice.choice((1, 2, 5))):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(AWKWARD) + text[at + 1 :]
    return text


def _splice(text: str, dice: random.Random) -> str:
    other = _sentence(dice)
    return text[: dice.randrange(len(text) + 1)] + other[dice.randrange(len(other) + 1) :]


def _cut(text: str, dice: random.Random) -> str:
    start, end = sorted((dice.randrange(len(text) + 1), dice.randrange(len(text) + 1)))
    return text[:start] + text[end:]


def _repeat(text: str, dice: random.Random) -> str:
    start = dice.randrange(len(text) + 1)
    return text[:start] + text[start : start + dice.choice((1, 3, 20, 200))] * dice.choice((2, 5, 50)) + text[start:]


def _normalise(text: str, dice: random.Random) -> str:
    return unicodedata.normalize(dice.choice(("NFC", "NFD", "NFKC", "NFKD")), text)


def _mojibake(text: str, dice: random.Random) -> str:
    """Return a text as it looks when it was read in the wrong encoding."""
    written = text.encode(dice.choice(("utf-8", "utf-16-le", "cp1252")), "replace")
    return written.decode(dice.choice(("latin-1", "cp1252", "utf-8", "koi8-r", "shift_jis")), "replace")


def _disguise(text: str, dice: random.Random) -> str:
    table = dice.choice((_LOOKALIKES, _WIDE))
    return (
        text.translate(table)
        if dice.random() < 0.5
        else "".join(character.translate(table) if dice.random() < 0.3 else character for character in text)
    )


def _case(text: str, dice: random.Random) -> str:
    return dice.choice((str.upper, str.lower, str.title, str.swapcase, str.casefold))(text)


def _join_words(text: str, dice: random.Random) -> str:
    """Return a text with something else where its blanks are, nothing among it."""
    return text.replace(" ", dice.choice(("", "\xa0", "\u3000", "-", "_", "  ", "\u200b", "\n", "\t", "'", "\x00")))


def _wrap(text: str, dice: random.Random) -> str:
    pair = dice.choice(("“”", '""', "''", "‘’", "()", "[]", "«»", "\u2066\u2069", "\u202e\u202c"))
    count = dice.choice((1, 1, 2, 30))
    return pair[0] * count + text + pair[1] * dice.choice((0, 1, count))


_MAKERS: tuple[Callable[[random.Random], str], ...] = (
    *(_awkward, _any_characters, _sentence, _sentence, _sentence, _units, _scripts, _document, _document),
)
_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    *(_insert, _insert, _replace, _splice, _cut, _repeat, _normalise, _mojibake, _disguise, _case, _join_words, _wrap),
)
