"""When a document was written, which tells who held office and which period it belongs to."""

import datetime
import re

_DAY = re.compile(r"(\d{4}-\d\d-\d\d|\d{4}-W\d\d-\d|\d{8})(?=\W|[TZ]|$)")
_YEAR_OR_MONTH = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?")


def read_year(date: datetime.date | str | None) -> int | None:
    """Return the year of a date, which may also be a year or a month: 2024, 2024-05, 2024-05-31, 20240531T12:00.

    Raises ValueError for a text or a date that is none.
    """
    if date is None:
        return None
    if isinstance(date, str) and _YEAR_OR_MONTH.fullmatch(date):
        return int(date[:4])
    return read_day(date).year


def read_day(date: datetime.date | str) -> datetime.date:
    """Return a day, given one or a text that begins with one in ISO 8601. Raises ValueError for one that is none."""
    if isinstance(date, datetime.date):
        if not isinstance(date.year, int):  # pandas has a date that is missing
            raise ValueError(f"date: {date!r} is no day; leave it out where none is known")
        return date
    if not isinstance(date, str):
        raise TypeError(f"date: expected a date or a text such as '2024-05-31', got {type(date).__name__}")
    if re.match(r"(?:\d{4}|\d{8})(?!\d)", date) is None:
        raise ValueError(f"date: {date!r} does not begin with a year; write it as 2024-05-31")
    try:
        day = _DAY.match(date)
        return datetime.date.fromisoformat(day[1] if day else date)
    except ValueError as error:
        raise ValueError(f"date: {date!r} is no day of the calendar; write it as 2024-05-31") from error
