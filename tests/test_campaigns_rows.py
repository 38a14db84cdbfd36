"""A short part of `python -m campaigns.rows`."""

from functools import partial
from itertools import repeat
from pathlib import Path

import pytest

from campaigns.rows import BOUND, PATHS, compare, make_rows, predict_rows

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's peak memory of a process")


@pytest.mark.parametrize(("given", "line_format"), PATHS)
def test_rows_come_out_as_given(tmp_path: Path, given: str, line_format: str) -> None:
    outcome = predict_rows(tmp_path, given, line_format, partial(make_rows, 200, 1))
    assert (outcome.rows, outcome.problem) == (200, "")


def test_memory_is_that_of_a_chunk(tmp_path: Path) -> None:
    small, large = (predict_rows(tmp_path, "file", "tsv", partial(repeat, " " * 5000, count)) for count in (600, 6000))
    assert (small.problem, large.problem) == ("", "")
    assert (tmp_path / "0.txt").stat().st_size > 3 * BOUND
    assert large.peak - small.peak < BOUND


def test_wrong_rows_are_seen(tmp_path: Path) -> None:
    (tmp_path / "out").write_text('{"text": "a"}\n{"text": "c"}\n')
    assert compare(tmp_path / "out", "jsonl", iter("ac")) == (2, "")
    assert compare(tmp_path / "out", "jsonl", iter("acd")) == (2, "only 2 rows")
    assert compare(tmp_path / "out", "jsonl", iter("a")) == (2, "more than the 1 rows that went in")
    number, problem = compare(tmp_path / "out", "jsonl", iter("ab"))
    assert (number, problem.endswith("where 'b' went in")) == (2, True)
