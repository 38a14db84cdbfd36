"""Millions of strings and byte strings through the kernels: none crashes, and all ways in lead to the same answers.

A trial is a long random text, cut into TOGETHER strings. Strings of code points, of one, two or four bytes each and
with lone surrogates among them, are predicted together and from behind, and one of two hundred also alone and by the
twin in Python; joined to a document they are split alike by both twins, and its sentences get the predictions of
their strings. Byte strings are predicted as a column of Arrow: the whole column is refused, with the place of the
first string that Python's own decoder refuses; the others get the predictions of the strings that they decode to, and
each that is refused is refused alone. `--replay FILE` tries one trial once more.
"""

import argparse
import random
import re
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from campaigns.hostile_text import AWKWARD, load_sentences
from campaigns.trials import add_plan, finish, read_plan, replay, run_trials
from stance.kernel import kernel_name
from stance.prediction import Prediction
from stance.pure_kernel import PureKernel
from stance.sentences import split_sentences
from stance.shipped import predict, score_document, shipped_classifier

TOGETHER = 1000
"""How many strings make one trial."""

COMPARED = 5
"""How many of them the twin in Python scores as well: it takes some fifty times as long."""

TOLERANCE = 1e-9
"""How far the probabilities of the two kernels may be apart."""

CODES, BYTES = b"c", b"b"
KEPT = "campaigns-kept/kernels"

_TOPS = (0x80, 0x100, 0x250, 0x3000, 0x10000, 0x110000)
_LENGTHS = (0, 1, 2, 3, 5, 8, 13, 20, 30, 60)
_REFUSED = re.compile(r"sentences\[(\d+)\]: not UTF-8")


@dataclass(frozen=True)
class Kernels:
    """Trials of strings, where the number is even, and of byte strings."""

    outcomes: tuple[str, ...] = ("strings", "byte strings")
    suffix: str = ".text"

    def make(self, number: int, dice: random.Random) -> bytes:
        """Return the lengths of the strings, four bytes each, and the strings behind each other."""
        lengths = array("I", dice.choices(_LENGTHS, k=TOGETHER))
        size = sum(lengths)
        text = _make_bytes(dice, size) if number % 2 else _make_codes(dice, size).encode("utf-32-le", "surrogatepass")
        return (BYTES if number % 2 else CODES) + lengths.tobytes() + text

    def judge(self, content: bytes) -> str:
        """Score the strings in every way."""
        ends = list(accumulate(array("I", content[1 : 1 + 4 * TOGETHER]), initial=0))
        text = content[1 + 4 * TOGETHER :]
        if content[:1] == BYTES:
            check_bytes(text[: ends[-1]], ends)
            return self.outcomes[1]
        codes = text.decode("utf-32-le", "surrogatepass")
        check_strings([codes[start:end] for start, end in pairwise(ends)])
        return self.outcomes[0]


def check_strings(texts: Sequence[str]) -> None:
    """Check that strings get the same predictions in either order, and some also alone and by the twin."""
    found = predict(texts)
    if predict(texts[::-1]) != found[::-1]:
        raise AssertionError("a prediction differs in another order")
    for place in range(0, len(texts), max(1, len(texts) // COMPARED)):
        if predict(texts[place]) != found[place]:
            raise AssertionError(f"a prediction differs alone: {texts[place]!a}")
        check_twin(texts[place], found[place])
    text = "".join(texts)
    for each in (text, text.replace(" ", " " * 40).replace("\n", " ")):  # as it is, and as one long line full of gaps
        check_document(each)


def check_document(text: str) -> None:
    """Check that both twins split a document alike, and that its sentences get the predictions of their strings."""
    spans = split_sentences(text)
    with patch("stance.sentences._choose", lambda twin: twin):
        if split_sentences(text) != spans:
            raise AssertionError("the twins split a text differently")
    scored = [each for each in score_document(text).sentences if each.prediction]
    if [each.prediction for each in scored] != list(predict([each.text for each in scored])):
        raise AssertionError("a sentence of a document gets another prediction than its string")


def check_twin(text: str, found: Prediction) -> None:
    """Check that the twin in Python predicts the same; where two labels are as likely it may choose the other."""
    classifier = shipped_classifier()
    likeliest, evidence, values = _twin().score_one(text)
    expected = classifier.model.classes[likeliest]
    pairs = zip(classifier.labels, values, strict=True)
    apart = max(abs(value - found.probabilities[label]) for label, value in pairs)
    second, first = sorted(values)[-2:]
    differs = first - second > TOLERANCE and (expected.label, expected.event) != (found.label, found.event)
    if apart > TOLERANCE or evidence != found.evidence or differs:
        raise AssertionError(f"the kernels are {apart} apart, {expected} and {found}, on {text!a}")


def check_bytes(data: bytes, ends: Sequence[int]) -> None:
    """Check that of the byte strings between those ends just those are refused that are no UTF-8."""
    given = [data[start:end] for start, end in pairwise(ends)]
    decoded = [_decode(each) for each in given]
    column = _column(data, ends)
    wrong = [place for place, text in enumerate(decoded) if text is None]
    for start in (0, *(place + 1 for place in wrong)):
        expected = next((place - start for place in wrong if place >= start), None)
        found = _refused(column.slice(start))
        if found != expected:
            raise AssertionError(f"string {expected} behind {start} is no UTF-8, and {found} is refused")
    sound = [(content, text) for content, text in zip(given, decoded, strict=True) if text is not None]
    joined = _column(b"".join(content for content, _ in sound), [0, *accumulate(len(content) for content, _ in sound)])
    expected = predict([text for _, text in sound])
    if predict(joined) != expected or predict(joined.cast("string")) != expected:
        raise AssertionError("a column gets other predictions than its strings")


@cache
def _twin() -> PureKernel:
    return PureKernel(shipped_classifier().model)


def _refused(column: Any) -> int | None:
    """Return which string of a column is the first that is refused, None when all are predicted."""
    try:
        predict(column)
    except ValueError as error:
        match = _REFUSED.match(str(error))
        if match is None:
            raise
        return int(match.group(1))
    return None


def _column(data: bytes, ends: Sequence[int]) -> Any:
    """Return an Arrow column of byte strings that it takes for UTF-8."""
    import pyarrow as pa

    offsets = pa.py_buffer(array("q", ends).tobytes())
    return pa.Array.from_buffers(pa.large_string(), len(ends) - 1, [None, offsets, pa.py_buffer(data)])


def _decode(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _make_codes(dice: random.Random, size: int) -> str:
    """Return random characters, or sentences with awkward characters in them."""
    chance = dice.random()
    if chance < 0.4:
        return _spoil(_sentences(dice, size), dice)
    if chance < 0.6:
        return "".join(dice.choices(AWKWARD, k=size))
    return "".join(map(chr, dice.choices(range(dice.choice(_TOPS)), k=size)))


def _make_bytes(dice: random.Random, size: int) -> bytes:
    """Return random bytes, or encoded text with random bytes in it, cut anywhere."""
    if dice.random() < 0.2:
        return dice.randbytes(size)
    text = _make_codes(dice, size) if dice.random() < 0.5 else _sentences(dice, size)
    content = bytearray(text.encode("utf-8", "surrogatepass")[:size].ljust(size))
    for _ in range(dice.choice((0, size // 1000, size // 100))):
        content[dice.randrange(size)] = dice.randrange(256)
    return bytes(content)


def _sentences(dice: random.Random, size: int) -> str:
    """Return so many characters of the sentences of `fixtures/`, from anywhere among them."""
    text = _all_sentences()
    start = dice.randrange(len(text))
    return (text[start:] + text * (size // len(text) + 1))[:size]


@cache
def _all_sentences() -> str:
    return " ".join(load_sentences())


def _spoil(text: str, dice: random.Random) -> str:
    """Return a text with awkward characters at random places."""
    characters = list(text)
    for place in dice.choices(range(len(characters)), k=len(characters) // dice.choice((10, 30, 100))):
        characters[place] = dice.choice(AWKWARD)
    return "".join(characters)


def main() -> int:
    """Run the campaign and return its exit status."""
    arguments = _parse_arguments()
    if arguments.replay:
        print(replay(Kernels(), arguments.replay))
        return 0
    if kernel_name() != "native":
        print("kernels: the native kernel was not built or not asked for, and it is what is tried", file=sys.stderr)
        return 1
    report = run_trials(Kernels(), read_plan(arguments))
    return finish([(f"kernels: {report.trials * TOGETHER:,} strings and byte strings", report)], arguments.kept)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaigns.kernels", description=__doc__)
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try the strings of a file that was kept")
    add_plan(parser, count=10_000, kept=KEPT)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
