"""Dated documents in: JSON Lines and CSV files with a text and a date column."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stance.dates import read_day
from stance.errors import DataError
from stance.rows import read_rows
from stance.timeline import DatedDocument

TEXT_NAMES = ("text", "body", "content", "article", "sentence")
DATE_NAMES = ("date", "published", "day", "time", "timestamp")


def read_dated_documents(path: Path, text: str | None = None, date: str | None = None) -> Iterator[DatedDocument]:
    """Yield the documents of a UTF-8 file: .csv, .tsv or .tab, .jsonl, .ndjson or .json-lines (see `read_rows`).

    Columns that are not named are guessed: the text in text, body, content, article or sentence, the date in date,
    published, day, time or timestamp. A date begins with a day in ISO 8601, 2024-05-31. Raises DataError with the line,
    also where more than one column may be meant.
    """
    for line, row in read_rows(path):
        yield DatedDocument(_text(path, line, row, text), _date(path, line, row, date))


def _text(path: Path, line: int, row: Mapping[str, Any], column: str | None) -> str:
    value = _value(path, line, row, "text", column, TEXT_NAMES)
    if not isinstance(value, str):
        raise DataError(path, f"the text is {value!r}, not a string", line)
    return value


def _date(path: Path, line: int, row: Mapping[str, Any], column: str | None) -> datetime.date:
    value = _value(path, line, row, "date", column, DATE_NAMES)
    try:
        return read_day(str(value))
    except ValueError as error:
        raise DataError(path, f"the date is {value!r}; write it as 2024-05-31", line) from error


def _value(
    path: Path, line: int, row: Mapping[str, Any], kind: str, column: str | None, names: tuple[str, ...]
) -> object:
    fitting = [name for name in row if name.lower() in names]
    if not column and len(fitting) > 1:
        raise DataError(path, f"cannot tell the {kind} column, it may be {' or '.join(fitting)}; name it", line)
    chosen = column or next(iter(fitting), None)
    if chosen is None or chosen not in row:
        listed = ", ".join(str(name) for name in row)
        raise DataError(path, f"no {kind} column{f' {column!r}' if column else ''} among {listed}; name it", line)
    return row[chosen]
