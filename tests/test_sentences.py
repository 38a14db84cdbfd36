"""Where sentences begin and end: newswire cases as data, and rules that hold for any text."""

import json
import random
import re
import sys
from itertools import accumulate, pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
import sentencex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stance import sentences as module
from stance.kernel import native_module
from stance.sentences import (
    _SURROGATE,
    _TITLE,
    _UNSAFE_SPACE,
    MAY_MISS,
    UNSAFE,
    WINDOW,
    Span,
    _add_up,
    _continues,
    _cut_line,
    _find_blocks,
    _inspect_line,
    _split_lines,
    split_paragraphs,
    split_sentences,
    unpack,
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


NATIVE = native_module()
native = pytest.mark.skipif(NATIVE is None, reason="the native kernel is not in use")


@native
def test_twins_inspect_every_character_alike() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        safe = not any(NATIVE.inspect_line(f"{before}{character}") & UNSAFE for before in ("", "ł", "🙂"))
        assert safe == (not NATIVE.inspect_line(character) & UNSAFE)
        assert not (safe and (_UNSAFE_SPACE.match(character) or _SURROGATE.match(character))), ascii(character)
        if character < "\u0250":  # of what most texts are written in nothing else is in doubt
            assert safe == (not _inspect_line(character) & UNSAFE) or not character.isprintable()


@native
@pytest.mark.parametrize(
    "line", ["b.) C", "a.)", "It ended in May. He left.", "May.", "xxMay.", "A.)ł", "in May.\U0001f600"]
)
def test_ends_that_may_be_missed(line: str) -> None:
    for each in (line, line * 20):
        assert NATIVE.inspect_line(each) == _inspect_line(each) == MAY_MISS


@native
@pytest.mark.parametrize("line", ["", "a", "Ma. y.", "M a y.", "(a). B", "Maybe.", ". )", "May"])
def test_ends_that_none_misses(line: str) -> None:
    assert NATIVE.inspect_line(line) == _inspect_line(line) == 0


@native
@settings(derandomize=True, max_examples=500, deadline=None)
@given(AWKWARD)
@example("a\r\nb\r\n\r\nc\r\r\nd\n\re\r \nf\r\n")
@example("x" * 31 + "\n" + "y" * 33 + "\u2029\u2028z\x1c" + "a" * 64)
def test_twins_find_the_same_blocks(text: str) -> None:
    assert NATIVE.find_blocks(text) == _find_blocks(text)


@native
@settings(derandomize=True, max_examples=300, deadline=None)
@given(AWKWARD, st.lists(st.integers(0, 80)), st.lists(st.sampled_from(["ab", "\n\n", "", "c", "\n"])))
def test_twins_add_up_alike(text: str, cuts: list[int], others: list[str]) -> None:
    lines = text.split("\n\n")
    edges = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    whole = [piece for line in lines for piece in (line[:3], line[3:], "\n\n")][:-1]
    for pieces in ([text[start:end] for start, end in pairwise(edges)], whole, others):
        for expected in (lines, ["abc", "c"], []):
            assert NATIVE.add_up(pieces, expected) == _add_up(pieces, expected)


@native
def test_twins_cut_the_same_lines() -> None:
    """Differential: what the native one takes for plain is never taken back."""
    dice = random.Random(0)
    words, ends = WORDS.split(), ENDS.split()
    found = 0
    for _ in range(6000):
        line, starts = "", [0]
        for _ in range(dice.randint(1, 5)):
            line += " ".join([*dice.choices(words, k=dice.randint(0, 20)), dice.choice(ends)]) + " "
            starts.append(len(line))
        given = (Span(7, 7 + len(line) + 3), line + dice.choice(["End", "5 o", "“On", "it ", "(A)", "ł’s"]), starts)
        spans = NATIVE.cut_line(*given, _continues)
        assert spans == _cut_line(*given, _continues), line
        found += len(spans) // 16
    assert found > 10000


@native
def test_title_never_ends_plainly() -> None:
    """A title that is added to the expression must fit what the native one takes for plain."""
    titles = re.findall(r"[A-Z][a-z]+", _TITLE.pattern)
    assert len(titles) >= 20
    for title in titles:
        line = f"They were met at the gate by {title}. Diaz of Peru."
        starts = [0, line.index("Diaz")]
        assert _TITLE.search(line[: starts[1]].rstrip())
        assert unpack(NATIVE.cut_line(Span(0, len(line)), line, starts, _continues)) == [Span(0, len(line))]


@native
def test_plain_boundary_is_not_asked_about() -> None:
    corpus = Path(__file__).parent.parent.joinpath("fixtures/corpus/wire.jsonl").read_text("utf-8").splitlines()
    texts = [text for text in (json.loads(line)["text"] for line in corpus) if text.endswith(".")]
    line = " ".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)][:-1]
    asked: list[int] = []
    NATIVE.cut_line(Span(0, len(line)), line, starts, lambda *given: asked.append(given[2]))
    assert len(asked) < len(texts) / 20


@native
@pytest.mark.parametrize("starts", [[0, 99], [0, 4, 2], [0, 9], [0, 8, 9]])
def test_places_outside_the_line_go_on(starts: list[int]) -> None:
    for line in ("One. Two.", "It end.   Two."):
        span = Span(0, len(line))
        assert NATIVE.cut_line(span, line, starts, _continues) == _cut_line(span, line, starts, _continues)


@native
@pytest.mark.parametrize("starts", [[0, 99], [0, 4, 2], [0, -1], [0, "4"], [0, 2**70]])
def test_places_outside_the_line_are_refused(starts: list[int]) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        NATIVE.cut_line(Span(0, 9), "One. Two.", starts, lambda *_: False)


@native
@pytest.mark.parametrize(
    "text",
    [
        "x" * 1900 + " “No.”  ." + " " * 31 + "They left.",
        "x" * 1994 + " “xx.”  ." + " " * 31 + "x",
        "PARIS, June ٣1. It began.",
    ],
)
def test_twins_split_what_once_differed_alike(text: str) -> None:
    assert split_sentences(text) == split_purely(text)


@native
@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS.split(), *ENDS.split(), " ", " " * 31, "“No.”", "x" * 400]), min_size=5).map(
        " ".join
    )
)
def test_twins_split_long_lines_alike(text: str) -> None:
    assert split_sentences(text * 5) == split_purely(text * 5)


@native
def test_error_of_judge_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        NATIVE.cut_line(Span(0, 9), "One. Two.", [0, 5], lambda *_: 1 / 0)


@native
@pytest.mark.parametrize("name", ["find_blocks", "inspect_line"])
def test_no_string_is_error(name: str) -> None:
    with pytest.raises(TypeError, match=r"expected a string, got bytes"):
        getattr(NATIVE, name)(b"One.")


@native
def test_piece_that_is_no_string() -> None:
    with pytest.raises(TypeError, match=r"expected a string, got int"):
        NATIVE.add_up([1], ["a"])


def split_purely(text: str) -> list[Span]:
    with patch("stance.sentences._choose", lambda twin: twin):
        return split_sentences(text)


@native
@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.one_of(AWKWARD, st.lists(st.sampled_from([*WORDS.split(), *ENDS.split(), "\n", "\n\n"])).map(" ".join)))
def test_twins_split_alike(text: str) -> None:
    assert split_sentences(text) == split_purely(text)


@pytest.mark.parametrize("case", CASES, ids=[case["note"] for case in CASES])
def test_twin_splits_case_alike(case: dict[str, object]) -> None:
    text = str(case["text"])
    assert [text[start:end] for start, end in split_purely(text)] == case["sentences"]


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
