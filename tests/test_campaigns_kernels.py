"""Short parts of `campaigns.kernels`, always the same: all ways in lead to the same answers."""

import random
from array import array
from dataclasses import replace
from itertools import accumulate, pairwise

import pytest

from campaigns.kernels import BYTES, CODES, TOGETHER, Kernels, check_bytes, check_strings, check_twin
from stance import predict
from stance.kernel import kernel_name

pytestmark = pytest.mark.skipif(kernel_name() != "native", reason="built without a C compiler")

TRIALS = 12


def strings_of(content: bytes) -> list[bytes]:
    ends = accumulate(array("I", content[1 : 1 + 4 * TOGETHER]), initial=1 + 4 * TOGETHER)
    return [content[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize("number", range(TRIALS))
def test_ways_in_give_equal_answers(number):
    trial = Kernels()
    content = trial.make(number, random.Random(number))
    assert content == trial.make(number, random.Random(number))
    assert trial.judge(content) == trial.outcomes[number % 2]


def test_strings_have_every_width_and_surrogates():
    contents = [Kernels().make(number, random.Random(number)) for number in range(0, 40, 2)]
    assert {content[:1] for content in contents} == {CODES}
    texts = [content[1 + 4 * TOGETHER :].decode("utf-32-le", "surrogatepass") for content in contents]
    strings = [text[start : start + 8] for text in texts for start in range(0, len(text), 8)]
    widths = [sum(max(string) > top for top in ("\xff", "\uffff")) for string in strings]
    assert min(map(widths.count, range(3))) > len(strings) // 20
    assert any("\ud800" <= character <= "\udfff" for text in texts for character in text)


def test_byte_strings_are_sound_and_broken():
    contents = [Kernels().make(number, random.Random(number)) for number in range(1, 41, 2)]
    assert {content[:1] for content in contents} == {BYTES}
    strings = [string for content in contents for string in strings_of(content) if string]
    broken = sum("\ufffd" in string.decode(errors="replace") for string in strings)
    assert 0.1 < broken / len(strings) < 0.9
    assert sum(string.isascii() for string in strings) > 1000


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_every_refused_byte_string_is_found(broken):
    parts = [b"peace", broken, "Élysée".encode(), b"", broken, broken, b"war"]
    check_bytes(b"".join(parts), list(accumulate(map(len, parts), initial=0)))


def test_another_answer_than_the_twin_fails():
    found = predict("Iran attacked Iraq.")
    check_twin("Iran attacked Iraq.", found)
    with pytest.raises(AssertionError, match="apart"):
        check_twin("Iran thanked Iraq.", found)
    with pytest.raises(AssertionError, match="apart"):
        check_twin("Iran attacked Iraq.", replace(found, event="YIELD"))


def test_no_strings_are_none():
    check_strings([])
    check_bytes(b"", [0])
