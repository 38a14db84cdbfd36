"""Text in: lines and documents from files and from standard input, in UTF-8."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from stance.errors import DataError

STANDARD_INPUT = "-"

CHUNK_LINES = 1000
"""The most lines that are held at once."""

_BLOCK_BYTES = 1 << 18
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TEXT_SUFFIXES = {".csv", ".htm", ".html", ".json", ".jsonl", ".md", ".text", ".tsv", ".txt"}


@contextmanager
def open_input(argument: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`, for reading bytes. Raises OSError, naming the file."""
    if argument == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    if os.path.isdir(argument):
        raise IsADirectoryError(f"{argument}: is a folder; name the files in it")
    if not os.path.exists(argument):
        raise FileNotFoundError(f"{argument}: no such file")
    with open(argument, "rb") as stream:
        yield stream


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
                lines.append(_decode(_strip_mark(raw) if number == 1 else raw, name, number))
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
    lines = _strip_mark(stream.read()).split(b"\n")
    return "\n".join(_decode(line, name, number) for number, line in enumerate(lines, start=1))


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


def _strip_mark(content: bytes) -> bytes:
    return content.removeprefix(_BYTE_ORDER_MARK)


def _strip_return(line: bytes) -> bytes:
    return line.removesuffix(b"\r")


def _decode(content: bytes, name: str, line: int) -> str:
    if b"\0" in content:
        raise DataError(name, "a NUL byte; this is not a text file in UTF-8 (UTF-16? convert it with iconv)", line)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte 0x{content[error.start]:02x}"
        raise DataError(name, f"not UTF-8 ({found}); convert it, e.g. iconv -f WINDOWS-1252 -t UTF-8", line) from error


def parse_json_object(path: Path, line: str, number: int) -> dict[str, Any]:
    """Return the object in a line of JSON Lines. Raises DataError, naming the line, for anything else."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(path, f"not JSON ({error})", number) from error
    if not isinstance(row, dict):
        raise DataError(path, f"a JSON {type(row).__name__}, not an object", number)
    return row
