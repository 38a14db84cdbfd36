"""Dated documents in: JSON Lines and CSV files with a text and a date column."""

import csv
import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.reading import parse_json_object
from stance.timeline import DatedDocument

TEXT_NAMES = ("text", "body", "content", "article", "sentence")
DATE_NAMES = ("date", "published", "day", "time", "timestamp")
SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv")


def read_dated_documents(path: Path, text: str | None = None, date: str | None = None) -> Iterator[DatedDocument]:
    """Yield the documents of a UTF-8 file: .jsonl, .ndjson, .csv or .tsv.

    Columns that are not named are guessed: the text in text, body, content, article or sentence, the date in date,
    published, day, time or timestamp. A date begins with a day in ISO 8601, 2024-05-31. Raises DataError with the line.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(
            path, f"cannot read '{path.suffix or path.name}' files; give one ending in {', '.join(SUFFIXES)}"
        )
    for line, row in _rows(path):
        yield DatedDocument(_text(path, line, row, text), _date(path, line, row, date))


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if path.suffix.lower() not in (".csv", ".tsv"):
        yield from ((number, parse_json_object(path, line, number)) for number, line in _lines(path) if line.strip())
        return
    lines = (line for _, line in _lines(path))
    reader = csv.DictReader(lines, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        problem = f"a broken row ({error}); look for a quote that is not closed, or use JSON Lines for long texts"
        raise DataError(path, problem, reader.line_num) from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    problem = f"not UTF-8 (byte {error.start + 1} of the line); save it as UTF-8"
                    raise DataError(path, problem, number) from error
    except OSError as error:
        raise DataError(path, f"cannot be read ({error.strerror})") from error


def _text(path: Path, line: int, row: Mapping[str, Any], column: str | None) -> str:
    value = _value(path, line, row, "text", column, TEXT_NAMES)
    if not isinstance(value, str):
        raise DataError(path, f"the text is {value!r}, not a string", line)
    return value


def _date(path: Path, line: int, row: Mapping[str, Any], column: str | None) -> datetime.date:
    value = _value(path, line, row, "date", column, DATE_NAMES)
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise DataError(path, f"the date is {value!r}; write it as 2024-05-31", line) from error


def _value(
    path: Path, line: int, row: Mapping[str, Any], kind: str, column: str | None, names: tuple[str, ...]
) -> object:
    chosen = column or next((name for name in row if name is not None and name.lower() in names), None)
    if chosen is None or chosen not in row:
        listed = ", ".join(str(name) for name in row)
        raise DataError(path, f"no {kind} column{f' {column!r}' if column else ''} among {listed}; name it", line)
    return row[chosen]
