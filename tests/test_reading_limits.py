"""What mutation testing (`make mutants`) found to be without a test in reading."""

import io
from pathlib import Path

import pytest

from stance.errors import DataError
from stance.reading import parse_json_object, read_lines

BLOCK = 1 << 18


class Pieces(io.RawIOBase):
    """A stream that gives what it is made of piece by piece, whatever it is asked for, and notes that."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.asked: list[object] = []

    def read1(self, size: object) -> bytes:
        self.asked.append(size)
        return self.pieces.pop(0) if self.pieces else b""


def test_stream_is_read_in_blocks() -> None:
    stream = Pieces(b"a" * BLOCK, b"b", b"\nc\n")
    assert list(read_lines(stream, "pipe")) == [["a" * BLOCK + "b", "c"]]  # type: ignore[arg-type]
    assert stream.asked == [BLOCK] * 4


def test_last_line_may_arrive_in_pieces() -> None:
    assert list(read_lines(Pieces(b"a\nb", b"c", b"d"), "pipe")) == [["a"], ["bcd"]]  # type: ignore[arg-type]


def test_stream_without_read1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes(b"a\nb")
    with io.FileIO(path) as stream:
        assert not hasattr(stream, "read1")
        assert list(read_lines(stream, "in.txt")) == [["a"], ["b"]]  # type: ignore[arg-type]


def test_a_json_object_is_read() -> None:
    assert parse_json_object(Path("in.jsonl"), '{"a": [1]}', 7) == {"a": [1]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x", "in.jsonl, line 7: not JSON (Expecting value at character 1)"),
        ('{"a": 1 "b"}', "in.jsonl, line 7: not JSON (Expecting ',' delimiter at character 9)"),
        ("[" * 200_000, "in.jsonl, line 7: not JSON ("),
        ("[1]", "in.jsonl, line 7: a JSON list, not an object"),
        ("null", "in.jsonl, line 7: a JSON NoneType, not an object"),
    ],
)
def test_line_must_be_a_json_object(line: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_json_object(Path("in.jsonl"), line, 7)
    assert str(caught.value).startswith(message)
