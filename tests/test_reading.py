import gzip
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.errors import DataError, StanceError
from stance.reading import CHUNK_LINES, input_name, names_a_file, open_input, read_document, read_lines

LINE_CHARACTERS = st.characters(exclude_characters="\n\r\0\ufeff", exclude_categories=["Cs"])


def lines_of(content: bytes) -> list[str]:
    return [line for lines in read_lines(io.BytesIO(content), "in.txt") for line in lines]


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a slow pipe does."""

    def __init__(self, content: bytes, size: int) -> None:
        self.parts = [content[at : at + size] for at in range(0, len(content), size)]

    def read1(self, _size: int) -> bytes:
        return self.parts.pop(0) if self.parts else b""


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"", [], id="an empty file has no line"),
        pytest.param(b"\n", [""], id="an empty line is a line"),
        pytest.param(b"a", ["a"], id="a last line without its end counts"),
        pytest.param(b"a\n", ["a"], id="the end of the last line begins no other"),
        pytest.param(b"a\n\nb\n", ["a", "", "b"], id="an empty line between two"),
        pytest.param(b"a\r\nb\r\n", ["a", "b"], id="Windows line ends"),
        pytest.param(b"a\rb\n", ["a\rb"], id="a carriage return alone ends nothing"),
        pytest.param("a\u2028b\x85c\u2029d\ve\ff\n".encode(), ["a\u2028b\x85c\u2029d\ve\ff"], id="separators"),
        pytest.param(b"\xef\xbb\xbfa\nb", ["a", "b"], id="a byte order mark is skipped"),
        pytest.param(b"a\n\xef\xbb\xbfb", ["a", "\ufeffb"], id="but only at the start"),
        pytest.param("Čad\n".encode(), ["Čad"], id="beyond ASCII"),
    ],
)
def test_lines(content: bytes, lines: list[str]) -> None:
    assert lines_of(content) == lines


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(LINE_CHARACTERS)), st.integers(1, 9))
def test_any_lines_come_back_however_slowly(lines: list[str], size: int) -> None:
    stream = Trickle("".join(f"{line}\r\n" for line in lines).encode(), size)
    assert [line for chunk in read_lines(stream, "pipe") for line in chunk] == lines  # type: ignore[arg-type]


def test_what_arrived_is_given_first() -> None:
    chunks = read_lines(Trickle(b"a\nb\nc\n", 4), "pipe")  # type: ignore[arg-type]
    assert list(chunks) == [["a", "b"], ["c"]]


def test_full_chunk_precedes_no_empty_one() -> None:
    chunks = list(read_lines(Trickle(b"a\n" * (CHUNK_LINES + 1), 2 * CHUNK_LINES), "pipe"))  # type: ignore[arg-type]
    assert [len(chunk) for chunk in chunks] == [CHUNK_LINES, 1]


def test_no_chunk_exceeds_the_limit() -> None:
    chunks = list(read_lines(io.BytesIO(b"a\n" * (2 * CHUNK_LINES + 1)), "in.txt"))
    assert [len(chunk) for chunk in chunks] == [CHUNK_LINES, CHUNK_LINES, 1]


def test_ten_megabytes_can_be_one_line() -> None:
    assert [len(line) for line in lines_of(b"x" * 10_000_000 + b"\ny")] == [10_000_000, 1]


def test_lines_before_broken_one_are_given() -> None:
    chunks = read_lines(io.BytesIO(b"a\nb\n\xe9t\xe9\nc\n"), "in.txt")
    assert next(chunks) == ["a", "b"]
    with pytest.raises(DataError) as caught:
        next(chunks)
    assert str(caught.value) == (
        "in.txt, line 3: not UTF-8 (byte 0xe9); convert it, e.g. iconv -f WINDOWS-1252 -t UTF-8"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wider_encoding_fails_at_first_line(encoding: str) -> None:
    with pytest.raises(DataError, match=r"^in\.txt, line 1: "):
        lines_of("Peace talks\nbegan.\n".encode(encoding))
    with pytest.raises(DataError, match=r"^in\.txt, line 1: "):
        read_document(io.BytesIO("Peace talks\nbegan.\n".encode(encoding)), "in.txt")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "Élysée"),
        ("cp1252", "the “deal”"),
        ("cp1250", "Łódź"),
        ("iso8859-2", "Łódź"),
        ("iso8859-9", "Şişli"),
        ("cp1254", "Şişli"),
        ("mac-roman", "Élysée"),
        ("cp437", "Élysée"),
        ("cp1251", "Кремль"),
        ("koi8-r", "Кремль"),
        ("iso8859-7", "Αθήνα"),
        ("cp1256", "القاهرة"),
        ("gb18030", "北京"),
        ("big5", "北京"),
        ("shift-jis", "東京"),
        ("euc-jp", "東京"),
        ("euc-kr", "서울"),
    ],
)
def test_other_encoding_fails_with_its_line(encoding: str, text: str) -> None:
    with pytest.raises(DataError, match=r"^in\.txt, line 2: not UTF-8 "):
        lines_of(b"ASCII\n" + text.encode(encoding))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("北京".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + "北京".encode("utf-16-be"), "UTF-16"),
        ("北京".encode("utf-32"), "UTF-32"),
        (b"\0\0\xfe\xff" + "北京".encode("utf-32-be"), "UTF-32"),
        ("\ufeff北京".encode("utf-7"), "UTF-7"),
        ("\ufeff北京".encode("gb18030"), "GB18030"),
    ],
)
def test_byte_order_mark_names_its_encoding(content: bytes, encoding: str) -> None:
    with pytest.raises(DataError) as caught:
        lines_of(content)
    assert str(caught.value) == (
        f"in.txt, line 1: the byte order mark of {encoding}; convert it: iconv -f {encoding} -t UTF-8"
    )


@pytest.mark.parametrize(
    ("encoding", "text"), [("iso2022_jp", "東京"), ("iso2022_kr", "서울"), ("iso2022_jp_2", "서울 東京")]
)
def test_shifting_encoding_is_an_error(encoding: str, text: str) -> None:
    problem = "an escape sequence that switches the encoding; convert it, e.g. iconv -f ISO-2022-JP -t UTF-8"
    with pytest.raises(DataError, match=rf"^in\.txt, line [12]: {problem}$"):
        lines_of(b"ASCII\n" + text.encode(encoding))


def test_escapes_of_terminal_are_text() -> None:
    assert lines_of(b"\x1b[31mred\x1b(B\x1b[m") == ["\x1b[31mred\x1b(B\x1b[m"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that cannot be read")
def test_error_while_reading_names_file() -> None:
    for read in (read_document, lambda *arguments: list(read_lines(*arguments))):
        with pytest.raises(OSError, match="Input/output error") as caught, open_input("/proc/self/mem") as stream:
            read(stream, "mem")
        assert caught.value.filename == "/proc/self/mem"


def test_who_stops_reading_closes_the_file(tmp_path: Path) -> None:
    path, streams = tmp_path / "in.txt", []

    def read() -> Iterator[list[str]]:
        with open_input(str(path)) as stream:
            streams.append(stream)
            yield from read_lines(stream, "in.txt")

    path.write_bytes(b"a\n" * (CHUNK_LINES + 1))
    chunks = read()
    assert len(next(chunks)) == CHUNK_LINES
    assert not streams[0].closed
    chunks.close()
    assert streams[0].closed


def test_document_keeps_line_ends_without_mark() -> None:
    assert read_document(io.BytesIO(b"\xef\xbb\xbfa\r\nb\n"), "in.txt") == "a\r\nb\n"


def test_error_in_document_names_its_line() -> None:
    with pytest.raises(DataError, match=r"^in\.txt, line 2: not UTF-8 \(byte 0xff\)"):
        read_document(io.BytesIO(b"a\nb\xff\n"), "in.txt")


def test_a_nul_byte_is_an_error() -> None:
    with pytest.raises(DataError, match=r"^in\.txt, line 2: a NUL byte; "):
        lines_of(b"a\nb\0\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, open_input(str(tmp_path / "none.txt")):
        pass
    assert str(caught.value) == f"{tmp_path}/none.txt: no such file"


def test_a_folder_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught, open_input(str(tmp_path)):
        pass
    assert str(caught.value) == f"{tmp_path}: is a folder; name the files in it"


def test_standard_input_has_a_name() -> None:
    assert (input_name("-"), input_name("a.txt")) == ("standard input", "a.txt")


@pytest.mark.parametrize(
    ("argument", "is_file"),
    [
        ("-", True),
        (os.devnull, True),
        ("mistyped.txt", True),
        ("news/today", True),
        ("", False),
        ("Ceasefire.", False),
        ("U.S.", False),
        ("They signed and/or sealed it.", False),
        ("He read news.txt", False),
        ("x" * 10_000, False),
    ],
)
def test_argument_is_file_or_sentence(argument: str, is_file: bool) -> None:
    assert names_a_file(argument) is is_file


@pytest.mark.parametrize(
    ("content", "kind"),
    [(gzip.compress(b"They met."), "gzip"), (b"PAR1\x15", "Parquet"), (b"PK\x03\x04\n", "zip"), (b"%PDF-1.7\n", "PDF")],
)
def test_packed_file_is_named(content: bytes, kind: str) -> None:
    with pytest.raises(DataError, match=rf"in.txt, line 1: a {kind}.* file; unpack or convert it to text in UTF-8"):
        lines_of(content)


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(StanceError, match="standard input is closed; name a file"), open_input("-"):
        raise AssertionError("there is nothing to read")
