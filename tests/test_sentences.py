"""Where sentences begin and end: newswire cases as data, and rules that hold for any text."""

import json
import random
import re
import sys
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
import sentencex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stance import sentences as module
from stance.sentences import (
    _CONTEXT,
    _LONG_END,
    _MIN_PLAIN,
    _PLAIN_END,
    _SURROGATE,
    _UNSAFE_ASCII,
    _UNSAFE_SPACE,
    WINDOW,
    Span,
    _continues,
    _cut,
    _split_lines,
    split_paragraphs,
    split_sentences,
)

WORDS = "The envoys met in Geneva on Monday at 5 and Col said"
ENDS = "12. p.m. Gov. said. Iran. XIV. ok). no”. no.” no?” al. etc. [3]. (a) § . 1."

CASES = [
    json.loads(line)
    for line in Path(__file__).parent.parent.joinpath("fixtures/sentences.jsonl").read_text("utf-8").splitlines()
]

AWKWARD = st.text(
    st.sampled_from(
        "aAbMr .!?\"'“”‘’()[]«»。…:;-—1\n\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\x00\r\t\u202e\u0301\u200d\u200b\ufeff"
        "\U0001f600\u0130\u0131\u0149\ufb03\u3000\xa0\ud800"
    ),
    max_size=80,
)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def assert_covers(text: str, spans: list[Span]) -> None:
    """Assert that spans are in order, not empty, without outer white space, and leave only white space between."""
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    assert all(text[start:end] and text[start:end] == text[start:end].strip() for start, end in spans)
    assert not "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)).strip()


@pytest.mark.parametrize("case", CASES, ids=[case["note"] for case in CASES])
def test_case_is_split_into_its_sentences(case: dict[str, object]) -> None:
    assert split(str(case["text"])) == case["sentences"]


def test_cases_are_many_and_say_why() -> None:
    assert len(CASES) >= 40
    assert len({case["note"] for case in CASES}) == len(CASES)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.one_of(AWKWARD, st.text(st.characters(codec=None), max_size=60)))
@example("A\xa0.“\x1e")
@example("\u2028A\xa0.“\x1e")
@example("\ud800He went home.\udfff She left.")
@example("They all went home.\udfffShe left.")
def test_sentences_cover_any_text_in_order(text: str) -> None:
    assert_covers(text, split_sentences(text))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(AWKWARD)
def test_paragraphs_cover_any_text_in_order(text: str) -> None:
    assert_covers(text, split_paragraphs(text))


@settings(derandomize=True, max_examples=500, deadline=None)
@given(AWKWARD, st.integers(1, 9))
@example("\r\n", 1)
@example("a\r\n\nb\r\n", 2)
def test_lines_cut_in_parts_are_same(text: str, size: int) -> None:
    with patch.object(module, "LINES_AT_ONCE", size):
        assert list(_split_lines(text)) == text.splitlines(keepends=True)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(AWKWARD, AWKWARD)
def test_blank_line_makes_sides_independent(first: str, second: str) -> None:
    assert split(f"{first}\n\n{second}") == split(first) + split(second)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(AWKWARD)
def test_sentence_on_own_line_is_paragraph(text: str) -> None:
    sentences = [" ".join(sentence.split()) for sentence in split(text)]
    assert [text for sentence in sentences for text in split(sentence)] == split("\n\n".join(sentences))


@pytest.mark.parametrize(
    "pattern", ["\U0001f600", '"', "“", "«", "(", "]", "“a. ", "e\u0301", "\u202e", "\x00", "\u2028", "a\n", ". "]
)
def test_long_run_of_pattern_is_covered(pattern: str) -> None:
    text = (pattern * 100_000)[:100_000]
    assert_covers(text, split_sentences(text))


def test_sentence_across_window_edge_stays_whole() -> None:
    sentence = "The envoys of the two republics met again and agreed on nothing."
    count = 5 * WINDOW // len(sentence)
    assert split(" ".join([sentence] * count)) == [sentence] * count


def test_sentence_longer_than_window_stays_whole() -> None:
    long = "They met " + "and met again " * WINDOW + "in vain."
    assert split(f"He spoke. {long} She left.") == ["He spoke.", long, "She left."]


class PanicException(BaseException):
    """What pyo3 raises, which is no Exception."""


def test_line_that_library_fails_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(_language: str, _text: str) -> list[str]:
        raise PanicException

    monkeypatch.setattr(sentencex, "segment", panic)
    assert split("It failed. Nobody knows why.\n\nIt went on.") == ["It failed. Nobody knows why.", "It went on."]


def test_failing_line_does_not_harm_others(monkeypatch: pytest.MonkeyPatch) -> None:
    segment = sentencex.segment

    def panic_at_times(language: str, text: str) -> list[str]:
        if "failed" in text:
            raise PanicException
        return list(segment(language, text))

    monkeypatch.setattr(sentencex, "segment", panic_at_times)
    assert split("It failed. Why?\n\nIt went on. It ended.") == ["It failed. Why?", "It went on.", "It ended."]


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        ["It failed."],
        ["It failed. ", "Nobody knows why."],
        ["It failed. ", "\n\n", "Nobody knows why.!"],
        ["It failed. ", "Nobody knows why.!", "!"],
    ],
)
def test_answer_not_adding_up_is_replaced(monkeypatch: pytest.MonkeyPatch, pieces: list[str]) -> None:
    text = "It failed. Nobody knows why.!"
    monkeypatch.setattr(sentencex, "segment", lambda _language, _text: pieces)
    assert split(text) == [text]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_interruption_in_library_is_not_swallowed(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    def interrupt(_language: str, _text: str) -> list[str]:
        raise error

    monkeypatch.setattr(sentencex, "segment", interrupt)
    with pytest.raises(error):
        split_sentences("It failed. Nobody knows why.")


def test_every_printable_character_is_safe() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    unsafe = [each for each in every if _UNSAFE_SPACE.match(each) or _SURROGATE.match(each)]
    assert "\u2028" in unsafe
    assert "\ud800" in unsafe
    assert not any(character.isprintable() for character in unsafe)
    assert set(_UNSAFE_ASCII) == {character for character in unsafe if character.isascii()}


def count_plain_ends(line: str) -> int:
    """Differential: what the expressions for plain ends spare `_continues` is never taken back by it."""
    found = 0
    for start in range(_MIN_PLAIN + 1, len(line)):
        for sentence in {0, start - _MIN_PLAIN - 1, start - 30, start - _CONTEXT, start - _CONTEXT - 1}:
            length = start - sentence
            if sentence >= 0 and (_PLAIN_END if length <= _CONTEXT else _LONG_END).match(line, start - 6):
                found += 1
                assert not _continues(line, sentence, start)
    return found


def test_plain_looking_boundary_stands() -> None:
    texts = [
        text for case in CASES for text in (str(case["text"]), " ".join(map(str, case["sentences"])) + " The end.")
    ]
    corpus = Path(__file__).parent.parent.joinpath("fixtures/corpus/wire.jsonl").read_text("utf-8").splitlines()
    texts.append(" ".join(json.loads(line)["text"] for line in corpus))
    assert sum(count_plain_ends(" ".join(text.split())) for text in texts) > 2000


def test_plain_ends_change_no_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Differential: with and without them the same boundaries of made-up lines stand."""
    dice = random.Random(0)
    words, ends = WORDS.split(), ENDS.split()
    lines = []
    for _ in range(3000):
        line, starts = "", [0]
        for _ in range(dice.randint(1, 5)):
            line += " ".join([*dice.choices(words, k=dice.randint(0, 20)), dice.choice(ends)]) + " "
            starts.append(len(line))
        lines.append((Span(7, 7 + len(line) + 3), line + "End", starts))
    cut = [_cut(*each) for each in lines]
    assert sum(len(spans) for spans in cut) > 5000
    for name in ("_PLAIN_END", "_LONG_END"):
        monkeypatch.setattr(f"stance.sentences.{name}", re.compile("(?!)"))
    assert [_cut(*each) for each in lines] == cut


def test_end_of_longer_word_is_no_shortened_word() -> None:
    assert split("The firm is called Xapprox. five ships sail for it.") == [
        "The firm is called Xapprox.",
        "five ships sail for it.",
    ]


def test_lone_surrogate_belongs_to_its_sentence() -> None:
    assert split("They left.\udc80 We stayed \ud800.") == ["They left.", "\udc80 We stayed \ud800."]


@pytest.mark.parametrize("filling", ["x", "é", "“", "\U0001f600"])
def test_lines_are_split_alike_among_many(filling: str) -> None:
    line = f"He spoke. {filling * 20} She left at 5 p.m. Friday."
    alone = split(line)
    assert len(alone) > 1
    assert split("\n\n".join([line] * 1000)) == alone * 1000


def test_corpus_sentences_on_lines_stay_apart() -> None:
    files = sorted(Path(__file__).parent.parent.joinpath("fixtures/corpus").glob("*.jsonl"))
    texts = [json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()]
    assert texts
    text = "\n".join(texts)
    line_starts = {0, *(index + 1 for index, character in enumerate(text) if character == "\n")}
    spans = split_sentences(text)
    assert line_starts <= {span.start for span in spans}
    assert len(spans) - len(texts) <= 20, "at most 20 of the sentences may be split, which are two indeed"
    assert all(before.end <= after.start for before, after in pairwise(spans))
