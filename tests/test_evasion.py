"""What a reader does not see does not change a label: zero-width characters, look-alikes, full width, odd spaces."""

import random
from pathlib import Path

import pytest

import stance
from benchmarks.behaviour import read_cases

CASES = Path(__file__).parents[1] / "fixtures" / "behaviour"
LOOK_ALIKE = str.maketrans("aceopxysijABCEHKMOPTX", "асеорхуѕіјАВСЕНКМОРТХ")
FULL_WIDTH = {code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}
MATHEMATICAL = {65 + n: 0x1D400 + n for n in range(26)} | {97 + n: 0x1D41A + n for n in range(26)}
HIDDEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202d", "\u034f", "\ufe0f")
SPACES = ("\u00a0", "\u2003", "\u2009", "\u202f", "\u3000")


def hide(text: str, dice: random.Random) -> str:
    """Return a text with something invisible behind every third letter."""
    return "".join(each + dice.choice(HIDDEN) if each.isalpha() and dice.random() < 0.3 else each for each in text)


DISGUISES = {
    "invisible characters inside words": hide,
    "look-alike letters of other scripts": lambda text, _: text.translate(LOOK_ALIKE),
    "full-width letters": lambda text, _: text.translate(FULL_WIDTH),
    "odd spaces": lambda text, dice: "".join(dice.choice(SPACES) if each == " " else each for each in text),
    "curly, prime and grave apostrophes": lambda text, dice: "".join(
        dice.choice("’‘′`ʼ") if each == "'" else each for each in text
    ),
    "combining marks": lambda text, _: "".join(each + "\u0301" if each in "aeiou" else each for each in text),
    "mathematical letters": lambda text, _: text.translate(MATHEMATICAL),
}


def texts() -> list[str]:
    found = sorted({text for case in read_cases(CASES) for text in case.texts})
    assert len(found) >= 1000
    return found


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_changes_no_label(name):
    dice = random.Random(0)
    plain = texts()
    disguised = [DISGUISES[name](text, dice) for text in plain]
    assert sum(one != other for one, other in zip(plain, disguised, strict=True)) >= len(plain) // 20
    found, expected = stance.predict(disguised), stance.predict(plain)
    same = sum(one == other for one, other in zip(found.labels, expected.labels, strict=True))
    assert same >= 0.99 * len(plain), f"{len(plain) - same} of {len(plain)} labels changed"
