"""Rows in: CSV, TSV and JSON Lines files in UTF-8, each row with the line that it begins on."""

import csv
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stance.errors import DataError
from stance.reading import CHUNK_LINES, STANDARD_INPUT, decode_line, parse_json_object

if TYPE_CHECKING:
    from hashlib import _Hash

_COMMA, _TAB, _JSON = (".csv",), (".tsv", ".tab"), (".jsonl", ".ndjson", ".json-lines")
SUFFIXES = (*_COMMA, *_TAB, *_JSON)


class Row(NamedTuple):
    """A row by its columns and the number of the line that it begins on."""

    line: int
    values: Mapping[str, Any]


def read_rows(path: Path, digest: "_Hash | None" = None, column: str | None = None) -> Iterator[Row]:
    """Yield the rows of a UTF-8 file: .csv, .tsv or .tab, .jsonl, .ndjson or .json-lines.

    CSV fields may hold commas and line breaks inside quotes; in TSV every line is a row, and quotes around a whole
    field are taken off. Blank lines are no rows, but in a table of one column they are empty cells. The bytes of the
    file are added to `digest` as they are read.

    Raises DataError with the line number for anything that cannot be read as that, and for a table without `column`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(path, f"cannot read '{suffix or path.name}' files; give one ending in {', '.join(SUFFIXES)}")
    lines = _lines(path, digest)
    if suffix in _JSON:
        yield from (Row(number, parse_json_object(path, line, number)) for number, line in lines if line.strip())
    else:
        yield from _table_rows(path, _tab_fields(lines) if suffix in _TAB else _comma_fields(path, lines), column)


def read_column(path: Path, column: str) -> Iterator[list[str]]:
    """Yield the texts of a column of a file (see `read_rows`), in lists of at most CHUNK_LINES; a null is empty.

    Raises DataError with the line of a row that has no such column or another value there, after all rows before it,
    and for standard input, which has no name to tell its kind.
    """
    if str(path) == STANDARD_INPUT:
        raise DataError(path, f"a column is read from files only, whose names end in {', '.join(SUFFIXES)}")
    texts: list[str] = []
    rows = read_rows(path, column=column)
    while True:
        try:
            for line, row in islice(rows, CHUNK_LINES):
                texts.append(_text_in(path, line, row, column))
        except DataError:
            yield texts
            raise
        if not texts:
            return
        yield texts
        texts = []


def _text_in(path: Path, line: int, row: Mapping[str, Any], column: str) -> str:
    _check_column(path, line, row, column)
    text = row[column]
    if not isinstance(text, str | None):
        raise DataError(path, f"{column!r} is {text!r}, not a string", line)
    return text or ""


def _check_column(path: Path, line: int, columns: Collection[str], column: str) -> None:
    if column not in columns:
        raise DataError(path, f"no column {column!r} among {', '.join(map(str, columns)) or 'none'}", line)


def _lines(path: Path, digest: "_Hash | None") -> Iterator[tuple[int, str]]:
    """Yield the lines with their ends, numbered from 1."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if digest is not None:
                    digest.update(line)
                yield number, decode_line(line, path, number)
    except OSError as error:
        raise DataError(path, f"cannot be read ({error.strerror})") from error


def _tab_fields(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        yield number, [_unquote(field) for field in line.rstrip("\r\n").split("\t")] if line.strip(" \r\n") else []


def _unquote(field: str) -> str:
    inside = field[1:-1]
    quoted = len(field) > 1 and field[0] == field[-1] == '"' and '"' not in inside.replace('""', "")
    return inside.replace('""', '"') if quoted else field


def _comma_fields(path: Path, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader((line for _, line in lines), strict=True)
    first = 1
    try:
        for fields in reader:
            yield first, fields
            first = reader.line_num + 1
    except csv.Error as error:
        if str(error).startswith("field larger than field limit"):
            problem = f"a field longer than {csv.field_size_limit():,} characters; use JSONL, or close an open quote"
            raise DataError(path, problem, first) from error
        raise DataError(path, f"a broken row ({error}); look for a quote that is not closed", first) from error


def _table_rows(path: Path, rows: Iterator[tuple[int, list[str]]], column: str | None) -> Iterator[Row]:
    """Yield the rows below the header, the first line that is not blank; the fields of a blank one are []."""
    first, header = next(((line, fields) for line, fields in rows if fields), (1, []))
    header = [name.strip() for name in header]
    if len(set(header)) < len(header):
        raise DataError(path, f"a column name occurs twice in {', '.join(header)}", first)
    if len(header) == 1 and ";" in header[0]:
        raise DataError(path, "the columns seem to be separated by semicolons; save it with commas or tabs", first)
    if column is not None:
        _check_column(path, first, header, column)
    for line, found in rows:
        fields = found or [""] * (len(header) == 1)
        if not fields:
            continue
        if len(fields) != len(header):
            raise DataError(path, f"{len(fields)} fields where the header has {len(header)}", line)
        yield Row(line, dict(zip(header, fields, strict=True)))
