"""Text in: lines and documents from files and from standard input, in UTF-8."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from stance.errors import DataError, StanceError, naming

STANDARD_INPUT = "-"

CHUNK_LINES = 1000
"""The most lines that are held at once."""

_BLOCK_BYTES = 1 << 18
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"+/v": "UTF-7",
    b"\x84\x31\x95\x33": "GB18030",
}
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip (or .xlsx, .docx, .odt)",
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"%PDF": "PDF",
}
_SHIFT = b"\x1b$"
"""How the encodings of ISO 2022, which have no bytes that UTF-8 has not, announce characters of two bytes."""

_TEXT_SUFFIXES = {".csv", ".htm", ".html", ".json", ".jsonl", ".md", ".text", ".tsv", ".txt"}


@contextmanager
def open_input(argument: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`, for reading bytes in the block. Raises OSError, naming the file."""
    if argument == STANDARD_INPUT:
        if sys.stdin is None:
            raise StanceError("standard input is closed; name a file")
        with naming(input_name(argument)):
            yield sys.stdin.buffer
        return
    if os.path.isdir(argument):
        raise IsADirectoryError(f"{argument}: is a folder; name the files in it")
    if not os.path.exists(argument):
        raise FileNotFoundError(f"{argument}: no such file")
    with naming(argument), open(argument, "rb") as stream:
        try:
            yield stream
        except GeneratorExit:  # whoever reads has given up, for a reason of its own
            with suppress(OSError):
                stream.close()
            raise


def input_name(argument: str) -> str:
    """Return what to call an input in messages and results."""
    return "standard input" if argument == STANDARD_INPUT else argument


def names_a_file(argument: str) -> bool:
    """Tell whether an argument of `predict` is an input to read rather than a sentence.

    It is when it is `-`, exists, or looks like a path (one word with a separator or the suffix of a text
    file), so that a mistyped file name is an error and not a neutral sentence.
    """
    if argument == STANDARD_INPUT or os.path.exists(argument):
        return True
    if not argument or len(argument.split()) != 1:
        return False
    return os.sep in argument or Path(argument).suffix.lower() in _TEXT_SUFFIXES


def read_lines(stream: BinaryIO, name: str) -> Iterator[list[str]]:
    """Yield the lines of a stream without their ends, in lists of at most CHUNK_LINES, as soon as they are there.

    Only a line feed ends a line; a carriage return before it goes with it. A last line without one counts, and a byte
    order mark at the start is skipped. Raises DataError at the first line that is not UTF-8 text, after all
    lines before it.
    """
    lines: list[str] = []
    number = 0
    for block in _read_line_blocks(stream):
        for raw in block:
            number += 1
            try:
                lines.append(decode_line(raw, name, number))
            except DataError:
                yield lines
                raise
            if len(lines) == CHUNK_LINES:
                yield lines
                lines = []
        if lines:
            yield lines
            lines = []


def read_document(stream: BinaryIO, name: str) -> str:
    """Return a whole stream as text, its line ends as they are. Raises DataError when it is not UTF-8 text."""
    lines = stream.read().split(b"\n")
    return "\n".join(decode_line(line, name, number) for number, line in enumerate(lines, start=1))


def decode_line(raw: bytes, name: str | Path, number: int) -> str:
    """Return a line of a file as text, without the byte order mark that the first one may have.

    Raises DataError for anything but UTF-8, naming the encoding where the line tells which it is.
    """
    if number == 1:
        raw = raw.removeprefix(_BYTE_ORDER_MARK)
        for mark, encoding in _OTHER_MARKS.items():
            if raw.startswith(mark):
                raise DataError(name, f"the byte order mark of {encoding}; convert it: iconv -f {encoding} -t UTF-8", 1)
        for mark, kind in _PACKED.items():
            if raw.startswith(mark):
                raise DataError(name, f"a {kind} file; unpack or convert it to text in UTF-8 first", 1)
    if b"\0" in raw:
        raise DataError(name, "a NUL byte; this is not a text file in UTF-8 (UTF-16? convert it with iconv)", number)
    if _SHIFT in raw:
        problem = "an escape sequence that switches the encoding; convert it, e.g. iconv -f ISO-2022-JP -t UTF-8"
        raise DataError(name, problem, number)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 (byte 0x{raw[error.start]:02x}); convert it, e.g. iconv -f WINDOWS-1252 -t UTF-8"
        raise DataError(name, problem, number) from error


def _read_line_blocks(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the complete lines that each read brings, then the last line if it has no end."""
    begun: list[bytes] = []
    read = getattr(stream, "read1", stream.read)
    while block := read(_BLOCK_BYTES):
        first, *others = block.split(b"\n")
        begun.append(first)
        if others:
            yield [_strip_return(line) for line in (b"".join(begun), *others[:-1])]
            begun = [others[-1]]
    if last := b"".join(begun):
        yield [_strip_return(last)]


def _strip_return(line: bytes) -> bytes:
    return line.removesuffix(b"\r")


def parse_json_object(path: Path, line: str, number: int) -> dict[str, Any]:
    """Return the object in a line of JSON Lines. Raises DataError, naming the line, for anything else."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:  # its own message counts lines within this one
        raise DataError(path, f"not JSON ({error.msg} at character {error.pos + 1})", number) from error
    except (ValueError, RecursionError) as error:
        raise DataError(path, f"not JSON ({error})", number) from error
    if not isinstance(row, dict):
        raise DataError(path, f"a JSON {type(row).__name__}, not an object", number)
    return row
