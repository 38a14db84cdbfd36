"""A short part of `python -m campaigns.encodings`."""

import random
from pathlib import Path

import pytest

from campaigns.encodings import ENCODINGS, KINDS, encode, find_formula, judge, make_cell, try_encodings, write_table

TEXTS = ["Élysée Кремль 東京", "talks"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_right(tmp_path: Path, kind: str, encoding: str) -> None:
    assert judge(kind, encode(write_table(kind, TEXTS), encoding), TEXTS, tmp_path) == "right"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "utf-7 with mark", "gb18030", "cp500"])
def test_other_encoding_is_refused_with_line(tmp_path: Path, kind: str, encoding: str) -> None:
    texts = ["北京 talks"] if encoding != "cp500" else ["Élysée"]
    assert judge(kind, encode(write_table(kind, texts), encoding), texts, tmp_path) == "refused"


@pytest.mark.parametrize("kind", KINDS)
def test_surrogate_halves_are_refused(tmp_path: Path, kind: str) -> None:
    assert judge(kind, encode(write_table(kind, ["𠀋"]), "cesu-8"), ["𠀋"], tmp_path) == "refused"


def test_random_files_are_read_or_refused(tmp_path: Path) -> None:
    counts, wrong = try_encodings(10 * len(ENCODINGS), float("inf"), 1, tmp_path)
    assert (counts.total(), wrong) == (10 * len(ENCODINGS), [])


def test_no_cell_is_a_formula() -> None:
    chosen = random.Random(1)
    assert [problem for _ in range(1000) if (problem := find_formula(make_cell(chosen)))] == []
