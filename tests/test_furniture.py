"""Which lines are web furniture: lines and their look-alikes as data, and rules that hold for any line."""

import json
import re
import tomllib
from pathlib import Path
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stance.furniture import MAX_LENGTH, _fill_in, _is_made_of_pieces, is_furniture, load_patterns

ROOT = Path(__file__).parent.parent
CASES = [json.loads(line) for line in ROOT.joinpath("fixtures/furniture.jsonl").read_text("utf-8").splitlines()]
TABLE_TEXT = ROOT.joinpath("stance/furniture.toml").read_text("utf-8")
TABLE = tomllib.loads(TABLE_TEXT)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['note']}: {case['line'][:40]}" for case in CASES])
def test_line_is_told_from_look_alike(case: dict[str, Any]) -> None:
    assert is_furniture(case["line"]) is case["furniture"]


def test_there_are_sixty_of_each() -> None:
    assert sum(case["furniture"] for case in CASES) >= 60
    assert sum(not case["furniture"] for case in CASES) >= 60
    assert all(case["note"] for case in CASES)


def test_four_corpus_sentences_are_furniture() -> None:
    found = {}
    for path in sorted(ROOT.joinpath("fixtures/corpus").glob("*.jsonl")):
        texts = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
        assert texts
        found[path.stem] = sum(map(is_furniture, texts))
    assert found.pop("neutral") == 4
    assert set(found.values()) == {0}


@pytest.mark.parametrize("entry", TABLE["phrases"])
def test_each_phrase_counts_in_any_case(entry: str) -> None:
    assert is_furniture(entry)
    assert is_furniture(entry.upper())


@pytest.mark.parametrize("line", ["", " ", "\u2028"])
def test_empty_line_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_glue_alone_is_no_furniture() -> None:
    assert not is_furniture("by the")
    assert is_furniture("share by the 5")


def test_too_long_line_is_no_furniture() -> None:
    assert is_furniture("12 " * (MAX_LENGTH // 3))
    assert not is_furniture("12 " * (MAX_LENGTH // 3 + 1))


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.text(st.characters(codec=None), max_size=MAX_LENGTH + 10), st.sampled_from(CASES))
def test_outer_space_and_apostrophes_are_ignored(line: str, case: dict[str, Any]) -> None:
    assert is_furniture(line) == is_furniture(line.replace("'", "’"))
    if len(case["line"]) < MAX_LENGTH - 3:
        assert is_furniture(f" \t{case['line']}\n") is case["furniture"]


def test_lists_are_sorted_and_hold_once() -> None:
    groups = TABLE_TEXT.split("lines = [\n")[1].split("\n]\n")[0].split("    # ")
    lists = [TABLE["glue"], TABLE["phrases"], TABLE["stamps"], *(group.splitlines()[1:] for group in groups)]
    assert len(lists) > 8
    for entries in lists:
        assert list(entries) == sorted(set(entries))


def is_furniture_at_length(plain: str) -> bool:
    """Return what `is_furniture` says of an even line, without asking first how the line begins."""
    patterns = load_patterns()
    return _is_made_of_pieces(plain, patterns) or patterns.lines.fullmatch(plain) is not None


PARTS = {f"{{{name}}}": part for name, part in TABLE["parts"].items()}


@pytest.mark.parametrize("pattern", [*TABLE["stamps"], *TABLE["lines"]])
def test_lines_of_pattern_begin_as_marked(pattern: str) -> None:
    expression = re.compile(_fill_in(pattern, PARTS))

    @settings(  # what Hypothesis makes of an expression takes it long to shrink
        derandomize=True,
        max_examples=30,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.from_regex(expression, fullmatch=True), st.sampled_from(["", "The ", "(", "by the "]))
    def check(example: str, before: str) -> None:
        plain = " ".join((before + example).split()).replace("’", "'")
        known.append(plain != "" and len(plain) <= MAX_LENGTH and is_furniture_at_length(plain))
        if known[-1]:
            assert is_furniture(plain)

    known: list[bool] = []
    check()
    assert any(known)


def test_corpus_is_told_by_its_beginnings() -> None:
    files = sorted(ROOT.joinpath("fixtures/corpus").glob("*.jsonl"))
    texts = [json.loads(line)["text"] for path in files for line in path.read_text("utf-8").splitlines()]
    texts += [text[:length].strip() for text in texts for length in (8, 20, 40)]
    even = [" ".join(text.split()).replace("’", "'") for text in texts if len(text) <= MAX_LENGTH]
    assert len(even) > 1000
    assert [is_furniture(text) for text in even] == [is_furniture_at_length(text) for text in even]


def test_no_pattern_repeats_without_bound() -> None:
    patterns = load_patterns()
    for pattern in (patterns.pieces, patterns.glue, patterns.lines):
        assert _unbounded(parser.parse(pattern.pattern)) == []


def test_no_repeated_group_is_possessive() -> None:
    """Before 3.11.5, Python finds too little by one (gh-106052); an atomic group around a greedy one does the same."""
    patterns = load_patterns()
    for pattern in (patterns.opening, patterns.pieces, patterns.glue, patterns.lines):
        assert re.search(r"\)(?:[*+?]|\{[\d,]+\})\+", pattern.pattern) is None


def _unbounded(node: Any) -> list[str]:
    """Return the repeats of a parsed expression that have no upper bound."""
    found = []
    for item in node:
        if isinstance(item, tuple) and len(item) == 3 and item[1] is constants.MAXREPEAT:
            found.append(repr(item))
        if isinstance(item, tuple | list | parser.SubPattern):
            found += _unbounded(item)
    return found


def test_the_check_for_repeats_finds_one() -> None:
    assert _unbounded(parser.parse("(?:a|(?:b+c){1,2})")) != []
    assert _unbounded(parser.parse("(?:b{1,2}c){1,2}")) == []
